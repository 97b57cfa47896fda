"""Nobody else reads a note, or learns that there is one."""

import re
from uuid import uuid4

import pytest
from django.urls import reverse

from notes.tests.factories import agree, finished
from notes.tests.notes_page import CANARY, address, page, soup
from people.tests.factories import PersonFactory, UserFactory
from scheduling.models import Attendance

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


def bare(response):
    """The page without what differs each time."""
    return re.sub(r"(csrf\w*\W+value=\W|X-CSRFToken\W+|nonce=\W)[\w+/=-]+", r"\1", response.text)


# Nobody else


def outsiders(meeting):
    school = meeting.school
    superuser = PersonFactory(administrator=True, school=school)
    superuser.user.is_superuser = superuser.user.is_staff = True
    superuser.user.save()
    gone = PersonFactory(counselor=True, school=school)
    guest = PersonFactory(guardian=True, school=school, user=UserFactory())
    Attendance.objects.create(
        meeting=meeting, person=guest, role="guest",
        starts_at=meeting.starts_at, ends_at=meeting.ends_at,
    )  # fmt: skip
    return {
        "principal": PersonFactory(leader=True, school=school),
        "administrator": PersonFactory(administrator=True, school=school),
        "superuser": superuser,
        "other counselor": PersonFactory(counselor=True, school=school),
        "guest": guest,
        "gone": gone,
    }


PAGES = ["meeting_notes", "note_save", "note_finish", "agreement", "agreement_accept",
         "agreement_decline", "agreement_withdraw"]  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(
    "who", ["principal", "administrator", "superuser", "other counselor", "guest", "login alone"]
)
def test_nobody_else_learns_that_there_is_a_note(client, counseling, who, name):
    finished(counseling, counseling.pairing.host, CANARY, field="noticed", chosen=1)
    people = outsiders(counseling)
    user = people[who].user if who in people else UserFactory(superuser=True)
    client.force_login(user)
    thing = counseling.pairing if name.startswith("agreement") else counseling
    send = client.get if name in ("meeting_notes", "agreement") else client.post

    response = send(address(name, thing))
    nowhere = send(reverse(f"notes:{name}", args=[uuid4()]))

    # A login without a person is refused everywhere, before any address is looked at
    expected = 403 if who == "login alone" else 404
    assert response.status_code == nowhere.status_code == expected
    assert bare(response) == bare(nowhere)
    assert CANARY not in response.text


def test_nobody_else_has_it_in_a_list(client, counseling):
    finished(counseling, counseling.pairing.host, CANARY, field="noticed", chosen=1)

    for person in outsiders(counseling).values():
        client.force_login(person.user)
        response = client.get(reverse("notes:note_list"))
        assert response.context["notes"] == []
        assert "Elias" not in response.text


def test_somebody_who_has_left_opens_nothing(client, counseling):
    finished(counseling, counseling.pairing.host, CANARY, field="noticed", chosen=1)
    host = counseling.pairing.host
    host.is_active = False
    host.save()

    assert page(client, counseling, host).status_code != 200


def test_the_student_reads_what_is_shared_and_no_more(client, counseling):
    agree(counseling.pairing)
    finished(counseling, counseling.pairing.host, CANARY, field="noticed", chosen=1)
    finished(counseling, counseling.pairing.host, "a window seat", field="wish")

    response = page(client, counseling, counseling.pairing.attendee)

    assert "a window seat" in response.text
    assert CANARY not in response.text
    assert "What I noticed" not in response.text
    assert not soup(response).select("textarea")
