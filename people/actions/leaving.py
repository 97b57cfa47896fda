"""When somebody leaves: by hand today, or by the clock when their last role is over."""

from datetime import date, datetime

from django.db import transaction

from audit.actions import record
from audit.models import Event

from ..ending import end_people, last_day, lasting
from ..models import Line, Person, Role, School
from ..models.persons import in_force
from ..permissions import require
from .persons import CannotChangePerson, keep_an_administrator, locked, note


@transaction.atomic
def end_person(
    person: Person, school: School, *, by: Person, at: datetime, successor: Person | None = None
) -> None:
    """
    Somebody leaves: their roles, lines, groups and sign-in end now; nothing is deleted.

    A `successor` becomes the line manager of those who answered to them. Raises
    CannotChangePerson for the last administrator and for oneself.
    """
    on = locked(school, by=by, at=at)
    if person.pk == by.pk:
        raise CannotChangePerson("Somebody else has to end your own time here.")
    if successor is not None and successor.pk == person.pk:
        raise CannotChangePerson("Choose somebody else to hand over to.", "successor")
    keep_an_administrator(person, school, on=on)
    answering = Line.objects.filter(in_force(on), manager=person, person__is_active=True)
    before = list(answering.values_list("person", flat=True))
    end_people(school, [person.pk], on=on)
    if successor is not None:
        kept = set(answering.values_list("person", flat=True))  # at another school
        _hand_over([pk for pk in before if pk not in kept], person, successor, on=on)
    note(Event.Act.ROLE_CHANGE, school, person, by=by, at=at, basis="end.person")


@transaction.atomic
def end_those_who_left(*, by: Person | None, at: datetime) -> int:
    """
    End everybody who holds no role any more and will hold none; how many that were.

    A role that has only a last day takes rights away with that day; this ends their login, sessions
    and groups as well.
    """
    require(by is None)
    schools = list(School.objects.select_for_update().order_by("pk"))
    if not schools:
        return 0
    # The day must be over at every school, wherever on the globe
    over = min(school.today(at) for school in schools)
    staying = Role.objects.filter(lasting(over)).values("person")
    left: dict[int, set[int]] = {}
    for school_id, person_id in (
        Role.objects.filter(person__is_active=True)
        .exclude(person__in=staying)
        .values_list("school", "person")
    ):
        left.setdefault(school_id, set()).add(person_id)
    for school in schools:
        keys = left.get(school.pk)
        if not keys:
            continue
        end_people(school, keys, on=school.today(at))
        record(
            Event.Act.PERSON_CHANGE,
            chain=school.pk,
            by=None,
            objects=[f"person:{pk}" for pk in sorted(keys)],
            basis="end.date",
            at=at,
        )
    return len(set().union(*left.values()))


def _hand_over(answering: list[int], leaver: Person, successor: Person, *, on: date) -> None:
    """The successor answers to whoever the leaver answered to, if they answered to the leaver."""
    Line.objects.bulk_create(
        Line(person_id=pk, manager=successor, starts_on=on)
        for pk in answering
        if pk != successor.pk
    )
    above = (
        Line.objects.filter(person=leaver, ends_on=last_day(on), manager__is_active=True)
        .exclude(manager=successor)
        .order_by("-starts_on", "-pk")
        .first()
    )
    if successor.pk in answering and above is not None:
        Line.objects.create(person=successor, manager_id=above.manager_id, starts_on=on)
