"""What the site tells a monitor, and what it keeps to itself."""

import os
import time
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from oneonones import health, jobs


def test_healthz_needs_no_database(client):
    response = client.get("/healthz")

    assert (response.status_code, response.content) == (200, b"ok")
    assert not response.cookies


def test_readyz_when_all_is_well(client, db, now):
    jobs.heartbeat()

    response = client.get("/readyz")

    assert response.status_code == 200
    assert response.json() == {
        "ready": True,
        "checks": {
            "database": "answers",
            "migrations": "applied",
            "key_ring": "opens what it seals",
            "worker": "works",
            "outbox": "nothing is late",
        },
    }
    assert not response.cookies


def test_readyz_without_worker(client, db, now):
    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json()["checks"]["worker"] == "no worker was seen yet"


def test_readyz_with_silent_worker(client, db, now):
    cache.set(health.HEARTBEAT, now - timedelta(minutes=5), timeout=None)

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json()["checks"]["worker"] == "no worker was seen since 2026-10-12 06:55 UTC"


def test_readyz_with_migration_missing(client, db, now):
    jobs.heartbeat()
    [latest] = MigrationLoader(connection).graph.leaf_nodes("notes")
    MigrationRecorder(connection).record_unapplied(*latest)

    response = client.get("/readyz")

    assert response.status_code == 503
    assert "not applied" in response.json()["checks"]["migrations"]


@pytest.mark.parametrize("ring", [None, "", "{}"])
def test_readyz_with_broken_key_ring(client, db, now, settings, tmp_path, ring):
    settings.KEYRING_PATH = tmp_path / "keys" / "ring.json"
    settings.KEYRING_PATH.parent.mkdir(mode=0o700)
    if ring is not None:
        settings.KEYRING_PATH.write_text(ring)
        settings.KEYRING_PATH.chmod(0o600)
    jobs.heartbeat()

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json()["checks"]["key_ring"] == "fails"


def test_readyz_with_database_away(client, monkeypatch, settings, now):
    def away(**_):
        raise OSError("secret-host refused")

    monkeypatch.setitem(health.CHECKS, "database", away)
    for name in ("migrations", "worker", "outbox"):
        monkeypatch.setitem(health.CHECKS, name, away)

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json()["checks"]["database"] == "fails"
    assert b"secret-host" not in response.content


def test_ready_command_says_what_is_wrong(db, now):
    out = StringIO()

    with pytest.raises(CommandError):
        call_command("ready", stdout=out)

    assert "worker: no worker was seen yet" in out.getvalue()


def test_ready_command_asks_for_one_thing(db, now):
    out = StringIO()

    call_command("ready", "database", stdout=out)

    assert out.getvalue() == "database: answers\n"


def test_heartbeat_sweeps_old_messages(db, settings, tmp_path):
    settings.REDIS_URL = ""
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"processed_folder": str(tmp_path)}
    old, new = Path(tmp_path, "old.msg"), Path(tmp_path, "new.msg")
    old.touch()
    new.touch()
    two_hours_ago = time.time() - 7200
    os.utime(old, (two_hours_ago, two_hours_ago))

    jobs.heartbeat()

    assert (old.exists(), new.exists()) == (False, True)
