from datetime import time

import pytest

from scheduling.typed_times import read_minutes, read_time, write_time


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("8:10", time(8, 10)),
        ("8.10", time(8, 10)),
        ("810", time(8, 10)),
        ("0810", time(8, 10)),
        ("1040", time(10, 40)),
        ("8", time(8, 0)),
        ("1:05", time(13, 5)),
        ("105", time(13, 5)),
        ("01:05", time(1, 5)),
        ("1.05 pm", time(13, 5)),
        ("1:05 P.M.", time(13, 5)),
        ("12:15", time(12, 15)),
        ("12:15 pm", time(12, 15)),
        ("12:15am", time(0, 15)),
        ("13:05", time(13, 5)),
        ("6:45", time(6, 45)),
        (" 8h10 ", time(8, 10)),
        ("1:05 am", time(1, 5)),
        ("2p", time(14, 0)),
        ("06:30", time(6, 30)),
    ],
)
def test_read_takes_what_people_write(written, expected):
    assert read_time(written) == expected


@pytest.mark.parametrize(
    "written", ["", "half past", "8:60", "25:00", "13 pm", "0 am", "8:1", "8:10:00", "٨", "-8:10"]
)
def test_read_refuses_what_is_no_time(written):
    with pytest.raises(ValueError, match=r"not a|must be in"):
        read_time(written)


@pytest.mark.parametrize("hour", range(24))
def test_write_is_read_back(hour):
    assert read_time(write_time(time(hour, 5))) == time(hour, 5)


@pytest.mark.parametrize(
    ("written", "expected"),
    [("30", 30), ("10 min", 10), (" Half  an hour", 30), ("an hour", 60), ("2 hours", 120)],
)
def test_lengths_are_read_as_people_write_them(written, expected):
    assert read_minutes(written) == expected


@pytest.mark.parametrize("written", ["", "soon", "-5", "1000", "٣٠"])
def test_what_is_no_length_is_refused(written):
    with pytest.raises(ValueError, match="not a length"):
        read_minutes(written)
