"""What a session that cannot be saved is taken for: ended elsewhere, or a database that is away."""

import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.db import OperationalError, connection

from people.models.sessions import Session, SessionStore

pytestmark = pytest.mark.django_db


def changed_session():
    store = SessionStore()
    store.create()
    store["device"] = "Chrome on Windows"
    return store


def away(execute, statement, *rest):
    if statement.startswith("UPDATE"):
        raise OperationalError("terminating connection due to administrator command")
    return execute(statement, *rest)


def test_database_that_is_away_ended_no_session():
    store = changed_session()

    with connection.execute_wrapper(away), pytest.raises(OperationalError):
        store.save()


def test_session_that_was_ended_elsewhere_is_not_saved():
    store = changed_session()
    Session.objects.all().delete()

    with pytest.raises(UpdateError):
        store.save()
