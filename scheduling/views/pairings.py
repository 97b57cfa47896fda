"""What a host does with their talks with somebody as a whole: let them rest, go on, or end."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from people.actions import (
    CannotPair,
    choose_ownership,
    end_pairing,
    pause_pairing,
    resume_pairing,
)
from people.models import Pairing
from people.permissions import require

from .. import actions
from ..forms.pairings import TopicsForm
from ..models import Booking


@require_POST
def pairing_pause(request, uid):
    return _change(request, uid, pause_pairing, "Your talks rest until you go on with them.")


@require_POST
def pairing_resume(request, uid):
    return _change(request, uid, resume_pairing, "Your talks go on.")


@require_POST
def pairing_topics(request, uid):
    form = TopicsForm(request.POST)
    chosen = form.cleaned_data["ownership"] if form.is_valid() else ""

    def choose(pairing, *, by, on):
        choose_ownership(pairing, chosen, by=by, on=on)

    return _change(request, uid, choose, "Saved. The next reminder asks accordingly.")


@require_POST
def pairing_end(request, uid):
    """Their place is free at once; single talks are cancelled by the clock."""

    def end(pairing, *, by, on):
        end_pairing(pairing, by=by, on=on)
        for booking in Booking.objects.live().filter(pairing=pairing, ends_on__gte=on):
            actions.release(booking, by=by, at=request.now)

    return _change(request, uid, end, "Your talks end today. What you both wrote is kept.")


def _change(request, uid, verb, words):
    pairings = Pairing.objects.visible_to(request.person).in_force_at(request.now, request.schools)
    pairing = get_object_or_404(pairings.with_people(), uid=uid)
    require(pairing.host_id == request.person.pk)
    try:
        verb(pairing, by=request.person, on=pairing.school.today(request.now))
    except (CannotPair, actions.CannotBook) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, words)
    return redirect("scheduling:person_page", pairing.attendee.uid)
