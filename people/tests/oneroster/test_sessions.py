"""Which academic sessions become terms, and what is said of the others."""

from datetime import date

import pytest

from people import oneroster

from .bundles import DISTRICT, write

ON = date(2026, 8, 1)
HEAD = "sourcedId,title,type,startDate,endDate,parentSourcedId,schoolYear\n"


@pytest.fixture
def chosen(tmp_path):
    def chosen(*rows, used=(), on=ON):
        files = {**DISTRICT, "academicSessions": HEAD + "\n".join(rows) + "\n"}
        read = oneroster.read(write(tmp_path / "x", files), month_first=True)
        found = oneroster.choose(read.sessions, set(used), on=on)
        return [(term.name, term.school_year) for term in found.terms], found.words

    return chosen


YEAR = "Y,2026-27,schoolYear,2026-09-07,2027-06-18,,2027"
HALVES = (
    "F,Fall,semester,2026-09-07,2026-12-18,Y,2027",
    "S,Spring,semester,2027-01-05,2027-06-18,Y,2027",
)
QUARTERS = (
    "Q1,Q1,gradingPeriod,2026-09-07,2026-10-30,F,",
    "Q2,Q2,gradingPeriod,2026-11-02,2026-12-18,F,",
)


def test_coarsest_level_that_covers_most_is_taken(chosen):
    terms, words = chosen(YEAR, *HALVES, *QUARTERS)

    assert terms == [("Fall", 2027), ("Spring", 2027)]
    assert words == [
        "Q1 (7 September to 30 October 2026) is not taken: the terms of 2027 are its semesters.",
        "Q2 (2 November to 18 December 2026) is not taken: the terms of 2027 are its semesters.",
    ]


def test_grading_periods_are_taken_where_there_is_nothing_coarser(chosen):
    assert chosen(YEAR, *QUARTERS)[0] == [("Q1", 2027), ("Q2", 2027)]


def test_a_year_alone_is_one_term(chosen):
    assert chosen(YEAR) == ([("2026-27", 2027)], [])


def test_overlapping_sessions_give_way_to_those_that_have_classes(chosen):
    terms, words = chosen(
        YEAR, *HALVES, "X,Long fall,semester,2026-08-20,2027-01-02,Y,2027", used={"F"}
    )

    assert terms == [("Fall", 2027), ("Spring", 2027)]
    assert words == [
        "Long fall (20 August 2026 to 2 January 2027) overlaps Fall, so it is not taken."
    ]


def test_session_inside_no_year_is_taken_if_the_year_can_be_worked_out(chosen):
    terms, words = chosen(
        "A,Autumn,term,2026-09-07,2026-12-18,gone,",
        "B,Spring,term,2027-01-05,2027-06-18,,",
        "C,Odd,term,2027-09-05,2027-10-18,,1999",
    )

    assert terms == [("Autumn", 2027), ("Spring", 2027)]
    assert words == [
        "Odd (5 September to 18 October 2027) is inside no school year, and none can be worked out."
    ]


def test_sessions_of_one_title_get_names_of_their_own(chosen):
    same = [each.replace("Fall", "Half").replace("Spring", "Half") for each in HALVES]

    assert chosen(*same)[0] == [("Half", 2027), ("Half 2", 2027)]


def test_sessions_that_are_over_or_gone_are_not_taken(chosen):
    assert chosen(*HALVES, on=date(2027, 1, 1)) == (
        [("Spring", 2027)],
        ["1 academic session is over and not taken."],
    )


def test_circle_of_sessions_ends(chosen):
    assert chosen(
        "A,Fall,term,2026-09-07,2026-12-18,B,", "B,Other,wrong,2026-09-07,2026-12-18,A,"
    ) == (
        [("Fall", 2027)],
        ["Other (7 September to 18 December 2026) is of no kind that OneRoster has."],
    )
