"""The one-sheet roster: its columns, and one row at a time into an entry or a refusal."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from ..sheets import CannotRead, FileProblem, Problem, Row, clean, plain, read_day
from ..sheets import read as read_sheet
from .held import Held, Token

# A column's name, and how else offices and their programs write it.
COLUMNS = {
    "external id": ("id", "sourced id", "person id", "staff id", "student id", "number"),
    "role": ("roles", "role(s)"),
    "given name": ("first name", "first", "forename"),
    "family name": ("last name", "last", "surname"),
    "preferred name": ("preferred first name", "preferred first", "called"),
    "pronouns": (),
    "e-mail": ("email", "email address", "e-mail address", "mail"),
    "title": (),
    "job": ("job title", "position", "subject"),
    "grade": ("grades", "grade level", "year group"),
    "started on": ("start date", "starts on", "started"),
    "groups": ("group", "classes", "advisory"),
    "line manager": ("manager", "reports to"),
    "students": ("student", "children", "student ids"),
    "household": (),
    "ends on": ("end date", "ended on"),
    "status": (),
}

# The words of the role column, and the roles they mean (people.models.Role.Kind).
ROLE_WORDS = {
    "leader": "leader",
    "principal": "leader",
    "teacher": "teacher",
    "counselor": "counselor",
    "counsellor": "counselor",
    "support staff": "support_staff",
    "support": "support_staff",
    "safeguarding lead": "safeguarding_lead",
    "administrator": "school_admin",
    "school administrator": "school_admin",
    "admin": "school_admin",
    "student": "student",
    "pupil": "student",
    "guardian": "guardian",
    "parent": "guardian",
}
_ROLES = {plain(word): kind for word, kind in ROLE_WORDS.items()}

# What everybody in a file without roles can be. Offices that open more are given one by one.
LISTS = {
    "teacher": "teachers",
    "support_staff": "support staff",
    "student": "students",
    "guardian": "guardians",
}

# A person's fields that a column says as it stands, and how long they may be.
FACTS = {
    "given name": ("given_name", 80),
    "family name": ("family_name", 80),
    "preferred name": ("preferred_name", 80),
    "pronouns": ("pronouns", 40),
    "e-mail": ("email", 254),
    "job": ("job", 120),
    "grade": ("grade", 20),
}
LONGEST = {column: length for column, (_, length) in FACTS.items()} | {
    "external id": 120,
    "title": 80,
}
LONGEST_GROUP = 80
# What a column of titles holds in some programs; how people are addressed is not what they are.
ADDRESSES = ("mr", "mrs", "ms", "miss", "mx", "dr", "prof")
LEFT = ("inactive", "tobedeleted", "left", "ended", "withdrawn")
YEARS = range(1900, 2200)


class NoRoles(CannotRead):
    """That a file has no roles, and nobody has said what everybody in it is."""

    def __init__(self) -> None:
        super().__init__("The file has no column for roles. Say who is in it, or add the column.")


class Refused(Exception):
    """What is wrong with a row, in one sentence."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A person as a sheet describes them, or the files of OneRoster, where all has dates."""

    line: int
    external_id: str
    facts: dict[str, str | date | None]  # by the field's name; only columns that the sheet has
    roles: tuple[str, ...]
    title: str = ""
    groups: tuple[str, ...] = ()
    manager: str = ""  # an external id or an e-mail address
    students: tuple[str, ...] = ()
    household: int = 1
    ends_on: date | None = None
    has_left: bool = False
    file: str = ""
    # In place of the words above: what is to be held, whole, by kind, by group's key, by student
    offices: dict[str, Held] | None = None
    places: dict[str, Held] | None = None
    wards: dict[Token, Held] | None = None

    @property
    def key(self) -> str:
        """What the sheet knows this person by."""
        return self.external_id or self.email

    def problem(self, sentence: str) -> Problem | FileProblem:
        return (
            FileProblem(self.line, sentence, self.file)
            if self.file
            else Problem(self.line, sentence)
        )

    @property
    def email(self) -> str:
        return str(self.facts.get("email") or "")

    @property
    def name(self) -> str:
        first = self.facts.get("preferred_name") or self.facts["given_name"]
        return f"{first} {self.facts['family_name']}"

    @property
    def is_staff(self) -> bool:
        return any(kind not in ("student", "guardian") for kind in self.roles)


@dataclass
class Roster:
    """A sheet that has been read: who is in it, and what is refused or left out."""

    columns: frozenset[str]
    entries: list[Entry] = field(default_factory=list)
    problems: list[Problem | FileProblem] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)  # columns that nobody here knows
    refused: set[str] = field(default_factory=set)  # ids and addresses of rows that are refused
    is_whole: bool = True  # who is missing from it has left
    everyone: str = ""  # the one role of all in it, where it has no column for roles
    group_names: dict[str, str] = field(default_factory=dict)  # by key, where names are not keys


def read(content: bytes, *, month_first: bool, everyone: str = "") -> Roster:
    """
    The roster in a file; 3/4/2026 is in March or in April as `month_first` says.

    A file without a column for roles is a list of people who all are `everyone`, a kind of role.
    Rows that cannot be taken become problems, with their line. Raises CannotRead for the whole,
    and NoRoles where only that is missing.
    """
    sheet = read_sheet(content, columns=COLUMNS)
    _require_columns(sheet.columns)
    if "role" in sheet.columns:
        everyone = ""
    elif not everyone:
        raise NoRoles
    roster = Roster(sheet.columns, left_out=sheet.left_out, everyone=everyone)
    lines: dict[str, int] = {}  # where an id or an address stands
    for row in sheet.rows():
        try:
            entry = _entry(row, month_first=month_first, everyone=everyone)
            _require_first(entry, lines)
        except Refused as refused:
            refuse(roster, row, str(refused))
        else:
            roster.entries.append(entry)
    roster.problems += sheet.problems
    if not roster.entries and not roster.problems:
        raise CannotRead("The file has a header and no people.")
    return roster


def refuse(roster: Roster, row: Row, sentence: str) -> None:
    """Leave a row out, and remember of whom it speaks: nobody is ended by a row in error."""
    roster.problems.append(Problem(row.line, sentence))
    found = (row.cells.get("external id", ""), row.cells.get("e-mail", "").lower())
    roster.refused.update(key for key in found if key)


def _require_columns(columns: frozenset[str]) -> None:
    missing = [name for name in ("given name", "family name", "role") if name not in columns]
    if not columns & {"external id", "e-mail"}:
        missing.append("external id")
    if missing not in ([], ["role"]):  # which can be said beside the file
        raise CannotRead(f"The first row has to name the columns. Not found: {', '.join(missing)}.")


def _require_first(entry: Entry, lines: dict[str, int]) -> None:
    for key, what in ((entry.external_id, "external id"), (entry.email, "e-mail address")):
        if key and key in lines:
            raise Refused(f"The {what} {key} stands in line {lines[key]} already.")
    lines.update({key: entry.line for key in (entry.external_id, entry.email) if key})


def _entry(row: Row, *, month_first: bool, everyone: str) -> Entry:
    cells = {column: _text(column, cell) for column, cell in row.cells.items()}
    facts: dict[str, Any] = {
        name: cells[column] for column, (name, _) in FACTS.items() if column in cells
    }
    if "email" in facts:
        facts["email"] = as_email(facts["email"])
    if "started on" in cells:
        facts["started_on"] = as_date("started on", cells["started on"], month_first=month_first)
    ends_on = as_date("ends on", cells.get("ends on", ""), month_first=month_first)
    entry = Entry(
        line=row.line,
        external_id=cells.get("external id", ""),
        facts=facts,
        roles=(everyone,) if everyone else _roles(cells["role"]),
        title=_title(cells.get("title", "")),
        groups=_groups(cells.get("groups", "")),
        manager=_reference(cells.get("line manager", "")),
        students=_split(cells.get("students", ""), "[|;,]", _reference),
        household=_household(cells.get("household", "")),
        ends_on=ends_on,
        has_left=_has_left(cells.get("status", "")),
    )
    _require_sense(entry)
    return entry


def _text(column: str, cell: str) -> str:
    try:
        text = clean(cell)
    except ValueError:
        raise Refused(f"There is a line break or a control character in {column}.") from None
    if len(text) > LONGEST.get(column, 4000):
        raise Refused(f"The {column} is longer than {LONGEST.get(column, 4000)} characters.")
    return text


def _require_sense(entry: Entry) -> None:
    """What one row can get wrong by itself; the first of it is said."""
    started_on = entry.facts.get("started_on")
    me = {entry.external_id, entry.email} - {""}
    wrong = {
        "The given name is missing.": not entry.facts["given_name"],
        "The family name is missing.": not entry.facts["family_name"],
        "Give an external id or an e-mail address, to know this person by.": not entry.key,
        "The end lies before the start.": isinstance(started_on, date)
        and entry.ends_on is not None
        and entry.ends_on < started_on,
        "A student cannot hold another role.": "student" in entry.roles and len(entry.roles) > 1,
        "Only staff have a line manager.": entry.manager and not entry.is_staff,
        "Only a guardian has students.": entry.students and "guardian" not in entry.roles,
        "A guardian cannot be in a group.": entry.groups and entry.roles == ("guardian",),
        "Nobody is their own line manager.": entry.manager in me,
        "Nobody is their own guardian.": me & set(entry.students),
    }
    for sentence, is_so in wrong.items():
        if is_so:
            raise Refused(sentence)


def _reference(word: str) -> str:
    """An external id as it is written, or an e-mail address in lower case."""
    return word.lower() if "@" in word else word


def _split(
    text: str, marks: str, each: Callable[[str], str] = lambda part: part
) -> tuple[str, ...]:
    parts = [part.strip() for part in re.split(marks, text)]
    return tuple(dict.fromkeys(each(part) for part in parts if part))


def _roles(text: str) -> tuple[str, ...]:
    kinds = []
    for word in _split(text, "[|;,/]"):
        kind = _ROLES.get(plain(word))
        if kind is None:
            known = "leader, teacher, counselor, support staff, safeguarding lead, administrator"
            raise Refused(f'"{word[:40]}" is not a role. Write {known}, student or guardian.')
        kinds.append(kind)
    if not kinds:
        raise Refused("The role is missing.")
    return tuple(dict.fromkeys(kinds))


def _title(text: str) -> str:
    return "" if plain(text) in ADDRESSES else text


def _groups(text: str) -> tuple[str, ...]:
    names = {name.casefold(): name for name in reversed(_split(text, r"\|"))}
    if any(len(name) > LONGEST_GROUP for name in names.values()):
        raise Refused(f"The name of a group is longer than {LONGEST_GROUP} characters.")
    return tuple(reversed(names.values()))


def as_email(text: str) -> str:
    if text:
        try:
            validate_email(text)
        except ValidationError:
            raise Refused(f'"{text[:60]}" is not an e-mail address.') from None
    return text.lower()


def _household(text: str) -> int:
    if not text:
        return 1
    if not re.fullmatch("[1-9]", text):
        raise Refused("The household is a number from 1 to 9.")
    return int(text)


def _has_left(text: str) -> bool:
    status = plain(text)
    if status not in ("", "active", *LEFT):
        raise Refused(f'"{text[:40]}" is not a status. Write active or inactive.')
    return status in LEFT


def as_date(column: str, text: str, *, month_first: bool) -> date | None:
    """2026-09-01, with or without a time; 1/9/2026 or 9/1/2026; 1.9.2026."""
    if not text:
        return None
    try:
        day_named = read_day(text, month_first=month_first)
    except ValueError:
        day_named = None
    if day_named is None or day_named.year not in YEARS:
        raise Refused(f'"{text[:40]}" in {column} is not a date such as 2026-09-01.')
    return day_named
