"""Timetables that need a word more than their file says, and where the lessons came from."""

import pytest

from people.tests.factories import PersonFactory
from scheduling.models import Commitment, TeacherCode
from scheduling.tests.calendar_pages.calendar_page import told, url
from scheduling.tests.calendar_pages.test_lessons import LESSONS, send
from scheduling.tests.factories import CommitmentFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

UNTIS = (
    b'1;"5a";"BE";"Math";"R1";1;1;;\r\n2;"5b";"BE";"Math";"R1";2;1;;\r\n'
    b'3;"";"PR";"Art";"";1;2;;\r\n'
)
SECTIONS = (
    b"section_id,school_id,session,period,staff_ids\n"
    b"s1,11,Fall 2026,Period 1,ingrid@school.example\n"
    b"s2,22,Spring,Period 2,ingrid@school.example\n"
)
CALENDAR = (
    b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:20260907T081000\r\nDTEND:20260907T085500\r\n"
    b"RRULE:FREQ=WEEKLY\r\nSUMMARY:Math\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


def test_unknown_codes_are_asked_for_once_and_remembered(client, school, teacher):
    shown = send(client, school, UNTIS)
    assert "Who are they?" in shown.text
    assert "2 lessons" in shown.text
    assert "Import these lessons" not in shown.text

    named = client.post(
        url("lesson_preview"),
        {"step": "teachers", "teacher_0": teacher.name, "teacher_1": ""},
        follow=True,
    )

    assert TeacherCode.objects.get().code == "BE"
    assert len(named.context["plan"].new) == 2
    assert [each.code for each in named.context["plan"].unknown.values()] == ["PR"]
    client.post(url("lesson_preview"))
    again = send(client, school, UNTIS)
    assert again.context["plan"].changes_nothing


def test_a_name_that_nobody_has_is_said_and_nothing_is_lost(client, school, teacher):
    send(client, school, UNTIS)

    shown = client.post(
        url("lesson_preview"),
        {"step": "teachers", "teacher_0": teacher.name, "teacher_1": "Nobody at all"},
    )

    assert "Nobody on the staff is known as Nobody at all." in shown.text
    assert f'value="{teacher.name}"' in shown.text
    assert not TeacherCode.objects.exists()


def test_what_was_said_of_a_code_can_be_taken_back(client, school, teacher):
    send(client, school, UNTIS)
    client.post(url("lesson_preview"), {"step": "teachers", "teacher_0": teacher.email})

    shown = client.post(
        url("lesson_preview"), {"step": "teachers", "teacher_0": "", "teacher_1": ""}, follow=True
    )

    assert not TeacherCode.objects.exists()
    assert len(shown.context["plan"].unknown) == 2


def test_sections_of_several_schools_ask_which(client, school, teacher):
    asked = send(client, school, SECTIONS)
    assert "School in the file" in asked.text
    assert "Session in the file" not in asked.text  # one is called like the term

    refused = client.post(url("lesson_preview"), {"step": "choose"})
    assert "Choose a school." in refused.text
    shown = client.post(url("lesson_preview"), {"step": "choose", "school": "11"}, follow=True)
    assert len(shown.context["plan"].new) == 5
    client.post(url("lesson_preview"))

    assert set(Commitment.objects.values_list("source", flat=True)) == {"sections"}


def test_a_calendar_file_asks_whose_it_is(client, school, teacher):
    student = PersonFactory(student=True, school=school)
    asked = send(client, school, CALENDAR)
    assert "Whose timetable is this?" in asked.text

    for nobody in ("", student.name):
        refused = client.post(url("lesson_preview"), {"step": "choose", "person": nobody})
        assert "There is a problem" in refused.text
    client.post(url("lesson_preview"), {"step": "choose", "person": teacher.name})
    client.post(url("lesson_preview"))

    assert Commitment.objects.get().source == f"ics:{teacher.uid}"
    page = client.get(url("lesson_import"))
    assert f"Calendar file of {teacher.name}" in page.text


def test_a_source_is_removed_after_a_question(client, school, teacher):
    send(client, school, LESSONS)
    client.post(url("lesson_preview"))
    typed = CommitmentFactory(term=school.terms.get(), person=teacher, duty=True)
    path = url("lesson_remove", school.terms.get().uid, "lessons")

    page = client.get(url("lesson_import"))
    assert f'href="{path}"' in page.text
    assert "Typed by hand" in page.text
    assert "Remove 1 lesson?" in client.get(path).text
    assert Commitment.objects.count() == 2
    done = client.post(path, follow=True)

    assert told(done) == ["1 lesson removed."]
    assert Commitment.objects.get() == typed
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("terms", [1, 3])
def test_sources_take_the_same_queries_for_any_number(
    client, school, teacher, terms, django_assert_max_num_queries
):
    for _ in range(terms):
        CommitmentFactory(
            term=school.terms.get(), person=teacher, source=f"ics:{PersonFactory().uid}"
        )

    with django_assert_max_num_queries(12):
        page = client.get(url("lesson_import"))

    assert len(page.context["sources"]) == terms
