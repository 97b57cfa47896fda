"""A person's week of lessons and duties: one's own, or, for administrators, anybody's here."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from people.cadence import ALL_WEEKS
from people.models import Person
from people.permissions import require
from people.undo_bar import offer

from .. import actions
from ..forms.duties import DutyForm
from ..lessons import bells_by_column
from ..letters import weeks_words
from ..models import Commitment, Term
from ..models.calendar import columns_of, cycle_word
from ..permissions import can_keep_timetable
from .clashes import meeting_a_lesson


@require_http_methods(["GET", "POST"])
def timetable(request, uid=None):
    person = _person(request, uid)
    school = request.school
    require(can_keep_timetable(request.person, person, school, on=request.today))
    term = Term.objects.current_or_next(school, on=request.today)
    form = None
    if term:
        term.school = school
        form = DutyForm(
            request.POST if request.method == "POST" else None,
            school=school,
            days=bells_by_column(school),
        )
        if form.is_valid():
            try:
                change = actions.add_duty(
                    person,
                    term,
                    by=request.person,
                    at=request.now,
                    duty=actions.Duty(**form.cleaned_data),
                )
            except actions.CannotAddDuty as error:
                form.add_error(None, str(error))
            else:
                offer(request, change)
                return redirect(_address(request, person))
    is_me = person.pk == request.person.pk
    return render(
        request,
        "scheduling/timetable.html",
        {
            "owner": person,
            "is_mine": is_me,
            "term": term,
            "form": form,
            "days": _days(request, person, school, term) if term else [],
            "clashes": meeting_a_lesson(person, at=request.now, on=request.today) if is_me else [],
        },
    )


def _person(request, uid):
    if uid is None:
        require(request.person is not None)
        return request.person
    return get_object_or_404(Person.objects.visible_to(request.person, on=request.today), uid=uid)


def _address(request, person):
    if person.pk == request.person.pk:
        return redirect("scheduling:timetable").url
    return redirect("scheduling:person_timetable", person.uid).url


def _days(request, person, school, term):
    """The columns of the week, each with what is on in it, in order."""
    unit = cycle_word(school)
    entries = {}
    mine = Commitment.objects.visible_to(request.person, on=request.today)
    for each in mine.filter(person=person, term=term).order_by("starts_at", "ends_at", "pk"):
        each.how_often = "" if each.weeks == ALL_WEEKS else weeks_words(each.weeks, unit)
        entries.setdefault(each.column, []).append(each)
    return [(name, entries.get(column, [])) for column, name in columns_of(school)]


@require_POST
def duty_remove(request, uid):
    found = get_object_or_404(
        Commitment.objects.visible_to(request.person, on=request.today).select_related("person"),
        uid=uid,
    )
    try:
        actions.remove_duty(found, by=request.person, at=request.now)
    except actions.CannotAddDuty as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Removed.")
    return redirect(_address(request, found.person))
