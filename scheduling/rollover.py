"""From one term into the next: which series can stay at their time, and why others cannot."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from people.cadence import SEATS, Cadence
from people.models import Pairing, Person, School

from .availability import Opening, busy_times, calendar_of, opening_of, teaches_then
from .elsewhere import commitments_around, here
from .grid import Bells
from .letters import rhythm
from .models import Booking, Commitment, Seat, Slot, Term
from .models.calendar import column_name
from .series import Busy, TermCalendar
from .signup import day_and_month
from .templatetags.times import count_of

LATE = timedelta(days=28)  # so long after a term has begun, series are still carried into it
NEAR = timedelta(days=42)  # so long before, the schedule speaks of it

Spot = tuple[str, int | None, int, time | None, time | None]


class Turn(NamedTuple):
    """A term and the one after it, if the calendar has it."""

    old: Term
    new: Term | None


def turn_of(school: School, *, on: date) -> Turn | None:
    """The turn of terms that comes next, or was not long ago: one query; None before the first."""
    terms = list(Term.objects.of(school).order_by("starts_on"))
    for term in terms:
        term.school = school
    begun = [each for each in terms if each.starts_on <= on]
    if not begun:
        return None
    if len(begun) > 1 and on < min(begun[-1].starts_on + LATE, begun[-1].ends_on):
        return Turn(begun[-2], begun[-1])
    return Turn(begun[-1], terms[len(begun)] if len(begun) < len(terms) else None)


def near_turn(school: School, *, on: date) -> Turn | None:
    """The turn of terms if it is near enough to speak of it."""
    turn = turn_of(school, on=on)
    return turn if turn and turn.new and turn.new.starts_on - on <= NEAR else None


@dataclass
class Row:
    """A series of the old term, and what it would be in the new one."""

    booking: Booking
    where: str
    rhythm: str
    seat: Seat | None = None  # saved or not
    opening: Opening | None = None
    problem: str = ""

    @property
    def pairing(self) -> Pairing:
        return self.booking.pairing

    @property
    def key(self) -> str:
        return str(self.booking.uid)

    @property
    def name(self) -> str:
        return self.pairing.shown_name(self.pairing.attendee)

    @property
    def can_go(self) -> bool:
        return not self.problem

    @property
    def first(self) -> str:
        """ "12 January"."""
        at = self.opening.first.at if self.opening else None
        return day_and_month(at[0].astimezone(self.booking.term.school.zone)) if at else ""

    @property
    def clashes(self) -> str:
        """How many dates are not kept: "two dates clash"."""
        count = sum(not each.is_free for each in self.opening.dates) if self.opening else 0
        words = f"{count_of(count, 'date').lower()} {'clashes' if count == 1 else 'clash'}"
        return words if count else ""


@dataclass
class Plan:
    """All series of a host, and the cells that the new grid gets with them."""

    old: Term
    term: Term
    rows: list[Row] = field(default_factory=list)
    cells: list[Slot] = field(default_factory=list)  # not saved yet
    seats: dict[Spot, list[Seat]] = field(default_factory=dict)  # free ones, saved or not
    knows_lessons: bool = False
    have_time: int = 0  # series whose two have a time in the new term already

    @property
    def ready(self) -> list[Row]:
        return [each for each in self.rows if each.can_go]

    @property
    def refused(self) -> list[Row]:
        return [each for each in self.rows if not each.can_go]


def spot_of(slot: Slot) -> Spot:
    """Which cell of a grid a slot is; with a period, the bell says when."""
    times = (None, None) if slot.period_id else (slot.starts_at, slot.ends_at)
    return (slot.column, slot.period_id, slot.half, *times)


def plan_of(host: Person, turn: Turn, *, at: datetime) -> Plan:
    """Look at every series and free cell of a host; a number of queries that does not grow."""
    new = turn.new
    if new is None:
        raise ValueError("There is no term to go to.")
    bookings = list(
        Booking.objects.live()
        .filter(pairing__host=host, term=turn.old)
        .select_related("pairing__attendee", "pairing__host", "seat__slot__period")
        .order_by("seat__slot__column", "seat__slot__period__ordinal", "seat__number", "pk")
    )
    held = Booking.objects.live().filter(pairing__host=host, term=new)
    taken = dict(held.values_list("pairing", "seat"))
    left = [each for each in bookings if each.pairing_id not in taken]
    around = commitments_around([host.pk, *(each.pairing.attendee_id for each in left)], new)
    look = _Look(
        host,
        new,
        at,
        calendar_of(new),
        around,
        busy_times(
            [host.pk, *(each.pairing.attendee_id for each in left)],
            new,
            around,
            since=at,
            until=new.ends_on,
        ),
    )
    plan = Plan(
        turn.old,
        new,
        knows_lessons=any(each.term_id == new.pk for each in around),
        have_time=len(bookings) - len(left),
    )
    look.take_in(plan, set(taken.values()))
    for booking in left:
        booking.term = turn.old
        plan.rows.append(look.row(plan, booking))
    for slot in Slot.objects.standing().filter(host=host, term=turn.old).select_related("period"):
        if not look.problem_of_cell(plan, slot) and not look.host_teaches(slot):
            look.seats_of(plan, slot)
    return plan


@dataclass
class _Look:
    """What there is to know of the new term: its calendar, and who is taken when."""

    host: Person
    term: Term
    at: datetime
    calendar: TermCalendar
    around: Sequence[Commitment]
    busy: Busy
    standing: dict[Spot, Slot] = field(default_factory=dict)

    def take_in(self, plan: Plan, taken: set[int]) -> None:
        """The host's grid of the new term as it stands."""
        found = Seat.objects.filter(
            slot__host=self.host, slot__term=self.term, slot__removed_at__isnull=True
        ).select_related("slot__period")
        for seat in found.order_by("slot", "number"):
            seat.slot.term = self.term
            spot = spot_of(seat.slot)
            self.standing.setdefault(spot, seat.slot)
            free = plan.seats.setdefault(spot, [])
            if seat.pk not in taken:
                free.append(seat)

    def row(self, plan: Plan, booking: Booking) -> Row:
        old = booking.seat
        school = self.term.school
        place = old.slot.period.name if old.slot.period else str(_clock(old.slot))
        row = Row(
            booking,
            f"{column_name(school, old.slot.column)}, {place}",
            rhythm(old.slot.cadence, rotates=school.rotates),
        )
        row.problem = self._problem_of_two(row) or self.problem_of_cell(plan, old.slot)
        if row.problem:
            return row
        seats = self.seats_of(plan, old.slot)
        same = [each for each in seats if each.number == old.number]
        row.seat = next(iter(same or seats), None)
        if row.seat is None:
            row.problem = "Somebody else has this place then."
            return row
        row.problem = self._problem_of_dates(row, row.seat)
        if not row.problem:
            seats.remove(row.seat)
        return row

    def _problem_of_two(self, row: Row) -> str:
        pairing = row.pairing
        if not pairing.attendee.is_active:
            return "Has left."
        if pairing.ends_on is not None and pairing.ends_on < self.term.starts_on:
            return "You two no longer meet then."
        return "Paused." if pairing.is_paused else ""

    def problem_of_cell(self, plan: Plan, slot: Slot) -> str:
        """Why the new grid cannot have a cell; empty if it has or can have it."""
        stands = self.standing.get(spot_of(slot))
        if stands is not None:
            same = stands.cadence == slot.cadence
            return "" if same else "Your grid has something else there then."
        times = self.calendar.regular_times(slot)
        if slot.column not in self.calendar.columns or times is None:
            return "Not on the timetable then."
        for other in (*self.standing.values(), *plan.cells):
            theirs = self.calendar.regular_times(other)
            is_other = other.column == slot.column and spot_of(other) != spot_of(slot)
            if is_other and theirs and times[0] < theirs[1] and theirs[0] < times[1]:
                return "Your grid has something else there then."
        return ""

    def seats_of(self, plan: Plan, slot: Slot) -> list[Seat]:
        """The free seats of a cell in the new grid, made like the old one if it is not there."""
        spot = spot_of(slot)
        if spot not in plan.seats:
            cell = Slot(
                school=self.term.school,
                host=self.host,
                term=self.term,
                **{name: getattr(slot, name) for name in COPIED},
            )
            plan.cells.append(cell)
            plan.seats[spot] = [
                Seat(slot=cell, number=number, weeks=weeks)
                for number, weeks in enumerate(SEATS[Cadence(slot.cadence)], start=1)
            ]
        return plan.seats[spot]

    def host_teaches(self, slot: Slot) -> bool:
        """Whether the host has a lesson or a duty at a cell's time, in whatever week."""
        mine = here(self.around, self.host.pk, self.term)
        return teaches_then(Seat(slot=slot, weeks=0b1111), self.calendar, mine)

    def _problem_of_dates(self, row: Row, seat: Seat) -> str:
        mine = here(self.around, self.host.pk, self.term)
        theirs = here(self.around, row.pairing.attendee_id, self.term)
        if teaches_then(seat, self.calendar, mine):
            return "You teach then."
        if teaches_then(seat, self.calendar, theirs):
            return f"{row.name} teaches then."
        row.opening = opening_of(
            seat,
            self.calendar,
            theirs,
            self.busy,
            attendee_id=row.pairing.attendee_id,
            starts_on=max(self.term.school.today(self.at), self.term.starts_on),
            ends_on=self.term.ends_on,
            now=self.at,
        )
        return "" if row.opening else "Too few dates are free then."


COPIED = (
    "column",
    "period",
    "half",
    "starts_at",
    "ends_at",
    "minutes",
    "cadence",
    "place",
    "online_link",
)


def _clock(slot: Slot) -> Bells:
    """When a cell without a period is."""
    return Bells(slot.starts_at, slot.ends_at)  # type: ignore[arg-type]
