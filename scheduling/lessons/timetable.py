"""A school's week: which day and period a timetable means, and when that is by the clock."""

import re
from collections.abc import Sequence
from datetime import date, time

from people.models import School
from people.sheets import read_day

from ..models import BellTime, Term
from ..models.calendar import COLUMNS, columns_of
from .entries import Entry, Refused, When, read_weeks

LONGEST = 20  # periods
SHORT_NAMES = {"tues": "2", "weds": "3", "thur": "4", "thurs": "4"}
WEEKDAYS = {
    **{number: number for number, _ in COLUMNS},
    **{name.casefold(): number for number, name in COLUMNS},
    **{name[:3].casefold(): number for number, name in COLUMNS},
    **SHORT_NAMES,
}


class Timetable:
    """The bell times of each column of a school's grid, by name and in order."""

    def __init__(self, school: School, term: Term) -> None:
        self.term = term
        self.month_first = school.locale.lower() == "en-us"
        self.rotates = school.rotates
        self.columns = dict(columns_of(school))
        self.days = bells_by_column(school)
        names = [period.name for period in school.periods.order_by("ordinal")]
        self.names = {plain(name) for name in names}
        self.numbers = _numbered(names)

    def whens(self, entry: Entry) -> list[When]:
        """The times of an entry: for each of its days and periods one. Raises Refused."""
        weeks = read_weeks(entry.weeks)
        starts_on, ends_on = self._dates(entry)
        length = _length(entry.length)
        found = []
        for period in entry.periods:
            name = self._period(period)
            days = [self._column(day) for day in entry.days] or self._days_with(name)
            for column in dict.fromkeys(days):
                times = self._times(column, name, period, length)
                found.append(When(column, *times, weeks, starts_on, ends_on))
        return found

    def _period(self, written: str) -> str:
        """The period that a cell names, as it is compared: by its name, or by its number."""
        name = plain(written)
        if not name:
            raise Refused("The period is missing.")
        if name not in self.names:
            name = self.numbers.get(int(name), "") if re.fullmatch("[0-9]{1,3}", name) else ""
        if not name:
            raise Refused(f"There is no period called {written[:40]}.")
        return name

    def _days_with(self, name: str) -> list[str]:
        days = [
            column
            for column in self.columns
            if any(plain(bell.period.name) == name for bell in self.days.get(column, ()))
        ]
        if not days:
            raise Refused("This period has no bell times on any day.")
        return days

    def _times(self, column: str, name: str, written: str, length: int) -> tuple[time, time]:
        day = self.columns[column]
        bells = self.days.get(column)
        if not bells:
            raise Refused(f"{day} has no bell schedule.")
        index = next((i for i, bell in enumerate(bells) if plain(bell.period.name) == name), None)
        if index is None:
            raise Refused(f"{written} has no bell times on {day}.")
        if index + length > len(bells):
            raise Refused(
                f"This lesson is {length} periods long, which goes past the last period of {day}."
            )
        starts_at, ends_at = bells[index].starts_at, bells[index + length - 1].ends_at
        if ends_at <= starts_at:
            raise Refused(f"The periods from {written} on are not in order on {day}.")
        return starts_at, ends_at

    def _column(self, written: str) -> str:
        day = written.casefold().rstrip(".")
        if self.rotates:
            column = re.sub(r"^(day|d)\s*", "", day)
            if column not in self.columns:
                raise Refused(f"{written[:40]} is not a day of this school's rotation.")
            return column
        column = WEEKDAYS.get(day, "")
        if not column:
            raise Refused(f"{written[:40]} is not a day of the week.")
        if column not in self.columns:
            raise Refused(f"{dict(COLUMNS)[column]} is not a school day here.")
        return column

    def _dates(self, entry: Entry) -> tuple[date | None, date | None]:
        """From when to when an entry is; None for the whole of the term."""
        term = self.term
        starts_on, ends_on = (
            self._date(written) or whole
            for written, whole in ((entry.starts_on, term.starts_on), (entry.ends_on, term.ends_on))
        )
        if ends_on < starts_on:
            raise Refused("This lesson ends before it starts, or before the term does.")
        if starts_on > term.ends_on or ends_on < term.starts_on:
            raise Refused(f"This lesson is not in {term.name}.")
        return within(term, starts_on, ends_on)

    def _date(self, written: str) -> date | None:
        try:
            return read_day(written, month_first=self.month_first) if written else None
        except ValueError as error:
            raise Refused(f"{written[:40]} is not a date such as 2026-09-01.") from error


def within(term: Term, starts_on: date, ends_on: date) -> tuple[date | None, date | None]:
    """Dates as a commitment has them: None where it goes on as long as the term."""
    return (
        starts_on if starts_on > term.starts_on else None,
        ends_on if ends_on < term.ends_on else None,
    )


def bells_by_column(school: School) -> dict[str, list[BellTime]]:
    """The regular bell times of each column, in the order of the periods."""
    found: dict[str, list[BellTime]] = {}
    bells = BellTime.objects.filter(bell_schedule__school=school)
    for bell in bells.select_related("period", "bell_schedule").order_by("period__ordinal"):
        for column in bell.bell_schedule.columns:
            found.setdefault(column, []).append(bell)
    return found


def plain(name: str) -> str:
    """A name as names are compared: in small letters, with single spaces."""
    return " ".join(name.split()).casefold()


def _numbered(names: Sequence[str]) -> dict[int, str]:
    """
    The periods by their number: the one in their name (Period 3, 03 - Traditional).

    A number that stands in two names is nobody's. Where no name has one, they are counted.
    """
    found: dict[int, set[str]] = {}
    for name in names:
        numbers = re.findall("[0-9]+", name)
        if len(numbers) == 1:
            found.setdefault(int(numbers[0][:3]), set()).add(plain(name))
    if not found:
        return {number: plain(name) for number, name in enumerate(names, start=1)}
    return {number: next(iter(known)) for number, known in found.items() if len(known) == 1}


def _length(written: str) -> int:
    if not written:
        return 1
    if not (written.isascii() and written.isdecimal() and 1 <= int(written[:4]) <= LONGEST):
        raise Refused(f"The length {written[:40]} is not a number of periods, such as 1 or 2.")
    return int(written)
