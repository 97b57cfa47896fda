"""`manage.py import_closures`: a preview, the change, and refusals."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from scheduling.tests.factories import ClosureFactory

from .ics import BREAK, SNOW, calendar, day, event

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


def run(path, *events, content=None, options=()):
    path.write_bytes(content if content is not None else calendar(*events))
    out = StringIO()
    call_command("import_closures", str(path), "--school", "harbor-view", *options, stdout=out)
    return out.getvalue()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "school.ics"


EVENTS = (
    day("Thanksgiving Break", *BREAK),
    day("Picture Day", SNOW),
    event("DTEND;VALUE=DATE:20261013", name="Broken", uid="broken"),
    event("DTSTART:20261013T080000", name="Bake sale", uid="sale"),
    day("Old", date(2019, 5, 5)),
)


def test_it_shows_and_changes_nothing(school, path):
    assert run(path, *EVENTS).splitlines() == [
        "5 events read, 1 outside the school days from 2026-09-07 to 2026-12-18.",
        "Sound like days without school:",
        "  [x] Thanksgiving Break: 2026-11-25 to 2026-11-27",
        "Other whole days:",
        "  [ ] Picture Day: 2026-10-13",
        "Refused:",
        "  3, Broken: This event has no beginning.",
        "At a time of the day, which close nothing: 1.",
        "Nothing was changed. Add --apply to do it.",
    ]
    assert not school.closures.exists()
    assert not school.calendar_events.exists()


def test_it_applies_and_the_second_time_nothing_is_new(school, path):
    run(path, *EVENTS, options=["--apply", "--also", "Picture Day"])

    assert sorted(school.closures.values_list("name", flat=True)) == [
        "Picture Day",
        "Thanksgiving Break",
    ]
    assert "Sound like" not in run(path, *EVENTS)


def test_what_does_not_close_is_said_by_name(school, path):
    run(path, *EVENTS, options=["--apply", "--not", "Thanksgiving Break"])

    assert not school.closures.exists()
    assert "Sound like" not in run(path, *EVENTS)


def test_what_is_gone_stays_until_somebody_says_so(school, path):
    run(path, *EVENTS, options=["--apply"])
    rest = EVENTS[1:]

    shown = run(path, *rest, options=["--apply"])
    assert "No longer in the calendar:\n  [ ] Thanksgiving Break" in shown
    assert school.closures.exists()

    run(path, *rest, options=["--apply", "--reopen-gone"])
    assert not school.closures.exists()


@pytest.mark.parametrize(
    ("content", "options", "sentence"),
    [
        (b"", [], "The file is empty."),
        (b"<html>", [], "This is a web page"),
        (calendar(day("PD day", SNOW)), ["--also", "Fiesta"], "No event of whole days is called"),
    ],
)
def test_it_refuses_in_words(school, path, content, options, sentence):
    with pytest.raises(CommandError, match=sentence):
        run(path, content=content, options=options)


def test_a_file_or_school_that_is_not_there(school, tmp_path):
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        call_command("import_closures", str(tmp_path / "none.ics"), "--school", "harbor-view")
    with pytest.raises(CommandError, match="There is no school called nowhere"):
        call_command("import_closures", "x.ics", "--school", "nowhere")


def test_an_address_is_fetched_and_never_told(school):
    with pytest.raises(CommandError) as refused:
        call_command(
            "import_closures", "https://127.0.0.1/secret-token.ics", "--school", "harbor-view"
        )

    assert "inside a network of its own" in str(refused.value)
    assert "secret-token" not in str(refused.value)


def test_closures_typed_by_hand_are_known(school, path):
    ClosureFactory(school=school, starts_on=BREAK[0], ends_on=BREAK[1])

    assert "There already:\n  Thanksgiving Break" in run(path, *EVENTS)
