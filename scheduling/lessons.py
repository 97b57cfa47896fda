"""The lessons file (day, period, length, teachers, subject), and what it would change."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import time
from typing import NamedTuple

from django.db.models import Q

from people.models import Person, Role, School
from people.sheets import CannotRead, Problem, Row, Sheet, clean, read

from .models import BellTime, Commitment, Term
from .models.calendar import COLUMNS

SOURCE = "lessons"  # of the commitments that come from this file
SPELLINGS = {
    "day": ("weekday",),
    "period": ("block", "hour"),
    "length": ("duration", "periods"),
    "teachers": ("teacher", "staff"),
    "subject": ("course", "label"),
}
NEEDED = ("day", "period", "teachers")
LABEL_LENGTH = Commitment._meta.get_field("label").max_length
LONGEST = 20  # periods
SHORT_NAMES = {"tues": "2", "weds": "3", "thur": "4", "thurs": "4"}
NUMBER_OF_DAY = {
    **{number: number for number, _ in COLUMNS},
    **{name.casefold(): number for number, name in COLUMNS},
    **{name[:3].casefold(): number for number, name in COLUMNS},
    **SHORT_NAMES,
}
SHRINKS = 0.1  # a file that leaves out more than this share may have been cut off


class Lesson(NamedTuple):
    """A teacher's lesson as a commitment has it: what makes two of them the same."""

    person_id: int
    column: str
    starts_at: time
    ends_at: time
    label: str


@dataclass
class Plan:
    """What a file would change in a term's lessons."""

    row_count: int = 0
    used_count: int = 0  # rows from which at least one lesson comes
    without_teacher: list[int] = field(default_factory=list)  # lines
    problems: list[Problem] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)  # columns
    new: list[Lesson] = field(default_factory=list)
    unchanged_count: int = 0
    ended: list[Commitment] = field(default_factory=list)

    @property
    def refused_count(self) -> int:
        return len({problem.line for problem in self.problems})

    @property
    def is_usable(self) -> bool:
        return bool(self.new) or self.unchanged_count > 0

    @property
    def changes_nothing(self) -> bool:
        return not (self.new or self.ended)

    @property
    def shrinks(self) -> bool:
        """Whether so much would end, and so little begin, that the file may have been cut off."""
        lost = len(self.ended) - len(self.new)
        return lost > SHRINKS * (len(self.ended) + self.unchanged_count)


class Refused(Exception):
    """Why a row, or one teacher of it, is left out."""


def plan(school: School, term: Term, content: bytes) -> Plan:
    """
    Read a lessons file against a school's periods, bell times and staff of a term.

    Times are those of the weekday's bell schedule; a lesson of several periods ends with the last
    of them, counted as the bell schedule has them. Nothing is written. Raises CannotRead.
    """
    sheet = _opened(content)
    timetable = _Timetable(school)
    staff = _Staff(school, term)
    result = Plan(left_out=sheet.left_out)
    lessons = set()
    for row in sheet.rows():
        result.row_count += 1
        try:
            found = _lessons_of(row, timetable, staff, result)
        except Refused as refusal:
            result.problems.append(Problem(row.line, str(refusal)))
        else:
            result.used_count += bool(found)
            lessons |= found
    result.problems = sorted([*result.problems, *sheet.problems])
    result.row_count += len(sheet.problems)
    if not result.row_count:
        raise CannotRead("The file has no rows below its header.")
    _compare(result, term, lessons)
    return result


def _opened(content: bytes) -> Sheet:
    sheet = read(content, columns=SPELLINGS)
    missing = [name for name in NEEDED if name not in sheet.columns]
    if missing:
        raise CannotRead(
            "The first row has to name the columns day, period and teachers. "
            f"Missing: {', '.join(missing)}."
        )
    return sheet


def _lessons_of(row: Row, timetable: "_Timetable", staff: "_Staff", result: Plan) -> set[Lesson]:
    """A lesson for each known teacher of a row; the unknown ones become problems of their own."""
    column, starts_at, ends_at = timetable.place(row)
    label = _text(row, "subject")[:LABEL_LENGTH]
    names = [name for name in _text(row, "teachers").split("|") if name.strip()]
    if not names:
        result.without_teacher.append(row.line)
    found = set()
    for name in names:
        try:
            person_id = staff.find(name.strip())
        except Refused as refusal:
            result.problems.append(Problem(row.line, str(refusal)))
        else:
            found.add(Lesson(person_id, column, starts_at, ends_at, label))
    return found


def periods_in(content: bytes) -> list[str]:
    """The names of the periods in a file, Period 2 before Period 10. Raises CannotRead."""
    names: dict[str, str] = {}
    for row in read(content, columns=SPELLINGS).rows():
        name = " ".join(row.cells.get("period", "").split())
        if name:
            names.setdefault(name.casefold(), name)
    return sorted(names.values(), key=_natural)


def _compare(result: Plan, term: Term, lessons: set[Lesson]) -> None:
    standing = term.commitments.filter(source=SOURCE).order_by("pk")
    wanted = Counter(lessons)
    for commitment in standing:
        lesson = Lesson(*(getattr(commitment, name) for name in Lesson._fields))
        if wanted[lesson]:
            wanted[lesson] -= 1
            result.unchanged_count += 1
        else:
            result.ended.append(commitment)
    result.new = sorted(wanted.elements())


def _text(row: Row, column: str) -> str:
    try:
        return clean(row.cells.get(column, ""))
    except ValueError as error:
        raise Refused(f"The {column} has characters that cannot be read.") from error


def _natural(name: str) -> list[tuple[int, str]]:
    digits = "".join(each if each.isdecimal() else " " for each in name).split()
    return [*((int(number), "") for number in digits[:1]), (0, name.casefold())]


class _Timetable:
    """The bell times of each weekday, by name and in order."""

    def __init__(self, school: School) -> None:
        self.weekdays = school.weekdays
        self.names = {_plain(period.name) for period in school.periods.all()}
        self.days: dict[str, list[BellTime]] = {}
        bells = BellTime.objects.filter(bell_schedule__school=school)
        for bell in bells.select_related("period", "bell_schedule").order_by("period__ordinal"):
            for weekday in bell.bell_schedule.weekdays:
                self.days.setdefault(weekday, []).append(bell)

    def place(self, row: Row) -> tuple[str, time, time]:
        """The column and the times of a row. Raises Refused."""
        column = self._column(_text(row, "day"))
        day = dict(COLUMNS)[column]
        length = self._length(_text(row, "length"))
        name = _text(row, "period")
        if not name:
            raise Refused("The period is missing.")
        if _plain(name) not in self.names:
            raise Refused(f"There is no period called {name}.")
        bells = self.days.get(column)
        if not bells:
            raise Refused(f"{day} has no bell schedule.")
        index = next(
            (i for i, bell in enumerate(bells) if _plain(bell.period.name) == _plain(name)), None
        )
        if index is None:
            raise Refused(f"{name} has no bell times on {day}.")
        if index + length > len(bells):
            raise Refused(
                f"This lesson is {length} periods long, which goes past the last period of {day}."
            )
        starts_at, ends_at = bells[index].starts_at, bells[index + length - 1].ends_at
        if ends_at <= starts_at:
            raise Refused(f"The periods from {name} on are not in order on {day}.")
        return column, starts_at, ends_at

    def _column(self, written: str) -> str:
        if not written:
            raise Refused("The day is missing.")
        column = NUMBER_OF_DAY.get(written.casefold().rstrip("."))
        if column is None:
            raise Refused(f"{written} is not a day of the week.")
        if column not in self.weekdays:
            raise Refused(f"{dict(COLUMNS)[column]} is not a school day here.")
        return column

    @staticmethod
    def _length(written: str) -> int:
        if not written:
            return 1
        if not (written.isascii() and written.isdecimal() and 1 <= int(written[:4]) <= LONGEST):
            raise Refused(f"The length {written} is not a number of periods, such as 1 or 2.")
        return int(written)


class _Staff:
    """Who teaches at a school in a term, by number, by e-mail and by name."""

    def __init__(self, school: School, term: Term) -> None:
        roles = Role.objects.filter(
            Q(ends_on__isnull=True) | Q(ends_on__gte=term.starts_on),
            school=school,
            kind__in=Role.STAFF,
            starts_on__lte=term.ends_on,
        )
        people = Person.objects.active().filter(pk__in=roles.values("person"))
        self.numbers: dict[str, set[int]] = {}
        self.emails: dict[str, set[int]] = {}
        self.names: dict[str, set[int]] = {}
        for person in people:
            _add(self.numbers, [person.external_id], person)
            _add(self.emails, [person.email], person)
            names = {
                f"{person.given_name} {person.family_name}",
                f"{person.first_name} {person.family_name}",
                f"{person.family_name}, {person.given_name}",
            }
            _add(self.names, names, person)

    def find(self, written: str) -> int:
        """Whom a cell means. Raises Refused for nobody and for several."""
        key = _plain(written)
        for known in (self.numbers, self.emails, self.names):
            found = known.get(key, set())
            if len(found) > 1:
                raise Refused(
                    f"Several people here are known as {written}. "
                    "Use their e-mail address or their number."
                )
            if found:
                return next(iter(found))
        raise Refused(f"Nobody on the staff is known as {written}.")


def _add(known: dict[str, set[int]], names: Iterable[str], person: Person) -> None:
    for name in names:
        if name.strip():
            known.setdefault(_plain(name), set()).add(person.pk)


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()
