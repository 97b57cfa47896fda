"""Bringing the school's timetables in as commitments of those who teach them, and out again."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction

from audit.actions import record
from audit.models import Event
from people.models import Person, School
from people.sheets import CannotRead

from ..lessons import Choice, Kind, Plan, plan
from ..models import Commitment, TeacherCode, Term
from .rebuilding import locked


@transaction.atomic
def apply_lessons(
    school: School,
    *,
    by: Person | None,
    at: datetime,
    term: Term,
    content: bytes,
    choice: Choice | None = None,
) -> Plan:
    """
    Replace what a file's source brought into a term; what is from elsewhere, or typed, stays.

    Answers what was done. The same file twice changes nothing. Raises CannotRead and Question.
    """
    school = locked(school, by=by, at=at)
    done = plan(school, term, content, choice)
    if not done.is_usable:
        raise CannotRead("No row of this file can be used, so nothing was changed.")
    if done.changes_nothing:
        return done
    ended = [commitment.pk for commitment in done.ended]
    Commitment.objects.filter(pk__in=ended).delete()
    Commitment.objects.bulk_create(
        (Commitment(term=term, source=done.source, **lesson._asdict()) for lesson in done.new),
        batch_size=500,
    )
    _record(Event.Act.LESSONS_APPLY, school, by=by, at=at, objects=[f"term:{term.pk}"])
    return done


@transaction.atomic
def name_teachers(
    school: School,
    *,
    by: Person | None,
    at: datetime,
    kind: Kind,
    people: Mapping[str, Person | None],
) -> None:
    """Remember whom the codes of a kind of timetable mean; None forgets it."""
    school = locked(school, by=by, at=at)
    TeacherCode.objects.filter(
        school=school, kind=kind, code__in=[code for code, each in people.items() if each is None]
    ).delete()
    TeacherCode.objects.bulk_create(
        (
            TeacherCode(school=school, kind=kind, code=code, person=person)
            for code, person in people.items()
            if person is not None
        ),
        update_conflicts=True,
        unique_fields=["school", "kind", "code"],
        update_fields=["person"],
    )
    _record(Event.Act.LESSONS_NAME, school, by=by, at=at)


@transaction.atomic
def remove_lessons(term: Term, source: str, *, by: Person | None, at: datetime) -> int:
    """Take away what a source brought into a term; how many lessons. What was typed stays."""
    school = locked(term.school, by=by, at=at)
    if not source:
        return 0
    count, _ = Commitment.objects.filter(term=term, source=source).delete()
    if count:
        _record(Event.Act.LESSONS_REMOVE, school, by=by, at=at, objects=[f"term:{term.pk}"])
    return count


def _record(
    act: Event.Act, school: School, *, by: Person | None, at: datetime, objects: Iterable[str] = ()
) -> None:
    record(
        act,
        chain=school.pk,
        by=by.pk if by else None,
        objects=[f"school:{school.pk}", *objects],
        at=at,
    )
