"""The commands as the keeper runs them, and what is done behind their back."""

import sqlite3
from contextlib import closing, contextmanager
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from audit.append_only import append_only_lifted
from oneonones.backup import postgresql
from oneonones.tests import databases

SQLITE = connection.vendor == "sqlite"
CANARY = "zanzibar-nougat-4711"  # what nobody may find outside a note
only_sqlite = pytest.mark.skipif(not SQLITE, reason="is about SQLite's file")
only_postgresql = pytest.mark.skipif(SQLITE, reason="is about PostgreSQL's programs")


@contextmanager
def as_keeper():
    if not SQLITE:
        databases.become("keeper")
    try:
        yield
    finally:
        if not SQLITE:
            databases.become("app")


def back_up(*arguments):
    out = StringIO()
    with as_keeper():
        call_command("backup", *arguments, stdout=out)
    return Path(out.getvalue().split("  ")[0])


def drill(*arguments):
    out, err = StringIO(), StringIO()
    try:
        call_command("drill", *arguments, stdout=out, stderr=err)
    except CommandError as error:
        return 1, out.getvalue() + err.getvalue() + str(error)
    return 0, out.getvalue()


def restore(path, into, *arguments):
    out = StringIO()
    call_command("restore", str(path), f"--into={into}", *arguments, stdout=out)
    return out.getvalue()


def count(place, table):
    question = f"SELECT count(*) FROM {table}"
    if SQLITE:
        with closing(sqlite3.connect(place)) as session:
            return session.execute(question).fetchone()[0]
    with (
        closing(postgresql.connect(postgresql.parameters(place))) as session,
        session.cursor() as cursor,
    ):
        cursor.execute(question)
        return cursor.fetchone()[0]


def flip(path, place):
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)


def tamper(table, statement):
    """Behind everybody's back, by means that the app's role does not have."""
    if not SQLITE:
        with databases.connect_as_superuser(connection.settings_dict["NAME"]).cursor() as cursor:
            cursor.execute(f"SET session_replication_role = replica; {statement}")
    elif table == "audit_event":
        with append_only_lifted(connection), connection.cursor() as cursor:
            cursor.execute(statement)
    else:
        with connection.cursor() as cursor:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE tbl_name = %s "
                           "AND type = 'trigger'", [table])  # fmt: skip
            triggers = cursor.fetchall()
            for name, _ in triggers:
                cursor.execute(f'DROP TRIGGER "{name}"')
            cursor.execute(statement)
            for _, definition in triggers:
                cursor.execute(definition)
