"""A calendar read event by event: whole days, and what is broken in words."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from people.sheets import CannotRead
from scheduling import closure_files, vevents
from scheduling.closure_files import Stretch

from .ics import BREAK, SNOW, calendar, day, event

BEGINS, ENDS = date(2026, 9, 7), date(2026, 12, 18)
ZONE = ZoneInfo("America/New_York")


def read(*events, **more):
    return closure_files.read(calendar(*events, **more), BEGINS, ENDS, ZONE)


def stretches(*events):
    [found] = read(*events).events
    return [tuple(each) for each in found.stretches]


def refused(*events):
    return [each.sentence for each in read(*events).refused]


def test_the_end_of_a_whole_day_is_the_day_after():
    found = read(day("Thanksgiving Break", *BREAK), day("Snow", SNOW))

    assert [(each.name, each.stretches) for each in found.events] == [
        ("Thanksgiving Break", (Stretch(*BREAK),)),
        ("Snow", (Stretch(SNOW, SNOW),)),
    ]
    assert (found.count, found.refused, found.outside) == (2, [], 0)
    assert found.is_whole


@pytest.mark.parametrize(
    "lines",
    [
        ["DTSTART;VALUE=DATE:20261013"],
        ["DTSTART;VALUE=DATE:20261013", "DTEND;VALUE=DATE:20261013"],
        ["DTSTART;VALUE=DATE:20261013", "DURATION:P1D"],
        ["DTSTART:20261013T000000", "DTEND:20261014T000000"],
        ["DTSTART:20261013T000000", "DTEND:20261013T235900"],
        ["DTSTART;TZID=Made/Up:20261013T000000", "DURATION:PT24H"],
        ["DTSTART;TZID=America/New_York:20261013T000000", "DTEND:20261014T040000Z"],
        ["DTSTART:20261013T040000Z", "DTEND:20261014T040000Z"],
        ["DTSTART:20261013T000000Z", "DTEND:20261014T000000Z"],
        ["DTSTART:20261013", "DTEND:20261014"],
    ],
)
def test_a_whole_day_is_written_in_many_ways(lines):
    assert stretches(event(*lines)) == [(SNOW, SNOW)]


@pytest.mark.parametrize(
    "lines",
    [
        ["DTSTART:20261013T080000", "DTEND:20261013T150000"],
        ["DTSTART:20261013T000000"],
        ["DTSTART:20261013T000000", "DTEND:20261014T080000"],
        ["DTSTART:20261013T000000Z", "DTEND:20261013T003000Z"],
    ],
)
def test_a_time_of_the_day_closes_nothing(lines):
    found = read(event(*lines, name="No school"))

    assert found.events == []
    assert [each.name for each in found.timed] == ["No school"]


def test_repetitions_are_followed_within_the_year():
    fridays = event(
        "DTSTART;VALUE=DATE:20200103",
        "RRULE:FREQ=MONTHLY;BYDAY=1FR",
        "EXDATE;VALUE=DATE:20261106",
        "RDATE;VALUE=DATE:20261109",
    )
    moved = event("RECURRENCE-ID;VALUE=DATE:20261204", "DTSTART;VALUE=DATE:20261207")
    cancelled = event(
        "RECURRENCE-ID;VALUE=DATE:20261002", "DTSTART;VALUE=DATE:20261002", "STATUS:CANCELLED"
    )

    assert stretches(fridays, moved, cancelled) == [
        (date(2026, 11, 9), date(2026, 11, 9)),
        (date(2026, 12, 7), date(2026, 12, 7)),
    ]


def test_days_one_after_the_other_are_one_stretch():
    daily = event("DTSTART;VALUE=DATE:20261123", "RRULE:FREQ=DAILY;COUNT=5")

    assert stretches(daily) == [(date(2026, 11, 23), date(2026, 11, 27))]


def test_other_years_are_only_counted():
    found = read(
        day("Old", date(2019, 11, 25)),
        day("Next", date(2027, 11, 25)),
        event("DTSTART;VALUE=DATE:00010101", uid="first"),
        event("DTSTART;VALUE=DATE:99991231", uid="last"),
        event("DTSTART:20190101T080000", uid="timed"),
        day("Over New Year", date(2026, 12, 18), date(2027, 1, 4)),
    )

    assert [each.name for each in found.events] == ["Over New Year"]
    assert (found.outside, found.refused, found.timed) == (5, [], [])


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        (["DTEND;VALUE=DATE:20261014"], "This event has no beginning."),
        (["DTSTART;VALUE=DATE:20261399"], "DTSTART of this event cannot be read."),
        (["DTSTART;VALUE=DATE:P1H"], "DTSTART of this event cannot be read."),
        (
            ["DTSTART;VALUE=DATE:20261013", "DTEND;VALUE=DATE:20261012"],
            "This event ends before it begins.",
        ),
        (
            ["DTSTART;VALUE=DATE:20261013", "DTEND:20261014T080000Z"],
            "This event contradicts itself.",
        ),
        (
            ["DTSTART;VALUE=DATE:20261013", "DTSTART;VALUE=DATE:20261014"],
            "This event contradicts itself.",
        ),
        (
            ["DTSTART;VALUE=DATE:20260901", "DTEND;VALUE=DATE:20271006"],
            "This event lasts longer than a year. Check its years.",
        ),
        (["DTSTART;VALUE=DATE:20261013", "STATUS:CANCELLED"], "This event is cancelled."),
        (
            ["DTSTART;VALUE=DATE:20261013", "RRULE:FREQ=SECONDLY"],
            "This event repeats more than once a day.",
        ),
        (
            ["DTSTART:20261013T000000", "DURATION:P1D", "RRULE:FREQ=DAILY;BYSECOND=0,1,2"],
            "This event repeats more than once a day.",
        ),
        (
            ["DTSTART;VALUE=DATE:20261013", "RRULE:FREQ=DAILY;INTERVAL=0"],
            "RRULE of this event cannot be read.",
        ),
        (
            ["DTSTART;VALUE=DATE:20261013", *["RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"] * 9],
            "This event repeats in too many ways.",
        ),
        (
            ["DTSTART;VALUE=DATE:00010101", "RRULE:FREQ=DAILY"],
            "This event begins before the year 2000.",
        ),
        (
            ["DTSTART;VALUE=DATE:20261013", "RDATE;VALUE=DATE:" + ",".join(["20261020"] * 5000)],
            "This event lists too many dates.",
        ),
        (
            ["DTSTART;VALUE=DATE:20261013", "RECURRENCE-ID;VALUE=DATE:99991231"],
            "This event was moved by more than a year. Check its years.",
        ),
        (
            ["DTSTART;VALUE=DATE:20261013", *["RECURRENCE-ID;VALUE=DATE:20261013"] * 2],
            "This event contradicts itself.",
        ),
    ],
)
def test_a_broken_event_is_told_and_the_others_go_in(lines, sentence):
    found = read(day("Before", SNOW), event(*lines, name="Bad"), day("After", SNOW))

    assert [each.name for each in found.events] == ["Before", "After"]
    assert [tuple(each) for each in found.refused] == [(2, "Bad", sentence)]


def test_a_broken_header_loses_nothing():
    head = "X-PUBLISHED-TTL:P1H\r\nREFRESH-INTERVAL;VALUE=DURATION:P1H\r\nnonsense"

    assert [each.name for each in read(day("Snow", SNOW), head=head).events] == ["Snow"]


def test_a_file_that_breaks_off_says_so():
    whole = calendar(day("Snow", SNOW), day("Brücke", *BREAK))
    cut = whole[: whole.index("ücke".encode()) + 1]  # in the middle of a letter

    found = closure_files.read(cut, BEGINS, ENDS, ZONE)

    assert [each.name for each in found.events] == ["Snow"]
    assert [each.sentence for each in found.refused] == ["This event is cut off."]
    assert not found.is_whole


def test_two_events_with_one_uid_are_both_there_and_a_copy_is_not():
    found = read(
        day("Snow", SNOW, uid="same"),
        day("Break", *BREAK, uid="same"),
        day("Snow", SNOW, uid="same"),
    )

    assert [each.name for each in found.events] == ["Snow", "Break"]
    assert len({each.key for each in found.events}) == 2


def test_an_event_without_uid_has_the_same_key_each_time():
    keys = [read(event("DTSTART;VALUE=DATE:20261013", uid="")).events[0].key for _ in range(2)]
    other = read(event("DTSTART;VALUE=DATE:20261014", uid="")).events[0].key

    assert keys[0] == keys[1] != other


def test_names_are_cleaned():
    found = read(
        day(r"No school\, at all", SNOW, uid="1"),
        day("x" * 200, SNOW, uid="2"),
        day("\u202eevil", SNOW, uid="3"),
    )

    assert [each.name for each in found.events] == [
        "No school, at all",
        "x" * 80,
        "An event without a name",
    ]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty."),
        (b" \r\n ", "The file is empty."),
        (b"\x00\x01\x02\xff", "This is not a calendar file."),
        (b"PK\x03\x04 zipped", "This is not a calendar file."),
        (b"name,date\r\nSnow,2026-10-13\r\n", "This is not a calendar file."),
        (b"<!doctype html><title>Sign in</title>", "This is a web page, not a calendar."),
        (calendar(), "This calendar has no events."),
        (b"BEGIN:VCALENDAR\r\n" + b"X:" + b"x" * 6_000_000, "larger than 5 MB"),
    ],
)
def test_what_is_no_calendar_is_refused_in_words(content, sentence):
    with pytest.raises(CannotRead, match=sentence):
        closure_files.read(content, BEGINS, ENDS, ZONE)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_letters_are_read_whatever_program_wrote_them(encoding):
    content = calendar(day("Fête", SNOW)).decode().encode(encoding)

    [found] = closure_files.read(content, BEGINS, ENDS, ZONE).events

    assert found.name == "Fête"


def test_too_many_events_are_refused_before_they_are_read():
    events = "".join(day(f"{number}", SNOW) for number in range(30_000))

    with pytest.raises(CannotRead, match="more than 10,000 events"):
        closure_files.read(calendar(events), BEGINS, ENDS, ZONE)


def test_what_repeats_without_end_is_given_up(monkeypatch):
    monkeypatch.setattr(vevents, "LONGEST", -1)

    with pytest.raises(CannotRead, match="repeat too often"):
        read(event("DTSTART;VALUE=DATE:20261013", "RRULE:FREQ=DAILY"))


def test_years_of_past_events_cost_nothing():
    """Most of a real calendar is over: it is not parsed at all, so nothing is wrong with it."""
    old = event("DTSTART;VALUE=DATE:20150105", "DTEND;VALUE=DATE:broken", name="Old", uid="old")

    found = read(old, day("Snow day", SNOW))

    assert (len(found.events), found.outside, found.refused) == (1, 1, [])
