"""Reading a bundle: file after file, each row into a record or into a sentence."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from ..roster.sheet import Refused, as_date
from ..sheets import CannotRead, Row, plain
from .bundle import LEFT_OUT, READ, BadBundle, Bundle, opened
from .records import ABSENT, BULK, DELTA, Read
from .rows import Rows, rows_of
from .taking import TAKES, text_of

EVERY = 2000  # rows between two words about how far it is

# Of each file the columns that are read, those that are known and are not, those it must have
COLUMNS: dict[str, tuple[str, str, str]] = {
    "orgs": ("sourcedId status name type parentSourcedId", "identifier", "sourcedId name type"),
    "academicSessions": (
        "sourcedId status title type startDate endDate parentSourcedId schoolYear",
        "",
        "sourcedId title type startDate endDate",
    ),
    "courses": (
        "sourcedId status title orgSourcedId",
        "schoolYearSourcedId courseCode grades subjects subjectCodes",
        "sourcedId title",
    ),
    "classes": (
        """sourcedId status title courseSourcedId classCode classType schoolSourcedId
        termSourcedIds periods""",
        "grades location subjects subjectCodes resources",
        "sourcedId title schoolSourcedId",
    ),
    "users": (
        """sourcedId status orgSourcedIds role givenName familyName email agentSourcedIds
        grades preferredGivenName pronouns""",
        """enabledUser username userIds middleName identifier sms phone password
        userMasterIdentifier resourceSourcedIds preferredMiddleName preferredFamilyName
        primaryOrgSourcedId""",
        "sourcedId givenName familyName",
    ),
    "roles": (
        "sourcedId status userSourcedId role beginDate endDate orgSourcedId",
        "roleType userProfileSourcedId",
        "userSourcedId role orgSourcedId",
    ),
    "enrollments": (
        "sourcedId status classSourcedId userSourcedId role beginDate endDate",
        "schoolSourcedId primary",
        "classSourcedId userSourcedId role",
    ),
}
IN_ALL = ("dateLastModified",)
Tell = Callable[[str, int], None]  # which file, how many rows; it may raise to stop


def read(path: Path, *, month_first: bool, tell: Tell = lambda file, count: None) -> Read:
    """
    All that a zip or a folder says; 3/4/2026 is in March or in April as `month_first` says.

    Rows that cannot be taken become problems, with their file and line. Raises CannotRead.
    """
    found = Read()
    with opened(path) as bundle:
        _read_manifest(bundle, found)
        for name in READ:
            if found.modes[name] != ABSENT:
                _read_file(bundle, found, name, month_first=month_first, tell=tell)
    _say_what_is_left_out(bundle, found)
    if not any(found.counts.values()) and not found.problems:
        raise CannotRead("; ".join(found.troubles) or "The files have headers and no rows.")
    return found


def _read_manifest(bundle: Bundle, found: Read) -> None:
    """Which files are whole, which tell of changes, and which are absent."""
    said: dict[str, str] = {}
    if "manifest" in bundle.files:
        columns = {"propertyName": True, "value": True}
        with bundle.open("manifest") as file:
            for row in rows_of(file, columns=columns, needed=("propertyName", "value")):
                said[plain(row.cells["propertyName"])] = plain(row.cells["value"])
    for name in READ:
        mode = said.get(plain(f"file.{name}"), ABSENT if said else BULK)
        found.modes[name] = (
            _mode(found, name, mode, is_there=name in bundle.files)
            if said
            else (BULK if name in bundle.files else ABSENT)
        )
    if "users" not in bundle.files and said.get(plain("file.users"), BULK) != ABSENT:
        raise CannotRead("There is no users.csv, and without it nobody is known.")
    version = said.get(plain("oneroster.version"), "")
    found.has_roles = found.modes["roles"] != ABSENT or version.startswith("12")


def _mode(found: Read, name: str, mode: str, *, is_there: bool) -> str:
    """What the manifest says of a file, as far as it is so."""
    if mode not in (BULK, DELTA, ABSENT):
        found.troubles.append(f"The manifest says of {name} neither bulk, delta nor absent.")
        return ABSENT
    if is_there and mode == ABSENT:
        found.notices.append(f"The manifest calls {name}.csv absent, so it is not read.")
    if not is_there and mode != ABSENT:
        found.troubles.append(f"The manifest promises {name}.csv, and it is not there.")
    return mode if is_there else ABSENT


def _say_what_is_left_out(bundle: Bundle, found: Read) -> None:
    for name in LEFT_OUT:
        if name in bundle.files:
            found.notices.append(f"{name}.csv is left out.")
    if bundle.strangers:
        names = ", ".join(bundle.strangers[:5])
        found.notices.append(f"Not files of OneRoster: {names}.")


def _read_file(bundle: Bundle, found: Read, name: str, *, month_first: bool, tell: Tell) -> None:
    taken, known, needed = (part.split() for part in COLUMNS[name])
    columns = dict.fromkeys(taken, True) | dict.fromkeys([*known, *IN_ALL], False)
    take = partial(TAKES[name], as_date=partial(as_date, month_first=month_first))
    with bundle.open(name) as file:
        try:
            rows = rows_of(file, columns=columns, needed=tuple(needed))
            if name == "users":
                found.has_agents = "agentSourcedIds" in rows.columns
                found.has_roles = found.has_roles or "role" not in rows.columns
            for count, row in enumerate(_told(rows, name, tell), start=1):
                found.counts[name] = count
                _take(found, name, row, take, rows.columns)
        except BadBundle:
            raise
        except CannotRead as error:
            _lose(found, name, f"{name}.csv: {error}")
        else:
            _conclude(found, name, rows)


def _conclude(found: Read, name: str, rows: Rows) -> None:
    """What is known of a file once it has been read."""
    for line, cells in rows.short:
        found.counts[name] = found.counts.get(name, 0) + 1
        _refuse(found, name, Row(line, cells), "This row has not as many columns as the first.")
    refused = {each.line for each in found.problems if each.file == f"{name}.csv"}
    if refused & rows.long:
        _hide(found, name)
    if rows.left_out:
        found.notices.append(f"{name}.csv: not used are {', '.join(rows.left_out[:8])}.")
    if rows.cut_at:
        _lose(
            found,
            name,
            f"{name}.csv cannot be read after line {rows.cut_at}; a quotation mark may be open.",
        )


def _hide(found: Read, name: str) -> None:
    """A row that ran over other lines may have swallowed them: nobody knows whose they were."""
    if name in ("users", "roles"):
        found.hides_users = True
    elif name == "enrollments":
        found.shaky.add("")


def _told(rows: Rows, name: str, tell: Tell) -> Iterator[Row]:
    for count, row in enumerate(rows):
        if count % EVERY == 0:
            tell(name, count)
        yield row


def _lose(found: Read, name: str, sentence: str) -> None:
    """A file is not whole: it may change people, and what is missing from it ends nobody."""
    found.troubles.append(sentence)
    found.modes[name] = DELTA if found.counts.get(name) else ABSENT


def _take(found: Read, name: str, row: Row, take: Any, columns: frozenset[str]) -> None:
    try:
        cells = {column: text_of(column, cell) for column, cell in row.cells.items()}
        take(found, row.line, cells, columns)
    except Refused as refused:
        _refuse(found, name, row, str(refused))


def _refuse(found: Read, name: str, row: Row, sentence: str) -> None:
    """Leave a row out, and remember of whom it speaks: nobody is ended by a row in error."""
    found.refuse(name, row.line, sentence)
    of = "sourcedId" if name in ("users", "classes") else "userSourcedId"
    key = row.cells.get(of, "").strip()
    if name in ("users", "roles"):
        found.refused.add(key)
        found.hides_users |= not key
    elif name == "enrollments":
        found.shaky.add(key)
    elif name == "classes":
        found.refused_sections.add(key)
