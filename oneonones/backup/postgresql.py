"""PostgreSQL: pg_dump and pg_restore, streamed; what is counted is what is dumped."""

import os
import shutil
import subprocess
import threading
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any

import environ
import psycopg2  # type: ignore[import-untyped]
from psycopg2 import sql

from .archive import LEFT_OUT, READ_AT_ONCE, NotABackup
from .key import CannotBackUp

# By the name of the client's own variable, so that no password stands on a command line
VARIABLES = {
    "dbname": "PGDATABASE",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "host": "PGHOST",
    "port": "PGPORT",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
}
INSTALL = (
    "{} is not on the PATH. Install PostgreSQL's client programs, of the server's version or "
    "newer (Debian and Ubuntu: postgresql-client)."
)
SERVER_NEWER = "SET transaction_timeout = 0;\n"  # clients from 17 on say it to older servers too

# Until it does, by itself within minutes, a night's work can take as many hours
KNOWS_ITS_ROWS = "ANALYZE;\n"

TABLES = """
    SELECT c.relname FROM pg_class AS c
    WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace ORDER BY 1"""
# A sequence of a column, and a type or function of an extension, go with what they belong to
CLEAR = """
    DO $$
    DECLARE thing record;
    BEGIN
        FOR thing IN
            SELECT format('DROP TABLE IF EXISTS %s CASCADE', oid::regclass) AS statement
            FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace
            UNION ALL
            SELECT format('DROP FUNCTION IF EXISTS %s CASCADE', p.oid::regprocedure)
            FROM pg_proc AS p WHERE p.pronamespace = 'public'::regnamespace AND NOT EXISTS (
                SELECT 1 FROM pg_depend AS d WHERE d.objid = p.oid AND d.deptype = 'e'
            )
        LOOP
            EXECUTE thing.statement;
        END LOOP;
    END $$;
"""


class CannotReach(Exception):
    """The server does not answer, or does not let this role in."""


def parameters(url: str) -> dict[str, str]:
    """The address of a database, as PostgreSQL's clients name its parts."""
    return from_settings(environ.Env.db_url_config(url))


def from_settings(chosen: dict[str, Any]) -> dict[str, str]:
    named = {
        "dbname": chosen["NAME"],
        "user": chosen["USER"],
        "password": chosen["PASSWORD"],
        "host": chosen["HOST"],
        "port": chosen["PORT"],
        **chosen.get("OPTIONS", {}),
    }
    return {name: str(named[name]) for name in VARIABLES if named.get(name)}


def connect(place: dict[str, str]) -> Any:
    """A connection beside Django's. Raises CannotReach."""
    try:
        return psycopg2.connect(**place)
    except psycopg2.OperationalError:
        raise CannotReach("The database does not answer, or refuses this role.") from None


@contextmanager
def snapshot(place: dict[str, str]) -> Iterator[tuple[dict[str, int], list[str], Iterable[bytes]]]:
    """
    Lend the rows of every table, the migrations, and the dump, all of one moment.

    Raises CannotBackUp.
    """
    program = _program("pg_dump", CannotBackUp)
    try:
        with closing(connect(place)) as session:
            session.set_session(isolation_level="REPEATABLE READ", readonly=True)
            with session.cursor() as cursor:
                cursor.execute("SELECT pg_export_snapshot()")
                [name] = cursor.fetchone()
                rows, applied = _facts(cursor)
                yield rows, applied, _dump(program, place, name)
    except CannotReach as error:
        raise CannotBackUp(str(error)) from None
    except psycopg2.Error as error:
        raise CannotBackUp(
            f"PostgreSQL refused to be read ({type(error).__name__}). Backups need a role that "
            "sees every row: DATABASE_ROLE=keeper."
        ) from None


def facts(place: dict[str, str]) -> tuple[dict[str, int], list[str]]:
    with closing(connect(place)) as session, session.cursor() as cursor:
        return _facts(cursor)


def _facts(cursor: Any) -> tuple[dict[str, int], list[str]]:
    cursor.execute("SET LOCAL row_security = off")  # refuses rather than count some rows only
    cursor.execute(TABLES)
    rows, applied = {}, []
    for (name,) in cursor.fetchall():
        cursor.execute(sql.SQL("SELECT count(*) FROM public.{}").format(sql.Identifier(name)))
        rows[name] = 0 if name in LEFT_OUT else cursor.fetchone()[0]
    if "django_migrations" in rows:
        cursor.execute("SELECT app || '.' || name FROM django_migrations")
        applied = sorted(name for (name,) in cursor.fetchall())
    return rows, applied


def _dump(program: str, place: dict[str, str], name: str) -> Iterator[bytes]:
    left_out = [f"--exclude-table-data=public.{table}" for table in LEFT_OUT]
    command = [program, "--format=custom", "--compress=0", f"--snapshot={name}", *left_out]
    with subprocess.Popen(
        command, env=_env(place), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as dump:
        complaints = _Listening(dump.stderr)
        while piece := dump.stdout.read(READ_AT_ONCE):  # type: ignore[union-attr]
            yield piece
        if dump.wait():
            raise CannotBackUp(f"pg_dump stopped: {complaints.last()}")


def has_data(place: dict[str, str]) -> bool:
    with closing(connect(place)) as session, session.cursor() as cursor:
        cursor.execute(TABLES)
        return cursor.fetchone() is not None


def load(
    payload: Iterable[bytes], place: dict[str, str], *, replace: bool, with_rights: bool
) -> None:
    """
    Put a dump into a database in one transaction: all of it is there afterwards, or nothing.

    `replace` drops every table first; without `with_rights` nobody but the owner gets any.
    Raises NotABackup.
    """
    read = [_program("pg_restore", NotABackup), "--no-owner", "--no-comments", "--file=-"]
    read += ["--no-privileges"] * (not with_rights)
    tell = [_program("psql", NotABackup), "-X", "-q", "-1", "-v", "ON_ERROR_STOP=1", "-f", "-"]
    pipe = subprocess.PIPE
    with (
        subprocess.Popen(read, stdin=pipe, stdout=pipe, stderr=pipe) as reading,
        subprocess.Popen(
            tell, env=_env(place), stdin=pipe, stdout=subprocess.DEVNULL, stderr=pipe
        ) as telling,
    ):
        said, refused = _Listening(reading.stderr), _Listening(telling.stderr)
        passing = threading.Thread(target=_pass_on, args=(reading, telling, replace))
        passing.start()
        try:
            for piece in payload:
                reading.stdin.write(piece)  # type: ignore[union-attr]
        except BrokenPipeError:
            pass  # it has said why
        except BaseException:
            telling.kill()  # before it would take what it has for all
            reading.kill()
            raise
        finally:
            _close(reading.stdin)
            passing.join()
        if reading.wait() or telling.wait():
            raise NotABackup(f"Nothing was restored. {refused.last() or said.last()}")


def _pass_on(reading: subprocess.Popen, telling: subprocess.Popen, replace: bool) -> None:  # noqa: FBT001
    """Hand the statements on; a reader that fails must not look like one that came to its end."""
    try:
        telling.stdin.write(CLEAR.encode() * replace)  # type: ignore[union-attr]
        is_beginning = True
        for line in reading.stdout:  # type: ignore[union-attr]
            is_beginning = is_beginning and not line.startswith(b"COPY ")
            if not (is_beginning and line == SERVER_NEWER.encode()):
                telling.stdin.write(line)  # type: ignore[union-attr]
        if reading.wait():
            telling.kill()
        else:
            telling.stdin.write(KNOWS_ITS_ROWS.encode())  # type: ignore[union-attr]
    except BrokenPipeError:
        reading.kill()
    finally:
        _close(telling.stdin)


def _close(stream: Any) -> None:
    with suppress(BrokenPipeError):
        stream.close()


@contextmanager
def scratch_database(place: dict[str, str], name: str) -> Iterator[dict[str, str]]:
    """Lend a new, empty database on the same server. Raises NotABackup."""
    with closing(connect(place)) as session:
        session.autocommit = True
        with session.cursor() as cursor:
            try:
                cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
            except psycopg2.errors.InsufficientPrivilege:
                raise NotABackup(
                    "This role may make no scratch database. Give DATABASE_OWNER_URL, of a role "
                    "with CREATEDB."
                ) from None
            try:
                yield place | {"dbname": name}
            finally:
                cursor.execute(
                    sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
                )


def _program(name: str, refusal: type[Exception]) -> str:
    found = shutil.which(name)
    if found is None:
        raise refusal(INSTALL.format(name))
    return found


def _env(place: dict[str, str]) -> dict[str, str]:
    return dict(os.environ) | {VARIABLES[name]: value for name, value in place.items()}


class _Listening(threading.Thread):
    """Reads what a program complains of, so that it never waits for a reader."""

    def __init__(self, stream: Any) -> None:
        super().__init__(daemon=True)
        self._stream, self._lines = stream, [""]
        self.start()

    def run(self) -> None:
        for line in self._stream:
            self._lines = [*self._lines[-20:], line.decode(errors="replace").strip()]

    def last(self) -> str:
        """The first of the last lines that names an error, or the last one."""
        self.join(5)
        return next((line for line in self._lines if "rror:" in line.lower()), self._lines[-1])
