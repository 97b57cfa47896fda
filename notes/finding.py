"""Finding words in the notes that a person may read: without an index, so without a copy."""

import unicodedata
from collections.abc import Collection
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from django.db.models import Prefetch, Q
from django.views.decorators.debug import sensitive_variables

from people.models import Pairing, Person
from scheduling.models import Meeting

from . import vault
from .fields import LABELS
from .models import AgreementVersion, Part

TALKS = 25  # in one answer


class Find(NamedTuple):
    """A talk in whose notes the words stand, and in which fields; never the words around them."""

    meeting: Meeting
    other: Person
    is_confidential: bool
    labels: Collection[str]


@sensitive_variables()
def find(words: str, viewer: Person, *, at: datetime) -> tuple[list[Find], bool]:
    """
    The talks of one's own in one field of which all these words stand, newest first, and whether
    there are more than are shown. Capitals and accents do not count.

    A search is a reader: what it finds of another's counts as opened. Raises vault.Away.
    """
    wanted = fold(words).split()

    def matches(text: str) -> bool:
        folded = fold(text)
        return all(word in folded for word in wanted)

    parts = (
        Part.objects.visible_to(viewer, at=at)
        .filter(Q(author=viewer) | Q(party=viewer), meeting__isnull=False)
        .on_pages()
        .prefetch_related(Prefetch("agreement", AgreementVersion.objects.visible_to(viewer)))
        .order_by("-meeting__starts_at", "-meeting", "written_at", "pk")
    )
    hits, is_cut = vault.find(parts, matches, by=viewer, at=at, most=TALKS)
    found = []
    for meeting, here in groupby(hits, attrgetter("meeting")):
        pairing = meeting.pairing
        labels = dict.fromkeys(LABELS.get(part.field, "Note") for part in here)
        is_confidential = pairing.kind == Pairing.Kind.COUNSELING
        found.append(Find(meeting, pairing.other(viewer), is_confidential, list(labels)))
    return found, is_cut


def fold(text: str) -> str:
    """A text as it is compared: "Café" is "cafe"."""
    if text.isascii():
        return text.lower()
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
