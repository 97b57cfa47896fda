import copy
import json
import pickle
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from audit import keyring
from audit.models import Event
from conftest import NOW
from notes import vault
from notes.models import Acknowledgement
from notes.tests.factories import agree, finished, part_row, row_of, school_with_lead, written_by
from people.models import Pairing
from people.tests.factories import LineFactory, PairingFactory, PersonFactory
from scheduling.tests.factories import MeetingFactory

CANARY = "zanzibar-nougat-4711"


@pytest.fixture
def shared(db):
    """A heading that its author shares with the other and with the named line manager."""
    pairing = PairingFactory(school=school_with_lead(), kind=Pairing.Kind.COACHING)
    manager = PersonFactory(leader=True, school=pairing.school)
    LineFactory(person=pairing.attendee, manager=manager)
    meeting = MeetingFactory(pairing=pairing)
    version = agree(pairing)
    return part_row(
        meeting, pairing.host, CANARY,
        kind="topic", written_aud=7, aud=7, line=manager, agreement=version,
    )  # fmt: skip


def read(part, viewer, at=NOW, page="meeting:1"):
    [sealed] = vault.read([part], by=viewer, at=at, page=page).values()
    return sealed


def reads():
    return list(Event.objects.filter(act=Event.Act.PART_READ).order_by("seq"))


@pytest.mark.parametrize("who", ["author", "party", "line"])
def test_read_opens_for_those_who_may(shared, who):
    assert vault.unwrap(read(shared, getattr(shared, who))) == CANARY


def test_read_decides_again(shared):
    with pytest.raises(vault.CannotRead):
        read(shared, PersonFactory(leader=True, school=shared.school))

    assert reads() == []


FLIPS = {
    "uid": lambda part: setattr(part, "uid", "0" * 32),
    "school": lambda part: setattr(part, "school_id", part.school_id + 1),
    "pairing": lambda part: setattr(part, "pairing_id", part.pairing_id + 1),
    "circle": lambda part: setattr(part, "circle_sha256", "0" * 64),
    "meeting": lambda part: setattr(part, "meeting_id", part.meeting_id + 1),
    "kind": lambda part: setattr(part, "kind", "goal"),
    "field": lambda part: setattr(part, "field", "well"),
    "party": lambda part: setattr(part, "party_id", part.party_id + 99),
    "written audience": lambda part: setattr(part, "written_aud", 3) or setattr(part, "aud", 3),
    "manager of the version": lambda part: setattr(part.agreement, "line_manager_id", 1),
    "version": lambda part: setattr(part.agreement, "uid", "0" * 32),
    "terms": lambda part: setattr(part.agreement, "terms", part.agreement.terms + " "),
    "no version": lambda part: setattr(part, "agreement", None),
    "wider than written": lambda part: setattr(part, "aud", 15),
    "text": lambda part: setattr(part, "box", bytes(part.box)[:-1] + b"\0\0"),
    "key": lambda part: setattr(part, "dek", bytes(part.dek)[:-1] + b"\0\0"),
}


@pytest.mark.parametrize("flip", FLIPS)
def test_nothing_opens_when_a_bound_field_was_changed(shared, flip):
    FLIPS[flip](shared)

    sealed = vault.read_own(shared, by=shared.author)

    assert sealed.is_broken
    assert vault.unwrap(sealed) == ""


def test_nothing_opens_for_another_author(shared):
    thief = PersonFactory()
    shared.author = thief

    assert vault.read_own(shared, by=thief).is_broken


def test_two_texts_cannot_change_places(shared):
    other = part_row(shared.meeting, shared.author, "something else")
    other.key_id, other.dek, other.box = shared.key_id, shared.dek, shared.box

    assert vault.read_own(other, by=other.author).is_broken


def test_read_own_is_for_the_author_alone(shared):
    with pytest.raises(vault.CannotRead):
        vault.read_own(shared, by=shared.party)


# The audit comes first


def test_read_is_recorded_once_a_page_and_half_hour(shared):
    for minutes in (0, 10, 29):
        read(shared, shared.party, at=NOW + timedelta(minutes=minutes))
    assert len(reads()) == 1

    read(shared, shared.party, at=NOW + timedelta(minutes=31))
    read(shared, shared.party, at=NOW + timedelta(minutes=32), page="meeting:2")
    read(shared, shared.line, at=NOW + timedelta(minutes=32))

    assert [(event.by, event.basis) for event in reads()] == [
        (shared.party_id, "party"),
        (shared.party_id, "party"),
        (shared.party_id, "party"),
        (shared.line_id, "line"),
    ]
    assert reads()[0].about == ["meeting:1", f"part:{shared.uid}"]


def test_read_is_recorded_again_when_an_unseen_part_appears(shared):
    read(shared, shared.party)
    more = part_row(shared.meeting, shared.author, written_aud=3, aud=3, agreement=shared.agreement)

    vault.read([shared, more], by=shared.party, at=NOW + timedelta(minutes=1), page="meeting:1")

    assert [len(event.about) for event in reads()] == [2, 3]


def test_read_of_ones_own_is_not_recorded(shared):
    read(shared, shared.author)

    assert reads() == []
    assert row_of(shared).opened_at is None


def test_read_marks_the_first_opening(shared):
    read(shared, shared.party)
    read(shared, shared.party, at=NOW + timedelta(hours=1))

    assert row_of(shared).opened_at == NOW


def test_read_shows_nothing_when_it_cannot_be_recorded(shared, monkeypatch):
    def fails(*args, **kwargs):
        raise DatabaseError

    opened = []
    monkeypatch.setattr(vault, "record", fails)
    monkeypatch.setattr(vault, "_open", opened.append)

    with pytest.raises(DatabaseError):
        read(shared, shared.party)

    assert opened == []


@pytest.mark.django_db(transaction=True)
def test_read_is_recorded_for_good_and_refuses_to_be_undone():
    meeting = MeetingFactory(pairing__school=school_with_lead())
    agree(meeting.pairing)
    part = finished(meeting, meeting.pairing.host, CANARY)

    with pytest.raises(RuntimeError), transaction.atomic():
        read(part, meeting.pairing.attendee)

    assert vault.unwrap(read(part, meeting.pairing.attendee)) == CANARY
    assert len(reads()) == 1


# What is sealed


def test_sealed_shows_itself_to_nobody(shared):
    sealed = read(shared, shared.author)

    assert f"{sealed} {sealed!r} {sealed!s} {sealed:>5}" == " ".join(["<sealed>"] * 4)
    assert not hasattr(sealed, "__dict__")
    for attempt in (pickle.dumps, copy.copy, copy.deepcopy, json.dumps):
        with pytest.raises(TypeError):
            attempt(sealed)


def test_sealed_text_is_not_in_the_row(shared):
    [row] = written_by(shared.author)

    assert CANARY not in repr(row)
    assert CANARY.encode() not in bytes(row["box"]) + bytes(row["dek"])
    assert CANARY not in f"{shared} {shared!r} {shared.__dict__}"


# The key ring


@pytest.fixture
def ring_away(settings, tmp_path):
    settings.KEYRING_PATH = tmp_path / "nowhere" / "ring.json"


def test_read_without_a_key_ring_says_so(shared, ring_away):
    with pytest.raises(vault.Away):
        read(shared, shared.author)


def test_read_with_a_key_lost_says_so_and_blames_nobody(shared, tmp_path, settings):
    settings.KEYRING_PATH = tmp_path / "other" / "ring.json"
    keyring.create(settings.KEYRING_PATH, on=NOW.date())

    with pytest.raises(vault.Away):
        read(shared, shared.author)


def test_a_version_is_believed_only_with_both_signatures(shared):
    version = shared.agreement
    said_yes = list(Acknowledgement.objects.filter(version=version))
    assert vault.is_genuine(version, said_yes)

    assert not vault.is_genuine(version, said_yes[:1])
    said_yes[0].words_sha256 = "0" * 64
    assert not vault.is_genuine(version, said_yes)
    version.terms = version.terms.replace("[3,3]", "[7,7]")
    assert not vault.is_genuine(version, said_yes)
