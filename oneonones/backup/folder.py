"""Where backups lie: their names, how one is written whole or not at all, which ones are kept."""

import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO, NamedTuple

from django.conf import settings

from .key import CannotBackUp

BEFORE_UPGRADE = "before-upgrade"
# one-on-ones.example.org_2026-11-25T193000Z.backup, with "_before-upgrade" before the dot
NAME = re.compile(
    rf"(?P<host>[0-9a-z.-]+)_(?P<at>\d{{4}}-\d\d-\d\dT\d{{6}}Z)(?P<why>_{BEFORE_UPGRADE})?\.backup"
)
STAMP = "%Y-%m-%dT%H%M%SZ"
HALF = ".half"  # the end of a file that is being written
FORGOTTEN_SECONDS = 24 * 60 * 60


class Place(NamedTuple):
    """A backup in the folder, as its name says."""

    path: Path
    at: datetime
    before_upgrade: bool


def is_on() -> bool:
    """Whether this installation makes backups by itself."""
    return bool(settings.BACKUP_FOLDER and settings.BACKUP_KEY_FILE)


def places(folder: Path) -> list[Place]:
    """This installation's backups, oldest first."""
    found = []
    for path in folder.iterdir() if folder.is_dir() else ():
        name = NAME.fullmatch(path.name)
        if name and name["host"] == settings.SITE_HOST:
            at = datetime.strptime(name["at"], STAMP).replace(tzinfo=UTC)
            found.append(Place(path, at, bool(name["why"])))
    return sorted(found, key=lambda place: (place.at, place.path.name))


def newest(folder: Path) -> Place | None:
    return next(reversed(places(folder)), None)


def name_for(at: datetime, *, before_upgrade: bool) -> str:
    why = f"_{BEFORE_UPGRADE}" * before_upgrade
    return f"{settings.SITE_HOST}_{at.astimezone(UTC):{STAMP}}{why}.backup"


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """
    Lend a file that takes its name once it is whole and on disk, for its owner's eyes only.

    Raises CannotBackUp when it cannot be written, or when there is one of that name.
    """
    half = path.with_name(f".{path.name}.{secrets.token_hex(4)}{HALF}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.link(half, path)  # unlike a rename, refuses to replace
        sync(path.parent)
    except FileExistsError:
        raise CannotBackUp(f"{path} is there already; it was left as it is.") from None
    except OSError as error:
        raise CannotBackUp(f"Cannot write {path}: {error.strerror}.") from None
    finally:
        half.unlink(missing_ok=True)


def sync(folder: Path) -> None:
    """Let the names in a folder outlive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def prune(folder: Path, *, at: datetime) -> int:
    """
    Delete what the rule does not keep; how many that were.

    Of each hour the last one for BACKUP_HOURS, of each day the last one for BACKUP_DAYS, those
    before an upgrade as long; the newest in any case.
    """
    found = places(folder)
    kept = _kept(found, at=at)
    gone = [place for place in found if place.path not in kept]
    for place in gone:
        place.path.unlink(missing_ok=True)
    for half in folder.glob(f".*{HALF}"):  # of a process that was killed
        if half.stat().st_mtime < time.time() - FORGOTTEN_SECONDS:
            half.unlink(missing_ok=True)
    return len(gone)


def _kept(found: list[Place], *, at: datetime) -> set[Path]:
    hours, days = timedelta(hours=settings.BACKUP_HOURS), timedelta(days=settings.BACKUP_DAYS)
    kept = {place.path for place in found[-1:]}
    by_hour, by_day = {}, {}  # the last one overwrites
    for place in found:
        age = at - place.at
        if age <= hours:
            by_hour[place.at.replace(minute=0, second=0)] = place.path
        if age <= days:
            by_day[place.at.date()] = place.path
            if place.before_upgrade:
                kept.add(place.path)
    return kept | set(by_hour.values()) | set(by_day.values())
