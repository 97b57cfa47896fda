"""When something is away: words, a status that says so, nothing that was saved is lost."""

import pytest
from django.db import OperationalError, connection
from django.urls import reverse

from conftest import NOW
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
    assert "Nothing you saved is lost" in response.text
    assert Meeting.objects.get().is_planned  # no entry in the log, so no change either


def test_fault_of_ours_keeps_its_words_to_itself(client, meeting, monkeypatch):
    def broken(*args):
        raise RuntimeError("what Priya said")

    monkeypatch.setattr(Meeting, "is_upcoming", broken)

    response = client.get(meeting.get_absolute_url())

    assert response.status_code == 500
    assert "not your doing" in response.text
    assert "Priya" not in response.text
