"""Files between their preview and their use: random names, for the app's eyes only, for a day."""

import os
import re
import secrets
import time
from pathlib import Path

from django.conf import settings

KEY = re.compile(r"[0-9a-f]{48}")
KEPT_SECONDS = 24 * 60 * 60


class UploadGone(Exception):
    """That a file was used already, or lay too long; the sentence says so."""

    def __init__(self) -> None:
        super().__init__("This file is no longer here. Choose it again; nothing was changed.")


def keep(content: bytes) -> str:
    """Keep a file until `forget`, at most for a day; answers the key to it, for the session."""
    forget_old()
    key = secrets.token_hex(24)
    path = _folder() / key
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    return key


def fetch(key: str) -> bytes:
    """The file kept under a key. Raises UploadGone."""
    path = _path(key)
    try:
        if path.stat().st_mtime < time.time() - KEPT_SECONDS:
            raise UploadGone
        return path.read_bytes()
    except FileNotFoundError as error:
        raise UploadGone from error


def forget(key: str) -> None:
    """Delete the file kept under a key; nothing happens if it is gone."""
    if KEY.fullmatch(key):
        _path(key).unlink(missing_ok=True)


def _path(key: str) -> Path:
    if not KEY.fullmatch(key):
        raise UploadGone
    return _folder() / key


def _folder() -> Path:
    folder = Path(settings.VAR_DIR) / "imports"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def forget_old() -> None:
    for path in _folder().iterdir():
        if KEY.fullmatch(path.name) and path.stat().st_mtime < time.time() - KEPT_SECONDS:
            path.unlink(missing_ok=True)
