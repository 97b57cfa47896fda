"""A series of meetings as an iCalendar file: one UID, a rule, and what differs from it."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from math import gcd
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vRecur

from people.models import Pairing, Person

from .models import Booking, Meeting
from .wall_time import instant

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
    """
    The dates of a booking for somebody's own calendar, with the time zone they are in.

    One rule from the first date on, by weeks, or by days in a rotation; dates that are not kept are
    taken out of it, and one that was moved, or has other bells, stands beside it under the same
    UID.
    """
    pairing = booking.pairing
    zone = pairing.school.zone
    planned = {
        each.original_starts_at.astimezone(zone).date(): each
        for each in sorted(meetings, key=lambda each: each.original_starts_at)
    }
    calendar = Calendar()
    calendar.add("prodid", "-//One-on-Ones//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    standing = {on: each for on, each in planned.items() if each.status in STANDS}
    if standing:
        begins, length = _usual(planned.values(), zone)
        series = _event(booking, viewer, at)
        first, step = min(standing), _step(standing)
        rule_dates = [
            first + timedelta(days=step * number)
            for number in range((max(standing) - first).days // step + 1)
        ]
        _when(series, _wall(first, begins, zone), length)
        series.add(
            "rrule",
            vRecur(
                **_every(step),
                until=instant(rule_dates[-1], begins, zone),
            ),
        )
        left_out = [_wall(on, begins, zone) for on in rule_dates if on not in standing]
        if left_out:
            series.add("exdate", left_out)
        _place(series, next(iter(standing.values())))
        calendar.add_component(series)
        for on, each in standing.items():
            differs = (each.starts_at, each.ends_at - each.starts_at) != (
                instant(on, begins, zone),
                length,
            )
            if differs:
                other = _event(booking, viewer, at)
                other.add("recurrence-id", _wall(on, begins, zone))
                _when(other, each.starts_at.astimezone(zone), each.ends_at - each.starts_at)
                _place(other, each)
                calendar.add_component(other)
    calendar.add_missing_timezones()
    return calendar.to_ical()


def _event(booking: Booking, viewer: Person, at: datetime) -> Event:
    event = Event()
    event.add("uid", str(booking.uid))
    event.add("dtstamp", at)
    event.add("sequence", booking.sequence)
    event.add("summary", title_for(booking.pairing, viewer))
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
