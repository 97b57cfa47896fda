"""
One person's timetable as a calendar file (RFC 5545), read event by event.

A calendar knows dates, a school columns and weeks of the cycle: the dates on which an event is are
put back into as few standing times as say exactly those dates. What is broken is told and left out.
"""

import re
import time as clock
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple, cast
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event
from recurring_ical_events import of

from people.cadence import ALL_WEEKS, pattern_of
from people.sheets import CannotRead, Problem, clean, decode

from ..models import SchoolDay, Term
from .entries import When

MOST_EVENTS = 10_000
LONGEST = 15.0  # seconds
EARLIEST = 2000  # the year from which on a repetition may begin

BEGIN, END = "BEGIN:VEVENT", "END:VEVENT"
PROPERTY = re.compile(r'(?P<name>[A-Za-z-]+)(?:;(?:"[^"]*"|[^":])*)?:(?P<value>.*)')
OF_TIME = {"DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID"}
REPEATS = {"RRULE", "RDATE", "RECURRENCE-ID"}
TOO_OFTEN = {"SECONDLY", "MINUTELY", "HOURLY"}
NONSENSE = (ValueError, TypeError, OverflowError)  # two beginnings, an end and a length
ESCAPED = re.compile(r"\\([\\;,nN])")


class Found(NamedTuple):
    """An event: its number in the file, what it is called, and when it is; nothing in the term."""

    line: int
    label: str
    whens: list[When]


class _Refused(Exception):
    """Why an event is left out."""


@dataclass
class _Block:
    """An event as it stands in the file; other properties are not even looked at."""

    number: int
    lines: list[str] = field(default_factory=list)  # about when it is
    names: set[str] = field(default_factory=set)
    texts: dict[str, str] = field(default_factory=dict)
    is_whole: bool = False
    depth: int = 0
    event: Event | None = None

    @property
    def label(self) -> str:
        try:
            return clean(ESCAPED.sub(_unescaped, self.texts.get("SUMMARY", "")))
        except ValueError:
            return ""


def _unescaped(found: re.Match) -> str:
    return " " if found[1] in "nN" else found[1]


def is_calendar(text: str) -> bool:
    return text.lstrip("\ufeff \t\r\n")[:15].upper() == "BEGIN:VCALENDAR"


def read(
    content: bytes, days: Sequence[SchoolDay], term: Term, zone: ZoneInfo
) -> Iterator[Found | Problem]:
    """
    The events of a file in a term, given its school days in order; times in the school's zone.

    An event without a zone, or in one that nobody knows, is in the school's. Raises CannotRead for
    more than MOST_EVENTS, and when repetitions take too long to follow.
    """
    until = clock.monotonic() + LONGEST
    series: dict[str, list[_Block]] = {}
    for block in _blocks(decode(content)):
        if block.number > MOST_EVENTS:
            raise CannotRead(
                f"The file has more than {MOST_EVENTS:,} events. Export this term only."
            )
        series.setdefault(block.texts.get("UID") or f"no uid {block.number}", []).append(block)
    if not series:
        raise CannotRead("This calendar has no events.")
    week = _Week(days, term, zone)
    for blocks in series.values():
        if clock.monotonic() > until:
            raise CannotRead("The events of this file repeat too often. Export this term only.")
        yield from _read_series(blocks, week)


def _blocks(text: str) -> Iterator[_Block]:
    """The events of a file one by one, whole or cut off."""
    block: _Block | None = None
    number = 0
    for line in re.sub(r"\r?\n[ \t]", "", text).splitlines():
        word = line.strip().upper()
        if word == BEGIN:
            if block:
                yield block
            number += 1
            block = _Block(number)
        elif block and word == END:
            block.is_whole = True
            yield block
            block = None
        elif block:
            _take(block, line, word)
    if block:
        yield block


def _take(block: _Block, line: str, word: str) -> None:
    """Keep a line of an event, unless it is of something inside it, such as an alarm."""
    if word.startswith(("BEGIN:", "END:")):
        block.depth += 1 if word.startswith("BEGIN:") else -1
        return
    found = None if block.depth else PROPERTY.match(line)
    if found is None:
        return
    name = found["name"].upper()
    if name in OF_TIME:
        block.lines.append(line)
        block.names.add(name)
    elif name in ("UID", "SUMMARY", "STATUS", "TRANSP"):
        block.texts.setdefault(name, found["value"].strip())
        if name == "STATUS":  # one date of a series may be cancelled
            block.lines.append(line)


def _read_series(blocks: list[_Block], week: "_Week") -> Iterator[Found | Problem]:
    """The events of one UID: the one that repeats, and what differs from it on some dates."""
    sound = []
    for block in blocks:
        try:
            block.event = _event(block)
        except (_Refused, *NONSENSE) as error:
            yield Problem(block.number, _why(error))
        else:
            sound.append(block)
    if not sound:
        return
    try:
        whens = week.whens(_occurrences(sound, week))
    except (_Refused, *NONSENSE) as error:
        yield Problem(sound[0].number, _why(error))
        return
    for block in sound:
        yield Found(block.number, block.label, whens if block is sound[0] else [])


def _why(error: Exception) -> str:
    return str(error) if isinstance(error, _Refused) else "This event contradicts itself."


def _event(block: _Block) -> Event:
    """When an event is, read; its words stay outside. Raises _Refused."""
    if not block.is_whole:
        raise _Refused("This event is cut off.")
    if block.texts.get("STATUS", "").upper() == "CANCELLED" and "RECURRENCE-ID" not in block.names:
        raise _Refused("This event is cancelled.")
    if block.texts.get("TRANSP", "").upper() == "TRANSPARENT":
        raise _Refused("This event says that one is free.")
    if "DTSTART" not in block.names:
        raise _Refused("This event has no beginning.")
    lines = "\r\n".join((BEGIN, "UID:one", *block.lines, END, ""))
    event = cast("Event", Event.from_ical(lines))
    if event.errors:
        name = event.errors[0][0] or "A line"
        raise _Refused(f"{name} of this event cannot be read.")
    _require_sense(event)
    return event


def _require_sense(event: Event) -> None:
    starts_at = event.start
    if not isinstance(starts_at, datetime):
        raise _Refused("This event lasts all day.")
    if "DTEND" not in event and "DURATION" not in event:
        raise _Refused("This event has no end.")
    found: Any = event.get("RRULE", [])
    for rule in found if isinstance(found, list) else [found]:
        if set(rule.get("FREQ", [])) & TOO_OFTEN:
            raise _Refused("This event repeats more than once a day.")
        if min(rule.get("INTERVAL", [1])) < 1:  # it would be followed for ever
            raise _Refused("RRULE of this event cannot be read.")
        if starts_at.year < EARLIEST:
            raise _Refused(f"This event begins before the year {EARLIEST}.")


def _occurrences(blocks: list[_Block], week: "_Week") -> Iterable[tuple[datetime, datetime]]:
    """Beginnings and ends in the school's zone, of the term only. Raises _Refused."""
    events = [block.event for block in blocks if block.event is not None]
    if len(blocks) > 1 or blocks[0].names & REPEATS:
        calendar = Calendar()
        for event in events:
            calendar.add_component(event)
        try:
            events = of(calendar).between(week.begins, week.ends)
        except Exception as error:  # what a rule that makes no sense ends in is not said anywhere
            raise _Refused("The repetition of this event cannot be followed.") from error
    for event in events:
        starts_at, ends_at = week.local(event.start), week.local(event.end)
        if week.begins <= starts_at < week.ends and not _is_cancelled(event):
            if ends_at <= starts_at or ends_at.date() != starts_at.date():
                raise _Refused("This event does not end on the day on which it begins.")
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

    def local(self, moment: datetime | date) -> datetime:
        """A moment in the school's zone; one without a zone is there already."""
        if not isinstance(moment, datetime):
            raise _Refused("This event lasts all day.")
        if moment.tzinfo is None:
            return moment.replace(tzinfo=self.zone)
        return moment.astimezone(UTC).astimezone(self.zone)

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
