"""A new term is invited to by itself: what was asked in the one before does not count."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from conftest import NOW
from scheduling import actions
from scheduling.tests.factories import SlotFactory, TermFactory
from scheduling.tests.inviting.invitations import INVITE, send, soup, teacher

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


@pytest.fixture
def spring(school, host):
    spring = TermFactory(
        school=school,
        name="Spring 2027",
        starts_on=date(2027, 1, 4),
        ends_on=date(2027, 5, 28),
        school_year=2027,
    )
    actions.rebuild_calendar(school, by=None, at=NOW)
    SlotFactory(host=host, term=spring, column="4")
    return spring


def page_of(pairing):
    return reverse("scheduling:sign_up", args=[pairing.uid])


def seat_in(host, term):
    return host.slots.get(term=term).seats.get()


def test_who_has_a_time_now_picks_another_in_the_next_term(client, host, school, term, spring):
    ada = teacher(school)
    [pairing] = send(host, school, (ada, "weekly"), term=term).pairings
    actions.book(pairing, seat_in(host, term), by=ada, at=NOW)
    client.force_login(ada.user)
    assert client.get(page_of(pairing)).status_code == 302

    send(host, school, (ada, "weekly"), term=spring)

    card = f"{host.name} would like to meet"
    assert card in client.get(reverse("scheduling:today")).text
    seat = seat_in(host, spring)
    assert str(seat.uid) in client.get(page_of(pairing)).text
    assert client.post(page_of(pairing), {"seat": seat.uid}).status_code == 302
    assert set(pairing.bookings.live().values_list("term", flat=True)) == {term.pk, spring.pk}
    assert card not in client.get(reverse("scheduling:today")).text


def test_who_was_asked_last_term_only_cannot_book_in_this_one(
    client, host, school, term, spring, time_machine
):
    ada, ben = teacher(school), teacher(school)
    [pairing] = send(host, school, (ada, "weekly"), term=term).pairings
    later = NOW + timedelta(days=90)  # in the second week of spring
    time_machine.move_to(later)
    done = actions.invite(
        host, school, spring, [actions.Invitee(ben, "weekly")], "Hello.", by=host, at=later
    )
    assert [each.attendee for each in done.pairings] == [ben]

    seat = seat_in(host, spring)
    with pytest.raises(PermissionDenied):
        actions.book(pairing, seat, by=ada, at=later)
    client.force_login(ada.user)
    for response in (client.get(page_of(pairing)), client.post(page_of(pairing), {"seat": seat})):
        assert "Nothing to pick right now" in response.text
    assert reverse("scheduling:pick") not in client.get(reverse("scheduling:today")).text
    client.force_login(host.user)
    page = soup(client.get(INVITE))
    assert page.find("input", value=str(ada.uid)).has_attr("checked")
    assert not page.find("input", value=str(ben.uid)).has_attr("checked")
    assert "days ago" not in page.text
