"""Days without school: adding them, also at the last minute, changing them, taking them back."""

import uuid
from datetime import date, datetime
from typing import NamedTuple

from django.db import transaction

from people.models import Change, OutgoingMail, Person, School

from ..models import CalendarEvent, Closure
from .calendar import check_dates
from .rebuilding import CannotChangeCalendar, Effect, locked, rebuild
from .rippling import KIND

FIELDS = ("name", "starts_on", "ends_on", "stops_meetings", "stops_clock", "skips_rotation")
ADD, TAKE_BACK = "closure.add", "closure.take_back"  # verbs of changes


class Closed(NamedTuple):
    """A closure as it was saved, and what it did."""

    closure: Closure
    effect: Effect


@transaction.atomic
def save_closure(  # noqa: PLR0913 -- the answers of a form
    school: School,
    *,
    by: Person | None,
    at: datetime,
    name: str,
    starts_on: date,
    ends_on: date,
    stops_meetings: bool,
    stops_clock: bool,
    skips_rotation: bool = False,
    closure: Closure | None = None,
    is_confirmed: bool = True,
) -> Closed:
    """
    Add days without school, or change them: planned meetings of these days are closed, and their
    people told once. Adding can be undone.

    Raises CannotChangeCalendar, and NeedsConfirmation if planned meetings would be closed.
    """
    school = locked(school, by=by, at=at)
    check_dates(starts_on, ends_on)
    if not (stops_meetings or stops_clock):
        raise CannotChangeCalendar(
            "Choose what these days stop: the meetings, the counting, or both.", "stops_meetings"
        )
    saved = Closure.objects.get(pk=closure.pk) if closure else Closure(school=school)
    saved.name, saved.starts_on, saved.ends_on = name, starts_on, ends_on
    saved.stops_meetings, saved.stops_clock = stops_meetings, stops_clock
    saved.skips_rotation = skips_rotation and stops_meetings
    saved.save()
    effect = rebuild(
        school,
        by=by,
        at=at,
        about=[f"closure:{saved.pk}"],
        undoable=None if closure else (ADD, {"closure": str(saved.uid)}),
        is_confirmed=is_confirmed,
    )
    return Closed(saved, effect)


@transaction.atomic
def delete_closure(closure: Closure, *, by: Person | None, at: datetime) -> Effect:
    """
    Let there be school on these days: what was closed is planned again, where both are free.

    Nobody is told who has not been told of the closure either. Can be undone.
    """
    school = locked(closure.school, by=by, at=at)
    return _delete(school, closure, by=by, at=at, undoable=(TAKE_BACK, as_it_was(closure)))


@transaction.atomic
def reopen(change: Change, *, by: Person, at: datetime) -> Effect:
    """Take away again what was added. Raises Closure.DoesNotExist if it is gone."""
    closure = Closure.objects.select_related("school").get(uid=change.refs["closure"])
    school = locked(closure.school, by=by, at=at)
    return _delete(school, closure, by=by, at=at, undoable=None)


@transaction.atomic
def close_again(change: Change, *, by: Person, at: datetime) -> Effect:
    """Add again what was taken back."""
    refs = change.refs
    school = locked(School.objects.get(pk=refs["school"]), by=by, at=at)
    closure = written_again(refs, school)
    closure.save()
    return rebuild(school, by=by, at=at, about=[f"closure:{closure.pk}"])


def written_again(refs: dict, school: School) -> Closure:
    """A closure as it was, not saved; its event may be gone."""
    event = CalendarEvent.objects.filter(school=school, pk=refs.get("event") or 0).first()
    closure = Closure(
        uid=uuid.UUID(refs["closure"]),
        school=school,
        event=event,
        **{name: refs[name] for name in FIELDS},
    )
    closure.starts_on = date.fromisoformat(refs["starts_on"])
    closure.ends_on = date.fromisoformat(refs["ends_on"])
    return closure


def as_it_was(closure: Closure) -> dict:
    """What `written_again` needs to know."""
    return {
        "closure": str(closure.uid),
        "school": closure.school_id,
        "event": closure.event_id,
        **{name: getattr(closure, name) for name in FIELDS},
        "starts_on": closure.starts_on.isoformat(),
        "ends_on": closure.ends_on.isoformat(),
    }


def _delete(
    school: School,
    closure: Closure,
    *,
    by: Person | None,
    at: datetime,
    undoable: tuple[str, dict] | None,
) -> Effect:
    key = closure.pk
    Closure.objects.filter(pk=key).delete()
    unsent = OutgoingMail.objects.open().filter(kind=KIND, person__roles__school=school)
    return rebuild(
        school,
        by=by,
        at=at,
        about=[f"closure:{key}"],
        undoable=undoable,
        untold=unsent.values_list("person_id", flat=True),
    )
