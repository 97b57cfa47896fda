"""Flagging whom a host has not seen for too long."""

from datetime import datetime

from django.db import transaction

from people.models import Person

from .. import overdue


@transaction.atomic
def sweep_overdue(*, by: Person | None, at: datetime) -> tuple[int, int]:
    """Raise and clear flags over the whole installation; how many of each. Safe to run twice."""
    return overdue.sweep(at=at)
