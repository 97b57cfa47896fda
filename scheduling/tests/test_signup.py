"""Signing up: the letter, how often, which time, booked, and what stands in the calendar."""

import threading
from datetime import date, datetime, time, timedelta
from uuid import uuid4

import pytest
from bs4 import BeautifulSoup
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.urls import reverse
from icalendar import Calendar

from conftest import NOW
from people.actions.undo import undo
from people.models import Change, OutgoingMail, Pairing
from people.tests.factories import PairingFactory, PersonFactory
from scheduling import actions
from scheduling.models import Attendance, Booking, Meeting, Seat, SignUp
from scheduling.tests.factories import (
    CommitmentFactory,
    SignUpFactory,
    SlotFactory,
    TermFactory,
    school_with_calendar,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

HTMX = {"HX-Request": "true"}
PICK = reverse("scheduling:pick")
THANKSGIVING = (date(2026, 11, 25), date(2026, 11, 27))


@pytest.fixture
def school():
    return school_with_calendar(closures=[THANKSGIVING], is_demo=True)


@pytest.fixture
def term(school):
    return school.terms.get()


@pytest.fixture
def host(school):
    return PersonFactory(
        leader=True,
        school=school,
        given_name="Elena",
        family_name="Marsh",
        role__title="Principal",
    )


@pytest.fixture
def pairing(host, school, term, client):
    """Leila's invitation, weekly or less often; she is signed in."""
    SignUpFactory(host=host, term=term, letter="Some weeks we will catch up & laugh.")
    leila = PersonFactory(teacher=True, school=school, given_name="Leila", family_name="Haddad")
    client.force_login(leila.user)
    return PairingFactory(
        school=school, host=host, attendee=leila, weekly=True, invited_at=NOW - timedelta(days=1)
    )


@pytest.fixture
def slot(host, term):
    """Tuesdays, Period 4, weekly."""
    return SlotFactory(host=host, term=term)


def page_of(pairing):
    return reverse("scheduling:sign_up", args=[pairing.uid])


def seat_of(slot, number=1):
    return slot.seats.get(number=number)


def soup(response):
    return BeautifulSoup(response.text, "html5lib")


def words(element):
    return " ".join(element.get_text(" ").split())


def label_of(page, seat):
    return words(page.find("input", value=str(seat.uid)).parent).replace(" ,", ",")


def about(page, seat):
    return words(page.find(id=f"seat-{seat.uid}-about")).replace(" ,", ",")


def teaches(person, term, column, begins, ends, **fields):
    return CommitmentFactory(
        person=person, term=term, column=column, starts_at=begins, ends_at=ends, **fields
    )


# --- the invitations ---


def test_pick_leads_to_the_only_invitation(client, pairing):
    assert client.get(PICK).url == page_of(pairing)


def test_pick_lists_several_and_what_is_booked(client, pairing, slot, school):
    actions.book(pairing, seat_of(slot), by=pairing.attendee, at=NOW)
    other = PairingFactory(school=school, attendee=pairing.attendee, invited_at=NOW)
    SignUpFactory(host=other.host, term=slot.term)
    closed = PairingFactory(school=school, attendee=pairing.attendee, invited_at=NOW)
    SignUpFactory(host=closed.host, term=slot.term, closed=True)
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
    assert "Leila, I would like us to talk for half an hour, each week to begin with." in letter
    assert "Some weeks we will catch up & laugh." in letter
    assert "You are not in trouble, and this is not an evaluation." in letter
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
        "You teach", "You teach", "You have a duty",
    ]  # Period 3 and Period 4 on Wednesday, lunch on Thursday
    assert label_of(page, seat_of(slot)) == "Tuesday, Period 4 Open 10:40 to 11:10"
    assert about(page, seat_of(slot)).startswith(
        "Tuesday, Period 4, 10:40 to 11:10, every week. First time: 13 October."
    )
    assert taught.seats.exists()


def test_shared_cells_are_offered_by_their_dates(client, pairing, host, term):
    biweekly = SlotFactory(host=host, term=term, column="4", biweekly=True)

    page = soup(client.get(page_of(pairing), {"often": "biweekly"}))

    first, second = seat_of(biweekly, 1), seat_of(biweekly, 2)
    assert [each["value"] for each in page.select("[name=seat]")] == [
        str(first.uid), str(second.uid),
    ]
    assert "from 22 October, every other week" in label_of(page, first)
    assert "from 15 October, every other week" in label_of(page, second)
    assert "week A" not in page.main.text


def test_suggested_cadence_is_chosen_and_another_can_be(client, pairing, slot):
    page = soup(client.get(page_of(pairing)))
    cards = {each["value"]: each.has_attr("checked") for each in page.select("[name=often]")
             if each["type"] == "radio"}
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
    monthly = SlotFactory(host=host, term=term, column="4", monthly=True,
                          period=school.periods.get(name="Lunch"))
    other = PairingFactory(school=school, attendee=pairing.attendee)
    for day in (22, 29):
        actions.plan_single(
            other, by=other.host, at=NOW, minutes=20,
            starts_at=datetime(2026, 10, day, 14, 50, tzinfo=NOW.tzinfo),  # 10:50 in New York
        )

    said = about(soup(client.get(page_of(pairing))), seat_of(weekly))
    assert "First time: 15 October." in said
    assert "No school on 26 November." in said
    assert "22 and 29 October clash: you are not free." in said

    page = soup(client.get(page_of(pairing), {"often": "monthly"}))
    seat = monthly.seats.get(weeks=0b1000)
    assert "No school on 26 November (Thanksgiving): moved to 3 December." in about(page, seat)


def test_fragment_is_a_part_of_the_page_and_is_spoken(client, pairing, slot):
    for often in ("weekly", "biweekly"):
        page = soup(client.get(page_of(pairing), {"often": often}))
        response = client.get(page_of(pairing), {"often": often}, headers=HTMX)

        [fragment] = soup(response).body.find_all(recursive=False)
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
        Pairing.objects.update(invited_at=None)
    invitation.save()

    for response in (
        client.get(page_of(pairing)),
        client.post(page_of(pairing), {"seat": seat_of(slot).uid}),
    ):
        assert response.status_code == 200
        assert "Nothing to pick right now" in response.text
        assert "invited" not in words(soup(response).main)
    assert not Booking.objects.exists()


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
        str(seat_of(later).uid), str(seat_of(monday).uid),
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

    pairing.refresh_from_db()
    assert (pairing.answer, pairing.answered_at) == (answer, NOW)
    assert "You told Elena: “" in response.text
    assert "Sent to Elena. You can still pick a time." in words(soup(response).find(id="undo"))
    undo(Change.objects.get(), by=pairing.attendee, at=NOW)
    pairing.refresh_from_db()
    assert (pairing.answer, pairing.answered_at) == ("", None)


def test_a_time_is_picked_after_all(client, pairing, slot):
    actions.answer_invitation(pairing, "not_now", by=pairing.attendee, at=NOW)

    client.post(page_of(pairing), {"seat": seat_of(slot).uid})

    pairing.refresh_from_db()
    assert pairing.answer == ""


@pytest.mark.parametrize("answer", [None, "", "because", "x" * 9999])
def test_an_answer_that_is_none_is_refused_in_words(client, pairing, slot, answer):
    address = reverse("scheduling:invitation_answer", args=[pairing.uid])

    response = client.post(address, {} if answer is None else {"answer": answer})

    assert "Choose one of the three sentences." in response.text
    pairing.refresh_from_db()
    assert pairing.answer == ""


def test_answers_are_the_attendees_and_end_with_the_invitation(client, pairing, slot, host):
    address = reverse("scheduling:invitation_answer", args=[pairing.uid])
    with pytest.raises(PermissionDenied):
        actions.answer_invitation(pairing, "talk", by=host, at=NOW)
    actions.book(pairing, seat_of(slot), by=host, at=NOW)
    assert "You have a time already." in client.post(address, {"answer": "talk"}).text
    SignUp.objects.update(closes_at=NOW)
    assert client.post(address, {"answer": "talk"}).status_code == 302
    client.force_login(host.user)
    assert client.post(address, {"answer": "talk"}).status_code == 404
    pairing.refresh_from_db()
    assert pairing.answer == ""


# --- booked ---


@pytest.fixture
def booking(pairing, slot):
    return actions.book(pairing, seat_of(slot), by=pairing.attendee, at=NOW).booking


def booked_page(booking):
    return reverse("scheduling:booked", args=[booking.uid])


def test_booked_page_says_when(client, booking, pairing):
    page = soup(client.get(booked_page(booking)))

    said = words(page.main)
    assert words(page.h1) == "Tuesdays, Period 4"
    assert "Booked, and Elena knows" in said
    assert "10:40 to 11:10" in said
    assert "The first one is this Tuesday, 13 October" in said
    assert "Ten talks to come this term" in said
    spot = page.find(id="agreement-spot")
    assert spot["hx-get"].startswith(reverse("notes:agreement", args=[pairing.uid]))
    assert spot.a["href"] == spot["hx-get"]
    first = Meeting.objects.in_order().first()
    assert page.find("a", string="Change the time")["href"] == reverse(
        "scheduling:meeting_move_following", args=[first.uid]
    )


def test_agreement_is_there_to_be_taken_into_the_page(client, booking, pairing):
    page = soup(client.get(booked_page(booking)))

    agreement = soup(client.get(page.find(id="agreement-spot")["hx-get"])).find(id="agreement")

    assert "Yes, that is how we keep it" in words(agreement)
    assert "Not now" in words(agreement)
    assert agreement.find(attrs={"name": "next"})["value"] == booked_page(booking)


def test_dates_that_clash_are_decided_on_the_booked_page(client, pairing, slot, school):
    other = PairingFactory(school=school, attendee=pairing.attendee)
    taken = datetime(2026, 10, 20, 14, 50, tzinfo=NOW.tzinfo)
    actions.plan_single(other, by=other.host, at=NOW, starts_at=taken, minutes=20)
    booking = actions.book(pairing, seat_of(slot), by=pairing.attendee, at=NOW).booking

    page = soup(client.get(booked_page(booking)))

    section = page.find(attrs={"aria-labelledby": "clash-title"})
    assert "Tuesday 20 October" in words(section)
    form = section.find("form")
    sent = {each["name"]: each["value"] for each in form.select("input[type=hidden]")}
    response = client.post(form["action"], sent)
    assert response.url == booked_page(booking)
    assert "clash-title" not in client.get(response.url).text


def test_booked_page_is_for_the_two(client, booking, host, school):
    client.force_login(host.user)
    said = words(soup(client.get(booked_page(booking))).main)
    assert "Leila Haddad has this time" in said
    client.force_login(PersonFactory(leader=True, school=school).user)
    for name in ("booked", "booking_calendar"):
        assert client.get(reverse(f"scheduling:{name}", args=[booking.uid])).status_code == 404


def test_a_place_given_back_says_so(client, booking, pairing):
    actions.release(booking, by=pairing.attendee, at=NOW)

    response = client.get(booked_page(booking))

    assert "This place was given back." in response.text
    assert page_of(pairing) in response.text


# --- the calendar ---


def calendar_of(client, booking):
    response = client.get(reverse("scheduling:booking_calendar", args=[booking.uid]))
    assert response["Content-Type"].startswith("text/calendar")
    assert "attachment" in response["Content-Disposition"]
    return Calendar.from_ical(response.content)


def test_series_in_a_calendar(client, pairing, host, term):
    slot = SlotFactory(host=host, term=term, column="4", place="Library corner")
    booking = actions.book(pairing, seat_of(slot), by=pairing.attendee, at=NOW).booking

    calendar = calendar_of(client, booking)

    [zone] = calendar.walk("VTIMEZONE")
    [event] = calendar.walk("VEVENT")
    assert zone["TZID"] == "America/New_York"
    assert event["UID"] == str(booking.uid)
    assert event["SUMMARY"] == "One-on-one with E. Marsh"
    assert event["LOCATION"] == "Library corner"
    assert event.start == datetime(2026, 10, 15, 10, 40, tzinfo=term.school.zone)
    assert event.duration == timedelta(minutes=30)
    assert event["DTSTART"].params["TZID"] == "America/New_York"
    assert (event["RRULE"]["FREQ"], event["RRULE"]["INTERVAL"]) == (["WEEKLY"], [1])
    assert event["RRULE"]["UNTIL"][0].astimezone(term.school.zone).date() == date(2026, 12, 17)
    assert [each.dt.date() for each in event["EXDATE"].dts] == [date(2026, 11, 26)]


def test_moved_and_shifted_dates_stand_beside_the_rule(client, pairing, host, term):
    slot = SlotFactory(host=host, term=term, column="4", monthly=True)
    seat = slot.seats.get(weeks=0b1000)  # 29 October; 26 November goes to 3 December
    booking = actions.book(pairing, seat, by=pairing.attendee, at=NOW).booking

    series, moved = calendar_of(client, booking).walk("VEVENT")

    assert series["RRULE"]["INTERVAL"] == [4]
    assert series["UID"] == moved["UID"]
    assert "EXDATE" not in series
    zone = term.school.zone
    assert moved["RECURRENCE-ID"].dt == datetime(2026, 11, 26, 10, 40, tzinfo=zone)
    assert moved.start == datetime(2026, 12, 3, 10, 40, tzinfo=zone)


def test_every_date_of_the_rule_is_a_meeting(client, booking, pairing, host):
    skipped, moved = Meeting.objects.in_order()[2], Meeting.objects.in_order()[4]
    actions.skip(skipped, by=host, at=NOW)
    actions.move(moved, by=host, at=NOW, starts_at=moved.starts_at + timedelta(hours=3))

    series, other = calendar_of(client, booking).walk("VEVENT")

    assert [each.dt for each in series["EXDATE"].dts] == [skipped.starts_at]
    assert other["RECURRENCE-ID"].dt == moved.starts_at
    assert other.start == moved.starts_at + timedelta(hours=3)


def test_calendar_of_a_counselor_says_busy(client, school, term):
    counselor = PersonFactory(counselor=True, school=school)
    pairing = PairingFactory(school=school, host=counselor, kind="counseling")
    slot = SlotFactory(host=counselor, term=term, place="Room 4")
    booking = actions.book(pairing, seat_of(slot), by=counselor, at=NOW).booking
    client.force_login(counselor.user)

    [event] = calendar_of(client, booking).walk("VEVENT")

    assert event["SUMMARY"] == "Busy"
    assert "LOCATION" not in event
    assert pairing.attendee.family_name not in event.to_ical().decode()


def test_calendar_of_a_series_without_dates_is_empty(client, booking, host):
    for meeting in Meeting.objects.all():
        actions.cancel(meeting, by=host, at=NOW)

    assert calendar_of(client, booking).walk("VEVENT") == []


# --- queries ---


@pytest.mark.parametrize("count", [1, 20])
def test_pages_ask_the_same_number_of_questions(
    client, pairing, host, term, school, count, django_assert_num_queries
):
    periods = list(school.periods.order_by("ordinal"))
    for number in range(count):
        SlotFactory(
            host=host, term=term, column=str(number % 5 + 1), period=periods[number // 5],
            cadence="monthly" if number % 2 else "weekly",
        )
        teaches(pairing.attendee, term, str(number % 5 + 1), time(13, number), time(13, 50))
        PairingFactory(school=school, attendee=pairing.attendee)
    client.get(page_of(pairing))

    # 4 who is acting and as what, 1 navigation, 1 invitation, 1 sign-up, and 7 for the times:
    # bells, weeks, days, closures, lessons, one-on-ones of the two, free seats
    with django_assert_num_queries(14):
        client.get(page_of(pairing))
    actions.book(pairing, Seat.objects.order_by("pk").first(), by=pairing.attendee, at=NOW)
    booking = Booking.objects.get()
    with django_assert_num_queries(8):
        client.get(booked_page(booking))
    with django_assert_num_queries(6):
        client.get(reverse("scheduling:booking_calendar", args=[booking.uid]))
    with django_assert_num_queries(5):
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
    except Exception as error:  # noqa: BLE001 -- it belongs to the test, not to the thread
        answers.append((repr(error), ""))
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_fifty_fight_for_ten_seats(host, school, term):
    for number in range(SEATS):
        SlotFactory(
            host=host, term=term, column=str(number % 5 + 1),
            period=school.periods.order_by("ordinal")[2 + number // 5],
        )
    SignUpFactory(host=host, term=term)
    pairings = [
        PairingFactory(school=school, host=host, weekly=True, invited_at=NOW)
        for _ in range(CLIENTS)
    ]
    seats = [str(each.uid) for each in Seat.objects.order_by("pk")]
    clients = [Client() for _ in pairings]
    for client, pairing in zip(clients, pairings, strict=True):
        client.force_login(pairing.attendee.user)

    for number in range(ROUNDS):
        wanted = seats if number else seats[:1]  # at first all want the same
        for model in (Attendance, Meeting, Booking, OutgoingMail, Change):
            model.objects.all().delete()
        answers, barrier = [], threading.Barrier(CLIENTS)
        threads = [
            threading.Thread(
                target=_fight,
                args=(
                    clients[place], page_of(each), wanted[place % len(wanted)], place,
                    barrier, answers,
                ),
            )
            for place, each in enumerate(pairings)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        statuses = [status for status, _ in answers]
        assert sorted(statuses, key=str) == [200] * (CLIENTS - SEATS) + [302] * SEATS
        assert Booking.objects.count() == SEATS
        assert Booking.objects.values("seat").distinct().count() == SEATS
        assert Booking.objects.values("pairing").distinct().count() == SEATS
        for status, text in answers:
            if status == 200:
                assert "You have not lost anything." in text
        blocked = list(
            Attendance.objects.filter(blocks=True, person=host).values_list("starts_at", flat=True)
        )
        assert len(blocked) == len(set(blocked))
