"""The calendar's pages: for administrators, in words, and never broken by what is typed."""

from datetime import date, time
from uuid import uuid4

import pytest
from allauth.mfa.models import Authenticator
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from conftest import NOW
from people import uploads
from people.tests.factories import PersonFactory
from scheduling import actions
from scheduling.models import Closure, Commitment, Meeting, Term
from scheduling.tests.factories import (
    BELLS,
    BellScheduleFactory,
    BellTimeFactory,
    BookingFactory,
    ClosureFactory,
    MeetingFactory,
    school_with_calendar,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

CALENDAR = reverse("scheduling:calendar")
TERM = {
    "name": "Spring 2027",
    "starts_on": "2027-01-04",
    "ends_on": "2027-06-11",
    "school_year": "2027",
}
SNOW_DAY = {
    "name": "Snow day",
    "starts_on": "2026-10-13",
    "ends_on": "",
    "stops_meetings": "on",
    "stops_clock": "on",
}


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.VAR_DIR = tmp_path


@pytest.fixture
def school():
    return school_with_calendar(slug="harbor-view")


@pytest.fixture
def client(client, school):
    return enter(client, PersonFactory(administrator=True, school=school))


def enter(client, person):
    """Sign somebody in who has set up their second factor."""
    Authenticator.objects.create(user=person.user, type=Authenticator.Type.TOTP, data={})
    client.force_login(person.user)
    return client


def url(name, *arguments):
    return reverse(f"scheduling:{name}", args=arguments)


def pages(school):
    return [
        CALENDAR,
        url("weekdays_edit"),
        url("term_edit"),
        url("term_edit", school.terms.get().uid),
        url("closure_edit"),
        url("bell_schedule_edit"),
        url("bell_schedule_edit", school.bell_schedules.get().uid),
        url("week_list"),
        url("week_edit", "2026-09-21"),
        url("lesson_import"),
    ]


def told(response):
    return [str(message) for message in response.context["messages"]]


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

    with django_assert_num_queries(11):
        client.get(CALENDAR)


@pytest.mark.parametrize("weeks", [2, 20])
def test_week_list_query_count(client, school, weeks, django_assert_num_queries):
    client.post(url("term_edit"), {**TERM, "ends_on": f"2027-0{1 + weeks // 5}-20"})
    client.get(url("week_list"))

    with django_assert_num_queries(9):
        client.get(url("week_list"))


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


def test_closure_is_added_for_a_single_day(client, school):
    response = client.post(url("closure_edit"), SNOW_DAY, follow=True)

    assert told(response) == ["Snow day is saved."]
    assert school.closures.get().ends_on == date(2026, 10, 13)
    assert not school.days.filter(date=date(2026, 10, 13)).exists()


def test_closure_outside_any_term_is_kept_with_a_word(client, school):
    fields = {"starts_on": "2027-07-04", "ends_on": "2027-07-04"}

    response = client.post(url("closure_edit"), {**SNOW_DAY, **fields}, follow=True)

    assert told(response)[1] == "No term has these days, so nothing changes for now."
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
    client.post(url("weekdays_edit"), {"weekdays": ["1", "2", "3", "4", "7"]})

    school.refresh_from_db()
    assert school.weekdays == "71234"


def test_weekdays_ask_before_they_close_meetings(client, school):
    MeetingFactory(pairing__school=school)

    asked = client.post(url("weekdays_edit"), {"weekdays": ["1", "3"]})

    assert '<input type="hidden" name="weekdays" value="3"' in asked.text


def test_weekdays_are_days(client, school):
    response = client.post(url("weekdays_edit"), {"weekdays": ["8"]})

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


def bells_form(school, **changes):
    """What the form of the school's bell schedule posts, with some answers changed."""
    fields = {"name": "Regular", "weekdays": list(school.weekdays)}
    for n, period in enumerate(school.periods.order_by("ordinal")):
        starts_at, ends_at = BELLS[period.name]
        fields |= {
            f"period_{n}": str(period.uid),
            f"name_{n}": period.name,
            f"starts_at_{n}": f"{starts_at:%H:%M}",
            f"ends_at_{n}": f"{ends_at:%H:%M}",
        }
    spare = {"period_10": "", "name_10": "", "starts_at_10": "", "ends_at_10": ""}
    return {**fields, **spare, **changes}


def test_bell_schedule_takes_times_as_people_write_them(client, school):
    address = url("bell_schedule_edit", school.bell_schedules.get().uid)
    fields = {"starts_at_1": "815", "ends_at_1": "8.50", "starts_at_7": "1.06 pm"}
    new = {"name_10": "Club", "starts_at_10": "3:30", "ends_at_10": "4"}

    response = client.post(address, bells_form(school, **fields, **new), follow=True)

    assert told(response) == ["Regular is saved."]
    times = {
        each.period.name: (each.starts_at, each.ends_at)
        for each in school.bell_schedules.get().times.select_related("period")
    }
    assert times["Period 1"] == (time(8, 15), time(8, 50))
    assert times["Period 6"][0] == time(13, 6)
    assert times["Club"] == (time(15, 30), time(16, 0))
    assert school.periods.order_by("ordinal").last().name == "Club"


def test_bell_schedule_form_shows_what_stands(client, school):
    response = client.get(url("bell_schedule_edit", school.bell_schedules.get().uid))

    assert 'value="1:05 pm"' in response.text
    assert response.text.count('name="name_') == len(BELLS) + 5 - 1


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": ""}, "Enter a name, such as Regular."),
        ({"starts_at_1": "25:00"}, "Row 2, starts: enter a time, such as 8:10 or 1:05 pm."),
        ({"starts_at_1": "x" * 500}, "Row 2, starts: enter a time, such as 8:10 or 1:05 pm."),
        ({"starts_at_1": ""}, "Enter when Period 1 starts."),
        ({"ends_at_1": ""}, "Enter when Period 1 ends."),
        ({"ends_at_1": "8:00"}, "Period 1 ends before it starts."),
        ({"ends_at_1": "9:30"}, "Period 1 and Period 2 overlap."),
        ({"name_1": ""}, "Row 2: enter the period&#x27;s name."),
        ({"name_1": "Lunch"}, "There are two periods called Lunch."),
        ({"name_1": "x" * 41}, "A period&#x27;s name can have 40 letters at most."),
        ({"name_10": "Assembly"}, "Enter when Assembly starts."),
        ({"period_1": str(uuid4())}, "Period 1 is gone. Reload the page."),
        ({"weekdays": ["6"]}, "Choose school days."),
    ],
)
def test_bell_schedule_is_refused_in_words(client, school, changes, sentence):
    address = url("bell_schedule_edit", school.bell_schedules.get().uid)

    response = client.post(address, bells_form(school, **changes))

    assert response.status_code == 200
    assert sentence in response.text
    assert 'value="11:30"' in response.text
    assert school.bell_schedules.get().times.count() == len(BELLS)


def test_bell_schedule_with_a_doubled_row_is_refused(client, school):
    fields = bells_form(school)
    fields["period_1"] = fields["period_0"]

    response = client.post(url("bell_schedule_edit", school.bell_schedules.get().uid), fields)

    assert "A period stands in two rows." in response.text


def test_weekday_of_another_schedule_is_refused(client, school):
    fields = bells_form(school, name="Early release", weekdays=["3"])

    response = client.post(url("bell_schedule_edit"), fields)

    assert "A day can have one bell schedule. Regular is used" in response.text


def test_bell_schedule_is_deleted(client, school):
    client.post(url("bell_schedule_delete", school.bell_schedules.get().uid))

    assert not school.bell_schedules.exists()


def upload(content, name="lessons.csv"):
    return SimpleUploadedFile(name, content)


def send(client, school, content):
    fields = {"term": school.terms.get().uid, "file": upload(content)}
    return client.post(url("lesson_import"), fields, follow=True)


@pytest.fixture
def teacher(school):
    return PersonFactory(teacher=True, school=school, email="ingrid@school.example")


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


def test_lessons_preview_without_a_file_goes_back(client, school, teacher):
    for send_it in (client.get, client.post):
        response = send_it(url("lesson_preview"), follow=True)
        assert response.redirect_chain == [(url("lesson_import"), 302)]

    send(client, school, LESSONS)
    uploads.forget(client.session["lessons"]["key"])
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
