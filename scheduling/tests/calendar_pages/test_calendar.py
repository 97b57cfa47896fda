"""Who comes to the calendar, and what it says is missing."""

from datetime import date
from uuid import uuid4

import pytest
from django.urls import reverse

from conftest import NOW
from people.tests.factories import PersonFactory
from scheduling import actions
from scheduling.models import Closure, Term
from scheduling.tests.calendar_pages.calendar_page import (
    CALENDAR,
    SNOW_DAY,
    TERM,
    enter,
    pages,
    url,
)
from scheduling.tests.factories import (
    BellScheduleFactory,
    BellTimeFactory,
    ClosureFactory,
    school_with_calendar,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


def test_pages_are_shown_to_administrators(client, school):
    for address in pages(school):
        assert client.get(address).status_code == 200, address


@pytest.mark.parametrize(
    "role",
    [{"leader": True}, {"teacher": True}, {"counselor": True}, {}, {"user__superuser": True}],
)
def test_pages_are_refused_to_everybody_else(client, school, role):
    enter(client, PersonFactory(school=school, **role))

    for address in [*pages(school), url("lesson_preview")]:
        assert client.get(address).status_code == 403, address
    assert client.post(url("closure_edit"), SNOW_DAY).status_code == 403
    assert not Closure.objects.exists()


def test_rows_of_other_schools_do_not_exist(client, school):
    other = school_with_calendar()
    closure = ClosureFactory(school=other)

    for address in (
        url("term_edit", other.terms.get().uid),
        url("closure_edit", closure.uid),
        url("bell_schedule_edit", other.bell_schedules.get().uid),
        url("week_edit", "2026-09-22"),
        url("week_edit", "nonsense"),
    ):
        assert client.get(address).status_code == 404, address
    for address in (
        url("term_delete", other.terms.get().uid),
        url("closure_delete", closure.uid),
        url("bell_schedule_delete", other.bell_schedules.get().uid),
        url("bell_schedule_delete", uuid4()),
    ):
        assert client.post(address).status_code == 404, address


def test_calendar_says_what_is_missing_first(client, school):
    school.bell_schedules.get().times.all().delete()
    actions.delete_bell_schedule(school.bell_schedules.get(), by=None, at=NOW)
    actions.delete_term(school.terms.get(), by=None, at=NOW)

    response = client.get(CALENDAR)

    assert [step["action"] for step in response.context["missing"]] == [
        "Add a term",
        "Add a bell schedule",
    ]


def test_calendar_says_which_days_have_no_bells_and_that_lessons_are_missing(client, school):
    school.bell_schedules.update(weekdays="123")

    response = client.get(CALENDAR)

    assert [step["sentence"] for step in response.context["missing"]] == [
        "No bell times for Thursday, Friday.",
        "No lessons in Fall 2026 yet, so nobody knows when teachers are free.",
    ]
    assert "This is week 6, a week B." in response.text


def test_calendar_says_when_the_last_term_is_over(client, school):
    Term.objects.update(ends_on=date(2026, 10, 9))

    response = client.get(CALENDAR)

    assert response.context["missing"][0]["sentence"] == "The last term is over."


@pytest.mark.parametrize("count", [1, 4])
def test_calendar_query_count(client, school, count, django_assert_num_queries):
    for number in range(1, count):
        ClosureFactory(school=school)
        BellTimeFactory(
            bell_schedule=BellScheduleFactory(school=school),
            period=school.periods.get(name=f"Period {number}"),
        )
    client.get(CALENDAR)

    with django_assert_num_queries(10):
        client.get(CALENDAR)


@pytest.mark.parametrize("weeks", [2, 20])
def test_week_list_query_count(client, school, weeks, django_assert_num_queries):
    client.post(url("term_edit"), {**TERM, "ends_on": f"2027-0{1 + weeks // 5}-20"})
    client.get(url("week_list"))

    with django_assert_num_queries(6):
        client.get(url("week_list"))


def test_calendar_is_the_current_section_on_its_pages(client, school):
    for page in pages(school)[1:]:
        item = next(item for item in client.get(page).context["nav"] if item["name"] == "Calendar")
        assert item["current"] == "true", page


def test_setup_leads_straight_to_the_only_bell_schedule(client, school):
    steps = client.get(reverse("people:setup")).context["needed"]

    step = next(step for step in steps if step.title == "Bell times")
    assert step.action == "Change the bell times"
    assert step.url == url("bell_schedule_edit", school.bell_schedules.get().uid)
