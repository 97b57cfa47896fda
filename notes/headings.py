"""What a line manager may read: the kinds of parts that two people agreed to show to them."""

from collections.abc import Sequence
from datetime import date, datetime
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from people.models import Pairing, Person
from scheduling.models import Meeting

from . import vault
from .audience import Chip
from .models import Part
from .models.parts import PartQuerySet
from .protocols import WITH_LINE
from .sheet import Shown, shown_of


class Told(NamedTuple):
    """Two people who show a line manager something, and when they last did."""

    pairing: Pairing
    last_on: date


class Talk(NamedTuple):
    """One talk of the two, and what of it the manager may read."""

    meeting: Meeting
    shown: Sequence[Shown]


def shown_to(viewer: Person, visible: PartQuerySet) -> PartQuerySet:
    """Of the parts that somebody may read, those that others show to them as a line manager."""
    return visible.filter(line=viewer, aud__in=WITH_LINE, meeting__isnull=False)


def pairings_shown_to(viewer: Person, *, at: datetime) -> list[Told]:
    """Each two who show this person something; the newest talk first. Opens nothing."""
    rows = (
        shown_to(viewer, Part.objects.visible_to(viewer, at=at))
        .order_by("-meeting__starts_at", "-pk")
        .values_list("pairing", "meeting__starts_at", "school__time_zone")
    )
    newest: dict[int, datetime] = {}
    for pairing, starts_at, _ in rows:
        newest.setdefault(pairing, starts_at)
    pairings = Pairing.objects.with_people().select_related("school").in_bulk(newest)
    return [
        Told(pairings[pk], pairings[pk].school.today(starts_at)) for pk, starts_at in newest.items()
    ]


def talks_of(parts: Sequence[Part], viewer: Person, *, at: datetime) -> list[Talk]:
    """
    Open parts of one pairing that somebody may read as a line manager, and record it for each talk.

    They come in the order of their talks, each with its own. Raises vault.Away.
    """
    page = f"pairing:{parts[0].pairing.uid}" if parts else ""
    texts = vault.read(parts, by=viewer, at=at, page=page)
    known: dict[object, Chip] = {}
    return [
        Talk(meeting, shown_of(list(theirs), texts, viewer, at=at, known=known))
        for meeting, theirs in groupby(parts, attrgetter("meeting"))
    ]
