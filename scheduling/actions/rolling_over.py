"""Carrying a host's series into the next term: after a preview, those ticked, in one change."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from audit.actions import record
from audit.models import Event
from people.models import Change, Pairing, Person, School
from people.permissions import can_host, require

from ..calendar_mails import FOR_CALENDAR
from ..models import Booking, Invitation, Seat, Slot
from ..rollover import Plan, Row, plan_of, turn_of
from .booking import CannotBook, claim
from .telling import tell

VERB = "booking.carry"


class CannotCarry(Exception):
    """Why no series was carried over, in words for the host who tried."""


class Carried(NamedTuple):
    change: Change
    bookings: list[Booking]
    refused: list[str]  # why, with the name


@transaction.atomic
def carry_over(
    host: Person, school: School, *, chosen: Collection[str], by: Person, at: datetime
) -> Carried:
    """
    Give the two of each chosen series the same time in the next term, with the host's grid.

    Decided anew from the rows as they are now: what fits no longer stays out and is named. Each
    of the others is told, and all of it is one change to undo. Raises CannotCarry.
    """
    require(by.pk == host.pk and can_host(host, school, on=school.today(at)))
    plan = _locked_plan(host, school, at)
    rows = [row for row in plan.rows if row.key in chosen]
    ready = [row for row in rows if row.can_go]
    refused = [f"{row.name}: {row.problem}" for row in rows if not row.can_go]
    if not ready:
        raise CannotCarry(" ".join(["Tick at least one series that can go along.", *refused[:1]]))
    made = _make(plan)
    change = Change.objects.create(by=by, verb=VERB, at=at)
    bookings, refs = [], []
    pairings = _locked(row.pairing.pk for row in ready)
    for row in ready:
        pairing = pairings[row.pairing.pk]
        was = {"cadence": pairing.cadence, "answer": _answer(pairing, plan)}
        try:
            booking = _claim(row, pairing, by=by, at=at)
        except CannotBook as error:
            refused.append(f"{row.name}: {error}")
            continue
        bookings.append(booking)
        refs.append({"booking": str(booking.uid), **was})
        _tell(booking, change, by=by, at=at)
    if not bookings:
        raise CannotCarry(f"Nothing could go along. {refused[0]}")
    change.refs = {
        "term": bookings[0].term_id,
        "bookings": refs,
        "slots": [each.pk for each in made],
    }
    change.save(update_fields=["refs"])
    return Carried(change, bookings, refused)


def _locked_plan(host: Person, school: School, at: datetime) -> Plan:
    """What can be done now, with the grid that it is about locked as painting and booking do."""
    School.objects.select_for_update(no_key=True).get(pk=school.pk)
    Person.objects.select_for_update(no_key=True).get(pk=host.pk)
    turn = turn_of(school, on=school.today(at))
    if turn is None or turn.new is None:
        raise CannotCarry("The next term is not in the calendar yet. Nothing was changed.")
    seats = Seat.objects.select_for_update(of=("self", "slot")).select_related("slot")
    list(seats.filter(slot__host=host, slot__term=turn.new).order_by("pk"))
    return plan_of(host, turn, at=at)


def _make(plan: Plan) -> Sequence[Slot]:
    """Save the cells that the new grid did not have."""
    made = Slot.objects.bulk_create(plan.cells)
    given = [row.seat for row in plan.ready if row.seat is not None]
    seats = [*given, *(seat for free in plan.seats.values() for seat in free)]
    new = [seat for seat in seats if seat.pk is None]
    for seat in new:
        seat.slot_id = seat.slot.pk
    Seat.objects.bulk_create(new)
    return made


def _locked(keys: Iterable[int]) -> dict[int, Pairing]:
    found = Pairing.objects.select_for_update(of=("self",)).with_people().order_by("pk")
    return {each.pk: each for each in found.filter(pk__in=list(keys))}


def _answer(pairing: Pairing, plan: Plan) -> str:
    return Invitation.objects.answer_of(pairing, plan.term)


def _claim(row: Row, pairing: Pairing, *, by: Person, at: datetime) -> Booking:
    if row.seat is None:
        raise CannotBook(row.problem)
    term = row.seat.slot.term
    starts_on = max(term.school.today(at), term.starts_on)
    with transaction.atomic():
        return claim(pairing, row.seat, starts_on=starts_on, by=by, at=at)


def _tell(booking: Booking, change: Change, *, by: Person, at: datetime) -> None:
    pairing, uid = booking.pairing, booking.uid
    for kind, person in (("booked", pairing.attendee), (FOR_CALENDAR, pairing.host)):
        tell(kind, person, by=by, at=at, about=uid, series=uid, change=change)
    record(
        Event.Act.BOOKING_MAKE,
        chain=pairing.school_id,
        by=by.pk,
        objects=[f"pairing:{pairing.uid}", f"booking:{uid}"],
        basis="carried",
        at=at,
    )
