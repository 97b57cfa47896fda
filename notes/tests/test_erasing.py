"""When what was somebody's is erased: drafts go, finished notes still open, the ledger goes on."""

from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse

from audit.actions import verify
from conftest import NOW
from notes.acting import acting_as
from notes.erasing import erase_drafts
from notes.models import Part
from notes.tests.factories import draft, finished
from people.actions import end_person, erase_person
from people.models import Person
from people.tests.factories import PersonFactory
from scheduling.models import Meeting, SignUp, Slot, TeacherCode
from scheduling.tests.factories import BookingFactory, CommitmentFactory, SignUpFactory, SlotFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

LATER = NOW + timedelta(days=3)
SHARED, KEPT, BEGUN = "Tired but steadier", "Ask about the brother", "Not yet"


@pytest.fixture
def admin(meeting):
    return PersonFactory(administrator=True, school=meeting.school)


def erase(person, admin):
    school = admin.roles.get().school
    end_person(person, school, by=admin, at=NOW)
    erase_person(person, school, by=admin, at=LATER)


def test_what_was_shared_still_opens_and_drafts_are_gone(client, meeting, admin):
    elena, priya = meeting.pairing.host, meeting.pairing.attendee
    finished(meeting, elena, SHARED)
    finished(meeting, elena, KEPT, field="memory", chosen=1)
    draft(meeting, elena, BEGUN, field="heavy")
    others = draft(meeting, priya, BEGUN, field="heavy")

    erase(elena, admin)

    client.force_login(priya.user)
    page = client.get(reverse("notes:meeting_notes", args=[meeting.uid])).text
    assert SHARED in page
    assert KEPT not in page
    assert Part.objects.visible_to(priya, at=LATER).filter(pk=others.pk).exists()
    assert verify().is_sound


def test_of_theirs_only_drafts_are_gone(meeting, admin):
    elena = meeting.pairing.host
    finished(meeting, elena, KEPT, field="memory", chosen=1)
    draft(meeting, elena, BEGUN, field="heavy")
    Person.objects.filter(pk=elena.pk).update(is_active=False)
    before = drafts_of(elena)

    erase_drafts(elena, LATER)

    assert (before, drafts_of(elena)) == (1, 0)
    Person.objects.filter(pk=elena.pk).update(is_active=True)
    assert [part.field for part in Part.objects.visible_to(elena, at=LATER)] == ["memory"]
    assert [part.field for part in every_part_of(elena)] == ["memory"]


def drafts_of(person):
    with acting_as(person.pk, at=LATER, why="erase"):
        return Part._base_manager.filter(author=person, is_draft=True).count()


def every_part_of(person):
    with acting_as(person.pk, at=LATER):
        return list(Part._base_manager.filter(author=person))


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no row-level rules")
def test_reason_shows_drafts_of_the_one_who_left_and_nothing_else(meeting):
    elena, priya = meeting.pairing.host, meeting.pairing.attendee
    finished(meeting, elena, KEPT, field="memory", chosen=1)
    draft(meeting, elena, BEGUN, field="heavy")

    with acting_as(priya.pk, at=LATER, why="erase"):
        assert not Part._base_manager.filter(author=elena).exists()
    Person.objects.filter(pk=elena.pk).update(is_active=False)
    with acting_as(elena.pk, at=LATER, why="erase"):
        assert [part.is_draft for part in Part._base_manager.all()] == [True]
    with acting_as(priya.pk, at=LATER, why="erase"):
        assert not Part._base_manager.filter(author=elena).exists()


def test_lessons_letters_and_places_go_and_talks_stay(meeting, admin):
    elena = meeting.pairing.host
    slot = SlotFactory(host=elena, column="5", place="Room 4", online_link="https://x.example/e")
    booking = BookingFactory(pairing=meeting.pairing, seat=slot.seats.first())
    SignUpFactory(term=booking.term, host=elena, letter="Dear all")
    CommitmentFactory(term=booking.term, person=elena)
    TeacherCode.objects.create(school=meeting.school, kind="untis", code="EM", person=elena)
    Meeting.objects.update(place="Room 4", online_link="https://x.example/e")

    erase(elena, admin)

    assert set(Slot.objects.values_list("place", "online_link")) == {("", "")}
    assert set(Meeting.objects.values_list("place", "online_link")) == {("", "")}
    assert SignUp.objects.get().letter == ""
    assert not elena.commitments.exists()
    assert not TeacherCode.objects.exists()
    assert Meeting.objects.filter(pk=meeting.pk, pairing=meeting.pairing).exists()
