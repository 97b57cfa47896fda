"""Bell schedules share the school's periods; what overlaps or doubles is refused."""

from datetime import date, time

import pytest
from django.core.exceptions import PermissionDenied

from conftest import NOW
from people.tests.factories import PersonFactory
from scheduling import actions
from scheduling.actions import Bell
from scheduling.models import BellSchedule
from scheduling.tests.factories import BELLS, SlotFactory, school_with_calendar

pytestmark = pytest.mark.django_db


@pytest.fixture
def school():
    return school_with_calendar()


@pytest.fixture
def administrator(school):
    return PersonFactory(administrator=True, school=school)


def regular(school):
    """The bells of the school's only bell schedule, as a form would give them."""
    times = school.bell_schedules.get(name="Regular").times.select_related("period")
    return [Bell(each.period.name, each.starts_at, each.ends_at, each.period) for each in times]


def save(school, by, bells, **fields):
    fields = {"name": "Early release", "weekdays": "", **fields}
    return actions.save_bell_schedule(school, by=by, at=NOW, bells=bells, **fields).bell_schedule


def names(school):
    return [period.name for period in school.periods.order_by("ordinal")]


def test_first_bell_schedule_makes_periods_in_order_of_time(school, administrator):
    empty = school_with_calendar()
    actions.delete_bell_schedule(empty.bell_schedules.get(), by=None, at=NOW)
    assert names(empty) == []

    save(empty, None, [Bell("B", time(9), time(10)), Bell("A", time(8), time(9))])

    assert names(empty) == ["A", "B"]
    assert names(school) == list(BELLS)


def test_new_period_takes_its_place_in_the_day(school, administrator):
    bells = regular(school)
    assembly = Bell("Assembly", time(10, 36), time(10, 39))
    dawn = Bell("Dawn", time(6), time(7))

    save(
        school,
        administrator,
        [*bells, assembly, dawn],
        name="Regular",
        weekdays="12345",
        bell_schedule=school.bell_schedules.get(),
    )

    expected = [*BELLS]
    expected.insert(4, "Assembly")
    assert names(school) == ["Dawn", *expected]


def test_periods_change_names_in_every_schedule(school, administrator):
    first, second, *others = regular(school)
    swapped = [first._replace(name=second.name), second._replace(name=first.name), *others]

    save(school, administrator, swapped)

    assert names(school)[:3] == ["Period 1", "Before", "Period 2"]
    assert school.bell_schedules.count() == 2


def test_period_in_no_schedule_is_forgotten_unless_it_was_offered(school, administrator):
    SlotFactory(term=school.terms.get())  # Period 4
    bells = [bell for bell in regular(school) if bell.name not in ("Period 4", "Lunch")]

    save(
        school,
        administrator,
        bells,
        name="Regular",
        weekdays="12345",
        bell_schedule=school.bell_schedules.get(),
    )

    assert set(BELLS) - set(names(school)) == {"Lunch"}


def test_days_follow_the_schedule_of_their_weekday(school, administrator):
    regular_schedule = school.bell_schedules.get()
    save(
        school,
        administrator,
        regular(school),
        name="Regular",
        weekdays="1245",
        bell_schedule=regular_schedule,
    )

    early = save(school, administrator, regular(school)[:4], weekdays="3")

    assert school.days.get(date=date(2026, 10, 14)).bell_schedule == early
    assert school.days.get(date=date(2026, 10, 15)).bell_schedule == regular_schedule


def test_delete_bell_schedule_leaves_days_without_times(school, administrator):
    actions.delete_bell_schedule(school.bell_schedules.get(), by=administrator, at=NOW)

    assert not BellSchedule.objects.filter(school=school).exists()
    assert set(school.days.values_list("bell_schedule", flat=True)) == {None}


@pytest.mark.parametrize(
    ("bells", "fields", "sentence"),
    [
        ([], {}, "at least one period"),
        ([Bell("X", time(9), time(9))], {}, "X ends before it starts."),
        (
            [Bell("X", time(9), time(10)), Bell("Y", time(9, 59), time(11))],
            {},
            "X and Y overlap.",
        ),
        (
            [Bell("X", time(9), time(12)), Bell("Y", time(9, 30), time(10))],
            {},
            "X and Y overlap.",
        ),
        (
            [Bell("X", time(9), time(10)), Bell("x", time(11), time(12))],
            {},
            "two periods called X",
        ),
        ([Bell("lunch", time(9), time(10))], {}, "two periods called lunch"),
        ([Bell("X", time(9), time(10))], {"name": "REGULAR"}, "a bell schedule called Regular"),
        ([Bell("X", time(9), time(10))], {"weekdays": "5"}, "Regular is used on one"),
    ],
)
def test_save_bell_schedule_refuses(school, administrator, bells, fields, sentence):
    with pytest.raises(actions.CannotChangeCalendar, match=sentence):
        save(school, administrator, bells, **fields)

    assert names(school) == list(BELLS)


def test_bell_schedules_are_kept_by_administrators_only(school):
    leader = PersonFactory(leader=True, school=school)

    with pytest.raises(PermissionDenied):
        save(school, leader, regular(school))
    with pytest.raises(PermissionDenied):
        actions.delete_bell_schedule(school.bell_schedules.get(), by=leader, at=NOW)
