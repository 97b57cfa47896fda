"""One row of a file of OneRoster into a record, or into the sentence why not."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from ..roster.sheet import FACTS, LONGEST_GROUP, Refused, as_email
from ..sheets import clean, plain
from .records import ADULTS, ROLES, Course, Enrollment, Office, Org, Read, Section, Session, User
from .rows import UNREADABLE

LONGEST_ID = 120
LEFT = ("inactive", "tobedeleted")


def text_of(column: str, cell: str) -> str:
    if UNREADABLE in cell:
        raise Refused(f"A letter in {column} cannot be read; the file changes its encoding here.")
    try:
        return clean(cell)
    except ValueError:
        raise Refused(f"There is a line break or a control character in {column}.") from None


def _id(cells: dict[str, str], column: str = "sourcedId") -> str:
    key = cells[column]
    if not key:
        raise Refused(f"The {column} is missing.")
    if len(key) > LONGEST_ID:
        raise Refused(f"The {column} is longer than {LONGEST_ID} characters.")
    return key


def _new_id(cells: dict[str, str], records: dict[str, Any]) -> str:
    key = _id(cells)
    if key in records:
        raise Refused(f"The sourcedId {key} stands in line {records[key].line} already.")
    return key


def _has_left(cells: dict[str, str]) -> bool:
    status = plain(cells.get("status", ""))
    if status not in ("", "active", *LEFT):
        raise Refused(
            f'"{cells["status"][:40]}" is not a status. OneRoster has active and tobedeleted.'
        )
    return status in LEFT


def _ids(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def _span(cells: dict[str, str], as_date: Any, *names: str) -> tuple[date | None, date | None]:
    starts_on, ends_on = (as_date(name, cells.get(name, "")) for name in names)
    if starts_on and ends_on and ends_on < starts_on:
        raise Refused("The end lies before the start.")
    return starts_on, ends_on


def _take_org(found: Read, line: int, cells: dict[str, str], columns: Any, *, as_date: Any) -> None:
    key = _new_id(cells, found.orgs)
    found.orgs[key] = Org(
        key,
        cells["name"][:120],
        plain(cells["type"]),
        cells.get("parentSourcedId", ""),
        _has_left(cells),
        line,
    )


def _take_session(
    found: Read, line: int, cells: dict[str, str], columns: Any, *, as_date: Any
) -> None:
    key = _new_id(cells, found.sessions)
    starts_on, ends_on = _span(cells, as_date, "startDate", "endDate")
    if not (starts_on and ends_on):
        raise Refused("A session has a startDate and an endDate.")
    year = cells.get("schoolYear", "")
    if year and not re.fullmatch(r"(19|20|21)\d\d", year):
        raise Refused(f'"{year[:20]}" is not a school year. OneRoster writes the year it ends in.')
    found.sessions[key] = Session(
        key,
        cells["title"][:60],
        plain(cells["type"]),
        starts_on,
        ends_on,
        cells.get("parentSourcedId", ""),
        int(year) if year else None,
        _has_left(cells),
        line,
    )


def _take_course(
    found: Read, line: int, cells: dict[str, str], columns: Any, *, as_date: Any
) -> None:
    if not _has_left(cells):
        found.courses[_id(cells)] = Course(cells["title"], cells.get("orgSourcedId", ""))


def _take_section(
    found: Read, line: int, cells: dict[str, str], columns: Any, *, as_date: Any
) -> None:
    key = _new_id(cells, found.sections)
    course = found.courses.get(cells.get("courseSourcedId", ""), Course("", ""))
    title = cells["title"] or course.title
    if not title:
        raise Refused("The title is missing.")
    found.sections[key] = Section(
        key,
        title[:LONGEST_GROUP],
        cells.get("classCode", ""),
        plain(cells.get("classType", "")),
        cells["schoolSourcedId"] or course.org,
        cells.get("periods", ""),
        _ids(cells.get("termSourcedIds", "")),
        _has_left(cells),
        line,
    )


NAMES = (
    ("givenName", "given_name"),
    ("familyName", "family_name"),
    ("preferredGivenName", "preferred_name"),
    ("pronouns", "pronouns"),
    ("grades", "grade"),
)
LONGEST = dict(FACTS.values())


def _take_user(
    found: Read, line: int, cells: dict[str, str], columns: Any, *, as_date: Any
) -> None:
    key = _new_id(cells, found.users)
    has_left = _has_left(cells)
    facts = _facts(found, line, cells)
    if "role" in columns and not found.has_roles:
        _take_roles_of_user(found, key, line, cells)
    agents = _ids(cells.get("agentSourcedIds", ""))
    if key in agents:
        found.remark("users", line, "This person is named as their own parent. That is left out.")
        agents = tuple(agent for agent in agents if agent != key)
    found.users[key] = User(key, facts, agents, has_left, line)


def _facts(found: Read, line: int, cells: dict[str, str]) -> dict[str, str | date | None]:
    facts: dict[str, str | date | None] = {}
    for column, name in NAMES:
        if column in cells:
            text = ", ".join(_ids(cells[column])) if column == "grades" else cells[column]
            if len(text) > LONGEST[name]:
                raise Refused(f"The {column} is longer than {LONGEST[name]} characters.")
            facts[name] = text
    for column, name in NAMES[:2]:
        if not facts[name]:
            raise Refused(f"The {column} is missing.")
    if "email" in cells:
        try:
            facts["email"] = as_email(cells["email"])
        except Refused as refused:  # the person is worth more than the address
            found.remark("users", line, f"{refused} Taken without it.")
    return facts


def _take_roles_of_user(found: Read, key: str, line: int, cells: dict[str, str]) -> None:
    """OneRoster 1.1: one role at some organizations."""
    kinds = [_kind(word) for word in _ids(cells["role"])]
    if not kinds:
        raise Refused("The role is missing.")
    for org in _ids(cells.get("orgSourcedIds", "")) or ("",):
        for kind in kinds:
            found.offices[key].append(Office(kind, org, None, None, is_gone=False, line=line))


def _take_role(
    found: Read, line: int, cells: dict[str, str], columns: Any, *, as_date: Any
) -> None:
    key = _id(cells, "userSourcedId")
    starts_on, ends_on = _span(cells, as_date, "beginDate", "endDate")
    office = Office(
        _kind(cells["role"]), cells["orgSourcedId"], starts_on, ends_on, _has_left(cells), line
    )
    found.offices[key].append(office)


def _take_enrollment(
    found: Read, line: int, cells: dict[str, str], columns: Any, *, as_date: Any
) -> None:
    key = _id(cells, "classSourcedId")
    word = plain(cells["role"])
    if word not in ADULTS:
        raise Refused(f'"{cells["role"][:40]}" has no place in a class. Teachers and students do.')
    starts_on, ends_on = _span(cells, as_date, "beginDate", "endDate")
    found.enrollments[key].append(
        Enrollment(
            _id(cells, "userSourcedId"), ADULTS[word], starts_on, ends_on, _has_left(cells), line
        )
    )


def _kind(word: str) -> str:
    kind = ROLES.get(plain(word))
    if kind is None:
        raise Refused(
            f'"{word[:40]}" is not a role of OneRoster.' if word else "The role is missing."
        )
    return kind


TAKES: dict[str, Callable[..., None]] = {
    "orgs": _take_org,
    "academicSessions": _take_session,
    "courses": _take_course,
    "classes": _take_section,
    "users": _take_user,
    "roles": _take_role,
    "enrollments": _take_enrollment,
}
