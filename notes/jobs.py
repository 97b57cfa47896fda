"""What the clock asks of this app."""

from celery import shared_task
from django.db import connection
from django.utils import timezone

from people.models import School

from . import actions, purging


@shared_task
def purge_notes() -> None:
    """Delete on SQLite what has come to the end of its time; on PostgreSQL `nightly` does it."""
    if connection.vendor == "sqlite":
        purging.purge(at=timezone.now())


@shared_task
def mail_anchors() -> None:
    """Send the end of each school's log to those who keep its anchors, each morning."""
    at = timezone.now()
    for school in School.objects.order_by("pk"):
        actions.queue_anchors(school, by=None, at=at)
