"""Ending the people whose last role is over; the clock asks for it."""

from datetime import datetime

from django.db import transaction

from audit.actions import record
from audit.models import Event

from ..ending import end_people, lasting
from ..models import Person, Role, School
from ..permissions import require


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
