"""How the installation runs, in numbers and words: for monitors, a command and a page."""

import logging
from datetime import datetime, timedelta
from typing import NamedTuple

from django.core.cache import cache
from django.db.models import Count, Min, Q, QuerySet, Sum
from django.db.models.functions import Coalesce, Greatest

from audit.models import Head
from people.ending import lasting
from people.models import ImportRun, OutgoingMail, Person, Role
from people.models.outgoing import ADDRESS_REFUSED, is_ripe
from people.models.sessions import Session

from .health import HEARTBEAT, Finding, examine, waiting_jobs

logger = logging.getLogger(__name__)

TOLD_FOR = timedelta(days=7)  # a mail that was given up is told so long

# What the mail server, or the way to it, did: by the class of the exception, which is all we keep
FAILURES = {
    "ConnectionRefusedError": "nothing answers at the mail server's address: see EMAIL_URL",
    "ConnectionResetError": "the mail server hung up in the middle",
    "KeyError": "this release does not know such a mail: were web and worker upgraded together?",
    "SMTPAuthenticationError": "the mail server refuses the user name or password of EMAIL_URL",
    "SMTPConnectError": "the mail server does not want to talk now",
    "SMTPDataError": "the mail server took the address and refused the mail: its log says why",
    "SMTPHeloError": "the mail server does not want to talk with this host",
    "SMTPNotSupportedError": "the mail server does not offer what EMAIL_URL asks for",
    ADDRESS_REFUSED: "the mail server refuses the address",
    "SMTPSenderRefused": "the mail server refuses the sender: see DEFAULT_FROM_EMAIL",
    "SMTPServerDisconnected": "the mail server hung up in the middle",
    "SSLCertVerificationError": "the mail server's certificate is not one that this host trusts",
    "SSLError": "no encrypted connection with the mail server came about",
    "TimeoutError": "the mail server did not answer in time",
    "gaierror": "the mail server's name is not known: see EMAIL_URL",
}


TITLES = {
    "database": "Database",
    "migrations": "Tables",
    "key_ring": "Key ring",
    "worker": "Worker",
    "beat": "Clock",
    "outbox": "Mail",
    "log": "Log of who did what",
}
REMEDIES = {
    "database": "Look whether it runs, and whether DATABASE_URL leads there.",
    "migrations": "Run manage.py prepare as the owner; docker compose up does.",
    "key_ring": "Make no new one: docs/restore.md says what to do.",
    "worker": "Start it, and read its log.",
    "beat": "Start beat, and read its log.",
    "outbox": "Why stands below.",
    "log": "Run manage.py audit verify, and keep everything as it is until you know.",
}


class Outbox(NamedTuple):
    """How many mails there are of each kind of waiting, and since when the oldest waits."""

    scheduled: int  # their time has not come, or they are held for Undo
    due: int
    tried: int  # in vain so far; they are tried again
    given_up: int  # in the last days
    oldest: datetime | None
    failures: dict[str, int]  # by the class of the error


class Running(NamedTuple):
    """What is known about the installation at a moment; no person is in it."""

    at: datetime
    findings: dict[str, Finding]
    outbox: Outbox
    seen_at: datetime | None  # beat, broker, worker and database together
    messages: int | None  # that wait for a worker; None: the broker does not say
    imports: int
    events: int
    sessions: int

    @property
    def parts(self) -> list["Part"]:
        """Each part that was looked at: how it is and, where something is wrong, what to do."""
        found = []
        for name, title in TITLES.items():
            word, sentence = self.findings[name]
            words = f"{sentence[0].upper()}{sentence[1:]}."
            if word != "ok":
                words += f" {self._what_to_do(name)}"
            found.append(Part(title, words, word == "ok"))
        return found

    @property
    def troubles(self) -> list["Part"]:
        return [part for part in self.parts if not part.is_ok]

    def _what_to_do(self, name: str) -> str:
        if name in ("worker", "beat") and self.messages is None:
            return "Begin with the broker (REDIS_URL)."
        return REMEDIES[name]


class Part(NamedTuple):
    """A part of the installation, in words for who runs the server."""

    title: str
    words: str
    is_ok: bool


def look(*, at: datetime) -> Running:
    """Ask for everything, with a few questions however much there is."""
    return Running(
        at=at,
        findings=examine(at=at)[1],
        outbox=_outbox(at),
        seen_at=cache.get(HEARTBEAT),
        messages=waiting_jobs(),
        imports=ImportRun.objects.under_way().count(),
        events=Head.objects.aggregate(all=Sum("seq"))["all"] or 0,
        sessions=Session.objects.running(at).filter(user__isnull=False).count(),
    )


def words_for(error: str) -> str:
    return FAILURES.get(error, f"{error}, which the worker's log tells more about")


def refused(*, at: datetime) -> QuerySet[Person]:
    """Whose address the mail server refused lately, and took no mail for since then."""
    return Person.objects.active().filter(
        pk__in=OutgoingMail.objects.refused(at - TOLD_FOR).values("person")
    )


def refused_staff(*, at: datetime) -> QuerySet[Person]:
    """Those of them who are staff somewhere; nobody else's address is shown to anybody here."""
    staff = Role.objects.filter(lasting(at.date()), kind__in=Role.STAFF)
    return refused(at=at).filter(pk__in=staff.values("person")).exclude(email="")


def _outbox(at: datetime) -> Outbox:
    ripe = is_ripe(at)
    open_ = OutgoingMail.objects.open().aggregate(
        scheduled=Count("pk") - Count("pk", filter=ripe),
        due=Count("pk", filter=ripe & Q(error="")),
        tried=Count("pk", filter=ripe & ~Q(error="")),
        oldest=Min(Greatest("due_at", Coalesce("hold_until", "due_at")), filter=ripe),
    )
    given_up = OutgoingMail.objects.gave_up().filter(dropped_at__gte=at - TOLD_FOR)
    failing = OutgoingMail.objects.open().exclude(error="") | given_up
    counts = failing.values_list("error").annotate(count=Count("pk")).order_by("-count", "error")
    return Outbox(given_up=given_up.count(), failures=dict(counts), **open_)
