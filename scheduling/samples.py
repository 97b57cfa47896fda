"""
Sample files of our own formats: a header and a few made-up rows that really come in.

They fit together: the lessons are taught by a teacher of the roster, in a school's own periods.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from icalendar import Calendar, Event

from people import school_list, sheets
from people.models import School
from people.roster import COLUMNS

from .lessons.sheet import SPELLINGS as OF_LESSONS
from .models import Term
from .models.calendar import column_name

DAY = timedelta(days=1)
TEACHER = "T-101"
OF_BELLS = ("schedule", "period", "start", "end")  # of `bell_files.SPELLINGS`, which has more


@dataclass(frozen=True)
class Sample:
    """A file to be downloaded: its name, its kind and how it is made for a school on a date."""

    name: str
    content_type: str
    make: Callable[[School, date], bytes]


def _roster(school: School, on: date) -> bytes:
    started = date(on.year - 1, 9, 1).isoformat()
    people: list[dict[str, str]] = [
        {
            "external id": "L-100",
            "role": "leader",
            "given name": "Robin",
            "family name": "Sample",
            "e-mail": "robin.sample@school.example",
            "title": "Principal",
        },
        {
            "external id": TEACHER,
            "role": "teacher | safeguarding lead",
            "given name": "Rowan",
            "family name": "Example",
            "pronouns": "they",
            "e-mail": "rowan.example@school.example",
            "job": "Grade 7 math",
            "started on": started,
            "groups": "Advisory 7B",
            "line manager": "L-100",
        },
        {
            "external id": "S-201",
            "role": "student",
            "given name": "Juniper",
            "family name": "Invented",
            "preferred name": "June",
            "grade": "7",
            "groups": "Advisory 7B",
        },
        {
            "external id": "G-301",
            "role": "guardian",
            "given name": "Sage",
            "family name": "Invented",
            "e-mail": "sage.invented@home.example",
            "students": "S-201",
            "household": "1",
        },
    ]
    return _sheet(COLUMNS, people)


def _lessons(school: School, on: date) -> bytes:
    used = school.bell_schedules.with_times().exclude(weekdays="").order_by("name").first()
    days = used.columns[:2] if used else ["1"]
    periods = [bell.period.name for bell in used.times.all()[:2]] if used else ["Period 1"]
    rows = [
        {
            "day": column_name(school, day),
            "period": periods[0],
            "length": "1",
            "teachers": TEACHER,
            "subject": "Math",
        }
        for day in days
    ]
    rows[-1] |= {"period": periods[-1], "subject": "Science", "weeks": "A"}
    return _sheet(OF_LESSONS, rows)


def _bells(school: School, on: date) -> bytes:
    rows = [
        ("Sample day", "Period 1", "8:10", "8:55"),
        ("Sample day", "Period 2", "9:00", "9:45"),
    ]
    return _sheet(OF_BELLS, [dict(zip(OF_BELLS, row, strict=True)) for row in rows])


def _schools(school: School, on: date) -> bytes:
    rows = [
        {"name": "Sample Elementary School", "number": "E-01"},
        {"name": "Sample Middle School", "number": "M-02"},
    ]
    return _sheet(school_list.COLUMNS, rows)


def _closures(school: School, on: date) -> bytes:
    """Two events of whole days in the term that is running or the next."""
    term = Term.objects.current_or_next(school, on=on)
    begins, ends = (max(on, term.starts_on), term.ends_on) if term else (on, on + 60 * DAY)
    first = min(begins + 14 * DAY, ends)
    first -= first.weekday() * DAY
    calendar = Calendar()
    calendar.add("prodid", "-//One-on-Ones//Sample//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", "Sample school calendar")
    for number, (name, starts_on, days) in enumerate(
        [("No school: teacher workday", first, 1), ("Sample break, no school", first + 7 * DAY, 5)]
    ):
        event = Event()
        event.add("uid", f"sample-{number}@school.example")
        event.add("dtstamp", datetime.combine(on, time(), UTC))
        event.add("dtstart", starts_on)
        event.add("dtend", starts_on + days * DAY)  # the first day after it
        event.add("summary", name)
        calendar.add_component(event)
    content: bytes = calendar.to_ical()
    return content


def _sheet(columns: Iterable[str], rows: Iterable[Mapping[str, str]]) -> bytes:
    header = list(columns)
    return sheets.write(header, [[row.get(column, "") for column in header] for row in rows])


CSV, ICS = "text/csv; charset=utf-8", "text/calendar; charset=utf-8"
SAMPLES = {
    "roster": Sample("sample-roster.csv", CSV, _roster),
    "lessons": Sample("sample-lessons.csv", CSV, _lessons),
    "bells": Sample("sample-bell-times.csv", CSV, _bells),
    "closures": Sample("sample-calendar.ics", ICS, _closures),
    "schools": Sample("sample-schools.csv", CSV, _schools),
}
