"""
One person's timetable as a calendar file (RFC 5545), read event by event.

A calendar knows dates, a school columns and weeks of the cycle: the dates on which an event is are
put back into as few standing times as say exactly those dates. What is broken is told and left out.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from icalendar import Event

from people.cadence import ALL_WEEKS, pattern_of
from people.sheets import Problem, decode

from ..models import SchoolDay, Term
from ..vevents import NONSENSE, Block, Refused, event_of, local, occurrences, series_of
from .entries import When


class Found(NamedTuple):
    """An event: its number in the file, what it is called, and when it is; nothing in the term."""

    line: int
    label: str
    whens: list[When]


def read(
    content: bytes, days: Sequence[SchoolDay], term: Term, zone: ZoneInfo
) -> Iterator[Found | Problem]:
    """
    The events of a file in a term, given its school days in order; times in the school's zone.

    An event without a zone, or in one that nobody knows, is in the school's. Raises CannotRead as
    `series_of` does.
    """
    week = _Week(days, term, zone)
    for blocks in series_of(decode(content)):
        yield from _read_series(blocks, week)


def _read_series(blocks: list[Block], week: "_Week") -> Iterator[Found | Problem]:
    """The events of one UID: the one that repeats, and what differs from it on some dates."""
    sound: list[tuple[Block, Event]] = []
    for block in blocks:
        try:
            sound.append((block, _event(block)))
        except (Refused, *NONSENSE) as error:
            yield Problem(block.number, _why(error))
    if not sound:
        return
    first = sound[0][0]
    repeats = len(sound) > 1 or first.repeats
    try:
        whens = week.whens(_times([event for _, event in sound], week, repeats=repeats))
    except (Refused, *NONSENSE) as error:
        yield Problem(first.number, _why(error))
        return
    for block, _ in sound:
        yield Found(block.number, block.label, whens if block is first else [])


def _why(error: Exception) -> str:
    return str(error) if isinstance(error, Refused) else "This event contradicts itself."


def _event(block: Block) -> Event:
    """When a lesson is, read. Raises Refused."""
    if block.is_whole and block.says("STATUS", "CANCELLED") and not block.differs:
        raise Refused("This event is cancelled.")
    if block.is_whole and block.says("TRANSP", "TRANSPARENT"):
        raise Refused("This event says that one is free.")
    event = event_of(block)
    if not isinstance(event.start, datetime):
        raise Refused("This event lasts all day.")
    if "DTEND" not in event and "DURATION" not in event:
        raise Refused("This event has no end.")
    return event


def _times(
    events: list[Event], week: "_Week", *, repeats: bool
) -> Iterable[tuple[datetime, datetime]]:
    """Beginnings and ends in the school's zone, of the term only. Raises Refused."""
    for event in occurrences(events, week.begins, week.ends) if repeats else events:
        starts_at, ends_at = local(event.start, week.zone), local(event.end, week.zone)
        if week.begins <= starts_at < week.ends and not _is_cancelled(event):
            if ends_at <= starts_at or ends_at.date() != starts_at.date():
                raise Refused("This event does not end on the day on which it begins.")
            yield starts_at, ends_at


def _is_cancelled(event: Event) -> bool:
    return str(event.get("STATUS", "")).upper() == "CANCELLED"


class _Week:
    """The school days of a term, to put dates back into columns and weeks."""

    def __init__(self, days: Sequence[SchoolDay], term: Term, zone: ZoneInfo) -> None:
        self.zone = zone
        self.begins = datetime.combine(term.starts_on, time(), tzinfo=zone)
        self.ends = datetime.combine(term.ends_on + timedelta(days=1), time(), tzinfo=zone)
        self.days = {day.date: day for day in days}
        self.of_column: dict[str, list[SchoolDay]] = {}
        for day in days:
            self.of_column.setdefault(day.column, []).append(day)

    def whens(self, occurrences: Iterable[tuple[datetime, datetime]]) -> list[When]:
        """Standing times that are on the school days of these occurrences, and on no other."""
        dates: dict[tuple[str, time, time], set[date]] = {}
        for starts_at, ends_at in occurrences:
            day = self.days.get(starts_at.date())
            if day is not None:
                begins, ends = (
                    each.replace(second=0, microsecond=0).time() for each in (starts_at, ends_at)
                )
                if begins < ends:
                    dates.setdefault((day.column, begins, ends), set()).add(day.date)
        return [
            When(column, begins, ends, *spell)
            for (column, begins, ends), on in sorted(dates.items())
            for spell in self._spells(self.of_column[column], on)
        ]

    def _spells(
        self, days: Sequence[SchoolDay], on: set[date]
    ) -> Iterator[tuple[int, date | None, date | None]]:
        """Weeks, first and last date of as few stretches as say exactly these dates."""
        wanted = [index for index, day in enumerate(days) if day.date in on]
        while wanted:
            first, weeks, count = wanted[0], 0, 0
            for index in wanted:
                more = weeks | pattern_of(days[index].pass_number)
                if any(_has(day, more) and day.date not in on for day in days[first : index + 1]):
                    break
                weeks, count = more, count + 1
            stretch, wanted = wanted[:count], wanted[count:]
            yield self._spell(days, first, stretch[-1], weeks, count)

    @staticmethod
    def _spell(
        days: Sequence[SchoolDay], first: int, last: int, weeks: int, count: int
    ) -> tuple[int, date | None, date | None]:
        if count == last - first + 1:
            weeks = ALL_WEEKS  # every time that the column comes
        others = [*days[:first], *days[last + 1 :]]
        if not any(_has(day, weeks) for day in others):
            return weeks, None, None  # as long as the term
        return weeks, days[first].date, days[last].date


def _has(day: SchoolDay, weeks: int) -> bool:
    return bool(pattern_of(day.pass_number) & weeks)
