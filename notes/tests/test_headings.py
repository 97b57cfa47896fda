"""What a line manager reads of others' talks, on pages."""

from datetime import timedelta

import pytest
from django.urls import reverse

from audit.models import Event
from conftest import NOW
from notes import actions
from notes.tests.factories import agree, finished, school_with_lead
from notes.tests.notes_page import CANARY, address, page, soup
from people.tests.factories import PersonFactory
from scheduling.tests.factories import MeetingFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

BODY = "what-was-said-8412"


@pytest.fixture
def jo(managed):
    """The line manager; a heading, what was said and an action point are finished."""
    host = managed.pairing.host
    finished(managed, host, CANARY, field="heading", chosen=7)
    finished(managed, host, BODY, field="how", chosen=3)
    finished(managed, host, "an-action-5533", field="agreed", chosen=3)
    return managed.pairing.attendee.lines.get().manager


def get(client, person, name="heading_list", pairing=None):
    client.force_login(person.user)
    return client.get(address(name, pairing) if pairing else reverse(f"notes:{name}"))


def test_manager_reads_the_headings_and_nothing_else(client, managed, jo):
    listed = get(client, jo)
    detail = get(client, jo, "heading_detail", managed.pairing)

    assert "Priya Nair" in listed.text
    assert CANARY not in listed.text
    assert CANARY in detail.text
    assert BODY not in detail.text
    assert "an-action-5533" not in detail.text
    assert address("heading_detail", managed.pairing) in listed.text


def test_manager_comes_to_them_from_their_notes(client, managed, jo):
    link = reverse("notes:heading_list")

    assert link in get(client, jo, "note_list").text
    assert link not in get(client, managed.pairing.host, "note_list").text


def test_both_see_that_the_manager_opened_it(client, managed, jo):
    get(client, jo)
    assert not Event.objects.filter(act=Event.Act.PART_READ, by=jo.pk).exists()

    for _ in range(2):
        get(client, jo, "heading_detail", managed.pairing)

    assert Event.objects.filter(act=Event.Act.PART_READ, by=jo.pk).count() == 1
    for person in (managed.pairing.host, managed.pairing.attendee):
        ledger = get(client, person, "meeting_ledger", managed)
        words = soup(ledger).select_one(".ledger").get_text(" ", strip=True)
        assert words.startswith("Jo Hall , leader, opened “Heading”,")
        assert "as the line manager whom you both named" in words


def test_action_points_go_up_where_both_agreed(client, managed, jo):
    agree(managed.pairing, protocol="actions_up")
    later = MeetingFactory(pairing=managed.pairing, starts_at=NOW + timedelta(days=1))
    finished(later, managed.pairing.attendee, "ask-for-a-room", field="agreed", chosen=7)

    text = get(client, jo, "heading_detail", managed.pairing).text

    assert "ask-for-a-room" in text
    assert "an-action-5533" not in text  # agreed later, and never opened backwards


def test_nobody_else_has_such_a_page(client, managed, jo):
    school = managed.school
    others = [
        managed.pairing.host,
        managed.pairing.attendee,
        PersonFactory(leader=True, school=school),
        PersonFactory(administrator=True, school=school),
        PersonFactory(leader=True, school=school_with_lead()),
    ]

    for person in others:
        assert get(client, person, "heading_detail", managed.pairing).status_code == 404
        assert "Nothing to read" in get(client, person).text


def test_the_page_is_gone_once_either_ends_it(client, managed, jo):
    actions.withdraw(managed.pairing, by=managed.pairing.attendee, at=NOW)

    assert get(client, jo, "heading_detail", managed.pairing).status_code == 404
    assert "Nothing to read" in get(client, jo).text


def test_what_the_author_keeps_between_the_two_is_not_there(client, managed, jo):
    later = MeetingFactory(pairing=managed.pairing, starts_at=NOW + timedelta(days=1))
    finished(later, managed.pairing.host, "kept-between-us", field="heading", chosen=3)

    assert "kept-between-us" not in get(client, jo, "heading_detail", managed.pairing).text


def test_without_the_ring_it_says_so(client, managed, jo, tmp_path, settings):
    settings.KEYRING_PATH = tmp_path / "gone.json"

    response = get(client, jo, "heading_detail", managed.pairing)

    assert "Notes cannot be opened right now. Nothing is lost." in response.text


@pytest.mark.parametrize("number", ["0", "99", "x", ""])
def test_pages_that_are_not_there_are_the_nearest(client, managed, jo, number):
    client.force_login(jo.user)

    response = client.get(address("heading_detail", managed.pairing), {"page": number})

    assert CANARY in response.text


@pytest.mark.parametrize("count", [1, 4])
def test_heading_query_count(client, managed, jo, count, django_assert_num_queries):
    for number in range(1, count):
        later = MeetingFactory(pairing=managed.pairing, starts_at=NOW + timedelta(days=number))
        finished(later, managed.pairing.host, CANARY, field="heading", chosen=7)
    detail = address("heading_detail", managed.pairing)
    get(client, jo, "heading_detail", managed.pairing)

    with django_assert_num_queries(12):
        client.get(detail)
    with django_assert_num_queries(7):
        client.get(reverse("notes:heading_list"))


def test_heading_is_short(client, managed):
    client.force_login(managed.pairing.host.user)
    response = client.post(address("note_save", managed), {"heading": "x" * 81, "heading-see": "7"})

    assert "“Heading” is longer than 80 characters." in response.text


def test_fields_for_a_manager_are_asked_for_only_where_one_is_named(client, meeting, managed):
    def labels(talk):
        form = soup(page(client, talk, talk.pairing.host)).select("#note label[for]")
        return [label.get_text(strip=True) for label in form]

    assert "Heading" not in labels(meeting)
    assert labels(managed)[0] == "Heading"
    finished(managed, managed.pairing.host, CANARY, field="heading", chosen=7)
    actions.withdraw(managed.pairing, by=managed.pairing.host, at=NOW)

    again = page(client, managed, managed.pairing.host, data={"write": "1"})
    assert CANARY in soup(again).select_one("#note [name=heading]").get_text()
