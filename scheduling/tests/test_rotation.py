"""Which day of the rotation a date is: what is counted, what waits, what stays."""

from datetime import date, timedelta

import pytest

from scheduling import rotation, weeks
from scheduling.models import Closure, SchoolDay, SchoolWeek, Term

FALL = Term(name="Fall", starts_on=date(2026, 9, 7), ends_on=date(2026, 9, 25), school_year=2027)
SPRING = Term(name="Spring", starts_on=date(2027, 1, 4), ends_on=date(2027, 1, 8), school_year=2027)
NEXT = Term(name="Next", starts_on=date(2027, 9, 6), ends_on=date(2027, 9, 10), school_year=2028)

WEDNESDAY = date(2026, 9, 9)


def closure(first, last=None, **fields):
    return Closure(starts_on=first, ends_on=last or first, **fields)


def places(*closures, terms=(FALL,), days=6, **standing):
    proposed = weeks.propose(terms, closures, "12345", standing=standing.pop("weeks", ()))
    skipped = weeks.dates(each for each in closures if each.skips_rotation)
    return rotation.places(proposed, days, skipped=skipped, **standing)


def count(found):
    """ "123456 ...": the columns by week, "-" for a closed one."""
    lines = {}
    for place in found:
        line = lines.setdefault(place.week.starts_on, [])
        line.append((place.column if place.is_open else f"({place.column})") or "?")
    return " ".join("".join(line) for line in lines.values())


def stand(found, *, frozen_from=None, frozen_to=date.max):
    """The days as rows, as if they had been saved."""
    frozen = frozen_from or date.max
    return [
        SchoolDay(
            date=place.day.date,
            term=place.day.term,
            week=SchoolWeek(
                starts_on=place.week.starts_on,
                term=place.week.term,
                is_frozen=frozen <= place.week.starts_on <= frozen_to,
            ),
            column=place.column,
            pass_number=place.pass_number,
            is_open=place.is_open,
        )
        for place in found
    ]


def frozen_weeks(*closures):
    """The weeks of the fall as rows, all frozen."""
    return [
        SchoolWeek(
            term=week.term,
            starts_on=week.starts_on,
            number=week.number,
            cycle_week=week.cycle_week,
            is_frozen=True,
        )
        for week in weeks.propose([FALL], closures, "12345")
    ]


def test_days_are_counted_through_weekends():
    found = places()

    assert count(found) == "12345 61234 56123"
    assert [place.pass_number for place in found] == [1] * 6 + [2] * 6 + [3] * 3


@pytest.mark.parametrize(
    ("days", "expected"), [(5, "12345 12345 12345"), (10, "12345 678910 12345")]
)
def test_rotations_have_five_to_ten_days(days, expected):
    assert count(places(days=days)) == expected


def test_rotation_waits_for_a_closed_day():
    found = places(closure(WEDNESDAY))

    assert count(found) == "1234 56123 45612"
    assert WEDNESDAY not in {place.day.date for place in found}


def test_rotation_skips_a_closed_day_where_that_is_said():
    found = places(closure(WEDNESDAY, skips_rotation=True))

    assert count(found) == "12(3)45 61234 56123"


def test_rotation_counts_a_day_that_only_stops_the_clock():
    assert count(places(closure(WEDNESDAY, stops_meetings=False))) == "12345 61234 56123"


def test_rotation_runs_through_the_terms_of_a_year_and_begins_anew_with_the_next():
    found = places(terms=[NEXT, SPRING, FALL])

    assert count(found) == "12345 61234 56123 45612 12345"
    assert [place.pass_number for place in found][-10:] == [3, 3, 3, 4, 4, *[1] * 5]


@pytest.mark.parametrize(
    ("column", "expected", "passes"),
    [
        (5, "12561 23456 12345", [1, 1, 1, 1, 2]),  # on, within the pass
        (1, "12123 45612 34561", [1, 1, 2, 2, 2]),  # back, which begins another
    ],
)
def test_days_are_shifted_from_a_day_on(column, expected, passes):
    found = places(shifted={WEDNESDAY: column})

    assert count(found) == expected
    assert [place.pass_number for place in found][:5] == passes


def test_no_day_comes_twice_in_a_pass_however_days_are_shifted():
    shifted = {WEDNESDAY + timedelta(days=each): (each * 5) % 6 + 1 for each in range(0, 16, 2)}

    found = places(shifted=shifted)

    assert len({(place.column, place.pass_number) for place in found}) == len(found) == 15


def test_shifts_are_read_from_the_days_as_they_stand():
    shifted = {WEDNESDAY: 5, date(2026, 9, 21): 3}

    assert rotation.shifts(stand(places(shifted=shifted)), 6) == shifted
    assert rotation.shifts(stand(places(closure(WEDNESDAY))), 6) == {}


def test_a_shift_of_a_closed_day_waits_for_the_next_open_one():
    shifted = {WEDNESDAY: 5}

    assert count(places(closure(WEDNESDAY), shifted=shifted)) == "1256 12345 61234"


def test_frozen_days_are_never_renumbered():
    standing = stand(places(), frozen_from=date(2026, 9, 1))

    found = places(closure(WEDNESDAY), weeks=frozen_weeks(), standing=standing)

    assert count(found) == "12(3)45 61234 56123"


def test_a_day_that_opens_among_frozen_ones_has_no_place_in_the_rotation():
    standing = stand(places(closure(WEDNESDAY)), frozen_from=date(2026, 9, 1))

    found = places(weeks=frozen_weeks(closure(WEDNESDAY)), standing=standing)

    assert count(found) == "12?34 56123 45612"


def test_a_closed_day_is_open_again_as_what_it_was():
    standing = stand(places(), frozen_from=date(2026, 9, 1))
    closed = places(closure(WEDNESDAY), weeks=frozen_weeks(), standing=standing)
    standing = stand(closed, frozen_from=date(2026, 9, 1))

    assert count(places(weeks=frozen_weeks(), standing=standing)) == "12345 61234 56123"


def test_a_new_term_goes_on_after_a_frozen_one():
    standing = stand(places(), frozen_from=date(2026, 9, 1))

    found = places(terms=[FALL, SPRING], weeks=frozen_weeks(), standing=standing)

    assert count(found) == "12345 61234 56123 45612"


def test_weekdays_are_columns_where_nothing_rotates():
    found = places(closure(WEDNESDAY), days=0)

    assert count(found) == "12(3)45 12345 12345"
    assert [place.pass_number for place in found] == [1] * 5 + [2] * 5 + [3] * 5


def test_weekdays_of_a_week_without_a_letter_are_not_counted():
    holiday = closure(date(2026, 9, 14), date(2026, 9, 18))

    assert count(places(holiday, days=0)) == "12345 12345"
