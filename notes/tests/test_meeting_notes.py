"""A meeting's notes as the two of it read them."""

import pytest

from audit.models import Event
from conftest import NOW
from notes.tests.factories import agree, draft, finished
from notes.tests.notes_page import CANARY, HTMX, address, page, post_note, soup, who_sees
from people.models import Guardianship, Pairing
from people.tests.factories import LineFactory, PersonFactory
from scheduling.models import Meeting
from scheduling.tests.factories import MeetingFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


def chips(response):
    return {
        each["id"].removesuffix("-chip"): each.get_text(strip=True)
        for each in soup(response).select("#note [id$=-chip]")
    }


# Reading


def test_meeting_notes_say_who_can_see_each_field(client, meeting):
    response = page(client, meeting, meeting.pairing.host)

    assert chips(response) == {
        "how": "You and Priya",
        "well": "You and Priya",
        "heavy": "You and Priya",
        "memory": "Only you",
    }
    assert who_sees(response) == {
        "You": "Everything on this page",
        "Priya": "“How are you?”, “Going well”, “Heavy or stuck”. Not “For my memory”.",
        "The office": "Nothing",
        "Sam Whitlock": "Nothing",
    }
    assert "Between Priya and you." in response.text
    assert "You both agreed this on 12 October." in response.text


def test_meeting_notes_before_an_agreement_are_ones_own(client, counseling):
    response = page(client, counseling, counseling.pairing.host)

    assert set(chips(response).values()) == {
        "Only you. When Elias agrees too, you can share.",
        "Only you",
    }
    assert who_sees(response) == {
        "You": "Everything on this page",
        "Elias": "Nothing. When Elias agrees too, you can share.",
        "Principal, office": "Nothing",
        "Elias’s family": "Nothing",
        "Sam Whitlock": "Nothing",
    }
    assert soup(response).h1.get_text() == "Elias K."


def test_meeting_notes_of_counseling_share_only_what_is_chosen(client, counseling):
    agree(counseling.pairing)
    PersonFactory(counselor=True, school=counseling.school)
    guardian = PersonFactory(guardian=True, school=counseling.school)
    Guardianship.objects.create(
        guardian=guardian, student=counseling.pairing.attendee, starts_on="2026-09-07"
    )

    response = page(client, counseling, counseling.pairing.host)

    assert chips(response) == {
        "words": "Only you",
        "noticed": "Only you",
        "wish": "You and Elias",
        "memory": "Only you",
    }
    rows = who_sees(response)
    assert rows.pop("Elias").startswith("“What they would like to happen”. Not “In their words”")
    assert rows.pop("You")
    assert set(rows) == {
        "Principal, office", "Other counselors", "Elias’s family", "Sam Whitlock"
    }  # fmt: skip
    assert set(rows.values()) == {"Nothing"}


def test_meeting_notes_name_a_line_manager_who_could_read(client, meeting):
    pairing = meeting.pairing
    pairing.kind = Pairing.Kind.PERFORMANCE_SUPPORT
    pairing.save()
    line = LineFactory(
        person=pairing.attendee, manager__given_name="Jo", manager__family_name="Hall"
    )
    line.manager.roles.create(school=pairing.school, kind="leader", starts_on="2026-09-07")
    agree(pairing)

    response = page(client, meeting, pairing.host)

    assert "This is not confidential coaching." in response.text
    assert who_sees(response)["Jo Hall"] == (
        "“Heading”, “Action points”. Not “How are you?”, “Going well”, “Heavy or stuck”, "
        "“For my memory”."
    )
    assert who_sees(response)["The office"] == "Nothing"


def test_meeting_notes_of_the_other_are_read_and_recorded(client, meeting):
    finished(meeting, meeting.pairing.host, CANARY)
    finished(meeting, meeting.pairing.host, "nothing for Priya", field="memory", chosen=1)

    response = page(client, meeting, meeting.pairing.attendee)

    assert CANARY in response.text
    assert "nothing for Priya" not in response.text
    [event] = Event.objects.filter(act=Event.Act.PART_READ)
    assert event.by == meeting.pairing.attendee_id
    page(client, meeting, meeting.pairing.attendee)
    assert Event.objects.filter(act=Event.Act.PART_READ).count() == 1


def test_meeting_notes_show_earlier_words_and_earlier_meetings(client, meeting):
    before = MeetingFactory(pairing=meeting.pairing, past=True)
    finished(before, meeting.pairing.host, "last week")
    part = finished(meeting, meeting.pairing.host, "first words")
    page(client, meeting, meeting.pairing.attendee)
    post_note(
        client, meeting, meeting.pairing.host,
        **{"how": "second words", "how-see": "3", "how-seen": f"{part.uid}:{part.revision}"},
    )  # fmt: skip

    response = page(client, meeting, meeting.pairing.attendee)

    assert response.text.index("second words") < response.text.index("first words")
    assert address("meeting_notes", before) in response.text
    assert "last week" not in response.text


def test_meeting_notes_are_escaped_and_kept_as_typed(client, meeting):
    words = "\n<script>alert(1)</script> &amp; {{ x }} </textarea>\nnext"
    post_note(client, meeting, meeting.pairing.host, how=words, **{"how-see": "3"})

    assert "<script>alert" not in page(client, meeting, meeting.pairing.attendee).text
    client.force_login(meeting.pairing.host.user)
    again = soup(client.get(address("meeting_notes", meeting) + "?write=1"))
    assert again.select_one("#how").get_text() == words


def test_meeting_notes_fragment_is_part_of_the_page(client, meeting):
    finished(meeting, meeting.pairing.attendee, "well")
    draft(meeting, meeting.pairing.host, "begun")

    whole = soup(page(client, meeting, meeting.pairing.host))
    fragment = soup(page(client, meeting, meeting.pairing.host, headers=HTMX))

    [notes] = fragment.find_all(recursive=False)
    for tree in (whole, fragment):
        for token in tree.select("[name=csrfmiddlewaretoken]"):
            token.decompose()
    assert notes == whole.find(id="notes")


def test_meeting_notes_come_back_to_the_page_that_holds_them(client, meeting):
    headers = HTMX | {"HX-Current-URL": f"http://testserver/meetings/{meeting.uid}/"}

    response = page(client, meeting, meeting.pairing.host, headers=headers)

    assert soup(response).select_one("[name=next]")["value"] == f"/meetings/{meeting.uid}/"


@pytest.mark.parametrize("count", [1, 3])
def test_meeting_notes_query_count(client, meeting, count, django_assert_num_queries):
    for field in ["how", "well", "heavy"][:count]:
        finished(meeting, meeting.pairing.host, "a", field=field)
        finished(meeting, meeting.pairing.attendee, "a", field=field)
    for day in range(count):
        past = MeetingFactory(
            pairing=meeting.pairing, past=True, starts_at=NOW.replace(day=1 + day)
        )
        finished(past, meeting.pairing.host, "a")
    page(client, meeting, meeting.pairing.host)

    with django_assert_num_queries(READING):
        client.get(address("meeting_notes", meeting), headers=HTMX)


READING = 13


# A talk that did not take place


@pytest.mark.parametrize("status", ["cancelled", "skipped", "closed", "missed"])
def test_a_talk_that_did_not_take_place_asks_for_no_note(client, meeting, status):
    Meeting.objects.filter(pk=meeting.pk).update(status=status)

    response = page(client, meeting, meeting.pairing.host)

    assert soup(response).find("textarea") is None
    assert "None, and none is needed: this talk did not take place." in response.text
    link = soup(response).find("a", string="Write one")["href"]
    assert soup(client.get(address("meeting_notes", meeting) + "?write=1")).find("textarea")
    assert link == address("meeting_notes", meeting) + "?write=1"


def test_words_begun_before_a_talk_was_cancelled_are_still_there(client, meeting):
    draft(meeting, meeting.pairing.host, CANARY)
    Meeting.objects.filter(pk=meeting.pk).update(status="cancelled")

    response = page(client, meeting, meeting.pairing.host)

    assert CANARY in soup(response).find("textarea", string=True).text


# The word beside what reads like an evaluation


@pytest.mark.parametrize(
    ("kind", "is_nudged", "expected"),
    [
        ("staff_check_in", True, True),
        ("staff_check_in", False, False),
        ("coaching", True, True),
        ("mentoring", True, False),
        ("performance_support", True, False),
    ],
)
def test_the_word_against_verdicts_is_there_for_those_who_want_it(
    client, meeting, kind, is_nudged, expected
):
    Pairing.objects.filter(pk=meeting.pairing_id).update(kind=kind)
    host = meeting.pairing.host
    type(host).objects.filter(pk=host.pk).update(is_nudged=is_nudged)

    text = page(client, meeting, host).text

    assert ("data-nudge" in text, "read like an evaluation" in text) == (expected, expected)
