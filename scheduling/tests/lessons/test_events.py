"""A calendar file as one person's lessons: exactly its dates, and what is broken in words."""

from datetime import date, time

import pytest

from conftest import NOW
from people.sheets import CannotRead
from scheduling import actions, lessons, vevents
from scheduling.models import Commitment, SchoolDay
from scheduling.tests.factories import ClosureFactory

pytestmark = pytest.mark.django_db

MONDAY = "DTSTART;TZID=America/New_York:20260907T081000"
UNTIL_855 = "DTEND;TZID=America/New_York:20260907T085500"


def event(*lines, uid="1", summary="Math"):
    return "\r\n".join(
        ["BEGIN:VEVENT", f"UID:{uid}", f"SUMMARY:{summary}", *lines, "END:VEVENT", ""]
    )


def calendar(*events, head="PRODID:-//x//y"):
    return (
        f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{head}\r\n{''.join(events)}END:VCALENDAR\r\n".encode()
    )


def plan_of(school, term, person, *all_events, **more):
    choice = lessons.Choice(person=str(person.uid))
    return lessons.plan(school, term, calendar(*all_events, **more), choice)


def dates_of(term, lesson):
    """The school days on which a commitment is."""
    return {
        day.date
        for day in SchoolDay.objects.open().filter(term=term, column=lesson.column)
        if Commitment(**lesson._asdict()).meets(
            day.column,
            lesson.starts_at,
            lesson.ends_at,
            weeks=1 << (day.pass_number - 1) % 4,
            on=day.date,
        )
    }


def test_a_weekly_event_without_end_stands_all_term(school, term, ingrid):
    plan = plan_of(school, term, ingrid, event(MONDAY, UNTIL_855, "RRULE:FREQ=WEEKLY"))

    assert plan.new == [lessons.Lesson(ingrid.pk, "1", time(8, 10), time(8, 55), "Math")]
    assert plan.source == f"ics:{ingrid.uid}"


def test_a_calendar_asks_whose_it_is(school, term, ingrid):
    with pytest.raises(lessons.Question) as asked:
        lessons.plan(school, term, calendar(event(MONDAY, UNTIL_855)))

    assert asked.value.people == [ingrid]


def test_every_other_week_is_the_weeks_a(school, term, ingrid):
    [lesson] = plan_of(
        school, term, ingrid, event(MONDAY, UNTIL_855, "RRULE:FREQ=WEEKLY;INTERVAL=2")
    ).new

    assert (lesson.weeks, lesson.starts_on, lesson.ends_on) == (0b0101, None, None)


def test_dates_are_kept_exactly_when_a_break_shifts_the_letters(school, term, ingrid):
    """Letters count school weeks only, a calendar counts all: after a break they part."""
    ClosureFactory(school=school, starts_on=date(2026, 10, 19), ends_on=date(2026, 10, 23))
    actions.rebuild_calendar(school, by=None, at=NOW)

    plan = plan_of(school, term, ingrid, event(MONDAY, UNTIL_855, "RRULE:FREQ=WEEKLY;INTERVAL=2"))

    found = [dates_of(term, lesson) for lesson in plan.new]
    assert len(found) == 2
    assert found[0] | found[1] == {
        *(date(2026, 9, day) for day in (7, 21)),
        *(date(2026, 10, day) for day in (5,)),
        *(date(2026, 11, day) for day in (2, 16, 30)),
        date(2026, 12, 14),
    }


def test_a_date_taken_out_and_one_moved(school, term, ingrid):
    moved = event(
        "RECURRENCE-ID;TZID=America/New_York:20260921T081000",
        "DTSTART;TZID=America/New_York:20260922T090000",
        "DTEND;TZID=America/New_York:20260922T094500",
    )
    cancelled = event(
        "RECURRENCE-ID;TZID=America/New_York:20260928T081000",
        "DTSTART;TZID=America/New_York:20260928T081000",
        "DTEND;TZID=America/New_York:20260928T085500",
        "STATUS:CANCELLED",
    )
    whole = event(
        MONDAY,
        UNTIL_855,
        "RRULE:FREQ=WEEKLY;UNTIL=20261012T235959Z",
        "EXDATE;TZID=America/New_York:20260914T081000",
    )

    plan = plan_of(school, term, ingrid, whole, moved, cancelled)

    mondays = set().union(*(dates_of(term, each) for each in plan.new if each.column == "1"))
    [tuesday] = [each for each in plan.new if each.column == "2"]
    assert mondays == {date(2026, 9, 7), date(2026, 10, 5), date(2026, 10, 12)}
    assert dates_of(term, tuesday) == {date(2026, 9, 22)}
    assert tuesday.starts_at == time(9)


def test_events_in_other_zones_and_in_none(school, term, ingrid):
    plan = plan_of(
        school,
        term,
        ingrid,
        event("DTSTART:20260914T121000Z", "DURATION:PT45M", uid="1"),
        event("DTSTART:20260915T081000", "DTEND:20260915T085500", uid="2"),
        event("DTSTART;TZID=Made/Up:20260916T081000", "DURATION:PT45M", uid="3"),
    )

    assert [(each.column, each.starts_at, each.starts_on) for each in plan.new] == [
        ("1", time(8, 10), date(2026, 9, 14)),
        ("2", time(8, 10), date(2026, 9, 15)),
        ("3", time(8, 10), date(2026, 9, 16)),
    ]


def test_events_of_other_terms_and_days_without_school_are_counted_only(school, term, ingrid):
    plan = plan_of(
        school,
        term,
        ingrid,
        event("DTSTART:20250915T121000Z", "DURATION:PT45M", uid="1"),
        event("DTSTART:20260919T121000Z", "DURATION:PT45M", uid="2"),  # a Saturday
        event(MONDAY, UNTIL_855, uid="3"),
    )

    assert (plan.row_count, plan.used_count, plan.outside_count) == (3, 1, 2)
    assert plan.problems == []


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ([MONDAY, "DURATION:P1H"], "DURATION of this event cannot be read."),
        ([MONDAY, MONDAY, UNTIL_855], "contradicts itself"),
        ([MONDAY, UNTIL_855, "DURATION:PT45M"], "contradicts itself"),
        ([MONDAY, "DTEND;VALUE=DATE:20260908"], "contradicts itself"),
        ([MONDAY, "DTEND:soon"], "DTEND of this event cannot be read."),
        ([MONDAY], "This event has no end."),
        ([UNTIL_855], "This event has no beginning."),
        (["DTSTART;VALUE=DATE:20260907", "DTEND;VALUE=DATE:20260908"], "lasts all day"),
        ([MONDAY, "DTEND;TZID=America/New_York:20260908T085500"], "does not end on the day"),
        ([MONDAY, "DTEND;TZID=America/New_York:20260907T071000"], "does not end on the day"),
        ([MONDAY, UNTIL_855, "RRULE:FREQ=SECONDLY"], "repeats more than once a day"),
        ([MONDAY, UNTIL_855, "RRULE:FREQ=NEVER"], "RRULE of this event cannot be read."),
        (
            [MONDAY, UNTIL_855, "RRULE:FREQ=WEEKLY;INTERVAL=0"],
            "RRULE of this event cannot be read.",
        ),
        ([MONDAY, UNTIL_855, "RRULE:FREQ=MONTHLY;BYDAY=MO;BYSETPOS=0"], "cannot be followed"),
        ([MONDAY, UNTIL_855, "STATUS:CANCELLED"], "This event is cancelled."),
        ([MONDAY, UNTIL_855, "TRANSP:TRANSPARENT"], "says that one is free"),
        (
            ["DTSTART:19000101T081000", "DTEND:19000101T085500", "RRULE:FREQ=DAILY"],
            "begins before the year 2000",
        ),
    ],
)
def test_a_broken_event_is_told_and_the_rest_goes_in(school, term, ingrid, lines, sentence):
    good = event(MONDAY, UNTIL_855, uid="2")

    plan = plan_of(school, term, ingrid, event(*lines), good)

    [problem] = plan.problems
    assert problem.line == 1
    assert sentence in problem.sentence
    assert len(plan.new) == 1


def test_a_broken_head_does_no_harm(school, term, ingrid):
    head = "REFRESH-INTERVAL;VALUE=DURATION:P1H\r\nX-PUBLISHED-TTL:P1H\r\nnonsense"

    assert len(plan_of(school, term, ingrid, event(MONDAY, UNTIL_855), head=head).new) == 1


def test_an_event_that_is_cut_off(school, term, ingrid):
    content = calendar(event(MONDAY, UNTIL_855), event(MONDAY, UNTIL_855, uid="2"))
    content = content[: content.rindex(b"DTEND")]

    plan = lessons.plan(school, term, content, lessons.Choice(person=str(ingrid.uid)))

    assert plan.problems == [(2, "This event is cut off.")]
    assert len(plan.new) == 1


def test_an_alarm_inside_an_event_is_passed_over(school, term, ingrid):
    alarm = ["BEGIN:VALARM", "TRIGGER:-PT15M", "SUMMARY:Wake up", "DURATION:P1H", "END:VALARM"]

    [lesson] = plan_of(school, term, ingrid, event(MONDAY, *alarm, UNTIL_855)).new

    assert lesson.label == "Math"


def test_folded_and_escaped_names(school, term, ingrid):
    [lesson] = plan_of(
        school, term, ingrid, event(MONDAY, UNTIL_855, summary="Math\\, gr\r\n oup 2\\nRoom 3")
    ).new

    assert lesson.label == "Math, group 2 Room 3"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (calendar(), "This calendar has no events."),
        (calendar(*["BEGIN:VEVENT\r\nEND:VEVENT\r\n"] * 10_001), "more than 10,000 events"),
        (calendar()[:20] + bytes(200), "not a text file"),
    ],
    ids=["none", "huge", "binary"],
)
def test_a_calendar_is_refused(school, term, ingrid, content, sentence):
    with pytest.raises(CannotRead, match=sentence):
        lessons.plan(school, term, content, lessons.Choice(person=str(ingrid.uid)))


def test_repetitions_that_take_too_long_are_not_followed_to_the_end(
    school, term, ingrid, monkeypatch
):
    monkeypatch.setattr(vevents, "LONGEST", -1)

    with pytest.raises(CannotRead, match="repeat too often"):
        plan_of(school, term, ingrid, event(MONDAY, UNTIL_855))


def test_a_calendar_twice_changes_nothing_and_another_persons_stays(school, term, ingrid):
    content = calendar(event(MONDAY, UNTIL_855, "RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=3"))
    other = Commitment.objects.create(
        person=ingrid,
        term=term,
        column="1",
        starts_at=time(9),
        ends_at=time(10),
        source="ics:somebody",
    )
    how = {"by": None, "at": NOW, "term": term, "choice": lessons.Choice(person=str(ingrid.uid))}
    actions.apply_lessons(school, content=content, **how)

    again = actions.apply_lessons(school, content=content, **how)

    assert again.changes_nothing
    assert Commitment.objects.filter(pk=other.pk).exists()
    assert Commitment.objects.count() == 2
