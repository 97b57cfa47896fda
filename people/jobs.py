"""What the clock asks of this app."""

from celery import shared_task

from . import tasks


@shared_task
def sweep_outbox() -> None:
    """Send mail that became due, was held or failed before, or whose worker died."""
    tasks.deliver_mail()
