"""
The whole days of a school's own calendar, event by event.

What is broken is told and left out. An event is known again by its UID; where that is missing, or
two events have the same, by all that it says.
"""

import codecs
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import NamedTuple
from zoneinfo import ZoneInfo

from icalendar import Event

from people.sheets import MAX_BYTES, CannotRead, plain

from ..vevents import NONSENSE, Block, Refused, event_of, local, occurrences, series_of

DAY = timedelta(days=1)
LOOK_BACK = timedelta(days=368)  # an event that begins earlier is over, or too long
NAME = 80  # letters
BEGINS = re.compile(r"^\s*BEGIN:(?:VCALENDAR|VEVENT)\s*$", re.IGNORECASE | re.MULTILINE)
CALLED = re.compile(r"^X-WR-CALNAME(?:;[^:\r\n]*)?:(.*)$", re.IGNORECASE | re.MULTILINE)
STARTS = re.compile(r"DTSTART\b.*?[:](\d{4})(\d{2})(\d{2})", re.IGNORECASE)
NO_NAME = "An event without a name"


class Stretch(NamedTuple):
    """Days one after the other."""

    starts_on: date
    ends_on: date


@dataclass(frozen=True)
class Found:
    """An event that lasts whole days of the year."""

    key: str
    name: str
    stretches: tuple[Stretch, ...]

    @cached_property
    def says(self) -> str:
        """A hash by which it is known whether it says what it said."""
        return digest(
            plain(self.name), *(day.isoformat() for each in self.stretches for day in each)
        )


class Timed(NamedTuple):
    """An event at a time of the day, which closes nothing by itself."""

    name: str
    on: date


class Refusal(NamedTuple):
    """An event that is left out: its number in the file, its name, and why."""

    number: int
    name: str
    sentence: str


@dataclass
class Content:
    """What a calendar says of the days from one date to another."""

    calendar: str  # a hash of what it calls itself
    is_whole: bool  # not cut off
    count: int = 0
    events: list[Found] = field(default_factory=list)
    timed: list[Timed] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    unclear: set[str] = field(default_factory=set)  # keys of those that cannot be read
    outside: int = 0


def digest(*words: str) -> str:
    return hashlib.sha256("\n".join(words).encode()).hexdigest()


def read(content: bytes, begins: date, ends: date, zone: ZoneInfo) -> Content:
    """
    The events of a file from one day to another, both included.

    A time without a zone, or in one that nobody knows, is in the school's. From midnight to
    midnight is a whole day. Raises CannotRead.
    """
    text = _text(content)
    called = CALLED.search(text)
    result = Content(
        calendar=digest(plain(called[1]) if called else ""),
        is_whole=text.rstrip().upper().endswith("END:VCALENDAR"),
    )
    year = _Year(begins, ends, zone, result)
    for blocks in series_of(text):
        result.count += len(blocks)
        for key, group in _groups(blocks):
            year.take(key, group)
    result.events = list({each.key: each for each in result.events}.values())
    return result


def _text(content: bytes) -> str:
    if len(content) > MAX_BYTES:
        raise CannotRead("The calendar is larger than 5 MB. Export this school year only.")
    if not content.strip():
        raise CannotRead("The file is empty.")
    text = _decoded(content)
    if BEGINS.search(text[:5000]):
        return text
    if text.lstrip("\ufeff \t\r\n").startswith("<"):
        raise CannotRead(
            "This is a web page, not a calendar. Look there for a link called iCal, ICS or "
            "Subscribe."
        )
    raise CannotRead("This is not a calendar file. Its name ends in .ics.")


def _decoded(content: bytes) -> str:
    """UTF-8 or UTF-16, else Windows-1252; a letter cut off at the end is no reason to stop."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data":
            return content[: error.start].decode("utf-8-sig")
        return content.decode("cp1252", "replace")


def _groups(blocks: list[Block]) -> Iterator[tuple[str, list[Block]]]:
    """
    The events of one UID, with the key of each: mostly one, and what differs from it on some dates.

    Some programs give several events the same UID: none of them is lost.
    """
    masters = list(
        {(*each.lines, each.label): each for each in blocks if not each.differs}.values()
    )
    others = [each for each in blocks if each.differs]
    if blocks[0].uid and len(masters) < 2:
        yield digest(blocks[0].uid), [*masters, *others]
        return
    series = next((each for each in masters if each.repeats), masters[0] if masters else None)
    for each in masters:
        key = digest(each.uid, each.label, *each.lines)
        yield key, [each, *(others if each is series else [])]
    if not masters:
        yield digest("", *(line for each in others for line in each.lines)), others


@dataclass
class _Year:
    """The days that are looked at, and what was found in them so far."""

    begins: date
    ends: date
    zone: ZoneInfo
    result: Content

    def take(self, key: str, blocks: list[Block]) -> None:
        """Read one event, and put it where it belongs."""
        first = blocks[0]
        if len(blocks) == 1 and self._is_far(first):
            self.result.outside += 1
            return
        try:
            events = self._sound(key, blocks)
            if not events:
                return
            starts = self._days(events[0])
            if starts is None:
                self._take_timed(first, events[0])
                return
            repeats = len(blocks) > 1 or first.repeats
            stretches = _joined(self._stretches(events) if repeats else [starts])
        except (Refused, *NONSENSE) as error:
            self._refuse(key, first, error)
            return
        inside = [each for each in stretches if self._has(each)]
        if inside:
            name = (first.label or NO_NAME)[:NAME]
            self.result.events.append(Found(key, name, tuple(inside)))
        else:
            self.result.outside += 1

    def _is_far(self, block: Block) -> bool:
        """Whether an event cannot be in the year: told without reading it, as most can be."""
        written = next((STARTS.match(each) for each in block.lines if STARTS.match(each)), None)
        if block.repeats or not block.is_whole or written is None:
            return False
        try:
            on = date(*map(int, written.groups()))
        except ValueError:
            return False
        return on > self.ends + DAY or on < self.begins - LOOK_BACK

    def _sound(self, key: str, blocks: list[Block]) -> list[Event]:
        """Those of a series that can be read; nothing if it is cancelled."""
        events = []
        for block in blocks:
            if block.is_whole and block.says("STATUS", "CANCELLED") and not block.differs:
                self.result.refused.append(_refusal(block, "This event is cancelled."))
                return []
            try:
                events.append(event_of(block))
            except (Refused, *NONSENSE) as error:
                self._refuse(key, block, error)
        return events

    def _refuse(self, key: str, block: Block, error: Exception) -> None:
        known = isinstance(error, Refused)
        sentence = str(error) if known else "This event contradicts itself."
        self.result.refused.append(_refusal(block, sentence))
        self.result.unclear.add(key)

    def _take_timed(self, block: Block, event: Event) -> None:
        on = local(event.start, self.zone).date()
        if block.repeats or self.begins <= on <= self.ends:
            self.result.timed.append(Timed((block.label or NO_NAME)[:NAME], on))
        else:
            self.result.outside += 1

    def _stretches(self, events: list[Event]) -> list[Stretch]:
        found = [
            self._days(each)
            for each in occurrences(events, self.begins, self.ends + DAY)
            if str(each.get("STATUS", "")).upper() != "CANCELLED"
        ]
        return [each for each in found if each is not None]

    def _days(self, event: Event) -> Stretch | None:
        """The days that an event lasts; None if it begins or ends in the middle of one."""
        if event.end < event.start:
            raise Refused("This event ends before it begins.")
        if not isinstance(event.start, datetime):
            return Stretch(event.start, max(event.start, event.end - DAY))  # it is the day after
        starts, ends = self._wall_times(event)
        ends_a_day = ends.time() == time() or (ends.hour, ends.minute) == (23, 59)
        if starts.time() != time() or not ends_a_day or ends == starts:
            return None
        return Stretch(starts.date(), (ends - timedelta(minutes=1)).date())

    def _wall_times(self, event: Event) -> tuple[datetime, datetime]:
        """When an event begins and ends at the school; some programs write whole days in UTC."""
        begins, ends = event.start, event.end
        if _is_utc_midnight(begins) and _is_utc_midnight(ends):
            midnight = time(tzinfo=self.zone)
            return datetime.combine(begins, midnight), datetime.combine(ends, midnight)
        return local(begins, self.zone), local(ends, self.zone)

    def _has(self, stretch: Stretch) -> bool:
        return stretch.starts_on <= self.ends and stretch.ends_on >= self.begins


def _is_utc_midnight(moment: date) -> bool:
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        return False
    return moment.tzname() == "UTC" and moment.time() == time()


def _refusal(block: Block, sentence: str) -> Refusal:
    return Refusal(block.number, block.label[:NAME], sentence)


def _joined(stretches: list[Stretch]) -> list[Stretch]:
    """In order, those that follow one another as one."""
    joined: list[Stretch] = []
    for each in sorted(stretches):
        if joined and each.starts_on <= joined[-1].ends_on + DAY:
            joined[-1] = Stretch(joined[-1].starts_on, max(joined[-1].ends_on, each.ends_on))
        else:
            joined.append(each)
    return joined
