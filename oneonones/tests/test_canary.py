"""
Planted words are found where they belong, and nowhere else: not in what others are answered, nor in
mails, logs, tasks, sessions, caches, the log of events, dumps, or files.

A note, a private field, a counselor's note, a student's name, a code to sign in and a password are
written through the pages. Then people outside open every page, the clock does its work, things
break with the words in their hands; `canary.py` looks at all that is left.
"""

import base64
import html
import inspect
import json
import re
import tempfile
from datetime import timedelta
from io import BytesIO, StringIO
from urllib.parse import quote
from zipfile import ZipFile

import pytest
import time_machine
from django.apps import apps
from django.conf import settings as django_settings
from django.core import mail
from django.core.management import call_command
from django.db import IntegrityError, connection
from django.test import Client
from django.urls import reverse

from conftest import NOW
from notes.tests.factories import agree
from notes.tests.notes_page import HTMX, post_note
from oneonones.celery import app as celery_app

from . import canary, databases
from .test_access import ACCESS, POST_ONLY
from .world import arguments, made_world

SHARED = 'Zanzibarnougat & "4711" über <Nacht>'
PRIVATE = "Quincemarmalade 'for my memory' é>"
CONFIDED = "Vermilionaccordion & <tide> ñ"
STUDENT = "Þórhildur Quuxsdottirova O'Søn&Søn"
PASSWORD = 'wrong, but "secrettamarind" <ø>'
WORDS = {
    "shared": SHARED,
    "private": PRIVATE,
    "confided": CONFIDED,
    "student": STUDENT,
    "password": PASSWORD,
}
# Who reads them; everybody else is outside
AUDIENCE = {
    "shared": {"host", "attendee"},
    "private": {"host"},
    "confided": {"confidant"},
    "student": {"confidant", "host", "leader", "admin", "counselor"},
    "password": set(),
}
PLACES = {
    "audit_event", "errors", "file", "headers", "log", "mail", "notes_part", "people_outgoingmail",
    "people_session", "rate_limits", "task", "dumpdata",
}  # fmt: skip
PLANTED = {"how": SHARED, "memory": PRIVATE}
MOMENTS = [  # the reminders of tomorrow, Monday's digest, a month without a talk
    NOW,
    NOW + timedelta(hours=23),
    NOW + timedelta(days=7, hours=6),
    NOW + timedelta(days=40),
]


@pytest.mark.parametrize(("name", "form"), list(canary.forms_of(STUDENT)))
def test_search_finds_a_word_however_it_is_written(name, form):
    search = canary.Search({"student": STUDENT})

    search.look("a place", b"abc" + form + b"def")

    assert search.found == {("student", "a place")}


@pytest.mark.parametrize(
    "written",
    [
        *(base64.b64encode(f"{before}{STUDENT}, 9".encode()) for before in ("", "1", "12")),
        json.dumps(json.dumps({"name": STUDENT})),
        repr({"name": json.dumps(STUDENT)}),
        quote(html.escape(STUDENT)),
        STUDENT.encode("utf-16"),
    ],
)
def test_search_finds_a_word_within_others(written):
    search = canary.Search({"student": STUDENT})

    search.look("a place", written)

    assert search.found


def test_tasks_are_told_keys_only():
    ours = {name: each for name, each in celery_app.tasks.items() if name[:7] != "celery."}
    told = {
        (name, each)
        for name, task in ours.items()
        for each in inspect.signature(task.run).parameters
    }

    assert len(ours) > 5
    assert [each for each in told if not re.fullmatch(r"(\w+_)?(key|uid)", each[1])] == []
    assert type(celery_app.backend).__name__ == "DisabledBackend"


def test_nothing_of_djangos_admin_is_here():
    assert not apps.is_installed("django.contrib.admin")


@pytest.mark.django_db(transaction=True)
def test_words_are_nowhere_else(now, settings, monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setitem(celery_app.conf, "task_always_eager", False)
    settings.ADMINS = [("IT", "it@school.example")]
    search = canary.Search(WORDS)
    list(canary.messages())

    with canary.Written() as log:
        story = Story(made_world(), search)
        story.plant()
        code = story.ask_for_a_code()
        search.add_number("code", code)
        snapshot(search)  # the night forgets sessions, and pages take messages from them
        story.everybody_opens_every_page()
        story.clock_does_its_work()
        snapshot(search)
        story.things_break(settings)
        story.everybody_presses_every_button()
        snapshot(search)
    search.look("log", *log.lines)
    for path, content in canary.files(django_settings.VAR_DIR, tmp_path):
        search.look("file", path, content)

    belongs = {(word, f"answers to {each}") for word in WORDS for each in AUDIENCE[word]}
    belongs |= {
        ("student", place)
        for place in ("people_person", *canary.DUMPS)
        if place in search.looked_at
    }
    # django-allauth compares with the session that asked, which alone can use it, for ten minutes
    belongs |= {("code", "mail"), ("code", "people_session")}
    assert search.found == belongs
    assert [each.to for each in mail.outbox if code in each.body] == [[story.email]]
    # With Redis and PostgreSQL nothing is left in files
    assert search.looked_at >= PLACES - ({"file"} if databases.is_postgresql() else set())


def snapshot(search):
    """Look at all that is kept."""
    for message in canary.messages():
        search.look("task", message)
    for recipients, *parts in canary.mails():
        search.look("mail", str(recipients), *parts)
    for table, row in canary.tables():
        search.look(table, row)
    for name, content in canary.dumps():
        search.look(name, content)


class Story:
    """What happens at a school in which the words are written."""

    def __init__(self, world, search):
        self.world, self.search = world, search
        world.people["confidant"] = world.counseling.host.user
        self.email = world.people["leader"].email
        agree(world.pairing)
        self.clients = {each: self.as_(each) for each in ("anonymous", *world.people)}

    def as_(self, visitor):
        client = Client(raise_request_exception=False)
        if user := self.world.people.get(visitor):
            client.force_login(user)
        return client

    def answered(self, visitor, response):
        """Look at an answer, as one place for all that a visitor reads."""
        is_error = response.status_code >= 500
        place = "errors" if is_error else f"answers to {visitor}"
        self.search.look(place, response.content)
        if response.headers.get("Content-Type") == "application/zip":
            with ZipFile(BytesIO(response.content)) as archive:
                self.search.look(place, *(archive.read(name) for name in archive.namelist()))
        self.search.look("headers", str(response.headers), response.cookies.output())
        return response

    def plant(self):
        """Write the words where people write them."""
        world = self.world
        host, confidant = world.pairing.host, world.counseling.host
        for headers in ({}, HTMX):
            self._post_note("host", world.meeting, host, "note_save", headers, **PLANTED)
        self._post_note("host", world.meeting, host, how=SHARED + "x" * 20_001)
        self._post_note("host", world.meeting, host, **PLANTED, **{"how-see": "3"})
        self._post_note("confidant", world.session, confidant, noticed=CONFIDED)
        names = {"given_name": STUDENT, "family_name": "Lund"}
        address = reverse("people:person_edit", args=[world.student.uid])
        self.answered("admin", self.as_("admin").post(address, names))
        world.student.refresh_from_db()
        assert world.student.given_name == STUDENT

    def _post_note(self, visitor, meeting, person, verb="note_finish", headers=None, **fields):
        response = post_note(Client(), meeting, person, verb, headers, **fields)
        self.answered(visitor, response)

    def ask_for_a_code(self):
        """A code by mail, still good; and a wrong password. Answers the code."""
        for name, fields in {
            "account_login": {"login": self.email, "password": PASSWORD},
            "account_request_login_code": {"email": self.email},
        }.items():
            self.answered("anonymous", Client().post(reverse(name), fields))
        self.run("people.tasks.deliver_mail")
        [code] = re.findall(r"\b\d{6}\b", mail.outbox[-1].body)
        return code

    def everybody_opens_every_page(self):
        for name, argument in ACCESS:
            if name not in POST_ONLY:
                for visitor in ("anonymous", *self.world.people):
                    self.ask(visitor, "get", name, argument)
        for visitor in self.world.people:
            for name in ("people:find", "people:person_list", "notes:student_note"):
                self.ask(visitor, "get", name, None, {"q": STUDENT[:6], "find": STUDENT[:6]})
            self.ask(visitor, "post", "notes:note_find", None, {"words": PRIVATE[:8]})
            copy = self.ask(visitor, "post", "people:own_data", None)
            assert copy["Content-Type"] == "application/zip" or visitor == "superuser"
        self.ask("admin", "get", "people:person_list", None, {"q": STUDENT})
        self.ask("host", "post", "notes:note_find", None, {"words": PRIVATE})

    def everybody_presses_every_button(self):
        """With nothing in the form; ends of people and terms among them, so it comes last."""
        for name, argument in sorted(ACCESS, key=str):
            if name in POST_ONLY:
                for visitor in ("anonymous", *self.world.people):
                    self.ask(visitor, "post", name, argument)

    def ask(self, visitor, method, name, argument, *data):
        address = reverse(name, args=arguments(self.world, argument))
        return self.answered(visitor, getattr(self.clients[visitor], method)(address, *data))

    def clock_does_its_work(self):
        """Every task at each moment that has something to say, and what the night does."""
        for moment in MOMENTS:
            with time_machine.travel(moment, tick=False):
                for name in sorted(celery_app.tasks):
                    if name[:7] != "celery.":
                        self.run(name)
                with databases.as_keeper():
                    call_command("nightly", stdout=StringIO())

    def run(self, name):
        keys = {"work_on_import": [str(self.world.run.uid)], "look_at_calendar": [1]}
        celery_app.tasks[name].run(*keys.get(name.rpartition(".")[2], []))

    def things_break(self, settings):
        """With the words in hand: before a view, and in the database, which repeats a row."""
        words = {f"{name}-{n}": word for n, name in enumerate(PLANTED) for word in WORDS.values()}
        words |= PLANTED | {"noticed": CONFIDED, "given_name": STUDENT, "shown": "none"}
        host = self.as_("host")
        with connection.execute_wrapper(refuse_rows):
            for name, argument in ACCESS:
                if "csp_report" not in name:
                    address = reverse(name, args=arguments(self.world, argument))
                    self.answered("host", host.post(address, words))
        settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.break_after_reading"]
        host = self.as_("host")
        for name, argument in ACCESS:
            address = reverse(name, args=arguments(self.world, argument))
            for send in (host.get, host.post):
                assert self.answered("host", send(address, words)).status_code == 500


def refuse_rows(execute, sql, params, many, context):
    """A database that refuses to write, and says what it was to write."""
    if sql.startswith(("INSERT", "UPDATE")) and "people_session" not in sql:
        raise IntegrityError(f"DETAIL: Failing row contains ({STUDENT}, {SHARED}, {params})")
    return execute(sql, params, many, context)


def break_after_reading(get_response):
    def middleware(request):
        return get_response(request)

    def process_view(request, view, args, kwargs):
        raise RuntimeError(f"{request.POST.dict()} {request.GET.dict()}")

    middleware.process_view = process_view
    return middleware
