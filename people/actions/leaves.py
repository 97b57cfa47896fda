"""Days on which somebody is away: written down by an administrator, without a reason."""

from datetime import date, datetime, timedelta

from django.db import transaction

from audit.models import Event

from ..models import Change, Leave, Person, Role, School
from ..permissions import require
from .persons import locked, note

LONGEST_YEARS = 3
DAY = timedelta(days=1)


class CannotGiveLeave(Exception):
    """Why days away are not written down, in words; `field` is where it was typed."""

    def __init__(self, sentence: str, field: str | None = None) -> None:
        super().__init__(sentence)
        self.field = field


@transaction.atomic
def give_leave(
    person: Person, school: School, *, by: Person, at: datetime, starts_on: date, ends_on: date
) -> Change:
    """
    Somebody is away on these days; no time of theirs is moved.

    Days that overlap or touch others become one leave with them. Raises CannotGiveLeave.
    """
    on = locked(school, by=by, at=at)
    require(Role.objects.live(person, on=on).filter(school=school).exists())
    _require_sense(starts_on, ends_on, on=on)
    touching = Leave.objects.select_for_update().filter(
        person=person, starts_on__lte=ends_on + DAY, ends_on__gte=starts_on - DAY
    )
    before = [[each.starts_on, each.ends_on] for each in touching]
    if any(first <= starts_on and ends_on <= last for first, last in before):
        raise CannotGiveLeave("These days are written down already.", "starts_on")
    touching.delete()
    leave = Leave.objects.create(
        person=person,
        starts_on=min([starts_on, *(first for first, _ in before)]),
        ends_on=max([ends_on, *(last for _, last in before)]),
    )
    note(Event.Act.PERSON_CHANGE, school, person, by=by, at=at, basis="leave.give")
    return _changed("leave.give", school, leave, before, by=by, at=at)


@transaction.atomic
def take_back_leave(leave: Leave, school: School, *, by: Person, at: datetime) -> Change:
    """
    Somebody is not away after all: days to come are taken back, past ones stay.

    Raises CannotGiveLeave for days that are over.
    """
    on = locked(school, by=by, at=at)
    require(Role.objects.live(leave.person, on=on).filter(school=school).exists())
    leave = Leave.objects.select_for_update().get(pk=leave.pk)
    before = [[leave.starts_on, leave.ends_on]]
    if leave.ends_on < on:
        raise CannotGiveLeave("These days are over.")
    if leave.starts_on >= on:
        leave.delete()
        leave.pk = None
    else:
        leave.ends_on = on - DAY
        leave.save(update_fields=["ends_on"])
    note(Event.Act.PERSON_CHANGE, school, leave.person, by=by, at=at, basis="leave.take_back")
    return _changed("leave.take_back", school, leave, before, by=by, at=at)


def _require_sense(starts_on: date, ends_on: date, *, on: date) -> None:
    if ends_on < starts_on:
        raise CannotGiveLeave("The last day away is before the first.", "ends_on")
    if ends_on < on - timedelta(days=366):
        raise CannotGiveLeave("These days were over more than a year ago.", "ends_on")
    if (ends_on - starts_on).days > 366 * LONGEST_YEARS:
        raise CannotGiveLeave(
            f"That is more than {LONGEST_YEARS} years. Check the two dates.", "ends_on"
        )
    if (starts_on - on).days > 366 * LONGEST_YEARS:
        raise CannotGiveLeave(
            f"Choose a first day within the next {LONGEST_YEARS} years.", "starts_on"
        )


def _changed(
    verb: str, school: School, leave: Leave, before: list[list[date]], *, by: Person, at: datetime
) -> Change:
    refs = {
        "school": school.pk,
        "person": leave.person_id,
        "leave": leave.pk,
        "starts_on": leave.starts_on.isoformat(),
        "ends_on": leave.ends_on.isoformat(),
        "before": [[day.isoformat() for day in days] for days in before],
    }
    return Change.objects.create(by=by, verb=verb, refs=refs, at=at)
