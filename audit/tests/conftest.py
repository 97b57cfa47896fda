"""A key ring of each test's own, and a way round the triggers, as a database's owner has."""

import os
from datetime import date

import psycopg2.extensions
import pytest
from django.db import connection, transaction

from audit import keyring
from audit.append_only import append_only_lifted


@pytest.fixture(autouse=True)
def ring(settings, tmp_path):
    """A fresh ring; its path."""
    settings.KEYRING_PATH = tmp_path / "keys" / "ring.json"
    keyring.create(settings.KEYRING_PATH, on=date(2026, 10, 12))
    return settings.KEYRING_PATH


@pytest.fixture
def tampering(transactional_db):
    """Connected as the database's superuser, without triggers; undone at the end."""
    connection.close()
    ours = {name: connection.settings_dict[name] for name in ("USER", "PASSWORD")}
    if connection.vendor == "postgresql":
        superuser = psycopg2.extensions.parse_dsn(os.environ["TEST_DATABASE_URL"])
        connection.settings_dict["USER"] = superuser.get("user", "")
        connection.settings_dict["PASSWORD"] = superuser.get("password", "")
    with transaction.atomic():
        with append_only_lifted(connection):
            yield
        transaction.set_rollback(True)
    connection.close()
    connection.settings_dict |= ours
