"""A planted word, in every form in which it might turn up, and the places where it must not."""

import base64
import html
import json
import logging
import os
import re
import shutil
import subprocess
from contextlib import closing, contextmanager
from io import StringIO
from pathlib import Path
from urllib.parse import quote, quote_plus, urlsplit, urlunsplit

from django.conf import settings
from django.core import mail
from django.core.management import call_command
from django.db import connection

from oneonones.celery import app as celery_app
from oneonones.logs import JSONFormatter, TextFormatter
from people.models import Session

from . import databases

# What `dumps` makes of the database, one of the last two
DUMPS = {"dumpdata", "database file", "pg_dump"}


def forms_of(word):
    """
    The bytes that stand for a word, by the name of how it is written.

    Of what is escaped once or twice on its way its longest run of plain letters stays as it is.
    """
    core = max(re.findall(r"[A-Za-z]+", word), key=len)
    for piece, told in ((word, ""), (core, " of its plain letters")):
        for name, form in _written(piece):
            yield name + told, form
    yield "JSON", json.dumps(word)[1:-1].encode()
    yield "HTML", html.escape(word).encode()
    yield "in an address", quote(word).encode()
    yield "in a form", quote_plus(word).encode()
    yield "as Python says it", repr(word)[1:-1].encode()
    yield "as Python says its bytes", repr(word.encode())[2:-1].encode()


def _written(piece):
    plain = piece.encode()
    yield "plain", plain
    for start, (first, offset) in enumerate(((0, 0), (2, 1), (3, 2))):
        text = base64.b64encode(bytes(offset) + plain)[first : (len(plain) + offset) * 8 // 6]
        yield f"base64 from {start}", text
        yield f"base64 for addresses from {start}", text.translate(bytes.maketrans(b"+/", b"-_"))
    yield "UTF-16 LE", piece.encode("utf-16-le")
    yield "UTF-16 BE", piece.encode("utf-16-be")
    yield "hexadecimal", plain.hex().encode()
    yield "backwards", piece[::-1].encode()


class Search:
    """Looks for words wherever it is told to, and remembers what it found where."""

    def __init__(self, words):
        self.needles = [
            (name, form) for name, word in words.items() for form in {f for _, f in forms_of(word)}
        ]
        self.numbers = {}  # name: pattern
        self.found = set()  # name of the word, place
        self.looked_at = set()

    def add_number(self, name, number):
        """Look for a number too, where it is no piece of a key, a time or a longer number."""
        self.numbers[name] = re.compile(rf"(?<![\w.+-]){number}(?![\w+-])".encode())

    def look(self, place, *contents):
        self.looked_at.add(place)
        for content in contents:
            raw = content if isinstance(content, bytes) else str(content).encode()
            self.found |= {(name, place) for name, needle in self.needles if needle in raw}
            self.found |= {(name, place) for name, it in self.numbers.items() if it.search(raw)}


class Written(logging.Handler):
    """Every record of every logger, as both of our formatters write it."""

    def __init__(self):
        super().__init__(logging.DEBUG)
        self.lines = []
        self._before = []

    def emit(self, record):
        self.lines += [JSONFormatter().format(record), TextFormatter().format(record)]

    def __enter__(self):
        known = logging.root.manager.loggerDict.values()
        for logger in (logging.root, *known):
            if isinstance(logger, logging.Logger):
                self._before.append((logger, logger.level))
                logger.setLevel(logging.DEBUG)
                if logger is logging.root or not logger.propagate:
                    logger.addHandler(self)
        return self

    def __exit__(self, *_):
        for logger, level in self._before:
            logger.setLevel(level)
            logger.removeHandler(self)


def messages():
    """What lies in the broker for workers, each once: body, headers and properties."""
    queue = settings.CELERY_TASK_DEFAULT_QUEUE
    with celery_app.connection_for_write() as broker:
        channel = broker.default_channel
        while message := channel.basic_get(queue, no_ack=True):
            yield f"{message.body} {message.headers} {message.properties}"


def mails():
    for message in mail.outbox:
        yield message.recipients(), message.message().as_bytes(), message.body, message.subject


def tables():
    """Every row of every table, and what is inside of what only a program reads."""
    with _all_seeing() as cursor:
        for table in sorted(connection.introspection.table_names()):
            cursor.execute(f'SELECT * FROM "{table}"')
            for row in cursor.fetchall():
                cells = [bytes(each) if isinstance(each, memoryview) else each for each in row]
                yield table, repr(cells)
                yield from ((table, each) for each in cells if isinstance(each, bytes))
    for session in Session.objects.all():
        yield "people_session", repr(session.get_decoded())
    with connection.cursor() as cursor:
        cursor.execute("SELECT value FROM rate_limits")
        for (value,) in cursor.fetchall():
            yield "rate_limits", base64.b64decode(value)


@contextmanager
def _all_seeing():
    """On PostgreSQL the app's role sees no note unless it says on whose behalf it asks."""
    if databases.is_postgresql():
        session = databases.connect_as_superuser(connection.settings_dict["NAME"])
        with closing(session), session.cursor() as cursor:
            yield cursor
    else:
        with connection.cursor() as cursor:
            yield cursor


def dumps():
    """The database as files and programs have it: what a thief of a disk or of a backup holds."""
    out = StringIO()
    call_command("dumpdata", use_base_manager=True, stdout=out)
    yield "dumpdata", out.getvalue()
    name = connection.settings_dict["NAME"]
    if databases.is_postgresql():
        place = urlsplit(os.environ["TEST_DATABASE_URL"])._replace(path=f"/{name}")
        command = ["pg_dump", "--dbname", urlunsplit(place)]
        if shutil.which("pg_dump"):
            done = subprocess.run(command, check=False, capture_output=True)
            if done.returncode == 0:  # it may be older than a server that came from a wheel
                yield "pg_dump", done.stdout
    else:
        for path in sorted(Path(name).parent.glob(f"{Path(name).name}*")):
            yield "database file", path.read_bytes()


def files(*folders):
    """Everything that lies in folders; the databases and the ring have their own tests."""
    for folder in folders:
        for path in sorted(Path(folder).rglob("*")):
            if path.is_file() and path.parent.name not in ("db", "keys"):
                yield path.name, path.read_bytes()
