"""
What the clock asks for: reminders, the Monday digest, whom nobody has seen for a while, and a
look at the calendars that schools keep elsewhere.
"""

from contextlib import suppress

from celery import shared_task
from django.utils import timezone

from people.fetching import CannotFetch
from people.models import School
from people.sheets import CannotRead

from . import actions, looking
from .models import CalendarSource


@shared_task
def queue_reminders() -> None:
    """Make what is due, for every school; what is not sent yet is sent by the outbox."""
    at = timezone.now()
    for school in School.objects.order_by("pk"):
        actions.queue_reminders(school, by=None, at=at)


@shared_task
def sweep_overdue() -> None:
    """Give back the places of those who left, raise and clear flags, make digests and nudges."""
    at = timezone.now()
    actions.release_what_ended(by=None, at=at)
    actions.count_skipped(by=None, at=at)
    actions.sweep_overdue(by=None, at=at)
    for school in School.objects.order_by("pk"):
        actions.queue_digests(school, by=None, at=at)
        actions.queue_nudges(school, by=None, at=at)


@shared_task
def look_at_calendars() -> None:
    """Ask a worker for each school whose calendar nobody has looked at since last night."""
    at = timezone.now()
    for source in CalendarSource.objects.select_related("school").order_by("pk"):
        if source.is_due(at):
            look_at_calendar.delay(source.pk)


@shared_task
def look_at_calendar(key: int) -> None:
    """Look at one school's calendar, unless another worker has; what went wrong is on its row."""
    source = CalendarSource.objects.select_related("school").filter(pk=key).first()
    at = timezone.now()
    if source is not None and source.is_due(at):
        with suppress(CannotFetch, CannotRead):
            looking.look(source, by=None, at=at)
