"""Times and lengths as people write them: 8:10, 1040, 1.05 pm, half an hour."""

import re
from datetime import time

# "8:10", "8.10", "810", "8", "1.05 pm", "13:05"
TIME = re.compile(
    r"(?P<hour>\d{1,2})(?:[:.h ]?(?P<minute>\d{2}))?\s*(?:(?P<half>[ap])\.?\s?(?:m\.?)?)?", re.ASCII
)
MINUTES = re.compile(r"(\d{1,3})\s*(?:m|min|mins|minutes?)?\.?", re.ASCII)
HOURS = re.compile(r"(\d)\s*(?:h|hours?)", re.ASCII)
WORDS = {"half an hour": 30, "a quarter of an hour": 15, "quarter of an hour": 15, "an hour": 60}

NOON = 12
# Nobody is at school between one and six at night, so "1:05" is five past one in the afternoon.
SURELY_AFTERNOON = range(1, 6)


def read_time(written: str) -> time:
    """
    The time that somebody wrote: 8:10, 810, 8.10, 1.05 pm, 13:05.

    Without am or pm, 1:00 to 5:59 are in the afternoon; 01:05 is in the night. Raises ValueError.
    """
    found = TIME.fullmatch(written.strip().lower())
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


def write_time(wall_time: time) -> str:
    """A time as `read_time` takes it: 8:10, 1:05 pm."""
    hour = wall_time.hour % NOON or NOON
    half = " am" if wall_time.hour in (0, *SURELY_AFTERNOON) else ""
    half = " pm" if wall_time.hour >= NOON else half
    return f"{hour}:{wall_time.minute:02}{half}"


def read_minutes(written: str) -> int:
    """A length in minutes: 30, 10 min, an hour, half an hour. Raises ValueError."""
    words = " ".join(written.lower().split())
    if words in WORDS:
        return WORDS[words]
    if found := MINUTES.fullmatch(words):
        return int(found[1])
    if found := HOURS.fullmatch(words):
        return int(found[1]) * 60
    raise ValueError("not a length")
