"""Placing people, and giving places up."""

from datetime import time

import pytest
from django.urls import reverse

from conftest import NOW
from people.tests.factories import PairingFactory
from scheduling import actions
from scheduling.models import Booking
from scheduling.tests.factories import (
    BookingFactory,
    CommitmentFactory,
    SlotFactory,
)
from scheduling.tests.schedule.schedule_page import PLACE, SCHEDULE, button, key, soup, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


@pytest.fixture
def pairing(host, school):
    return PairingFactory(host=host, school=school, weekly=True)


def test_only_places_that_fit_answer(client, host, school, term, pairing):
    fits = SlotFactory(host=host, term=term)
    SlotFactory(host=host, term=term, column="3", monthly=True)
    taught = SlotFactory(host=host, term=term, column="4")
    CommitmentFactory(
        person=pairing.attendee,
        term=term,
        column="4",
        starts_at=time(10, 40),
        ends_at=time(11, 25),
    )
    BookingFactory(slot=SlotFactory(host=host, term=term, column="5"))

    response = client.get(f"{SCHEDULE}?place={pairing.uid}")
    page = soup(response)

    assert f"Placing {pairing.attendee.name}, weekly. 1 place fits." in words(
        page.find(id="placing")
    )
    seats = {each["value"] for each in page.select("[name=seat]")}
    assert seats == {str(fits.seats.get().uid)}
    assert str(taught.seats.get().uid) not in response.text
    assert page.select_one("[autofocus]")["value"] in seats
    assert page.select("[name=cell], [name=line]") == []


def test_placing_books_and_offers_undo(client, host, school, term, pairing):
    SlotFactory(host=host, term=term)
    page = soup(client.get(f"{SCHEDULE}?place={pairing.uid}&show=all"))
    form = page.find("form", id="grid")
    sent = {each["name"]: each["value"] for each in form.select("input[type=hidden]")}
    seat = page.select_one("[name=seat]")

    response = client.post(form["action"], {**sent, "seat": seat["value"]}, follow=True)

    assert Booking.objects.get().pairing == pairing
    bar = soup(response).find(id="undo")
    assert f"{pairing.attendee.name} has Tuesday, Period 4." in words(bar)
    assert button(response, school, "Period 4").has_attr("autofocus")
    assert pairing.attendee.name in words(soup(response).find(id="inspect"))

    client.post(bar.find("form")["action"])
    assert not Booking.objects.live().exists()


def test_somebody_was_quicker(client, host, school, term, pairing):
    slot, other = SlotFactory(host=host, term=term), SlotFactory(host=host, term=term, column="3")
    BookingFactory(slot=slot)

    response = client.post(PLACE, {"pairing": pairing.uid, "seat": slot.seats.get().uid})

    page = soup(response)
    assert "was taken a moment ago. You have not lost anything." in words(page.find(id="undo"))
    assert [each["value"] for each in page.select("[name=seat]")] == [str(other.seats.get().uid)]


def test_a_place_that_is_gone(client, host, term, pairing):
    slot = SlotFactory(host=host, term=term)
    seat = slot.seats.get()
    slot.delete()

    response = client.post(PLACE, {"pairing": pairing.uid, "seat": seat.uid})
    assert "no longer offered" in response.text
    assert "No place fits." in response.text


def test_nobody_is_placed_who_is_not_mine(client, host, term, pairing):
    seat = SlotFactory(host=host, term=term).seats.get()
    other = PairingFactory(school=pairing.school)

    assert client.get(f"{SCHEDULE}?place={other.uid}").status_code == 404
    assert client.get(f"{SCHEDULE}?place=nobody").status_code == 404
    response = client.post(PLACE, {"pairing": other.uid, "seat": seat.uid})
    assert "not meeting this person" in response.text
    assert not Booking.objects.exists()


def test_another_hosts_seat_is_no_place(client, host, term, pairing):
    theirs = SlotFactory(term=term).seats.get()

    response = client.post(PLACE, {"pairing": pairing.uid, "seat": theirs.uid})
    assert "no longer offered" in response.text
    assert not Booking.objects.exists()


@pytest.mark.parametrize("fields", [{}, {"pairing": "x", "seat": "y"}, {"seat": "y" * 9999}])
def test_bad_placing_is_refused_in_words(client, host, term, pairing, fields):
    response = client.post(PLACE, fields)

    assert response.status_code == 200
    assert words(soup(response).find(id="undo"))


def test_somebody_with_a_place_is_not_placed_again(client, host, term, pairing):
    BookingFactory(slot=SlotFactory(host=host, term=term), pairing=pairing)

    assert soup(client.get(f"{SCHEDULE}?place={pairing.uid}")).find(id="placing") is None


def test_giving_a_place_up(client, host, school, term, pairing):
    slot = SlotFactory(host=host, term=term)
    actions.book(pairing, slot.seats.get(), by=host, at=NOW)

    page = soup(client.get(f"{SCHEDULE}?about={key(school, 'Period 4')}"))
    form = page.select_one("#inspect form")
    response = client.post(form["action"], follow=True)

    assert not Booking.objects.live().exists()
    assert "talks cancelled." in words(soup(response).find(id="undo"))
    assert "already" in client.post(form["action"]).text


def test_nobody_elses_place_is_given_up(client, host, term):
    booking = BookingFactory(slot=SlotFactory(term=term))

    url = reverse("scheduling:place_release", args=[booking.uid])
    assert client.post(url).status_code == 404
