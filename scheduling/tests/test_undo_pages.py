"""Undoing what made a page: one does not stand before nothing afterwards."""

from datetime import timedelta

import pytest
from django.urls import reverse

from conftest import NOW
from people.models import Change
from people.tests.factories import PairingFactory
from scheduling import actions
from scheduling.tests.factories import (
    InvitationFactory,
    SignUpFactory,
    SlotFactory,
    school_with_calendar,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


@pytest.fixture
def pairing():
    school = school_with_calendar(is_demo=True)
    pairing = PairingFactory(school=school, weekly=True)
    sign_up = SignUpFactory(host=pairing.host, term=school.terms.get())
    InvitationFactory(sign_up=sign_up, pairing=pairing)
    return pairing


def person_page(person):
    return reverse("scheduling:person_page", args=[person.uid])


def undone_on(client, page, by):
    client.force_login(by.user)
    address = reverse("people:undo", args=[Change.objects.latest("pk").uid])
    response = client.post(address, headers={"Referer": f"http://testserver{page}"})
    assert client.get(response.url).status_code == 200
    return response.url.removeprefix("http://testserver")


def booked(pairing, by):
    slot = SlotFactory(host=pairing.host, term=pairing.school.terms.get())
    booking = actions.book(pairing, slot.seats.get(), by=by, at=NOW).booking
    return reverse("scheduling:booked", args=[booking.uid])


def test_who_undoes_a_booking_picks_again(client, pairing):
    page = booked(pairing, pairing.attendee)

    then = undone_on(client, page, pairing.attendee)

    assert then == reverse("scheduling:sign_up", args=[pairing.uid])


def test_host_who_undoes_a_booking_is_with_the_person(client, pairing):
    page = booked(pairing, pairing.host)

    assert undone_on(client, page, pairing.host) == person_page(pairing.attendee)


def test_host_who_undoes_a_booking_in_the_grid_stays_there(client, pairing):
    booked(pairing, pairing.host)
    grid = reverse("scheduling:schedule")

    assert undone_on(client, grid, pairing.host) == grid


def test_series_that_was_moved_is_back_with_the_person(client, pairing):
    booked(pairing, pairing.attendee)
    first = pairing.meetings.order_by("starts_at").last()
    other = SlotFactory(host=pairing.host, term=pairing.school.terms.get(), column="4")
    moved = actions.move_following(
        pairing.meetings.upcoming(NOW).in_order().first(),
        other.seats.get(),
        by=pairing.attendee,
        at=NOW,
    )
    page = moved.booking.meetings.upcoming(NOW).in_order().first().get_absolute_url()

    assert undone_on(client, page, pairing.attendee) == person_page(pairing.host)
    first.refresh_from_db()
    assert first.is_planned


def test_logged_talk_that_is_taken_away_leads_to_the_person(client, pairing):
    at = NOW - timedelta(days=3)
    meeting = actions.log_talk(pairing, by=pairing.host, at=NOW, starts_at=at, minutes=10).meeting

    page = meeting.get_absolute_url()

    assert undone_on(client, page, pairing.host) == person_page(pairing.attendee)
