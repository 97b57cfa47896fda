"""What an installation is told about its key ring."""

import json
from datetime import UTC, datetime

import pytest
import time_machine
from django.core.checks import run_checks

from audit import keyring
from audit.checks import check_key_ring


def ids():
    return [message.id for message in check_key_ring()]


def test_good_ring_is_quiet(now):
    assert ids() == []


def test_missing_ring_warns(ring):
    ring.unlink()

    assert ids() == ["audit.W001"]
    assert "audit.W001" in [message.id for message in run_checks(tags=["keys"])]


def test_ring_that_others_can_read(ring):
    ring.chmod(0o644)

    assert ids() == ["audit.E001"]


def test_damaged_ring(ring):
    ring.write_text("{")

    assert ids() == ["audit.E001"]


def test_ring_beside_the_database(now, ring, settings, monkeypatch):
    beside = {"ENGINE": "django.db.backends.sqlite3", "NAME": ring.parent / "db.sqlite3"}
    monkeypatch.setitem(settings.DATABASES, "beside", beside)

    assert ids() == ["audit.E002"]


@pytest.mark.parametrize("spell", [str, str.lower, lambda key: key.replace("-", "")])
def test_secret_key_that_is_also_in_the_ring(now, ring, settings, spell):
    settings.SECRET_KEY = spell(json.loads(ring.read_text())["keys"][0]["key"])

    assert ids() == ["audit.E003"]


def test_old_current_keys():
    with time_machine.travel(datetime(2027, 11, 17, tzinfo=UTC)):  # 401 days later
        keyring.add_key("parts", on=datetime.now(UTC).date())

        assert ids() == ["audit.W002"] * 3
