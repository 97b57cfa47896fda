"""Which column of the grid each school day is: its weekday, or its day of the rotation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from .weeks import Day, Week

if TYPE_CHECKING:
    from .models import SchoolDay


class Place(NamedTuple):
    """What a day of the calendar ought to be; the fields are those of `SchoolDay`."""

    day: Day
    week: Week
    column: str
    pass_number: int
    is_open: bool


def following(column: int, rotation_days: int) -> int:
    """The day of the rotation that comes after; 0 stands for before the first."""
    return column % rotation_days + 1


def shifts(standing: Iterable[SchoolDay], rotation_days: int) -> dict[date, int]:
    """
    Where somebody has set the days by hand: those that do not follow the day before.

    Nothing else needs to be remembered of it. Frozen weeks stay as they are anyway.
    """
    found: dict[date, int] = {}
    before: dict[int, int] = {}  # by school year
    for day in sorted(standing, key=lambda day: day.date):
        if not day.column:
            continue
        year, column = day.term.school_year, int(day.column)
        if not day.week.is_frozen and column != following(before.get(year, 0), rotation_days):
            found[day.date] = column
        before[year] = column
    return found


def places(
    weeks: Iterable[Week],
    rotation_days: int,
    *,
    standing: Iterable[SchoolDay] = (),
    skipped: Set[date] = frozenset(),
    shifted: Mapping[date, int] | None = None,
) -> list[Place]:
    """
    The days that the timetable counts, in order, each with its column and its pass.

    With weekdays (`rotation_days` is 0) every day of a week that has a letter, and its letter. In a
    rotation the days with school are counted from 1 to `rotation_days` and over again, through all
    terms of a school year; closed days are left out unless they are `skipped`. A new pass begins
    where the number does not rise. What is frozen keeps what it has been given, and a day that
    opens among frozen ones has no column. `shifted` says from which days on the count goes on from
    another; a shift of a closed day waits for the next open one.
    """
    kept = {day.date: day for day in standing if day.week.is_frozen and day.column}
    if not rotation_days:
        return list(_by_weekday(weeks, kept))
    return list(_by_rotation(weeks, rotation_days, kept, skipped, shifted or {}))


def _days(week: Week) -> Sequence[Day]:
    return sorted([*week.days, *week.closed_days], key=lambda day: day.date)


def _by_weekday(weeks: Iterable[Week], kept: Mapping[date, SchoolDay]) -> Iterator[Place]:
    for week in weeks:
        if week.cycle_week is None:
            continue
        for day in _days(week):
            column, number = day.column, week.cycle_week
            if day.date in kept:  # a year that was booked in a rotation stays in it
                column, number = kept[day.date].column, kept[day.date].pass_number
            yield Place(day, week, column, number, week.has_school(day))


def _by_rotation(
    weeks: Iterable[Week],
    rotation_days: int,
    kept: Mapping[date, SchoolDay],
    skipped: Set[date],
    shifted: Mapping[date, int],
) -> Iterator[Place]:
    before: dict[int, tuple[int, int]] = {}  # by school year: column and pass of the day before
    waiting: dict[int, int] = {}
    for week, day in ((each, day) for each in weeks for day in _days(each)):
        year, is_open = day.term.school_year, week.has_school(day)
        column, pass_number = before.get(year, (0, 1))
        if day.date in shifted:
            waiting[year] = shifted[day.date]
        if day.date in kept:
            column, pass_number = int(kept[day.date].column), kept[day.date].pass_number
        elif week.is_frozen:
            if is_open:
                yield Place(day, week, "", pass_number, is_open)
            continue
        elif is_open or day.date in skipped:
            number = waiting.pop(year, following(column, rotation_days))
            pass_number += number <= column
            column = number
        else:
            continue
        before[year] = column, pass_number
        yield Place(day, week, str(column), pass_number, is_open)
