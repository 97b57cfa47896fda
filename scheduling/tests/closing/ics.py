"""Calendars as schools publish them, for tests."""

from datetime import date, timedelta


def day(name, starts_on, ends_on=None, *, uid=None, more=()):
    """An event of whole days; `ends_on` is the last of them."""
    after = (ends_on or starts_on) + timedelta(days=1)
    return event(
        f"DTSTART;VALUE=DATE:{starts_on:%Y%m%d}",
        f"DTEND;VALUE=DATE:{after:%Y%m%d}",
        *more,
        name=name,
        uid=uid or name,
    )


def event(*lines, name="Something", uid="1"):
    said = [f"UID:{uid}"] if uid else []
    return "\r\n".join(["BEGIN:VEVENT", *said, f"SUMMARY:{name}", *lines, "END:VEVENT", ""])


def calendar(*events, head="PRODID:-//school//calendar//EN\r\nX-WR-CALNAME:Harbor View"):
    whole = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{head}\r\n{''.join(events)}END:VCALENDAR\r\n"
    return whole.encode()


SNOW = date(2026, 10, 13)  # a Tuesday, with a talk of MeetingFactory on it
BREAK = (date(2026, 11, 25), date(2026, 11, 27))
