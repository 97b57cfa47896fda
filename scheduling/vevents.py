"""
The events of a calendar file (RFC 5545), one by one.

No broken header and no broken event is the end of the others: the file is cut into its events, only
the lines that say when an event is are parsed, and a repetition is followed for so long and no
longer.
"""

import re
import time as clock
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event
from recurring_ical_events import of

from people.sheets import CannotRead, clean

MOST_EVENTS = 10_000
MOST_DATES = 4_000  # that one event lists
MOST_RULES = 3
LONGEST_EVENT = timedelta(days=366)
LONGEST = 15.0  # seconds for all of them
EARLIEST = 2000  # the year from which on a repetition may begin

BEGIN, END = "BEGIN:VEVENT", "END:VEVENT"
PROPERTY = re.compile(r'(?P<name>[A-Za-z-]+)(?:;(?:"[^"]*"|[^":])*)?:(?P<value>.*)')
OF_TIME = {"DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID"}
REPEATS = {"RRULE", "RDATE", "RECURRENCE-ID"}
TOO_OFTEN = {"SECONDLY", "MINUTELY", "HOURLY"}
CLOCK = ("BYHOUR", "BYMINUTE", "BYSECOND")  # in a rule
NONSENSE = (
    ValueError,
    TypeError,
    OverflowError,
    AttributeError,
)  # two beginnings, an end and a length
ESCAPED = re.compile(r"\\([\\;,nN])")


class Refused(Exception):
    """Why an event is left out, in words."""


@dataclass
class Block:
    """An event as it stands in the file; other properties are not even looked at."""

    number: int
    lines: list[str] = field(default_factory=list)  # about when it is
    names: set[str] = field(default_factory=set)
    texts: dict[str, str] = field(default_factory=dict)
    is_whole: bool = False
    depth: int = 0

    @property
    def label(self) -> str:
        try:
            return clean(ESCAPED.sub(_unescaped, self.texts.get("SUMMARY", "")))
        except ValueError:
            return ""

    @property
    def uid(self) -> str:
        return self.texts.get("UID", "")

    @property
    def repeats(self) -> bool:
        return bool(self.names & REPEATS)

    @property
    def differs(self) -> bool:
        """Whether it says of one date of a series what is different then."""
        return "RECURRENCE-ID" in self.names

    def says(self, name: str, value: str) -> bool:
        return self.texts.get(name, "").upper() == value


def _unescaped(found: re.Match) -> str:
    return " " if found[1] in "nN" else found[1]


def is_calendar(text: str) -> bool:
    return text.lstrip("\ufeff \t\r\n")[:15].upper() == "BEGIN:VCALENDAR"


def series_of(text: str) -> Iterator[list[Block]]:
    """
    The events of a file, those of one UID together: one that repeats, and what differs from it.

    Raises CannotRead for a file without events or with more than MOST_EVENTS, and when following
    them one after the other takes too long.
    """
    until = clock.monotonic() + LONGEST
    series: dict[str, list[Block]] = {}
    for block in _blocks(text):
        if block.number > MOST_EVENTS:
            raise CannotRead(
                f"The file has more than {MOST_EVENTS:,} events. Export this term only."
            )
        series.setdefault(block.uid or f"no uid {block.number}", []).append(block)
    if not series:
        raise CannotRead("This calendar has no events.")
    for blocks in series.values():
        if clock.monotonic() > until:
            raise CannotRead("The events of this file repeat too often. Export this term only.")
        yield blocks


def _blocks(text: str) -> Iterator[Block]:
    """The events of a file one by one, whole or cut off."""
    block: Block | None = None
    number = 0
    for line in re.sub(r"\r?\n[ \t]", "", text).splitlines():
        word = line.strip().upper()
        if word == BEGIN:
            if block:
                yield block
            number += 1
            block = Block(number)
        elif block and word == END:
            block.is_whole = True
            yield block
            block = None
        elif block:
            _take(block, line, word)
    if block:
        yield block


def _take(block: Block, line: str, word: str) -> None:
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


def event_of(block: Block) -> Event:
    """When an event is, read; its words stay outside. Raises Refused, or one of NONSENSE."""
    if not block.is_whole:
        raise Refused("This event is cut off.")
    if "DTSTART" not in block.names:
        raise Refused("This event has no beginning.")
    if sum(line.count(",") for line in block.lines) > MOST_DATES:
        raise Refused("This event lists too many dates.")
    lines = "\r\n".join((BEGIN, "UID:one", *block.lines, END, ""))
    event = cast("Event", Event.from_ical(lines))
    if event.errors:
        name = event.errors[0][0] or "A line"
        raise Refused(f"{name} of this event cannot be read.")
    _require_sense(event)
    return event


def _require_sense(event: Event) -> None:
    """Refuse what would be followed for ever, or nearly."""
    found: Any = event.get("RRULE", [])
    rules = found if isinstance(found, list) else [found]
    for rule in rules:
        _require_sense_of(rule)
    if len(rules) > MOST_RULES:  # one that never comes true is tried to the year 9999
        raise Refused("This event repeats in too many ways.")
    if rules and event.start.year < EARLIEST:
        raise Refused(f"This event begins before the year {EARLIEST}.")
    if event.end - event.start > LONGEST_EVENT:
        raise Refused("This event lasts longer than a year. Check its years.")
    if "RECURRENCE-ID" in event:
        instead_of: Any = event["RECURRENCE-ID"]
        moved = _day(event.start) - _day(instead_of.dt)
        if abs(moved) > LONGEST_EVENT:  # everything between would be looked through
            raise Refused("This event was moved by more than a year. Check its years.")


def _require_sense_of(rule: Any) -> None:
    if set(rule.get("FREQ", [])) & TOO_OFTEN or any(len(rule.get(each, [])) > 1 for each in CLOCK):
        raise Refused("This event repeats more than once a day.")
    if min(rule.get("INTERVAL", [1])) < 1:
        raise Refused("RRULE of this event cannot be read.")


def _day(moment: date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def occurrences(events: list[Event], begins: date, ends: date) -> list[Event]:
    """
    A series on each of its dates from one moment to another: the event that repeats, and what
    differs from it. Raises Refused.
    """
    calendar = Calendar()
    for event in events:
        calendar.add_component(event)
    try:
        return list(of(calendar).between(begins, ends))
    except Exception as error:  # what a rule that makes no sense ends in is not said anywhere
        raise Refused("The repetition of this event cannot be followed.") from error


def local(moment: date, zone: ZoneInfo) -> datetime:
    """A moment in the school's zone; one without a zone is there already. Raises Refused."""
    if not isinstance(moment, datetime):
        raise Refused("This event lasts all day.")
    if moment.tzinfo is None:
        return moment.replace(tzinfo=zone)
    return moment.astimezone(UTC).astimezone(zone)
