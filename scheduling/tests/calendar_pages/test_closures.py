"""Days without school; weekdays and letters."""

from datetime import date

import pytest

from scheduling.models import Closure, Meeting
from scheduling.tests.calendar_pages.calendar_page import CALENDAR, SNOW_DAY, told, url
from scheduling.tests.factories import MeetingFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


def test_closure_is_added_for_a_single_day(client, school):
    response = client.post(url("closure_edit"), SNOW_DAY, follow=True)

    assert "Snow day is saved." in response.text
    assert "Undo" in response.text
    assert school.closures.get().ends_on == date(2026, 10, 13)
    assert not school.days.open().filter(date=date(2026, 10, 13)).exists()


def test_closure_outside_any_term_is_kept_with_a_word(client, school):
    fields = {"starts_on": "2027-07-04", "ends_on": "2027-07-04"}

    response = client.post(url("closure_edit"), {**SNOW_DAY, **fields}, follow=True)

    assert told(response)[0] == "No term has these days, so nothing changes for now."
    assert school.closures.exists()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"ends_on": "2026-10-12"}, "The last day is before the first."),
        ({"ends_on": "2028-10-12"}, "This is longer than a year."),
        ({"name": "  "}, "Enter what it is, such as Thanksgiving."),
        ({"starts_on": ""}, "Enter the first day."),
        ({"stops_meetings": "", "stops_clock": ""}, "Choose what these days stop"),
    ],
)
def test_closure_is_refused_in_words(client, school, fields, sentence):
    response = client.post(url("closure_edit"), {**SNOW_DAY, **fields})

    assert sentence in response.text
    assert not Closure.objects.exists()


def test_closure_asks_before_it_closes_meetings(client, school):
    meeting = MeetingFactory(pairing__school=school)

    asked = client.post(url("closure_edit"), SNOW_DAY)

    assert "1 planned one-on-one falls" in " ".join(asked.text.split())
    assert 'value="Snow day"' in asked.text
    assert not Closure.objects.exists()

    back = client.post(url("closure_edit"), {**SNOW_DAY, "step": "back"})
    assert "Before this is saved" not in back.text
    assert 'value="Snow day"' in back.text
    assert not Closure.objects.exists()

    client.post(url("closure_edit"), {**SNOW_DAY, "step": "confirm"})
    meeting.refresh_from_db()
    assert meeting.status == Meeting.Status.CLOSED


def test_closure_does_not_tell_of_counseling(client, school):
    MeetingFactory(pairing__school=school, pairing__counseling=True)

    response = client.post(url("closure_edit"), SNOW_DAY, follow=True)

    assert response.redirect_chain == [(CALENDAR, 302)]


def test_closure_is_changed_and_deleted(client, school):
    client.post(url("closure_edit"), SNOW_DAY)
    closure = school.closures.get()

    client.post(url("closure_edit", closure.uid), {**SNOW_DAY, "name": "Ice day"})
    assert school.closures.get().name == "Ice day"

    client.post(url("closure_delete", closure.uid))
    assert not school.closures.exists()
    assert school.days.count() == 75


def test_weekdays_are_changed(client, school):
    client.post(url("weekdays_edit"), {"weekdays": ["1", "2", "3", "4", "7"], "rotation_days": "0"})

    school.refresh_from_db()
    assert school.weekdays == "71234"


def test_weekdays_ask_before_they_close_meetings(client, school):
    MeetingFactory(pairing__school=school)

    asked = client.post(url("weekdays_edit"), {"weekdays": ["1", "3"], "rotation_days": "0"})

    assert '<input type="hidden" name="weekdays" value="3"' in asked.text


def test_weekdays_are_days(client, school):
    response = client.post(url("weekdays_edit"), {"weekdays": ["8"], "rotation_days": "0"})

    assert "Choose days of the week." in response.text


def test_week_shifts_letters_after_a_look(client, school):
    address = url("week_edit", "2026-09-21")

    asked = client.post(address, {"cycle_week": "1"})
    assert "The letters of 13 weeks change:" in asked.text
    assert "Week of Monday 21 September: week 3 becomes week 1 (A)" in asked.text

    client.post(address, {"cycle_week": "1", "step": "confirm"})
    assert school.weeks.get(starts_on=date(2026, 9, 21)).cycle_week == 1


def test_week_that_is_frozen_is_refused_in_words(client, school):
    school.weeks.update(is_frozen=True)

    response = client.post(url("week_edit", "2026-09-21"), {"cycle_week": "1"})

    assert "People have booked times by these letters" in response.text
    assert "Shift from here" not in client.get(url("week_list")).text


@pytest.mark.parametrize("year", ["2027", "1", "x", "99999999999", "²"])
def test_week_list_takes_any_year(client, school, year):
    assert client.get(url("week_list"), {"year": year}).status_code == 200
