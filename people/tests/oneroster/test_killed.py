"""A real worker, killed in the middle of writing: nothing is half done, and it goes on."""

import os
import time
from pathlib import Path

import pytest

from conftest import NOW
from oneonones.tests.test_worker import waited_for
from people import importing, jobs, uploads
from people.models import Person, Role
from people.tests.factories import PersonFactory, SchoolFactory

from .bundles import DISTRICT
from .runs import fresh, shown, silent, yes

PEOPLE = 4000
PATIENCE = 180  # seconds, for a machine with much else to do


def many():
    """A school large enough for a worker to be met in the middle of it."""
    lines = [f"S{number},HS,student,Pupil{number},Many\n" for number in range(PEOPLE)]
    seats = [f"A1,S{number},student\nA2,S{number},student\n" for number in range(PEOPLE)]
    return {
        "orgs": DISTRICT["orgs"],
        "classes": DISTRICT["classes"],
        "users": "sourcedId,orgSourcedIds,role,givenName,familyName\n" + "".join(lines),
        "enrollments": "classSourcedId,userSourcedId,role\n" + "".join(seats),
    }


@pytest.mark.process
@pytest.mark.django_db(transaction=True)
def test_worker_that_is_killed_leaves_nothing_half_done(real_worker, settings):
    settings.VAR_DIR = Path(os.environ["VAR_DIR"])  # the worker's own
    school = SchoolFactory(name="Bay High", external_id="HS")
    ada = PersonFactory(administrator=True, school=school)
    run = yes(shown(ada, school, files=many()), ada)

    jobs.work_soon(run)
    until = time.monotonic() + PATIENCE
    while '"rows"' not in uploads.told(run.upload_key)[0] and time.monotonic() < until:
        time.sleep(0.05)
    real_worker.kill()
    real_worker.wait()

    assert fresh(run).state == "applying"
    assert not Person.objects.filter(external_id__startswith="S").exists()

    def is_done():
        if fresh(run).state == "done":
            return True
        silent(run)
        importing.work_on(run, at=NOW)
        return fresh(run).state == "done"

    # The database may need a moment to see that the worker is gone
    assert waited_for(is_done)
    assert Role.objects.filter(person__external_id__startswith="S").count() == PEOPLE
