"""One's own list of notes, and a student who dropped in."""

from uuid import uuid4

import pytest
from django.urls import reverse

from conftest import NOW
from notes.tests.factories import draft, finished, school_with_lead
from notes.tests.notes_page import CANARY, address, soup
from people.models import Pairing, School
from people.tests.factories import PairingFactory, PersonFactory
from scheduling.models import Meeting
from scheduling.tests.factories import MeetingFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

# One's own list


@pytest.mark.parametrize("count", [1, 3])
def test_note_list_query_count(client, counseling, count, django_assert_num_queries):
    host = counseling.pairing.host
    for number in range(count):
        pairing = PairingFactory(
            counseling=True, school=counseling.school, host=host,
            attendee__given_name=f"Elias {number}",
        )  # fmt: skip
        meeting = MeetingFactory(pairing=pairing, starts_at=NOW.replace(day=1 + number))
        finished(meeting, host, CANARY, field="noticed", chosen=1)
        draft(meeting, host, CANARY, field="wish", chosen=1)
    client.force_login(host.user)

    with django_assert_num_queries(LISTING):
        response = client.get(reverse("notes:note_list"))

    assert len(response.context["notes"]) == count
    assert CANARY not in response.text
    assert response.text.count("To finish") == count


LISTING = 9


@pytest.mark.parametrize("number", ["0", "99", "x", "-1", ""])
def test_note_list_takes_any_page(client, meeting, number):
    client.force_login(meeting.pairing.host.user)

    assert client.get(reverse("notes:note_list"), {"page": number}).status_code == 200


# A student who dropped in


def test_student_note_makes_a_talk_and_leads_to_its_note(client):
    school = school_with_lead()
    counselor = PersonFactory(counselor=True, school=school)
    student = PersonFactory(student=True, school=school, given_name="Elias")
    PersonFactory(student=True, given_name="Elsewhere")
    client.force_login(counselor.user)
    url = reverse("notes:student_note")

    shown = client.get(url, {"find": "elias"})
    assert [str(student.uid)] == [
        option["value"] for option in soup(shown).select("#id_student option") if option["value"]
    ]
    fields = {"student": student.uid, "on": "2026-10-12", "starts_at": "02:30", "minutes": "20"}
    for _ in range(2):
        response = client.post(url, fields)
    meeting = Meeting.objects.get()
    assert response.url == address("meeting_notes", meeting)
    assert meeting.pairing.kind == Pairing.Kind.COUNSELING
    assert client.get(response.url).status_code == 200


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "Choose a student"),
        ({"student": "nonsense"}, "Choose a student from the list"),
        ({"student": str(uuid4())}, "Choose a student from the list"),
        ({"student": "\0"}, "Choose a student"),
        ({"on": "2026-02-31"}, "Enter a date, such as"),
        ({"on": "0001-01-01"}, "Choose a date within a year"),
        ({"starts_at": "half ten"}, "Enter a time, such as 10:40"),
        ({"minutes": "0"}, "Enter how long it lasts, such as 30"),
        ({"minutes": "soon"}, "Enter how long it lasts, such as 30"),
        ({"minutes": "999"}, "Enter how long it lasts, such as 30"),
    ],
)
def test_student_note_refuses_in_words(client, fields, words):
    school = school_with_lead()
    client.force_login(PersonFactory(counselor=True, school=school).user)

    response = client.post(reverse("notes:student_note"), fields)

    assert response.status_code == 200
    assert words in response.text


def test_student_note_refuses_a_talk_that_is_still_to_come(client):
    school = school_with_lead()
    student = PersonFactory(student=True, school=school)
    client.force_login(PersonFactory(counselor=True, school=school).user)

    response = client.post(
        reverse("notes:student_note"),
        {"student": student.uid, "on": "2026-10-13", "starts_at": "10:00", "minutes": "20"},
    )

    assert "This day is still to come." in response.text
    assert not Pairing.objects.exists()


def test_student_note_is_for_counselors_and_their_students(client):
    school = school_with_lead()
    elsewhere = PersonFactory(student=True)
    client.force_login(PersonFactory(leader=True, school=school).user)
    assert client.get(reverse("notes:student_note")).status_code == 403

    client.force_login(PersonFactory(counselor=True, school=school).user)
    fields = {"student": elsewhere.uid, "on": "2026-10-12", "starts_at": "02:30", "minutes": "20"}
    response = client.post(reverse("notes:student_note"), fields)
    assert "Choose a student from the list" in response.text


def test_student_note_waits_for_a_safeguarding_lead(client):
    school = school_with_lead()
    School.objects.update(safeguarding_phone="")
    client.force_login(PersonFactory(counselor=True, school=school).user)

    for send in (client.get, client.post):
        response = send(reverse("notes:student_note"))
        assert "waits until" in response.text
    assert not Pairing.objects.exists()
