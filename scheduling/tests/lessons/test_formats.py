"""Untis exports and class sections, told by looking; what is wrong with them is told in words."""

import pytest

from people.sheets import CannotRead
from people.tests.factories import PersonFactory
from scheduling import lessons
from scheduling.lessons import Kind
from scheduling.tests.factories import BELLS

pytestmark = pytest.mark.django_db

SECTIONS = "section_id,school_id,course,name,session,room,period,staff_ids\n"


@pytest.fixture
def owen(school):
    return PersonFactory(teacher=True, school=school, email="pri@school.example")


def untis(*rows, end="\r\n"):
    return (end.join(rows) + end).encode("cp1252")


def sections(*rows, head=SECTIONS):
    return (head + "\n".join(rows) + "\n").encode()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (untis('1;"5a";"BE";"Ma";"R1";1;1;;'), Kind.UNTIS),
        (untis('1,"5a","BE","Ma","R1",1,1,,'), Kind.UNTIS),
        (b'1\t"5a"\t"BE"\t"Ma"\t"R1"\t1\t1\t\t\n', Kind.UNTIS),
        (untis("truncated;", '1;"5a";"BE";"Ma";"R1";1;1;;'), Kind.UNTIS),
        (b"day,period,teachers\n1,1,BE\n", Kind.LESSONS),
        (b"Day;Period;Teachers\n1;1;BE\n", Kind.LESSONS),
        (sections("s1,1,c,n,f,r,Lunch,T031"), Kind.SECTIONS),
        (b"Section ID;Period;Staff IDs\ns;Lunch;T031\n", Kind.SECTIONS),
        (b"\xef\xbb\xbfBEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", Kind.CALENDAR),
        (b"something else\n", Kind.LESSONS),
        (b"something\n" + b"x" * 200_000, Kind.LESSONS),
    ],
)
def test_kind_is_told_by_looking(content, kind):
    assert lessons.look(content) == kind


# --- Untis ---


def test_untis_gives_lessons_to_codes_that_are_known(school, term, ingrid, owen):
    plan = lessons.plan(
        school,
        term,
        untis(
            '7;"5a";"T031";"Ph\xe4";"R1";2;3;;',
            '7;"5b";"T031";"Ph\xe4";"R1";2;3;;',
            '7;"5b";"PRI";"Ph\xe4";"R1";2;3;;',
            '8;"5b";"";"AG";"R1";2;4;;',
        ),
    )

    assert plan.new == sorted(
        lessons.Lesson(person.pk, "2", *BELLS["Period 3"], "Phä") for person in (ingrid, owen)
    )
    assert (plan.kind, plan.source) == (Kind.UNTIS, "untis")
    assert (plan.row_count, plan.used_count, plan.without_teacher) == (4, 3, [4])


def test_untis_numbers_count_where_no_period_has_one(school, term, ingrid):
    for number, period in enumerate(school.periods.order_by("ordinal")):
        period.name = "abcdefghij"[number]
        period.save()

    plan = lessons.plan(school, term, untis('7;"5a";"T031";"Ma";"R1";2;1;;'))

    assert (plan.new[0].starts_at, plan.new[0].ends_at) == BELLS["Before"]


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ('7;"5a";"T031";"Ma";"R1";0;3;;', "This lesson is on no day yet."),
        ('7;"5a";"T031";"Ma";"R1";;;;', "This lesson is on no day yet."),
        ('7;"5a";"T031";"Ma";"R1";8;3;;', "8 is not a day of the week."),
        ('7;"5a";"T031";"Ma";"R1";6;3;;', "Saturday is not a school day here."),
        ('7;"5a";"T031";"Ma";"R1";1;0;;', "There is no period called 0."),
        ('7;"5a";"T031";"Ma";"R1";1;99;;', "There is no period called 99."),
        ('7;"5a";"T031";"Ma";"R1";1;;;', "The period is missing."),
        ('7;"5a";"T031"', "This row has 3 of 7 columns; the file may have been cut off here."),
        ('7;"5a";"T\x07031";"Ma";"R1";1;3;;', "This row has characters that cannot be read."),
    ],
)
def test_untis_refuses_a_row_and_takes_the_rest(school, term, ingrid, row, sentence):
    good = '7;"5a";"T031";"Ma";"R1";1;1;;'

    plan = lessons.plan(school, term, untis(good, row, good.replace(";1;1;", ";1;2;")))

    assert plan.problems == [(2, sentence)]
    assert (plan.row_count, plan.used_count) == (3, 2)


def test_untis_with_a_period_zero(school, term, ingrid):
    school.periods.filter(name="Before").update(name="Period 0")

    [lesson] = lessons.plan(school, term, untis('7;"5a";"T031";"Ma";"R1";1;0;;')).new

    assert (lesson.starts_at, lesson.ends_at) == BELLS["Before"]


def test_untis_of_unknown_teachers_only(school, term, ingrid):
    rows = [f'7;"5a";"L{n % 3}";"Ma";"R1";1;3;;' for n in range(30)]

    plan = lessons.plan(school, term, untis(*rows))

    assert [(each.code, each.count) for each in plan.unknown.values()] == [
        ("L0", 10),
        ("L1", 10),
        ("L2", 10),
    ]
    assert not plan.is_usable


def test_untis_that_breaks_off_inside_a_quotation(school, term, ingrid):
    with pytest.raises(CannotRead, match="never closed"):
        lessons.plan(school, term, untis('7;"5a";"T031";"Ma";"R1";1;3;;', '8;"5'))


# --- class sections ---


def test_a_section_meets_on_every_day_that_has_its_period(school, term, ingrid):
    plan = lessons.plan(school, term, sections("s1,1,ALG-1,Algebra 1,Fall,220,Period 3,T031|T031"))

    assert plan.new == [
        lessons.Lesson(ingrid.pk, day, *BELLS["Period 3"], "Algebra 1") for day in "12345"
    ]
    assert (plan.source, plan.left_out) == ("sections", ["room"])


def test_a_section_in_two_periods_and_one_without_a_name(school, term, ingrid):
    plan = lessons.plan(
        school, term, sections("s1,1,ELA-03,,Fall,220,Period 1|Period 5,T031", "s2,1,x,,Fall,,1,")
    )

    assert {lesson.label for lesson in plan.new} == {"ELA-03"}
    assert len(plan.new) == 10
    assert plan.without_teacher == [3]


def test_a_section_with_days_weeks_and_dates(school, term, ingrid):
    head = "section_id,period,staff_ids,days,weeks,starts\n"
    rows = ["s1,Period 1,T031,Mon Wed|Fri,B,2026-11-02", "s2,Period 1,T031,Someday,,"]

    plan = lessons.plan(school, term, sections(*rows, head=head))

    assert [(lesson.column, lesson.weeks) for lesson in plan.new] == [
        ("1", 0b1010),
        ("3", 0b1010),
        ("5", 0b1010),
    ]
    assert plan.problems == [(3, "Someday is not a day of the week.")]


TWO_SCHOOLS = [
    "s1,11,A,,Fall 2026,1,Period 1,T031",
    "s2,11,B,,Spring 2027,1,Period 2,T031",
    "s3,22,C,,Fall 2026,1,Period 3,T031",
]


def test_sections_ask_which_school_and_take_the_session_named_like_the_term(school, term, ingrid):
    with pytest.raises(lessons.Question) as asked:
        lessons.plan(school, term, sections(*TWO_SCHOOLS))
    plan = lessons.plan(school, term, sections(*TWO_SCHOOLS), lessons.Choice(school="11"))

    assert (asked.value.schools, asked.value.sessions) == (["11", "22"], [])
    assert {lesson.label for lesson in plan.new} == {"A"}
    assert plan.row_count == 1


def test_sections_ask_which_session(school, term, ingrid):
    rows = [row.replace("Fall 2026", "S1") for row in TWO_SCHOOLS[:2]]

    with pytest.raises(lessons.Question) as asked:
        lessons.plan(school, term, sections(*rows))

    assert (asked.value.schools, asked.value.sessions) == ([], ["S1", "Spring 2027"])


@pytest.mark.parametrize(
    ("period", "sentence"),
    [
        ("Period 9", "There is no period called Period 9."),
        ("", "The period is missing."),
        ("Period 1|99", "There is no period called 99."),
        ("Gone", "This period has no bell times on any day."),
    ],
)
def test_sections_refuse_a_row_and_take_the_rest(school, term, ingrid, period, sentence):
    school.periods.create(name="Gone", ordinal=99)
    rows = [f"s1,1,A,,F,1,{period},T031", "s2,1,A,,F,1,Period 1,T031"]

    plan = lessons.plan(school, term, sections(*rows))

    assert plan.problems == [(2, sentence)]
    assert len(plan.new) == 5


def test_periods_in_a_file_of_any_kind():
    assert lessons.periods_in(untis('1;"a";"b";"c";"d";1;10;;', '1;"a";"b";"c";"d";1;2;;')) == [
        "Period 2",
        "Period 10",
    ]
    assert lessons.periods_in(sections("s,1,,,,,02 - Trad|01 - Trad,x")) == [
        "01 - Trad",
        "02 - Trad",
    ]
    assert lessons.periods_in(b"BEGIN:VCALENDAR\n") == []
