"""Imports that a worker does: shown, said yes to, done once; stopped, killed, refused, waiting."""

import os
import threading
import time
from datetime import timedelta

import pytest
from django.db import connection

from conftest import NOW
from people import actions, importing, jobs, uploads
from people.models import ImportRun, Person, Role, School

from .bundles import DISTRICT, changed, without, write, zipped
from .runs import fresh, shown, silent, start, yes

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=10)


def test_run_is_read_shown_applied_and_its_files_are_gone(school, ada, tmp_path):
    run = shown(ada, school)

    assert (run.state, run.counts["new"]) == ("shown", 5)
    assert Person.objects.filter(external_id="T1").count() == 0
    importing.work_on(yes(run, ada), at=NOW)
    assert fresh(run).state == "done"
    assert Person.objects.filter(external_id="T1").count() == 1
    assert list((tmp_path / "imports").iterdir()) == []


def test_row_of_a_run_names_nobody(school, ada):
    run = shown(ada, school)

    row = repr(ImportRun.objects.filter(pk=run.pk).values().get())
    assert not [name for name in ("Elena", "Marsh", "Ash", "elena@") if name in row]


def test_two_workers_do_it_once(school, ada):
    run = yes(shown(ada, school), ada)
    importing.work_on(run, at=NOW)

    importing.work_on(run, at=NOW)

    with pytest.raises(actions.CannotImport, match="over already"):
        actions.apply_oneroster(importing.oneroster.Read(), school=school, by=ada, at=NOW, run=run)


def test_run_with_a_worker_is_left_to_it_until_that_is_silent(school, ada):
    run = start(ada, school)
    assert actions.claim_import(run, by=None, at=NOW).attempts == 1

    assert actions.claim_import(run, by=None, at=NOW) is None
    silent(run)
    assert actions.claim_import(run, by=None, at=LATER).attempts == 2


def test_run_that_breaks_off_three_times_says_so_and_can_be_started_again(school, ada):
    run = start(ada, school)
    for _ in range(actions.imports.MOST_ATTEMPTS):
        assert actions.claim_import(run, by=None, at=NOW)
        silent(run)

    jobs.sweep_imports()

    assert fresh(run).state == "refused"
    assert run.error.startswith("It was begun 3 times and broke off each time.")
    importing.work_on(actions.read_again(run, by=ada, at=NOW), at=NOW)
    assert fresh(run).state == "shown"


def test_clock_goes_on_with_what_no_message_came_for(school, ada, now):
    run = start(ada, school)

    jobs.sweep_imports()

    assert fresh(run).state == "shown"


def test_worker_that_is_asked_to_stop_changes_nothing(school, ada, monkeypatch):
    run = yes(shown(ada, school), ada)
    original = uploads.tell

    def tell(key, words):
        original(key, words)
        if '"rows"' in words:
            uploads.ask_to_stop(key)

    monkeypatch.setattr(importing.uploads, "tell", tell)
    importing.work_on(run, at=NOW)

    assert fresh(run).state == "stopped"
    assert Person.objects.filter(external_id="T1").count() == 0


def test_worker_that_dies_in_the_middle_leaves_nothing_half_done(school, ada, monkeypatch):
    run = yes(shown(ada, school), ada)
    original = uploads.tell

    def tell(key, words):
        if '"rows"' in words:
            raise SystemExit
        original(key, words)

    with monkeypatch.context() as dying:
        dying.setattr(importing.uploads, "tell", tell)
        with pytest.raises(SystemExit):
            importing.work_on(run, at=NOW)
    assert (fresh(run).state, Person.objects.filter(external_id="T1").count()) == ("applying", 0)

    silent(run)
    jobs.sweep_imports()

    assert (fresh(run).state, run.attempts) == ("done", 2)
    assert Person.objects.filter(external_id="T1").count() == 1


def test_school_that_changed_meanwhile_is_shown_once_more(school, ada):
    run = shown(ada, school)
    other = shown(ada, school, files=changed("Sue,Elm", "Susan,Elm"))
    importing.work_on(yes(other, ada), at=NOW)

    importing.work_on(yes(run, ada), at=NOW)

    assert (fresh(run).state, run.error) == (
        "refused",
        "Something changed since this was shown. Read the files once more.",
    )
    importing.work_on(actions.read_again(run, by=ada, at=NOW), at=NOW)
    assert (fresh(run).state, run.counts["changed"]) == ("shown", 1)


def test_office_that_ended_meanwhile_applies_nothing(school, ada):
    run = yes(shown(ada, school), ada)
    Role.objects.filter(person=ada).update(ends_on=NOW.date() - timedelta(days=1))

    importing.work_on(run, at=NOW)

    assert fresh(run).state == "refused"
    assert Person.objects.filter(external_id="T1").count() == 0


def test_files_that_cannot_be_read_are_refused_in_words(school, ada):
    run = shown(ada, school, files={"orgs": DISTRICT["orgs"]})

    assert (run.state, run.error) == (
        "refused",
        "There is no users.csv, and without it nobody is known.",
    )


def test_many_leavers_need_a_yes(school, ada):
    importing.work_on(yes(shown(ada, school), ada), at=NOW)
    run = shown(ada, school, files=without("S1,", "E2,"))

    with pytest.raises(actions.CannotImport, match="Confirm that these people have left"):
        yes(run, ada)

    importing.work_on(yes(run, ada, ends_many=True), at=NOW)
    assert fresh(run).counts["ended"] == 2


@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once_are_done_one_after_the_other(school, ada):
    runs = [yes(shown(ada, school), ada) for _ in range(2)]
    start_together = threading.Barrier(2)

    def work(run):
        try:
            start_together.wait()
            importing.work_on(run, at=NOW)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=[run]) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(fresh(run).state for run in runs) == ["done", "refused"]
    assert Person.objects.filter(external_id="T1").count() == 1


# --- the folder ---


@pytest.fixture
def folder(settings, tmp_path):
    settings.ONEROSTER_FOLDER = str(tmp_path / "dropped")
    (tmp_path / "dropped").mkdir()
    return tmp_path / "dropped"


def lay(folder, files=DISTRICT, *, name="night", age=120):
    """Files in the folder, laid down a while ago."""
    written = write(folder / name, files)
    past = time.time() - age
    for path in (*written.iterdir(), written):
        os.utime(path, (past, past))
    return written


def test_folder_is_brought_in_by_the_clock_once(folder, school, now):
    lay(folder)

    jobs.take_from_folder()
    jobs.take_from_folder()

    run = ImportRun.objects.get()
    assert (run.state, run.by, run.counts["new"]) == ("done", None, 6)
    assert School.objects.count() == 2


def test_zip_in_the_folder_is_brought_in_too(folder, school, now):
    path = folder / "night.ZIP"
    path.write_bytes(zipped())
    os.utime(path, (time.time() - 120,) * 2)

    jobs.take_from_folder()

    assert ImportRun.objects.get().state == "done"


def test_files_that_are_being_written_are_left_for_the_next_time(folder, school, now):
    lay(folder, age=0)

    jobs.take_from_folder()

    assert ImportRun.objects.count() == 0


def test_files_that_would_end_many_wait_for_a_person_and_hold_up_the_next(folder, school, ada, now):
    lay(folder, age=300)
    jobs.take_from_folder()
    lay(folder, without("S1,", "E2,"), name="cut", age=200)
    lay(folder, name="next", age=100)

    for _ in range(3):
        jobs.take_from_folder()

    first, waiting = ImportRun.objects.order_by("pk")
    assert (first.state, waiting.state) == ("done", "shown")
    assert Role.objects.in_force(NOW.date()).filter(person__external_id="S1").exists()


def test_files_that_are_not_whole_wait_for_a_person(folder, school, now):
    lay(folder, {**DISTRICT, "courses": "ALG,Algebra\n"})

    jobs.take_from_folder()

    assert ImportRun.objects.get().state == "shown"


def test_without_a_folder_nothing_is_taken(settings, tmp_path, now):
    jobs.take_from_folder()
    settings.ONEROSTER_FOLDER = str(tmp_path / "nowhere")
    jobs.take_from_folder()

    assert ImportRun.objects.count() == 0
