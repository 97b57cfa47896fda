"""The timetable from a file."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from conftest import NOW
from people import uploads
from scheduling import actions
from scheduling.models import Commitment
from scheduling.tests.calendar_pages.calendar_page import told, url
from scheduling.tests.factories import school_with_calendar

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


def upload(content, name="lessons.csv"):
    return SimpleUploadedFile(name, content)


def send(client, school, content):
    fields = {"term": school.terms.get().uid, "file": upload(content)}
    return client.post(url("lesson_import"), fields, follow=True)


LESSONS = (
    b"day,period,teachers,subject,room\n1,Lunch,ingrid@school.example,Band,2\n"
    b"1,Period 9,ingrid@school.example,Band,2\n1,Period 1,,Band,2\n"
)


def test_lessons_are_shown_then_imported(client, school, teacher, tmp_path):
    shown = send(client, school, LESSONS)

    assert shown.redirect_chain == [(url("lesson_preview"), 302)]
    assert shown.context["plan"].row_count == 3
    assert "There is no period called Period 9." in shown.text
    assert not Commitment.objects.exists()
    assert "ingrid" not in str(dict(client.session))

    done = client.post(url("lesson_preview"), follow=True)

    assert told(done) == ["Lessons are in: 1 new, 0 ended."]
    assert Commitment.objects.get().person == teacher
    assert list((tmp_path / "imports").iterdir()) == []


def test_lessons_imported_twice_say_so(client, school, teacher):
    send(client, school, LESSONS)
    client.post(url("lesson_preview"))
    send(client, school, LESSONS)

    done = client.post(url("lesson_preview"), follow=True)

    assert told(done) == ["The lessons were as in this file already. Nothing was changed."]


def test_lessons_many_of_which_end_ask_for_a_tick(client, school, teacher):
    send(client, school, LESSONS + b"2,Lunch,ingrid@school.example,Band,2\n")
    client.post(url("lesson_preview"))
    shown = send(client, school, LESSONS)
    assert "Yes, this ends 1 lesson" in shown.text
    assert shown.text.index("Refused rows</h2>") < shown.text.index("Import these lessons")

    refused = client.post(url("lesson_preview"))
    assert "Tick that this ends 1 lesson." in refused.text
    assert Commitment.objects.count() == 2

    done = client.post(url("lesson_preview"), {"ends_many": "on"}, follow=True)
    assert told(done) == ["Lessons are in: 0 new, 1 ended."]


def test_lessons_preview_without_a_file_goes_back(client, school, teacher):
    for send_it in (client.get, client.post):
        response = send_it(url("lesson_preview"), follow=True)
        assert response.redirect_chain == [(url("lesson_import"), 302)]

    send(client, school, LESSONS)
    [upload] = [each for name, each in client.session.items() if name.startswith("lessons")]
    uploads.forget(upload["key"])
    response = client.post(url("lesson_preview"), follow=True)
    assert told(response) == ["This file is no longer here. Choose it again; nothing was changed."]
    assert not Commitment.objects.exists()


def test_lessons_file_with_nothing_to_use_is_not_imported(client, school):
    shown = send(client, school, LESSONS)  # nobody is known as ingrid@

    assert "No row of this file can be used" in shown.text
    assert "Import these lessons" not in shown.text
    done = client.post(url("lesson_preview"), follow=True)
    assert told(done) == ["No row of this file can be used, so nothing was changed."]


def test_lessons_problems_are_shown_up_to_a_hundred(client, school, teacher):
    shown = send(client, school, LESSONS + b"1,Period 9,,,\n" * 150)

    assert len(shown.context["problems"]) == 100
    assert "And 51 more." in shown.text


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty."),
        (b"day,period,teachers\n", "The file has no rows below its header."),
        (b"\x89PNG\r\n\x1a\n\0\0", "CSV"),
        (b"day,period,teachers\n" + b"1,Lunch,x\n" * 600_000, "larger than 5 MB"),
        (b'day,period,teachers\n1,"Lunch', "never closed"),
    ],
    ids=["empty", "no rows", "binary", "huge", "truncated"],
)
def test_lessons_file_is_refused_in_words(client, school, tmp_path, content, sentence):
    response = send(client, school, content)

    assert sentence in response.text
    assert "There is a problem" in response.text
    assert not (tmp_path / "imports").exists()


def test_lessons_of_a_term_that_is_not_ours(client, school):
    fields = {"term": school_with_calendar().terms.get().uid, "file": upload(LESSONS)}

    response = client.post(url("lesson_import"), fields)

    assert "Choose one of these terms." in response.text


def test_lessons_say_what_has_to_come_first(client, school):
    actions.delete_bell_schedule(school.bell_schedules.get(), by=None, at=NOW)
    assert "First the bell times" in client.get(url("lesson_import")).text

    actions.delete_term(school.terms.get(), by=None, at=NOW)
    assert "First a term" in client.get(url("lesson_import")).text
