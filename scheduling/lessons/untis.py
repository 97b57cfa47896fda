"""
Untis GPU001: no header; lesson, class, teacher, subject, room, day (1 to 7), period.

The export has no column of weeks: in a timetable of several weeks it is of one of them.
"""

import csv
from collections.abc import Iterator
from itertools import islice

from people.sheets import Problem, clean, decode, lines_of

from .entries import Entry

LESSON, TEACHER, SUBJECT, DAY, PERIOD = 0, 2, 3, 5, 6
CELLS = 7  # and mostly two empty ones
LOOKED_AT = 20  # lines; the first may be broken
BLANK = ("", "0")


def delimiter_of(text: str) -> str:
    """What separates the cells, where these lines are of such an export; "" where they are not."""
    lines = [line for line in islice(text.splitlines(), LOOKED_AT) if line.strip()]
    for delimiter in ";,\t":
        if any(_is_lesson(_cells(line, delimiter)) for line in lines):
            return delimiter
    return ""


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:  # longer than any cell may be
        return []


def _is_lesson(cells: list[str]) -> bool:
    return (
        len(cells) >= CELLS
        and cells[LESSON].strip().isdecimal()
        and all(cells[at].strip().isdecimal() for at in (DAY, PERIOD))
    )


def entries(content: bytes) -> Iterator[Entry | Problem]:
    """The lessons of an export. Raises CannotRead for a quotation mark that stays open."""
    text = decode(content)
    for line, cells in lines_of(text, delimiter_of(text) or ";"):
        if len(cells) < CELLS:
            yield Problem(
                line,
                f"This row has {len(cells)} of {CELLS} columns; "
                "the file may have been cut off here.",
            )
            continue
        try:
            teacher, subject, day, period = (
                clean(cells[at]) for at in (TEACHER, SUBJECT, DAY, PERIOD)
            )
        except ValueError:
            yield Problem(line, "This row has characters that cannot be read.")
            continue
        if day in BLANK:
            yield Problem(line, "This lesson is on no day yet.")
            continue
        teachers = (teacher,) if teacher else ()
        yield Entry(line, teachers, days=(day,), periods=(period,), label=subject)
