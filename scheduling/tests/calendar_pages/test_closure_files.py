"""Days without school from the school's own calendar, by page."""

from datetime import date

import pytest
from bs4 import BeautifulSoup
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from people.tests.factories import PersonFactory
from scheduling.models import CalendarEvent, Meeting
from scheduling.tests.calendar_pages.calendar_page import CALENDAR, enter, told, url
from scheduling.tests.closing.ics import BREAK, SNOW, calendar, day, event
from scheduling.tests.factories import ClosureFactory, MeetingFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

IMPORT, PREVIEW = url("closure_import"), url("closure_preview")
EVENTS = (
    day("Thanksgiving Break", *BREAK),
    day("Snow day", SNOW),
    day("Picture Day", date(2026, 10, 14)),
    event("DTSTART:20261015T080000", "DTEND:20261015T150000", name="No school?", uid="timed"),
    event("DTSTART;VALUE=DATE:broken", name="Broken holiday", uid="broken"),
    day("Old", date(2019, 5, 5)),
)


def upload(client, *events, content=None):
    content = calendar(*events) if content is None else content
    file = SimpleUploadedFile("school.ics", content)
    return client.post(IMPORT, {"file": file}, follow=True)


def fields(response):
    """What the form sends as it stands: hidden fields, ticks, choices."""
    page = BeautifulSoup(response.text, "html.parser")
    form = page.select_one("main form[method=post]")
    sent = {}
    for each in form.select("input"):
        if each.get("type") != "checkbox" or each.has_attr("checked"):
            sent[each["name"]] = each.get("value", "on")
    for each in form.select("select"):
        sent[each["name"]] = each.select_one("[selected]")["value"]
    sent.pop("csrfmiddlewaretoken", None)
    return sent


def row_of(response, name):
    """The id of an event's row in the form."""
    return next(row.id for row in response.context["plan"].rows if row.name == name)


def text_of(response):
    return " ".join(BeautifulSoup(response.text, "html.parser").find("main").get_text(" ").split())


def test_a_calendar_is_shown_before_anything_is_changed(client, school):
    shown = upload(client, *EVENTS)

    assert shown.redirect_chain == [(PREVIEW, 302)]
    words = text_of(shown)
    assert "Nothing has changed yet." in words
    assert "Wed 25 Nov 2026 to Fri 27 Nov 2026" in words
    assert "1 other event of whole days" in words
    assert "1 at a time of the day" in words
    assert "DTSTART of this event cannot be read." in words
    assert "6 events read. 1 outside the school days of the year." in words
    assert not school.closures.exists()
    assert [name for name in fields(shown) if name.startswith("yes_")] == [
        f"yes_{row_of(shown, 'Snow day')}",
        f"yes_{row_of(shown, 'Thanksgiving Break')}",
    ]


def test_what_is_ticked_closes_with_what_it_stops(client, school):
    shown = upload(client, *EVENTS)
    sent = fields(shown)
    del sent[f"yes_{row_of(shown, 'Snow day')}"]
    sent[f"yes_{row_of(shown, 'Picture Day')}"] = "on"
    sent[f"stops_{row_of(shown, 'Picture Day')}"] = "clock"

    done = client.post(PREVIEW, sent, follow=True)

    assert done.redirect_chain == [(CALENDAR, 302)]
    assert "Days without school: 2 new." in done.text
    assert "Undo" in done.text
    assert list(
        school.closures.order_by("starts_on").values_list("name", "stops_meetings", "stops_clock")
    ) == [("Picture Day", False, True), ("Thanksgiving Break", True, True)]
    again = upload(client, *EVENTS)
    assert "Everything that looks like a day without school is there already." in text_of(again)


def test_it_asks_before_one_on_ones_are_closed_and_keeps_the_ticks(client, school):
    meeting = MeetingFactory(pairing__school=school)
    shown = upload(client, *EVENTS)
    sent = fields(shown)
    del sent[f"yes_{row_of(shown, 'Thanksgiving Break')}"]

    asked = client.post(PREVIEW, sent)
    assert "1 planned one-on-one falls" in text_of(asked)
    assert not school.closures.exists()

    back = client.post(PREVIEW, fields(asked) | {"step": "back"})
    kept = [name for name in fields(back) if name.startswith("yes_")]
    assert kept == [f"yes_{row_of(shown, 'Snow day')}"]

    client.post(PREVIEW, fields(asked) | {"step": "confirm"})
    meeting.refresh_from_db()
    assert meeting.status == Meeting.Status.CLOSED
    assert [each.name for each in school.closures.all()] == ["Snow day"]


def test_what_changed_or_is_gone_is_shown_and_decided(client, school):
    client.post(PREVIEW, fields(upload(client, day("Break", *BREAK), day("Snow day", SNOW))))

    shown = upload(client, day("Fall Break", BREAK[0], uid="Break"), day("Old", date(2026, 9, 7)))
    words = text_of(shown)
    assert "No longer in the calendar" in words
    assert "Changed in the calendar" in words
    assert "was Break" in words
    sent = fields(shown)
    assert f"yes_{row_of(shown, 'Snow day')}" not in sent

    client.post(PREVIEW, sent | {f"yes_{row_of(shown, 'Snow day')}": "on"})

    closure = school.closures.get()
    assert (closure.name, closure.starts_on, closure.ends_on) == ("Fall Break", BREAK[0], BREAK[0])


def test_days_that_changed_since_they_were_shown_are_shown_again(client, school):
    shown = upload(client, *EVENTS)
    sent = fields(shown)
    del sent[f"yes_{row_of(shown, 'Snow day')}"]
    ClosureFactory(school=school, starts_on=BREAK[0], ends_on=BREAK[1])

    again = client.post(PREVIEW, sent)

    assert "The days have changed in the meantime." in text_of(again)
    assert f"yes_{row_of(shown, 'Snow day')}" not in fields(again)
    client.post(PREVIEW, fields(again))
    assert school.closures.count() == 1
    assert CalendarEvent.objects.count() == 2


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty."),
        (b"<html>Sign in</html>", "This is a web page, not a calendar."),
        (b"\xff\xfe\x00\x00", "This is not a calendar file."),
        (calendar(), "This calendar has no events."),
    ],
)
def test_what_is_no_calendar_is_refused_in_words(client, school, content, sentence):
    response = upload(client, content=content)

    assert response.redirect_chain == []
    assert sentence in response.text


def test_a_form_with_nonsense_in_it_is_refused_in_words(client, school):
    shown = upload(client, *EVENTS)
    sent = fields(shown) | {f"stops_{row_of(shown, 'Snow day')}": "everything"}

    response = client.post(PREVIEW, sent)

    assert "Choose what these days stop." in response.text
    assert not school.closures.exists()


def test_a_calendar_without_a_day_of_the_year(client, school):
    words = text_of(upload(client, day("Old", date(2019, 5, 5))))

    assert "No event of the year looks like a day without school." in words


def test_a_file_that_breaks_off_is_told(client, school):
    words = text_of(upload(client, content=calendar(day("Snow day", SNOW))[:-15]))

    assert "The file breaks off." in words


def test_a_file_is_used_once(client, school):
    client.post(PREVIEW, fields(upload(client, *EVENTS)))

    for send in (client.get, client.post):
        gone = send(PREVIEW, follow=True)
        assert gone.redirect_chain == [(IMPORT, 302)]
        assert "This file is no longer here." in told(gone)[0]


def test_first_a_term(client, school):
    school.terms.update(ends_on=date(2026, 9, 30))

    assert "First a term" in client.get(IMPORT).text


def test_names_of_events_are_not_trusted(client, school):
    shown = upload(client, day("<script>alert(1)</script> holiday", SNOW))

    assert "<script>alert" not in shown.text


def test_the_preview_asks_few_questions_whatever_there_is(
    client, school, django_assert_num_queries
):
    for count in (1, 60):
        upload(client, *(day(f"Holiday {n}", SNOW, uid=str(n)) for n in range(count)))
        with django_assert_num_queries(7):
            client.get(PREVIEW)


def test_another_schools_upload_is_another(client, school):
    upload(client, *EVENTS)
    enter(client, PersonFactory(administrator=True))

    assert client.get(PREVIEW, follow=True).redirect_chain == [(IMPORT, 302)]


def test_undo_on_the_page(client, school):
    done = client.post(PREVIEW, fields(upload(client, *EVENTS)), follow=True)
    bar = done.context["undo_bar"]

    client.post(bar["url"])

    assert not school.closures.exists()


def test_every_page_of_the_calendar_says_where_one_is(client, school):
    for address in (
        url("special_days"),
        IMPORT,
        url("bell_import"),
        url("week_list"),
        url("lesson_import"),
        reverse("scheduling:closure_edit"),
    ):
        page = BeautifulSoup(client.get(address).text, "html.parser")
        assert {each["href"] for each in page.select("[aria-current=true]")} == {CALENDAR}, address
