"""Whether this installation can do its work: what `/readyz` and `manage.py ready` answer."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache as once
from typing import NamedTuple

from django.core.cache import cache
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from audit import keyring
from audit.actions import heads_that_do_not_fit
from people.models import OutgoingMail

from .celery import app as celery_app

logger = logging.getLogger(__name__)

HEARTBEAT = "worker-seen-at"
WORKER_MAY_BE_SILENT = timedelta(seconds=90)
MAIL_MAY_WAIT = timedelta(minutes=15)


class Finding(NamedTuple):
    """A word for anybody who asks, and a sentence for who runs the server."""

    word: str
    sentence: str


class NotReady(Exception):
    """What is wrong: a word, and a sentence that gives nothing away either."""

    def __init__(self, word: str, sentence: str) -> None:
        super().__init__(sentence)
        self.finding = Finding(word, sentence)


def database(*, at: datetime) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "answers"


def migrations(*, at: datetime) -> str:
    missing = len(_known_migrations() - set(MigrationRecorder(connection).applied_migrations()))
    if missing:
        raise NotReady("missing", f"{missing} migrations are not applied")
    return "applied"


@once
def _known_migrations() -> set[tuple[str, str]]:
    """Those in the code, which a process reads once: monitors ask every few seconds."""
    return set(MigrationLoader(None).disk_migrations)


def key_ring(*, at: datetime) -> str:
    """A round trip, because a ring that can be read may still hold no current key."""
    box = keyring.seal("parts", b"ready", bound=b"ready")
    keyring.open_("parts", box, bound=b"ready")
    return "opens what it seals"


def worker(*, at: datetime) -> str:
    """Whether jobs are done: what waits while no heartbeat came through waits for a worker."""
    silence = _silence(at)
    if silence and (count := waiting_jobs()) != 0:
        raise NotReady(silence.word, f"no worker was seen {silence.since}, {_waits(count)}")
    return "has nothing to do" if silence else "works"


def beat(*, at: datetime) -> str:
    """Whether jobs are asked for: where no heartbeat came through and none waits, nobody did."""
    silence = _silence(at)
    if silence and not (count := waiting_jobs()):
        raise NotReady(silence.word, f"nothing was asked for {silence.since}, {_waits(count)}")
    return "asks for what is due"


class _Silence(NamedTuple):
    word: str
    since: str


def _silence(at: datetime) -> _Silence | None:
    """Since when no heartbeat went through beat, broker, worker and database, if it is too long."""
    seen_at = cache.get(HEARTBEAT)
    if seen_at is None:
        return _Silence("unseen", "yet")
    if at - seen_at > WORKER_MAY_BE_SILENT:
        return _Silence("silent", f"since {seen_at:%Y-%m-%d %H:%M} UTC")
    return None


def _waits(count: int | None) -> str:
    if count is None:
        return "and the broker does not answer"
    return (
        f"and {count} {'job waits' if count == 1 else 'jobs wait'}" if count else "and none waits"
    )


def waiting_jobs() -> int | None:
    """How many lie with the broker; None where it is away and does not say."""
    try:
        with celery_app.connection_for_read() as connection:
            queue = celery_app.conf.task_default_queue
            return connection.channel().queue_declare(queue=queue).message_count
    except Exception as error:  # each broker has its own
        logger.warning("The broker does not say how many wait: %s", type(error).__name__)
        return None


def outbox(*, at: datetime) -> str:
    late = OutgoingMail.objects.late(at - MAIL_MAY_WAIT).count()
    if late:
        raise NotReady("late", f"{late} {'mail is' if late == 1 else 'mails are'} late")
    return "nothing is late"


def log(*, at: datetime) -> str:
    """Only each chain's end, in one question; `nightly` proves every event."""
    if chains := heads_that_do_not_fit():
        raise NotReady("broken", f"the log does not end as it should ({len(chains)} of its chains)")
    return "ends as it should"


CHECKS: dict[str, Callable[..., str]] = {
    "database": database,
    "migrations": migrations,
    "key_ring": key_ring,
    "worker": worker,
    "beat": beat,
    "outbox": outbox,
    "log": log,
}


def examine(names: list[str] | None = None, *, at: datetime) -> tuple[bool, dict[str, Finding]]:
    """Run the named checks, or all; whether all is well, and what was found about each."""
    ready, findings = True, {}
    for name in names or CHECKS:
        try:
            findings[name] = Finding("ok", CHECKS[name](at=at))
        except NotReady as reason:
            ready, findings[name] = False, reason.finding
        except Exception:
            # Whatever is broken here, the answer is the same: not ready, and no words of the error
            logger.warning("Readiness check %s failed", name, exc_info=True)
            ready, findings[name] = False, Finding("fails", "fails; the log says how")
    return ready, findings
