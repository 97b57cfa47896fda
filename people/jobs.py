"""What the clock asks of this app, and what people leave to a worker."""

import logging

from celery import shared_task
from django.utils import timezone

from . import actions, importing, tasks
from .models import ImportRun, LoginMove

logger = logging.getLogger(__name__)


@shared_task
def sweep_outbox() -> None:
    """Send mail that became due, was held or failed before, or whose worker died."""
    tasks.deliver_mail()


@shared_task
def end_those_who_left() -> None:
    """End the login and groups of everybody whose last role is over."""
    actions.end_those_who_left(by=None, at=timezone.now())


@shared_task
def warn_of_tries() -> None:
    """Tell people that somebody tries to sign in as them."""
    actions.warn_of_tries(by=None, at=timezone.now())


@shared_task
def move_logins() -> None:
    """Move the logins whose wait is over, and end what can no longer happen."""
    now = timezone.now()
    for move in LoginMove.objects.due(now).order_by("moves_at", "pk"):
        actions.move_after_wait(move, by=None, at=now)
    actions.end_stale_moves(by=None, at=now)


@shared_task
def work_on_import(run_uid: str) -> None:
    """Read, show or apply an import, whichever is next; a second worker finds nothing to do."""
    run = ImportRun.objects.filter(uid=run_uid).first()
    if run is not None:
        importing.work_on(run, at=timezone.now())


@shared_task
def sweep_imports() -> None:
    """Go on with imports whose message was lost or whose worker was killed."""
    for run in ImportRun.objects.under_way().order_by("moved_at"):
        importing.work_on(run, at=timezone.now())


@shared_task
def take_from_folder() -> None:
    """Bring in what is new in the folder that the school configured."""
    run = importing.take_from_folder(at=timezone.now())
    if run is not None:
        importing.work_on(run, at=timezone.now())


def work_soon(run: ImportRun) -> None:
    """Wake a worker for an import. Without a broker nothing breaks: the clock sweeps up."""
    try:
        work_on_import.delay(str(run.uid))
    except Exception as error:  # whatever the broker says, the row is there
        logger.warning("Import %s waits for the clock: %s", run.pk, type(error).__name__)
