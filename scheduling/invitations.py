"""
Talks for somebody's own calendar, by mail (RFC 5546): what stands as REQUEST, what is off as
CANCEL.

Everybody gets a file of their own, with nobody else in it but the address that sends it.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from email.utils import parseaddr
from typing import NamedTuple

from django.conf import settings
from icalendar import Event, vCalAddress, vText

from people.models import Person

from .calendar_files import (
    Pattern,
    calendar_for,
    occurrence,
    sequence_of,
    series_of,
    single,
    title_for,
    whole,
    written,
)
from .models import Booking, Meeting

REQUEST, CANCEL = "REQUEST", "CANCEL"


class Invitation(NamedTuple):
    method: str
    content: bytes
    dates: int  # of a CANCEL: how many talks it takes out; 0 for all


def of_series(
    booking: Booking,
    meetings: Collection[Meeting],
    changed: Collection[Meeting],
    *,
    person: Person,
    at: datetime,
    are_moves: bool = False,
) -> Invitation:
    """
    What somebody's calendar is to know of a series now.

    `changed` are those of its dates that alone are told, to who knows the series; none tells it as
    a whole. A series of which nothing is ahead any more is taken out, and so are single dates. A
    date that moved stands alone under its RECURRENCE-ID; one that comes back brings the whole rule,
    which it had been taken out of.
    """
    title = title_for(booking.pairing, person)
    ahead = [each for each in meetings if each.stands and each.starts_at > at]
    is_over = not any(each.stands for each in meetings)
    if is_over or (booking.released_at is not None and not ahead):
        return _file(CANCEL, [whole(booking, meetings, title, at)], person)
    if changed and not any(each.stands for each in changed):
        events = _occurrences(booking, meetings, changed, title, at)
        return _file(CANCEL, events, person, dates=len(changed))
    if changed and are_moves and all(each.stands for each in changed):
        return _file(REQUEST, _occurrences(booking, meetings, changed, title, at), person)
    events = list(series_of(booking, meetings, title, at, is_explicit=True))
    return _file(REQUEST, events, person)


def of_talk(meeting: Meeting, *, person: Person, at: datetime) -> Invitation:
    """What somebody's calendar is to know of a talk that is in no series."""
    event = single(meeting, title_for(meeting.pairing, person), at)
    return _file(REQUEST if meeting.stands else CANCEL, [event], person, dates=1)


def _occurrences(
    booking: Booking,
    meetings: Collection[Meeting],
    changed: Collection[Meeting],
    title: str,
    at: datetime,
) -> list[Event]:
    pattern = Pattern.of(booking, meetings)
    sequence = sequence_of(booking, meetings)
    return [
        occurrence(booking, on, each, pattern, sequence, title, at)
        for on, each in pattern.planned.items()
        if each in changed
    ]


def _file(method: str, events: Iterable[Event], person: Person, *, dates: int = 0) -> Invitation:
    events = list(events)
    for event in events:
        event.add("status", "CANCELLED" if method == CANCEL else "CONFIRMED")
        event.add("organizer", _organizer())
        event.add("attendee", _attendee(person))
    content = written(calendar_for(method), events)
    return Invitation(method, content, dates if method == CANCEL else 0)


def _organizer() -> vCalAddress:
    """The address that sends it: an answer reaches no person, and no other address is told."""
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    organizer = vCalAddress(f"mailto:{address}")
    if name:
        organizer.params["CN"] = vText(name)
    return organizer


def _attendee(person: Person) -> vCalAddress:
    """Who gets it; the time is agreed already, so no answer is asked for."""
    attendee = vCalAddress(f"mailto:{person.email}")
    attendee.params["CN"] = vText(person.full_name)
    attendee.params["PARTSTAT"] = vText("ACCEPTED")
    attendee.params["RSVP"] = vText("FALSE")
    return attendee
