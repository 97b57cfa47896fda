"""Which weeks count, what they are called, and what stays when the calendar changes."""

from datetime import date

import pytest

from scheduling import weeks
from scheduling.models import Closure, SchoolWeek, Term

FALL = Term(name="Fall", starts_on=date(2026, 9, 7), ends_on=date(2026, 10, 30), school_year=2027)
SPRING = Term(
    name="Spring", starts_on=date(2027, 1, 4), ends_on=date(2027, 1, 29), school_year=2027
)


def closure(first, last, **fields):
    return Closure(starts_on=first, ends_on=last, **fields)


BREAK = closure(date(2026, 9, 21), date(2026, 9, 25))


def stand(proposed, *, frozen_to=None):
    """The weeks as rows, as if they had been saved."""
    return [
        SchoolWeek(
            term=week.term,
            starts_on=week.starts_on,
            number=week.number,
            cycle_week=week.cycle_week,
            ordinal=week.ordinal,
            is_open=week.is_open,
            is_frozen=bool(frozen_to and week.starts_on <= frozen_to),
        )
        for week in proposed
    ]


def cycle(proposed):
    return "".join(str(week.cycle_week or "-") for week in proposed)


def test_propose_numbers_open_weeks_only():
    proposed = weeks.propose([FALL], [BREAK], "12345")

    assert [week.number for week in proposed] == [1, 2, None, 3, 4, 5, 6, 7]
    assert cycle(proposed) == "12-34123"
    assert [week.ordinal for week in proposed] == [1, 2, 2, 3, 4, 5, 6, 7]
    assert [week.is_open for week in proposed] == [True, True, False, *[True] * 5]
    assert [len(week.days) for week in proposed] == [5, 5, 0, 5, 5, 5, 5, 5]


def test_propose_runs_the_cycle_through_the_school_year():
    next_year = Term(starts_on=date(2027, 9, 6), ends_on=date(2027, 9, 17), school_year=2028)

    proposed = weeks.propose([next_year, SPRING, FALL], [], "12345")

    assert cycle(proposed) == "12341234" + "1234" + "12"
    assert [week.number for week in proposed][-4:] == [11, 12, 1, 2]
    assert proposed[-1].ordinal == 14


def test_propose_stops_the_clock_in_weeks_that_stand_still():
    exams = closure(date(2026, 9, 14), date(2026, 9, 18), stops_meetings=False)
    open_week = closure(date(2026, 9, 21), date(2026, 9, 24))

    proposed = weeks.propose([FALL], [exams, open_week], "12345")

    assert [week.number for week in proposed][:4] == [1, 2, 3, 4]
    assert [week.ordinal for week in proposed][:4] == [1, 1, 2, 3]
    assert len(proposed[2].days) == 1


def test_propose_counts_a_closed_week_whose_clock_runs_not_at_all():
    strike = closure(date(2026, 9, 14), date(2026, 9, 18), stops_clock=False)

    proposed = weeks.propose([FALL], [strike], "12345")

    assert [week.ordinal for week in proposed][:3] == [1, 1, 2]
    assert cycle(proposed)[:3] == "1-2"


def test_propose_begins_weeks_on_the_first_school_day():
    term = Term(starts_on=date(2026, 9, 9), ends_on=date(2026, 9, 20), school_year=2027)

    proposed = weeks.propose([term], [], "71234")

    assert [week.starts_on for week in proposed] == [
        date(2026, 9, 6),
        date(2026, 9, 13),
        date(2026, 9, 20),
    ]
    assert [[day.column for day in week.days] for week in proposed] == [
        ["3", "4"],
        ["7", "1", "2", "3", "4"],
        ["7"],
    ]


def test_propose_gives_a_week_of_two_terms_to_the_first():
    one = Term(starts_on=date(2026, 9, 7), ends_on=date(2026, 9, 9), school_year=2027)
    two = Term(starts_on=date(2026, 9, 10), ends_on=date(2026, 9, 18), school_year=2027)

    proposed = weeks.propose([one, two], [], "12345")

    assert [week.term for week in proposed] == [one, two]
    assert [day.term for day in proposed[0].days] == [one, one, one, two, two]


def test_propose_never_renumbers_frozen_weeks():
    standing = stand(weeks.propose([FALL], [], "12345"), frozen_to=date(2026, 10, 5))

    proposed = weeks.propose([FALL], [BREAK], "12345", standing=standing)

    assert cycle(proposed) == "12341234"
    assert [week.number for week in proposed] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert [week.is_open for week in proposed][:4] == [True, True, False, True]
    assert [week.ordinal for week in proposed][:4] == [1, 2, 2, 3]
    assert [week.is_frozen for week in proposed] == [True] * 5 + [False] * 3


def test_propose_gives_a_letter_to_a_frozen_week_that_opens_again():
    standing = stand(weeks.propose([FALL], [BREAK], "12345"), frozen_to=FALL.ends_on)

    proposed = weeks.propose([FALL], [], "12345", standing=standing)

    assert cycle(proposed) == "12334123"
    assert all(week.is_open for week in proposed)


def test_propose_shifts_letters_from_a_week_on():
    proposed = weeks.propose([FALL], [], "12345", shifted={date(2026, 9, 21): 1})

    assert cycle(proposed) == "12123412"
    assert [week.number for week in proposed] == [1, 2, 3, 4, 5, 6, 7, 8]


def test_propose_lets_a_shift_wait_for_the_next_open_week():
    proposed = weeks.propose([FALL], [BREAK], "12345", shifted={date(2026, 9, 21): 1})

    assert cycle(proposed) == "12-12341"


def test_shifts_are_read_from_the_weeks_as_they_stand():
    shifted = {date(2026, 9, 21): 1, date(2027, 1, 11): 4}
    standing = stand(weeks.propose([FALL, SPRING], [BREAK], "12345", shifted=shifted))

    assert weeks.shifts(standing) == {date(2026, 9, 28): 1, date(2027, 1, 11): 4}
    assert weeks.shifts(stand(weeks.propose([FALL, SPRING], [BREAK], "12345"))) == {}


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ("12345", "12345"),
        ("54321", "12345"),
        ("12347", "71234"),
        ("123456", "123456"),
        ("1234567", "1234567"),
        ("135", "135"),
        ("3", "3"),
        ("67", "67"),
        ("", ""),
    ],
)
def test_in_order_begins_after_the_weekend(chosen, expected):
    assert weeks.in_order(chosen) == expected
