import json

import pytest

from notes import protocols
from notes.models import Part
from notes.protocols import AUTHOR, BOTH, CEILINGS, PROTOCOLS, UP
from people.models import Pairing
from people.words import PROTOCOL_OF_KIND, Protocol

A, B, L = AUTHOR, BOTH, UP
ORDER = ("private", "between_us", "topics_up", "actions_up", "counseling", "perf_support")

# Typed by hand from the protocols' page, a second time, so that a slip in one is found by the other
TABLE = {
    "topic": (A, B, L, L, B, L),
    "body": (A, B, B, B, A, B),
    "action": (A, B, B, L, B, L),
    "goal": (A, B, B, B, B, L),
    "agenda": (A, B, B, B, B, B),
    "summary": (A, B, B, B, B, L),
    "private": (A, A, A, A, A, A),
}


@pytest.mark.parametrize("kind", TABLE)
def test_protocols_are_the_table(kind):
    assert tuple(PROTOCOLS[protocol][kind].default for protocol in ORDER) == TABLE[kind]


def test_protocols_widen_only_where_an_author_may_share_their_own():
    wider = {
        (protocol, kind): cell.maximum
        for protocol, cells in PROTOCOLS.items()
        for kind, cell in cells.items()
        if cell.maximum != cell.default
    }

    assert wider == {("private", "agenda"): B, ("counseling", "body"): B}


def test_ceilings():
    assert CEILINGS == {
        "topic": L, "body": B, "action": L, "goal": L, "agenda": B, "summary": L, "private": A,
    }  # fmt: skip
    assert set(Part.Kind.values) == set(CEILINGS)


def test_terms_do_not_change_with_the_table(monkeypatch):
    people = {"school": 1, "host": 2, "attendee": 3, "line_manager": 4}
    frozen = protocols.terms(Protocol.TOPICS_UP, **people)

    monkeypatch.setitem(PROTOCOLS[Protocol.TOPICS_UP], "topic", protocols.Cell(A, A))

    assert protocols.cells_in(frozen)["topic"] == (L, L)
    assert protocols.terms(Protocol.TOPICS_UP, **people) != frozen


def test_terms_written_by_hand_do_not_raise_a_ceiling():
    frozen = json.loads(
        protocols.terms(Protocol.PERF_SUPPORT, school=1, host=2, attendee=3, line_manager=4)
    )
    frozen["parts"]["private"] = [L, L]
    frozen["parts"]["body"] = [L, L]

    cells = protocols.cells_in(json.dumps(frozen))

    assert (cells["private"], cells["body"]) == ((A, A), (B, B))


def test_terms_without_a_manager_show_nothing_to_one():
    frozen = protocols.terms(Protocol.PERF_SUPPORT, school=1, host=2, attendee=3, line_manager=None)

    assert {cell.maximum for cell in protocols.cells_in(frozen).values()} == {A, B}


def test_every_kind_of_talk_begins_with_a_protocol():
    assert set(PROTOCOL_OF_KIND) == set(Pairing.Kind)
