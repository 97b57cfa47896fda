"""A talk's notes as somebody else would find them: for the two, who wonder what others get."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.views.decorators.debug import sensitive_variables

from people.models import Person
from scheduling.models import Meeting

from . import vault
from .fields import fields_for
from .models import Part
from .onlookers import OTHER, Onlooker, onlookers
from .sheet import Shown, shown_of
from .standing import standing_of
from .visibility import bases


@dataclass
class Look:
    """What some others would get of a talk, as far as who looks may read it too."""

    onlooker: Onlooker
    is_party: bool  # the other of the two, who has a page of notes here
    writes: bool  # whether they write notes of their own
    from_me: Sequence[Shown] = field(default_factory=list)
    from_other: Sequence[Shown] = field(default_factory=list)
    is_unfinished: bool = False  # there are drafts, which nobody else gets
    is_away: bool = False


@sensitive_variables()
def look_as(meeting: Meeting, viewer: Person, key: str, *, at: datetime) -> Look | None:
    """
    What those with this key would get, asked of the rule; None where nobody has it.

    Opens what it shows for the viewer, and records that as on their own page.
    """
    pairing = meeting.pairing
    other = pairing.other(viewer)
    standing = standing_of(pairing, viewer, at=at)
    known = [
        Onlooker(OTHER, pairing.shown_name(other), [other]),
        *onlookers(pairing, standing, at=at),
    ]
    onlooker = next((each for each in known if each.key == key), None)
    if onlooker is None:
        return None
    writes = bool(fields_for(pairing, is_host=other.pk == pairing.host_id))
    look = Look(onlooker, key == OTHER, key == OTHER and writes)
    parts = list(
        Part.objects.visible_to(viewer, at=at)
        .filter(meeting=meeting)
        .on_pages()
        .select_related("author", "party", "line", "agreement__line_manager")
        .order_by("written_at", "pk")
    )
    for part in parts:
        part.pairing = pairing
    look.is_unfinished = any(part.is_draft for part in parts)
    theirs = _readable(parts, onlooker.people, at=at)
    try:
        texts = vault.read(theirs, by=viewer, at=at, page=f"meeting:{meeting.uid}")
    except vault.Away:
        look.is_away = True
        return look
    eyes = onlooker.people[0] if onlooker.people else viewer
    mine = [part for part in theirs if part.author_id == viewer.pk]
    others = [part for part in theirs if part.author_id != viewer.pk]
    look.from_me = shown_of(mine, texts, eyes, at=at)
    look.from_other = shown_of(others, texts, eyes, at=at)
    return look


def _readable(parts: list[Part], people: Sequence[Person], *, at: datetime) -> list[Part]:
    """Those of the parts that any of these people could read."""
    grounds = [bases(person, parts, at) for person in people]
    return [part for part, *ground in zip(parts, *grounds, strict=True) if any(ground)]
