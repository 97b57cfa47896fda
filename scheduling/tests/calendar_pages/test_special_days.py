"""The page of days with other bells, and what other pages ask before they touch meetings."""

from datetime import date

import pytest
from bs4 import BeautifulSoup

from conftest import NOW
from people.tests.factories import PersonFactory
from scheduling import actions
from scheduling.models import Meeting
from scheduling.tests.booking.series import booked
from scheduling.tests.calendar.test_ringing import bells
from scheduling.tests.calendar_pages.calendar_page import CALENDAR, SNOW_DAY, told, url
from scheduling.tests.factories import school_with_calendar

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

PAGE = url("special_days")
TUESDAY = date(2026, 10, 13)


@pytest.fixture
def late(school):
    return actions.save_bell_schedule(
        school, by=None, at=NOW, name="Late start", weekdays="", bells=bells(school, hours=1)
    ).bell_schedule


@pytest.fixture
def booking(school):
    return booked(PersonFactory(leader=True, school=school)).booking


def special(school):
    return {each.date.isoformat(): each.bell_schedule.name for each in school.special_days.all()}


def test_a_day_gets_bells_of_its_own(client, school, late):
    sent = {"bell_schedule": str(late.uid), "starts_on": "2026-10-13"}

    response = client.post(PAGE, sent, follow=True)

    assert told(response) == ["Late start: 1 day."]
    assert "Tuesday 13 October 2026" in response.text
    assert school.days.get(date=TUESDAY).bell_schedule == late
    assert "Tuesday 13 October: Late start" in client.get(CALENDAR).text


def test_every_wednesday_and_some_dates_more(client, school, late):
    sent = {
        "bell_schedule": str(late.uid),
        "starts_on": "2026-10-12",
        "ends_on": "2026-10-31",
        "weekdays": ["3"],
        "dates": "2026-11-03, 11/5/2026\n6.11.2026",
    }

    client.post(PAGE, sent)

    assert sorted(special(school)) == [
        *("2026-10-14", "2026-10-21", "2026-10-28"),
        *("2026-11-03", "2026-11-05", "2026-11-06"),
    ]


def test_only_school_days_are_offered_and_meant(client, school, late):
    shown = client.get(PAGE)
    days = [label for _, label in shown.context["form"].fields["weekdays"].choices]
    assert days == ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]
    assert "Every day has its usual bells." in shown.text

    fortnight = {"starts_on": "2026-10-12", "ends_on": "2026-10-25"}
    told_of = client.post(PAGE, {"bell_schedule": str(late.uid), **fortnight}, follow=True)

    assert told(told_of) == ["Late start: 10 days."]
    assert {date.fromisoformat(day).isoweekday() for day in special(school)} == {1, 2, 3, 4, 5}


def test_it_asks_before_meetings_move_and_then_moves_them(client, school, late, booking):
    sent = {"bell_schedule": str(late.uid), "starts_on": "2026-10-13"}

    asked = client.post(PAGE, sent)
    words = " ".join(BeautifulSoup(asked.content, "html.parser").main.get_text(" ").split())
    assert "Late start on 1 day: Tuesday 13 October 2026" in words
    assert "1 planned one-on-one moves with the bell" in words
    assert "Talks with a counselor are private and not in these numbers" in words
    assert special(school) == {}

    back = client.post(PAGE, {**sent, "step": "back"})
    assert "Before this is saved" not in back.text
    assert 'value="2026-10-13"' in back.text

    client.post(PAGE, {**sent, "step": "confirm"})
    assert special(school) == {"2026-10-13": "Late start"}
    assert booking.meetings.in_order()[0].sequence == 1


def test_as_usual_again(client, school, late):
    actions.set_special_days(school, by=None, at=NOW, days={TUESDAY: late})

    response = client.post(PAGE, {"bell_schedule": "usual", "dates": "2026-10-13"}, follow=True)

    assert told(response) == ["As usual: 1 day."]
    assert special(school) == {}


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({}, "Choose a bell schedule."),
        ({"bell_schedule": "x", "dates": "2026-10-13"}, "Choose one of these bell schedules."),
        ({"bell_schedule": "usual"}, "Enter at least one date."),
        ({"bell_schedule": "usual", "ends_on": "2026-10-13"}, "Enter the first day."),
        (
            {"bell_schedule": "usual", "starts_on": "2026-10-13", "ends_on": "2026-10-12"},
            "The last day is before the first.",
        ),
        (
            {"bell_schedule": "usual", "starts_on": "2026-10-13", "ends_on": "2028-10-12"},
            "This is longer than a year.",
        ),
        ({"bell_schedule": "usual", "dates": "soon"}, "is not a date such as 2026-09-07."),
        ({"bell_schedule": "usual", "dates": "2026-02-30"}, "is not a date such as"),
        ({"bell_schedule": "usual", "dates": "1026-02-03"}, "is not a date such as"),
    ],
)
def test_it_is_refused_in_words(client, school, sent, sentence):
    assert sentence in client.post(PAGE, sent).text


def test_too_many_dates(client, school):
    days = [
        f"20{year}-{month:02}-{day:02}"
        for year in (26, 27)
        for month in range(1, 13)
        for day in range(1, 29)
    ]

    assert (
        "These are too many dates at once."
        in client.post(PAGE, {"bell_schedule": "usual", "dates": ",".join(days)}).text
    )


def test_first_the_bell_times(client, school):
    actions.delete_bell_schedule(school.bell_schedules.get(), by=None, at=NOW)

    assert "First the bell times" in client.get(PAGE).text


@pytest.mark.parametrize("count", [1, 30])
def test_query_count(client, school, late, count, django_assert_max_num_queries):
    days = [date.fromordinal(TUESDAY.toordinal() + number) for number in range(count)]
    actions.set_special_days(school, by=None, at=NOW, days=dict.fromkeys(days, late))

    with django_assert_max_num_queries(12):
        client.get(PAGE)


def test_bell_times_ask_before_meetings_move(client, school, booking):
    page = client.get(url("bell_schedule_edit", school.bell_schedules.get().uid))
    form = page.context["form"]
    sent = {each.html_name: each.value() or "" for each in form if each.name != "weekdays"}
    sent |= {"weekdays": list("12345")}
    sent |= {name: "10:45" for name, value in sent.items() if value == "10:40"}

    asked = client.post(page.request["PATH_INFO"], sent)
    assert "10 planned one-on-ones move with the bell" in " ".join(asked.text.split())
    assert booking.meetings.in_order()[0].sequence == 0

    client.post(page.request["PATH_INFO"], {**sent, "step": "confirm"})
    assert booking.meetings.in_order()[0].sequence == 1


def test_deleting_bell_times_asks_first(client, school, booking):
    address = url("bell_schedule_delete", school.bell_schedules.get().uid)

    asked = client.post(address)
    assert "10 planned one-on-ones have no period on their days" in " ".join(asked.text.split())
    client.post(address, {"step": "back"})
    assert school.bell_schedules.exists()

    client.post(address, {"step": "confirm"})
    assert not school.bell_schedules.exists()
    assert Meeting.objects.undecided(NOW).count() == 10


def test_snow_day_is_offered_to_undo_and_says_what_came_back(client, school, booking):
    client.post(url("closure_edit"), {**SNOW_DAY, "step": "confirm"})
    page = client.get(CALENDAR).text
    assert "Snow day is saved." in page
    assert "Undo" in page
    closure = school.closures.get()

    response = client.post(url("closure_delete", closure.uid), follow=True)

    assert told(response) == ["1 one-on-one is planned again."]
    assert "Snow day is deleted." in response.text


def test_what_does_not_come_back_is_said(client, school, booking):
    client.post(url("closure_edit"), {**SNOW_DAY, "step": "confirm"})
    meeting = booking.meetings.get(status=Meeting.Status.CLOSED)
    host = booking.pairing.host
    actions.plan_single(booking.pairing, by=host, at=NOW, starts_at=meeting.starts_at, minutes=10)

    response = client.post(url("closure_delete", school.closures.get().uid), follow=True)

    assert told(response) == [
        "1 one-on-one is not planned again: one of the two has something else then."
    ]


def test_the_page_of_two_offers_the_next_time(client, now):
    school = school_with_calendar(at=NOW, is_demo=True)
    host = PersonFactory(leader=True, school=school)
    booking = booked(host, biweekly=True, number=2).booking
    day = date(2026, 10, 13)
    actions.save_closure(
        school,
        by=None,
        at=NOW,
        name="Snow",
        starts_on=day,
        ends_on=day,
        stops_meetings=True,
        stops_clock=True,
    )
    client.force_login(host.user)
    page = client.get(url("booked", booking.uid))
    [undecided] = page.context["undecided"]

    client.post(
        url("meeting_move", undecided.uid), {"choice": undecided.proposal.starts_at.isoformat()}
    )

    undecided.refresh_from_db()
    assert "Tue 20 October, 10:40" in page.text
    assert undecided.is_planned
    assert undecided.starts_at.date() == date(2026, 10, 20)
