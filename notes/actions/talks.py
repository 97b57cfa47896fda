"""Writing down a talk with a student that nobody had planned."""

from datetime import datetime

from django.db import transaction

from people.actions import open_pairing
from people.cadence import Cadence
from people.models import Pairing, Person, School
from scheduling.actions import log_talk
from scheduling.models import Meeting


@transaction.atomic
def log_student_talk(
    student: Person,
    *,
    school: School,
    starts_at: datetime,
    minutes: int,
    by: Person,
    at: datetime,
) -> Meeting:
    """
    The meeting that a counselor's note stands in, and the pairing where there was none.

    The same one when the form is sent twice. Raises people's CannotPair and scheduling's
    CannotChange, with a sentence.
    """
    pairing = open_pairing(
        school,
        host=by,
        attendee=student,
        kind=Pairing.Kind.COUNSELING,
        cadence=Cadence.AS_NEEDED,
        by=by,
        on=school.today(at),
    )
    Pairing.objects.select_for_update().get(pk=pairing.pk)
    logged = Meeting.objects.visible_to(by).filter(
        pairing=pairing, was_logged=True, starts_at=starts_at
    )
    return (
        logged.first()
        or log_talk(pairing, by=by, at=at, starts_at=starts_at, minutes=minutes).meeting
    )
