"""Meetings as iCalendar (RFC 5545): a series is one UID, a rule, and what differs from it."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from itertools import groupby
from math import gcd
from operator import attrgetter
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vDuration, vRecur

from people.models import Pairing, Person

from .models import Booking, CalendarFeed, Meeting
from .wall_time import instant

REFRESHED = timedelta(hours=1)  # how often a program is asked to look again
STANDS = (Meeting.Status.PLANNED, Meeting.Status.HELD, Meeting.Status.MISSED)


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
    calendar = _calendar()
    for event in _series(booking, meetings, title_for(booking.pairing, viewer), at):
        calendar.add_component(event)
    calendar.add_missing_timezones()
    return calendar.to_ical()


def feed_file(feed: CalendarFeed, meetings: Iterable[Meeting], *, at: datetime) -> bytes:
    """
    What a calendar program reads at somebody's secret address: series and single talks.

    `meetings` of one booking stand side by side, with their pairing, its two people and school.
    """
    calendar = _calendar()
    calendar.add("x-wr-calname", "One-on-ones")
    calendar.add("refresh-interval", REFRESHED, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vDuration(REFRESHED))
    for booking, group in groupby(meetings, attrgetter("booking")):
        for event in _events(booking, list(group), feed, at):
            calendar.add_component(event)
    calendar.add_missing_timezones()
    return calendar.to_ical()


def _events(
    booking: Booking | None, meetings: list[Meeting], feed: CalendarFeed, at: datetime
) -> Iterator[Event]:
    if booking is None:
        for each in meetings:
            yield from _single(each, _title(each.pairing, feed), at)
    else:
        booking.pairing = meetings[0].pairing  # with its people
        yield from _series(booking, meetings, _title(booking.pairing, feed), at)


def _title(pairing: Pairing, feed: CalendarFeed) -> str:
    if feed.shows_names or pairing.kind == Pairing.Kind.COUNSELING:
        return title_for(pairing, feed.person)
    return "One-on-one"


def _calendar() -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", "-//One-on-Ones//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    return calendar


def _single(meeting: Meeting, title: str, at: datetime) -> Iterator[Event]:
    if meeting.status in STANDS:
        event = _event(meeting, title, at)
        zone = meeting.pairing.school.zone
        _when(event, meeting.starts_at.astimezone(zone), meeting.ends_at - meeting.starts_at)
        _place(event, meeting)
        yield event


def _series(
    booking: Booking, meetings: Iterable[Meeting], title: str, at: datetime
) -> Iterator[Event]:
    """
    One rule from the first date on, by weeks, or by days in a rotation; dates that are not kept are
    taken out of it, and one that was moved, or has other bells, stands beside it under the same
    UID.
    """
    zone = booking.pairing.school.zone
    planned = {
        each.original_starts_at.astimezone(zone).date(): each
        for each in sorted(meetings, key=lambda each: each.original_starts_at)
    }
    standing = {on: each for on, each in planned.items() if each.status in STANDS}
    if not standing:
        return
    begins, length = _usual(planned.values(), zone)
    series = _event(booking, title, at)
    first, step = min(standing), _step(standing)
    rule_dates = [
        first + timedelta(days=step * number)
        for number in range((max(standing) - first).days // step + 1)
    ]
    _when(series, _wall(first, begins, zone), length)
    series.add("rrule", vRecur(**_every(step), until=instant(rule_dates[-1], begins, zone)))
    left_out = [_wall(on, begins, zone) for on in rule_dates if on not in standing]
    if left_out:
        series.add("exdate", left_out)
    _place(series, next(iter(standing.values())))
    yield series
    for on, each in standing.items():
        usual = (instant(on, begins, zone), length)
        if (each.starts_at, each.ends_at - each.starts_at) != usual:
            other = _event(booking, title, at)
            other.add("recurrence-id", _wall(on, begins, zone))
            _when(other, each.starts_at.astimezone(zone), each.ends_at - each.starts_at)
            _place(other, each)
            yield other


def _event(of: Booking | Meeting, title: str, at: datetime) -> Event:
    event = Event()
    event.add("uid", str(of.uid))
    event.add("dtstamp", at)
    event.add("sequence", of.sequence)
    event.add("summary", title)
    event.add("class", "PRIVATE")
    return event


def _when(event: Event, starts_at: datetime, length: timedelta) -> None:
    event.add("dtstart", starts_at)
    event.add("dtend", starts_at + length)


def _place(event: Event, meeting: Meeting) -> None:
    if meeting.open_place:
        event.add("location", meeting.open_place)


def _wall(on: date, begins: time, zone: ZoneInfo) -> datetime:
    return instant(on, begins, zone).astimezone(zone)


def _usual(meetings: Iterable[Meeting], zone: ZoneInfo) -> tuple[time, timedelta]:
    """The wall time and length that most of the dates have as planned."""
    counted = Counter(
        (each.original_starts_at.astimezone(zone).time(), each.ends_at - each.starts_at)
        for each in meetings
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
