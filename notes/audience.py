"""Who can see a part, in people's names: never written by hand, always asked of the rule."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from people.models import Pairing, Person

from .models import AgreementVersion, Part
from .models.agreements import cells_of
from .protocols import AUTHOR, BOTH, LINE, UP
from .visibility import basis


class Chip(NamedTuple):
    """What stands beside a field: a height of the meter, and the words that carry it."""

    level: int
    words: str


class Choice(NamedTuple):
    """One of the audiences an author may choose for a field."""

    bits: int
    chip: Chip
    hint: str


def audience(kind: str, agreement: AgreementVersion | None, chosen: int | None = None) -> int:
    """
    The bits a part is written with: as chosen, within the agreement; by default as it says.

    Nothing is shared without an agreement, and the manager's bit needs a manager.
    """
    cell = cells_of(agreement)[kind]
    bits = cell.default if chosen is None else (chosen & cell.maximum) | AUTHOR
    if agreement is None and kind != "agenda":
        bits = AUTHOR
    if agreement is None or agreement.line_manager_id is None:
        bits &= ~LINE
    return bits


def would_be(
    kind: str,
    *,
    pairing: Pairing,
    author: Person,
    agreement: AgreementVersion | None,
    chosen: int | None = None,
) -> Part:
    """A part as it would be finished now, unsaved, for asking the rule about it."""
    bits = audience(kind, agreement, chosen)
    return Part(
        school_id=pairing.school_id,
        pairing=pairing,
        author=author,
        party=pairing.other(author),
        line=agreement.line_manager if agreement and bits & LINE else None,
        kind=kind,
        agreement=agreement,
        written_aud=bits,
        aud=bits,
        is_draft=False,
    )


def readers(part: Part, people: Iterable[Person], *, at: datetime) -> list[Person]:
    """Those of these people who could read the part."""
    return [person for person in people if basis(person, part, at)]


def chip_for(part: Part, *, viewer: Person, at: datetime) -> Chip:
    """The meter and the names of everybody who can read a part, to one of them."""
    people = [part.author, part.party, *([part.line] if part.line else [])]
    names = [
        person.name if person == part.line else person.first_name
        for person in readers(part, people, at=at)
        if person != viewer
    ]
    return Chip(1 + len(names), listed(["You", *names]) if names else "Only you")


def choices(
    kind: str,
    *,
    pairing: Pairing,
    author: Person,
    agreement: AgreementVersion | None,
    at: datetime,
    confidential: bool,
) -> list[Choice]:
    """The audiences an author may choose from, narrowest first; one when nothing is to choose."""
    offered: list[Choice] = []
    for wanted in (AUTHOR, BOTH, UP):
        part = would_be(kind, pairing=pairing, author=author, agreement=agreement, chosen=wanted)
        if part.aud in [choice.bits for choice in offered]:
            continue
        chip = chip_for(part, viewer=author, at=at)
        offered.append(Choice(part.aud, chip, _hint(part, confidential=confidential)))
    return offered


def waiting_chip(kind: str, other: Person) -> Chip:
    """What stands beside a field while the two have not agreed."""
    if kind == "private":
        return Chip(1, "Only you")
    return Chip(1, f"Only you. When {other.first_name} agrees too, you can share.")


def _hint(part: Part, *, confidential: bool) -> str:
    other = part.party.first_name
    if part.line is not None:
        return f"{other} agreed that {part.line.name} can read this."
    if part.aud == AUTHOR:
        return f"Never shown to {other} or anyone else."
    if confidential:
        return f"{other} can read it too. Once shared, the family may ask the school for it."
    return "You can both read it; each adds their own words."


def listed(names: Sequence[str]) -> str:
    """Names as one says them: "You, Priya and Joyce Abara"."""
    return " and ".join([*([", ".join(names[:-1])] if len(names) > 1 else []), names[-1]])
