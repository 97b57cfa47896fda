"""What the clock asks for: reminders, the Monday digest, and whom nobody has seen for a while."""

from celery import shared_task
from django.utils import timezone

from people.models import School

from . import actions


@shared_task
def queue_reminders() -> None:
    """Make what is due, for every school; what is not sent yet is sent by the outbox."""
    at = timezone.now()
    for school in School.objects.order_by("pk"):
        actions.queue_reminders(school, by=None, at=at)


@shared_task
def sweep_overdue() -> None:
    """Give back the places of those who left, raise and clear flags, make Monday's digests."""
    at = timezone.now()
    actions.release_what_ended(by=None, at=at)
    actions.count_skipped(by=None, at=at)
    actions.sweep_overdue(by=None, at=at)
    for school in School.objects.order_by("pk"):
        actions.queue_digests(school, by=None, at=at)
