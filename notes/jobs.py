"""What the clock asks of this app."""

from celery import shared_task
from django.db import connection
from django.utils import timezone

from . import purging


@shared_task
def purge_notes() -> None:
    """Delete on SQLite what has come to the end of its time; on PostgreSQL `nightly` does it."""
    if connection.vendor == "sqlite":
        purging.purge(at=timezone.now())
