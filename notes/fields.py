"""The fields of a note for each kind of talk, and who writes them; pure data."""

from typing import NamedTuple

from people.models import Pairing


class Field(NamedTuple):
    key: str  # stands on the part: never renamed
    label: str
    kind: str
    hint: str = ""
    rows: int = 2


MEMORY = Field("memory", "For my memory", "private")

STAFF = (
    Field("how", "How are you?", "body", rows=3),
    Field("well", "Going well", "body"),
    Field("heavy", "Heavy or stuck", "body", "A problem without a solution is fine here."),
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
    What this one of the two is asked to write.

    In counseling the student writes nothing; in a circle only what one keeps for oneself.
    """
    if pairing.kind == Pairing.Kind.COUNSELING:
        return COUNSELING if is_host else ()
    if pairing.kind == Pairing.Kind.FAMILY_CONFERENCE:
        return (MEMORY,)
    return STAFF


LABELS = {field.key: field.label for field in (*STAFF, *COUNSELING)}
