"""Many places and many people: the same number of queries, and fifty after ten places."""

import threading
from datetime import time

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test import Client
from django.urls import reverse

from conftest import NOW
from people.models import Change, OutgoingMail
from people.tests.factories import PairingFactory
from scheduling import actions
from scheduling.models import Attendance, Booking, Meeting, Seat
from scheduling.tests.factories import (
    InvitationFactory,
    SignUpFactory,
    SlotFactory,
)
from scheduling.tests.signing_up.signup_page import (
    PICK,
    booked_page,
    page_of,
    teaches,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


# --- queries ---


@pytest.mark.parametrize("count", [1, 20])
def test_pages_ask_the_same_number_of_questions(
    client, pairing, host, term, school, count, django_assert_num_queries
):
    periods = list(school.periods.order_by("ordinal"))
    for number in range(count):
        SlotFactory(
            host=host,
            term=term,
            column=str(number % 5 + 1),
            period=periods[number // 5],
            cadence="monthly" if number % 2 else "weekly",
        )
        teaches(pairing.attendee, term, str(number % 5 + 1), time(13, number), time(13, 50))
        PairingFactory(school=school, attendee=pairing.attendee)
    client.get(page_of(pairing))

    # 3 who is acting and as what, 1 pairing, 1 invitation, and 5 for the times: bells, days,
    # lessons, one-on-ones of the two, free seats
    with django_assert_num_queries(10):
        client.get(page_of(pairing))
    actions.book(pairing, Seat.objects.order_by("pk").first(), by=pairing.attendee, at=NOW)
    booking = Booking.objects.get()
    with django_assert_num_queries(6):
        client.get(booked_page(booking))
    with django_assert_num_queries(5):
        client.get(reverse("scheduling:booking_calendar", args=[booking.uid]))
    with django_assert_num_queries(4):
        client.get(PICK)


# --- the race ---

CLIENTS, SEATS, ROUNDS = 50, 10, 5


def _fight(client, address, seat, taste, barrier, answers):
    """One person who taps a place that others want too, and then one that is offered instead."""
    try:
        barrier.wait()
        response = client.post(address, {"seat": seat, "often": "weekly"})
        taps = 1
        while response.status_code == 200 and taps < 40:
            page = BeautifulSoup(response.text, "html.parser")
            instead = [each["value"] for each in page.select(".error-summary [name=seat]")]
            if not instead:
                break
            response = client.post(address, {"seat": instead[taste % len(instead)]})
            taps += 1
        answers.append((response.status_code, response.content.decode()))
    except Exception as error:  # a thread alone would swallow it
        answers.append((repr(error), ""))
    finally:
        connection.close()


def _all_at_once(clients, addresses, wanted):
    """What each of them was told: a status, and the page's text."""
    answers, barrier = [], threading.Barrier(len(clients))
    threads = [
        threading.Thread(
            target=_fight,
            args=(client, address, wanted[place % len(wanted)], place, barrier, answers),
        )
        for place, (client, address) in enumerate(zip(clients, addresses, strict=True))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.mark.django_db(transaction=True)
def test_fifty_fight_for_ten_seats(host, school, term, monkeypatch):
    if connection.vendor == "sqlite":
        # Fifty wait for one writer, in no fair order: on a busy machine longer than anybody would
        monkeypatch.setitem(connection.settings_dict["OPTIONS"], "timeout", 120)
    for number in range(SEATS):
        SlotFactory(
            host=host,
            term=term,
            column=str(number % 5 + 1),
            period=school.periods.order_by("ordinal")[2 + number // 5],
        )
    sign_up = SignUpFactory(host=host, term=term)
    pairings = [
        InvitationFactory(sign_up=sign_up, pairing__cadence="weekly").pairing
        for _ in range(CLIENTS)
    ]
    addresses = [page_of(pairing) for pairing in pairings]
    seats = [str(each.uid) for each in Seat.objects.order_by("pk")]
    clients = [Client() for _ in pairings]
    for client, pairing in zip(clients, pairings, strict=True):
        client.force_login(pairing.attendee.user)

    for number in range(ROUNDS):
        for model in (Attendance, Meeting, Booking, OutgoingMail, Change):
            model.objects.all().delete()
        answers = _all_at_once(clients, addresses, seats if number else seats[:1])

        assert sorted((status for status, _ in answers), key=str) == (
            [200] * (CLIENTS - SEATS) + [302] * SEATS
        )
        told = [text for status, text in answers if status == 200]
        assert all("You have not lost anything." in text for text in told)
        assert Booking.objects.count() == SEATS
        assert Booking.objects.values("seat").distinct().count() == SEATS
        assert Booking.objects.values("pairing").distinct().count() == SEATS
        taken = Attendance.objects.filter(blocks=True, person=host)
        assert taken.count() == taken.values("starts_at").distinct().count()
