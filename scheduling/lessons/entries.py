"""What a timetable file says, whatever its format: lessons in its own words, or by the clock."""

import re
from datetime import date, time
from typing import NamedTuple

from django.db.models import TextChoices

from people.cadence import ALL_WEEKS, CYCLE, pattern_of
from people.sheets import Row, clean


class Kind(TextChoices):
    """The formats that are told apart by looking."""

    LESSONS = "lessons", "Lessons file"
    UNTIS = "untis", "Untis timetable"
    SECTIONS = "sections", "Class sections"
    CALENDAR = "ics", "Calendar file"


class Refused(Exception):
    """Why a row, or one event, is left out."""


class Entry(NamedTuple):
    """A row of a timetable in its own words; a lesson for each of its teachers comes of it."""

    line: int
    teachers: tuple[str, ...]
    days: tuple[str, ...]  # none: every day that has the period
    periods: tuple[str, ...]
    label: str = ""
    length: str = ""  # in periods
    weeks: str = ""
    starts_on: str = ""
    ends_on: str = ""


class When(NamedTuple):
    """A time that comes back: a column, wall times, weeks of the cycle, from when to when."""

    column: str
    starts_at: time
    ends_at: time
    weeks: int = ALL_WEEKS
    starts_on: date | None = None  # None: as long as the term
    ends_on: date | None = None


def text_of(row: Row, column: str) -> str:
    """A cell of a row with single spaces. Raises Refused."""
    try:
        return clean(row.cells.get(column, ""))
    except ValueError as error:
        raise Refused(f"The {column} has characters that cannot be read.") from error


def parts_of(cell: str) -> tuple[str, ...]:
    """The words between the upright strokes of a cell."""
    return tuple(part.strip() for part in cell.split("|") if part.strip())


EVERY_WEEK = ("", "all", "every", "weekly")
WEEK_WORDS = {"a": 0b0101, "odd": 0b0101, "b": 0b1010, "even": 0b1010}
WEEK_WORDS |= {str(week): pattern_of(week) for week in range(1, CYCLE + 1)}
RANGE = re.compile(r"([1-4])\s*[-\u2013]\s*([1-4])")


def read_weeks(written: str) -> int:
    """The weeks of the cycle that a cell names: A, B, odd, even, 1 to 4, 1|3, 2-4. Or Refused."""
    text = re.sub(r"\b(weeks?|wks?)\b\.?", " ", written.casefold()).strip()
    if text in EVERY_WEEK:
        return ALL_WEEKS
    text = RANGE.sub(lambda found: " ".join(map(str, _from_to(found))), text)
    found = [WEEK_WORDS.get(word) for word in re.split(r"[\s,;|/&+]+", text) if word]
    weeks = 0
    for each in found:
        weeks |= each or 0
    if not weeks or None in found:
        raise Refused(f"{written[:40]} is not a week. Write A, B, odd, even, or 1 to 4.")
    return weeks


def _from_to(found: re.Match) -> range:
    return range(int(found[1]), int(found[2]) + 1)
