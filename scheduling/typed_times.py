"""Reading times and lengths as people write them: 10.40, 1040, 1:05 pm, half an hour."""

import re
from datetime import time

TIME = re.compile(r"(\d{1,2})(?:\s*[:.h]?\s*(\d{2}))?(?::\d{2})?\s*([ap])?\.?m?\.?", re.IGNORECASE)
MINUTES = re.compile(r"(\d{1,3})\s*(?:m|min|mins|minutes?)?\.?", re.IGNORECASE)
HOURS = re.compile(r"(\d)\s*(?:h|hours?)", re.IGNORECASE)
WORDS = {"half an hour": 30, "a quarter of an hour": 15, "quarter of an hour": 15, "an hour": 60}

FIRST_HOUR = 7  # 1:05 without a word is the afternoon: schools do not open at night


def read_time(text: str) -> time | None:
    """A wall time; None if this is not one. A bare hour before seven is in the afternoon."""
    found = TIME.fullmatch(text.strip())
    if not found:
        return None
    hour, minute, half = int(found[1]), int(found[2] or 0), (found[3] or "").lower()
    padded = len(found[1]) == 2 and found[1].startswith("0")  # 06:30, as a clock writes it
    if half == "p" and hour < 12:
        hour += 12
    elif half == "a" and hour == 12:
        hour = 0
    elif not half and 1 <= hour < FIRST_HOUR and not padded:
        hour += 12
    return time(hour, minute) if hour < 24 and minute < 60 else None


def read_minutes(text: str) -> int | None:
    """A length in minutes; None if this is not one."""
    text = " ".join(text.lower().split())
    if text in WORDS:
        return WORDS[text]
    if found := MINUTES.fullmatch(text):
        return int(found[1])
    if found := HOURS.fullmatch(text):
        return int(found[1]) * 60
    return None
