"""What a timetable file would change in a term, whatever its format."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, time
from typing import NamedTuple

from people.cadence import ALL_WEEKS
from people.models import Person, School
from people.sheets import CannotRead, Problem

from ..models import Commitment, SchoolDay, Term
from . import events, sections, sheet, untis
from .entries import Entry, Kind, Refused, When
from .files import look
from .staff import Staff
from .timetable import Timetable

LABEL_LENGTH = Commitment._meta.get_field("label").max_length
SHRINKS = 0.1  # a file that leaves out more than this share may have been cut off


class Lesson(NamedTuple):
    """A person's lesson as a commitment has it: what makes two of them the same."""

    person_id: int
    column: str
    starts_at: time
    ends_at: time
    label: str
    weeks: int = ALL_WEEKS
    starts_on: date | None = None
    ends_on: date | None = None


class Choice(NamedTuple):
    """What a file cannot say by itself: which part of it, or whose calendar it is."""

    school: str = ""  # as the file writes it
    session: str = ""
    person: str = ""  # uid


@dataclass
class Question(Exception):
    """What has to be said before a file can be read; each with its answers, or none to ask."""

    schools: list[str] = field(default_factory=list)
    sessions: list[str] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)


@dataclass
class Unknown:
    """A teacher whom nobody here knows, or several: how they are written, and how often."""

    code: str
    line: int  # the first
    sentence: str
    count: int = 0  # rows


@dataclass
class Plan:
    """What a file would change in a term's lessons."""

    kind: Kind
    source: str
    row_count: int = 0
    used_count: int = 0  # rows from which at least one lesson comes
    without_teacher: list[int] = field(default_factory=list)  # lines
    problems: list[Problem] = field(default_factory=list)
    unknown: dict[str, Unknown] = field(default_factory=dict)
    said: dict[str, Person] = field(default_factory=dict)  # whom codes mean, as somebody said
    left_out: list[str] = field(default_factory=list)  # columns
    owner: Person | None = None  # of a calendar file
    outside_count: int = 0  # events that are on no school day of the term
    new: list[Lesson] = field(default_factory=list)
    unchanged: list[Commitment] = field(default_factory=list)
    ended: list[Commitment] = field(default_factory=list)

    @property
    def kept(self) -> list[Lesson | Commitment]:
        """What the source has in the term once it is applied."""
        return [*self.new, *self.unchanged]

    @property
    def unchanged_count(self) -> int:
        return len(self.unchanged)

    @property
    def refused_count(self) -> int:
        return len({problem.line for problem in self.problems})

    @property
    def people_count(self) -> int:
        """How many have lessons once it is applied."""
        return len({each.person_id for each in self.kept})

    @property
    def partial_count(self) -> int:
        """How many lessons are in some weeks only, or for a part of the term."""
        return sum(
            each.weeks != ALL_WEEKS or each.starts_on is not None or each.ends_on is not None
            for each in self.kept
        )

    @property
    def unit(self) -> str:
        """What problems count."""
        return "Event" if self.kind == Kind.CALENDAR else "Line"

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


def plan(school: School, term: Term, content: bytes, choice: Choice | None = None) -> Plan:
    """
    Read a timetable file against a school's periods, bell times and staff of a term.

    Times are those of the column's regular bell schedule; a lesson of several periods ends with the
    last of them, counted as the bell schedule has them. Nothing is written. Raises CannotRead, and
    Question where the file does not say all.
    """
    choice = choice or Choice()
    kind = look(content)
    staff = Staff(school, term, kind)
    if kind == Kind.CALENDAR:
        result = _of_calendar(school, term, content, staff, choice)
    else:
        result = _of_rows(school, term, content, staff, kind, choice)
    result.problems.sort()
    if not result.row_count:
        raise CannotRead("The file has no rows below its header.")
    return result


def _of_rows(
    school: School, term: Term, content: bytes, staff: Staff, kind: Kind, choice: Choice
) -> Plan:
    result = Plan(kind, source=kind)
    timetable = Timetable(school, term)
    lessons: set[Lesson] = set()
    for row in _rows(result, content, term, choice):
        result.row_count += 1
        if isinstance(row, Problem):
            result.problems.append(row)
            continue
        try:
            whens = timetable.whens(row)
        except Refused as refusal:
            result.problems.append(Problem(row.line, str(refusal)))
            continue
        teachers = _teachers(row, staff, result)
        result.used_count += bool(teachers)
        lessons |= _lessons(teachers, whens, row.label)
    _compare(result, term, lessons)
    return result


def _rows(result: Plan, content: bytes, term: Term, choice: Choice) -> Iterator[Entry | Problem]:
    """The rows of a file, by its kind; what is wrong with their shape at the end."""
    if result.kind == Kind.UNTIS:
        yield from untis.entries(content)
        return
    if result.kind == Kind.SECTIONS:
        opened = sections.opened(content)
        rows = sections.entries(opened, _part(content, term, choice))
    else:
        opened = sheet.opened(content)
        rows = sheet.entries(opened)
    result.left_out = opened.left_out
    yield from rows
    yield from opened.problems


def _part(content: bytes, term: Term, choice: Choice) -> sections.Part:
    """Which rows of a file of sections are meant. Raises Question."""
    schools, sessions = sections.parts_in(content)
    named = [each for each in sessions if each.casefold() == term.name.casefold()]
    school = choice.school if choice.school in schools else _only(schools)
    session = choice.session if choice.session in sessions else _only(named or sessions)
    if school is None or session is None:
        raise Question(
            schools=schools if school is None else [],
            sessions=sessions if session is None else [],
        )
    return sections.Part(school, session)


def _only(names: list[str]) -> str | None:
    """The only one of several names, "" of none; None where one has to choose."""
    if len(names) > 1:
        return None
    return names[0] if names else ""


def _teachers(row: Entry, staff: Staff, result: Plan) -> set[int]:
    """The known teachers of a row; the unknown ones are counted, each once."""
    if not row.teachers:
        result.without_teacher.append(row.line)
    found = set()
    for written in dict.fromkeys(row.teachers):
        key = written.casefold()
        try:
            found.add(staff.find(written))
        except Refused as refusal:
            unknown = result.unknown.setdefault(key, Unknown(written, row.line, str(refusal)))
            unknown.count += 1
        else:
            if said := staff.codes.get(key):
                result.said[said.code] = staff.people[said.person_id]
    return found


def _of_calendar(school: School, term: Term, content: bytes, staff: Staff, choice: Choice) -> Plan:
    """One person's calendar, by the clock: dates become columns and weeks of the school."""
    owner = next((each for each in staff.people.values() if str(each.uid) == choice.person), None)
    if owner is None:
        raise Question(people=list(staff.people.values()))
    result = Plan(Kind.CALENDAR, source=f"{Kind.CALENDAR}:{owner.uid}", owner=owner)
    days = list(SchoolDay.objects.open().filter(term=term).exclude(column="").order_by("date"))
    lessons: set[Lesson] = set()
    for event in events.read(content, days, term, school.zone):
        result.row_count += 1
        if isinstance(event, Problem):
            result.problems.append(event)
            continue
        result.used_count += bool(event.whens)
        result.outside_count += not event.whens
        lessons |= _lessons({owner.pk}, event.whens, event.label)
    _compare(result, term, lessons)
    return result


def _lessons(teachers: set[int], whens: Iterable[When], label: str) -> set[Lesson]:
    return {
        Lesson(
            person_id,
            when.column,
            when.starts_at,
            when.ends_at,
            label[:LABEL_LENGTH],
            when.weeks,
            when.starts_on,
            when.ends_on,
        )
        for person_id in teachers
        for when in whens
    }


def _compare(result: Plan, term: Term, lessons: set[Lesson]) -> None:
    standing = term.commitments.filter(source=result.source).order_by("pk")
    wanted = Counter(lessons)
    for commitment in standing:
        lesson = Lesson(*(getattr(commitment, name) for name in Lesson._fields))
        if wanted[lesson]:
            wanted[lesson] -= 1
            result.unchanged.append(commitment)
        else:
            result.ended.append(commitment)
    result.new = sorted(wanted.elements(), key=_order)


def _order(lesson: Lesson) -> tuple:
    dates = (lesson.starts_on or date.min, lesson.ends_on or date.max)
    return (*lesson[:6], *dates)
