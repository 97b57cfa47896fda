"""What of somebody's times ends when they leave: series, single talks, their grid, invitations."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, TypedDict, cast

from django.db.models import F, Func, IntegerField, Q, QuerySet, Subquery
from django.urls import reverse

from people.departures import Ending, Leaving
from people.models import Pairing, Person

from .models import Booking, Invitation, Meeting, Slot

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations


class Counted(TypedDict):
    """How many of each a person carries."""

    hosting: int
    attending: int
    talks: int
    periods: int
    asked: int


def time_endings(leaving: Leaving) -> Iterable[Ending]:
    """Series as host and as attendee, talks after the last day, painted periods, invitations."""
    found = _counted(leaving)
    series = [
        f"{count} as {role}"
        for count, role in ((found.hosting, "host"), (found.attending, "attendee"))
        if count
    ]
    if series:
        words = f"{' and '.join(series)}."
        yield Ending(40, "Standing times", words, *_see_them(leaving))
    if found.talks:
        noun = "talk" if found.talks == 1 else "talks"
        yield Ending(50, "Talks", f"{found.talks} {noun} after that day.")
    if found.periods:
        noun = "period" if found.periods == 1 else "periods"
        yield Ending(60, "Grid", f"{found.periods} painted {noun}.")
    if found.asked:
        noun = "invitation" if found.asked == 1 else "invitations"
        yield Ending(70, "Invitations", f"{found.asked} {noun} to pick a time.")


def _see_them(leaving: Leaving) -> tuple[str, ...]:
    """Where the leaver finds the people whom they meet."""
    return ("See your people", reverse("scheduling:people")) if leaving.is_own else ()


def _counted(leaving: Leaving) -> "WithAnnotations[Person, Counted]":
    """In one question; of counseling only the leaver learns anything (DECISIONS 15)."""
    person, school = leaving.person, leaving.school
    on = leaving.last_day + timedelta(days=1)
    begins = datetime.combine(on, time(), school.zone)
    series = _may_know(leaving, Booking.objects.live().filter(ends_on__gte=on))
    talks = Meeting.objects.filter(status=Meeting.Status.PLANNED, starts_at__gte=begins)
    mine = Q(pairing__host=person) | Q(pairing__attendee=person)
    asked = Invitation.objects.waiting().filter(
        Q(sign_up__closes_at=None) | Q(sign_up__closes_at__gt=leaving.at),
        mine,
        sign_up__term__ends_on__gte=on,
    )
    slots = Slot.objects.standing().filter(host=person, school=school, term__ends_on__gte=on)
    rows = Person.objects.annotate(
        hosting=_count(series.filter(pairing__host=person)),
        attending=_count(series.filter(pairing__attendee=person)),
        talks=_count(_may_know(leaving, talks).filter(mine)),
        periods=_count(slots),
        asked=_count(_may_know(leaving, asked)),
    )
    return cast("WithAnnotations[Person, Counted]", rows.get(pk=person.pk))


def _may_know(leaving: Leaving, rows: QuerySet) -> QuerySet:
    rows = rows.filter(pairing__school=leaving.school)
    return rows if leaving.is_own else rows.exclude(pairing__kind=Pairing.Kind.COUNSELING)


def _count(rows: QuerySet) -> Subquery:
    counted = rows.order_by().annotate(count=Func(F("pk"), function="COUNT")).values("count")
    return Subquery(counted, output_field=IntegerField())
