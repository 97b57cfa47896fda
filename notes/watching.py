"""
That somebody opens unusually many notes in a short time: noticed as they do it, told to people.

It stops nobody: whoever may read, reads. One's own words are not counted, for opening them is no
event of the log.
"""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import NamedTuple

from audit.actions import record
from audit.models import Event
from people.models import OutgoingMail, Person, School
from scheduling.wall_time import instant

from .models import LogKeeper

MOST = 60  # ten talks with all that their notes can hold, one after the other
WITHIN = timedelta(minutes=10)
COPIED = ".copy"  # how the ground ends on which a copy of one's own data opened them


class Alert(NamedTuple):
    """That somebody opened more than is usual."""

    person: Person
    at: datetime
    number: int  # at that moment, within ten minutes
    is_copy: bool  # for a copy of their own data


def watch(school_id: int, *, by: Person, at: datetime) -> None:
    """
    Say once a day that somebody opens unusually many notes of a school; to be called right after
    each opening was recorded, in its transaction: whoever else opens waits, so it is said once.
    """
    lately = Event.objects.filter(
        chain=school_id, by=by.pk, act=Event.Act.PART_READ, at__gt=at - WITHIN, at__lte=at
    ).values_list("about", "basis")
    opened: set[str] = set()
    is_copy = False
    for about, basis in lately:
        opened.update(_counted(about))
        is_copy |= basis.endswith(COPIED)
    if len(opened) <= MOST:
        return
    school = School.objects.get(pk=school_id)
    today = school.today(at)
    said = Event.objects.filter(
        chain=school_id,
        by=by.pk,
        act=Event.Act.PART_MANY,
        at__gte=instant(today, time.min, school.zone),
        at__lte=at,
    )
    if said.exists():
        return
    event = record(
        Event.Act.PART_MANY,
        chain=school_id,
        by=by.pk,
        objects=[f"person:{by.pk}"],
        basis=f"{'copy' if is_copy else 'page'}.{len(opened)}",
        at=at,
    )
    told = {by: by, **{each.person: each.person for each in _keepers(school, at=at)}}
    for person in told:
        if person.email:
            OutgoingMail.objects.queue(
                key=f"many:{event.uid}:{person.pk}",
                kind="many_opened",
                person=person,
                at=at,
                about=event.uid,
            )


def alerts(school: School, *, most: int) -> list[Alert]:
    """The newest of a school, as the log has them."""
    events = Event.objects.filter(chain=school.pk, act=Event.Act.PART_MANY)
    found = list(events.order_by("-seq")[:most])
    persons = Person.objects.in_bulk({event.by for event in found if event.by})
    return [
        alert_of(event, persons[event.by]) for event in found if event.by and event.by in persons
    ]


def alert_of(event: Event, person: Person) -> Alert:
    how, _, count = event.basis.partition(".")
    return Alert(person, event.at, int(count), how == "copy")


def _counted(about: Iterable[str]) -> Iterable[str]:
    """
    The fields that were opened; of a page that goes over many talks, such as a search, which shows
    where words stand and not the words around them, the talks.
    """
    names = list(about)
    is_of_many = bool(names) and names[0].startswith(("page:", "pairing:"))
    wanted = "meeting:" if is_of_many else "part:"
    return (name for name in names if name.startswith(wanted))


def _keepers(school: School, *, at: datetime) -> Iterable[LogKeeper]:
    standing = LogKeeper.objects.standing(school, on=school.today(at))
    return standing.select_related("person").order_by("pk")
