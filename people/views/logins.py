"""What administrators do about how somebody else signs in."""

from django.contrib import messages
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from .. import actions
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
