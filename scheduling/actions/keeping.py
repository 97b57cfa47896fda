"""Deciding that a place stays as it is, though it meets a lesson."""

from datetime import datetime

from django.db import transaction

from audit.models import Event
from people.models import Change, Person
from people.permissions import require

from ..clashes import clashes_of
from ..models import Booking
from ..permissions import can_change_times
from .booking import CannotBook
from .telling import remember


@transaction.atomic
def keep_despite_lesson(booking: Booking, *, by: Person, at: datetime) -> Change | None:
    """Keep a place as it is until it meets other lessons than now; nobody is asked before."""
    booking = Booking.objects.select_for_update(of=("self",)).with_place().get(pk=booking.pk)
    require(can_change_times(by, booking.pairing, on=booking.term.school.today(at)))
    if booking.released_at is not None:
        raise CannotBook("This series has already moved.")
    clash = next(iter(clashes_of([booking], at=at)), None)
    if clash is None:
        raise CannotBook("This time meets no lesson any more.")
    was, booking.kept_despite = booking.kept_despite, clash.fingerprint
    booking.save(update_fields=["kept_despite"])
    return remember(
        Event.Act.BOOKING_KEEP,
        pairing=booking.pairing,
        by=by,
        at=at,
        about=booking.uid,
        refs={"booking": str(booking.uid), "was": was, "kept": clash.fingerprint},
        mail="",
        objects=[f"booking:{booking.uid}"],
    )
