from datetime import UTC, date, datetime, timedelta

import pytest

from conftest import NOW
from people.models import Pairing
from people.tests.factories import LeaveFactory, PairingFactory, PersonFactory
from scheduling import actions
from scheduling.models import OverdueFlag
from scheduling.overdue import with_days_past
from scheduling.tests.factories import MeetingFactory, school_with_calendar

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

MONDAY = date(2026, 10, 12)  # week 6 of the term


def noon(on):
    return datetime(on.year, on.month, on.day, 16, tzinfo=UTC)


def flagged(on=MONDAY):
    actions.sweep_overdue(by=None, at=noon(on))
    return set(OverdueFlag.objects.filter(cleared_at=None).values_list("pairing_id", flat=True))


@pytest.fixture
def school():
    return school_with_calendar(at=NOW)


@pytest.mark.parametrize(
    ("cadence", "last_met_on", "first_day_late"),
    [
        ("weekly", date(2026, 10, 1), date(2026, 10, 12)),
        ("weekly", date(2026, 10, 5), date(2026, 10, 19)),
        ("biweekly", date(2026, 9, 25), date(2026, 10, 12)),
        ("monthly", date(2026, 9, 11), date(2026, 10, 12)),
        ("monthly", date(2026, 9, 14), date(2026, 10, 19)),
        ("weekly", None, date(2026, 9, 21)),
    ],
)
def test_flag_is_raised_when_the_due_week_has_passed(school, cadence, last_met_on, first_day_late):
    pairing = PairingFactory(school=school, cadence=cadence, last_met_on=last_met_on)

    assert flagged(first_day_late - timedelta(days=1)) == set()
    assert flagged(first_day_late) == {pairing.pk}
    assert (first_day_late - OverdueFlag.objects.get().due_on).days == 7


def test_closed_weeks_do_not_count():
    school = school_with_calendar(closures=[(date(2026, 10, 5), date(2026, 10, 9))], at=NOW)
    pairing = PairingFactory(school=school, weekly=True, last_met_on=date(2026, 9, 28))

    assert flagged(date(2026, 10, 18)) == set()
    assert flagged(date(2026, 10, 19)) == {pairing.pk}


def test_grace_of_the_school_is_added(school):
    school.grace_weeks = 1
    school.save()
    pairing = PairingFactory(school=school, weekly=True, last_met_on=date(2026, 10, 1))

    assert flagged(date(2026, 10, 18)) == set()
    assert flagged(date(2026, 10, 19)) == {pairing.pk}


@pytest.mark.parametrize(
    "fields",
    [
        {"is_paused": True},
        {"ends_on": date(2026, 10, 9)},
        {"starts_on": date(2026, 10, 13)},
        {"cadence": "as_needed"},
        {"attendee__is_active": False},
    ],
)
def test_some_have_no_clock(school, fields):
    PairingFactory(**{"school": school, "weekly": True} | fields)

    assert flagged() == set()


def test_flag_is_raised_once_and_cleared_by_meeting(school):
    pairing = PairingFactory(school=school, weekly=True, last_met_on=date(2026, 9, 20))
    assert flagged() == flagged() == {pairing.pk}
    assert OverdueFlag.objects.count() == 1
    meeting = MeetingFactory(pairing=pairing, starts_at=NOW, school=school)

    actions.hold(meeting, by=pairing.host, at=NOW)

    assert OverdueFlag.objects.get().cleared_at == NOW
    assert flagged() == set()


def test_flag_is_cleared_by_pausing(school):
    pairing = PairingFactory(school=school, weekly=True, last_met_on=date(2026, 9, 20))
    assert flagged() == {pairing.pk}
    Pairing.objects.update(is_paused=True)

    assert flagged() == set()


@pytest.mark.parametrize(
    ("zone", "at", "is_late"),
    [
        ("Asia/Dubai", datetime(2026, 10, 11, 19, 59, tzinfo=UTC), False),  # Sunday, 23:59
        ("Asia/Dubai", datetime(2026, 10, 11, 20, 0, tzinfo=UTC), True),  # Monday, 0:00
        ("America/New_York", datetime(2026, 10, 12, 3, 59, tzinfo=UTC), False),  # Sunday
        ("America/New_York", datetime(2026, 10, 12, 4, 0, tzinfo=UTC), True),  # Monday
    ],
)
def test_the_week_passes_on_the_date_of_each_school(zone, at, is_late):
    school = school_with_calendar(at=NOW, time_zone=zone)
    elsewhere = school_with_calendar(at=NOW, time_zone="Pacific/Honolulu")  # still Sunday
    pairing = PairingFactory(school=school, weekly=True, last_met_on=date(2026, 10, 1))
    PairingFactory(school=elsewhere, weekly=True, last_met_on=date(2026, 10, 1))

    actions.sweep_overdue(by=None, at=at)

    assert [flag.pairing for flag in OverdueFlag.objects.all()] == [pairing] * is_late


def test_sweep_before_there_is_a_school_does_nothing():
    assert actions.sweep_overdue(by=None, at=NOW) == (0, 0)


def away(person, first, last):
    return LeaveFactory(person=person, starts_on=first, ends_on=last)


@pytest.mark.parametrize("role", ["host", "attendee"])
def test_weeks_on_leave_of_either_do_not_count(school, role):
    pairing = PairingFactory(school=school, weekly=True, last_met_on=date(2026, 9, 21))
    other = PairingFactory(school=school, weekly=True, last_met_on=date(2026, 9, 21))
    away(getattr(pairing, role), date(2026, 9, 26), date(2026, 10, 9))  # two school weeks

    assert flagged(date(2026, 10, 5)) == {other.pk}
    assert flagged(date(2026, 10, 18)) == {other.pk}
    assert flagged(date(2026, 10, 19)) == {other.pk, pairing.pk}
    assert pairing.overdue_flags.get().due_on == MONDAY  # the first week that counted


def test_two_leaves_close_a_week_together_and_a_day_of_work_opens_it(school):
    together = PairingFactory(school=school, weekly=True, last_met_on=date(2026, 9, 28))
    away(together.host, date(2026, 10, 5), date(2026, 10, 7))
    away(together.attendee, date(2026, 10, 8), date(2026, 10, 9))
    a_day = PairingFactory(school=school, weekly=True, last_met_on=date(2026, 9, 28))
    away(a_day.host, date(2026, 10, 5), date(2026, 10, 8))

    assert flagged() == {a_day.pk}
    assert flagged(date(2026, 10, 19)) == {a_day.pk, together.pk}


def test_leave_and_holiday_close_a_week_together():
    school = school_with_calendar(closures=[(date(2026, 10, 5), date(2026, 10, 6))], at=NOW)
    pairing = PairingFactory(school=school, weekly=True, last_met_on=date(2026, 9, 28))
    away(pairing.host, date(2026, 10, 7), date(2026, 10, 9))

    assert flagged() == set()
    assert flagged(date(2026, 10, 19)) == {pairing.pk}


def test_leave_that_was_over_before_they_met_changes_nothing(school):
    pairing = PairingFactory(school=school, weekly=True, last_met_on=date(2026, 9, 28))
    away(pairing.host, date(2026, 9, 14), date(2026, 9, 25))

    assert flagged() == {pairing.pk}


def test_leave_while_past_due_stops_the_count_of_days(school):
    pairing = PairingFactory(school=school, weekly=True, last_met_on=date(2026, 9, 14))
    assert flagged(date(2026, 9, 30)) == {pairing.pk}

    def days(on):
        return with_days_past(Pairing.objects.all(), on=on).get().days_past

    assert days(date(2026, 9, 30)) == 3
    leave = away(pairing.attendee, date(2026, 10, 1), date(2026, 10, 9))
    assert days(MONDAY) == 4
    leave.delete()
    assert days(MONDAY) == 11


def test_leave_written_down_afterwards_clears_the_flag(school):
    pairing = PairingFactory(school=school, weekly=True, last_met_on=date(2026, 9, 28))
    assert flagged() == {pairing.pk}

    away(pairing.host, date(2026, 10, 5), date(2026, 10, 9))

    assert flagged() == set()


@pytest.mark.parametrize("count", [1, 40])
def test_sweep_is_two_statements(school, count, django_assert_num_queries):
    for _ in range(count):
        pairing = PairingFactory(school=school, weekly=True, host=PersonFactory())
        away(pairing.host, date(2026, 9, 14), date(2026, 9, 20))

    with django_assert_num_queries(5):  # with the time zones, and the savepoint around them
        raised, cleared = actions.sweep_overdue(by=None, at=NOW)

    assert (raised, cleared) == (count, 0)
