"""What a calendar would change in a school's days without school, event by event."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from people.models import School
from people.sheets import CannotRead

from .. import weeks
from ..models import CalendarEvent, Closure, Term
from .events import Content, Found, Refusal, Stretch, Timed, digest, read
from .words import looks_closed

MOST_ROWS = 300  # that one can tick at once


class NoTerm(CannotRead):
    """That there is no term whose year could be looked at."""

    def __init__(self) -> None:
        super().__init__(
            "There is no term to come. Add the term first: it says which year is meant."
        )


class What(StrEnum):
    """What an event is to the days that are there."""

    NEW = "new"  # sounds like days without school, and nobody has decided yet
    CHANGED = "changed"  # closes days, and says others now
    GONE = "gone"  # closes days to come, and is in the calendar no more
    SAME = "same"
    OTHER = "other"  # whole days that may have school


class Changes(NamedTuple):
    """What would become of the closures of an event."""

    moves: list[tuple[Closure, Stretch]]
    adds: list[Stretch]
    drops: list[Closure]
    renames: list[Closure]

    def __bool__(self) -> bool:
        return any(self)


NOTHING = Changes([], [], [], [])


@dataclass(frozen=True)
class Row:
    """An event, and what there is to decide about it."""

    what: What
    key: str
    name: str
    stretches: tuple[Stretch, ...] = ()
    says: str = ""
    event: CalendarEvent | None = None  # what was decided of it before
    closures: tuple[Closure, ...] = ()  # that stand because of it
    changes: Changes = NOTHING
    is_ticked: bool = False
    note: str = ""

    @property
    def id(self) -> str:
        return self.key[:16]

    @property
    def before(self) -> list[Stretch]:
        return [Stretch(each.starts_on, each.ends_on) for each in self.closures]


@dataclass
class Plan:
    """What a calendar says, and what would change."""

    begins: date
    ends: date
    count: int
    calendar: str
    is_whole: bool
    rows: list[Row] = field(default_factory=list)
    timed: list[Timed] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    outside: int = 0
    more: int = 0  # whole days that are not even shown

    def of(self, what: What) -> list[Row]:
        return [row for row in self.rows if row.what == what]

    @property
    def open(self) -> list[Row]:
        """The rows about which something can be said."""
        return [row for row in self.rows if row.what != What.SAME]

    @property
    def digest(self) -> str:
        """By which a form knows that it is about this and nothing newer."""
        parts = [
            f"{row.what} {row.key} {row.says} {row.before} {[each.pk for each in row.closures]}"
            for row in self.rows
        ]
        return digest(*parts)

    def news(self, on: date) -> dict[What, int]:
        """How much there is to decide about days to come."""
        coming = [
            row
            for row in self.rows
            if row.what != What.NEW or any(each.ends_on >= on for each in row.stretches)
        ]
        return {
            what: sum(row.what == what for row in coming)
            for what in (What.NEW, What.CHANGED, What.GONE)
        }


def plan(school: School, content: bytes, *, on: date) -> Plan:
    """
    Read a calendar against a school's days without school; nothing is written.

    Only the school year that is running, or comes next, and those after it are looked at. Raises
    CannotRead.
    """
    terms = _terms(school, on)
    begins = min(term.starts_on for term in terms)
    ends = max(term.ends_on for term in terms)
    found = read(content, begins, ends, school.zone)
    result = Plan(
        begins,
        ends,
        found.count,
        found.calendar,
        found.is_whole,
        timed=sorted(found.timed, key=lambda each: (not looks_closed(each.name), each.on)),
        refused=found.refused,
        outside=found.outside,
    )
    _Comparison(school, terms, found, on).fill(result)
    return result


def _terms(school: School, on: date) -> list[Term]:
    current = Term.objects.of(school).current_or_next(school, on=on)
    if current is None:
        raise NoTerm
    return list(school.terms.filter(school_year__gte=current.school_year))


class _Comparison:
    """The days of a school, held against the events of a calendar."""

    def __init__(self, school: School, terms: Sequence[Term], found: Content, on: date) -> None:
        self.found, self.on = found, on
        self.closures = list(school.closures.order_by("starts_on", "pk"))
        self.known = list(CalendarEvent.objects.filter(school=school).order_by("pk"))
        self.closed = weeks.dates(each for each in self.closures if each.stops_meetings)
        self.school_days = {
            day
            for term in terms
            for day in weeks.days_between(term.starts_on, term.ends_on)
            if str(day.isoweekday()) in school.weekdays
        }
        self.of_event: dict[int, list[Closure]] = {}
        for closure in self.closures:
            if closure.event_id:
                self.of_event.setdefault(closure.event_id, []).append(closure)

    def fill(self, result: Plan) -> None:
        by_key = {each.key: each for each in self.known}
        here = {each.key for each in self.found.events}
        # Some programs give every event a new UID each time: then it is known by what it says
        by_what = {each.says: each for each in self.known if each.key not in here}
        rows: list[Row] = []
        matched: set[int] = set()
        for event in self.found.events:
            known = by_key.get(event.key) or by_what.pop(event.says, None)
            if known is not None:
                matched.add(known.pk)
            row = self._row(event, known)
            if row is None:
                result.outside += 1
            else:
                rows.append(row)
        rows += self._gone(each for each in self.known if each.pk not in matched)
        order = list(What)
        rows.sort(key=lambda row: (order.index(row.what), row.stretches or row.before, row.name))
        result.more = max(0, len(rows) - MOST_ROWS)
        result.rows = rows[:MOST_ROWS]

    def _row(self, event: Found, known: CalendarEvent | None) -> Row | None:
        closures = self.of_event.get(known.pk, []) if known else []
        row = Row(What.OTHER, event.key, event.name, event.stretches, event.says, known)
        if known and closures:
            changes = self._changes(event, known, closures)
            return replace(
                row,
                what=What.CHANGED if changes else What.SAME,
                closures=tuple(closures),
                changes=changes,
                is_ticked=bool(changes),
            )
        days = weeks.dates(event.stretches) & self.school_days
        if not days:
            return None
        is_decided = known is not None and known.says == event.says  # that there is school
        return row if is_decided else self._undecided(row, event, days)

    def _undecided(self, row: Row, event: Found, days: set[date]) -> Row:
        if typed := self._typed(event):
            return replace(row, what=What.SAME, closures=tuple(typed))
        if days <= self.closed:
            return replace(row, note="These days are closed already.")
        if looks_closed(event.name):
            return replace(row, what=What.NEW, is_ticked=True)
        return row

    def _typed(self, event: Found) -> list[Closure]:
        """Closures of exactly these days that no event has; none if one is missing."""
        by_days = {
            Stretch(each.starts_on, each.ends_on): each
            for each in self.closures
            if each.event_id is None
        }
        found = [by_days[each] for each in event.stretches if each in by_days]
        return found if len(found) == len(event.stretches) else []

    def _changes(self, event: Found, known: CalendarEvent, closures: list[Closure]) -> Changes:
        """What an event says otherwise than before; what was changed here by hand stays."""
        if event.says == known.says:
            return NOTHING
        wanted = set(event.stretches)
        kept = {(each.starts_on, each.ends_on) for each in closures}
        to_come = [
            each
            for each in closures
            if (each.starts_on, each.ends_on) not in wanted and each.ends_on >= self.on
        ]
        new = sorted(each for each in wanted if each not in kept and each.ends_on >= self.on)
        renamed = [each for each in closures if each.name == known.name != event.name]
        return Changes(
            moves=list(zip(to_come, new, strict=False)),
            adds=new[len(to_come) :],
            drops=to_come[len(new) :],
            renames=renamed,
        )

    def _gone(self, known: Iterable[CalendarEvent]) -> Iterable[Row]:
        """Events that closed days to come and are not in the calendar; not told of half of one."""
        if not self.found.is_whole:
            return
        for event in known:
            closures = [each for each in self.of_event.get(event.pk, []) if each.ends_on >= self.on]
            is_from_here = event.calendar == self.found.calendar
            if closures and is_from_here and event.key not in self.found.unclear:
                yield Row(What.GONE, event.key, event.name, event=event, closures=tuple(closures))
