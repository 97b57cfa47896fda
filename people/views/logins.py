"""What administrators do about how somebody else signs in."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from .. import actions
from ..forms.logins import TakeOffSecondStepForm
from ..fresh import ask_again
from ..permissions import can_move_login, require
from .record import fetch


@require_POST
def person_untie(request, uid):
    _, person = fetch(request, uid)
    require(can_move_login(request.person, person, at=request.now))
    if again := ask_again(request):
        return again
    if actions.untie_accounts(person, by=request.person, at=request.now):
        messages.success(request, f"The next account with {person.first_name}'s address gets in.")
    else:
        messages.info(request, f"No account was kept for {person.first_name}.")
    return redirect("people:person_edit", uid=person.uid)


@require_http_methods(["GET", "POST"])
def second_step_off(request, uid):
    _, person = fetch(request, uid)
    refusal = _stays(request, person)
    form = TakeOffSecondStepForm(request.POST if request.method == "POST" and not refusal else None)
    if form.is_valid():
        if again := ask_again(request):
            return again
        try:
            actions.take_off_second_step(
                person, by=request.person, at=request.now, **form.cleaned_data
            )
        except actions.CannotTakeOff as error:
            refusal = str(error)
        else:
            messages.success(
                request, f"{person.first_name} can set it up anew, and is told so by mail."
            )
            return redirect("people:person_edit", uid=person.uid)
    return render(
        request,
        "people/second_step_off.html",
        {"person": person, "form": form, "refusal": refusal},
    )


def _stays(request, person):
    """Why nothing can be taken off here, in a sentence; empty where it can."""
    if person.pk == request.person.pk:
        return "This is you. With an app or a passkey you change it under Two-step sign-in."
    if not can_move_login(request.person, person, at=request.now):
        return "Only somebody who administers all of their schools can do that."
    if not person.has_factor:
        return "They have no second step."
    return ""
