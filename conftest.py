"""The few fixtures that every test may use, and what makes the suite strict."""

import gc
import os
import subprocess
import sys
from datetime import UTC, datetime
from importlib.util import find_spec

import pytest
import time_machine
from django.conf import settings as django_settings
from django.db import connection
from django.template.base import FilterExpression
from django.test import TransactionTestCase

from audit import keyring
from oneonones.celery import app as celery_app
from oneonones.tests import databases

NOW = datetime(2026, 10, 12, 7, 0, tzinfo=UTC)  # a Monday in term (2026-09-07 to 2026-12-18)


@pytest.fixture
def now():
    """Stop the clock on a Monday morning in term."""
    with time_machine.travel(NOW, tick=False):
        yield NOW


@pytest.fixture(scope="session")
def django_db_keepdb():
    """On PostgreSQL the database is made and dropped here, not by Django."""
    return databases.is_postgresql()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix, django_db_blocker):
    if not databases.is_postgresql():
        yield
        return
    with (
        django_db_blocker.unblock(),
        databases.postgresql_database(os.environ.get("PYTEST_XDIST_WORKER", "main")),
    ):
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Migrated as the owner, used as the app, as in production."""
    with django_db_blocker.unblock():
        if databases.is_postgresql():
            databases.become("app")
        connection.close()


@pytest.fixture(scope="session", autouse=True)
def _key_ring():
    keyring.create(django_settings.KEYRING_PATH, on=NOW.date())


@pytest.fixture
def real_worker(transactional_db, monkeypatch):
    """
    A Celery worker as a process of its own, on the real broker; tasks are no longer eager.

    Its clock is the real one, whatever `now` says here. Kill it if that is what the test is about.
    """
    monkeypatch.setitem(celery_app.conf, "task_always_eager", False)  # noqa: FBT003 -- pytest's
    queue = django_settings.CELERY_TASK_DEFAULT_QUEUE
    worker = f"-m celery -q -A oneonones worker -P solo -l WARNING -Q {queue}".split()
    env = os.environ | {
        "DJANGO_SETTINGS_MODULE": "oneonones.settings",
        "DATABASE_URL": databases.database_url(),
        "PYTHONWARNINGS": "ignore",
    }
    with subprocess.Popen([sys.executable, *worker], env=env) as process:
        yield process
        process.kill()


@pytest.fixture(autouse=True)
def _strict_conditions(monkeypatch, settings):
    """Make `{% if misspelt %}` fail in our templates; Django takes it for false."""
    resolve = FilterExpression.resolve

    def strict(self, context, ignore_failures=False):  # noqa: FBT002 -- Django's signature
        template = context.render_context.template
        ours = template and template.origin.name.startswith(str(settings.BASE_DIR / "templates"))
        if ours and self.is_var and self.var.lookups and self.var.lookups[0] not in context:
            ignore_failures = False
        return resolve(self, context, ignore_failures)

    monkeypatch.setattr(FilterExpression, "resolve", strict)


# After `pip install -r requirements.txt` by hand all tests run but these
NO_PLAYWRIGHT = find_spec("playwright") is None
collect_ignore = ["oneonones/tests/browser"] if NO_PLAYWRIGHT else []


def pytest_report_header():
    return "browser tests: left out, they need requirements-dev.txt" if NO_PLAYWRIGHT else None


def pytest_configure(config):
    gc.set_threshold(50_000, 50, 50)  # a run is short, and looking for rings is a twentieth of it
    # Django's flush is refused by append-only tables, and on PostgreSQL to the app's role
    TransactionTestCase._fixture_teardown = databases.empty_every_table


@pytest.hookimpl(trylast=True)  # the browser tests are marked by then
def pytest_collection_modifyitems(config, items):
    items.sort(key=lambda item: item.get_closest_marker("browser") is None)  # the longest first
    if databases.is_postgresql():
        # What asks no database, or any, has been tried on SQLite, and is no other here
        config.hook.pytest_deselected(items=[each for each in items if not _asks_database(each)])
        items[:] = filter(_asks_database, items)
    if not (databases.is_postgresql() and os.environ.get("TEST_REDIS_URL")):
        missing = pytest.mark.skip(reason="needs TEST_DATABASE_URL and TEST_REDIS_URL")
        for item in items:
            if item.get_closest_marker("production"):
                item.add_marker(missing)


def _asks_database(item):
    if item.get_closest_marker("any_database"):
        return False
    fixtures = {"db", "transactional_db", "live_server"} & set(getattr(item, "fixturenames", ()))
    marks = (item.get_closest_marker(name) for name in ("django_db", "production"))
    return bool(fixtures) or any(marks)
