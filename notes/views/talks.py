"""A counselor's confidential note on a student who dropped in."""

from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from people.actions import CannotPair
from people.models import Person, Role
from people.permissions import has_role, require
from scheduling.actions import CannotChange

from .. import actions, vault
from ..forms import TalkForm
from .who import viewer_of

DROPPED_IN = 20  # minutes


@require_http_methods(["GET", "POST"])
def student_note(request):
    viewer = viewer_of(request)
    school = request.school
    require(school is not None and has_role(viewer, school, Role.Kind.COUNSELOR, on=request.today))
    if not school.can_counsel:
        return render(request, "notes/student_note_waits.html", {"school": school})

    find = request.GET.get("find", "").replace("\0", "")[:80]
    students = (
        Person.objects.visible_to(viewer, on=request.today)
        .active()
        .filter(
            pk__in=Role.objects.in_force(request.today)
            .filter(school=school, kind=Role.Kind.STUDENT)
            .values("person")
        )
        .by_name()
    )
    if request.method == "POST":
        form = TalkForm(
            request.POST, zone=school.zone, at=request.now, students=students, find=find
        )
        if form.is_valid():
            typed = form.cleaned_data
            try:
                meeting = actions.log_student_talk(
                    typed["student"],
                    school=school,
                    starts_at=form.moment(),
                    minutes=typed["minutes"],
                    by=viewer,
                    at=request.now,
                )
                return redirect("notes:meeting_notes", meeting.uid)
            except (CannotPair, CannotChange) as error:
                form.add_error(None, str(error))
            except vault.Away:
                form.add_error(None, vault.AWAY)
    else:
        form = TalkForm(
            initial=TalkForm.just_over(request.now, DROPPED_IN, school.zone),
            zone=school.zone,
            at=request.now,
            students=students,
            find=find,
        )
    return render(request, "notes/student_note.html", {"form": form, "find": find})
