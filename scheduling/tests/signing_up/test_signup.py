"""Signing up: the letter, how often, and which times fit."""

from datetime import date, datetime, time, timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from conftest import NOW
from people.models import Pairing
from people.tests.factories import PairingFactory, PersonFactory
from scheduling import actions
from scheduling.models import Booking, Invitation, SignUp
from scheduling.tests.factories import (
    InvitationFactory,
    SignUpFactory,
    SlotFactory,
    TermFactory,
)
from scheduling.tests.signing_up.signup_page import (
    HTMX,
    PICK,
    about,
    label_of,
    page_of,
    seat_of,
    soup,
    teaches,
    words,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


# --- the invitations ---


def test_pick_leads_to_the_only_invitation(client, pairing):
    assert client.get(PICK).url == page_of(pairing)


def test_pick_lists_several_and_what_is_booked(client, pairing, slot, school):
    actions.book(pairing, seat_of(slot), by=pairing.attendee, at=NOW)
    sign_up = SignUpFactory(term=slot.term)
    other = InvitationFactory(sign_up=sign_up, pairing__attendee=pairing.attendee).pairing
    closed = SignUpFactory(term=slot.term, closed=True)
    InvitationFactory(sign_up=closed, pairing__attendee=pairing.attendee)
    PairingFactory(school=school, attendee=pairing.attendee, host=PersonFactory(leader=True))

    page = soup(client.get(PICK))

    addresses = [each["href"] for each in page.select(".plist a")]
    booking = Booking.objects.get()
    assert addresses == [reverse("scheduling:booked", args=[booking.uid]), page_of(other)]


def test_pick_without_an_invitation_says_no_bad_word(client, school):
    client.force_login(PersonFactory(teacher=True, school=school).user)

    response = client.get(PICK)

    assert "Nothing to pick right now" in response.text
    assert "invited" not in words(soup(response).main)


# --- reading ---


def test_page_is_the_attendees_alone(client, pairing, host, school):
    for person in (host, PersonFactory(teacher=True, school=school), PersonFactory(teacher=True)):
        client.force_login(person.user)
        assert client.get(page_of(pairing)).status_code == 404
        assert client.post(page_of(pairing), {"seat": uuid4()}).status_code == 404


def test_letter_has_the_hosts_words_the_promise_and_the_exception(client, pairing, slot, school):
    sam = PersonFactory(support_staff=True, school=school, given_name="Sam", family_name="Whit")
    school.safeguarding_lead = sam
    school.save()

    page = soup(client.get(page_of(pairing)))

    letter = words(page.select_one(".letter"))
    assert "From Elena Marsh Principal" in letter
    sentences = [
        "Leila, I would like us to talk for half an hour, each week to begin with.",
        "You are not in trouble, and this is not an evaluation.",  # before anything else
        "Some weeks we will catch up & laugh.",
    ]
    assert sorted(sentences, key=letter.index) == sentences
    assert "I must tell Sam Whit." in letter
    assert "A court or a formal data request can reach these notes." in words(page.main)


def test_only_times_that_fit_are_offered(client, pairing, host, term, slot):
    taught = SlotFactory(host=host, term=term, column="3")
    teaches(pairing.attendee, term, "3", time(10, 0), time(11, 0))
    teaches(pairing.attendee, term, "4", time(11, 30), time(12, 10), duty=True)
    taken = SlotFactory(host=host, term=term, column="5")
    actions.book(PairingFactory(host=host, school=term.school), seat_of(taken), by=host, at=NOW)
    SlotFactory(host=host, term=term, column="1", monthly=True)

    page = soup(client.get(page_of(pairing)))

    assert [each["value"] for each in page.select("[name=seat]")] == [str(seat_of(slot).uid)]
    assert "1 time fits your timetable" in words(page.main)
    assert [words(each) for each in page.select(".pick-off")] == [
        "You teach",
        "You teach",
        "You have a duty",
    ]  # Period 3 and Period 4 on Wednesday, lunch on Thursday
    assert label_of(page, seat_of(slot)) == (
        "Tuesday, Period 4 Open 10:40 to 11:10 first on 13 Oct first on 13 October, every week"
    )
    assert about(page, seat_of(slot)).startswith(
        "Tuesday, Period 4, 10:40 to 11:10, every week. First time: Tuesday 13 October."
    )
    assert taught.seats.exists()


def test_boxes_without_a_time_are_explained(client, pairing, term, slot):
    key = soup(client.get(page_of(pairing))).select_one(".pick-key")
    assert words(key) == "Empty no free place there that fits you both"

    teaches(pairing.attendee, term, "3", time(10, 0), time(11, 0))
    key = soup(client.get(page_of(pairing))).select_one(".pick-key")
    assert words(key).endswith("You teach or have a duty, as in your timetable")
    assert key.a["href"] == reverse("scheduling:timetable")


def test_a_lesson_of_some_weeks_is_said_to_be_one(client, pairing, term, slot):
    teaches(pairing.attendee, term, "3", time(10, 40), time(11, 25), weeks=0b0101)
    teaches(pairing.attendee, term, "4", time(10, 40), time(11, 25), weeks=0b0101)
    teaches(pairing.attendee, term, "4", time(10, 40), time(11, 25), weeks=0b1010)

    page = soup(client.get(page_of(pairing)))

    assert [words(each) for each in page.select(".pick-off")] == [
        "You teach some weeks",
        "You teach",
    ]


def test_shared_cells_are_offered_by_their_dates(client, pairing, host, term):
    biweekly = SlotFactory(host=host, term=term, column="4", biweekly=True)

    page = soup(client.get(page_of(pairing), {"often": "biweekly"}))

    first, second = seat_of(biweekly, 1), seat_of(biweekly, 2)
    assert [each["value"] for each in page.select("[name=seat]")] == [
        str(second.uid),
        str(first.uid),
    ]
    assert "first on 22 October, every other week" in label_of(page, first)
    assert "first on 15 October, every other week" in label_of(page, second)
    assert "week A" not in page.main.text


def test_suggested_cadence_is_chosen_and_another_can_be(client, pairing, slot):
    page = soup(client.get(page_of(pairing)))
    cards = {
        each["value"]: each.has_attr("checked")
        for each in page.select("[name=often]")
        if each["type"] == "radio"
    }
    assert cards == {"weekly": True, "biweekly": False, "monthly": False}

    page = soup(client.get(page_of(pairing), {"often": "monthly"}))
    assert page.select_one("[name=often][checked]")["value"] == "monthly"
    assert "No time fits your timetable" in words(page.main)
    assert "Every week: 1 time fits" in words(page.main)

    page = soup(client.get(page_of(pairing), {"often": "x" * 5000}))
    assert page.select_one("[name=often][checked]")["value"] == "weekly"


def test_one_offered_cadence_is_said_and_not_asked(client, pairing, slot):
    pairing.may_choose = "weekly"
    pairing.save()

    page = soup(client.get(page_of(pairing)))

    assert page.select("[name=often][type=radio]") == []
    assert "Every week" in words(page.select_one(".often"))


def test_exceptions_are_said_before_book(client, pairing, host, term, school):
    weekly = SlotFactory(host=host, term=term, column="4")
    monthly = SlotFactory(
        host=host, term=term, column="4", monthly=True, period=school.periods.get(name="Lunch")
    )
    other = PairingFactory(school=school, attendee=pairing.attendee)
    for day in (22, 29):
        actions.plan_single(
            other,
            by=other.host,
            at=NOW,
            minutes=20,
            starts_at=datetime(2026, 10, day, 14, 50, tzinfo=NOW.tzinfo),  # 10:50 in New York
        )

    said = about(soup(client.get(page_of(pairing))), seat_of(weekly))
    assert "First time: Thursday 15 October." in said
    assert "No school on 26 November." in said
    assert "22 and 29 October clash: you are not free." in said

    page = soup(client.get(page_of(pairing), {"often": "monthly"}))
    seat = monthly.seats.get(weeks=0b1000)
    assert "No school on 26 November (Thanksgiving): moved to 3 December." in about(page, seat)


def test_fragment_is_a_part_of_the_page_and_is_spoken(client, pairing, slot):
    for often in ("weekly", "biweekly"):
        page = soup(client.get(page_of(pairing), {"often": often}))
        response = client.get(page_of(pairing), {"often": often}, headers=HTMX)

        [fragment] = soup(response).find_all(recursive=False)
        same = page.find(id="times")
        for each in (fragment, same):
            each.find("input", attrs={"name": "csrfmiddlewaretoken"}).extract()
        assert fragment == same
    assert "No time fits your timetable" in response["HX-Trigger"]


@pytest.mark.parametrize("why", ["closed", "not yet", "over", "ended", "left", "not invited"])
def test_what_is_not_open_is_said_kindly(client, pairing, slot, term, why):
    invitation = SignUp.objects.get()
    if why == "closed":
        invitation.closes_at = NOW
    elif why == "not yet":
        invitation.opens_at = NOW + timedelta(hours=1)
    elif why == "over":
        invitation.term = TermFactory(
            school=term.school, starts_on=date(2026, 1, 5), ends_on=date(2026, 5, 29)
        )
    elif why == "ended":
        Pairing.objects.update(ends_on=NOW.date() - timedelta(days=1))
    elif why == "left":
        pairing.host.is_active = False
        pairing.host.save()
    else:
        Invitation.objects.all().delete()
    invitation.save()

    for response in (
        client.get(page_of(pairing)),
        client.post(page_of(pairing), {"seat": seat_of(slot).uid}),
    ):
        assert response.status_code == 200
        assert "Nothing to pick right now" in response.text
        assert "invited" not in words(soup(response).main)
    assert not Booking.objects.exists()
