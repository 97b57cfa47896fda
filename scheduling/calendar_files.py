"""
Meetings as iCalendar (RFC 5545): a series is one UID, a rule, and what differs from it.

`series_file` and `feed_file` publish; what is sent by mail (RFC 5546) is `invitations.py`.
"""

import uuid
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import groupby
from math import gcd
from operator import attrgetter
from typing import Any, NamedTuple, Self
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vDuration, vRecur

from people.models import Pairing, Person

from .models import Booking, CalendarFeed, Meeting
from .wall_time import instant

REFRESHED = timedelta(hours=1)  # how often a program is asked to look again


def title_for(pairing: Pairing, viewer: Person) -> str:
    """What a calendar that others may see says: never why, never a student's name."""
    if pairing.kind == Pairing.Kind.COUNSELING:
        return "Busy"
    other = pairing.other(viewer)
    if pairing.is_with_student and other.pk == pairing.attendee_id:
        return "One-on-one"
    return f"One-on-one with {other.initials[:1]}. {other.family_name}"


def series_file(
    booking: Booking, meetings: Iterable[Meeting], *, viewer: Person, at: datetime
) -> bytes:
    """The dates of a booking for somebody's own calendar, with the time zone they are in."""
    title = title_for(booking.pairing, viewer)
    return written(calendar_for("PUBLISH"), series_of(booking, meetings, title, at))


def feed_file(feed: CalendarFeed, meetings: Iterable[Meeting], *, at: datetime) -> bytes:
    """
    What a calendar program reads at somebody's secret address: series and single talks.

    `meetings` of one booking stand side by side, with their pairing, its two people and school.
    """
    calendar = calendar_for("PUBLISH")
    calendar.add("x-wr-calname", "One-on-ones")
    calendar.add("refresh-interval", REFRESHED, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vDuration(REFRESHED))
    events = (
        event
        for booking, group in groupby(meetings, attrgetter("booking"))
        for event in _events(booking, list(group), feed, at)
    )
    return written(calendar, events)


def _events(
    booking: Booking | None, meetings: list[Meeting], feed: CalendarFeed, at: datetime
) -> Iterator[Event]:
    if booking is None:
        for each in meetings:
            if each.stands:
                yield single(each, _title(each.pairing, feed), at)
    else:
        booking.pairing = meetings[0].pairing  # with its people
        yield from series_of(booking, meetings, _title(booking.pairing, feed), at)


def _title(pairing: Pairing, feed: CalendarFeed) -> str:
    if feed.shows_names or pairing.kind == Pairing.Kind.COUNSELING:
        return title_for(pairing, feed.person)
    return "One-on-one"


def calendar_for(method: str) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", "-//One-on-Ones//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    return calendar


def written(calendar: Calendar, events: Iterable[Event]) -> bytes:
    """A calendar with its events, and the time zones that they are in, for the years around."""
    dates = set()
    for event in events:
        calendar.add_component(event)
        dates.add(event.DTSTART.date())
    if dates:
        calendar.add_missing_timezones(
            first_date=date(min(dates).year - 1, 1, 1), last_date=date(max(dates).year + 2, 1, 1)
        )
    return calendar.to_ical()


def single(meeting: Meeting, title: str, at: datetime) -> Event:
    """A talk of its own."""
    event = _event(meeting.uid, meeting.sequence, title, at)
    zone = meeting.pairing.school.zone
    _when(event, meeting.starts_at.astimezone(zone), meeting.ends_at - meeting.starts_at)
    _place(event, meeting)
    return event


class Pattern(NamedTuple):
    """A series as a rule: its dates as planned, the wall time and length that most have."""

    planned: dict[date, Meeting]
    begins: time
    length: timedelta
    step: int  # days
    zone: ZoneInfo

    @classmethod
    def of(cls, booking: Booking, meetings: Iterable[Meeting]) -> Self:
        zone = booking.pairing.school.zone
        planned = {
            each.original_starts_at.astimezone(zone).date(): each
            for each in sorted(meetings, key=lambda each: each.original_starts_at)
        }
        return cls(planned, *_usual(list(planned.values()), zone), _step(planned), zone)

    def wall(self, on: date) -> datetime:
        """When a date of the rule begins: by this instant (RECURRENCE-ID) it is told from others"""
        return instant(on, self.begins, self.zone).astimezone(self.zone)

    def is_usual(self, on: date, meeting: Meeting) -> bool:
        begins = instant(on, self.begins, self.zone)
        return (meeting.starts_at, meeting.ends_at) == (begins, begins + self.length)


def sequence_of(booking: Booking, meetings: Iterable[Meeting]) -> int:
    """
    How often a series or a talk of it has changed: the same for all that is said of it.

    Each summand only ever rises, also when something is undone, and so does the sum. No two
    changes of one series have to wait for each other to count.
    """
    return booking.sequence + sum(each.sequence for each in meetings)


def series_of(
    booking: Booking,
    meetings: Iterable[Meeting],
    title: str,
    at: datetime,
    *,
    is_explicit: bool = False,
) -> Iterator[Event]:
    """
    One rule from the first date on, by weeks, or by days in a rotation; dates that are not kept are
    taken out of it, and one that was moved, or has other bells, stands beside it under the same
    UID. If `is_explicit`, so does every date that ever changed: who knows what it was, learns what
    it is.
    """
    meetings = list(meetings)
    if not any(each.stands for each in meetings):
        return
    pattern = Pattern.of(booking, meetings)
    standing = {on: each for on, each in pattern.planned.items() if each.stands}
    sequence = sequence_of(booking, meetings)
    series = _event(booking.uid, sequence, title, at)
    _repeat(series, pattern, standing)
    _place(series, next(iter(standing.values())))
    yield series
    for on, each in standing.items():
        if not pattern.is_usual(on, each) or (is_explicit and each.sequence):
            yield occurrence(booking, on, each, pattern, sequence, title, at)


def occurrence(
    booking: Booking,
    on: date,
    meeting: Meeting,
    pattern: Pattern,
    sequence: int,
    title: str,
    at: datetime,
) -> Event:
    """One date of a series, told by when the rule puts it."""
    event = _event(booking.uid, sequence, title, at)
    event.add("recurrence-id", pattern.wall(on))
    length = meeting.ends_at - meeting.starts_at
    _when(event, meeting.starts_at.astimezone(pattern.zone), length)
    _place(event, meeting)
    return event


def whole(booking: Booking, meetings: Iterable[Meeting], title: str, at: datetime) -> Event:
    """A series with every date that it ever had, to be taken out of a calendar."""
    meetings = list(meetings)
    pattern = Pattern.of(booking, meetings)
    event = _event(booking.uid, sequence_of(booking, meetings), title, at)
    _repeat(event, pattern, pattern.planned)
    return event


def _repeat(event: Event, pattern: Pattern, dates: Collection[date]) -> None:
    """The rule through these dates: from the first to the last, without those between."""
    first, last, step = min(dates), max(dates), pattern.step
    rule_dates = [
        first + timedelta(days=step * number) for number in range((last - first).days // step + 1)
    ]
    _when(event, pattern.wall(first), pattern.length)
    until = instant(rule_dates[-1], pattern.begins, pattern.zone)
    event.add("rrule", vRecur(**_every(step), until=until))
    left_out = [pattern.wall(on) for on in rule_dates if on not in dates]
    if left_out:
        event.add("exdate", left_out)


def _event(uid: uuid.UUID, sequence: int, title: str, at: datetime) -> Event:
    event = Event()
    event.add("uid", str(uid))
    event.add("dtstamp", at)
    event.add("sequence", sequence)
    event.add("summary", title)
    event.add("class", "PRIVATE")
    return event


def _when(event: Event, starts_at: datetime, length: timedelta) -> None:
    event.add("dtstart", starts_at)
    event.add("dtend", starts_at + length)


def _place(event: Event, meeting: Meeting) -> None:
    if meeting.open_place:
        event.add("location", meeting.open_place)


def _usual(meetings: Sequence[Meeting], zone: ZoneInfo) -> tuple[time, timedelta]:
    """The wall time and length that most of the dates have as planned; moved ones do not count."""
    unmoved = [each for each in meetings if each.starts_at == each.original_starts_at]
    counted = Counter(
        (each.original_starts_at.astimezone(zone).time(), each.ends_at - each.starts_at)
        for each in unmoved or meetings
    )
    return counted.most_common(1)[0][0]


def _every(step: int) -> dict[str, Any]:
    """A rule's pace: in whole weeks, or else in days, which every calendar knows as well."""
    if step % 7:
        return {"freq": "DAILY", "interval": step}
    return {"freq": "WEEKLY", "interval": step // 7}


def _step(dates: Iterable[date]) -> int:
    """Days between dates of the rule: the greatest number that reaches all of them."""
    days = sorted(dates)
    steps = [(later - days[0]).days for later in days[1:]]
    return gcd(*steps) or 7
