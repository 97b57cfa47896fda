"""What the clock asks of this app."""

from celery import shared_task
from django.utils import timezone

from . import actions, tasks


@shared_task
def sweep_outbox() -> None:
    """Send mail that became due, was held or failed before, or whose worker died."""
    tasks.deliver_mail()


@shared_task
def end_those_who_left() -> None:
    """End the login and groups of everybody whose last role is over."""
    actions.end_those_who_left(by=None, at=timezone.now())
