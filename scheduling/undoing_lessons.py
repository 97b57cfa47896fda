"""How typed duties and kept places are undone and told."""

from datetime import datetime

from django.utils.formats import time_format

from people.models import Change, Person
from people.undo import CannotUndo

from .actions.booking import where
from .models import Booking, Commitment


def undo_duty(change: Change, by: Person, at: datetime) -> None:
    """Take away a lesson or duty that was typed."""
    gone, _ = Commitment.objects.filter(uid=change.refs["commitment"], source="").delete()
    if not gone:
        raise CannotUndo("It was removed already.")


def describe_duty(change: Change) -> str:
    made = Commitment.objects.get(uid=change.refs["commitment"])
    return f"Added: {time_format(made.starts_at, 'g:i')} to {time_format(made.ends_at, 'g:i')}."


def undo_keeping(change: Change, by: Person, at: datetime) -> None:
    """Ask again what becomes of a place that meets a lesson."""
    kept = Booking.objects.filter(
        uid=change.refs["booking"], kept_despite=change.refs["kept"], released_at=None
    )
    if not kept.update(kept_despite=change.refs["was"]):
        raise CannotUndo("This series has changed since.")


def describe_keeping(change: Change) -> str:
    booking = Booking.objects.with_place().get(uid=change.refs["booking"])
    return f"{where(booking.seat)} stays as it is."
