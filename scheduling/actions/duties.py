"""What people have to do besides one-on-ones, typed by hand."""

from datetime import datetime, time
from typing import NamedTuple

from django.db import transaction

from audit.actions import record
from audit.models import Event
from people.cadence import ALL_WEEKS
from people.models import Change, Person
from people.permissions import require

from ..models import Commitment, Term
from ..models.calendar import columns_of
from ..permissions import can_keep_timetable


class CannotAddDuty(Exception):
    """Why a lesson or a duty cannot be added or taken away, in words."""


class Duty(NamedTuple):
    """A lesson or duty as it is typed: a column, wall times, weeks of the cycle, and words."""

    column: str
    starts_at: time
    ends_at: time
    label: str = ""
    weeks: int = ALL_WEEKS
    is_lesson: bool = False


MOST = 200  # typed for one person in a term


@transaction.atomic
def add_duty(
    person: Person,
    term: Term,
    *,
    by: Person,
    at: datetime,
    duty: Duty,
) -> Change:
    """
    Add a lesson or duty to somebody's week; no import takes it away. Undo does.

    Times are of the school's wall clock. One-on-ones that stand then go on standing.
    """
    school = term.school
    require(can_keep_timetable(by, person, school, on=school.today(at)))
    Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    if duty.column not in dict(columns_of(school)):
        raise CannotAddDuty("That is not a school day here.")
    if duty.ends_at <= duty.starts_at:
        raise CannotAddDuty("It ends before it starts.")
    typed = Commitment.objects.filter(person=person, term=term, source="")
    if typed.filter(**duty._asdict()).exists():
        raise CannotAddDuty("It stands there already.")
    if typed.count() >= MOST:
        raise CannotAddDuty(f"There are {MOST} typed by hand already. Import a timetable instead.")
    made = Commitment.objects.create(person=person, term=term, **duty._asdict())
    _record(made, by=by, at=at)
    return Change.objects.create(
        by=by, verb=Event.Act.DUTY_CHANGE.value, refs={"commitment": str(made.uid)}, at=at
    )


@transaction.atomic
def remove_duty(commitment: Commitment, *, by: Person, at: datetime) -> None:
    """Take away what was typed by hand; what a file brought goes with the file."""
    commitment = Commitment.objects.select_related("term__school", "person").get(pk=commitment.pk)
    school = commitment.term.school
    require(can_keep_timetable(by, commitment.person, school, on=school.today(at)))
    if commitment.source:
        raise CannotAddDuty("This came from the timetable. It changes with the next import.")
    _record(commitment, by=by, at=at)
    commitment.delete()


def _record(commitment: Commitment, *, by: Person, at: datetime) -> None:
    record(
        Event.Act.DUTY_CHANGE,
        chain=commitment.term.school_id,
        by=by.pk,
        objects=[f"person:{commitment.person_id}", f"commitment:{commitment.uid}"],
        at=at,
    )
