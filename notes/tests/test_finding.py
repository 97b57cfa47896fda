"""Finding words in notes: a search is a reader, and tells no more than where they stand."""

from datetime import timedelta

import pytest
from django.urls import reverse

from audit.models import Event
from conftest import NOW
from notes import finding, vault
from notes.models import Part
from notes.tests.factories import agree, draft, finished, school_with_lead
from notes.tests.notes_page import CANARY, address, soup
from people.tests.factories import PairingFactory, PersonFactory
from scheduling.tests.factories import MeetingFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

SEARCHING = 17


def ask(client, person, words):
    client.force_login(person.user)
    return client.post(reverse("notes:note_find"), {"words": words})


def found(response):
    """The talks of an answer, and the fields it names for each."""
    return {
        link["href"]: link.select("small")[-1].get_text(strip=True)
        for link in soup(response).select("main .plist a")
    }


def openings(person):
    return list(Event.objects.filter(act=Event.Act.PART_READ, by=person.pk).order_by("seq"))


def test_finds_what_one_wrote_and_what_was_shared(client, meeting):
    host, priya = meeting.pairing.host, meeting.pairing.attendee
    finished(meeting, host, f"The choir, {CANARY}")
    finished(meeting, host, f"The choir again, {CANARY}", field="memory", chosen=1)
    here = address("meeting_notes", meeting)

    of_host, of_priya = ask(client, host, "choir"), ask(client, priya, "choir")

    assert found(of_host) == {here: "In “How are you?”, “For my memory”"}
    assert found(of_priya) == {here: "In “How are you?”"}
    for response in (of_host, of_priya):
        assert CANARY not in response.text


def test_finds_nothing_for_anybody_else(client, meeting, counseling):
    finished(meeting, meeting.pairing.host, "The choir")
    finished(counseling, counseling.pairing.host, "The choir", field="noticed", chosen=1)
    draft(meeting, meeting.pairing.attendee, "The choir", field="well")
    others = [
        PersonFactory(leader=True, school=meeting.school),
        PersonFactory(administrator=True, school=meeting.school),
        PersonFactory(counselor=True, school=counseling.school),
        counseling.pairing.attendee,
    ]

    for person in others:
        assert found(ask(client, person, "choir")) == {}
        assert openings(person) == []
    assert found(ask(client, meeting.pairing.host, "choir")) == {
        address("meeting_notes", meeting): "In “How are you?”"
    }


@pytest.mark.parametrize(
    ("words", "is_found"),
    [
        ("CAFÉ", True),
        ("cafe", True),
        ("zoë caf", True),
        ("  with   Zoe ", True),
        ("straße", True),
        ("strasse", True),
        ("cafe tomorrow", False),  # in another field
        ("%", False),
        ("c.f", False),
    ],
)
def test_capitals_and_accents_do_not_count_and_signs_are_signs(client, meeting, words, is_found):
    host = meeting.pairing.host
    finished(meeting, host, "With Zoë in the café, Hauptstraße")
    finished(meeting, host, "Tomorrow", field="memory", chosen=1)

    assert bool(found(ask(client, host, words))) is is_found


def test_what_is_found_of_another_counts_as_opened_once(client, meeting):
    host, priya = meeting.pairing.host, meeting.pairing.attendee
    shared = finished(meeting, host, "The choir")
    finished(meeting, host, "The trip", field="well")

    for words in ("choir", "choir", "nowhere"):
        ask(client, priya, words)
    ask(client, host, "choir")

    [opening] = openings(priya)
    assert opening.about == ["page:search", f"meeting:{meeting.uid}", f"part:{shared.uid}"]
    assert opening.basis == "party"
    assert openings(host) == []
    opened = Part.objects.visible_to(host, at=NOW).filter(opened_at__isnull=False)
    assert list(opened) == [shared]
    client.force_login(host.user)
    assert "opened “How are you?”" in client.get(address("meeting_ledger", meeting)).text


def test_only_what_is_shown_is_recorded(client, meeting, monkeypatch):
    monkeypatch.setattr(finding, "TALKS", 1)
    host, priya = meeting.pairing.host, meeting.pairing.attendee
    earlier = MeetingFactory(pairing=meeting.pairing, starts_at=NOW - timedelta(days=7))
    newest = max((meeting, earlier), key=lambda each: each.starts_at)
    for each in (meeting, earlier):
        finished(each, host, "The choir")

    response = ask(client, priya, "choir")

    assert list(found(response)) == [address("meeting_notes", newest)]
    assert "Add a word to see fewer." in response.text
    [opening] = openings(priya)
    assert opening.about[1:2] == [f"meeting:{newest.uid}"]
    assert len(opening.about) == 3


def test_nothing_is_told_if_it_cannot_be_recorded(client, meeting, monkeypatch):
    def fails(*args, **kwargs):
        raise RuntimeError

    finished(meeting, meeting.pairing.host, "The choir")
    monkeypatch.setattr(vault, "record", fails)

    with pytest.raises(RuntimeError):
        ask(client, meeting.pairing.attendee, "choir")


@pytest.mark.parametrize("count", [1, 3])
def test_find_query_count(client, count, django_assert_num_queries):
    school = school_with_lead()
    priya = PersonFactory(teacher=True, school=school)
    for number in range(count):
        pairing = PairingFactory(school=school, attendee=priya)
        agree(pairing)
        meeting = MeetingFactory(pairing=pairing, starts_at=NOW - timedelta(days=7 + number))
        finished(meeting, pairing.host, "The choir")
    client.force_login(priya.user)

    with django_assert_num_queries(SEARCHING):
        response = client.post(reverse("notes:note_find"), {"words": "choir"})

    assert len(found(response)) == count


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("", "Enter a word to look for."),
        (" ", "Enter a word to look for."),
        ("a", "Enter at least two letters."),
        ("a" * 101, "Enter at most 100 letters."),
        ("choir\0", "Null characters are not allowed."),
    ],
)
def test_refuses_in_words(client, meeting, words, why):
    response = ask(client, meeting.pairing.host, words)

    assert response.status_code == 200
    assert why in response.text


def test_without_the_key_ring_it_says_so(client, meeting, settings, tmp_path):
    finished(meeting, meeting.pairing.host, "The choir")
    settings.KEYRING_PATH = tmp_path / "nowhere.json"

    response = ask(client, meeting.pairing.host, "choir")

    assert vault.AWAY in response.text


def test_what_was_changed_behind_our_back_is_not_found(client, meeting):
    host = meeting.pairing.host
    finished(meeting, host, "The choir")
    damaged = finished(meeting, host, "The choir", field="memory", chosen=1)
    Part.objects.visible_to(host, at=NOW).filter(pk=damaged.pk).update(box=b"x" * 300)

    assert found(ask(client, host, "choir")) == {
        address("meeting_notes", meeting): "In “How are you?”"
    }
