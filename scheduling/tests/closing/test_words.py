"""What sounds like days without school."""

import pytest

from scheduling.closure_files import looks_closed


@pytest.mark.parametrize(
    "name",
    [
        "Thanksgiving Break",
        "No School - Teacher Work Day",
        "NO SCHOOL: end of quarter grading",
        "Schools Closed",
        "Labor Day",
        "Winter Recess",
        "Spring vacation",
        "INSET day",
        "Half term",
        "Half-Term Holiday",
        "PD Day",
        "Professional Development Day",
        "Staff Development Day (students off)",
        "Teachers' Planning Day",
        "Presidents' Day",
        "Presidents’ Day Holiday",
        "New Year's Day",
        "Student Holiday",
        "Bank Holiday",
        "Herbstferien",
    ],
)
def test_days_off(name):
    assert looks_closed(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Breakfast with the principal",
        "Holiday Concert",
        "Early Release - Professional Development",
        "Last Day before Winter Break",
        "Spring Break Begins",
        "School resumes after Spring Break",
        "No School for Kindergarten",
        "Grade 5 only: no school",
        "Half Day",
        "Winter Break Camp",
        "Library closed",
        "Picture Day",
        "Heartbreak Hotel auditions",
        "First day of school",
    ],
)
def test_days_with_school(name):
    assert not looks_closed(name)
