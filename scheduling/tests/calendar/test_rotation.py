"""Schools that count days: making them so, shifting days, and what stays once people booked."""

from datetime import date

import pytest

from conftest import NOW
from people.tests.factories import PersonFactory
from scheduling import actions
from scheduling.models import Commitment, SchoolDay
from scheduling.tests.calendar.snow_day import SNOW_DAY, add_closure
from scheduling.tests.factories import (
    BookingFactory,
    CommitmentFactory,
    MeetingFactory,
    SlotFactory,
    school_with_calendar,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def rotating():
    return school_with_calendar(at=NOW, rotation_days=6)


@pytest.fixture
def keeper(rotating):
    return PersonFactory(administrator=True, school=rotating)


def days(school, first=date(2026, 9, 7), last=date(2026, 9, 18)):
    found = SchoolDay.objects.filter(school=school, date__range=(first, last)).order_by("date")
    return "".join(day.column if day.is_open else f"({day.column})" for day in found)


def test_rebuild_counts_days_and_gives_them_their_bells(rotating):
    monday = rotating.days.get(date=date(2026, 9, 14))

    assert days(rotating) == "1234561234"
    assert (monday.column, monday.pass_number) == ("6", 1)
    assert monday.bell_schedule == rotating.bell_schedules.get()
    before = list(SchoolDay.objects.values())
    actions.rebuild_calendar(rotating, by=None, at=NOW)
    assert list(SchoolDay.objects.values()) == before


def test_a_school_can_go_over_to_a_rotation(school, administrator):
    early = actions.save_bell_schedule(
        school, by=None, at=NOW, name="Early", weekdays="", bells=bells_of(school)
    ).bell_schedule

    actions.set_weekdays(school, by=administrator, at=NOW, weekdays="12345", rotation_days=10)

    school.refresh_from_db()
    regular = school.bell_schedules.get(name="Regular")
    early.refresh_from_db()
    assert days(school) == "12345678910"
    assert regular.columns == [str(day) for day in range(1, 11)]
    assert early.columns == []
    assert set(school.days.values_list("bell_schedule", flat=True)) == {regular.pk}

    actions.set_weekdays(school, by=administrator, at=NOW, weekdays="12345", rotation_days=0)

    regular.refresh_from_db()
    assert regular.weekdays == "12345"
    assert days(school) == "1234512345"


def bells_of(school):
    return [
        actions.Bell(each.period.name, each.starts_at, each.ends_at, each.period)
        for each in school.bell_schedules.get().times.select_related("period")
    ]


def test_going_over_says_how_many_lessons_end_with_the_old_days(school, administrator):
    CommitmentFactory(term=school.terms.get())
    change = {"by": administrator, "at": NOW, "weekdays": "12345", "rotation_days": 6}

    with pytest.raises(actions.NeedsConfirmation) as question:
        actions.set_weekdays(school, is_confirmed=False, **change)

    assert question.value.effect.lessons == 1
    assert Commitment.objects.exists()
    actions.set_weekdays(school, **change)
    assert not Commitment.objects.exists()


@pytest.mark.parametrize("thing", [SlotFactory, BookingFactory])
def test_going_over_is_refused_once_times_are_offered(school, administrator, thing):
    term = school.terms.get()
    if thing is SlotFactory:
        SlotFactory(term=term)
    else:
        term.weeks.update(is_frozen=True)

    with pytest.raises(actions.CannotChangeCalendar, match="offered times in Fall 2026"):
        actions.set_weekdays(school, by=administrator, at=NOW, weekdays="12345", rotation_days=6)

    school.refresh_from_db()
    assert school.rotation_days == 0


@pytest.mark.parametrize("count", [1, 4, 11])
def test_rotations_have_five_to_ten_days(school, administrator, count):
    with pytest.raises(actions.CannotChangeCalendar, match="5 to 10 days"):
        actions.set_weekdays(
            school, by=administrator, at=NOW, weekdays="12345", rotation_days=count
        )


def test_shift_days_asks_first_and_goes_on_from_there(rotating, keeper):
    day = rotating.days.get(date=date(2026, 9, 9))

    with pytest.raises(actions.NeedsConfirmation) as question:
        actions.shift_days(day, by=keeper, at=NOW, column=5, is_confirmed=False)

    assert question.value.effect.days[0] == actions.DayChange(date(2026, 9, 9), "3", "5")
    assert days(rotating) == "1234561234"
    actions.shift_days(day, by=keeper, at=NOW, column=5)
    assert days(rotating) == "1256123456"


def test_shift_days_stays_when_the_calendar_changes(rotating, keeper):
    actions.shift_days(rotating.days.get(date=date(2026, 9, 9)), by=keeper, at=NOW, column=5)

    add_closure(rotating, keeper, starts_on=date(2026, 9, 8), ends_on=date(2026, 9, 8))

    assert days(rotating) == "156123456"


def test_shift_days_takes_back_later_shifts(rotating, keeper):
    for on, column in ((date(2026, 9, 16), 1), (date(2026, 9, 9), 5), (date(2026, 9, 9), 3)):
        actions.shift_days(rotating.days.get(date=on), by=keeper, at=NOW, column=column)

    assert days(rotating) == "1234561234"


def test_shift_days_of_booked_years_is_refused(rotating, keeper):
    rotating.weeks.update(is_frozen=True)

    with pytest.raises(actions.CannotChangeCalendar, match="they stay as they are"):
        actions.shift_days(rotating.days.first(), by=keeper, at=NOW, column=2)


@pytest.mark.parametrize("column", [0, 7])
def test_shift_days_knows_the_days_of_the_rotation(rotating, keeper, column):
    with pytest.raises(actions.CannotChangeCalendar, match="from 1 to 6"):
        actions.shift_days(rotating.days.first(), by=keeper, at=NOW, column=column)


def test_shift_days_is_for_days_with_school_in_a_rotation(school, administrator, rotating, keeper):
    add_closure(rotating, keeper, skips_rotation=True)
    closed = rotating.days.get(is_open=False)

    for day, by in ((school.days.first(), administrator), (closed, keeper)):
        with pytest.raises(actions.CannotChangeCalendar, match="no day of the rotation"):
            actions.shift_days(day, by=by, at=NOW, column=2)


def test_a_closure_before_anybody_booked_lets_the_rotation_wait(rotating, keeper):
    before = rotating.days.get(date=SNOW_DAY["starts_on"]).column

    closure = add_closure(rotating, keeper)

    assert rotating.days.get(date=date(2026, 10, 14)).column == before
    assert not rotating.days.filter(date=SNOW_DAY["starts_on"]).exists()
    actions.delete_closure(closure, by=keeper, at=NOW)
    assert rotating.days.get(date=SNOW_DAY["starts_on"]).column == before


def test_a_closure_after_people_booked_closes_the_day_and_renumbers_nothing(rotating, keeper):
    rotating.weeks.update(is_frozen=True)
    meeting = MeetingFactory(pairing__school=rotating)
    before = days(rotating, last=date(2026, 12, 18))

    closure = add_closure(rotating, keeper)

    day = rotating.days.get(date=SNOW_DAY["starts_on"])
    assert not day.is_open
    assert days(rotating, last=date(2026, 12, 18)).replace("(", "").replace(")", "") == before
    meeting.refresh_from_db()
    assert meeting.status == "closed"
    actions.delete_closure(closure, by=keeper, at=NOW)
    assert days(rotating, last=date(2026, 12, 18)) == before


def test_a_closure_that_stops_no_meetings_skips_nothing(rotating, keeper):
    closure = add_closure(rotating, keeper, stops_meetings=False, skips_rotation=True)

    assert not closure.skips_rotation
