"""The key of the backups: words in a file of their own, never in the ring and never in a backup."""

import os
import stat
from pathlib import Path

from django.conf import settings

from audit import keyring

SHORTEST = 20


class CannotBackUp(Exception):
    """Why there is no backup, in words for whoever runs the machine; they name nobody."""


def make_key() -> Path:
    """Write new words where BACKUP_KEY_FILE points. Raises CannotBackUp; replaces nothing."""
    path = _path()
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise CannotBackUp(f"There is a key already: {path}. It was left as it is.") from None
    except OSError as error:
        raise CannotBackUp(f"Cannot write {path}: {error.strerror}.") from None
    with os.fdopen(descriptor, "w") as file:
        file.write(keyring.new_words() + "\n")
        file.flush()
        os.fsync(file.fileno())
    return path


def words() -> str:
    """The key. Raises CannotBackUp when it is missing, open to others, short, or in the ring."""
    path = _path()
    try:
        with path.open() as file:
            mode = os.fstat(file.fileno()).st_mode
            said = file.read().strip()
    except (OSError, ValueError):
        raise CannotBackUp(
            f"The key of the backups, {path}, is missing or cannot be read. Put it back, or make "
            "the first one with `manage.py backup --make-key`."
        ) from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise CannotBackUp(f"Others can read the key of the backups. Run: chmod 600 {path}")
    if len(said) < SHORTEST:
        raise CannotBackUp(f"The key of the backups is shorter than {SHORTEST} letters: {path}")
    return said


def is_of_the_ring(said: str) -> bool:
    """Whether the words are also a key of the ring; without a ring there is nothing to compare."""
    try:
        return keyring.holds(said)
    except keyring.KeyRingError:
        return False


def _path() -> Path:
    if not settings.BACKUP_KEY_FILE:
        raise CannotBackUp("Set BACKUP_KEY_FILE to the file of the key that seals the backups.")
    return Path(settings.BACKUP_KEY_FILE)
