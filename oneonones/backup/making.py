"""Making a backup: one moment of the database, counted, sealed, named, and the old ones pruned."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.db import connection

from audit import keyring

from . import archive, folder, postgresql, sqlite
from .key import CannotBackUp


def make(*, at: datetime, to: str | Path = "", before_upgrade: bool = False) -> Path:
    """
    Back the database up into a folder, that of BACKUP_FOLDER unless told otherwise.

    Old ones are pruned there and nowhere else. Raises CannotBackUp, and leaves no half of a file.
    """
    if not (to or settings.BACKUP_FOLDER):
        raise CannotBackUp("Set BACKUP_FOLDER to the folder of the backups, or say --to FOLDER.")
    place = Path(to or settings.BACKUP_FOLDER)
    path = place / folder.name_for(at, before_upgrade=before_upgrade)
    with _snapshot(at) as (manifest, payload), folder.whole_file(path) as file:
        archive.write(file, manifest, payload)
    if not to:
        folder.prune(place, at=at)
    return path


def copy_before_upgrade(*, at: datetime) -> Path:
    """
    Keep SQLite's database as it is before migrations change it; where that is now.

    A backup where they are on. Otherwise there is no key to seal one with: a copy beside the
    database, as safe as that, in place of the copy before. Raises CannotBackUp.
    """
    if folder.is_on():
        return make(at=at, before_upgrade=True)
    database = Path(connection.settings_dict["NAME"])
    kept = database.with_name(f"{folder.BEFORE_UPGRADE}.sqlite3")
    with sqlite.copied(database) as copy:
        if not sqlite.is_sound(copy):
            raise CannotBackUp(f"SQLite finds {database} damaged.")
        copy.replace(kept)
        folder.sync(kept.parent)
    return kept


@contextmanager
def _snapshot(at: datetime) -> Iterator[tuple[archive.Manifest, Iterable[bytes]]]:
    if connection.vendor == "sqlite":
        with sqlite.copied(Path(connection.settings_dict["NAME"])) as copy:
            if not sqlite.is_sound(copy):
                raise CannotBackUp("SQLite finds the database damaged. See docs/restore.md.")
            yield _manifest(at, *sqlite.facts(copy)), sqlite.pieces(copy)
    else:
        place = postgresql.from_settings(connection.settings_dict)
        with postgresql.snapshot(place) as (rows, migrations, payload):
            yield _manifest(at, rows, migrations), payload


def _manifest(at: datetime, rows: dict[str, int], migrations: list[str]) -> archive.Manifest:
    if not migrations:
        raise CannotBackUp("There is nothing to back up: the database has no tables yet.")
    return archive.Manifest(
        made_at=at.astimezone(UTC).isoformat(timespec="seconds"),
        installation=settings.SITE_HOST,
        engine=connection.vendor,
        rows=rows,
        migrations=migrations,
        ring=_ring(),
    )


def _ring() -> list[str]:
    """Which keys a restored database will want; a backup is made without a ring too."""
    try:
        return [entry.key_id for entry in keyring.entries()]
    except keyring.KeyRingError:
        return []
