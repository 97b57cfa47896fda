"""The command of the night."""

import os
import time

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from audit.actions import record
from audit.append_only import append_only_lifted
from audit.models import Event
from people import uploads

from .databases import as_keeper

pytestmark = pytest.mark.django_db


@pytest.mark.django_db(transaction=True)  # the keeper's is another connection
def test_nightly_forgets_old_uploads_and_proves_the_log(capsys):
    record(Event.Act.SCHOOL_CHANGE, chain=1, by=None, objects=["school:1"])
    key = uploads.keep(b"roster")
    old = time.time() - 2 * uploads.KEPT_SECONDS
    os.utime(uploads._path(key), (old, old))

    with as_keeper():
        call_command("nightly")

    assert "The log is whole." in capsys.readouterr().out
    assert not uploads._path(key).exists()


@pytest.mark.skipif(connection.vendor != "sqlite", reason="only the owner could do it there")
def test_nightly_fails_when_the_log_is_not_whole():
    record(Event.Act.SCHOOL_CHANGE, chain=1, by=None, objects=["school:1"])
    with append_only_lifted(connection):
        Event.objects.update(by=7)

    with pytest.raises(CommandError, match="not whole"):
        call_command("nightly")
