"""The outbox: nothing lost, each mail once, and one bad mail stops no other."""

import smtplib
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.locmem import EmailBackend
from django.utils import timezone

from audit.models import Event
from conftest import NOW
from people import outbox
from people.delivery import BATCH, LEASE, MOST_ATTEMPTS, _claim, deliver_due
from people.jobs import sweep_outbox
from people.models import OutgoingMail
from people.tests.factories import ChangeFactory, OutgoingMailFactory, PersonFactory, RoleFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

REFUSED = "refused@school.example"


class Server(EmailBackend):
    """A mail server that refuses one address and at times cannot be reached."""

    is_down = False

    def open(self):
        if self.is_down:
            raise ConnectionRefusedError

    def send_messages(self, messages):
        if any(REFUSED in message.to for message in messages):
            raise smtplib.SMTPRecipientsRefused({REFUSED: (550, b"unknown")})
        return super().send_messages(messages)


@pytest.fixture(autouse=True)
def _trial_mail(monkeypatch, settings):
    settings.EMAIL_BACKEND = f"{__name__}.Server"

    def render(mail, at):
        return EmailMessage("Trial", "Words", to=[mail.person.email])

    def break_down(mail, at):
        raise ValueError("words that must not be kept")

    monkeypatch.setitem(outbox._renderers, "trial", render)
    monkeypatch.setitem(outbox._renderers, "broken", break_down)
    monkeypatch.setitem(outbox._renderers, "pointless", lambda mail, at: None)


def test_due_mail_is_sent_once(mailoutbox):
    mail = OutgoingMailFactory()

    assert deliver_due(at=NOW) == 1
    assert deliver_due(at=NOW + timedelta(days=1)) == 0

    [message] = mailoutbox
    assert message.to == [mail.person.email]
    mail.refresh_from_db()
    assert (mail.sent_at, mail.dropped_at, mail.attempts) == (NOW, None, 1)


def test_mail_not_due_or_held_waits(mailoutbox):
    soon = NOW + timedelta(seconds=60)
    OutgoingMailFactory(due_at=soon)
    OutgoingMailFactory(hold_until=soon)

    deliver_due(at=NOW)
    assert mailoutbox == []

    deliver_due(at=soon)
    assert len(mailoutbox) == 2


def test_mail_of_a_killed_worker_is_sent_when_its_lease_ends(mailoutbox):
    OutgoingMailFactory()
    _claim(NOW)  # and then the worker is killed

    assert deliver_due(at=NOW + LEASE - timedelta(seconds=1)) == 0
    assert deliver_due(at=NOW + LEASE) == 1

    assert len(mailoutbox) == 1


def test_each_lease_begins_when_its_mail_is_taken(mailoutbox, monkeypatch):
    """A slow server: when the last mail of a batch is on its way, nobody else may take it."""
    OutgoingMailFactory.create_batch(BATCH)
    slow = timedelta(seconds=10 * settings.EMAIL_TIMEOUT)
    leases = []
    with time_machine.travel(NOW, tick=False) as clock:

        def send(self, messages):
            taken = OutgoingMail.objects.get(locked_until__isnull=False, sent_at=None)
            clock.shift(slow)
            leases.append(taken.locked_until - timezone.now())
            return EmailBackend.send_messages(self, messages)

        monkeypatch.setattr(Server, "send_messages", send)
        assert deliver_due(at=NOW) == BATCH

    assert len(mailoutbox) == len(leases) == BATCH
    assert min(leases) > timedelta(0)


def test_repeated_mail_has_the_same_message_id(mailoutbox):
    mail = OutgoingMailFactory(key="reminder:1")
    deliver_due(at=NOW)
    OutgoingMail.objects.filter(pk=mail.pk).update(sent_at=None)  # killed before it was marked
    deliver_due(at=NOW + LEASE)

    first, again = mailoutbox
    assert first.message()["Message-ID"] == again.message()["Message-ID"]
    assert first.message()["Message-ID"].endswith("@localhost>")
    assert "reminder" not in first.message()["Message-ID"]


def test_more_than_a_batch_is_sent_by_the_clock(mailoutbox, now):
    OutgoingMailFactory.create_batch(12)

    sweep_outbox()

    assert len({message.to[0] for message in mailoutbox}) == len(mailoutbox) == 12


def test_pointless_mail_is_dropped(mailoutbox):
    pointless = OutgoingMailFactory(kind="pointless")
    left = OutgoingMailFactory(person__is_active=False)
    unreachable = OutgoingMailFactory(person__email="", person__user=None)

    deliver_due(at=NOW)

    assert mailoutbox == []
    dropped = OutgoingMail.objects.filter(dropped_at=NOW, error="")
    assert set(dropped) == {pointless, left, unreachable}
    assert not OutgoingMail.objects.gave_up().exists()


@pytest.mark.parametrize("kind", ["broken", "nobody renders this"])
def test_broken_renderer_blocks_no_other_mail(kind, mailoutbox, caplog):
    broken = OutgoingMailFactory(kind=kind)
    OutgoingMailFactory()

    deliver_due(at=NOW)

    assert len(mailoutbox) == 1
    broken.refresh_from_db()
    assert broken.error in ("ValueError", "KeyError")
    assert broken.locked_until == NOW + timedelta(minutes=1)
    assert "must not be kept" not in caplog.text


def test_refused_address_blocks_no_other_mail(mailoutbox):
    refused = OutgoingMailFactory(person__email=REFUSED)
    OutgoingMailFactory()

    deliver_due(at=NOW)

    assert len(mailoutbox) == 1
    refused.refresh_from_db()
    assert (refused.error, refused.sent_at) == ("SMTPRecipientsRefused", None)


def test_server_that_is_down_is_asked_once_a_round(mailoutbox, monkeypatch):
    OutgoingMailFactory.create_batch(3)
    monkeypatch.setattr(Server, "is_down", True)

    assert deliver_due(at=NOW) == 0
    assert OutgoingMail.objects.filter(error="ConnectionRefusedError").count() == 1

    monkeypatch.setattr(Server, "is_down", False)
    deliver_due(at=NOW + timedelta(minutes=1))
    assert len(mailoutbox) == 3


def test_what_fails_for_a_day_is_given_up_and_told():
    role = RoleFactory()
    mail = OutgoingMailFactory(person=role.person, kind="broken", sealed=b"secret")

    at, tried_at = NOW, []
    while OutgoingMail.objects.open().exists():
        if deliver_due(at=at):
            tried_at.append(at)
        at += timedelta(minutes=1)

    assert len(tried_at) == MOST_ATTEMPTS
    assert timedelta(hours=23) < tried_at[-1] - NOW < timedelta(hours=26)
    [given_up] = OutgoingMail.objects.gave_up()
    assert (given_up, given_up.error, given_up.sealed) == (mail, "ValueError", None)
    event = Event.objects.get(act=Event.Act.MAIL_FAIL)
    assert (event.chain, event.by, event.about) == (role.school_id, None, [f"mail:{mail.uid}"])


def test_codes_go_before_what_waited_longer(mailoutbox):
    OutgoingMailFactory.create_batch(2, due_at=NOW - timedelta(hours=1))
    code = OutgoingMailFactory(sealed=b"sealed")

    deliver_due(at=NOW, limit=1)

    [message] = mailoutbox
    assert message.to == [code.person.email]
    code.refresh_from_db()
    assert code.sealed is None


def test_mail_is_queued_once_for_its_key_and_held_for_others():
    host, other = PersonFactory.create_batch(2)
    change = ChangeFactory(by=host)

    queued = [
        OutgoingMail.objects.queue(
            key="k", kind="trial", person=other, at=NOW, by=host, change=change
        )
        for _ in range(2)
    ]
    own = OutgoingMail.objects.queue(key="own", kind="trial", person=host, at=NOW, by=host)

    assert queued[0] == queued[1]
    assert queued[0].hold_until == NOW + timedelta(seconds=60)
    assert own.hold_until is None
