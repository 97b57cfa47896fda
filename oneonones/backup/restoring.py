"""The way back: a backup that was proven whole, put where it is told, or into a scratch place."""

import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, urlencode, urlsplit

from . import archive, postgresql, sqlite
from .archive import Manifest, NotABackup
from .key import CannotBackUp

SQLITE, POSTGRESQL = "sqlite", "postgresql"


class CannotRestore(Exception):
    """Why nothing was restored, in words; nothing was changed."""


class Restored(NamedTuple):
    """What was put where, and where that lies which was there before."""

    manifest: Manifest
    kept: Path | None


class Scratch(NamedTuple):
    """A restored database that goes away again."""

    manifest: Manifest
    url: str
    rows: dict[str, int]
    migrations: list[str]


def restore(path: Path, into: str, *, replace: bool, at: datetime) -> Restored:
    """
    Put a backup into a SQLite file (a path) or a PostgreSQL database (its address).

    The whole file is proven first. What holds data is only replaced when told so: a SQLite file
    is kept under another name, the tables of PostgreSQL are dropped in the same transaction.
    Raises CannotRestore.
    """
    with _in_words():
        manifest = archive.examine(path)
        if manifest.engine == SQLITE:
            return Restored(manifest, _into_sqlite(path, _file(into), replace=replace, at=at))
        _into_postgresql(path, _address(into), replace=replace)
        return Restored(manifest, None)


@contextmanager
def scratch(path: Path, *, server: str) -> Iterator[Scratch]:
    """Lend a restored database that nobody else uses. Raises CannotRestore."""
    with _in_words():
        manifest = archive.examine(path)
    if manifest.engine == SQLITE:
        with tempfile.TemporaryDirectory(prefix="one-on-ones-drill-") as place:
            database = Path(place, "db", "school.sqlite3")
            database.parent.mkdir(mode=0o700)
            with _in_words():
                _write(path, database)
            yield Scratch(manifest, f"sqlite:///{database}", *sqlite.facts(database))
    else:
        name = f"one_on_ones_drill_{os.getpid()}_{secrets.token_hex(4)}"
        with _in_words():
            parameters = postgresql.parameters(_address(server))
            with postgresql.scratch_database(parameters, name) as place:
                with archive.opened(path) as (_, dump):
                    postgresql.load(archive.pieces(dump), place, replace=False, with_rights=False)
                yield Scratch(manifest, _url(place), *postgresql.facts(place))


def _into_sqlite(path: Path, target: Path, *, replace: bool, at: datetime) -> Path | None:
    is_taken = sqlite.holds_data(target)
    if is_taken and not replace:
        raise CannotRestore(
            f"{target} holds a database already. To put the backup in its place, run it again "
            "with --yes; what is there will be kept beside it under another name."
        )
    old = target.with_name(f"{target.name}.before-restore-{at.astimezone(UTC):%Y-%m-%dT%H%M%SZ}")
    new = target.with_name(f"{sqlite.SCRATCH}{secrets.token_hex(4)}")
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(path, new)
        if not sqlite.is_sound(new):
            raise CannotRestore(f"{path} is whole, but SQLite finds its database damaged.")
        sqlite.put_in_place(new, target, old=old)
    except sqlite.InUse:
        raise CannotRestore(
            f"{target} is in use. Stop the site and its worker first; nothing was changed."
        ) from None
    except OSError as error:
        raise CannotRestore(f"Cannot write {target}: {error.strerror}.") from None
    finally:
        new.unlink(missing_ok=True)
    return old if is_taken else None


def _write(path: Path, database: Path) -> None:
    descriptor = os.open(database, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "wb") as file, archive.opened(path) as (_, packed):
        for piece in archive.pieces(packed):
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())


def _into_postgresql(path: Path, url: str, *, replace: bool) -> None:
    place = postgresql.parameters(url)
    if postgresql.has_data(place) and not replace:
        raise CannotRestore(
            f"The database {place['dbname']} holds tables already. To drop them and put the "
            "backup in their place, run it again with --yes."
        )
    with archive.opened(path) as (_, database):
        postgresql.load(archive.pieces(database), place, replace=replace, with_rights=True)


def _file(into: str) -> Path:
    if "://" not in into:
        return Path(into)
    if not into.startswith("sqlite:///"):
        raise CannotRestore("This backup is of SQLite: say --into with the path of a file.")
    return Path(into.removeprefix("sqlite:///"))


def _address(into: str) -> str:
    if urlsplit(into).scheme not in ("postgres", "postgresql", "psql", "pgsql"):
        raise CannotRestore(
            "This backup is of PostgreSQL: it needs the address of a database, "
            "postgres://owner:password@host/name."
        )
    return into


def _url(place: dict[str, str]) -> str:
    """The address of a database for Django, as `environ` reads it."""
    login = quote(place.get("user", ""), safe="")
    if "password" in place:
        login += ":" + quote(place["password"], safe="")
    rest = {name: place[name] for name in place.keys() - {"dbname", "user", "password"}}
    query = f"?{urlencode(rest, quote_via=quote)}" if rest else ""
    return f"postgres://{login}@/{place['dbname']}{query}"


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except (NotABackup, postgresql.CannotReach, CannotBackUp) as error:
        raise CannotRestore(str(error)) from None
