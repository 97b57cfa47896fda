"""Class sections: a row for each class, with its school, its session, period and staff."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from people.sheets import CannotRead, Problem, Row, Sheet, read

from .entries import Entry, Refused, parts_of, text_of
from .sheet import SPELLINGS_OF_DATES

SPELLINGS = {
    "section": ("section id", "section number"),
    "school": ("school id", "school number"),
    "course": ("course id", "course code", "course number"),
    "name": ("course name", "section name", "title"),
    "session": ("term", "semester"),
    "period": ("periods", "class period", "block"),
    "staff": ("staff ids", "staff id", "teachers", "teacher ids", "teacher id"),
    "days": ("day", "meets", "meeting days"),
    **SPELLINGS_OF_DATES,
}
NEEDED = {"section", "period", "staff"}


class Part(NamedTuple):
    """The rows to read: those of one school and one session; "" is any, where there is no column"""

    school: str = ""
    session: str = ""


def is_one(content: bytes) -> bool:
    """Whether the first row names the columns of sections."""
    try:
        return opened(content).columns >= NEEDED
    except CannotRead:
        return False


def opened(content: bytes) -> Sheet:
    """The sheet of a file of sections. Raises CannotRead."""
    return read(content, columns=SPELLINGS)


def parts_in(content: bytes) -> tuple[list[str], list[str]]:
    """The schools and the sessions that a file of sections has, as it writes them."""
    schools: dict[str, None] = {}
    sessions: dict[str, None] = {}
    for row in opened(content).rows():
        schools.setdefault(row.cells.get("school", ""))
        sessions.setdefault(row.cells.get("session", ""))
    return [each for each in schools if each], [each for each in sessions if each]


def entries(sheet: Sheet, part: Part) -> Iterator[Entry | Problem]:
    """The sections of a part of the file. Raises CannotRead while they are being read."""
    for row in sheet.rows():
        if _is_other(row, "school", part.school) or _is_other(row, "session", part.session):
            continue
        try:
            yield _entry(row)
        except Refused as refusal:
            yield Problem(row.line, str(refusal))


def _is_other(row: Row, column: str, wanted: str) -> bool:
    return bool(wanted) and row.cells.get(column, "") != wanted


def _entry(row: Row) -> Entry:
    days = re.split(r"[\s,;|/&+]+", text_of(row, "days"))
    return Entry(
        line=row.line,
        teachers=parts_of(text_of(row, "staff")),
        days=tuple(day for day in days if day),
        periods=parts_of(text_of(row, "period")) or ("",),
        label=text_of(row, "name") or text_of(row, "course"),
        weeks=text_of(row, "weeks"),
        starts_on=text_of(row, "starts"),
        ends_on=text_of(row, "ends"),
    )
