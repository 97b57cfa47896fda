"""Backups: whole, shut, and good for what they are for, on both databases."""

import os
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from audit import keyring
from conftest import NOW
from oneonones import backup
from oneonones.backup import postgresql
from people.models import Person

from .commands import (
    SQLITE,
    back_up,
    count,
    drill,
    flip,
    only_postgresql,
    only_sqlite,
    restore,
)

pytestmark = pytest.mark.django_db(transaction=True)


def test_backup_is_shut_and_holds_everything_but_sessions(note, another):
    path = back_up()
    content = path.read_bytes()

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.name.startswith("localhost_")
    assert list(path.parent.iterdir()) == [path]
    assert note.author.family_name.encode() not in content
    assert b"people_person" not in content
    assert f"{sum(backup.examine(path).rows.values()):,} rows" in restore(path, another)
    assert count(another, "people_person") == Person.objects.count()
    assert count(another, "notes_part") == 1
    assert count(another, "people_session") == 0


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:-200]), "cut off or changed"),
        (lambda path: path.write_bytes(path.read_bytes()[:20]), "another key"),
        (lambda path: flip(path, path.stat().st_size // 2), "cut off or changed"),
        (lambda path: path.write_bytes(b"not a backup"), "is no backup"),
        (lambda path: path.unlink(), "cannot be read"),
    ],
    ids=["cut off", "cut to nothing", "changed", "another file", "gone"],
)
def test_spoilt_backup_changes_nothing(note, another, spoil, said):
    path = back_up()
    spoil(path)

    with pytest.raises(CommandError, match=said):
        restore(path, another, "--yes")

    if SQLITE:
        assert not Path(another).exists()
    else:
        assert not postgresql.has_data(postgresql.parameters(another))
    assert drill(str(path))[0] == 1


def test_backup_of_another_key_is_said_to_be_one(note, another, settings, tmp_path):
    path = back_up()
    settings.BACKUP_KEY_FILE = str(tmp_path / "other" / "key")
    backup.make_key()

    with pytest.raises(CommandError, match="sealed with another key"):
        restore(path, another)


def test_restore_takes_the_place_of_data_only_when_told(note, another):
    path = back_up()
    restore(path, another)
    Person.objects.create(given_name="New", family_name="Comer")
    newer = back_up("--to", str(path.parent / "newer"))

    with pytest.raises(CommandError, match="--yes"):
        restore(newer, another)
    assert count(another, "people_person") == Person.objects.count() - 1

    said = restore(newer, another, "--yes")
    assert count(another, "people_person") == Person.objects.count()
    if SQLITE:
        [kept] = Path(another).parent.glob("*.before-restore-*")
        assert f"is now {kept}" in said
        assert count(kept, "people_person") == Person.objects.count() - 1


@only_sqlite
def test_restore_leaves_a_database_that_is_in_use(note, another):
    path = back_up()
    restore(path, another)

    with closing(sqlite3.connect(another)) as session:
        session.execute("PRAGMA journal_mode=WAL")
        session.execute("SELECT count(*) FROM people_person").fetchone()
        with pytest.raises(CommandError, match="is in use"):
            restore(path, another, "--yes")

    assert len(list(Path(another).parent.iterdir())) == 1


@only_sqlite
def test_restore_takes_the_place_of_a_damaged_database(note, another):
    Path(another).parent.mkdir()
    Path(another).write_bytes(b"damaged" * 1000)

    restore(back_up(), another, "--yes")

    assert count(another, "people_person") == Person.objects.count()
    [kept] = Path(another).parent.glob("*.before-restore-*")
    assert kept.read_bytes() == b"damaged" * 1000


@only_postgresql
def test_restored_roles_may_do_what_they_might(note, another):
    restore(back_up(), another)

    app = f"{connection.settings_dict['NAME']}_app"
    rights = (
        f"(SELECT 1 WHERE has_table_privilege('{app}', 'audit_event', 'INSERT') "
        f"AND NOT has_table_privilege('{app}', 'audit_event', 'DELETE') "
        "AND (SELECT relrowsecurity FROM pg_class WHERE relname = 'notes_part')) AS x"
    )
    assert count(another, rights) == 1


@only_postgresql
def test_restored_database_knows_its_rows(note, another):
    restore(back_up(), another)

    assert count(another, "pg_stats WHERE tablename = 'notes_part'") > 0


@only_postgresql
def test_backup_by_a_role_that_does_not_see_every_row_is_refused(note, settings):
    with pytest.raises(CommandError, match="DATABASE_ROLE=keeper"):
        call_command("backup")

    assert list(Path(settings.BACKUP_FOLDER).glob("*")) == []


@only_postgresql
def test_backup_without_pg_dump_says_what_to_install(note, monkeypatch):
    monkeypatch.setenv("PATH", "")

    with pytest.raises(CommandError, match="postgresql-client"):
        call_command("backup")


def test_restore_names_the_keys_that_the_ring_lacks(note, another, settings, tmp_path, capsys):
    path = back_up()
    settings.KEYRING_PATH = tmp_path / "new" / "ring.json"
    keyring.create(settings.KEYRING_PATH, on=NOW.date())

    restore(path, another)

    assert capsys.readouterr().err.count("does not hold") == len(backup.examine(path).ring)


@only_sqlite
@pytest.mark.parametrize("are_backups_on", [True, False])
def test_upgrade_keeps_what_was_there(note, tmp_path, settings, are_backups_on):
    old = tmp_path / "db" / "old.sqlite3"
    restore(back_up("--to", str(tmp_path / "first")), old)
    env = os.environ | {
        "DJANGO_SETTINGS_MODULE": "oneonones.settings",
        "DATABASE_URL": f"sqlite:///{old}",
        "BACKUP_FOLDER": settings.BACKUP_FOLDER if are_backups_on else "",
        "BACKUP_KEY_FILE": settings.BACKUP_KEY_FILE if are_backups_on else "",
    }

    def manage(*arguments):
        return subprocess.check_output(
            [sys.executable, "manage.py", *arguments], cwd=settings.BASE_DIR, env=env, text=True
        )

    latest = sorted(key for key in MigrationLoader(connection).disk_migrations
                    if key[0] == "scheduling")[-2:]  # fmt: skip
    manage("migrate", *latest[0], "-v0")

    said = manage("prepare")

    assert "The database as it was before this upgrade" in said
    if are_backups_on:
        [kept] = Path(settings.BACKUP_FOLDER).iterdir()
        assert kept.name.endswith("_before-upgrade.backup")
        migrations = backup.examine(kept).migrations
    else:
        kept = old.with_name("before-upgrade.sqlite3")
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
        with closing(sqlite3.connect(kept)) as session:
            found = session.execute("SELECT app || '.' || name FROM django_migrations")
            migrations = [name for (name,) in found]
    assert ".".join(latest[0]) in migrations
    assert ".".join(latest[1]) not in migrations
    assert "before this upgrade" not in manage("prepare")
