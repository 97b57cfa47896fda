"""Meetings that follow a bell go with it: other times, other bells on a day, no period at all."""

from datetime import date, datetime, time, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from conftest import NOW
from people.models import OutgoingMail
from people.outbox import render
from people.tests.factories import PersonFactory
from scheduling import actions
from scheduling.models import Meeting
from scheduling.tests.booking.series import booked, pair, slot_of
from scheduling.tests.factories import BELLS, MeetingFactory
from scheduling.wall_time import instant

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

TUESDAY = date(2026, 10, 13)
NEXT = TUESDAY + timedelta(weeks=1)


@pytest.fixture
def host(school):
    return PersonFactory(leader=True, school=school, email="elena@school.example")


@pytest.fixture
def booking(host):
    return booked(host).booking  # Tuesdays, Period 4, 10:40


@pytest.fixture
def late(school):
    """A late start: Period 4 at 11:40, and no Period 1."""
    return actions.save_bell_schedule(
        school, by=None, at=NOW, name="Late start", weekdays="", bells=bells(school, hours=1)
    ).bell_schedule


def bells(school, hours=0, without=("Period 1",)):
    periods = {each.name: each for each in school.periods.all()}
    return [
        actions.Bell(name, later(begins, hours), later(ends, hours), periods[name])
        for name, (begins, ends) in BELLS.items()
        if name not in without
    ]


def later(moment, hours):
    return (datetime.combine(TUESDAY, moment) + timedelta(hours=hours)).time()


def ring(school, days, **how):
    return actions.set_special_days(school, by=None, at=NOW, days=days, **how)


def times(booking):
    """The wall times of the planned talks, by date."""
    zone = booking.pairing.school.zone
    planned = booking.meetings.filter(status=Meeting.Status.PLANNED).in_order()
    local = [each.starts_at.astimezone(zone) for each in planned]
    return {each.date(): each.time() for each in local}


def test_a_late_start_moves_the_talks_of_its_day(school, host, booking, late):
    effect = ring(school, {TUESDAY: late})

    assert effect.moved == 1
    assert times(booking)[TUESDAY] == time(11, 40)
    assert times(booking)[NEXT] == time(10, 40)
    meeting = booking.meetings.get(original_starts_at__date=TUESDAY)
    assert (meeting.minutes, meeting.sequence, meeting.moved_count) == (30, 1, 0)
    assert {each.starts_at for each in meeting.attendances.all()} == {meeting.starts_at}
    mail = render(OutgoingMail.objects.get(kind="calendar_changed", person=host), at=NOW)
    assert "These are planned for:\nTuesday 13 October, 11:40 to 12:10" in mail.body
    assert "20 October" not in mail.body


def test_as_usual_again_moves_them_back(school, booking, late):
    before = times(booking)
    ring(school, {TUESDAY: late})

    ring(school, {TUESDAY: None})

    assert times(booking) == before
    assert school.days.get(date=TUESDAY).bell_schedule.name == "Regular"
    assert not school.special_days.exists()


def test_it_asks_first(school, booking, late):
    with pytest.raises(actions.NeedsConfirmation) as question:
        ring(school, {TUESDAY: late}, is_confirmed=False)

    assert question.value.effect.moved == 1
    assert not school.special_days.exists()
    assert times(booking)[TUESDAY] == time(10, 40)


def test_other_times_move_all_talks_that_are_to_come(school, booking):
    regular = school.bell_schedules.get()

    effect = actions.save_bell_schedule(
        school,
        by=None,
        at=NOW,
        name="Regular",
        weekdays="12345",
        bells=bells(school, hours=1, without=()),
        bell_schedule=regular,
    ).effect

    assert effect.moved == 10
    assert set(times(booking).values()) == {time(11, 40)}


def test_a_talk_that_somebody_moved_stays(school, host, booking, late):
    meeting = booking.meetings.get(original_starts_at__date=TUESDAY)
    elsewhere = instant(TUESDAY, time(15, 0), school.zone)
    actions.move(meeting, by=host, at=NOW, starts_at=elsewhere)

    effect = ring(school, {TUESDAY: late})

    meeting.refresh_from_db()
    assert effect.moved == 0
    assert meeting.starts_at == elsewhere


def test_talks_by_the_clock_alone_stay(school, host, late):
    slot = slot_of(host, period=None, starts_at=time(10, 40), ends_at=time(11, 10))
    booking = actions.book(pair(host), slot.seats.get(), by=host, at=NOW).booking

    assert ring(school, {TUESDAY: late}).moved == 0
    assert times(booking)[TUESDAY] == time(10, 40)


def test_a_day_without_the_period_is_a_listed_clash(school, host, late):
    booking = booked(host, period=school.periods.get(name="Period 1")).booking

    effect = ring(school, {TUESDAY: late})

    assert (effect.moved, effect.lost) == (0, 1)
    [undecided] = Meeting.objects.undecided(NOW)
    assert undecided.booking == booking
    assert not undecided.attendances.filter(blocks=True).exists()
    mail = render(OutgoingMail.objects.get(kind="calendar_changed", person=host), at=NOW)
    assert "These cannot be kept" in mail.body

    ring(school, {TUESDAY: None})

    assert list(Meeting.objects.undecided(NOW)) == []
    assert times(booking)[TUESDAY] == time(8, 10)


def test_a_date_that_somebody_left_out_stays_out(school, host, late):
    booking = booked(host, period=school.periods.get(name="Period 1")).booking
    ring(school, {TUESDAY: late})
    actions.let_go(Meeting.objects.undecided(NOW).get(), by=host, at=NOW)

    ring(school, {TUESDAY: None})

    assert TUESDAY not in times(booking)


def test_where_somebody_is_taken_at_the_new_time_it_is_a_clash(school, host, booking, late):
    single = MeetingFactory(
        pairing=pair(host), starts_at=instant(TUESDAY, time(11, 50), school.zone)
    )

    effect = ring(school, {TUESDAY: late})

    assert (effect.moved, effect.lost) == (0, 1)
    lost = booking.meetings.get(original_starts_at__date=TUESDAY)
    assert lost in Meeting.objects.undecided(NOW)
    assert lost.starts_at == lost.original_starts_at
    single.refresh_from_db()
    assert single.is_planned


def test_talks_change_places_all_at_once(school, host):
    """One hour later, Period 4 begins in what was Lunch, which moves on as well."""
    first = booked(host).booking
    second = booked(host, period=school.periods.get(name="Lunch")).booking
    third = booked(host, period=school.periods.get(name="Period 5")).booking

    effect = actions.save_bell_schedule(
        school,
        by=None,
        at=NOW,
        name="Regular",
        weekdays="12345",
        bells=bells(school, hours=1, without=()),
        bell_schedule=school.bell_schedules.get(),
    ).effect

    assert (effect.moved, effect.lost) == (30, 0)
    assert [times(each)[NEXT] for each in (first, second, third)] == [
        time(11, 40),
        time(12, 30),
        time(13, 15),
    ]


def test_deleting_a_bell_schedule_lists_its_talks(school, administrator, booking):
    regular = school.bell_schedules.get()

    with pytest.raises(actions.NeedsConfirmation) as question:
        actions.delete_bell_schedule(regular, by=administrator, at=NOW, is_confirmed=False)
    assert question.value.effect.lost == 10
    regular.refresh_from_db()
    assert regular.weekdays == "12345"

    actions.delete_bell_schedule(regular, by=administrator, at=NOW)
    assert Meeting.objects.undecided(NOW).count() == 10


def test_today_and_the_past_stay(school, host, late):
    booking = booked(host, column="1").booking  # Mondays; it is Monday, 3 in the morning
    noon = NOW + timedelta(hours=9)

    actions.set_special_days(school, by=None, at=noon, days={date(2026, 10, 12): late})

    assert times(booking)[date(2026, 10, 12)] == time(10, 40)


def test_counseling_moves_and_is_not_counted(school, late):
    counselor = PersonFactory(counselor=True, school=school)
    booking = booked(counselor).booking
    booking.pairing.kind = "counseling"
    booking.pairing.save()

    effect = ring(school, {TUESDAY: late})

    assert effect.moved == 0
    assert times(booking)[TUESDAY] == time(11, 40)


def test_special_days_are_kept_by_administrators_only(school, host, late):
    with pytest.raises(PermissionDenied):
        actions.set_special_days(school, by=host, at=NOW, days={TUESDAY: late})
