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

from audit.actions import record
from audit.models import Head
from conftest import NOW
from oneonones import health, jobs
from oneonones.celery import app as celery_app
from people.models import OutgoingMail
from people.tests.factories import PersonFactory


def said(*names):
    """What the command says of something that is not as it should be."""
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("ready", *names, stdout=out)
    return out.getvalue()


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
            "database": "ok",
            "migrations": "ok",
            "key_ring": "ok",
            "worker": "ok",
            "beat": "ok",
            "outbox": "ok",
            "log": "ok",
        },
    }
    assert not response.cookies


@pytest.fixture
def ask(monkeypatch):
    """Ask for a job as beat does, with nobody who does it; the queue is empty again afterwards."""
    monkeypatch.setitem(celery_app.conf, "task_always_eager", False)

    yield jobs.heartbeat.delay
    celery_app.control.purge()


@pytest.mark.parametrize(
    ("last", "word", "since"),
    [(None, "unseen", "yet"), (timedelta(minutes=5), "silent", "since 2026-10-12 06:55 UTC")],
)
def test_readyz_tells_a_worker_that_is_away_from_a_clock(client, db, now, ask, last, word, since):
    if last:
        cache.set(health.HEARTBEAT, now - last, timeout=None)

    without_beat = client.get("/readyz")

    assert without_beat.status_code == 503
    checks = without_beat.json()["checks"]
    assert (checks["worker"], checks["beat"]) == ("ok", word)
    assert said("beat") == f"beat: nothing was asked for {since}, and none waits\n"
    ask()

    without_worker = client.get("/readyz")

    assert without_worker.status_code == 503
    checks = without_worker.json()["checks"]
    assert (checks["worker"], checks["beat"]) == (word, "ok")
    assert said("worker") == f"worker: no worker was seen {since}, and 1 job waits\n"


def test_readyz_without_a_broker(client, db, now, monkeypatch):
    monkeypatch.setattr(celery_app.conf, "broker_read_url", "redis://127.0.0.1:1/0")

    checks = client.get("/readyz").json()["checks"]

    assert (checks["worker"], checks["beat"]) == ("unseen", "unseen")
    assert said("worker") == "worker: no worker was seen yet, and the broker does not answer\n"


def test_readyz_with_migration_missing(client, db, now):
    jobs.heartbeat()
    [latest] = MigrationLoader(connection).graph.leaf_nodes("notes")
    MigrationRecorder(connection).record_unapplied(*latest)

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json()["checks"]["migrations"] == "missing"


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


@pytest.mark.parametrize(
    ("row", "word"),
    [
        ({}, "ok"),  # it is a quarter of an hour
        ({"due_at": NOW - timedelta(minutes=16)}, "late"),
        ({"due_at": NOW - timedelta(days=1), "hold_until": NOW - timedelta(minutes=1)}, "ok"),
        ({"due_at": NOW - timedelta(days=1), "sent_at": NOW}, "ok"),
        ({"due_at": NOW - timedelta(days=1), "dropped_at": NOW, "error": "OSError"}, "ok"),
        # The mail server is away: each row is tried again within the hour
        (
            {
                "due_at": NOW - timedelta(hours=3),
                "locked_until": NOW + timedelta(hours=1),
                "error": "ConnectionRefusedError",
            },
            "late",
        ),
        # It is there, and knows no such address: somebody's record is wrong, not the installation
        ({"due_at": NOW - timedelta(hours=3), "error": "SMTPRecipientsRefused"}, "ok"),
    ],
)
def test_readyz_with_mail_that_waits(client, db, now, row, word):
    jobs.heartbeat()
    row = {"due_at": NOW - timedelta(minutes=15) + timedelta(seconds=1)} | row
    OutgoingMail.objects.create(key="k", kind="test_mail", person=PersonFactory(), **row)

    response = client.get("/readyz")

    assert response.json()["checks"]["outbox"] == word
    assert response.status_code == (200 if word == "ok" else 503)


def record_twice():
    for number in (1, 2):
        record("role.change", chain=7, by=None, objects=[f"person:{number}"])


def test_readyz_with_a_log_whose_end_is_gone(client, db, now):
    jobs.heartbeat()
    record_twice()
    assert client.get("/readyz").json()["checks"]["log"] == "ok"
    Head.objects.update(seq=3)  # one step on, which the database lets the app do

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json()["checks"]["log"] == "broken"
    assert said("log") == "log: the log does not end as it should (1 of its chains)\n"


def test_readyz_asks_as_much_of_a_long_log(client, db, now, django_assert_max_num_queries):
    jobs.heartbeat()
    record_twice()
    for chain in (8, 9):
        record("role.change", chain=chain, by=None, objects=["person:1"])
    client.get("/readyz")

    with django_assert_max_num_queries(7):
        client.get("/readyz")


def test_readyz_with_database_away(client, monkeypatch, settings, now):
    def away(**_):
        raise OSError("secret-host refused")

    monkeypatch.setitem(health.CHECKS, "database", away)
    for name in ("migrations", "worker", "beat", "outbox", "log"):
        monkeypatch.setitem(health.CHECKS, name, away)

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json()["checks"]["database"] == "fails"
    assert b"secret-host" not in response.content


def test_ready_command_says_what_is_wrong(db, now):
    out = StringIO()

    with pytest.raises(CommandError):
        call_command("ready", stdout=out)

    assert "beat: nothing was asked for yet, and none waits" in out.getvalue()


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
