"""The fields of a note for each kind of talk, and who writes them; pure data."""

from collections.abc import Collection
from typing import NamedTuple

from people.models import Pairing

LONGEST = 20_000  # characters in one field


class Field(NamedTuple):
    key: str  # stands on the part: never renamed
    label: str
    kind: str
    hint: str = ""
    rows: int = 2
    longest: int = LONGEST  # characters


MEMORY = Field("memory", "For my memory", "private")
# What a line manager may be shown: asked for only where two people agreed on one
UPWARD = (
    Field("heading", "Heading", "topic", "A few words, such as “time management”.", 1, 80),
    Field("agreed", "Action points", "action", "None is fine. Not every talk needs a plan."),
)

STAFF = (
    UPWARD[0],
    Field("how", "How are you?", "body", rows=3),
    Field("well", "Going well", "body"),
    Field("heavy", "Heavy or stuck", "body", "A problem without a solution is fine here."),
    UPWARD[1],
    MEMORY,
)
COUNSELING = (
    Field("words", "In their words", "body", "Short, and as they said it."),
    Field("noticed", "What I noticed", "body", rows=3),
    Field("wish", "What they would like to happen", "goal"),
    MEMORY,
)


def fields_for(pairing: Pairing, *, is_host: bool) -> tuple[Field, ...]:
    """
    What this one of the two may write; see also `asked_for`.

    In counseling the student writes nothing; in a circle only what one keeps for oneself.
    """
    if pairing.kind == Pairing.Kind.COUNSELING:
        return COUNSELING if is_host else ()
    if pairing.kind == Pairing.Kind.FAMILY_CONFERENCE:
        return (MEMORY,)
    return STAFF


def asked_for(
    pairing: Pairing, *, is_host: bool, names_manager: bool, begun: Collection[str] = ()
) -> tuple[Field, ...]:
    """The fields on this one's page: those for a line manager where one is named, or once begun."""
    return tuple(
        field
        for field in fields_for(pairing, is_host=is_host)
        if names_manager or field not in UPWARD or field.key in begun
    )


LABELS = {field.key: field.label for field in (*STAFF, *COUNSELING)}
