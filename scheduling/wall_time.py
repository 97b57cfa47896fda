"""A school's wall clock, and the instants that its times mean."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo


def instant(day: date, wall_time: time, zone: ZoneInfo) -> datetime:
    """
    The moment, in UTC, at which the clock on the wall shows a time on a day.

    Where the clock shows it twice (autumn) the first of the two is meant; a time that the clock
    leaps over (spring) is read as if it had not leapt yet, so 02:30 comes at 03:30. Both are
    `fold=0` of PEP 495, whatever the fold of the time given. Two times of a day keep their order,
    though one in the leap may meet one after it.
    """
    return datetime.combine(day, wall_time.replace(fold=0), tzinfo=zone).astimezone(UTC)
