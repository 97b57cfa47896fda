"""Letters set by hand, and the weekdays with school."""

from datetime import date

import pytest

from conftest import NOW
from scheduling import actions
from scheduling.tests.calendar.snow_day import add_closure, letters
from scheduling.tests.factories import (
    MeetingFactory,
)

pytestmark = pytest.mark.django_db


def test_shift_letters_goes_on_from_another_place(school, administrator):
    week = school.weeks.get(starts_on=date(2026, 9, 21))

    effect = actions.shift_letters(week, by=administrator, at=NOW, cycle_week=1)

    assert letters(school) == "12" + "1234123412341"
    assert effect.letters[0] == actions.Letter(date(2026, 9, 21), 3, 1)
    assert set(school.days.filter(week=week).values_list("pass_number", flat=True)) == {1}


def test_shift_letters_stays_when_the_calendar_changes(school, administrator):
    week = school.weeks.get(starts_on=date(2026, 9, 21))
    actions.shift_letters(week, by=administrator, at=NOW, cycle_week=1)

    add_closure(school, administrator, starts_on=date(2026, 10, 5), ends_on=date(2026, 10, 9))

    assert letters(school) == "12" + "12-3412341234"


def test_shift_letters_takes_back_later_shifts(school, administrator):
    for day, place in ((date(2026, 10, 12), 4), (date(2026, 9, 21), 1), (date(2026, 9, 21), 3)):
        week = school.weeks.get(starts_on=day)
        actions.shift_letters(week, by=administrator, at=NOW, cycle_week=place)

    assert letters(school) == "123412341234123"


def test_shift_letters_asks_first(school, administrator):
    week = school.weeks.get(starts_on=date(2026, 12, 7))

    with pytest.raises(actions.NeedsConfirmation) as question:
        actions.shift_letters(week, by=administrator, at=NOW, cycle_week=1, is_confirmed=False)

    assert [(each.before, each.after) for each in question.value.effect.letters] == [
        (2, 1),
        (3, 2),
    ]
    assert letters(school) == "123412341234123"


def test_shift_letters_of_frozen_weeks_is_refused(school, administrator):
    school.weeks.filter(starts_on=date(2026, 12, 14)).update(is_frozen=True)
    week = school.weeks.get(starts_on=date(2026, 9, 21))

    with pytest.raises(actions.CannotChangeCalendar, match="they stay as they are"):
        actions.shift_letters(week, by=administrator, at=NOW, cycle_week=1)


def test_shift_letters_of_a_closed_week_is_refused(school, administrator):
    add_closure(school, administrator, starts_on=date(2026, 9, 21), ends_on=date(2026, 9, 25))
    week = school.weeks.get(starts_on=date(2026, 9, 21))

    with pytest.raises(actions.CannotChangeCalendar, match="no letter"):
        actions.shift_letters(week, by=administrator, at=NOW, cycle_week=1)


@pytest.mark.parametrize("cycle_week", [0, 5])
def test_shift_letters_knows_four_weeks(school, administrator, cycle_week):
    with pytest.raises(actions.CannotChangeCalendar, match="from 1 to 4"):
        actions.shift_letters(school.weeks.first(), by=administrator, at=NOW, cycle_week=cycle_week)


def test_set_weekdays_rebuilds_the_weeks(school, administrator):
    actions.set_weekdays(school, by=administrator, at=NOW, weekdays="12347")

    school.refresh_from_db()
    assert school.weekdays == "71234"
    assert school.weeks.order_by("starts_on").first().starts_on == date(2026, 9, 6)
    assert not school.days.filter(column="5").exists()
    assert school.days.filter(column="7").count() == 14


def test_set_weekdays_cannot_move_the_start_of_frozen_weeks(school, administrator):
    school.weeks.update(is_frozen=True)

    with pytest.raises(actions.CannotChangeCalendar, match="cannot begin on another day"):
        actions.set_weekdays(school, by=administrator, at=NOW, weekdays="12347")


def test_set_weekdays_asks_before_it_closes_meetings(school, administrator):
    MeetingFactory(pairing__school=school)  # a Tuesday

    with pytest.raises(actions.NeedsConfirmation):
        actions.set_weekdays(school, by=administrator, at=NOW, weekdays="1345", is_confirmed=False)

    school.refresh_from_db()
    assert school.weekdays == "12345"


def test_set_weekdays_needs_a_day(school, administrator):
    with pytest.raises(actions.CannotChangeCalendar, match="at least one day"):
        actions.set_weekdays(school, by=administrator, at=NOW, weekdays="")


def test_letters_run_on_however_terms_are_typed(school, administrator):
    """The term in the middle is typed last, and the next year's before it."""
    fields = {"by": administrator, "at": NOW}
    for name, first, last, year in (
        ("Next fall", date(2027, 9, 6), date(2027, 9, 24), 2028),
        ("Summer", date(2027, 4, 5), date(2027, 4, 23), 2027),
        ("Spring", date(2027, 1, 4), date(2027, 1, 29), 2027),
    ):
        actions.save_term(
            school, name=name, starts_on=first, ends_on=last, school_year=year, **fields
        )

    assert letters(school) == "123412341234123" + "4123" + "412"
    following = school.weeks.filter(term__name="Next fall").order_by("starts_on")
    assert [week.cycle_week for week in following] == [1, 2, 3]


def test_a_term_of_another_year_in_between_does_not_begin_the_letters_anew(school, administrator):
    fields = {"by": administrator, "at": NOW}
    for name, first, last, year in (
        ("Taster", date(2027, 1, 4), date(2027, 1, 15), 2028),
        ("Spring", date(2027, 1, 18), date(2027, 2, 5), 2027),
    ):
        actions.save_term(
            school, name=name, starts_on=first, ends_on=last, school_year=year, **fields
        )

    assert letters(school) == "123412341234123" + "412"


def test_two_terms_share_a_week_and_each_has_its_days_of_it(school, administrator):
    fall = school.terms.get()
    spring = actions.save_term(
        school,
        by=administrator,
        at=NOW,
        name="Late fall",
        starts_on=date(2026, 12, 19),
        ends_on=date(2027, 1, 29),
        school_year=2027,
    )
    actions.save_term(
        school,
        by=administrator,
        at=NOW,
        term=fall,
        name=fall.name,
        starts_on=fall.starts_on,
        ends_on=date(2026, 12, 15),
        school_year=2027,
    )
    actions.save_term(
        school,
        by=administrator,
        at=NOW,
        term=spring,
        name=spring.name,
        starts_on=date(2026, 12, 16),
        ends_on=spring.ends_on,
        school_year=2027,
    )

    shared = school.days.filter(week__starts_on=date(2026, 12, 14)).order_by("date")
    assert [day.term_id for day in shared] == [fall.pk] * 2 + [spring.pk] * 3
    assert {day.pass_number for day in shared} == {3}
