"""A list of schools as a district's programs export it, and which of them are here already."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from . import sheets
from .models import School
from .sheets import CannotRead, Problem

COLUMNS = {
    "name": ("school", "school name", "name of institution"),
    "number": ("id", "school id", "school number", "external id", "sourced id"),
}
LONGEST = 120  # of either


class Row(NamedTuple):
    """A school of the list; without a number, its system may be told later."""

    line: int
    name: str
    number: str


@dataclass
class Plan:
    """What a list adds. Schools it does not name stay; those that are here keep their name."""

    new: list[Row] = field(default_factory=list)
    numbered: list[tuple[School, str]] = field(default_factory=list)  # here, and had no number
    same: int = 0
    problems: list[Problem] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)  # columns that nobody here knows

    @property
    def changes_nothing(self) -> bool:
        return not (self.new or self.numbered)


def plan(content: bytes, schools: Iterable[School]) -> Plan:
    """
    What a list would add to the `schools` of a district.

    A school is known by its number, or by its name while either has none. Raises CannotRead.
    """
    sheet = sheets.read(content, columns=COLUMNS)
    if "name" not in sheet.columns:
        raise CannotRead("The first row has to name the columns. Not found: name.")
    found = Plan(left_out=sheet.left_out)
    schools = sorted(schools, key=lambda school: not school.external_id)
    by_number = {school.external_id: school for school in schools if school.external_id}
    by_name = {school.name.casefold(): school for school in schools}  # one without a number wins
    lines: dict[str, int] = {}
    for line, cells in sheet.rows():
        try:
            row = _row(line, cells, lines)
        except ValueError as error:
            found.problems.append(Problem(line, str(error)))
            continue
        school = by_number.get(row.number) or by_name.get(row.name.casefold())
        if school is None or (row.number and school.external_id not in ("", row.number)):
            found.new.append(row)
        elif row.number and not school.external_id:
            found.numbered.append((school, row.number))
            del by_name[row.name.casefold()]  # another row of this name is another school
        else:
            found.same += 1
    found.problems = sorted(found.problems + sheet.problems)
    if not (found.same or found.problems or not found.changes_nothing):
        raise CannotRead("The file has a header and no schools.")
    return found


def _row(line: int, cells: dict[str, str], lines: dict[str, int]) -> Row:
    """A row that makes sense, also beside those before it; ValueError says what is wrong."""
    try:
        name, number = (sheets.clean(cells.get(column, "")) for column in ("name", "number"))
    except ValueError:
        raise ValueError("There is a line break or a control character in it.") from None
    if not name:
        raise ValueError("The name of the school is missing.")
    if max(len(name), len(number)) > LONGEST:
        raise ValueError(f"The name or the number is longer than {LONGEST} characters.")
    key = f"number {number}" if number else f"school {name.casefold()}"
    if key in lines:
        raise ValueError(f"This school stands in line {lines[key]} already.")
    lines[key] = line
    return Row(line, name, number)
