"""Erasing what is somebody's own, after they have left: what goes, what stays, and doing it."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from .. import actions, erasure
from ..forms.persons import ErasePersonForm
from ..fresh import ask_again
from .record import fetch


@require_http_methods(["GET", "POST"])
def person_erase(request, uid):
    school, person = fetch(request, uid)
    if again := ask_again(request):
        return again
    refusal = erasure.refusal(person, by=request.person, at=request.now)
    form = ErasePersonForm(request.POST if request.method == "POST" and not refusal else None)
    if form.is_valid():
        try:
            actions.erase_person(person, school, by=request.person, at=request.now)
        except actions.CannotErase as error:
            refusal = str(error)
        else:
            messages.success(request, "What was theirs is erased.")
            return redirect("people:person_list")
    return render(
        request,
        "people/person_erase.html",
        {
            "person": person,
            "form": form,
            "refusal": refusal,
            "going": erasure.going(),
            "staying": erasure.staying(),
        },
    )
