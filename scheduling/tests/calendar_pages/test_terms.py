"""Adding, changing and deleting terms."""

from datetime import date

import pytest

from scheduling.tests.calendar_pages.calendar_page import CALENDAR, TERM, pages, told, url
from scheduling.tests.factories import BookingFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


def test_term_is_added(client, school):
    response = client.post(url("term_edit"), TERM, follow=True)

    assert response.redirect_chain == [(CALENDAR, 302)]
    assert told(response) == ["Spring 2027 is saved."]
    assert school.terms.get(name="Spring 2027").weeks.count() == 23


def test_term_form_shows_what_stands(client, school):
    term = school.terms.get()

    response = client.get(url("term_edit", term.uid))

    assert response.context["form"].initial["starts_on"] == date(2026, 9, 7)
    assert 'value="2026-09-07"' in response.text
    assert "Delete this term" in response.text


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"ends_on": "2027-01-01"}, "The last day is before the first."),
        ({"ends_on": "2028-06-11"}, "This is longer than a year. Check the years."),
        ({"starts_on": "2026-12-01"}, "These dates overlap Fall 2026, which runs from"),
        ({"name": "Fall 2026"}, "There is a term called Fall 2026 in this year."),
        ({"name": ""}, "Enter a name, such as Fall 2026."),
        ({"name": "x" * 61}, "The name can have 60 letters at most."),
        ({"starts_on": ""}, "Enter the first day."),
        ({"starts_on": "31 February"}, "Enter a date, such as 2026-09-07."),
        ({"starts_on": "0026-09-07"}, "Check the year of this date."),
        ({"ends_on": "9999-12-31"}, "Check the year of this date."),
        ({"school_year": "soon"}, "Choose one of these school years."),
        ({"school_year": ""}, "Choose the school year."),
    ],
)
def test_term_is_refused_in_words_and_nothing_is_lost(client, school, fields, sentence):
    response = client.post(url("term_edit"), {**TERM, **fields})

    assert response.status_code == 200
    assert sentence in response.text
    assert response.text.count("There is a problem") == 1
    assert "2027-06-11" in response.text or "ends_on" in fields
    assert school.terms.count() == 1


def test_every_form_takes_an_empty_post(client, school):
    for address in pages(school):
        if address not in (CALENDAR, url("week_list")):
            response = client.post(address)
            assert response.status_code == 200, address
            assert "There is a problem" in response.text, address


def test_term_with_bookings_is_not_deleted(client, school):
    BookingFactory(slot__term=school.terms.get())

    response = client.post(url("term_delete", school.terms.get().uid), follow=True)

    assert told(response) == [
        "People have booked times in Fall 2026, so it cannot be deleted. You can change its dates."
    ]
    assert school.terms.exists()


def test_term_is_deleted(client, school):
    response = client.post(url("term_delete", school.terms.get().uid), follow=True)

    assert told(response) == ["Fall 2026 is deleted."]
    assert not school.terms.exists()
