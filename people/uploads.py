"""Files between their preview and their use: random names, for the app's eyes only, for a day."""

import os
import re
import secrets
import time
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

KEY = re.compile(r"[0-9a-f]{48}")
KEPT_SECONDS = 24 * 60 * 60
PROGRESS, STOP = ".progress", ".stop"  # beside a file that a worker works through


class UploadGone(Exception):
    """That a file was used already, or lay too long; the sentence says so."""

    def __init__(self) -> None:
        super().__init__("This file is no longer here. Choose it again; nothing was changed.")


def keep(content: bytes) -> str:
    """Keep a file until `forget`, at most for a day; answers the key to it, for the session."""
    return keep_parts([content])


def keep_parts(parts: Iterable[bytes]) -> str:
    """The same for a file that is too large to hold: part after part."""
    forget_old()
    key = secrets.token_hex(24)
    path = folder() / key
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.writelines(parts)
    return key


def fetch(key: str) -> bytes:
    """The file kept under a key. Raises UploadGone."""
    return where(key).read_bytes()


def where(key: str) -> Path:
    """Where the file of a key lies, for those who read it part by part. Raises UploadGone."""
    path = _path(key)
    try:
        if path.stat().st_mtime < time.time() - KEPT_SECONDS:
            raise UploadGone
    except FileNotFoundError as error:
        raise UploadGone from error
    return path


def hold(key: str) -> None:
    """Keep a file for another day; nothing happens if it is gone."""
    if KEY.fullmatch(key) and _path(key).exists():
        os.utime(_path(key))


def forget(key: str) -> None:
    """Delete the file kept under a key; nothing happens if it is gone."""
    if KEY.fullmatch(key):
        for end in ("", PROGRESS, STOP):
            _beside(key, end).unlink(missing_ok=True)


# A worker tells how far it is, and is told to stop, beside the file and not in the database: its
# transaction hides what it writes, and on SQLite it keeps everybody else from writing.


def tell(key: str, words: str) -> None:
    """Say how far the work on a file is; see `told`."""
    path = _beside(key, PROGRESS)
    new = path.with_suffix(f".{secrets.token_hex(4)}")
    new.write_text(words)
    new.replace(path)


def told(key: str) -> tuple[str, float]:
    """What was said last, and how many seconds ago; empty and without end if nothing was."""
    try:
        path = _beside(key, PROGRESS)
        return path.read_text(), time.time() - path.stat().st_mtime
    except (FileNotFoundError, UploadGone):
        return "", float("inf")


def ask_to_stop(key: str) -> None:
    """Ask whoever works on a file to stop."""
    _beside(key, STOP).touch(mode=0o600)


def is_to_stop(key: str) -> bool:
    return _beside(key, STOP).exists()


def _beside(key: str, end: str) -> Path:
    path = _path(key)
    return path.with_name(path.name + end)


def _path(key: str) -> Path:
    if not KEY.fullmatch(key):
        raise UploadGone
    return folder() / key


def folder() -> Path:
    folder = Path(settings.VAR_DIR) / "imports"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def forget_old() -> None:
    for path in folder().iterdir():
        if KEY.fullmatch(path.name[:48]) and path.stat().st_mtime < time.time() - KEPT_SECONDS:
            path.unlink(missing_ok=True)
