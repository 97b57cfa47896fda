"""What administrators do about how somebody else signs in, and a person's no to it."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from .. import actions
from ..forms.logins import TakeOffSecondStepForm
from ..fresh import ask_again
from ..models import LoginMove
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


@require_POST
def move_agree(request, uid, move_uid):
    person, move = _move(request, uid, move_uid)
    if again := ask_again(request):
        return again
    try:
        actions.agree_to_move(move, by=request.person, at=request.now)
    except actions.CannotMove as error:
        messages.warning(request, str(error))
    else:
        messages.success(
            request, "Done. The old address and the new one are told, and they sign in anew."
        )
    return redirect("people:person_edit", uid=person.uid)


@require_POST
def move_end(request, uid, move_uid):
    person, move = _move(request, uid, move_uid)
    try:
        actions.take_back_move(move, by=request.person, at=request.now)
    except actions.CannotMove as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, "They sign in with the old address, as before.")
    return redirect("people:person_edit", uid=person.uid)


@require_POST
def move_refuse(request):
    if actions.refuse_move(by=request.person, at=request.now):
        messages.success(request, "Your address stays. Your administrators are told of your no.")
    else:
        messages.info(request, "Nothing was waiting. If your address is wrong, tell the office.")
    return redirect("people:account")


def _move(request, uid, move_uid):
    """Somebody on the record, and a move that was asked for: the one that the page showed."""
    _, person = fetch(request, uid)
    move = get_object_or_404(LoginMove, person=person, uid=move_uid)
    require(can_move_login(request.person, person, at=request.now))
    return person, move


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
        {
            "person": person,
            "form": form,
            "refusal": refusal,
            "is_me": person.pk == request.person.pk,
        },
    )


def _stays(request, person):
    """Why nothing can be taken off here, in a sentence; empty where it can."""
    if person.pk == request.person.pk:
        return (
            "This is you. While you have it you change it yourself. Once it is lost, another "
            "administrator of all your schools takes it off, or whoever runs the server."
        )
    if not can_move_login(request.person, person, at=request.now):
        return "Only somebody who administers all of their schools can do that."
    if not person.has_factor:
        return "They have no second step."
    return ""
