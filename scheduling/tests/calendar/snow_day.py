"""A day of snow, and the letters of the weeks around it."""

from datetime import date

from conftest import NOW
from scheduling import actions
from scheduling.models import SchoolWeek

SNOW_DAY = {
    "name": "Snow day",
    "starts_on": date(2026, 10, 13),
    "ends_on": date(2026, 10, 13),
    "stops_meetings": True,
    "stops_clock": True,
}


def add_closure(school, by, **fields):
    return actions.save_closure(school, by=by, at=NOW, **{**SNOW_DAY, **fields}).closure


def letters(school):
    return "".join(str(each.cycle_week or "-") for each in SchoolWeek.objects.of_year(school, 2027))
