"""How carrying series into the next term is undone and told."""

from datetime import datetime

from django.db.models import Exists, OuterRef
from django.urls import reverse

from people.models import Change, Person

from .actions.telling import tell_again
from .models import Booking, Slot, Term
from .undoing import unbook


def undo_carry(change: Change, by: Person, at: datetime) -> None:
    """Give all the places back, and take the cells away that came with them and are not used."""
    for refs in change.refs["bookings"]:
        booking = unbook(change, refs, at)
        tell_again(change, "series_cancelled", booking.uid, by=by, at=at, only=True)
    used = Booking.objects.filter(seat__slot=OuterRef("pk"))
    made = Slot.objects.filter(pk__in=change.refs["slots"]).annotate(is_used=Exists(used))
    live = Exists(used.live())
    for slot in made.exclude(live):
        if slot.is_used:  # its history points at it
            Slot.objects.filter(pk=slot.pk).update(removed_at=at)
        else:
            slot.delete()


def describe_carry(change: Change) -> str:
    count = len(change.refs["bookings"])
    term = Term.objects.get(pk=change.refs["term"])
    return f"{count} series {'goes' if count == 1 else 'go'} on in {term.name}."


def after_carry(change: Change) -> str:
    return reverse("scheduling:carry_over")
