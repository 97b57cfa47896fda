"""When something is away: words, a status that says so, nothing that was saved is lost."""

from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.urls import reverse

from conftest import NOW
from people.models import Session
from scheduling.models import Meeting
from scheduling.tests.factories import MeetingFactory, school_with_calendar

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


@pytest.fixture
def meeting(client):
    client.raise_request_exception = False
    meeting = MeetingFactory(pairing__school=school_with_calendar(at=NOW, is_demo=True))
    client.force_login(meeting.pairing.host.user)
    return meeting


def test_database_away_is_said(client, meeting):
    def away(execute, sql, params, many, context):
        raise OperationalError("host=db.internal password=secret")

    with connection.execute_wrapper(away):
        response = client.get(meeting.get_absolute_url())

    assert response.status_code == 503
    assert response["Retry-After"] == "30"
    assert "Nothing you saved is lost" in response.text
    assert "secret" not in response.text


def test_key_ring_missing_changes_nothing_and_is_said(client, meeting, settings, tmp_path):
    settings.KEYRING_PATH = tmp_path / "gone" / "ring.json"

    response = client.post(reverse("scheduling:meeting_skip", args=[meeting.uid]))

    assert response.status_code == 503
    assert "may have been saved: look before you press again" in response.text
    assert Meeting.objects.get().is_planned  # no entry in the log, so no change either


def _as_it_is_saved(happening):
    """Let something happen when a request saves its session, after what it did was committed."""

    def before(execute, sql, params, many, context):
        if sql.startswith('UPDATE "people_session"'):
            happening()
        return execute(sql, params, many, context)

    return connection.execute_wrapper(before)


def _database_goes_away():
    raise OperationalError("server closed the connection unexpectedly")


def _session_ends_elsewhere():
    Session.objects.all().delete()


def _something_breaks():
    raise RuntimeError("what Priya said")


@pytest.mark.parametrize("happening", [_database_goes_away, _session_ends_elsewhere])
def test_what_was_pressed_may_have_been_saved(client, meeting, happening):
    with _as_it_is_saved(happening):
        response = client.post(reverse("scheduling:meeting_skip", args=[meeting.uid]))

    assert not Meeting.objects.get().is_planned
    assert response.status_code == 503
    assert response["Retry-After"] == "30"
    assert "may have been saved: look before you press again" in response.text
    assert "Nothing was changed" not in response.text


@pytest.mark.parametrize("happening", [_database_goes_away, _session_ends_elsewhere])
def test_who_pressed_nothing_is_not_told_of_it(client, meeting, happening):
    Session.objects.update(last_seen_at=NOW - timedelta(hours=1))

    with _as_it_is_saved(happening):
        response = client.get(meeting.get_absolute_url())

    assert response.status_code == 503
    assert "Nothing you saved is lost" in response.text
    assert "pressed" not in response.text


def test_fault_of_ours_keeps_its_words_to_itself(client, meeting, monkeypatch):
    def broken(*args):
        raise RuntimeError("what Priya said")

    monkeypatch.setattr(Meeting, "is_upcoming", broken)

    response = client.get(meeting.get_absolute_url())

    assert response.status_code == 500
    assert "not your doing" in response.text
    assert "Priya" not in response.text
    assert "pressed" not in response.text


def test_fault_of_ours_after_pressing_does_not_say_how_it_ended(client, meeting):
    with _as_it_is_saved(_something_breaks):
        response = client.post(reverse("scheduling:meeting_skip", args=[meeting.uid]))

    assert response.status_code == 500
    assert "Priya" not in response.text
    assert "may have been saved: look before you press again" in response.text
