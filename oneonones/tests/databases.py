"""The test database: on PostgreSQL made by its owner and used as the app; how it is emptied."""

import os
from contextlib import contextmanager
from urllib.parse import quote, urlencode

import psycopg2
from django.conf import settings
from django.db import connection, transaction

from oneonones.management.commands.database_roles import RIGHTS, make_role

PASSWORD = "only-for-tests"
# Filled by migrations, and the same for every test
KEPT = {"django_migrations", "django_content_type", "auth_permission"}


def is_postgresql() -> bool:
    return settings.DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql"


def connect_as_superuser(name: str | None = None):
    """A connection as the role of TEST_DATABASE_URL, which alone may lift triggers."""
    chosen = {"dbname": name} if name else {}
    session = psycopg2.connect(os.environ["TEST_DATABASE_URL"], **chosen)
    session.autocommit = True
    return session


@contextmanager
def postgresql_database(worker: str):
    """
    A new database with the three roles of production, named for this process.

    Inside, Django is told to connect as the owner, for the migrations; `become("app")` afterwards.
    """
    name = f"one_on_ones_test_{worker}_{os.getpid()}"
    roles = {role: f"{name}_{role}" for role in ("owner", *RIGHTS)}
    with connect_as_superuser().cursor() as cursor:
        cursor.execute(f"CREATE ROLE {roles['owner']} LOGIN PASSWORD '{PASSWORD}'")
        cursor.execute(f"CREATE DATABASE {name} OWNER {roles['owner']}")
    with connect_as_superuser(name).cursor() as cursor:
        for role, rights in RIGHTS.items():
            make_role(cursor, roles[role], PASSWORD, rights, owner=roles["owner"])
    connection.settings_dict["TEST"]["NAME"] = name
    become("owner", name)
    try:
        yield
    finally:
        connection.close()
        with connect_as_superuser().cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
            for role in roles.values():
                cursor.execute(f"DROP ROLE {role}")


def become(role: str, name: str | None = None) -> None:
    """Use another of the test database's roles from now on."""
    connection.close()
    connection.settings_dict["NAME"] = name = name or connection.settings_dict["NAME"]
    connection.settings_dict["USER"] = f"{name}_{role}"
    connection.settings_dict["PASSWORD"] = PASSWORD


@contextmanager
def as_keeper():
    """Do what is inside as the keeper, on a connection of its own; on SQLite as anybody."""
    if is_postgresql():
        become("keeper")
    try:
        yield
    finally:
        if is_postgresql():
            become("app")


def database_url(role: str = "app") -> str:
    """The test database's address, for a process that a test starts."""
    chosen = connection.settings_dict
    if not is_postgresql():
        return f"sqlite:///{chosen['NAME']}"
    user = f"{chosen['NAME']}_{role}:{PASSWORD}"
    place = f"{chosen['HOST']}:{chosen['PORT']}" if chosen["HOST"] else ""
    options = {name: value for name, value in chosen["OPTIONS"].items() if name in ("host", "port")}
    query = f"?{urlencode(options, quote_via=quote)}" if options else ""
    return f"postgres://{user}@{place}/{chosen['NAME']}{query}"


def empty_every_table(test_case) -> None:
    """
    What stands in for Django's flush after a transactional test.

    Append-only tables refuse every DELETE and TRUNCATE; this is the only place that lifts their
    triggers, by means the app's role does not have.
    """
    tables = sorted(set(connection.introspection.table_names()) - KEPT)
    deletes = "; ".join(f'DELETE FROM "{table}"' for table in tables)
    if is_postgresql():
        with connect_as_superuser(connection.settings_dict["NAME"]) as session:
            session.cursor().execute(
                f"SET lock_timeout = '20s'; SET session_replication_role = replica; {deletes}"
            )
        session.close()
    else:
        _empty_sqlite(tables)


def _empty_sqlite(tables: list[str]) -> None:
    foreign_keys_off = connection.constraint_checks_disabled()
    with foreign_keys_off, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = cursor.fetchall()
        for name, _ in triggers:
            cursor.execute(f'DROP TRIGGER "{name}"')
        for table in tables:
            cursor.execute(f'DELETE FROM "{table}"')
        for _, definition in triggers:
            cursor.execute(definition)
