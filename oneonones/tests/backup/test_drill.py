"""That a drill finds what would not do, and touches nothing that is in use."""

import os
import threading

import pytest
from django.db import connection, transaction

from audit.actions import record
from audit.models import Event
from oneonones import backup
from oneonones.tests import databases
from people.models import Person, User

from .commands import CANARY, SQLITE, back_up, drill, tamper

pytestmark = pytest.mark.django_db(transaction=True)


def test_drill_proves_a_backup_and_touches_nothing(note):
    path = back_up()
    events, people = Event.objects.count(), Person.objects.count()

    status, said = drill()

    assert status == 0, said
    assert str(path) in said
    for words in ("as counted then", "all are applied", "events, whole", "1 tried, all open",
                  "Sign-in: works", "can be relied on"):  # fmt: skip
        assert words in said
    assert CANARY not in said
    assert (Event.objects.count(), Person.objects.count()) == (events, people)
    assert not User.objects.filter(email__startswith="drill").exists()
    if not SQLITE:
        with databases.connect_as_superuser().cursor() as cursor:
            left = f"one_on_ones_drill_{os.getpid()}_%"  # another test may be at it just now
            cursor.execute("SELECT 1 FROM pg_database WHERE datname LIKE %s", [left])
            assert cursor.fetchone() is None


def test_drill_finds_an_altered_log(note):
    tamper("audit_event", "UPDATE audit_event SET by = 7")
    back_up()

    status, said = drill()

    assert status == 1
    assert "Log: it is not whole" in said
    assert "Notes: 1 tried, all open" in said


def test_drill_finds_notes_that_do_not_open(note):
    tamper("notes_part", "UPDATE notes_part SET written_aud = 1, aud = 1, kind = 'topic'")
    back_up()

    status, said = drill()

    assert status == 1
    assert "Notes: 1 of 1 do not open" in said


def test_drill_without_the_ring_says_so(note, settings, tmp_path):
    back_up()
    settings.KEYRING_PATH = tmp_path / "lost" / "ring.json"

    status, said = drill()

    assert status == 1
    assert "Notes: they cannot be opened. The key ring is missing" in said


def test_backup_while_people_work_is_of_one_moment(note):
    """Each change and its event are one transaction: a backup has both or neither."""
    done, failures = threading.Event(), []

    def work(number):
        try:
            while not done.is_set():
                with transaction.atomic():
                    person = Person.objects.create(given_name="W", family_name=str(number))
                    record(Event.Act.PERSON_CHANGE, chain=number, by=None,
                           objects=[f"person:{person.pk}"])  # fmt: skip
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    before = Person.objects.count() - Event.objects.count()
    workers = [threading.Thread(target=work, args=(number,)) for number in (101, 102)]
    for worker in workers:
        worker.start()
    while Person.objects.filter(given_name="W").count() < 5 and not failures:
        pass
    path = back_up()
    done.set()
    for worker in workers:
        worker.join()

    rows = backup.examine(path).rows
    assert failures == []
    assert rows["people_person"] - rows["audit_event"] == before
    assert rows["people_person"] < Person.objects.count() or rows["audit_event"] >= 5
    status, said = drill(str(path))
    assert status == 0, said
