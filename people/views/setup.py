"""The administrator's home: what the school still needs; and the school itself."""

from datetime import timedelta

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_http_methods, require_safe

from .. import actions, steps
from ..forms.school import SchoolForm
from ..models import OutgoingMail, Person
from ..permissions import administered_school

UNSENT_IS_TOLD = timedelta(days=7)  # long enough to be seen, and it goes away by itself


@require_safe
def setup(request):
    school = administered_school(request.roles)
    shown = []
    for step in steps.steps():
        try:
            url = reverse(step.url_name) + step.query
        except NoReverseMatch:
            continue
        state = step.state(school, request.today)
        shown.append(
            {
                "title": step.title,
                "action": state.action or step.action,
                "url": state.url or url,
                "state": state,
            }
        )
    upcoming = next((step for step in shown if not step["state"].is_done), None)
    people = Person.objects.filter(roles__school=school)
    unsent = OutgoingMail.objects.gave_up().filter(
        person__in=people, dropped_at__gte=request.now - UNSENT_IS_TOLD
    )
    return render(
        request,
        "people/setup.html",
        {"administered": school, "steps": shown, "upcoming": upcoming, "unsent": unsent.count()},
    )


@require_http_methods(["GET", "POST"])
def school_edit(request):
    school = administered_school(request.roles)
    staff = Person.objects.staff_of(school, on=request.today).by_name()
    if request.method == "POST":
        form = SchoolForm(request.POST, staff=staff)
        if form.is_valid():
            try:
                actions.change_school(
                    school, by=request.person, at=request.now, **form.cleaned_data
                )
            except actions.CannotChangeSchool as error:
                form.add_error(error.field, str(error))
            else:
                messages.success(request, "Saved.")
                return redirect("people:setup")
    else:
        initial = {name: getattr(school, name) for name in SchoolForm.base_fields}
        form = SchoolForm(initial=initial, staff=staff)
    return render(request, "people/school_edit.html", {"form": form})
