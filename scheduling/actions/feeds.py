"""Making, ending and reading somebody's secret calendar address."""

import secrets
from datetime import datetime

from django.db import transaction

from audit.actions import record
from audit.models import Event
from people.home import chain_of
from people.models import Person
from people.permissions import require

from ..models import CalendarFeed
from ..models.feeds import sha256_of

BYTES = 32


@transaction.atomic
def make_feed(*, by: Person, at: datetime, shows_names: bool) -> str:
    """
    Give somebody a new address, and end the one they had; answers its token.

    Nobody can read the token again: of it only a hash is kept.
    """
    token = secrets.token_urlsafe(BYTES)
    CalendarFeed.objects.update_or_create(
        person=by,
        defaults={
            "token_sha256": sha256_of(token),
            "shows_names": shows_names,
            "made_at": at,
            "read_on": None,
        },
    )
    _record(by, "new", at)
    return token


@transaction.atomic
def end_feed(*, by: Person, at: datetime) -> bool:
    """End somebody's address; whether there was one."""
    count, _ = CalendarFeed.objects.filter(person=by).delete()
    if count:
        _record(by, "end", at)
    return bool(count)


def end_feed_of(person: Person) -> None:
    """End the address of somebody whose login moves, in the transaction of who moves it."""
    CalendarFeed.objects.filter(person=person).delete()


@transaction.atomic
def mark_read(feed: CalendarFeed, *, by: Person, at: datetime) -> None:
    """Keep the day on which a calendar program last read an address, for its person to see."""
    require(feed.person_id == by.pk)
    if feed.read_on != at.date():
        CalendarFeed.objects.filter(pk=feed.pk).update(read_on=at.date())


def _record(person: Person, which: str, at: datetime) -> None:
    record(
        Event.Act.FEED_CHANGE,
        chain=chain_of(person),
        by=person.pk,
        objects=[f"person:{person.pk}"],
        basis=which,
        at=at,
    )
