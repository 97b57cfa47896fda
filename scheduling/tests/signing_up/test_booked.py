"""What was booked: the page, the agreement, and the file for a calendar."""

from datetime import date, datetime, timedelta

import pytest
from django.urls import reverse
from icalendar import Calendar

from conftest import NOW
from people.models import OutgoingMail
from people.outbox import render
from people.tests.factories import PairingFactory, PersonFactory
from scheduling import actions
from scheduling.models import Meeting
from scheduling.tests.factories import (
    SlotFactory,
)
from scheduling.tests.signing_up.signup_page import (
    HTMX,
    booked_page,
    page_of,
    seat_of,
    soup,
    words,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


# --- booked ---


@pytest.fixture
def booking(pairing, slot):
    return actions.book(pairing, seat_of(slot), by=pairing.attendee, at=NOW).booking


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


def test_one_talk_that_was_moved_does_not_change_when_the_others_are(client, booking, pairing):
    first = Meeting.objects.in_order().first()
    actions.move(
        first, by=pairing.attendee, at=NOW, starts_at=first.starts_at + timedelta(hours=25)
    )

    said = words(soup(client.get(booked_page(booking))).main)
    mail = render(OutgoingMail.objects.get(kind="booked"), at=NOW)

    assert "10:40 to 11:10" in said
    assert "The first one is this Wednesday, 14 October" in said
    assert "Tuesdays, 10:40 to 11:10, weekly." in mail.body
    assert "The first one is Wednesday 14 October, 11:40." in mail.body


def test_agreement_is_there_to_be_taken_into_the_page(client, booking, pairing):
    page = soup(client.get(booked_page(booking)))

    agreement = soup(client.get(page.find(id="agreement-spot")["hx-get"])).find(id="agreement")

    assert "Yes, that is how we keep it" in words(agreement)
    assert "Not now" in words(agreement)
    assert agreement.find(attrs={"name": "next"})["value"] == booked_page(booking)


def test_whoever_has_said_yes_sees_one_line_and_a_link(client, booking, pairing):
    shown = soup(client.get(booked_page(booking))).find(id="agreement-spot")["hx-get"]
    asked = soup(client.get(shown, headers=HTMX)).find(id="agreement")
    sent = {each["name"]: each["value"] for each in asked.form.select("input[type=hidden]")}
    client.post(asked.form["action"], sent)

    line = soup(client.get(shown, headers=HTMX)).find(id="agreement")

    assert words(line) == "You said yes. Elena has not answered yet. What we agreed"
    assert line.a["href"] == reverse("notes:agreement", args=[pairing.uid])
    whole = soup(client.get(line.a["href"])).find(id="agreement")
    assert "Who reads what" in words(whole)


def test_changing_the_time_offers_the_other_rhythms_that_one_may_choose(
    client, pairing, host, term, slot
):
    held = SlotFactory(host=host, term=term, column="4", biweekly=True)
    booking = actions.book(pairing, seat_of(held), by=pairing.attendee, at=NOW).booking
    monthly = SlotFactory(host=host, term=term, column="3", monthly=True)
    later = booking.meetings.in_order()[1]
    path = reverse("scheduling:meeting_move_following", args=[later.uid])

    page = soup(client.get(path))

    groups = [
        page.find(attrs={"aria-labelledby": each}) for each in ("places-title", "others-title")
    ]
    offered = [[each["value"] for each in group.select("[name=seat]")] for group in groups]
    assert offered[0] == [str(seat_of(held, 2).uid)]  # the other weeks of the same cell
    assert set(offered[1]) == {str(each.uid) for each in monthly.seats.all()}  # and not weekly
    shown = client.get(path).context
    begin = [each.first.at[0] for each in shown["same"] + shown["others"]]
    assert min(begin) >= later.original_starts_at  # what comes before stays

    client.post(path, {"seat": offered[1][0]})
    pairing.refresh_from_db()
    assert pairing.cadence == "monthly"


def test_a_host_may_change_the_rhythm_to_any(client, booking, host, term):
    biweekly = SlotFactory(host=host, term=term, column="4", biweekly=True)
    client.force_login(host.user)
    path = reverse("scheduling:meeting_move_following", args=[Meeting.objects.first().uid])

    page = soup(client.get(path))

    assert "No other place every week is free" in words(page.main)
    seats = {each["value"] for each in page.select("[name=seat]")}
    assert seats == {str(each.uid) for each in biweekly.seats.all()}


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
