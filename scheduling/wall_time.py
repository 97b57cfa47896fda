"""A school's wall clock: times as people write them, and the instants they mean."""

import re
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

# "8:10", "8.10", "810", "8", "1.05 pm", "13:05"
WRITTEN = re.compile(
    r"(?P<hour>\d{1,2})(?:[:.h ]?(?P<minute>\d{2}))?\s*(?:(?P<half>[ap])\.?\s?m\.?)?", re.ASCII
)
NOON = 12
# Nobody is at school between one and six at night, so "1:05" is five past one in the afternoon.
SURELY_AFTERNOON = range(1, 6)


def instant(day: date, wall_time: time, zone: ZoneInfo) -> datetime:
    """
    The moment, in UTC, at which the clock on the wall shows a time on a day.

    Where the clock shows it twice (autumn) the first of the two is meant; a time that the clock
    leaps over (spring) is read as if it had not leapt yet, so 02:30 comes at 03:30. Both are
    `fold=0` of PEP 495, whatever the fold of the time given. Two times of a day keep their order,
    though one in the leap may meet one after it.
    """
    return datetime.combine(day, wall_time.replace(fold=0), tzinfo=zone).astimezone(UTC)


def read(written: str) -> time:
    """
    The time that somebody wrote: 8:10, 810, 8.10, 1.05 pm, 13:05.

    Without am or pm, 1:00 to 5:59 are in the afternoon; 01:05 is in the night. Raises ValueError.
    """
    found = WRITTEN.fullmatch(written.strip().lower())
    if found is None:
        raise ValueError("not a time")
    hour, minute = int(found["hour"]), int(found["minute"] or 0)
    if found["half"]:
        if not 1 <= hour <= NOON:
            raise ValueError("not an hour of half a day")
        hour = hour % NOON + (NOON if found["half"] == "p" else 0)
    elif hour in SURELY_AFTERNOON and not found["hour"].startswith("0"):
        hour += NOON
    return time(hour, minute)


def write(wall_time: time) -> str:
    """A time as `read` takes it: 8:10, 1:05 pm."""
    hour = wall_time.hour % NOON or NOON
    half = " am" if wall_time.hour in (0, *SURELY_AFTERNOON) else ""
    half = " pm" if wall_time.hour >= NOON else half
    return f"{hour}:{wall_time.minute:02}{half}"
