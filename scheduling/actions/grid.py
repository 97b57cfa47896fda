"""Painting a host's grid: many cells at once, taken back and done again exactly."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from audit.actions import record
from audit.models import Event
from people.cadence import ON_GRID, SEATS, Cadence
from people.models import Change, Person, School
from people.permissions import can_host, require

from ..availability import bell_times_of
from ..grid import (
    Bells,
    Refusal,
    Spot,
    Why,
    bells_of,
    bells_of_slot,
    busy_words,
    minutes_of,
    what_is_on,
)
from ..models import Booking, Commitment, Meeting, Period, Seat, Slot, Term
from ..models.calendar import columns_of, cycle_word

VERB = Event.Act.SLOT_PAINT.value


class CannotPaint(Exception):
    """Why a grid cannot be changed, in words for the person who tried."""


class Painted(NamedTuple):
    """What became of the cells: the change (None when nothing did), and those that stayed."""

    change: Change | None
    painted: list[tuple[str, Period]]
    refused: list[Refusal]


class _Form(NamedTuple):
    """What a cell is painted with; a set-aside slot is named, to be taken up again."""

    cadence: str
    minutes: int
    slot: int | None = None


class _Held(NamedTuple):
    booking: Booking
    runs: bool  # whether somebody would lose something with it


class _Move(NamedTuple):
    spot: Spot
    before: _Form | None
    after: _Form | None


@transaction.atomic
def paint(
    host: Person,
    school: School,
    term: Term,
    cells: Iterable[Spot],
    cadence: str | None,
    *,
    by: Person,
    at: datetime,
) -> Painted:
    """
    Paint cells, or clear them with None; each is a column and the key of a period.

    A cell in which somebody is booked, or still has talks to come, stays as it is and says who.
    So does one that would overlap another, and among several one in which the host is busy.
    Raises CannotPaint for a term that is over and for cells that the timetable does not have.
    """
    _require_may_paint(host, school, term, by=by, at=at)
    if cadence is not None and cadence not in ON_GRID:
        raise CannotPaint("Choose weekly, biweekly, monthly or clear.")
    wanted = list(dict.fromkeys(cells))
    canvas = _Canvas.of(host, term, school, at)
    if not all(spot in canvas.bells for spot in wanted):
        raise CannotPaint("That period is not on the timetable of that day.")
    moves, refused = _plan(canvas, wanted, cadence)
    change = None
    if moves:
        _apply(canvas, moves, at)
        refs = {"term": term.pk, "cells": [[*move.spot, move.before, move.after] for move in moves]}
        change = Change.objects.create(by=by, verb=VERB, refs=refs, at=at)
        _record(change, term, by=by, at=at)
    painted = [(move.spot[0], canvas.periods[move.spot[1]]) for move in moves]
    return Painted(change, painted, refused)


@transaction.atomic
def unpaint(change: Change, *, by: Person, at: datetime) -> None:
    """Put the cells back to what they were. Raises CannotPaint; all of them, or none."""
    _turn(change, forward=False, by=by, at=at)


@transaction.atomic
def repaint(change: Change, *, by: Person, at: datetime) -> None:
    """Paint again what was undone. Raises CannotPaint; all of the cells, or none."""
    change = Change.objects.select_for_update().get(pk=change.pk)
    if change.undone_at is None:
        raise CannotPaint("That was done again already.")
    _turn(change, forward=True, by=by, at=at)
    change.undone_at = None
    change.save(update_fields=["undone_at"])
    _record(change, Term.objects.get(pk=change.refs["term"]), by=by, at=at)


def _turn(change: Change, *, forward: bool, by: Person, at: datetime) -> None:
    """Change cells from one side of a change to the other, if they are as that side left them."""
    host = change.by
    term = Term.objects.select_related("school").get(pk=change.refs["term"])
    _require_may_paint(host, term.school, term, by=by, at=at)
    canvas = _Canvas.of(host, term, term.school, at)
    moves, names = [], []
    for column, period_id, *sides in change.refs["cells"]:
        before, after = (side and _Form(*side) for side in (sides if forward else sides[::-1]))
        move = _Move((column, period_id), before, after)
        slot = canvas.standing.get(move.spot)
        if (slot and slot.cadence) != (before and before.cadence):
            raise CannotPaint("The grid has changed since. Undo the later change first.")
        names += canvas.names(slot)
        moves.append(move)
    if names:
        raise CannotPaint(f"{names[0]} has a place there now, so it stays as it is.")
    _apply(canvas, moves, at)


def _require_may_paint(
    host: Person, school: School, term: Term, *, by: Person, at: datetime
) -> None:
    on = school.today(at)
    require(by.pk == host.pk and can_host(host, school, on=on))
    if term.school_id != school.pk or term.ends_on < on:
        raise CannotPaint("That term is over, so its grid stays as it is.")


@dataclass
class _Canvas:
    """A host's grid under the brush: what stands, who holds it, what there is room for."""

    host: Person
    term: Term
    periods: Mapping[int, Period]
    bells: Mapping[Spot, Bells]  # of the school's columns only
    slots: Sequence[Slot]
    bookings: Mapping[int, Sequence[_Held]]  # by slot; every booking that it ever had
    commitments: Sequence[Commitment]
    standing: dict[Spot, Slot] = field(init=False)
    offered: dict[str, list[tuple[Bells, str]]] = field(init=False)  # by column: when, and its name

    def __post_init__(self) -> None:
        self.standing = {
            (slot.column, slot.period_id): slot
            for slot in self.slots
            if slot.half == 1 and slot.period_id is not None
        }
        self.offered = {}
        for slot in self.slots:
            times = bells_of_slot(slot, self.bells)
            if times:
                name = self.periods[slot.period_id].name if slot.period_id else str(times)
                self.offered.setdefault(slot.column, []).append((times, name))

    @classmethod
    def of(cls, host: Person, term: Term, school: School, at: datetime) -> "_Canvas":
        """Locked, so that nobody else paints or books in it until this is done."""
        bell_times = bell_times_of(school)
        columns = dict(columns_of(school))
        bells = {spot: each for spot, each in bells_of(bell_times).items() if spot[0] in columns}
        slots = _lock(host, term)
        return cls(
            host,
            term,
            {each.period_id: each.period for each in bell_times},
            bells,
            slots,
            _bookings_of(slots, at),
            list(Commitment.objects.filter(person=host, term=term)),
        )

    def refusal(self, spot: Spot, *, is_one_of_many: bool) -> Refusal | None:
        """Why a cell has to stay as it is; None when it may be painted."""
        column, period, slot = spot[0], self.periods[spot[1]], self.standing.get(spot)
        if slot is not None:
            names = self.names(slot)
            return Refusal(column, period, Why.BOOKED, tuple(names)) if names else None
        talk = self.bells[spot].talk()
        on = what_is_on(self.commitments, column, self.bells[spot])
        busy = busy_words(on, cycle_word(self.term.school))
        if busy and is_one_of_many:
            return Refusal(column, period, Why.BUSY, (busy,))
        for times, name in self.offered.get(column, ()):
            if talk.overlaps(times):
                return Refusal(column, period, Why.OVERLAPS, (name,))
        return None

    def names(self, slot: Slot | None) -> list[str]:
        """Those who would lose something with a cell, by name."""
        bookings = self.bookings.get(slot.pk, ()) if slot else ()
        pairings = [held.booking.pairing for held in bookings if held.runs]
        people = {each.attendee: each.shown_name(each.attendee) for each in pairings}
        return list(people.values())

    def is_kept(self, slot: Slot) -> bool:
        """Whether clearing a cell sets its row aside: it has a history, or somebody's words."""
        return slot.pk in self.bookings or bool(slot.place or slot.online_link)

    def form(self, slot: Slot | None) -> _Form | None:
        if slot is None:
            return None
        return _Form(slot.cadence, slot.minutes, slot.pk if self.is_kept(slot) else None)


def _lock(host: Person, term: Term) -> list[Slot]:
    """The host's standing cells; seat and slot together and in this order, as booking does."""
    Person.objects.select_for_update(no_key=True).get(pk=host.pk)
    seats = (
        Seat.objects.select_for_update(of=("self", "slot"))
        .filter(slot__host=host, slot__term=term, slot__removed_at__isnull=True)
        .select_related("slot")
        .order_by("pk")
    )
    return list({seat.slot_id: seat.slot for seat in seats}.values())


def _bookings_of(slots: Sequence[Slot], at: datetime) -> dict[int, list[_Held]]:
    """All bookings of cells, by cell."""
    to_come = Meeting.objects.upcoming(at).filter(booking=OuterRef("pk"))
    bookings = (
        Booking.objects.filter(seat__slot__in=[slot.pk for slot in slots])
        .annotate(runs=Q(released_at__isnull=True) | Q(Exists(to_come)))
        .select_related("pairing__attendee", "seat")
        .order_by("seat__number", "pk")
    )
    found: dict[int, list[_Held]] = {}
    for booking in bookings:
        found.setdefault(booking.seat.slot_id, []).append(_Held(booking, booking.runs))
    return found


def _plan(
    canvas: _Canvas, wanted: Sequence[Spot], cadence: str | None
) -> tuple[list[_Move], list[Refusal]]:
    """What to change, and what has to stay as it is."""
    moves, refused = [], []
    for spot in wanted:
        slot = canvas.standing.get(spot)
        if (slot and slot.cadence) == cadence:
            continue
        refusal = canvas.refusal(spot, is_one_of_many=len(wanted) > 1)
        if refusal:
            refused.append(refusal)
            continue
        bells = canvas.bells[spot]
        if slot is None:
            name = canvas.periods[spot[1]].name
            canvas.offered.setdefault(spot[0], []).append((bells.talk(), name))
        after = _Form(cadence, minutes_of(bells)) if cadence else None
        moves.append(_Move(spot, canvas.form(slot), after))
    return moves, refused


def _apply(canvas: _Canvas, moves: Sequence[_Move], at: datetime) -> None:
    """Take the cells away that are there, then make or take up again those that are wanted."""
    leaving = [canvas.standing[move.spot] for move in moves if move.spot in canvas.standing]
    kept = [slot.pk for slot in leaving if canvas.is_kept(slot)]
    Slot.objects.filter(pk__in=kept).update(removed_at=at)
    Slot.objects.filter(pk__in=[slot.pk for slot in leaving if slot.pk not in kept]).delete()

    aside = Slot.objects.filter(host=canvas.host, removed_at__isnull=False)
    wanted = [move.after.slot for move in moves if move.after and move.after.slot]
    again = set(aside.filter(pk__in=wanted).values_list("pk", flat=True))
    Slot.objects.filter(pk__in=again).update(removed_at=None)
    made = Slot.objects.bulk_create(
        _slot(canvas, move.spot, move.after)
        for move in moves
        if move.after and move.after.slot not in again
    )
    Seat.objects.bulk_create(
        Seat(slot=slot, number=number, weeks=weeks)
        for slot in made
        for number, weeks in enumerate(SEATS[Cadence(slot.cadence)], start=1)
    )


def _slot(canvas: _Canvas, spot: Spot, form: _Form) -> Slot:
    """A new cell; one meets there where one meets in the others."""
    was = canvas.standing.get(spot) or next(iter(canvas.slots), None)
    return Slot(
        school_id=canvas.term.school_id,
        host=canvas.host,
        term=canvas.term,
        column=spot[0],
        period_id=spot[1],
        minutes=form.minutes,
        cadence=form.cadence,
        place=was.place if was else "",
        online_link=was.online_link if was else "",
    )


def _record(change: Change, term: Term, *, by: Person, at: datetime) -> None:
    record(
        Event.Act.SLOT_PAINT,
        chain=term.school_id,
        by=by.pk,
        objects=[f"term:{term.uid}", f"change:{change.uid}"],
        at=at,
    )
