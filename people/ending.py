"""Ending what people have at a school: from today on it gives no right; nothing is deleted."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Least

from .models import (
    Assistance,
    Guardianship,
    Line,
    Membership,
    Person,
    Role,
    School,
    User,
)
from .models.persons import in_force

AT_ONCE = 500  # keys of one statement: within what SQLite takes


def last_day(on: date) -> date:
    """The last day of something that gives no right any more on a date."""
    return on - timedelta(days=1)


def end(rows: models.QuerySet[Any], *, on: date) -> None:
    """
    End rows with a period that reaches into a date.

    What began only on that date keeps no day of its own, so that it ends at once as well.
    """
    last = last_day(on)
    rows.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on)).update(
        starts_on=Least("starts_on", Value(last, models.DateField())), ends_on=last
    )


def end_people(school: School, keys: Iterable[int], *, on: date) -> None:
    """End all that people are and have at a school; who is nothing elsewhere cannot sign in."""
    for some in batches(keys):
        end(Role.objects.filter(person__in=some, school=school), on=on)
        end(Membership.objects.filter(person__in=some, group__school=school), on=on)
        end(Line.objects.filter(Q(person__in=some) | Q(manager__in=some)), on=on)
        end(Guardianship.objects.filter(Q(guardian__in=some) | Q(student__in=some)), on=on)
        end(Assistance.objects.filter(Q(host__in=some) | Q(assistant__in=some)), on=on)
        elsewhere = Role.objects.filter(in_force(on), person__in=some).values("person")
        gone = Person.objects.filter(pk__in=some).exclude(pk__in=elsewhere)
        User.objects.filter(person__in=gone).update(is_active=False)
        gone.update(is_active=False)
        # Counseling waits until somebody else is named
        School.objects.filter(pk=school.pk, safeguarding_lead__in=some).update(
            safeguarding_lead=None
        )


def batches(keys: Iterable[int]) -> Iterator[list[int]]:
    listed = sorted(keys)
    for start in range(0, len(listed), AT_ONCE):
        yield listed[start : start + AT_ONCE]
