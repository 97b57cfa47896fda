"""Booking: two taps, somebody who was quicker, and none of these."""

from datetime import time
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from conftest import NOW
from people.actions.undo import undo
from people.models import Change, Pairing
from people.tests.factories import PairingFactory
from scheduling import actions
from scheduling.models import Booking, SignUp
from scheduling.tests.factories import (
    SlotFactory,
)
from scheduling.tests.signing_up.signup_page import (
    page_of,
    seat_of,
    soup,
    teaches,
    words,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


# --- booking ---


def test_two_taps_without_script(client, pairing, slot):
    page = soup(client.get(page_of(pairing)))
    form = page.find("form", id="times")
    hidden = {each["name"]: each["value"] for each in form.select("input[type=hidden]")}
    radio = form.select_one("[name=seat]")

    response = client.post(form["action"], {**hidden, "seat": radio["value"]})

    booking = Booking.objects.get()
    assert (booking.pairing, booking.booked_by) == (pairing, pairing.attendee)
    assert response.url == reverse("scheduling:booked", args=[booking.uid])
    response = client.get(response.url)
    assert "Booked: Tuesday, Period 4." in words(soup(response).find(id="undo"))


def test_booked_once_is_booked(client, pairing, slot):
    first = client.post(page_of(pairing), {"seat": seat_of(slot).uid})
    again = client.post(page_of(pairing), {"seat": seat_of(slot).uid})

    assert first.url == again.url == client.get(page_of(pairing)).url
    assert Booking.objects.count() == 1


def test_somebody_was_quicker(client, pairing, host, term, school, slot):
    later = SlotFactory(host=host, term=term, column="4")
    monday = SlotFactory(host=host, term=term, column="1")
    SlotFactory(host=host, term=term, column="1", period=school.periods.get(name="Lunch"))
    actions.book(PairingFactory(host=host, school=school), seat_of(slot), by=host, at=NOW)

    response = client.post(page_of(pairing), {"seat": seat_of(slot).uid, "often": "weekly"})

    page = soup(response)
    said = page.select_one(".error-summary")
    assert response.status_code == 200
    assert page.title.text.startswith("Error: ")
    assert (
        "Tuesday, Period 4 was taken a moment ago. You have not lost anything. These still fit:"
        in words(said)
    )
    assert [each["value"] for each in said.select("[name=seat]")] == [
        str(seat_of(later).uid),
        str(seat_of(monday).uid),
    ]
    assert "Book Thursday, Period 4, 10:40 to 11:10" in words(said)
    assert "No school on 26 November." in words(said)
    button = said.select_one("[name=seat]")
    client.post(said.find("form")["action"], {"seat": button["value"]})
    assert Booking.objects.get(pairing=pairing).seat == seat_of(later)


def test_somebody_took_the_last(client, pairing, host, school, slot):
    actions.book(PairingFactory(host=host, school=school), seat_of(slot), by=host, at=NOW)

    page = soup(client.post(page_of(pairing), {"seat": seat_of(slot).uid}))

    assert "was taken a moment ago. You have not lost anything." in words(
        page.select_one(".error-summary")
    )
    assert "These still fit" not in page.text
    assert page.select_one(".none-fits").has_attr("open")


@pytest.mark.parametrize(
    ("seat", "said"),
    [
        (None, "Choose a time first."),
        ("", "Choose a time first."),
        ("x", "no longer offered. You have not lost anything. These still fit:"),
        ("x" * 9999, "no longer offered"),
        pytest.param(str(uuid4()), "no longer offered", id="made up"),
        ("foreign", "no longer offered"),
        ("removed", "no longer offered"),
        ("taught", "You teach then."),
        ("dense", "did not offer that"),
    ],
)
def test_what_cannot_be_booked_is_refused_in_words(client, pairing, host, term, slot, seat, said):
    if seat == "foreign":
        seat = str(seat_of(SlotFactory(term=term)).uid)
    elif seat == "removed":
        gone = SlotFactory(host=host, term=term, column="3", removed_at=NOW)
        seat = str(seat_of(gone).uid)
    elif seat == "taught":
        teaches(pairing.attendee, term, "3", time(10, 0), time(11, 0))
        seat = str(seat_of(SlotFactory(host=host, term=term, column="3")).uid)
    elif seat == "dense":
        Pairing.objects.update(cadence="monthly")
        seat = str(seat_of(slot).uid)

    response = client.post(page_of(pairing), {} if seat is None else {"seat": seat})

    assert response.status_code == 200
    assert said in words(soup(response).select_one(".error-summary"))
    assert not Booking.objects.exists()


# --- none of these ---


@pytest.mark.parametrize("answer", Pairing.Answer.values)
def test_one_of_three_sentences_is_sent(client, pairing, slot, answer):
    page = soup(client.get(page_of(pairing)))
    form = page.select_one(".none-fits form")
    assert [each["value"] for each in form.select("button")] == Pairing.Answer.values

    response = client.post(form["action"], {"answer": answer}, follow=True)

    invitation = pairing.invitations.get()
    assert (invitation.answer, invitation.answered_at) == (answer, NOW)
    assert "You told Elena: “" in response.text
    assert "Sent to Elena. You can still pick a time." in words(soup(response).find(id="undo"))
    undo(Change.objects.get(), by=pairing.attendee, at=NOW)
    invitation.refresh_from_db()
    assert (invitation.answer, invitation.answered_at) == ("", None)


def test_a_time_is_picked_after_all(client, pairing, slot):
    invitation = pairing.invitations.get()
    actions.answer_invitation(invitation, "not_now", by=pairing.attendee, at=NOW)

    client.post(page_of(pairing), {"seat": seat_of(slot).uid})

    invitation.refresh_from_db()
    assert invitation.answer == ""
    undo(Change.objects.get(verb="booking.make"), by=pairing.attendee, at=NOW)
    invitation.refresh_from_db()
    assert invitation.answer == "not_now"


@pytest.mark.parametrize("answer", [None, "", "because", "x" * 9999])
def test_an_answer_that_is_none_is_refused_in_words(client, pairing, slot, answer):
    address = reverse("scheduling:invitation_answer", args=[pairing.uid])

    response = client.post(address, {} if answer is None else {"answer": answer})

    assert "Choose one of the three sentences." in response.text
    assert pairing.invitations.get().answer == ""


def test_answers_are_the_attendees_and_end_with_the_invitation(client, pairing, slot, host):
    address = reverse("scheduling:invitation_answer", args=[pairing.uid])
    with pytest.raises(PermissionDenied):
        actions.answer_invitation(pairing.invitations.get(), "talk", by=host, at=NOW)
    actions.book(pairing, seat_of(slot), by=host, at=NOW)
    assert "You have a time already." in client.post(address, {"answer": "talk"}).text
    SignUp.objects.update(closes_at=NOW)
    assert client.post(address, {"answer": "talk"}).status_code == 302
    client.force_login(host.user)
    assert client.post(address, {"answer": "talk"}).status_code == 404
    assert pairing.invitations.get().answer == ""
