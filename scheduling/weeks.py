"""Which weeks of a school count: their numbers, their place in the cycle, their days."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple, Protocol

from people.cadence import CYCLE

if TYPE_CHECKING:
    from .models import Closure, SchoolWeek, Term


class HasDays(Protocol):
    """What lasts from one day to another."""

    @property
    def starts_on(self) -> date: ...

    @property
    def ends_on(self) -> date: ...


class Day(NamedTuple):
    """A day on which there can be meetings."""

    date: date
    term: Term

    @property
    def column(self) -> str:
        return str(self.date.isoweekday())


class Week(NamedTuple):
    """What a week of the calendar ought to be; the fields are those of `SchoolWeek`."""

    starts_on: date
    term: Term
    number: int | None
    cycle_week: int | None
    ordinal: int
    is_open: bool
    is_frozen: bool
    days: tuple[Day, ...]  # with school
    closed_days: tuple[Day, ...] = ()  # that a closure takes

    def has_school(self, day: Day) -> bool:
        return day in self.days


def first_day(day: date, weekdays: str) -> date:
    """The day on which the school's week with this day begins; `weekdays` as in `School`."""
    return day - timedelta(days=(day.isoweekday() - int(weekdays[0])) % 7)


def in_order(days: Iterable[str]) -> str:
    """School days in the order of the school's week, which begins after the longest weekend."""
    numbers = sorted({int(day) for day in days})
    if not numbers:
        return ""
    free = {number: (number - numbers[i - 1]) % 7 or 7 for i, number in enumerate(numbers)}
    first = max(numbers, key=lambda number: (free[number], -number))
    return "".join(str(number) for number in sorted(numbers, key=lambda each: (each - first) % 7))


def following(cycle_week: int) -> int:
    """The week of the cycle that comes after; 0 stands for before the first."""
    return cycle_week % CYCLE + 1


def shifts(standing: Iterable[SchoolWeek]) -> dict[date, int]:
    """
    Where somebody has set the letters by hand: the weeks that do not follow the week before.

    Nothing else needs to be remembered of it. Frozen weeks stay as they are anyway.
    """
    found: dict[date, int] = {}
    before: dict[int, int] = {}  # by school year
    for week in sorted(standing, key=lambda week: week.starts_on):
        if week.cycle_week is None:
            continue
        year = week.term.school_year
        if not week.is_frozen and week.cycle_week != following(before.get(year, 0)):
            found[week.starts_on] = week.cycle_week
        before[year] = week.cycle_week
    return found


def propose(
    terms: Iterable[Term],
    closures: Iterable[Closure],
    weekdays: str,
    *,
    standing: Iterable[SchoolWeek] = (),
    shifted: Mapping[date, int] | None = None,
) -> list[Week]:
    """
    All weeks with a school day, in order.

    Only open weeks get a number and a place in the cycle; both run through all terms of a school
    year. A week of which every day stops meetings is closed. `ordinal` counts the open weeks since
    the school began, without those in which the clock stands still on every day. A frozen week
    keeps what it has been given, also when it is closed later. `shifted` says from which weeks on
    the cycle goes on from another place; a shift of a closed week waits for the next open one.
    """
    shifted = shifted or {}
    closures = list(closures)
    closed = dates(closure for closure in closures if closure.stops_meetings)
    standstill = dates(closure for closure in closures if closure.stops_clock)
    frozen = {week.starts_on: week for week in standing if week.is_frozen}

    weeks: list[Week] = []
    ordinal = 0
    before: dict[int, tuple[int, int, int | None]] = {}  # by school year: where its count is
    for starts_on, school_days in sorted(_school_days(terms, weekdays).items()):
        term = school_days[0].term
        number, cycle_week, waiting = before.get(term.school_year, (0, 0, None))
        waiting = shifted.get(starts_on, waiting)
        days = tuple(day for day in school_days if day.date not in closed)
        kept = frozen.get(starts_on)
        if kept and kept.number and kept.cycle_week:
            number, cycle_week, waiting = kept.number, kept.cycle_week, None
            is_numbered = True
        elif days:
            number, cycle_week, waiting = number + 1, waiting or following(cycle_week), None
            is_numbered = True
        else:
            is_numbered = False
        before[term.school_year] = number, cycle_week, waiting
        if days and not all(day.date in standstill for day in school_days):
            ordinal += 1
        weeks.append(
            Week(
                starts_on=starts_on,
                term=term,
                number=number if is_numbered else None,
                cycle_week=cycle_week if is_numbered else None,
                ordinal=ordinal,
                is_open=bool(days),
                is_frozen=kept is not None,
                days=days,
                closed_days=tuple(day for day in school_days if day.date in closed),
            )
        )
    return weeks


def _school_days(terms: Iterable[Term], weekdays: str) -> dict[date, list[Day]]:
    # Two terms may meet in one week: then the earlier one has the week, and each its own days.
    weeks: dict[date, list[Day]] = {}
    for term in sorted(terms, key=lambda term: term.starts_on):
        for day in days_between(term.starts_on, term.ends_on):
            if str(day.isoweekday()) in weekdays:
                weeks.setdefault(first_day(day, weekdays), []).append(Day(day, term))
    return weeks


def dates(stretches: Iterable[HasDays]) -> set[date]:
    """Every day of these closures, or other stretches of days."""
    return {day for each in stretches for day in days_between(each.starts_on, each.ends_on)}


def days_between(first: date, last: date) -> Iterator[date]:
    """Every day from one to another, both included."""
    for day in range((last - first).days + 1):
        yield first + timedelta(days=day)
