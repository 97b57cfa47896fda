"""Files of bell times, of days with other bells and of terms, and what they would change."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from typing import NamedTuple

from people.models import School
from people.sheets import CannotRead, Problem, Row, Sheet, clean, plain, read, read_day

from .models import BellSchedule, SpecialDay, Term
from .typed_times import read_time

SPELLINGS = {
    "schedule": ("bell schedule", "key"),
    "name": ("schedule name",),
    "period": ("class period", "block"),
    "start": ("starts", "start time", "begins", "from"),
    "end": ("ends", "end time", "to"),
    "date": ("day",),
    "school": ("school id", "school number"),
    "periods": ("class periods",),
    "dates": (),
    "session": ("term name",),
    "begin": ("begin date", "start date", "starts on", "first day"),
    "last": ("end date", "ends on", "last day"),
}
UNNAMED = "Regular"  # the bell schedule of a file that names none
YEARS = range(2000, 2101)
YEAR_CHANGES_IN = 7  # July


class Refused(Exception):
    """Why a row is left out."""


class Ring(NamedTuple):
    """A period of a bell schedule as a file has it."""

    starts_at: time
    ends_at: time
    period: str


class Stretch(NamedTuple):
    """A term as a file has it."""

    starts_on: date
    ends_on: date
    name: str


@dataclass
class Plan:
    """What a file would change in a school's bell times, days and terms."""

    row_count: int = 0
    problems: list[Problem] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)  # columns
    schools: list[str] = field(default_factory=list)  # of which one has to be chosen
    schedules: dict[str, list[Ring]] = field(default_factory=dict)  # by name, new or changed
    same: list[str] = field(default_factory=list)
    days: dict[date, str] = field(default_factory=dict)  # name of the bell schedule, new or changed
    same_days: int = 0
    terms: list[Stretch] = field(default_factory=list)  # new or changed
    same_terms: int = 0

    @property
    def refused_count(self) -> int:
        return len({problem.line for problem in self.problems})

    @property
    def changes_nothing(self) -> bool:
        return not (self.schedules or self.days or self.terms)

    @property
    def is_usable(self) -> bool:
        return not self.changes_nothing or bool(self.same or self.same_days or self.same_terms)


def plan(school: School, content: bytes, *, number: str = "") -> Plan:
    """
    Read a file against a school's bell times, special days and terms; nothing is written.

    What it is, its columns say: schedule, period, start, end; or date, schedule; or schedule,
    periods, dates; or session, begin, end. Rows of another school than `number` are passed over,
    where the file has several. Raises CannotRead.
    """
    sheet = read(content, columns=SPELLINGS)
    take = _kind(sheet)
    result = Plan(left_out=sheet.left_out)
    rows = list(sheet.rows())
    result.schools = sorted({row.cells.get("school", "") for row in rows} - {""})
    if number and number not in result.schools:
        raise CannotRead(f"The file has no rows of a school with the number {number}.")
    if len(result.schools) > 1 and not number:
        raise CannotRead(
            f"The file has rows of {len(result.schools)} schools. Say which is yours: "
            f"{', '.join(result.schools[:8])}."
        )
    mine = [row for row in rows if not number or row.cells.get("school") == number]
    result.row_count = len(mine) + len(sheet.problems)
    if not result.row_count:
        raise CannotRead("The file has no rows below its header.")
    take(school, mine, result)
    result.problems = sorted([*result.problems, *sheet.problems])
    return result


def _kind(sheet: Sheet):
    has = sheet.columns.__contains__
    if has("session") and has("begin"):
        return _terms
    if has("period") and has("start") and has("end"):
        return _bells
    if has("schedule") and has("periods"):
        return _chosen_periods
    if has("date") and has("schedule"):
        return _days
    raise CannotRead(
        "The first row has to name the columns schedule, period, start and end; or date and "
        "schedule; or, for terms, session, begin and end."
    )


def _bells(school: School, rows: Iterable[Row], result: Plan) -> None:
    found: dict[str, list[Ring]] = {}
    names: dict[str, str] = {}
    for row in rows:
        try:
            key = _text(row, "schedule", needed=False) or UNNAMED
            name = names.setdefault(plain(key), (_text(row, "name", needed=False) or key)[:60])
            _add(found.setdefault(name, []), _ring(row))
        except Refused as refusal:
            result.problems.append(Problem(row.line, str(refusal)))
    _compare(school, found, result)


def _ring(row: Row) -> Ring:
    period = _text(row, "period")[:40]
    times = []
    for column in ("start", "end"):
        written = _text(row, column)
        try:
            times.append(_time(written))
        except ValueError:
            raise Refused(f'"{written[:20]}" is not a time such as 8:10.') from None
    if times[1] <= times[0]:
        raise Refused(f"{period} ends before it starts.")
    return Ring(times[0], times[1], period)


def _time(written: str) -> time:
    """A time as computers write it, 13:05:00, else as people do."""
    try:
        return time.fromisoformat(written).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError:
        return read_time(written)


def _add(rings: list[Ring], ring: Ring) -> None:
    for other in rings:
        if plain(other.period) == plain(ring.period):
            raise Refused(f"{ring.period} stands twice in this bell schedule.")
        if other.starts_at < ring.ends_at and ring.starts_at < other.ends_at:
            raise Refused(f"{ring.period} overlaps {other.period}.")
    rings.append(ring)


def _chosen_periods(school: School, rows: Iterable[Row], result: Plan) -> None:
    """Bell schedules by the names of their periods, at the times that these have already."""
    known = {plain(ring.period): ring for rings in _standing(school).values() for ring in rings}
    found: dict[str, list[Ring]] = {}
    for row in rows:
        try:
            rings = found.setdefault(_text(row, "schedule")[:60], [])
            for name in filter(None, map(str.strip, row.cells.get("periods", "").split("|"))):
                if plain(name) not in known:
                    raise Refused(f"There is no period called {name} yet. Import its times first.")
                _add(rings, known[plain(name)])
            days = filter(None, map(str.strip, row.cells.get("dates", "").split("|")))
            for written in days:
                result.days[_day(written, school)] = _text(row, "schedule")[:60]
        except Refused as refusal:
            result.problems.append(Problem(row.line, str(refusal)))
    _compare(school, {name: rings for name, rings in found.items() if rings}, result)
    _forget_same(school, result)


def _days(school: School, rows: Iterable[Row], result: Plan) -> None:
    names = {plain(each.name): each.name for each in school.bell_schedules.all()}
    lines: dict[date, int] = {}
    for row in rows:
        try:
            on = _day(_text(row, "date"), school)
            written = _text(row, "schedule")
            name = _known(written, names)
            if on in lines and result.days[on] != name:
                raise Refused(
                    f"This day stands in line {lines[on]} already, with {result.days[on]}."
                )
            result.days[on] = name
            lines.setdefault(on, row.line)
        except Refused as refusal:
            result.problems.append(Problem(row.line, str(refusal)))
    _forget_same(school, result)


def _known(written: str, names: Mapping[str, str]) -> str:
    """The bell schedule that is meant: "minimum" is Minimum Day if no other begins so."""
    key = plain(written)
    like = [key] if key in names else [each for each in names if each.startswith(key)]
    if len(like) != 1:
        several = "There are several bell schedules" if like else "There is no bell schedule"
        raise Refused(f"{several} called {written}.")
    return names[like[0]]


def _terms(school: School, rows: Iterable[Row], result: Plan) -> None:
    standing = {plain(term.name): term for term in school.terms.all()}
    found: dict[str, Stretch] = {}
    for row in rows:
        try:
            stretch = _stretch(row, school)
            for other in found.values():
                if other.starts_on <= stretch.ends_on and stretch.starts_on <= other.ends_on:
                    raise Refused(f"{stretch.name} overlaps {other.name}.")
            if plain(stretch.name) in found:
                raise Refused(f"{stretch.name} stands twice in this file.")
            found[plain(stretch.name)] = stretch
            if _is_as(standing.get(plain(stretch.name)), stretch):
                result.same_terms += 1
            else:
                result.terms.append(stretch)
        except Refused as refusal:
            result.problems.append(Problem(row.line, str(refusal)))
    result.terms.sort()


def _stretch(row: Row, school: School) -> Stretch:
    begins, ends = _day(_text(row, "begin"), school), _day(_last(row), school)
    name = _text(row, "session")[:60]
    if ends <= begins:
        raise Refused(f"{name} ends before it begins.")
    if (ends - begins).days > 366:
        raise Refused(f"{name} is longer than a year. Check the years.")
    return Stretch(begins, ends, name)


def _last(row: Row) -> str:
    return row.cells.get("last") or _text(row, "end")


def _is_as(term: Term | None, stretch: Stretch) -> bool:
    return term is not None and (term.starts_on, term.ends_on) == stretch[:2]


def school_year_of(stretch: Stretch) -> int:
    """The school year of a term, by the year in which it ends."""
    middle = date.fromordinal((stretch.starts_on.toordinal() + stretch.ends_on.toordinal()) // 2)
    return middle.year + (middle.month >= YEAR_CHANGES_IN)


def _standing(school: School) -> dict[str, list[Ring]]:
    return {
        each.name: [
            Ring(bell.starts_at, bell.ends_at, bell.period.name) for bell in each.times.all()
        ]
        for each in BellSchedule.objects.filter(school=school).with_times().order_by("pk")
    }


def _compare(school: School, found: Mapping[str, list[Ring]], result: Plan) -> None:
    standing = {plain(name): (name, rings) for name, rings in _standing(school).items()}
    for written, rings in found.items():
        name, before = standing.get(plain(written), (written, []))
        if not rings:
            continue
        if _keys(rings) == _keys(before):
            result.same.append(name)
        else:
            result.schedules[name] = sorted(rings)


def _keys(rings: Iterable[Ring]) -> set[tuple[time, time, str]]:
    return {(each.starts_at, each.ends_at, plain(each.period)) for each in rings}


def _forget_same(school: School, result: Plan) -> None:
    standing = dict(
        SpecialDay.objects.filter(school=school).values_list("date", "bell_schedule__name")
    )
    same = [on for on, name in result.days.items() if plain(standing.get(on, "")) == plain(name)]
    result.same_days = len(same)
    for on in same:
        del result.days[on]


def _day(written: str, school: School) -> date:
    try:
        on = read_day(written, month_first=school.locale.lower() == "en-us")
    except ValueError:
        on = date.min
    if on.year not in YEARS:
        raise Refused(f'"{written[:20]}" is not a date such as 2026-09-07.')
    return on


def _text(row: Row, column: str, *, needed: bool = True) -> str:
    try:
        text = clean(row.cells.get(column, ""))
    except ValueError as error:
        raise Refused(f"The {column} has characters that cannot be read.") from error
    if needed and not text:
        raise Refused(f"The {column} is missing.")
    return text
