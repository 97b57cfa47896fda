"""The protocols as data: who may read which kind of part, and what nobody can ever raise."""

import hashlib
import json
from typing import NamedTuple

from people.words import Protocol

# Bits of an audience, on every part
AUTHOR = 1
PARTY = 2  # the other of the two
LINE = 4  # the line manager named in the agreement

BOTH = AUTHOR | PARTY
UP = BOTH | LINE

WITH_PARTY = (PARTY | AUTHOR, UP)
WITH_LINE = (LINE | AUTHOR, UP)

# No protocol, school or role raises these; the database holds them too (models/parts.py)
CEILINGS = {
    "topic": UP,
    "body": BOTH,
    "action": UP,
    "goal": UP,
    "agenda": BOTH,
    "summary": UP,
    "private": AUTHOR,
}
KINDS = tuple(CEILINGS)


class Cell(NamedTuple):
    """Who reads a kind of part unless its author says otherwise, and who at most."""

    default: int
    maximum: int


_A, _B, _L = Cell(AUTHOR, AUTHOR), Cell(BOTH, BOTH), Cell(UP, UP)
_A_TO_B = Cell(AUTHOR, BOTH)  # the author's alone, who may share it

PROTOCOLS: dict[str, dict[str, Cell]] = {
    Protocol.PRIVATE: dict(zip(KINDS, (_A, _A, _A, _A, _A_TO_B, _A, _A), strict=True)),
    Protocol.BETWEEN_US: dict(zip(KINDS, (_B, _B, _B, _B, _B, _B, _A), strict=True)),
    Protocol.TOPICS_UP: dict(zip(KINDS, (_L, _B, _B, _B, _B, _B, _A), strict=True)),
    Protocol.ACTIONS_UP: dict(zip(KINDS, (_L, _B, _L, _B, _B, _B, _A), strict=True)),
    Protocol.COUNSELING: dict(zip(KINDS, (_B, _A_TO_B, _B, _B, _B, _B, _A), strict=True)),
    Protocol.PERF_SUPPORT: dict(zip(KINDS, (_L, _B, _L, _L, _B, _L, _A), strict=True)),
}

for _protocol, _cells in PROTOCOLS.items():
    for _kind, _cell in _cells.items():
        assert _cell.default & ~_cell.maximum == 0, (_protocol, _kind)  # noqa: S101
        assert _cell.maximum & ~CEILINGS[_kind] == 0, (_protocol, _kind)  # noqa: S101
        assert _cell.default & AUTHOR, (_protocol, _kind)  # noqa: S101

# Why fewer people read something, as the basis of an event: "to" with the bits that are left, or
# that an agreement has ended
NARROWED_TO = "to"
WITHDRAWN = "withdrawn"

# What holds while nothing is agreed.
UNAGREED = PROTOCOLS[Protocol.PRIVATE]

TERMS = "one-on-one/terms/v1"


def terms(protocol: str, *, school: int, host: int, attendee: int, line_manager: int | None) -> str:
    """
    A frozen copy of what two people agree to, as canonical JSON: a later edit of this module
    changes no agreement and locks no note.
    """
    cells = {kind: list(cell) for kind, cell in PROTOCOLS[protocol].items()}
    if line_manager is None:
        cells = {kind: [bits & ~LINE for bits in cell] for kind, cell in cells.items()}
    people = {"host": host, "attendee": attendee, "line_manager": line_manager}
    return canonical(
        {
            "format": TERMS,
            "protocol": str(protocol),
            "school": school,
            "people": people,
            "parts": cells,
        }
    )


def cells_in(frozen: str) -> dict[str, Cell]:
    """The table inside frozen terms, never above the ceilings of today."""
    return {
        kind: Cell(*(bits & CEILINGS[kind] for bits in cell))
        for kind, cell in json.loads(frozen)["parts"].items()
    }


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def canonical(value: object) -> str:
    """JSON with one spelling, so that equal things have equal hashes."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
