"""The page on which one picks a time: places by day and period, in dates instead of phases."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from django.utils.formats import date_format

from people.cadence import ALL_WEEKS, LETTERS, Cadence

from .availability import Opening
from .grid import Bells, Columns, bells_of, what_is_on
from .letters import rhythm
from .models import BellTime, Commitment, Seat, Slot
from .series import Clash, Occurrence, TermCalendar


def day_and_month(on: date) -> str:
    return date_format(on, "j F")


def dates_in_words(days: Sequence[date]) -> str:
    """ "9 November", "9 and 16 November", "9 November and 7 December"."""
    words = [
        str(on.day)
        if number + 1 < len(days) and days[number + 1].month == on.month
        else day_and_month(on)
        for number, on in enumerate(days)
    ]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


@dataclass(frozen=True)
class Choice:
    """A free place that fits, as it is offered."""

    opening: Opening
    times: Bells  # on a regular day
    calendar: TermCalendar = field(repr=False)
    host_name: str
    rotates: bool = False

    @property
    def seat(self) -> Seat:
        return self.opening.seat

    @property
    def slot(self) -> Slot:
        return self.opening.seat.slot

    @property
    def id(self) -> str:
        return f"seat-{self.seat.uid}"

    @property
    def letter(self) -> str:
        return LETTERS[Cadence(self.slot.cadence)]

    @property
    def day(self) -> str:
        return self.calendar.columns.get(self.slot.column, "")

    @property
    def period(self) -> str:
        return self.slot.period.name if self.slot.period else ""

    @property
    def where(self) -> str:
        """ "Thursday, Period 4"; just "Thursday" where the clock says the rest."""
        return f"{self.day}, {self.period}" if self.period else self.day

    @property
    def rhythm(self) -> str:
        return rhythm(self.slot.cadence, rotates=self.rotates)

    @property
    def is_weekly(self) -> bool:
        return self.slot.cadence == Cadence.WEEKLY

    @property
    def begins_on(self) -> date:
        return self._local(self.opening.first.at)

    @property
    def first(self) -> str:
        """ "15 October"."""
        return day_and_month(self.begins_on)

    @property
    def first_day(self) -> str:
        """ "Thursday 15 October"."""
        return date_format(self.begins_on, "l j F")

    @property
    def exceptions(self) -> list[str]:
        """What is different on some dates, in sentences: said before anybody books."""
        found = self.opening.exceptions
        moved = [each for each in found if each.was_shifted]
        sentences = [self._moved(each) for each in moved]
        for clash, words in (
            (Clash.CLOSED, "No school on {dates}{then}."),
            (Clash.NO_PERIOD, f"{{dates}}: no {self.period or 'such time'} that day."),
            (Clash.HOST, f"{{dates}} {{clash}}: {self.host_name} is not free."),
            (Clash.ATTENDEE, "{dates} {clash}: you are not free."),
        ):
            days = [each.planned_on for each in found if each.clash == clash]
            if days:
                sentences.append(
                    words.format(
                        dates=dates_in_words(days),
                        clash="clashes" if len(days) == 1 else "clash",
                        then="" if self.is_weekly else f", and {self._next} is taken",
                    )
                )
        return sentences

    def _moved(self, each: Occurrence) -> str:
        closure = self.calendar.closure_on(each.planned_on)
        why = f" ({closure.name})" if closure else ""
        planned, moved = day_and_month(each.planned_on), day_and_month(self._local(each.at))
        return f"No school on {planned}{why}: moved to {moved}."

    @property
    def _next(self) -> str:
        return f"the next {self.day}" if self.rotates else "the week after"

    def _local(self, at: tuple[datetime, datetime] | None) -> date:
        if at is None:
            raise ValueError("A date that clashes has no time.")
        return at[0].astimezone(self.calendar.zone).date()


class Cell(NamedTuple):
    """A day and a period: places that fit, a lesson of one's own, or nothing."""

    row: int
    choices: list[Choice]
    busy: str  # "You teach", "You teach some weeks"


class Day(NamedTuple):
    """A column, with one cell for each row."""

    number: int
    name: str
    cells: list[Cell]

    @property
    def is_empty(self) -> bool:
        return not any(cell.choices for cell in self.cells)


@dataclass(frozen=True)
class Times:
    """All times that fit somebody at one cadence."""

    rows: list[str]
    days: list[Day]

    @property
    def choices(self) -> list[Choice]:
        return [choice for cell in self.cells for choice in cell.choices]

    @property
    def cells(self) -> list[Cell]:
        return [cell for day in self.days for cell in day.cells]

    @property
    def has_busy(self) -> bool:
        """Whether a cell shows nothing but a lesson or a duty of one's own."""
        return any(cell.busy and not cell.choices for cell in self.cells)

    @property
    def has_empty(self) -> bool:
        """Whether a cell shows nothing at all: no place there fits both."""
        return any(not cell.busy and not cell.choices for cell in self.cells)

    @property
    def count_in_words(self) -> str:
        count = len(self.choices)
        if not count:
            return "No time fits your timetable"
        return "1 time fits your timetable" if count == 1 else f"{count} times fit your timetable"


def choices_of(
    openings: Iterable[Opening],
    calendar: TermCalendar,
    *,
    host_name: str,
    rotates: bool = False,
) -> list[Choice]:
    """Openings as they are offered, in the order of the grid."""
    found = []
    for each in openings:
        times = calendar.regular_times(each.seat.slot)
        if times:
            found.append(Choice(each, Bells(*times), calendar, host_name, rotates))
    order = {column: number for number, column in enumerate(calendar.columns)}
    return sorted(found, key=lambda choice: _place(choice, order))


def _place(choice: Choice, order: Mapping[str, int]) -> tuple:
    return order.get(choice.slot.column, -1), choice.times.starts_at, choice.begins_on


def lay_out(
    choices: Sequence[Choice],
    columns: Columns,
    bell_times: Sequence[BellTime],
    commitments: Sequence[Commitment],
) -> Times:
    """Days by periods; times by the clock alone have rows of their own at the end."""
    bells = bells_of(bell_times)
    periods = {each.period_id: each.period for each in bell_times}
    rung = [
        period
        for period in sorted(periods.values(), key=lambda period: period.ordinal)
        if any((column, period.pk) in bells for column, _ in columns)
    ]
    clocks = sorted({choice.times for choice in choices if not choice.period})
    keys: list[int | Bells] = [*(period.pk for period in rung), *clocks]
    by_cell: dict[tuple[str, int | Bells], list[Choice]] = {}
    for choice in choices:
        key = choice.slot.period_id or choice.times
        by_cell.setdefault((choice.slot.column, key), []).append(choice)
    days = []
    for number, (column, name) in enumerate(columns, start=1):
        cells = []
        for row, key in enumerate(keys, start=1):
            times = key if isinstance(key, Bells) else bells.get((column, key))
            lessons = what_is_on(commitments, column, times) if times else []
            cells.append(Cell(row, by_cell.get((column, key), []), _busy(lessons)))
        days.append(Day(number, name, cells))
    return Times([*(period.name for period in rung), *map(str, clocks)], days)


def _busy(lessons: Sequence[Commitment]) -> str:
    if not lessons:
        return ""
    weeks = 0
    for each in lessons:
        weeks |= each.weeks if each.is_standing else 0
    how = "You teach" if any(each.is_lesson for each in lessons) else "You have a duty"
    return how if weeks == ALL_WEEKS else f"{how} some weeks"


def next_two(choices: Sequence[Choice], wanted: Seat | None, columns: Columns) -> list[Choice]:
    """The two that come after a place that is gone, round the grid; the first two without one."""
    if wanted is None:
        return list(choices[:2])
    slot = wanted.slot
    ordinal = slot.period.ordinal if slot.period else 0
    order = {column: number for number, (column, _) in enumerate(columns)}
    gone = (order.get(slot.column, -1), ordinal)

    def is_after(choice: Choice) -> bool:
        period = choice.slot.period
        return (order.get(choice.slot.column, -1), period.ordinal if period else 0) >= gone

    after = [choice for choice in choices if is_after(choice)]
    return [*after, *(choice for choice in choices if choice not in after)][:2]


def chosen_of(choices: Iterable[Choice], uid: UUID | None) -> Choice | None:
    return next((choice for choice in choices if choice.seat.uid == uid), None)
