"""The pages of a school that counts days: what its timetable goes by, and shifting days."""

from datetime import date

import pytest

from conftest import NOW
from people.tests.factories import PersonFactory
from scheduling.tests.calendar_pages.calendar_page import (
    CALENDAR,
    SNOW_DAY,
    enter,
    pages,
    told,
    url,
)
from scheduling.tests.factories import CommitmentFactory, school_with_calendar

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

DAY = "2026-09-09"


@pytest.fixture
def rotating():
    return school_with_calendar(at=NOW, rotation_days=10)


@pytest.fixture
def keeper(client, rotating):
    return enter(client, PersonFactory(administrator=True, school=rotating))


def test_timetable_goes_over_to_a_rotation_after_a_question(client, school):
    CommitmentFactory(term=school.terms.get())
    fields = {"weekdays": list("12345"), "rotation_days": "6"}

    asked = client.post(url("weekdays_edit"), fields)
    school.refresh_from_db()
    assert "1 lesson is kept by the days as they were" in asked.text
    assert not school.rotates

    response = client.post(url("weekdays_edit"), {**fields, "step": "confirm"}, follow=True)

    school.refresh_from_db()
    assert school.rotation_days == 6
    assert told(response) == ["The school days are saved."]
    assert "The timetable goes by days, Day 1 to Day 6" in response.text


def test_timetable_of_four_days_is_refused_in_words(client, school):
    response = client.post(url("weekdays_edit"), {"weekdays": ["1"], "rotation_days": "4"})

    assert "Choose days of the week, or 5 to 10 days." in response.text


def test_pages_name_days_instead_of_letters(keeper, rotating):
    calendar = keeper.get(CALENDAR).text
    weeks = keeper.get(url("week_list")).text
    bells = keeper.get(url("bell_schedule_edit", rotating.bell_schedules.get().uid)).text

    assert "Day 9, Day 10" in calendar
    assert "a week B" not in calendar
    assert "<h1>Weeks and days</h1>" in weeks
    assert url("day_edit", DAY) in weeks
    assert "Day 10" in bells
    assert "Monday" not in bells
    for page in pages(rotating):
        assert keeper.get(page).status_code == 200


def test_bell_schedule_is_used_on_the_tenth_day(keeper, rotating):
    page = keeper.get(url("bell_schedule_edit", rotating.bell_schedules.get().uid))
    sent = {
        each.html_name: each.value() or ""
        for each in page.context["form"]
        if each.name != "weekdays"
    }

    keeper.post(page.request["PATH_INFO"], {**sent, "weekdays": ["2", "10"]})

    assert rotating.bell_schedules.get().columns == ["2", "10"]
    assert set(rotating.days.exclude(bell_schedule=None).values_list("column", flat=True)) == {
        "2",
        "10",
    }


def test_days_are_shifted_after_a_question(keeper, rotating):
    asked = keeper.post(url("day_edit", DAY), {"column": "9"})
    assert "Wednesday 9 September: Day 3 becomes Day 9" in asked.text
    assert "and so on, to Friday 18 December" in asked.text
    assert rotating.days.get(date=date(2026, 9, 9)).column == "3"

    back = keeper.post(url("day_edit", DAY), {"column": "9", "step": "back"})
    assert "Before this is saved" not in back.text

    response = keeper.post(url("day_edit", DAY), {"column": "9", "step": "confirm"}, follow=True)

    assert told(response) == ["The days are saved."]
    assert rotating.days.get(date=date(2026, 9, 9)).column == "9"


def test_days_that_are_kept_are_not_shifted(keeper, rotating):
    rotating.weeks.update(is_frozen=True)

    assert "People have booked times by these days" in (
        keeper.post(url("day_edit", DAY), {"column": "9"}).text
    )
    assert url("day_edit", DAY) not in keeper.get(url("week_list")).text


@pytest.mark.parametrize("column", ["", "11", "x"])
def test_no_such_day(keeper, column):
    response = keeper.post(url("day_edit", DAY), {"column": column})

    assert "Choose a day." in response.text or "Choose one of these days." in response.text


@pytest.mark.parametrize("on", ["2026-09-12", "2030-01-01", "today"])
def test_days_without_school_have_no_page(keeper, on):
    assert keeper.get(url("day_edit", on)).status_code == 404


def test_days_have_no_page_where_weekdays_rule(client):
    assert client.get(url("day_edit", DAY)).status_code == 404


def test_closure_says_whether_the_rotation_waits(keeper, rotating, client):
    assert "The rotation goes on without these days" in keeper.get(url("closure_edit")).text

    keeper.post(url("closure_edit"), {**SNOW_DAY, "skips_rotation": "on"})

    assert rotating.closures.get().skips_rotation
    assert rotating.days.get(date=date(2026, 10, 13)).column == "7"
    assert "no school (Day 7)" in keeper.get(url("week_list")).text


def test_closure_of_weekdays_says_nothing_of_a_rotation(client, school):
    assert "rotation" not in client.get(url("closure_edit")).text


@pytest.mark.parametrize("year", ["", "2027"])
def test_week_list_takes_the_same_queries_for_any_number_of_days(
    keeper, rotating, year, django_assert_max_num_queries
):
    if year:
        rotating.terms.get().days.filter(date__gte=date(2026, 10, 1)).delete()

    with django_assert_max_num_queries(12):
        keeper.get(url("week_list"))
