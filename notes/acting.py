"""On whose behalf parts are touched: said to PostgreSQL, whose own rule of who reads asks it."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from datetime import datetime
from typing import NamedTuple

from django.db import connection, transaction
from psycopg2.extensions import TRANSACTION_STATUS_INERROR  # type: ignore[import-untyped]


class Acting(NamedTuple):
    """Who, at which moment, and why if not to read or write for themselves."""

    person_id: int
    at: datetime
    why: str = ""


_NOBODY = ("", "", "")
_now: ContextVar[Acting | None] = ContextVar("acting", default=None)


@contextmanager
def acting_as(person_id: int, *, at: datetime, why: str = "") -> Iterator[None]:
    """
    Do what is inside on behalf of a person, as far as the database is concerned (row_rules.py).

    The settings end with the transaction at the latest, so that a connection that is used again
    says nothing of the person before; without a transaction this makes one. Only PostgreSQL has
    such rules: on SQLite nothing happens.
    """
    acting, before = Acting(person_id, at, why), _now.get()
    if connection.vendor != "postgresql" or acting == before:
        yield
        return
    with nullcontext() if connection.in_atomic_block else transaction.atomic():
        _say(acting)
        token = _now.set(acting)
        try:
            yield
        finally:
            _now.reset(token)
            if not _is_aborted():  # otherwise its end takes the settings with it
                _say(before)


def _say(acting: Acting | None) -> None:
    """Beside Django's cursor, which would count it as a question to the data."""
    values = (str(acting[0]), acting.at.isoformat(), acting.why) if acting else _NOBODY
    connection.ensure_connection()
    with connection.connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('one.person', %s, true), set_config('one.at', %s, true), "
            "set_config('one.why', %s, true)",
            values,
        )


def _is_aborted() -> bool:
    status = connection.connection.info.transaction_status
    return connection.needs_rollback or bool(status == TRANSACTION_STATUS_INERROR)
