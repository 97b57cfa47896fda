"""What actions ask a worker for: sending the mail that is due."""

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from .delivery import BATCH, deliver_due


@shared_task
def deliver_mail() -> None:
    """Send all mail that is due; the rows decide, so it may run often and many at once."""
    while deliver_due(at=timezone.now()) == BATCH:
        pass


def deliver_soon() -> None:
    """Wake a worker when this commits. Without a broker nothing breaks: the clock sweeps up."""
    transaction.on_commit(deliver_mail.delay, robust=True)
