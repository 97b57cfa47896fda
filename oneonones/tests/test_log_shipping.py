"""That log lines reach another machine over TLS, and that nobody here waits for it."""

import json
import logging
import logging.config
import os
import runpy
import socket
import ssl
import subprocess
import sys
import threading
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from oneonones import log_shipping
from oneonones.log_shipping import ShippingHandler, place_of
from oneonones.logs import JSONFormatter

ROOT = Path(settings.BASE_DIR)
PATIENCE = 30


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    parts = [f"logs:{os.geteuid()}:localhost"]
    subprocess.check_call(["sh", "certificates.sh", folder, *parts], cwd=ROOT, stdout=-3)
    return folder


class LogServer:
    """What a school has elsewhere: takes frames over TLS and keeps their lines."""

    def __init__(self, authority, port=0):
        self.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.context.load_cert_chain(authority / "logs" / "tls.crt", authority / "logs" / "tls.key")
        self.door = socket.create_server(("127.0.0.1", port))
        self.port = self.door.getsockname()[1]
        self.url = f"syslog+tls://localhost:{self.port}?ca={authority / 'trusted' / 'ca.crt'}"
        self.lines, self.changed = [], threading.Condition()
        self.connections = []
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                plain, _ = self.door.accept()
                self.connections.append(self.context.wrap_socket(plain, server_side=True))
            except ssl.SSLError:
                continue
            except OSError:
                return
            threading.Thread(target=self.read, args=[self.connections[-1]], daemon=True).start()

    def read(self, connection):
        with suppress(OSError, ValueError), connection, connection.makefile("rb") as stream:
            while True:  # until one that is empty is no number
                length = int(b"".join(iter(lambda: stream.read(1) or b" ", b" ")))
                with self.changed:
                    self.lines.append(stream.read(length).decode())
                    self.changed.notify_all()

    def wait_for(self, words):
        """The first line with these words, once it is here."""
        with self.changed:
            assert self.changed.wait_for(lambda: any(words in x for x in self.lines), PATIENCE)
        return next(line for line in self.lines if words in line)

    def hang_up(self):
        for each in (self.door, *self.connections):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()


@pytest.fixture
def server(authority):
    server = LogServer(authority)
    yield server
    server.hang_up()


@contextmanager
def shipping(to):
    handler = ShippingHandler(to)
    handler.setFormatter(JSONFormatter())
    log = logging.Logger("people")  # noqa: LOG001 -- for one test alone
    log.addHandler(handler)
    try:
        yield log
    finally:
        handler.flush()
        handler.close()


def test_line_arrives_as_syslog_and_without_words(server):
    with shipping(server.url) as log:
        log.warning("Refused: %s", ValueError("she told me about the divorce"))

        line = server.wait_for("Refused")

    head, _, said = line.partition(" - - ")
    assert head.startswith("<132>1 20")  # local0, warning
    assert head.split()[3:] == ["one-on-ones", str(os.getpid())]
    assert json.loads(said)["message"] == "Refused: ValueError"


def test_lines_wait_for_a_server_that_is_away(server, authority, monkeypatch):
    monkeypatch.setattr(log_shipping, "TRY_AGAIN", (0.01,))
    with shipping(server.url) as log:
        log.warning("Before")
        server.wait_for("Before")
        server.hang_up()

        log.warning("Meanwhile")

        back = LogServer(authority, server.port)
        back.wait_for("Meanwhile")
        back.hang_up()


def test_nobody_waits_and_the_oldest_lines_are_given_up(monkeypatch, authority, caplog):
    told = threading.Event()
    monkeypatch.setattr(caplog.handler, "filters", [lambda record: told.set() or True])
    monkeypatch.setattr(log_shipping, "TRY_AGAIN", (0.01,))
    monkeypatch.setattr(log_shipping, "MAY_WAIT", 10)
    monkeypatch.setattr(log_shipping, "ENDS_WITHIN", 0.01)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    away = f"syslog+tls://localhost:{port}?ca={authority / 'trusted' / 'ca.crt'}"
    with shipping(away) as log:
        for number in range(100):
            log.warning("Line %d.", number)
        assert told.wait(PATIENCE)  # else the first line may find it back already

        back = LogServer(authority, port)
        back.wait_for("Line 99.")
        log.warning("Afterwards")
        back.wait_for("Afterwards")

    back.hang_up()
    assert not any("Line 50." in line for line in back.lines)
    said = [record.getMessage() for record in caplog.records]
    assert said[0].startswith("The log's other machine is away (ConnectionRefusedError)")
    lost = sum(int(words.split()[0]) for words in said if words.endswith("log's other machine"))
    assert lost + sum("Line " in line for line in back.lines) == 100


def test_another_machine_of_that_name_is_told_nothing(server, caplog, monkeypatch):
    monkeypatch.setattr(log_shipping, "ENDS_WITHIN", 0.01)
    refused = threading.Event()
    monkeypatch.setattr(logging.getLogger("oneonones.log_shipping"), "warning",
                        lambda *said: (caplog.messages.append(said), refused.set()))  # fmt: skip
    with shipping(server.url.split("?")[0]) as log:
        log.warning("Secret")
        assert refused.wait(PATIENCE)

    assert server.lines == []


@pytest.mark.parametrize(
    "url",
    ["logs.example.org", "syslog://logs.example.org:514", "syslog+tls://", "syslog+tls://a?sca=x"],
)
def test_address_that_is_none_stops_the_start(url):
    with pytest.raises(ImproperlyConfigured, match="LOG_TO is"):
        place_of(url)


def test_settings_ship_all_lines_and_the_school_s_log_there_only(monkeypatch, server):
    monkeypatch.setenv("LOG_TO", server.url)
    made = runpy.run_path(str(ROOT / "oneonones" / "settings.py"))["LOGGING"]

    assert made["root"]["handlers"] == ["console", "shipped"]
    assert made["loggers"]["audit.chain"]["handlers"] == ["shipped"]
    assert not made["loggers"]["audit.chain"]["propagate"]
    assert made["handlers"]["shipped"]["formatter"] == "json"
    assert settings.LOGGING["root"]["handlers"] == ["console"]
    assert not logging.getLogger("audit.chain").isEnabledFor(logging.INFO)


SAYS = """
import logging.config, os, sys
from django.conf import settings
import django
django.setup()
logging.getLogger("people").info("From the first")
if os.fork() == 0:
    logging.getLogger("people").info("From the second")
    logging.shutdown()
    os._exit(0)
os.wait()
"""


def test_processes_that_fork_and_end_leave_nothing_behind(server, tmp_path):
    env = os.environ | {"LOG_TO": server.url, "DJANGO_SETTINGS_MODULE": "oneonones.settings"}
    subprocess.check_call(
        [sys.executable, "-W", "ignore", "-c", SAYS], cwd=ROOT, env=env,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip

    said = [json.loads(server.wait_for(f"From the {name}").split(" - - ")[1])["message"]
            for name in ("first", "second")]  # fmt: skip

    assert said == ["From the first", "From the second"]
    assert len(server.lines) == 2
