"""Wall times stay what they are when the clock changes."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from scheduling.wall_time import instant

NEW_YORK = ZoneInfo("America/New_York")
LONDON = ZoneInfo("Europe/London")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")  # changes by half an hour


def utc(*when):
    return datetime(*when, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "wall_time", "zone", "expected"),
    [
        # a weekly 08:10 on the Fridays before and the Mondays after each change
        (date(2026, 10, 30), time(8, 10), NEW_YORK, utc(2026, 10, 30, 12, 10)),
        (date(2026, 11, 2), time(8, 10), NEW_YORK, utc(2026, 11, 2, 13, 10)),
        (date(2027, 3, 12), time(8, 10), NEW_YORK, utc(2027, 3, 12, 13, 10)),
        (date(2027, 3, 15), time(8, 10), NEW_YORK, utc(2027, 3, 15, 12, 10)),
        (date(2026, 10, 23), time(8, 10), LONDON, utc(2026, 10, 23, 7, 10)),
        (date(2026, 10, 26), time(8, 10), LONDON, utc(2026, 10, 26, 8, 10)),
        (date(2026, 4, 3), time(8, 10), LORD_HOWE, utc(2026, 4, 2, 21, 10)),
        (date(2026, 4, 6), time(8, 10), LORD_HOWE, utc(2026, 4, 5, 21, 40)),
        # shown twice: the first
        (date(2026, 11, 1), time(1, 30), NEW_YORK, utc(2026, 11, 1, 5, 30)),
        (date(2026, 10, 25), time(1, 30), LONDON, utc(2026, 10, 25, 0, 30)),
        (date(2026, 4, 5), time(1, 45), LORD_HOWE, utc(2026, 4, 4, 14, 45)),
        # leapt over: as if it had not leapt yet
        (date(2027, 3, 14), time(2, 30), NEW_YORK, utc(2027, 3, 14, 7, 30)),
        (date(2026, 3, 29), time(1, 30), LONDON, utc(2026, 3, 29, 1, 30)),
        (date(2026, 10, 4), time(2, 15), LORD_HOWE, utc(2026, 10, 3, 15, 45)),
    ],
)
def test_instant_of_wall_time(day, wall_time, zone, expected):
    assert instant(day, wall_time, zone) == expected


def test_instant_is_in_utc():
    assert instant(date(2026, 10, 12), time(8, 10), NEW_YORK).tzinfo is UTC


def test_instant_does_not_heed_the_fold():
    first = instant(date(2026, 11, 1), time(1, 30), NEW_YORK)

    assert instant(date(2026, 11, 1), time(1, 30, fold=1), NEW_YORK) == first
