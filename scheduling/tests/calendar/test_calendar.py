"""Weeks and days as the calendar makes them; terms and closures."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied

from audit.models import Event
from conftest import NOW
from people.tests.factories import PairingFactory, PersonFactory
from scheduling import actions
from scheduling.models import Closure, Meeting, SchoolDay, SchoolWeek, Term
from scheduling.tests.calendar.snow_day import SNOW_DAY, add_closure, letters
from scheduling.tests.factories import (
    BookingFactory,
    CommitmentFactory,
    MeetingFactory,
    SlotFactory,
)
from scheduling.wall_time import instant

pytestmark = pytest.mark.django_db

NEW_YORK = ZoneInfo("America/New_York")


def term_fields(**fields):
    return {
        "name": "Spring 2027",
        "starts_on": date(2027, 1, 4),
        "ends_on": date(2027, 6, 11),
        "school_year": 2027,
        **fields,
    }


def test_rebuild_makes_weeks_and_days_with_their_bells(school):
    week = school.weeks.get(starts_on=date(2026, 10, 12))
    day = school.days.get(date=date(2026, 10, 13))

    assert (week.number, week.cycle_week, week.letter, week.ordinal) == (6, 2, "B", 6)
    assert (day.column, day.pass_number, day.week) == ("2", 2, week)
    assert day.bell_schedule == school.bell_schedules.get()


def test_rebuild_twice_changes_nothing(school):
    before = list(SchoolWeek.objects.values()), list(SchoolDay.objects.values())

    effect = actions.rebuild_calendar(school, by=None, at=NOW)

    assert (list(SchoolWeek.objects.values()), list(SchoolDay.objects.values())) == before
    assert effect == actions.Effect()


@pytest.mark.parametrize("weeks", [2, 20])
def test_rebuild_takes_the_same_queries_for_any_number_of_weeks(
    school, weeks, django_assert_max_num_queries
):
    ends_on = date(2027, 1, 4) + timedelta(weeks=weeks)

    with django_assert_max_num_queries(26):
        actions.save_term(school, by=None, at=NOW, **term_fields(ends_on=ends_on))


def test_save_closure_closes_days_and_counts_no_closed_week(school, administrator):
    add_closure(school, administrator, starts_on=date(2026, 11, 23), ends_on=date(2026, 11, 29))

    assert letters(school) == "12341234123-412"
    assert not school.days.filter(date__range=(date(2026, 11, 23), date(2026, 11, 29))).exists()
    assert school.weeks.get(starts_on=date(2026, 11, 23)).is_open is False


def test_save_closure_never_renumbers_frozen_weeks(school, administrator):
    school.weeks.update(is_frozen=True)
    before = letters(school)

    add_closure(school, administrator, starts_on=date(2026, 11, 23), ends_on=date(2026, 11, 29))

    assert letters(school) == before
    week = school.weeks.get(starts_on=date(2026, 11, 30))
    assert (week.number, week.ordinal) == (13, 12)


def test_save_closure_closes_planned_meetings(school, administrator):
    meeting = MeetingFactory(pairing__school=school)
    other_day = MeetingFactory(
        pairing=meeting.pairing, starts_at=meeting.starts_at + timedelta(days=1)
    )
    elsewhere = MeetingFactory()

    add_closure(school, administrator)

    meeting.refresh_from_db()
    assert (meeting.status, meeting.sequence) == (Meeting.Status.CLOSED, 1)
    assert (meeting.ended_by, meeting.ended_at) == (None, None)  # what then is for the two to say
    assert not meeting.attendances.filter(blocks=True).exists()
    for untouched in (other_day, elsewhere):
        untouched.refresh_from_db()
        assert untouched.status == Meeting.Status.PLANNED
        assert untouched.attendances.filter(blocks=True).count() == 2
    event = Event.objects.filter(chain=school.pk).latest("seq")
    assert event.act == Event.Act.CALENDAR_CHANGE
    assert f"meeting:{meeting.pk}" in event.about


def test_save_closure_closes_meetings_by_the_schools_own_date(school, administrator):
    pairing = PairingFactory(school=school)
    late = MeetingFactory(
        pairing=pairing, starts_at=instant(date(2026, 10, 13), time(21, 0), NEW_YORK)
    )
    next_day = MeetingFactory(
        pairing=pairing, starts_at=instant(date(2026, 10, 14), time(0, 30), NEW_YORK)
    )
    assert late.starts_at.date() == next_day.starts_at.date() == date(2026, 10, 14)  # in UTC

    add_closure(school, administrator)

    late.refresh_from_db()
    next_day.refresh_from_db()
    assert (late.status, next_day.status) == (Meeting.Status.CLOSED, Meeting.Status.PLANNED)


def test_save_closure_leaves_what_has_ended(school, administrator):
    held = MeetingFactory(past=True, pairing__school=school)

    add_closure(school, administrator, starts_on=date(2026, 10, 6), ends_on=date(2026, 10, 6))

    held.refresh_from_db()
    assert held.status == Meeting.Status.HELD


def test_save_closure_asks_before_it_closes_meetings(school, administrator):
    meeting = MeetingFactory(pairing__school=school)

    with pytest.raises(actions.NeedsConfirmation) as question:
        add_closure(school, administrator, is_confirmed=False)

    assert question.value.effect.meetings == 1
    meeting.refresh_from_db()
    assert meeting.status == Meeting.Status.PLANNED
    assert not Closure.objects.exists()
    assert school.days.filter(date=SNOW_DAY["starts_on"]).exists()


def test_save_closure_does_not_tell_of_counseling(school, administrator):
    meeting = MeetingFactory(pairing__school=school, pairing__counseling=True)

    add_closure(school, administrator, is_confirmed=False)

    meeting.refresh_from_db()
    assert meeting.status == Meeting.Status.CLOSED


def test_save_closure_that_stops_nothing_is_refused(school, administrator):
    with pytest.raises(actions.CannotChangeCalendar, match="Choose what these days stop"):
        add_closure(school, administrator, stops_meetings=False, stops_clock=False)


def test_delete_closure_opens_the_days_again(school, administrator):
    before = letters(school)
    closure = add_closure(
        school, administrator, starts_on=date(2026, 11, 23), ends_on=date(2026, 11, 29)
    )

    actions.delete_closure(closure, by=administrator, at=NOW)

    assert letters(school) == before
    assert school.days.count() == 75


def test_save_term_runs_letters_on_through_the_year(school, administrator):
    term = actions.save_term(school, by=administrator, at=NOW, **term_fields())

    assert letters(school).startswith("123412341234123" + "4123")
    assert term.weeks.order_by("starts_on").first().number == 16


def test_save_term_changes_one(school, administrator):
    term = school.terms.get()

    actions.save_term(
        school,
        by=administrator,
        at=NOW,
        term=term,
        **term_fields(name="Autumn", starts_on=date(2026, 9, 14), ends_on=date(2026, 12, 11)),
    )

    term.refresh_from_db()
    assert term.name == "Autumn"
    assert letters(school) == "1234123412341"
    assert school.days.count() == 65


def test_save_term_of_another_year_starts_its_letters_anew(school, administrator):
    spring = actions.save_term(school, by=administrator, at=NOW, **term_fields())

    actions.save_term(
        school, by=administrator, at=NOW, term=spring, **term_fields(school_year=2028)
    )

    assert spring.weeks.order_by("starts_on").first().cycle_week == 1


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"ends_on": date(2027, 1, 1)}, "The last day is before the first."),
        ({"ends_on": date(2027, 1, 4)}, "A term has more than one day."),
        ({"ends_on": date(2028, 6, 1)}, "longer than a year"),
        ({"starts_on": date(2026, 12, 18)}, "overlap Fall 2026"),
        ({"starts_on": date(2026, 8, 1)}, "overlap Fall 2026"),
        ({"name": "fall 2026"}, "There is a term called Fall 2026"),
    ],
)
def test_save_term_refuses(school, administrator, fields, sentence):
    with pytest.raises(actions.CannotChangeCalendar, match=sentence):
        actions.save_term(school, by=administrator, at=NOW, **term_fields(**fields))

    assert school.terms.count() == 1


def test_delete_term_takes_its_weeks_and_lessons(school, administrator):
    CommitmentFactory(term=school.terms.get())

    actions.delete_term(school.terms.get(), by=administrator, at=NOW)

    assert not Term.objects.filter(school=school).exists()
    assert not SchoolWeek.objects.filter(school=school).exists()
    assert not SchoolDay.objects.filter(school=school).exists()


def test_delete_term_leaves_a_week_to_the_term_that_shares_it(school, administrator):
    fall = school.terms.get()
    Term.objects.filter(pk=fall.pk).update(ends_on=date(2026, 12, 15))
    late = actions.save_term(school, by=None, at=NOW, **term_fields(starts_on=date(2026, 12, 16)))
    assert school.weeks.get(starts_on=date(2026, 12, 14)).term == fall

    actions.delete_term(fall, by=administrator, at=NOW)

    assert school.weeks.get(starts_on=date(2026, 12, 14)).term == late
    assert {day.term for day in school.days.select_related("term")} == {late}
    assert letters(school).startswith("12341234")


def test_delete_term_with_bookings_is_refused(administrator, school):
    booking = BookingFactory(slot__term=school.terms.get(), released=True)

    with pytest.raises(actions.CannotChangeCalendar, match="People have booked times"):
        actions.delete_term(booking.term, by=administrator, at=NOW)

    assert school.days.count() == 75


def test_delete_term_with_offered_times_is_refused(administrator, school):
    slot = SlotFactory(term=school.terms.get())

    with pytest.raises(actions.CannotChangeCalendar, match="Hosts have offered times"):
        actions.delete_term(slot.term, by=administrator, at=NOW)


def test_calendar_is_changed_by_administrators_only(school):
    leader = PersonFactory(leader=True, school=school)
    elsewhere = PersonFactory(administrator=True)
    term, week = school.terms.get(), school.weeks.first()

    for person in (leader, elsewhere):
        for change in (
            lambda by: actions.rebuild_calendar(school, by=by, at=NOW),
            lambda by: actions.save_term(school, by=by, at=NOW, **term_fields()),
            lambda by: actions.delete_term(term, by=by, at=NOW),
            lambda by: add_closure(school, by),
            lambda by: actions.set_weekdays(school, by=by, at=NOW, weekdays="1"),
            lambda by: actions.shift_letters(week, by=by, at=NOW, cycle_week=1),
        ):
            with pytest.raises(PermissionDenied):
                change(person)

    assert letters(school) == "123412341234123"


def test_rebuild_is_recorded(school, administrator):
    at = datetime(2026, 10, 12, 8, tzinfo=NOW.tzinfo)

    actions.rebuild_calendar(school, by=administrator, at=at)

    event = Event.objects.filter(chain=school.pk).latest("seq")
    assert (event.act, event.by, event.at) == ("calendar.change", administrator.pk, at)
