"""Which backups are kept, who may know their key, and who hears when there is none."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from audit import keyring
from conftest import NOW
from oneonones import backup, jobs
from oneonones.backup import folder
from oneonones.backup.checks import check_backups

pytestmark = pytest.mark.django_db
only_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="the hour's is SQLite's")


@pytest.fixture(autouse=True)
def _places(settings, tmp_path):
    settings.DATABASE_ROLE = "keeper"  # who backs up on PostgreSQL
    settings.BACKUP_FOLDER = str(tmp_path / "backups")
    settings.BACKUP_KEY_FILE = str(tmp_path / "key" / "key")
    Path(settings.BACKUP_FOLDER).mkdir()
    backup.make_key()


def leave(settings, ago, *, before_upgrade=False, host=None):
    name = folder.name_for(NOW - ago, before_upgrade=before_upgrade)
    path = Path(settings.BACKUP_FOLDER, name.replace("localhost", host or "localhost"))
    path.touch()
    return path


def ids(**_):
    return [message.id for message in check_backups()]


def test_prune_keeps_hours_then_days(settings):
    for minutes in range(0, 40 * 24 * 60, 30):
        leave(settings, timedelta(minutes=minutes))

    folder.prune(Path(settings.BACKUP_FOLDER), at=NOW)

    ages = [NOW - place.at for place in backup.places(Path(settings.BACKUP_FOLDER))]
    hourly = [age for age in ages if age <= timedelta(hours=48)]
    assert len(hourly) == 49
    assert len(ages) == 49 + 28  # the two days before, and each of the 30
    assert max(ages) <= timedelta(days=30)


def test_prune_keeps_upgrades_the_newest_and_what_is_not_its_own(settings):
    upgrade = leave(settings, timedelta(days=20, hours=1), before_upgrade=True)
    later = leave(settings, timedelta(days=20))
    newest = leave(settings, timedelta(days=19, hours=20))
    old = leave(settings, timedelta(days=400))
    foreign = leave(settings, timedelta(days=400), host="other.example.org")
    letter = Path(settings.BACKUP_FOLDER, "read-me.txt")
    letter.touch()

    folder.prune(Path(settings.BACKUP_FOLDER), at=NOW)
    assert set(Path(settings.BACKUP_FOLDER).iterdir()) == {upgrade, newest, foreign, letter} | (
        {later} if later.exists() else set()
    )
    assert not old.exists()

    folder.prune(Path(settings.BACKUP_FOLDER), at=NOW + timedelta(days=400))
    assert set(Path(settings.BACKUP_FOLDER).iterdir()) == {newest, foreign, letter}


def test_file_that_is_not_finished_leaves_nothing(settings):
    path = Path(settings.BACKUP_FOLDER, "name.backup")

    def fail():
        with folder.whole_file(path) as file:
            file.write(b"half")
            raise OSError(28, "No space left on device")

    with pytest.raises(backup.CannotBackUp, match="No space left"):
        fail()
    assert list(path.parent.iterdir()) == []


def test_key_is_made_once_and_for_one_pair_of_eyes(settings):
    path = Path(settings.BACKUP_KEY_FILE)
    before = path.read_text()

    with pytest.raises(CommandError, match="There is a key already"):
        call_command("backup", "--make-key")

    assert path.read_text() == before
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_check_is_silent_when_all_is_well(settings, now):
    leave(settings, timedelta(hours=25))

    assert ids() == []


def test_check_asks_nothing_where_backups_are_off(settings):
    settings.BACKUP_FOLDER = settings.BACKUP_KEY_FILE = ""

    assert ids() == []


@pytest.mark.parametrize(
    ("role", "found"), [("app", []), ("owner", []), ("keeper", ["oneonones.E002"])]
)
def test_check_asks_only_who_backs_up(settings, monkeypatch, now, role, found):
    """In production folder and key lie where the keeper runs; the others start without them."""
    postgresql = "django.db.backends.postgresql"
    monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", postgresql)
    settings.DATABASE_ROLE = role
    leave(settings, timedelta(0))
    Path(settings.BACKUP_KEY_FILE).unlink()

    assert ids() == found


@pytest.mark.parametrize("ago", [None, timedelta(hours=27)])
def test_check_warns_of_an_old_backup(settings, now, ago):
    if ago:
        leave(settings, ago)

    assert ids() == ["oneonones.W001"]


@pytest.mark.parametrize("name", ["BACKUP_FOLDER", "BACKUP_KEY_FILE"])
def test_check_refuses_half_of_it(settings, name):
    setattr(settings, name, "")

    assert ids() == ["oneonones.E001"]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda key: key.chmod(0o640),
        lambda key: key.write_text("short"),
        lambda key: key.unlink(),
        lambda key: key.write_bytes(b"\xff" * 40),
    ],
    ids=["open", "short", "gone", "no text"],
)
def test_bad_key_is_refused(settings, now, spoil):
    leave(settings, timedelta(0))
    spoil(Path(settings.BACKUP_KEY_FILE))

    assert ids() == ["oneonones.E002"]
    with pytest.raises(CommandError, match="Nothing was made"):
        call_command("backup")


def test_check_finds_keys_where_the_backups_are(settings, now):
    leave(settings, timedelta(0))
    settings.KEYRING_PATH = Path(settings.BACKUP_FOLDER, "keys", "ring.json")
    keyring.create(settings.KEYRING_PATH, on=NOW.date())
    settings.BACKUP_KEY_FILE = str(Path(settings.BACKUP_FOLDER, "key"))
    backup.make_key()

    assert ids() == ["oneonones.E003", "oneonones.E003"]


def test_check_finds_a_key_of_the_ring(settings, now):
    leave(settings, timedelta(0))
    spelt = keyring.paper().split('"key": "')[1].split('"')[0]
    Path(settings.BACKUP_KEY_FILE).write_text(spelt)

    assert ids() == ["oneonones.E004"]


@only_sqlite
@pytest.mark.django_db(transaction=True)
def test_hour_makes_a_backup(settings):
    jobs.back_up()

    [place] = backup.places(Path(settings.BACKUP_FOLDER))
    assert backup.examine(place.path).engine == "sqlite"


@only_sqlite
def test_hour_says_why_there_is_none(settings, caplog):
    Path(settings.BACKUP_KEY_FILE).unlink()

    jobs.back_up()

    assert "No backup was made: The key of the backups" in caplog.text


def test_hour_does_nothing_where_backups_are_off(settings, caplog):
    settings.BACKUP_KEY_FILE = ""

    jobs.back_up()

    assert (list(Path(settings.BACKUP_FOLDER).iterdir()), caplog.text) == ([], "")


def test_night_without_its_backup_fails_after_proving_the_log(settings, capsys):
    Path(settings.BACKUP_KEY_FILE).unlink()

    with pytest.raises(CommandError, match="no backup of this night"):
        call_command("nightly", skip_checks=True)

    assert "The log is whole." in capsys.readouterr().out
