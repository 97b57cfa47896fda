"""Mail servers that behave badly, and a worker that dies: nothing is lost, nothing comes twice."""

import socket
import socketserver
import threading
from contextlib import suppress
from datetime import timedelta

import pytest
from django.utils import timezone

from people import jobs
from people.delivery import LEASE, deliver_due
from people.models import OutgoingMail
from people.tests.factories import OutgoingMailFactory, PersonFactory

pytestmark = pytest.mark.django_db

PATIENCE = 30
LATER = timedelta(hours=1)


class MailServer(socketserver.ThreadingTCPServer):
    """On loopback; answers as `answers` says for a verb, and hangs up where it says nothing."""

    daemon_threads = True

    def __init__(self, port=0, **answers):
        self.answers = {"HELLO": b"220 hello", "TAKEN": b"250 taken"} | answers
        self.taken, self.tried, self.changed = [], 0, threading.Condition()
        self.hangs = threading.Event()
        super().__init__(("127.0.0.1", port), None)
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}).start()

    def finish_request(self, request, client_address):
        self.tried += 1
        with suppress(OSError), request, request.makefile("rwb", buffering=0) as lines:
            self.talk(lines)

    def talk(self, lines):
        if not self.say(lines, "HELLO"):
            return
        to = b""
        while line := lines.readline():
            verb = line[:4].decode().strip().upper()
            if verb == "RCPT":
                to = line
            if verb == "DATA":
                lines.write(b"354 go on\r\n")
                if not self.listen(lines):
                    return
            elif not self.say(lines, verb, about=to):
                return

    def listen(self, lines):
        name = ""
        while (line := lines.readline()) and line != b".\r\n":
            if line.lower().startswith(b"message-id:"):
                name = line.split()[1].decode()
        if not line or not self.say(lines, "TAKEN"):
            return False
        if self.answers["TAKEN"] != b"250 taken":
            return True
        with self.changed:
            self.taken.append(name)
            self.changed.notify_all()
        return True

    def say(self, lines, verb, about=b""):
        answer = self.answers.get(verb, b"250 fine")
        if callable(answer):
            answer = answer(about)
        if answer == "hang":
            self.hangs.wait(PATIENCE)
        if not isinstance(answer, bytes):
            return False
        lines.write(answer + b"\r\n")
        return True

    def wait_for(self, count):
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.taken) >= count, PATIENCE)

    def end(self):
        self.hangs.set()
        self.shutdown()
        self.server_close()


@pytest.fixture
def serve(settings):
    """Make a server and have mail sent to it."""
    servers = []

    def begin(**answers):
        servers.append(MailServer(**answers))
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", servers[-1].port
        settings.EMAIL_TIMEOUT = PATIENCE
        return servers[-1]

    yield begin
    for server in servers:
        server.end()


def two_mails(now):
    """Mails that one of each kind of server is asked to take: to a bad address and a good one."""
    bad = PersonFactory(email="bad@school.example")
    return [
        OutgoingMailFactory(kind="test_mail", person=person, due_at=now, hold_until=None)
        for person in (bad, PersonFactory())
    ]


def refuse_bad(code):
    return lambda to: code if b"bad@" in to else b"250 fine"


@pytest.mark.parametrize(
    ("answers", "error", "taken_at_once"),
    [
        ({"HELLO": None}, "SMTPServerDisconnected", 0),
        ({"HELLO": b"421 too busy"}, "SMTPConnectError", 0),
        ({"HELLO": b"no mail server at all"}, "SMTPConnectError", 0),
        ({"HELLO": "hang"}, "SMTPServerDisconnected", 0),
        ({"MAIL": b"451 later"}, "SMTPSenderRefused", 0),
        ({"RCPT": refuse_bad(b"451 greylisted")}, "SMTPRecipientsRefused", 1),
        ({"RCPT": refuse_bad(b"550 unknown")}, "SMTPRecipientsRefused", 1),
        ({"TAKEN": b"452 disk full"}, "SMTPDataError", 0),
        ({"TAKEN": None}, "SMTPServerDisconnected", 0),
    ],
    ids=["hangs up", "busy", "nonsense", "hangs", "sender", "grey", "unknown", "full", "cuts"],
)
def test_what_a_bad_server_did_not_take_comes_once_from_a_good_one(
    now, serve, settings, answers, error, taken_at_once
):
    two_mails(now)
    bad = serve(**answers)
    if answers.get("HELLO") == "hang":
        settings.EMAIL_TIMEOUT = 0.1

    deliver_due(at=now)

    assert len(bad.taken) == taken_at_once
    assert error in OutgoingMail.objects.open().values_list("error", flat=True)
    assert OutgoingMail.objects.open().count() == 2 - taken_at_once

    good = serve()
    deliver_due(at=now + LATER)
    deliver_due(at=now + 2 * LATER)

    assert OutgoingMail.objects.filter(sent_at=None).count() == 0
    assert len(good.taken) == 2 - taken_at_once
    assert len({*bad.taken, *good.taken}) == 2


def test_closed_port_loses_nothing(now, serve, settings):
    two_mails(now)
    good = serve()
    with socket.create_server(("127.0.0.1", 0)) as closed:
        settings.EMAIL_PORT = closed.getsockname()[1]

    assert deliver_due(at=now) == 0
    assert list(OutgoingMail.objects.exclude(error="").values_list("error", flat=True)) == [
        "ConnectionRefusedError"
    ]

    settings.EMAIL_PORT = good.port
    deliver_due(at=now + LATER)
    assert len(good.taken) == len(set(good.taken)) == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("dies_at", ["MAIL", "TAKEN"])
def test_killed_worker_loses_no_mail(serve, request, monkeypatch, dies_at):
    reached = threading.Event()

    def wait(_):
        reached.set()
        return "hang"

    server = serve(**{dies_at: wait})
    monkeypatch.setenv("EMAIL_URL", f"smtp://127.0.0.1:{server.port}")
    worker = request.getfixturevalue("real_worker")
    now = timezone.now()
    mails = two_mails(now)

    jobs.sweep_outbox.delay()
    assert reached.wait(PATIENCE)
    worker.kill()
    worker.wait()

    assert OutgoingMail.objects.filter(sent_at=None).count() == 2
    held = OutgoingMail.objects.get(locked_until__isnull=False)
    assert held in mails
    good = serve()
    now = timezone.now()
    deliver_due(at=now)  # another worker, meanwhile: what the dead one held is not its to send
    assert len(good.taken) == 1
    deliver_due(at=now + LEASE + timedelta(minutes=1))
    assert len(good.taken) == len(set(good.taken)) == 2
    assert OutgoingMail.objects.filter(sent_at=None).count() == 0
