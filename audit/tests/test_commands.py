"""The commands an operator and the nightly job rely on: words, and exit statuses."""

import json
import logging
import subprocess
import sys
from io import StringIO

import pytest
from django.conf import settings as project
from django.core.management import CommandError, call_command
from django.db import connection

from audit import keyring
from audit.models import Event
from oneonones.logs import JSONFormatter

from .factories import CHAIN, write


def call(*words):
    out, err = StringIO(), StringIO()
    call_command(*words, stdout=out, stderr=err)
    return out.getvalue() + err.getvalue()


def secrets(ring):
    return [key["key"] for key in json.loads(ring.read_text())["keys"]]


@pytest.mark.django_db
def test_audit_verify_counts_each_chain():
    write(2)
    write(3, chain=8)

    assert call("audit", "verify") == (
        "Chain 7: 2 events checked.\nChain 8: 3 events checked.\nThe log is whole.\n"
    )
    assert call("audit", "verify", "--chain", "8") == (
        "Chain 8: 3 events checked.\nThe log is whole.\n"
    )


@pytest.mark.django_db
def test_audit_verify_of_an_empty_log():
    assert call("audit", "verify") == "The log is whole.\n"
    with pytest.raises(CommandError, match="no chain 9"):
        call("audit", "verify", "--chain", "9")


def test_audit_verify_names_what_is_wrong(tampering):
    write(3)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM audit_event WHERE seq = 2")
    err = StringIO()

    with pytest.raises(CommandError, match=r"not whole. Problems: 1") as failure:
        call_command("audit", "verify", stdout=StringIO(), stderr=err)

    assert failure.value.returncode == 1
    assert err.getvalue() == f"Chain {CHAIN}, event 2: missing.\n"


@pytest.mark.django_db
def test_audit_verify_without_the_ring(ring):
    write(1)
    ring.unlink()

    with pytest.raises(CommandError, match="Nothing was checked"):
        call("audit", "verify")


def test_keys_init_makes_a_ring_once(ring, transactional_db):
    ring.unlink()

    made = call("keys", "init")
    before = ring.read_bytes()
    again = call("keys", "init")

    assert str(ring) in made
    assert again == f"The key ring is {ring}.\n"
    assert ring.read_bytes() == before
    assert not any(secret in made for secret in secrets(ring))


@pytest.mark.django_db
def test_keys_init_does_not_replace_a_lost_ring_unasked(ring):
    write(1)
    ring.unlink()

    with pytest.raises(CommandError, match="Put that ring back"):
        call("keys", "init")
    assert not ring.exists()

    call("keys", "init", "--new")
    assert len(keyring.entries()) == 4


def test_keys_init_says_what_is_wrong_with_the_ring(ring):
    ring.chmod(0o644)

    with pytest.raises(CommandError, match="mode 600"):
        call("keys", "init")


@pytest.mark.parametrize("place", ["/proc/keys/ring.json", "/proc/1/x/ring.json"])
def test_keys_init_where_nothing_can_be_written(settings, place):
    settings.KEYRING_PATH = place

    with pytest.raises(CommandError, match="Cannot write"):
        call("keys", "init", "--new")


@pytest.mark.django_db
def test_keys_add_and_list(ring):
    before = keyring.current_key_id("parts")

    call("keys", "add", "parts")

    listed = call("keys", "list")
    now = keyring.current_key_id("parts")
    assert now != before
    assert [line.split()[:2] for line in listed.splitlines()[:2]] == [
        ["parts", before],
        ["parts", now],
    ]
    assert not any(secret in listed for secret in secrets(ring))


def test_keys_paper_only_on_explicit_wish(ring):
    with pytest.raises(CommandError, match="--reveal") as refusal:
        call("keys", "paper")
    assert not any(secret in str(refusal.value) for secret in secrets(ring))

    out = StringIO()
    call_command("keys", "paper", "--reveal", stdout=out, stderr=StringIO())

    assert json.loads(out.getvalue()) == json.loads(ring.read_text())


def test_keys_list_of_a_missing_ring_ends_with_a_sentence(tmp_path):
    ended = subprocess.run(
        [sys.executable, "manage.py", "keys", "list"],
        cwd=project.BASE_DIR,
        env={"SECRET_KEY": "x", "VAR_DIR": str(tmp_path / "new"), "ENV_FILE": "/dev/null"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 1
    assert ended.stderr.startswith("CommandError: The key ring is missing")
    assert "Traceback" not in ended.stderr


@pytest.fixture
def shipped(caplog, tmp_path, django_capture_on_commit_callbacks):
    """What another machine keeps of two events, as syslog writes it into a file."""
    caplog.set_level(logging.INFO, "audit.chain")
    log = logging.getLogger("audit.chain")
    log.addHandler(caplog.handler)
    with django_capture_on_commit_callbacks(execute=True):
        write(2)
    log.removeHandler(caplog.handler)
    lines = [JSONFormatter().format(record) for record in caplog.records]
    place = tmp_path / "shipped.log"
    place.write_text("".join(f"Oct 12 07:00:00 web one-on-ones {line}\n" for line in lines))
    return place


@pytest.mark.django_db
def test_another_machine_is_told_of_an_event_but_not_what_it_was_about(shipped):
    event = Event.objects.get(seq=2)

    line = shipped.read_text().splitlines()[1]

    told = json.loads(line[line.index("{") :])
    assert told["event"] == {
        "chain": CHAIN, "seq": 2, "act": event.act, "by": event.by, "mac": event.mac,
    }  # fmt: skip
    assert event.about
    assert not any(thing in line for thing in event.about)


@pytest.mark.django_db
def test_log_is_held_against_what_was_shipped(shipped):
    assert call("audit", "verify", "--shipped", str(shipped)) == (
        f"Chain {CHAIN}: 2 events checked.\nThe log is whole.\n"
    )


def test_log_that_was_written_anew_with_its_key_is_found(tampering, shipped):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM audit_event")
        cursor.execute("DELETE FROM audit_head")
    write(1)
    assert "The log is whole." in call("audit", "verify")
    err = StringIO()

    with pytest.raises(CommandError, match=r"not whole. Problems: 2"):
        call_command("audit", "verify", "--shipped", str(shipped), stdout=StringIO(), stderr=err)

    assert err.getvalue() == f"Chain {CHAIN}, event 1: altered.\nChain {CHAIN}, event 2: missing.\n"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("", "There is no event in these lines"),
        ('{"logger": "people", "message": "x"}\n', "There is no event in these lines"),
        ('{"logger": "audit.chain", "message": "x"}\n', "not as LOG_TO sends them"),
        ('{"logger": "audit.chain", "event": {"chain"\n', "not as LOG_TO sends them"),
        (None, "cannot be read: No such file"),
    ],
)
def test_nothing_is_proven_by_lines_that_say_nothing(tmp_path, lines, words):
    place = tmp_path / "shipped.log"
    if lines is not None:
        place.write_text(lines)

    with pytest.raises(CommandError, match=words):
        call("audit", "verify", "--shipped", str(place))
