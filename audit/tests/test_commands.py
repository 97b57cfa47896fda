"""The commands an operator and the nightly job rely on: words, and exit statuses."""

import json
import subprocess
import sys
from io import StringIO

import pytest
from django.conf import settings as project
from django.core.management import CommandError, call_command
from django.db import connection

from audit import keyring

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
