"""Standing places in a rotation: their dates, their clashes, and where they can go."""

from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar
from recurring_ical_events import of as repeated

from conftest import NOW
from people.cadence import Cadence
from people.models import OutgoingMail, Pairing
from people.outbox import render
from people.tests.factories import PairingFactory, PersonFactory
from scheduling import actions
from scheduling.availability import free_times, openings
from scheduling.models import Meeting, OverdueFlag
from scheduling.tests.booking.series import booked, pair, school_of, seat_of, slot_of, term_of
from scheduling.tests.factories import (
    CommitmentFactory,
    InvitationFactory,
    SignUpFactory,
    school_with_calendar,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

# From 12 October 2026 on: Monday is Day 2 of pass 5, the 26th school day
DAY_3 = [
    date(2026, 10, 13),
    date(2026, 10, 21),
    date(2026, 10, 29),
    date(2026, 11, 6),
    date(2026, 11, 16),
    date(2026, 11, 24),
    date(2026, 12, 2),
    date(2026, 12, 10),
    date(2026, 12, 18),
]


@pytest.fixture
def host():
    school = school_with_calendar(at=NOW, rotation_days=6, is_demo=True)  # no second factor
    return PersonFactory(leader=True, school=school)


def dates(booking, *statuses):
    statuses = statuses or (Meeting.Status.PLANNED,)
    meetings = Meeting.objects.filter(booking=booking, status__in=statuses).in_order()
    return [timezone.localtime(each.starts_at, each.school.zone).date() for each in meetings]


def test_weekly_is_every_pass(host):
    assert dates(booked(host, column="3").booking) == DAY_3


def test_biweekly_is_every_other_pass_and_monthly_one_in_four(host):
    biweekly, monthly = (
        slot_of(host, biweekly=True, column="3"),
        slot_of(host, monthly=True, column="4"),
    )
    odd, even = (
        actions.book(pair(host), seat_of(biweekly, number), by=host, at=NOW).booking
        for number in (1, 2)
    )
    quarters = [
        actions.book(pair(host), seat_of(monthly, number), by=host, at=NOW).booking
        for number in (1, 2, 3, 4)
    ]

    passes = {
        day.date: day.pass_number for day in school_of(host).days.filter(column__in=("3", "4"))
    }
    assert dates(odd) == DAY_3[::2]
    assert dates(even) == DAY_3[1::2]
    assert {passes[on] % 2 for on in dates(odd)} == {1}
    for number, booking in enumerate(quarters, start=1):
        assert {passes[on] % 4 for on in dates(booking)} == {number % 4}


def test_known_day_off_that_the_rotation_skips_goes_to_the_next_pass(host):
    school = school_of(host)
    close(school, DAY_3[2], skips_rotation=True)
    slot = slot_of(host, biweekly=True, column="3")

    booking = actions.book(pair(host), seat_of(slot, 1), by=host, at=NOW).booking

    assert dates(booking) == sorted([DAY_3[0], DAY_3[3], *DAY_3[4::2]])
    moved = Meeting.objects.get(booking=booking, original_starts_at__date=DAY_3[2])
    assert moved.starts_at.date() == DAY_3[3]


def test_known_day_off_waits_for_a_word_where_the_next_pass_is_taken(host):
    school = school_of(host)
    close(school, DAY_3[2], skips_rotation=True)
    slot = slot_of(host, biweekly=True, column="3")
    actions.book(pair(host), seat_of(slot, 2), by=host, at=NOW)

    booking = actions.book(pair(host), seat_of(slot, 1), by=host, at=NOW).booking

    [undecided] = Meeting.objects.undecided(NOW)
    assert undecided.booking == booking
    assert dates(booking, Meeting.Status.CLOSED) == [DAY_3[2]]


def close(school, on, **fields):
    return actions.save_closure(
        school,
        by=None,
        at=NOW,
        name="Day off",
        starts_on=on,
        ends_on=on,
        stops_meetings=True,
        stops_clock=True,
        **fields,
    )


def test_a_day_off_before_anybody_booked_makes_all_days_wait(host):
    close(school_of(host), date(2026, 10, 12))

    assert dates(booked(host, column="3").booking)[:2] == [date(2026, 10, 14), date(2026, 10, 22)]


def test_a_day_off_after_booking_closes_that_talk_alone(host):
    booking = booked(host, column="3").booking

    close(school_of(host), DAY_3[1])

    assert dates(booking) == [DAY_3[0], *DAY_3[2:]]
    assert dates(booking, Meeting.Status.CLOSED) == [DAY_3[1]]


def test_places_and_free_times_are_those_of_the_day(host):
    slot_of(host, column="3")
    attendee = pair(host).attendee
    CommitmentFactory(
        term=term_of(host), person=attendee, column="4", starts_at="10:40", ends_at="11:25"
    )
    slot_of(host, column="4")

    [opening] = openings(host, attendee, term_of(host), cadences=list(Cadence), now=NOW)
    times = free_times(host, attendee, term_of(host), now=NOW)

    assert opening.seat.slot.column == "3"
    assert [timezone.localtime(each.starts_at).date() for each in times] == DAY_3[:3]


def test_duties_of_some_passes_clash_on_their_dates(host):
    slot = slot_of(host, column="3")
    pairing = pair(host)
    CommitmentFactory(
        term=term_of(host),
        person=pairing.attendee,
        column="3",
        weeks=0b0001,
        starts_on=date(2026, 9, 7),
        starts_at="10:40",
        ends_at="11:25",
    )

    booking = actions.book(pairing, seat_of(slot), by=host, at=NOW).booking

    assert dates(booking, Meeting.Status.CANCELLED) == [DAY_3[0], DAY_3[4], DAY_3[8]]


def test_booked_page_and_mail_say_the_day_and_its_dates(host, client):
    sign_up = SignUpFactory(host=host, term=term_of(host))
    pairing = InvitationFactory(sign_up=sign_up, pairing__cadence="biweekly").pairing
    slot = slot_of(host, biweekly=True, column="3")
    booking = actions.book(pairing, seat_of(slot), by=pairing.attendee, at=NOW).booking
    client.force_login(pairing.attendee.user)

    page = client.get(reverse("scheduling:booked", args=[booking.uid])).text
    mail = render(OutgoingMail.objects.get(kind="booked"), at=NOW)

    assert "Day 3, Period 4" in page
    assert "every other rotation" in page
    assert "13 October" in page
    assert "Day 3, 10:40 to 11:10, every other rotation." in mail.body
    assert "The first one is Tuesday 13 October." in mail.body


def test_calendar_file_has_the_same_dates(host, client):
    booking = booked(host, column="3").booking
    meetings = Meeting.objects.filter(booking=booking).in_order()
    actions.skip(meetings[1], by=host, at=NOW)
    actions.move(meetings[4], by=host, at=NOW, starts_at=meetings[4].starts_at.replace(hour=20))
    client.force_login(host.user)

    response = client.get(reverse("scheduling:booking_calendar", args=[booking.uid]))

    found = repeated(Calendar.from_ical(response.content)).between((2026, 9, 1), (2027, 1, 1))
    planned = Meeting.objects.filter(booking=booking, status=Meeting.Status.PLANNED)
    assert sorted(each.start for each in found) == [each.starts_at for each in planned.in_order()]
    assert len(found) == 8


def test_pages_name_the_days(host, client):
    sign_up = SignUpFactory(host=host, term=term_of(host))
    pairing = InvitationFactory(sign_up=sign_up, pairing__cadence="weekly").pairing
    slot_of(host, column="3")
    client.force_login(host.user)
    schedule = client.get(reverse("scheduling:schedule")).text
    today = client.get(reverse("scheduling:today")).text
    client.force_login(pairing.attendee.user)
    sign_up = client.get(reverse("scheduling:sign_up", args=[pairing.uid])).text

    assert "Day 6" in schedule
    assert "Saturday" not in schedule
    assert "now <b>Day 2, pass A, pass 1 of 4</b>" in schedule
    assert "<b>Day 2</b>" in today
    assert "Day 3, Period 4" in sign_up
    assert "First time: Tuesday 13 October." in sign_up
    assert "every rotation" in sign_up


@pytest.mark.parametrize(
    ("cadence", "first_day_late"),
    [
        ("weekly", date(2026, 10, 26)),  # a pass is 6 days: the week of 12 October and the next
        ("biweekly", date(2026, 11, 2)),
        ("monthly", date(2026, 11, 16)),
    ],
)
def test_past_due_waits_for_as_many_weeks_as_the_passes_take(host, cadence, first_day_late):
    pairing = PairingFactory(
        school=school_of(host), host=host, cadence=cadence, last_met_on=date(2026, 10, 9)
    )

    def flagged(on):
        actions.sweep_overdue(by=None, at=NOW.replace(month=on.month, day=on.day, hour=16))
        return set(OverdueFlag.objects.filter(cleared_at=None).values_list("pairing_id", flat=True))

    sunday = date.fromordinal(first_day_late.toordinal() - 1)
    assert flagged(sunday) == set()
    assert flagged(first_day_late) == {pairing.pk}


def test_nobody_who_keeps_to_the_rotation_is_ever_past_due(host):
    booking = booked(host, column="3").booking
    Pairing.objects.update(last_met_on=date(2026, 10, 5))  # the Day 3 before
    for meeting in Meeting.objects.filter(booking=booking).in_order():
        before = meeting.starts_at.replace(hour=5)
        actions.sweep_overdue(by=None, at=before)
        assert not OverdueFlag.objects.filter(cleared_at=None).exists()
        actions.hold(meeting, by=host, at=meeting.ends_at)
