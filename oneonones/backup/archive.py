"""What a backup is inside its seal: a line that says what it holds, then the database, in gzip."""

import gzip
import io
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import BinaryIO, cast

from audit import keyring

from .key import words

FORMAT = 1
READ_AT_ONCE = 1024 * 1024
LEVEL = 6
LONGEST_LINE = 4 * 1024 * 1024

# Whoever finds a backup and its key signs in as nobody, and a restored site lets nobody back in
# who has signed out since. The second is Django's cache table: rate limits, the heartbeat.
LEFT_OUT = ("people_session", "rate_limits")


class NotABackup(Exception):
    """Why a file cannot be used, in words."""


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself."""

    made_at: str  # ISO 8601, UTC
    installation: str  # the host of SITE_URL
    engine: str  # "sqlite" or "postgresql"
    rows: dict[str, int]  # of every table
    migrations: list[str]  # "notes.0001_initial", in order of names
    ring: list[str] = field(default_factory=list)  # the ids of the keys that were in the ring
    format: int = FORMAT


def write(file: BinaryIO, manifest: Manifest, payload: Iterable[bytes]) -> None:
    """Seal a manifest and a database into a file. Raises CannotBackUp without a key."""
    sealing = keyring.Sealing(file, words())
    # The file's own time would be in its head; the manifest says it already
    with gzip.GzipFile(fileobj=sealing, mode="wb", compresslevel=LEVEL, mtime=0) as packed:
        packed.write(json.dumps(asdict(manifest)).encode() + b"\n")
        for piece in payload:
            packed.write(piece)
    sealing.seal_end()


@contextmanager
def opened(path: Path) -> Iterator[tuple[Manifest, BinaryIO]]:
    """The manifest, and the database as a file to read. Raises NotABackup, CannotBackUp."""
    said = words()
    try:
        file = path.open("rb")
    except OSError as error:
        raise NotABackup(f"{path} cannot be read: {error.strerror}.") from None
    try:
        with file, _unpacked(file, said) as packed:
            yield _manifest(packed.readline(LONGEST_LINE)), cast(BinaryIO, packed)
    except keyring.NotWhole:
        raise NotABackup(f"{path} was cut off or changed after it was made.") from None
    except keyring.OtherKey:
        raise NotABackup(
            f"{path} is no backup, or was sealed with another key than the one in BACKUP_KEY_FILE."
        ) from None
    except (EOFError, gzip.BadGzipFile):
        raise NotABackup(f"{path} is sealed well but holds no whole database.") from None


def examine(path: Path) -> Manifest:
    """Read a backup to its end, which proves every byte. Raises NotABackup, CannotBackUp."""
    with opened(path) as (manifest, database):
        for _ in pieces(database):
            pass
    return manifest


def pieces(database: BinaryIO) -> Iterator[bytes]:
    while piece := database.read(READ_AT_ONCE):
        yield piece


def _unpacked(file: BinaryIO, said: str) -> gzip.GzipFile:
    sealed = io.BufferedReader(keyring.Opening(file, said), READ_AT_ONCE)
    return gzip.GzipFile(fileobj=sealed, mode="rb")


def _manifest(line: bytes) -> Manifest:
    try:
        said = json.loads(line)
        if said["format"] != FORMAT:
            raise NotABackup("This backup was made by a newer release than this one.")
        return Manifest(**said)
    except (ValueError, KeyError, TypeError):
        raise NotABackup("This file is sealed well but is no backup of a school.") from None
