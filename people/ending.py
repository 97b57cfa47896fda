"""Ending what people have at a school: from today on it gives no right; nothing is deleted."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import models
from django.db.models import Exists, OuterRef, Q, Value
from django.db.models.functions import Least

from .models import (
    Assistance,
    Guardianship,
    Line,
    Membership,
    Pairing,
    Person,
    Role,
    School,
    Session,
    User,
)

AT_ONCE = 500  # keys of one statement: within what SQLite takes


def last_day(on: date) -> date:
    """The last day of something that gives no right any more on a date."""
    return on - timedelta(days=1)


def lasting(on: date) -> Q:
    """Rows with a period that reaches into a date, or begins only later."""
    return Q(ends_on__isnull=True) | Q(ends_on__gte=on)


def end(rows: models.QuerySet[Any], *, on: date) -> None:
    """
    End rows with a period that reaches into a date.

    What began only on that date keeps no day of its own, so that it ends at once as well.
    """
    last = last_day(on)
    rows.filter(lasting(on)).update(
        starts_on=Least("starts_on", Value(last, models.DateField())), ends_on=last
    )


def end_people(school: School, keys: Iterable[int], *, on: date) -> None:
    """
    End all that people are and have at a school; who is nothing elsewhere cannot sign in.

    What stands between two people and names no school ends once they share none.
    """
    for some in batches(keys):
        end(Role.objects.filter(person__in=some, school=school), on=on)
        end(Membership.objects.filter(person__in=some, group__school=school), on=on)
        for model, one, other in (
            (Line, "person", "manager"),
            (Guardianship, "guardian", "student"),
            (Assistance, "host", "assistant"),
        ):
            theirs = Q(**{f"{one}__in": some}) | Q(**{f"{other}__in": some})
            end(model.objects.filter(theirs, share_no_school(one, other, on=on)), on=on)
        elsewhere = Role.objects.filter(lasting(on), person__in=some).values("person")
        # With whoever is gone their pairings rest, and would come back with them; others' end
        theirs = Q(host__in=elsewhere) | Q(attendee__in=elsewhere)
        end(Pairing.objects.filter(theirs, school=school), on=on)
        gone = Person.objects.filter(pk__in=some).exclude(pk__in=elsewhere)
        Session.objects.filter(user__person__in=gone).delete()
        # Whatever else was signed in, or half way, is bound to the password and does not come back
        User.objects.filter(person__in=gone).update(is_active=False, password=make_password(None))
        gone.update(is_active=False)
        # Counseling waits until somebody else is named
        School.objects.filter(pk=school.pk, safeguarding_lead__in=some).update(
            safeguarding_lead=None
        )


def share_no_school(one: str, other: str, *, on: date) -> Q:
    """That the two people of a row have a role at no school in common any more."""
    roles = Role.objects.filter(lasting(on))
    of_other = roles.filter(person=OuterRef(OuterRef(other)), school=OuterRef("school"))
    return ~Q(Exists(roles.filter(Exists(of_other), person=OuterRef(one))))


def batches(keys: Iterable[int]) -> Iterator[list[int]]:
    listed = sorted(keys)
    for start in range(0, len(listed), AT_ONCE):
        yield listed[start : start + AT_ONCE]
