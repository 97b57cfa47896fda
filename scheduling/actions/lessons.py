"""Bringing the school's lessons in as commitments of those who teach them."""

from datetime import datetime

from django.db import transaction

from audit.actions import record
from audit.models import Event
from people.models import Person, School
from people.sheets import CannotRead

from ..lessons import SOURCE, Plan, plan
from ..models import Commitment, Term
from .rebuilding import locked


@transaction.atomic
def apply_lessons(
    school: School, *, by: Person | None, at: datetime, term: Term, content: bytes
) -> Plan:
    """
    Replace a term's imported lessons with those of a file; what was typed by hand stays.

    Answers what was done. The same file twice changes nothing. Raises CannotRead.
    """
    school = locked(school, by=by, at=at)
    done = plan(school, term, content)
    if not done.is_usable:
        raise CannotRead("No row of this file can be used, so nothing was changed.")
    if done.changes_nothing:
        return done
    ended = [commitment.pk for commitment in done.ended]
    Commitment.objects.filter(pk__in=ended).delete()
    Commitment.objects.bulk_create(
        (Commitment(term=term, source=SOURCE, **lesson._asdict()) for lesson in done.new),
        batch_size=500,
    )
    record(
        Event.Act.LESSONS_APPLY,
        chain=school.pk,
        by=by.pk if by else None,
        objects=[f"school:{school.pk}", f"term:{term.pk}"],
        at=at,
    )
    return done
