"""Wall times stay: through changes of the clock, leap days and new years, in calendar files too."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar
from recurring_ical_events import of as repeated

from people.tests.factories import PersonFactory, SchoolFactory
from scheduling import actions
from scheduling.calendar_files import series_file
from scheduling.models import Meeting
from scheduling.tests.booking.series import pair, slot_of
from scheduling.tests.factories import TermFactory, with_bells
from scheduling.wall_time import instant

pytestmark = pytest.mark.django_db

BEFORE = datetime(2026, 8, 31, 12, tzinfo=UTC)
YEAR = date(2026, 9, 7), date(2027, 4, 30)

ZONES = [  # and the days on which the clock changes
    ("Europe/London", date(2026, 10, 25), date(2027, 3, 28)),
    ("America/New_York", date(2026, 11, 1), date(2027, 3, 14)),
    ("Australia/Lord_Howe", date(2026, 10, 4), date(2027, 4, 4)),  # by half an hour
    ("Asia/Kathmandu", None, None),
    ("Pacific/Apia", None, None),
]


def series(zone, *, column="7", first=YEAR[0], last=YEAR[1], at=BEFORE, rotation_days=0, **slot):
    """The meetings of a booked weekly series, in a school that meets every day of the week."""
    school = SchoolFactory(time_zone=zone, weekdays="1234567", rotation_days=rotation_days)
    TermFactory(school=school, starts_on=first, ends_on=last, school_year=last.year)
    with_bells(school)
    actions.rebuild_calendar(school, by=None, at=at)
    host = PersonFactory(leader=True, school=school)
    cell = slot_of(host, column=column, **slot)
    booking = actions.book(pair(host), cell.seats.first(), by=host, at=at).booking
    return booking, list(booking.meetings.order_by("original_starts_at"))


def by_clock(begins, ends):
    return {"period": None, "starts_at": begins, "ends_at": ends}


def walls(meetings, zone):
    return [each.starts_at.astimezone(ZoneInfo(zone)) for each in meetings]


def read_back(booking, meetings, *, at=BEFORE):
    """The instants at which somebody's calendar shows the talks."""
    content = series_file(booking, meetings, viewer=booking.pairing.attendee, at=at)
    found = repeated(Calendar.from_ical(content)).between((2026, 1, 1), (2029, 1, 1))
    return sorted((each.start.astimezone(UTC), each.end - each.start) for each in found)


def as_planned(meetings):
    return [(each.starts_at, each.ends_at - each.starts_at) for each in meetings]


@pytest.mark.parametrize("rotation_days", [0, 6])
@pytest.mark.parametrize(("zone", "autumn", "spring"), ZONES)
def test_talks_keep_their_wall_time_all_year(zone, autumn, spring, rotation_days):
    booking, meetings = series(zone, column="6", rotation_days=rotation_days)

    local = walls(meetings, zone)
    step = 6 if rotation_days else 7
    assert {each.time() for each in local} == {time(10, 40)}
    days = [each.date() for each in local]
    assert {later - earlier for earlier, later in pairwise(days)} == {timedelta(days=step)}
    offsets = {each.utcoffset() for each in local}
    assert len(offsets) == (2 if autumn else 1)
    assert read_back(booking, meetings) == as_planned(meetings)


@pytest.mark.parametrize(("zone", "autumn", "spring"), ZONES[:3])
def test_talks_on_the_day_of_the_change_are_at_their_wall_time(zone, autumn, spring):
    _, meetings = series(zone, column="7")

    local = {each.date(): each.time() for each in walls(meetings, zone)}
    assert local[autumn] == local[spring] == time(10, 40)


@pytest.mark.parametrize(
    ("zone", "begins", "on", "comes_at"),
    [
        # twice on that night: the first of the two
        (
            "America/New_York",
            time(1, 15),
            date(2026, 11, 1),
            datetime(2026, 11, 1, 5, 15, tzinfo=UTC),
        ),
        (
            "Europe/London",
            time(1, 15),
            date(2026, 10, 25),
            datetime(2026, 10, 25, 0, 15, tzinfo=UTC),
        ),
        (
            "Australia/Lord_Howe",
            time(1, 45),
            date(2027, 4, 4),
            datetime(2027, 4, 3, 14, 45, tzinfo=UTC),
        ),
        # never on that night: as if the clock had not leapt yet
        (
            "America/New_York",
            time(2, 15),
            date(2027, 3, 14),
            datetime(2027, 3, 14, 7, 15, tzinfo=UTC),
        ),
        ("Europe/London", time(1, 15), date(2027, 3, 28), datetime(2027, 3, 28, 1, 15, tzinfo=UTC)),
        (
            "Australia/Lord_Howe",
            time(2, 10),
            date(2026, 10, 4),
            datetime(2026, 10, 3, 15, 40, tzinfo=UTC),
        ),
    ],
)
def test_times_that_come_twice_or_never(zone, begins, on, comes_at):
    ends = (datetime.combine(on, begins) + timedelta(minutes=10)).time()
    _, meetings = series(zone, **by_clock(begins, ends))

    moment = instant(on, begins, ZoneInfo(zone))
    there = next(each for each in meetings if each.original_starts_at == moment)
    assert there.starts_at == comes_at
    assert there.ends_at - there.starts_at == timedelta(minutes=10)
    assert there.status == Meeting.Status.PLANNED


def test_a_talk_that_ends_the_term_just_before_midnight():
    booking, meetings = series("Pacific/Apia", column="5", **by_clock(time(23, 15), time(23, 59)))

    last = walls(meetings, "Pacific/Apia")[-1]
    assert last.date() == YEAR[1]
    assert last.time() == time(23, 15)
    assert read_back(booking, meetings) == as_planned(meetings)


def test_a_talk_on_the_leap_day():
    at = datetime(2028, 1, 1, tzinfo=UTC)
    booking, meetings = series(
        "America/New_York", column="2", first=date(2028, 1, 3), last=date(2028, 4, 28), at=at
    )

    days = [each.date() for each in walls(meetings, "America/New_York")]
    assert date(2028, 2, 29) in days
    assert days[days.index(date(2028, 2, 29)) + 1] == date(2028, 3, 7)
    assert read_back(booking, meetings, at=at) == as_planned(meetings)


def test_talks_go_on_over_new_year_and_letters_with_them():
    booking, meetings = series("Europe/London", column="5", biweekly=True)

    days = [each.date() for each in walls(meetings, "Europe/London")]
    turn = [each for each in days if date(2026, 12, 18) <= each <= date(2027, 1, 15)]
    assert turn == [date(2026, 12, 18), date(2027, 1, 1), date(2027, 1, 15)]
    week = booking.term.weeks.get(starts_on=date(2026, 12, 28))
    assert (week.number, week.letter) == (17, "A")
    assert read_back(booking, meetings) == as_planned(meetings)
