"""Whether this installation can do its work: what `/readyz` and `manage.py ready` answer."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from audit import keyring
from people.models import OutgoingMail

logger = logging.getLogger(__name__)

HEARTBEAT = "worker-seen-at"
WORKER_MAY_BE_SILENT = timedelta(seconds=90)
MAIL_MAY_WAIT = timedelta(minutes=15)


class NotReady(Exception):
    """What is wrong, in words for an administrator that give nothing away."""


def database(*, at: datetime) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "answers"


def migrations(*, at: datetime) -> str:
    executor = MigrationExecutor(connection)
    missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if missing:
        raise NotReady(f"{missing} migrations are not applied")
    return "applied"


def key_ring(*, at: datetime) -> str:
    """A round trip, because a ring that can be read may still hold no current key."""
    box = keyring.seal("parts", b"ready", bound=b"ready")
    keyring.open_("parts", box, bound=b"ready")
    return "opens what it seals"


def worker(*, at: datetime) -> str:
    """Beat, broker, worker and database together: the heartbeat went through all of them."""
    seen_at = cache.get(HEARTBEAT)
    if seen_at is None:
        raise NotReady("no worker was seen yet")
    if at - seen_at > WORKER_MAY_BE_SILENT:
        raise NotReady(f"no worker was seen since {seen_at:%Y-%m-%d %H:%M} UTC")
    return "works"


def outbox(*, at: datetime) -> str:
    waiting = OutgoingMail.objects.due(at - MAIL_MAY_WAIT).count()
    if waiting:
        raise NotReady(f"{waiting} mails are late")
    return "nothing is late"


CHECKS: dict[str, Callable[..., str]] = {
    "database": database,
    "migrations": migrations,
    "key_ring": key_ring,
    "worker": worker,
    "outbox": outbox,
}


def examine(names: list[str] | None = None, *, at: datetime) -> tuple[bool, dict[str, str]]:
    """Run the named checks, or all; whether all is well, and a line about each."""
    ready, lines = True, {}
    for name in names or CHECKS:
        try:
            lines[name] = CHECKS[name](at=at)
        except NotReady as reason:
            ready, lines[name] = False, str(reason)
        except Exception:
            # Whatever is broken here, the answer is the same: not ready, and no words of the error
            logger.warning("Readiness check %s failed", name, exc_info=True)
            ready, lines[name] = False, "fails"
    return ready, lines
