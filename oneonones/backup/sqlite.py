"""SQLite: a copy of one moment, made while people write, and its way back into place."""

import os
import secrets
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from .archive import LEFT_OUT, READ_AT_ONCE
from .folder import FORGOTTEN_SECONDS, sync
from .key import CannotBackUp

SCRATCH = ".copy-"  # the beginning of a copy that is being worked on
BESIDE = ("-wal", "-shm", "-journal")
PATIENCE = 20  # seconds


class InUse(Exception):
    """Some process has the database open."""


@contextmanager
def copied(path: Path) -> Iterator[Path]:
    """
    Lend a copy of a database as it stood at one moment, beside it; writers are not held up.

    One file, without what backups leave out. Raises CannotBackUp.
    """
    _sweep(path.parent)
    copy = path.with_name(f"{SCRATCH}{secrets.token_hex(4)}")
    try:
        os.close(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        _copy(path, copy)
        with closing(sqlite3.connect(copy, isolation_level=None)) as session:
            session.execute("PRAGMA journal_mode=DELETE")
            session.execute("PRAGMA secure_delete=ON")
            for table in LEFT_OUT:
                if table in tables(session):
                    session.execute(f'DELETE FROM "{table}"')  # noqa: S608 -- a name of ours
        yield copy
    except sqlite3.Error as error:
        raise CannotBackUp(f"SQLite could not copy {path}: {error}.") from None
    finally:
        _remove(copy)


def _copy(path: Path, copy: Path) -> None:
    # A reader of its own: in one step, because a copy in steps begins again at every write
    with (
        closing(sqlite3.connect(_uri(path, "rw"), uri=True, timeout=PATIENCE)) as source,
        closing(sqlite3.connect(copy)) as target,
    ):
        source.backup(target, pages=-1)


def facts(path: Path) -> tuple[dict[str, int], list[str]]:
    """The rows of every table, and the migrations that were applied."""
    with closing(sqlite3.connect(_uri(path, "ro"), uri=True)) as session:
        names = tables(session)
        count = 'SELECT count(*) FROM "{}"'
        rows = {name: session.execute(count.format(name)).fetchone()[0] for name in names}
        if "django_migrations" not in rows:
            return rows, []
        applied = session.execute("SELECT app || '.' || name FROM django_migrations ORDER BY 1")
        return rows, [name for (name,) in applied]


def tables(session: sqlite3.Connection) -> list[str]:
    found = session.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' "
        "ORDER BY name"
    )
    return [name for (name,) in found]


def pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(READ_AT_ONCE):
            yield piece


def is_sound(path: Path) -> bool:
    """Whether SQLite finds nothing wrong with a file."""
    try:
        with closing(sqlite3.connect(_uri(path, "ro"), uri=True)) as session:
            return bool(session.execute("PRAGMA quick_check(1)").fetchone() == ("ok",))
    except sqlite3.Error:
        return False


def holds_data(path: Path) -> bool:
    """Whether something lies there that a restored database would take the place of."""
    return path.exists() and path.stat().st_size > 0


def put_in_place(new: Path, path: Path, *, old: Path) -> None:
    """Give a new database its name; what had it is kept under another. Raises InUse."""
    if holds_data(path):
        _close_for_good(path)
        for end in ("", *BESIDE):
            beside = path.with_name(path.name + end)
            if beside.exists():
                beside.rename(old.with_name(old.name + end))
    new.replace(path)
    sync(path.parent)


def _close_for_good(path: Path) -> None:
    """
    Bring everything into the one file, which SQLite does only for the last one who has it open.

    A damaged database cannot be, and is moved as it is, with what lies beside it.
    """
    try:
        with closing(sqlite3.connect(path, isolation_level=None, timeout=1)) as session:
            session.execute("PRAGMA locking_mode=EXCLUSIVE")
            session.execute("PRAGMA journal_mode=DELETE")
            session.execute("BEGIN EXCLUSIVE")
            session.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise InUse from None
    except sqlite3.DatabaseError:
        pass


def _uri(path: Path, mode: str) -> str:
    return f"{path.absolute().as_uri()}?mode={mode}"


def _remove(path: Path) -> None:
    for end in ("", *BESIDE):
        path.with_name(path.name + end).unlink(missing_ok=True)


def _sweep(folder: Path) -> None:
    """Remove copies of processes that were killed."""
    for copy in folder.glob(f"{SCRATCH}*"):
        if copy.stat().st_mtime < time.time() - FORGOTTEN_SECONDS:
            copy.unlink(missing_ok=True)
