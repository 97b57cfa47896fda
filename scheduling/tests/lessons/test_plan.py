"""What a timetable file says, and what it would change."""

from datetime import date, time

import pytest

from conftest import NOW
from people.sheets import CannotRead
from people.tests.factories import PersonFactory, RoleFactory
from scheduling import actions, lessons
from scheduling.tests.factories import BELLS
from scheduling.tests.lessons.timetable import HEAD, planned, sheet

pytestmark = pytest.mark.django_db


@pytest.fixture
def owen(school):
    return PersonFactory(
        teacher=True,
        school=school,
        given_name="Owen",
        preferred_name="Wen",
        family_name="Price",
        email="owen@school.example",
    )


def test_plan_reads_a_lesson(school, term, ingrid):
    plan = planned(school, term, "Tuesday,Period 3,1,Biology,T031,Lab 2")

    assert plan.new == [lessons.Lesson(ingrid.pk, "2", *BELLS["Period 3"], "Biology")]
    assert (plan.row_count, plan.used_count, plan.left_out) == (1, 1, ["room"])
    assert not plan.problems


@pytest.mark.parametrize(
    "head",
    ["Day,PERIOD,Length,Subject,Teachers,Room\n", " Weekday ; Block ; Duration;Course;Staff;x\n"],
)
def test_plan_knows_headers_however_they_are_written(school, term, ingrid, head):
    row = "Tuesday,Period 3,1,Biology,T031,Lab"
    row = row.replace(",", ";") if ";" in head else row

    assert len(planned(school, term, row, head=head).new) == 1


def test_plan_needs_day_period_and_teachers_only(school, term, ingrid):
    plan = planned(school, term, "2,period  3,t031", head="day,period,teachers\n")

    assert plan.new == [lessons.Lesson(ingrid.pk, "2", *BELLS["Period 3"], "")]


@pytest.mark.parametrize("day", ["Thursday", "thu", "Thurs", "THUR", "Thu.", "4"])
def test_plan_knows_days_however_they_are_written(school, term, ingrid, day):
    [lesson] = planned(school, term, f"{day},Lunch,,,T031,").new

    assert lesson.column == "4"


@pytest.mark.parametrize(
    "written",
    ["T031", "t031", "Ingrid Berg", "ingrid  berg", '"Berg, Ingrid"', "INGRID@school.example"],
)
def test_plan_knows_teachers_however_they_are_written(school, term, ingrid, written):
    [lesson] = planned(school, term, f"1,Lunch,,,{written},").new

    assert lesson.person_id == ingrid.pk


def test_plan_gives_a_lesson_to_each_teacher(school, term, ingrid, owen):
    plan = planned(school, term, "1,Lunch,,Duty, T031 | Wen Price |,")

    assert {lesson.person_id for lesson in plan.new} == {ingrid.pk, owen.pk}


def test_plan_counts_rows_without_a_teacher(school, term, ingrid):
    plan = planned(school, term, "1,Lunch,,,,", "1,Period 1,,,|,", "1,Period 2,,,T031,")

    assert plan.without_teacher == [2, 3]
    assert (len(plan.new), plan.refused_count) == (1, 0)


def test_plan_spans_a_double_lesson_to_the_end_of_the_next_period(school, term, ingrid):
    [lesson] = planned(school, term, "1,Period 1,2,,T031,").new

    assert (lesson.starts_at, lesson.ends_at) == (time(8, 10), time(9, 45))


def test_plan_matches_names_of_periods_exactly(school, term, ingrid):
    school.periods.filter(name="Period 3").update(name="Period 3/Break")

    plan = planned(school, term, "1,period 3/break,,,T031,", "1,Period 3,,,T031,")

    assert len(plan.new) == 1
    assert plan.problems == [(3, "There is no period called Period 3.")]


def test_plan_merges_a_teachers_doubled_lesson(school, term, ingrid):
    plan = planned(
        school, term, "1,Lunch,,Band,T031,A", "1,Lunch,,Band,T031,B", "1,Lunch,,Choir,T031,C"
    )

    assert [lesson.label for lesson in plan.new] == ["Band", "Choir"]


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (",Lunch,,,T031,", "The day is missing."),
        ("Funday,Lunch,,,T031,", "Funday is not a day of the week."),
        ("Saturday,Lunch,,,T031,", "Saturday is not a school day here."),
        ("1,,,,T031,", "The period is missing."),
        ("1,Period 9,,,T031,", "There is no period called Period 9."),
        ("1,Lunch,two,,T031,", "The length two is not a number of periods, such as 1 or 2."),
        ("1,Lunch,0,,T031,", "The length 0 is not a number of periods, such as 1 or 2."),
        (
            "1,Lunch,99999999999,,T031,",
            "The length 99999999999 is not a number of periods, such as 1 or 2.",
        ),
        ("1,Lunch,²,,T031,", "The length ² is not a number of periods, such as 1 or 2."),
        (
            "1,After,2,,T031,",
            "This lesson is 2 periods long, which goes past the last period of Monday.",
        ),
        ("1,Lunch,,a\x07b,T031,", "The subject has characters that cannot be read."),
        ("1,Lunch,,", "This row has 4 of 6 columns; the file may have been cut off here."),
    ],
)
def test_plan_refuses_a_row_and_takes_the_rest(school, term, ingrid, row, sentence):
    plan = planned(school, term, "1,Period 1,,,T031,", row, "1,Period 2,,,T031,")

    assert plan.problems == [(3, sentence)]
    assert (plan.row_count, plan.used_count, plan.refused_count) == (3, 2, 1)


def test_plan_takes_the_known_teacher_of_a_row(school, term, ingrid):
    plan = planned(school, term, "1,Lunch,,,T031|T999|T999,")

    assert [lesson.person_id for lesson in plan.new] == [ingrid.pk]
    assert plan.unknown["t999"].sentence == "Nobody on the staff is known as T999."
    assert (plan.used_count, plan.refused_count) == (1, 0)


def test_plan_lists_whom_nobody_knows_once_each(school, term, ingrid):
    PersonFactory(student=True, school=school, given_name="Jada", family_name="Wells")
    PersonFactory(teacher=True, given_name="Far", family_name="Away", email="T999")
    for _ in range(2):
        PersonFactory(teacher=True, school=school, given_name="Sam", family_name="Cole")

    plan = planned(
        school,
        term,
        "1,Lunch,,,Jada Wells|T031,",
        "1,Period 1,,,T999,",
        "1,Period 2,,,t999|Sam Cole,",
    )

    assert [(each.code, each.line, each.count) for each in plan.unknown.values()] == [
        ("Jada Wells", 2, 1),
        ("T999", 3, 2),
        ("Sam Cole", 4, 1),
    ]
    assert plan.unknown["sam cole"].sentence == (
        "Several people here are known as Sam Cole. Use their e-mail address or their number."
    )
    assert (plan.row_count, plan.used_count, plan.problems) == (3, 1, [])


def test_plan_knows_staff_who_begin_with_the_term(school, ingrid):
    term = actions.save_term(
        school,
        by=None,
        at=NOW,
        name="Spring",
        starts_on=date(2027, 1, 4),
        ends_on=date(2027, 6, 1),
        school_year=2027,
    )
    new = RoleFactory(school=school, starts_on=date(2027, 1, 4)).person
    left = RoleFactory(school=school, ends_on=date(2026, 12, 31)).person

    plan = planned(school, term, f"1,Lunch,,,{new.email}|{left.email},")

    assert [lesson.person_id for lesson in plan.new] == [new.pk]
    assert [each.code for each in plan.unknown.values()] == [left.email]


def test_plan_says_when_a_weekday_has_no_bells(school, term, ingrid):
    schedule = school.bell_schedules.get()
    schedule.weekdays = "1234"
    schedule.save()

    plan = planned(school, term, "5,Lunch,,,T031,", "1,Lunch,,,T031,")

    assert plan.problems == [(2, "Friday has no bell schedule.")]


def test_plan_says_when_a_period_is_not_on_that_day(school, term, ingrid):
    school.bell_schedules.get().times.filter(period__name="Lunch").delete()

    plan = planned(school, term, "1,Lunch,,,T031,")

    assert plan.problems == [(2, "Lunch has no bell times on Monday.")]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty."),
        (b"\n\n", "The file is empty."),
        (HEAD.encode(), "The file has no rows below its header."),
        (b"teacher,room\nT031,2\n", "Missing: day, period."),
        (b"PK\x03\x04 rest", "Save the sheet as CSV first."),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "CSV"),
        (bytes(range(256)) * 8, "CSV"),
        (b"day,period\n" + b"1,1\n" * 2_000_000, "larger than 5 MB"),
        (sheet('1,"Lunch,,,T031,'), "never closed"),
    ],
    ids=[
        "empty",
        "blank",
        "header only",
        "columns",
        "workbook",
        "picture",
        "binary",
        "huge",
        "quote",
    ],
)
def test_plan_refuses_a_file(school, term, content, sentence):
    with pytest.raises(CannotRead, match=sentence):
        lessons.plan(school, term, content)


@pytest.mark.parametrize("rows", [1, 30])
def test_plan_takes_the_same_queries_for_any_number_of_rows(
    school, term, ingrid, rows, django_assert_num_queries
):
    content = sheet(*["1,Lunch,,Band,T031,"] * rows)

    with django_assert_num_queries(5):
        lessons.plan(school, term, content)


WEEKS_HEAD = "day,period,teachers,subject,weeks,starts,ends\n"


@pytest.mark.parametrize(
    ("written", "weeks"),
    [
        ("", 0b1111),
        ("all", 0b1111),
        ("A", 0b0101),
        ("week b", 0b1010),
        ("odd", 0b0101),
        ("Even", 0b1010),
        ("1", 0b0001),
        ("2|4", 0b1010),
        ("Weeks 1 3", 0b0101),
        ("2-4", 0b1110),
        ("A|B", 0b1111),
    ],
)
def test_plan_reads_weeks(school, term, ingrid, written, weeks):
    [lesson] = planned(school, term, f"1,Lunch,T031,Band,{written},,", head=WEEKS_HEAD).new

    assert lesson.weeks == weeks


@pytest.mark.parametrize(
    ("starts", "ends", "dates"),
    [
        ("", "", (None, None)),
        ("2026-09-07", "2026-12-18", (None, None)),  # as long as the term
        ("2026-11-02", "", (date(2026, 11, 2), None)),
        ("", "10/30/2026", (None, date(2026, 10, 30))),
        ("1.9.2026", "2026-10-30T00:00:00", (None, date(2026, 10, 30))),
    ],
)
def test_plan_reads_dates(school, term, ingrid, starts, ends, dates):
    row = f"1,Lunch,T031,Band,,{starts},{ends}"

    [lesson] = planned(school, term, row, head=WEEKS_HEAD).new

    assert (lesson.starts_on, lesson.ends_on) == dates


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ("C,,", "C is not a week. Write A, B, odd, even, or 1 to 4."),
        ("5,,", "5 is not a week. Write A, B, odd, even, or 1 to 4."),
        ("3-1,,", "3-1 is not a week. Write A, B, odd, even, or 1 to 4."),
        (",soon,", "soon is not a date such as 2026-09-01."),
        (",13/13/2026,", "13/13/2026 is not a date such as 2026-09-01."),
        (
            ",2026-11-02,2026-10-01",
            "This lesson ends before it starts, or before the term does.",
        ),
        (",2027-01-11,2027-02-01", "This lesson is not in Fall 2026."),
        (",,2026-09-01", "This lesson ends before it starts, or before the term does."),
    ],
)
def test_plan_refuses_weeks_and_dates_in_words(school, term, ingrid, cells, sentence):
    plan = planned(school, term, f"1,Lunch,T031,Band,{cells}", "2,Lunch,T031,,,,", head=WEEKS_HEAD)

    assert plan.problems == [(2, sentence)]
    assert len(plan.new) == 1


def test_plan_counts_lessons_of_a_part_of_the_term(school, term, ingrid):
    rows = ["1,Lunch,T031,,A,,", "2,Lunch,T031,,,2026-11-02,", "3,Lunch,T031,,,,"]

    assert planned(school, term, *rows, head=WEEKS_HEAD).partial_count == 2


def test_plan_knows_days_of_a_rotation(school, term, ingrid):
    school.rotation_days = 6
    school.save()
    school.bell_schedules.update(weekdays="123456")

    plan = planned(school, term, "Day 6,Lunch,,,T031,", "d1,Lunch,,,T031,", "Monday,Lunch,,,T031,")

    assert [lesson.column for lesson in plan.new] == ["1", "6"]
    assert plan.problems == [(4, "Monday is not a day of this school's rotation.")]
