"""Handing somebody's own data to them: the log says so before anything is read."""

from datetime import datetime

from django.db import transaction

from audit.actions import record
from audit.models import Event

from ..home import chain_of
from ..models import Person
from ..permissions import require


@transaction.atomic
def export_own_data(person: Person, *, by: Person, at: datetime) -> None:
    """Write down that somebody takes a copy of their own data; nobody takes that of another."""
    require(by.pk == person.pk and by.is_active)
    record(
        Event.Act.EXPORT_MAKE,
        chain=chain_of(person),
        by=by.pk,
        objects=[f"person:{person.pk}"],
        basis="own",
        at=at,
    )
