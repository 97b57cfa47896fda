"""Letting the talks with somebody rest, go on and end, as their host."""

from datetime import timedelta

import pytest
from django.urls import reverse

from audit.models import Event
from conftest import NOW
from people.models import OutgoingMail
from people.tests.factories import PairingFactory, PersonFactory
from scheduling.models import Meeting
from scheduling.tests.factories import (
    BookingFactory,
    MeetingFactory,
    SlotFactory,
    school_with_calendar,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


@pytest.fixture
def pairing():
    school = school_with_calendar(at=NOW, is_demo=True)  # no second factor is asked for
    return PairingFactory(school=school, host=PersonFactory(leader=True, school=school))


def post(client, pairing, verb, by):
    client.force_login(by.user)
    address = reverse(f"scheduling:pairing_{verb}", args=[pairing.uid])
    return client.post(address, follow=True)


def test_host_pauses_and_goes_on(client, pairing):
    paused = post(client, pairing, "pause", pairing.host)

    pairing.refresh_from_db()
    assert pairing.is_paused
    assert "Go on with our talks" in paused.text
    assert "Pause our talks" not in paused.text

    resumed = post(client, pairing, "resume", pairing.host)

    pairing.refresh_from_db()
    assert not pairing.is_paused
    assert "Pause our talks" in resumed.text


def test_who_brings_the_topics_is_chosen_by_the_host_and_read_by_both(client, pairing):
    address = reverse("scheduling:pairing_topics", args=[pairing.uid])
    client.force_login(pairing.host.user)
    page = client.post(address, {"ownership": "host"}, follow=True)

    pairing.refresh_from_db()
    assert pairing.ownership == "host"
    assert "You bring the topics" in page.text
    assert Event.objects.filter(basis="topics", by=pairing.host_id).count() == 1
    client.post(address, {"ownership": "host"})
    assert Event.objects.filter(basis="topics").count() == 1

    client.force_login(pairing.attendee.user)
    theirs = client.get(reverse("scheduling:person_page", args=[pairing.host.uid])).text
    assert f"{pairing.host.first_name} brings the topics" in theirs
    assert "Who brings the topics" not in theirs
    assert client.post(address, {"ownership": "attendee"}).status_code == 403


@pytest.mark.parametrize("sent", [{}, {"ownership": "nobody"}, {"ownership": "host\x00"}])
def test_nothing_else_can_be_chosen(client, pairing, sent):
    client.force_login(pairing.host.user)
    address = reverse("scheduling:pairing_topics", args=[pairing.uid])
    assert "Choose who brings the topics." in client.post(address, sent, follow=True).text
    pairing.refresh_from_db()
    assert pairing.ownership == "shared"


def test_ending_gives_the_place_back_and_tells_the_other(client, pairing):
    slot = SlotFactory(term=pairing.school.terms.get(), host=pairing.host, column="5")
    booking = BookingFactory(seat=slot.seats.get(), pairing=pairing)
    talk = MeetingFactory(pairing=pairing, booking=booking, starts_at=NOW + timedelta(days=4))

    page = post(client, pairing, "end", pairing.host)

    for row in (pairing, booking, talk):
        row.refresh_from_db()
    assert pairing.ends_on == NOW.date()
    assert booking.released_at == NOW
    assert talk.status == Meeting.Status.CANCELLED
    assert OutgoingMail.objects.filter(person=pairing.attendee).exists()
    assert "Your talks end today." in page.text
    assert "End our talks" not in page.text


def test_attendee_is_offered_none_of_it(client, pairing):
    for verb in ("pause", "resume", "end"):
        assert post(client, pairing, verb, pairing.attendee).status_code == 403

    page = client.get(reverse("scheduling:person_page", args=[pairing.host.uid]))
    assert "Staff check-in" in page.text
    assert "our talks" not in page.text
    pairing.refresh_from_db()
    assert (pairing.is_paused, pairing.ends_on) == (False, None)


def test_ended_talks_are_not_there(client, pairing):
    pairing.ends_on = "2026-10-09"
    pairing.save()

    assert post(client, pairing, "end", pairing.host).status_code == 404
