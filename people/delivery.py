"""From the outbox to the mail server: claim, render, send, mark; never lost, at worst twice."""

import hashlib
import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone

from audit.actions import record
from audit.models import Event

from . import outbox, quiet
from .home import chain_of
from .models import OutgoingMail
from .models.outgoing import HOLD, is_ripe

logger = logging.getLogger(__name__)

BATCH = 5
# Longer than one mail takes with a server that uses all of EMAIL_TIMEOUT for each of its answers,
# from the greeting to the last one; after it, and only then, a row whose worker was killed is sent
# by another.
LEASE = timedelta(seconds=15 * settings.EMAIL_TIMEOUT)
LONGEST_WAIT = timedelta(hours=1)
GATHERED = timedelta(minutes=5)  # the longest that a mail waits for others to go with
MOST_ATTEMPTS = 29  # a day, at the pace of `_wait`


def deliver_due(*, at: datetime, limit: int = BATCH) -> int:
    """
    Send what is due at a moment, codes first; how many rows were dealt with.

    Less than `limit` means that nothing more is to be done now: nothing is due, or the mail server
    cannot be reached. Safe to run any number of times at once: each row is claimed by one, when it
    is its turn: the clock goes on from `at` while mails are sent.
    """
    connection = get_connection()
    began = timezone.now()
    try:
        for done in range(limit):
            moment = at + (timezone.now() - began)
            mail = _claim(moment)
            if mail is None:
                return done
            if _put_off(mail, moment):
                continue
            message = _render(mail, moment)
            if message is not None and not _send(mail, message, connection, moment):
                return done
        return limit
    finally:
        connection.close()


@transaction.atomic
def _claim(at: datetime) -> OutgoingMail | None:
    """Take one due row for the length of a lease. SQLite knows no row locks; there the whole
    transaction holds the only write lock from its start."""
    due = OutgoingMail.objects.due(at).order_by("due_at", "pk").select_for_update(skip_locked=True)
    # Somebody waits for what is sealed
    mail = due.filter(sealed__isnull=False).first() or due.first()
    if mail is not None:
        mail.locked_until = at + LEASE
        mail.attempts += 1
        mail.save(update_fields=["locked_until", "attempts"])
    return mail


def _put_off(mail: OutgoingMail, at: datetime) -> bool:
    """
    Hold a mail for others that are to go with it and can still be undone, or if it can wait until
    the quiet hours of its person end; whether it is held.
    """
    until = _gathers_until(mail, at)
    if until is None:
        until = quiet.ends(mail.person, at)
        if until is None or not outbox.can_wait(mail, until):
            return False
    OutgoingMail.objects.filter(pk=mail.pk).update(
        hold_until=until, locked_until=None, attempts=mail.attempts - 1
    )
    return True


def _gathers_until(mail: OutgoingMail, at: datetime) -> datetime | None:
    """Until when others of the last minute are held; quiet hours hold them longer."""
    if at - mail.due_at >= GATHERED:
        return None
    others = OutgoingMail.objects.going_with(mail).filter(due_at__gt=at - HOLD, hold_until__gt=at)
    return others.aggregate(last=Max("hold_until"))["last"]


def _take_along(mail: OutgoingMail, at: datetime) -> list[OutgoingMail]:
    """What goes with a mail: all that can no longer be undone, also what waited for something."""
    undone_no_more = is_ripe(at) | Q(due_at__lte=at - HOLD)
    others = list(OutgoingMail.objects.going_with(mail).filter(undone_no_more))
    keys = [each.pk for each in others]
    OutgoingMail.objects.filter(pk__in=keys).update(locked_until=mail.locked_until)
    return others


def _render(mail: OutgoingMail, at: datetime) -> EmailMessage | None:
    """The message, or None when the row was dropped or put back instead."""
    try:
        with transaction.atomic():
            mail.others = _take_along(mail, at)
            message = outbox.render(mail, at=at) if mail.person.is_active else None
    except Exception as error:  # a broken renderer must not stop the mails behind it
        _fail(mail, error, at)
        return None
    if message is None or not any(message.to):
        _close(mail, dropped_at=at)
        return None
    # The same for every attempt, so that mail systems can see that a repeated mail is one
    digest = hashlib.sha256(mail.key.encode()).hexdigest()[:32]
    message.extra_headers.setdefault("Message-ID", f"<{digest}@{settings.SITE_HOST}>")
    message.extra_headers.setdefault("Auto-Submitted", "auto-generated")
    return message


def _send(
    mail: OutgoingMail, message: EmailMessage, connection: BaseEmailBackend, at: datetime
) -> bool:
    """Send and mark; whether the server can be reached, so that it is worth going on."""
    try:
        connection.open()
    except Exception as error:
        _fail(mail, error, at)
        return False
    try:
        message.connection = connection
        message.send()
    except Exception as error:  # whatever it is, it is this mail's
        _fail(mail, error, at)
        _hang_up(connection)
        return True
    has_file = bool(getattr(message, "alternatives", ()))
    _close(mail, sent_at=at, had_file=has_file)
    return True


def _hang_up(connection: BaseEmailBackend) -> None:
    """After a failure the conversation may hang in the middle; the next mail begins a new one."""
    try:
        connection.close()
    except Exception as error:
        logger.info("The mail server's connection closed with %s", type(error).__name__)


@transaction.atomic
def _fail(mail: OutgoingMail, error: Exception, at: datetime) -> None:
    """Put a row back for later, or give up on it and say so."""
    name = type(error).__name__[:80]
    logger.warning("Mail %s was not sent at attempt %s: %s", mail.pk, mail.attempts, name)
    if mail.attempts < MOST_ATTEMPTS:
        OutgoingMail.objects.filter(pk=mail.pk).update(
            error=name, locked_until=at + _wait(mail.attempts)
        )
        return
    _close(mail, dropped_at=at, error=name)
    record(
        Event.Act.MAIL_FAIL,
        chain=chain_of(mail.person),
        by=None,
        objects=[f"mail:{mail.uid}"],
        basis=mail.kind,
        at=at,
    )


def _wait(attempts: int) -> timedelta:
    """One minute, two, four, and so on up to an hour."""
    return min(timedelta(minutes=2 ** min(attempts - 1, 10)), LONGEST_WAIT)


def _close(mail: OutgoingMail, **outcome) -> None:
    """Done with a mail, and with those that went with it."""
    OutgoingMail.objects.filter(pk__in=[mail.pk, *(each.pk for each in mail.others)]).update(
        **{"error": "", "locked_until": None, "sealed": None} | outcome
    )
