"""Looking at a talk's notes as somebody else would find them."""

import pytest
from django.urls import reverse

from audit.models import Event
from notes.tests.factories import draft, finished
from notes.tests.notes_page import CANARY, address, page, soup
from people.tests.factories import PersonFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


def look(client, meeting, person, key):
    client.force_login(person.user)
    return client.get(reverse("notes:meeting_look", args=[meeting.uid, key]))


@pytest.fixture
def written(managed):
    host, attendee = managed.pairing.host, managed.pairing.attendee
    texts = {
        "heading": finished(managed, host, "heading-11", field="heading", chosen=7),
        "shared": finished(managed, host, "shared-22", field="how", chosen=3),
        "kept": finished(managed, host, "kept-33", field="well", chosen=1),
        "memory": finished(managed, host, "memory-44", field="memory", chosen=1),
        "theirs": finished(managed, attendee, "theirs-55", field="how", chosen=3),
        "theirs alone": finished(managed, attendee, "alone-66", field="well", chosen=1),
    }
    draft(managed, host, "unfinished-77", field="heavy")
    return texts


ALL = {"heading-11", "shared-22", "kept-33", "memory-44", "theirs-55", "alone-66", "unfinished-77"}


def found(response):
    return {word for word in ALL if word in response.text}


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("other", {"heading-11", "shared-22", "theirs-55"}),
        ("manager", {"heading-11"}),
        ("office", set()),
        ("lead", set()),
    ],
)
def test_it_shows_exactly_what_they_would_get(client, managed, written, key, words):
    PersonFactory(administrator=True, school=managed.school)

    response = look(client, managed, managed.pairing.host, key)

    assert response.status_code == 200
    assert found(response) == words
    if not words:
        assert "Nothing" in soup(response).select_one("main").get_text()


def test_it_shows_what_their_own_page_shows(client, managed, written):
    """But for what they keep to themselves."""
    pairing = managed.pairing
    theirs = page(client, managed, pairing.attendee)

    assert found(look(client, managed, pairing.host, "other")) == found(theirs) - {"alone-66"}
    manager = pairing.attendee.lines.get().manager
    client.force_login(manager.user)
    headings = client.get(address("heading_detail", pairing))
    assert found(look(client, managed, pairing.host, "manager")) == found(headings)


def test_it_says_that_drafts_are_nobodys(client, managed, written):
    assert "What you have not finished yet" in look(
        client, managed, managed.pairing.host, "other"
    ).text  # fmt: skip
    assert "What you have not finished yet" not in look(
        client, managed, managed.pairing.attendee, "other"
    ).text  # fmt: skip


def test_looking_opens_what_the_other_wrote_for_who_looks(client, managed, written):
    look(client, managed, managed.pairing.host, "office")
    assert not Event.objects.filter(act=Event.Act.PART_READ).exists()

    look(client, managed, managed.pairing.host, "other")

    event = Event.objects.get(act=Event.Act.PART_READ)
    assert (event.by, event.basis) == (managed.pairing.host_id, "party")
    assert f"part:{written['theirs'].uid}" in event.about


def test_counseling_is_nothing_to_family_and_other_counselors(client, counseling):
    finished(counseling, counseling.pairing.host, CANARY, field="noticed", chosen=1)
    PersonFactory(counselor=True, school=counseling.school)

    for key in ("other", "counselors", "family", "office", "lead"):
        response = look(client, counseling, counseling.pairing.host, key)
        assert response.status_code == 200, key
        assert CANARY not in response.text


@pytest.mark.parametrize("key", ["counselors", "family", "nonsense", "x" * 200])
def test_as_nobody_it_is_not_there(client, meeting, key):
    assert look(client, meeting, meeting.pairing.host, key).status_code == 404


def test_it_is_for_the_two_alone(client, managed, written):
    manager = managed.pairing.attendee.lines.get().manager

    for person in (manager, PersonFactory(leader=True, school=managed.school)):
        assert look(client, managed, person, "other").status_code == 404


def test_card_leads_to_each(client, managed):
    links = soup(page(client, managed, managed.pairing.host)).select("#who-sees-what dt a")

    assert [link.get_text() for link in links] == ["Priya", "Jo Hall", "The office", "Sam Whitlock"]
    for link in links:
        assert client.get(link["href"]).status_code == 200


def test_without_the_ring_it_says_so(client, managed, written, tmp_path, settings):
    settings.KEYRING_PATH = tmp_path / "gone.json"

    response = look(client, managed, managed.pairing.host, "other")

    assert "Notes cannot be opened right now. Nothing is lost." in response.text
