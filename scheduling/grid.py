"""The term grid as a host sees it: its cells, and who sits there; rows in, words out."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from enum import Enum
from typing import NamedTuple

from people.cadence import ALL_WEEKS, LETTERS, Cadence
from people.models import Person

from .letters import in_a_row, weeks_words
from .models import BellTime, Booking, Commitment, Period, Seat, Slot
from .series import talk_times

TALK = 30  # minutes, where nothing else is said

Spot = tuple[str, int]  # a column and the key of a period
Columns = Sequence[tuple[str, str]]  # with their names, as of `columns_of`


class Bells(NamedTuple):
    """When a period begins and ends on the days of a column."""

    starts_at: time
    ends_at: time

    def __str__(self) -> str:
        return f"{_clock(self.starts_at)} to {_clock(self.ends_at)}"

    def talk(self, minutes: int = TALK) -> "Bells":
        """The talk that begins with the period, and never goes past it."""
        return Bells(*(talk_times(self, half=1, minutes=minutes) or self))

    def overlaps(self, other: "Bells") -> bool:
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at


def _clock(moment: time) -> str:
    return f"{moment.hour % 12 or 12}:{moment:%M}"


def bells_of(bell_times: Iterable[BellTime]) -> dict[Spot, Bells]:
    """When each period is in each column; the bell times come with their schedules."""
    return {
        (column, each.period_id): Bells(each.starts_at, each.ends_at)
        for each in bell_times
        for column in each.bell_schedule.columns
    }


def minutes_of(bells: Bells) -> int:
    """How long a talk lasts in a period: half an hour, or the whole of a shorter one."""
    starts_at, ends_at = bells.talk()
    return (ends_at.hour - starts_at.hour) * 60 + ends_at.minute - starts_at.minute


def bells_of_slot(slot: Slot, bells: Mapping[Spot, Bells]) -> Bells | None:
    """When the talks of a cell are on a regular day; None while its period is not rung."""
    if slot.period_id is None:
        return Bells(slot.starts_at, slot.ends_at) if slot.starts_at and slot.ends_at else None
    found = bells.get((slot.column, slot.period_id))
    times = found and talk_times(found, half=slot.half, minutes=slot.minutes)
    return Bells(*times) if times else None


def what_is_on(commitments: Iterable[Commitment], column: str, bells: Bells) -> list[Commitment]:
    """The lessons and duties that overlap a talk in a period, in some weeks or in all."""
    return [each for each in commitments if each.meets(column, *bells.talk())]


def busy_words(commitments: Sequence[Commitment], unit: str = "week") -> str:
    """Why a cell is busy: "Lunch duty", "Leadership team, week A"; `unit` as of `cycle_word`."""
    if not commitments:
        return ""
    first = commitments[0]
    label = first.label or ("Lesson" if first.is_lesson else "Busy")
    weeks = 0
    for each in commitments:
        weeks |= each.weeks
    return label if weeks == ALL_WEEKS else f"{label}, {weeks_words(weeks, unit)}"


# --- the cells of a page ---


@dataclass(frozen=True)
class Box:
    """A seat as it is drawn: free with its letter, or taken with initials."""

    seat: Seat
    cadence: str
    booking: Booking | None = None
    lasting: Booking | None = None  # given back, but some of its talks are still to come
    unit: str = "week"

    @property
    def label(self) -> str:
        return _SHORT[Cadence(self.cadence)][self.seat.number - 1]

    @property
    def when(self) -> str:
        """ "Every week", "Week A", "Week 3"; "Every pass", "Pass A" in a rotation."""
        if self.cadence == Cadence.WEEKLY:
            return f"Every {self.unit}"
        return f"{self.unit.capitalize()} {self.label}"

    @property
    def person(self) -> Person | None:
        return self.booking.pairing.attendee if self.booking else None

    @property
    def name(self) -> str:
        if self.booking is None:
            return "open"
        return self._name(self.booking)

    @property
    def lasting_name(self) -> str:
        return self._name(self.lasting) if self.lasting else ""

    def _name(self, booking: Booking) -> str:
        return booking.pairing.shown_name(booking.pairing.attendee)


_SHORT = {Cadence.WEEKLY: ["Open"], Cadence.BIWEEKLY: ["A", "B"], Cadence.MONTHLY: list("1234")}


@dataclass
class Cell:
    """A day and a period: not offered, busy, or a rhythm with its places."""

    column: str
    day: str  # the column's name
    period: Period
    bells: Bells
    slot: Slot | None = None
    boxes: list[Box] = field(default_factory=list)
    busy: str = ""
    fits: Box | None = None  # while somebody is being placed: the seat that they would get
    is_odd: bool = False  # its bell times are not those that the row says
    is_first: bool = False  # where focus goes

    @property
    def key(self) -> str:
        return f"{self.column}-{self.period.uid}"

    @property
    def id(self) -> str:
        return f"cell-{self.key}"

    @property
    def letter(self) -> str:
        return LETTERS[Cadence(self.slot.cadence)] if self.slot else ""

    @property
    def kind(self) -> str:
        return self.letter or ("busy" if self.busy else "off")

    @property
    def where(self) -> str:
        return f"{self.day}, {self.period.name}"

    @property
    def open(self) -> int:
        return sum(box.booking is None for box in self.boxes)

    @property
    def taken(self) -> list[Box]:
        return [box for box in self.boxes if box.booking]


class Day(NamedTuple):
    """A column's head."""

    column: str
    name: str
    open: int

    @property
    def short(self) -> str:
        """ "Mon", "D3"."""
        return self.name[:3] if self.name.isalpha() else f"D{self.column}"


class Place(NamedTuple):
    """Where a cell stands in its row; None on a day without the period."""

    column: str
    cell: Cell | None


class Row(NamedTuple):
    """A period, when it mostly is, and its cells."""

    period: Period
    bells: Bells
    places: list[Place]


@dataclass
class Grid:
    """All cells of a host's term, by row and by key."""

    columns: Columns
    rows: list[Row]
    cells: dict[str, Cell]

    @property
    def days(self) -> list[Day]:
        counts: Counter[str] = Counter()
        for cell in self.cells.values():
            counts[cell.column] += cell.open
        return [Day(column, name, counts[column]) for column, name in self.columns]

    @property
    def open(self) -> int:
        return sum(cell.open for cell in self.cells.values())

    def at(self, spots: Iterable[Spot]) -> list[Cell]:
        """The cells at these columns and periods, in the order of the page."""
        wanted = set(spots)
        return [cell for cell in self.cells.values() if (cell.column, cell.period.pk) in wanted]

    @property
    def is_painted(self) -> bool:
        return any(cell.slot for cell in self.cells.values())

    @property
    def where(self) -> str:
        """Where the host meets people, as said for all their cells; empty before."""
        slot = next((cell.slot for cell in self.cells.values() if cell.slot), None)
        if slot is None:
            return ""
        return slot.place or ("online" if slot.online_link else "")

    @property
    def fitting(self) -> list[Cell]:
        return [cell for cell in self.cells.values() if cell.fits]


def build(
    columns: Columns,
    bell_times: Sequence[BellTime],
    claims: Iterable[tuple[Seat, Booking | None]],
    commitments: Sequence[Commitment],
    *,
    unit: str = "week",
) -> Grid:
    """
    The grid from its rows: bell times with schedule and period; every seat with its slot, once for
    each of its bookings (the live one, and those given back of which talks are still to come).
    """
    bells = bells_of(bell_times)
    periods = {each.period_id: each.period for each in bell_times}
    cells: dict[Spot, Cell] = {}
    rows = []
    for period in sorted(periods.values(), key=lambda period: period.ordinal):
        rung = {column: bells.get((column, period.pk)) for column, _ in columns}
        times = Counter(each for each in rung.values() if each)
        if not times:
            continue
        usual = times.most_common(1)[0][0]
        for column, day in columns:
            if each := rung[column]:
                on = busy_words(what_is_on(commitments, column, each), unit)
                cells[column, period.pk] = Cell(
                    column, day, period, each, busy=on, is_odd=each != usual
                )
        places = [Place(column, cells.get((column, period.pk))) for column, _ in columns]
        rows.append(Row(period, usual, places))
    _seat(cells, claims, unit=unit)
    return Grid(columns, rows, {cell.key: cell for cell in cells.values()})


def _seat(
    cells: Mapping[Spot, Cell],
    claims: Iterable[tuple[Seat, Booking | None]],
    *,
    unit: str,
) -> None:
    """Put the painted slots into their cells, and people on their seats."""
    seats: dict[int, Seat] = {}
    live: dict[int, Booking] = {}
    lasting: dict[int, Booking] = {}
    for seat, booking in claims:
        seats[seat.pk] = seat
        if booking is not None:
            (live if booking.released_at is None else lasting)[seat.pk] = booking
    for seat in sorted(seats.values(), key=lambda seat: seat.number):
        slot = seat.slot
        if slot.half != 1 or slot.period_id is None:
            continue
        cell = cells.get((slot.column, slot.period_id))
        if cell is not None:
            cell.slot = slot
            cell.boxes.append(
                Box(seat, slot.cadence, live.get(seat.pk), lasting.get(seat.pk), unit)
            )


def let_answer(grid: Grid, fitting: Collection[Seat]) -> None:
    """Mark the cells with a seat that fits the person who is being placed."""
    keys = {seat.pk for seat in fitting}
    for cell in grid.cells.values():
        cell.fits = next((box for box in cell.boxes if box.seat.pk in keys), None)
    for cell in grid.fitting[:1]:
        cell.is_first = True


def steps(changes: Sequence[tuple[int, datetime | None]]) -> tuple[int | None, int | None]:
    """
    What Undo and Redo would turn, of changes as key and when undone (None: it stands).

    Undo takes the newest that stands. Redo takes the one that was undone last, unless something
    newer stands: whoever paints after undoing has chosen another way.
    """
    standing = max((key for key, undone_at in changes if undone_at is None), default=None)
    undone = [(undone_at, -key) for key, undone_at in changes if undone_at is not None]
    again = -max(undone)[1] if undone else None
    if again is not None and standing is not None and standing > again:
        again = None
    return standing, again


# --- in words ---


class Why(Enum):
    """Why a cell stayed as it was."""

    BOOKED = "booked"
    BUSY = "busy"
    OVERLAPS = "overlaps"


class Refusal(NamedTuple):
    """A cell that stayed as it was."""

    column: str
    period: Period
    why: Why
    names: tuple[str, ...] = ()  # who is booked in it, or what it overlaps


def painted_words(cells: Sequence[tuple[str, Period]], cadence: str | None) -> str:
    """
    "Tuesday, Lunch: biweekly." or "12 periods: weekly."; empty for none.

    Cells are the name of a column and a period.
    """
    if not cells:
        return ""
    how = Cadence(cadence).label.lower() if cadence else "cleared"
    if len(cells) > 1:
        return f"{len(cells)} periods: {how}."
    [(day, period)] = cells
    return f"{day}, {period.name}: {how}."


def refused_words(refusals: Sequence[Refusal]) -> str:
    """ "Left one period as it was, because Ben Carter is booked in it."; one sentence a reason."""
    sentences = []
    for why in Why:
        some = [each for each in refusals if each.why == why]
        if some:
            one = len(some) == 1
            left = "one period as it was" if one else f"{len(some)} periods as they were"
            names = list(dict.fromkeys(name for each in some for name in each.names))
            sentences.append(f"Left {left}, because {_because(why, names, one)}.")
    return " ".join(sentences)


def _because(why: Why, names: list[str], one: bool) -> str:  # noqa: FBT001 -- grammar
    it = "it" if one else "them"
    if why is Why.BOOKED:
        more = len(names) - 3
        shown = [*names[:3], f"{more} more"] if more > 0 else names
        return f"{in_a_row(shown)} {'is' if len(names) == 1 else 'are'} booked in {it}"
    if why is Why.BUSY:
        return f"you have {names[0]} then" if one else "you are busy then"
    return f"{it if one else 'they'} overlap{'s' if one else ''} {names[0]}"
