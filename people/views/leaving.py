"""Somebody leaves the school."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from .. import actions
from ..forms.persons import EndPersonForm
from ..models.persons import in_force
from .record import fetch, staff_besides


@require_http_methods(["GET", "POST"])
def person_end(request, uid):
    school, person = fetch(request, uid)
    staff = staff_besides(person, school, on=request.today)
    form = EndPersonForm(request.POST if request.method == "POST" else None, staff=staff)
    if form.is_valid():
        try:
            actions.end_person(
                person, school, by=request.person, at=request.now, **form.cleaned_data
            )
        except actions.CannotChangePerson as error:
            form.add_error(error.field, str(error))
        else:
            messages.success(request, "They have left. What they wrote is kept.")
            return redirect("people:person_list")
    answering = person.managed_lines.filter(in_force(request.today)).count()
    return render(
        request,
        "people/person_end.html",
        {"person": person, "form": form, "answering": answering},
    )
