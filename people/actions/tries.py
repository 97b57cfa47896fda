"""Telling people that their login was tried."""

from datetime import datetime, timedelta

from django.db import transaction

from .. import tries
from ..models import OutgoingMail, Person
from ..permissions import require
from .outgoing import queue_sign_in_mail

BETWEEN = timedelta(hours=6)  # so that nobody is flooded by somebody else's guesses


@transaction.atomic
def warn_of_tries(*, by: Person | None, at: datetime) -> int:
    """
    Mail whose login was tried again and again, each once in six hours; how many.

    The clock does it, and not the page: who guesses must not learn by its time that there is one.
    """
    require(by is None)
    warned = 0
    for person, kind in tries.suspicious(at):
        Person.objects.select_for_update(of=("self",)).get(pk=person.pk)
        told = OutgoingMail.objects.filter(person=person, kind=kind, due_at__gt=at - BETWEEN)
        if not told.exists():
            queue_sign_in_mail(person, by=None, kind=kind, at=at)
            warned += 1
    return warned
