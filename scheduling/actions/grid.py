"""Painting a host's grid: many cells at once, taken back and done again exactly."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from audit.actions import record
from audit.models import Event
from people.cadence import ON_GRID, SEATS, Cadence
from people.models import Change, Person, School
from people.permissions import can_host, require

from ..grid import (
    Bells,
    Refusal,
    Spot,
    bells_of,
    bells_of_slot,
    busy_words,
    minutes_of,
    what_is_on,
)
from ..models import BellTime, Booking, Commitment, Meeting, Period, Seat, Slot, Term

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
    periods, bells = _timetable(school)
    if not all(spot in bells for spot in wanted):
        raise CannotPaint("That period is not on the timetable of that day.")
    slots = _lock(host, term)
    used = _used(slots, at)
    commitments = list(Commitment.objects.filter(person=host, term=term))
    standing = {(slot.column, slot.period_id): slot for slot in slots if slot.half == 1}
    times = _times(slots, bells, periods)
    moves, refused = [], []
    for spot in wanted:
        slot, period = standing.get(spot), periods[spot[1]]
        if (slot and slot.cadence) == cadence:
            continue
        refusal = None
        if slot is not None:
            refusal = _booked(spot[0], period, used.get(slot.pk, []), host)
        elif cadence:
            on = what_is_on(commitments, spot[0], bells[spot]) if len(wanted) > 1 else []
            refusal = _no_room(spot[0], period, bells[spot], busy_words(on), times)
        if refusal:
            refused.append(refusal)
            continue
        if cadence and slot is None:
            times.setdefault(spot[0], []).append((bells[spot].talk(), period.name))
        after = _Form(cadence, minutes_of(bells[spot])) if cadence else None
        moves.append(_Move(spot, _form(slot, used), after))
    change = None
    if moves:
        _apply(host, term, moves, standing, used, at)
        refs = {"term": term.pk, "cells": [[*move.spot, move.before, move.after] for move in moves]}
        change = Change.objects.create(by=by, verb=VERB, refs=refs, at=at)
        _record(change, term, by=by, at=at)
    return Painted(change, [(move.spot[0], periods[move.spot[1]]) for move in moves], refused)


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
    slots = _lock(host, term)
    used = _used(slots, at)
    standing = {(slot.column, slot.period_id): slot for slot in slots if slot.half == 1}
    moves, bookings = [], []
    for column, period_id, before, after in change.refs["cells"]:
        move = _Move((column, period_id), before and _Form(*before), after and _Form(*after))
        if not forward:
            move = _Move(move.spot, move.after, move.before)
        slot = standing.get(move.spot)
        if (slot and slot.cadence) != (move.before and move.before.cadence):
            raise CannotPaint("The grid has changed since. Undo the later change first.")
        bookings += used.get(slot.pk, []) if slot else []
        moves.append(move)
    names = _names(bookings, host)
    if names:
        raise CannotPaint(f"{names[0]} has a place there now, so it stays as it is.")
    _apply(host, term, moves, standing, used, at)


def _require_may_paint(
    host: Person, school: School, term: Term, *, by: Person, at: datetime
) -> None:
    on = school.today(at)
    require(by.pk == host.pk and can_host(host, school, on=on))
    if term.school_id != school.pk or term.ends_on < on:
        raise CannotPaint("That term is over, so its grid stays as it is.")


def _lock(host: Person, term: Term) -> list[Slot]:
    """
    The host's standing cells, with nobody else painting or booking in them.

    Seat and slot together and in this order, as booking does.
    """
    Person.objects.select_for_update(no_key=True).get(pk=host.pk)
    seats = (
        Seat.objects.select_for_update(of=("self", "slot"))
        .filter(slot__host=host, slot__term=term, slot__removed_at__isnull=True)
        .select_related("slot")
        .order_by("pk")
    )
    return list({seat.slot_id: seat.slot for seat in seats}.values())


def _used(slots: Sequence[Slot], at: datetime) -> dict[int, list[Booking]]:
    """The bookings that cells ever had; `runs` where somebody would lose something."""
    to_come = Meeting.objects.upcoming(at).filter(booking=OuterRef("pk"))
    bookings = (
        Booking.objects.filter(seat__slot__in=[slot.pk for slot in slots])
        .annotate(runs=Q(released_at__isnull=True) | Q(Exists(to_come)))
        .select_related("pairing__attendee", "seat")
        .order_by("seat__number", "pk")
    )
    found: dict[int, list[Booking]] = {}
    for booking in bookings:
        found.setdefault(booking.seat.slot_id, []).append(booking)
    return found


def _timetable(school: School) -> tuple[dict[int, Period], dict[Spot, Bells]]:
    bell_times = list(
        BellTime.objects.filter(bell_schedule__school=school)
        .select_related("bell_schedule", "period")
        .order_by("bell_schedule", "pk")
    )
    columns = set(school.weekdays)
    bells = {spot: each for spot, each in bells_of(bell_times).items() if spot[0] in columns}
    return {each.period_id: each.period for each in bell_times}, bells


def _times(
    slots: Iterable[Slot], bells: Mapping[Spot, Bells], periods: Mapping[int, Period]
) -> dict[str, list[tuple[Bells, str]]]:
    """When each column is offered already, and what that is called."""
    found: dict[str, list[tuple[Bells, str]]] = {}
    for slot in slots:
        times = bells_of_slot(slot, bells)
        if times:
            name = periods[slot.period_id].name if slot.period_id else str(times)
            found.setdefault(slot.column, []).append((times, name))
    return found


def _names(bookings: Iterable[Booking], host: Person) -> list[str]:
    """Those who would lose something, as the host sees names."""
    people = [booking.pairing.attendee for booking in bookings if booking.runs]
    names = [person.hidden_name if host.hides_names else person.name for person in people]
    return list(dict.fromkeys(names))


def _booked(
    column: str, period: Period, bookings: Iterable[Booking], host: Person
) -> Refusal | None:
    names = _names(bookings, host)
    return Refusal(column, period, Refusal.BOOKED, tuple(names)) if names else None


def _no_room(
    column: str,
    period: Period,
    bells: Bells,
    busy: str,
    times: Mapping[str, Sequence[tuple[Bells, str]]],
) -> Refusal | None:
    if busy:
        return Refusal(column, period, Refusal.BUSY, (busy,))
    for offered, name in times.get(column, ()):
        if bells.talk().overlaps(offered):
            return Refusal(column, period, Refusal.OVERLAPS, (name,))
    return None


def _form(slot: Slot | None, used: Mapping[int, Sequence[Booking]]) -> _Form | None:
    if slot is None:
        return None
    kept = slot.pk if _is_set_aside(slot, used) else None
    return _Form(slot.cadence, slot.minutes, kept)


def _is_set_aside(slot: Slot, used: Mapping[int, Sequence[Booking]]) -> bool:
    """Whether clearing a cell keeps its row: it has a history, or somebody's words."""
    return slot.pk in used or bool(slot.place or slot.online_link)


def _apply(
    host: Person,
    term: Term,
    moves: Sequence[_Move],
    standing: Mapping[Spot, Slot],
    used: Mapping[int, Sequence[Booking]],
    at: datetime,
) -> None:
    """Take the cells away that are there, then make or take up again those that are wanted."""
    leaving = [standing[move.spot] for move in moves if move.spot in standing]
    kept = [slot.pk for slot in leaving if _is_set_aside(slot, used)]
    gone = [slot.pk for slot in leaving if slot.pk not in kept]
    Slot.objects.filter(pk__in=kept).update(removed_at=at)
    Slot.objects.filter(pk__in=gone).delete()

    wanted = [move.after.slot for move in moves if move.after and move.after.slot]
    again = set(
        Slot.objects.filter(pk__in=wanted, host=host, removed_at__isnull=False).values_list(
            "pk", flat=True
        )
    )
    Slot.objects.filter(pk__in=again).update(removed_at=None)
    made = Slot.objects.bulk_create(
        _slot(host, term, move.spot, move.after, standing.get(move.spot))
        for move in moves
        if move.after and move.after.slot not in again
    )
    Seat.objects.bulk_create(
        Seat(slot=slot, number=number, weeks=weeks)
        for slot in made
        for number, weeks in enumerate(SEATS[Cadence(slot.cadence)], start=1)
    )


def _slot(host: Person, term: Term, spot: Spot, form: _Form, was: Slot | None) -> Slot:
    """A new cell; one that only changes its colour keeps where one meets."""
    return Slot(
        school_id=term.school_id,
        host=host,
        term=term,
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
