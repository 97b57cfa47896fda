"""Keeping the school's bell schedules: which periods a day has, when, and which days use them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from itertools import pairwise
from typing import NamedTuple

from django.db import transaction
from django.db.models import CharField, F, Value
from django.db.models.functions import Cast, Concat

from people.models import Person, School

from ..availability import bell_times_of
from ..models import BellSchedule, BellTime, Period, Slot, SpecialDay
from .rebuilding import CannotChangeCalendar, Effect, locked, rebuild

APART = 1000  # keeps places free while periods change theirs


class Bell(NamedTuple):
    """A period of a bell schedule as somebody wrote it; `period` is None for a new one."""

    name: str
    starts_at: time
    ends_at: time
    period: Period | None = None


class Rung(NamedTuple):
    """A bell schedule as it was saved, and what that did."""

    bell_schedule: BellSchedule
    effect: Effect


@transaction.atomic
def save_bell_schedule(
    school: School,
    *,
    by: Person | None,
    at: datetime,
    name: str,
    weekdays: str,
    bells: Sequence[Bell],
    bell_schedule: BellSchedule | None = None,
    is_confirmed: bool = True,
) -> Rung:
    """
    Add a bell schedule, or change one; periods are the school's, so a new name holds everywhere.

    A new period takes its place in the school's day after the one that precedes it here. A period
    that is in no schedule any more and was never offered by a host is gone. Meetings that stand
    where a bell had put them go with it, and without their period are listed as a clash. Raises
    CannotChangeCalendar, and NeedsConfirmation if planned meetings would be touched.
    """
    school = locked(school, by=by, at=at)
    before = bell_times_of(school)
    others = BellSchedule.objects.filter(school=school)
    others = others.exclude(pk=bell_schedule.pk) if bell_schedule else others
    _check_schedule(others, name=name, weekdays=weekdays)
    saved = bell_schedule and BellSchedule.objects.get(pk=bell_schedule.pk)
    saved = saved or BellSchedule(school=school)
    saved.name, saved.weekdays = name, weekdays
    write_bells(saved, bells)
    forget_unused_periods(school)
    effect = rebuild(
        school,
        by=by,
        at=at,
        about=[f"bell_schedule:{saved.pk}"],
        bells=before,
        is_confirmed=is_confirmed,
    )
    return Rung(saved, effect)


@transaction.atomic
def delete_bell_schedule(
    bell_schedule: BellSchedule, *, by: Person | None, at: datetime, is_confirmed: bool = True
) -> Effect:
    """
    Take away a bell schedule; its days have no bell times then, or those of their column.

    Raises NeedsConfirmation if planned meetings would be touched.
    """
    school = locked(bell_schedule.school, by=by, at=at)
    key = bell_schedule.pk
    BellSchedule.objects.filter(pk=key).update(weekdays="")
    SpecialDay.objects.filter(bell_schedule=key).delete()
    about = [f"bell_schedule:{key}"]
    effect = rebuild(school, by=by, at=at, about=about, is_confirmed=is_confirmed)
    BellSchedule.objects.filter(pk=key).delete()
    forget_unused_periods(school)
    return effect


@transaction.atomic
def set_special_days(
    school: School,
    *,
    by: Person | None,
    at: datetime,
    days: Mapping[date, BellSchedule | None],
    is_confirmed: bool = True,
) -> Effect:
    """
    Give dates a bell schedule of their own, or with None that of their column again.

    Raises NeedsConfirmation if planned meetings would be touched.
    """
    school = locked(school, by=by, at=at)
    SpecialDay.objects.filter(school=school, date__in=days).delete()
    SpecialDay.objects.bulk_create(
        SpecialDay(school=school, date=on, bell_schedule=bell_schedule)
        for on, bell_schedule in sorted(days.items(), key=lambda each: each[0])
        if bell_schedule is not None
    )
    about = [f"school:{school.pk}"]
    return rebuild(school, by=by, at=at, about=about, is_confirmed=is_confirmed)


def write_bells(bell_schedule: BellSchedule, bells: Sequence[Bell]) -> None:
    """Save a bell schedule with these bells and no others. Raises CannotChangeCalendar."""
    school = bell_schedule.school
    bells = sorted(bells, key=lambda bell: (bell.starts_at, bell.ends_at))
    _check_bells(school, bells)
    bell_schedule.save()
    periods = _save_periods(school, bells)
    bell_schedule.times.all().delete()
    BellTime.objects.bulk_create(
        BellTime(
            bell_schedule=bell_schedule,
            period=period,
            starts_at=bell.starts_at,
            ends_at=bell.ends_at,
        )
        for bell, period in zip(bells, periods, strict=True)
    )


def _check_schedule(others: Iterable[BellSchedule], *, name: str, weekdays: str) -> None:
    for other in others:
        if other.name.casefold() == name.casefold():
            raise CannotChangeCalendar(f"There is a bell schedule called {other.name}.", "name")
        if set(other.weekdays) & set(weekdays):
            raise CannotChangeCalendar(
                f"A day can have one bell schedule. {other.name} is used on one of these days.",
                "weekdays",
            )


def _check_bells(school: School, bells: Sequence[Bell]) -> None:
    if not bells:
        raise CannotChangeCalendar("Enter the times of at least one period.")
    for bell in bells:
        if bell.ends_at <= bell.starts_at:
            raise CannotChangeCalendar(f"{bell.name} ends before it starts.")
    for earlier, later in pairwise(bells):
        if later.starts_at < earlier.ends_at:
            raise CannotChangeCalendar(f"{earlier.name} and {later.name} overlap.")
    changed = {bell.period.pk for bell in bells if bell.period}
    names = [bell.name.casefold() for bell in bells]
    names += [period.name.casefold() for period in school.periods.all() if period.pk not in changed]
    for bell in bells:
        if names.count(bell.name.casefold()) > 1:
            raise CannotChangeCalendar(f"There are two periods called {bell.name}.")


def _save_periods(school: School, bells: Sequence[Bell]) -> list[Period]:
    """The periods of the bells, in their order; new ones made, all of the school's renumbered."""
    row = list(school.periods.order_by("ordinal"))
    place = 0
    periods = []
    for bell in bells:
        period = next((each for each in row if each == bell.period), None)
        if period is None:
            period = Period(school=school)
            row.insert(place, period)
        period.name = bell.name
        place = row.index(period) + 1 if period.pk else place + 1
        periods.append(period)
    for ordinal, period in enumerate(row, start=1):
        period.ordinal = ordinal
    # Names and places are unique one by one, so nobody's may be taken while they change hands.
    school.periods.update(
        name=Concat(Value("~"), Cast("pk", CharField())), ordinal=F("ordinal") + APART
    )
    Period.objects.bulk_update([each for each in row if each.pk], ["name", "ordinal"])
    Period.objects.bulk_create([each for each in row if not each.pk])
    return periods


def forget_unused_periods(school: School) -> None:
    """Let go of periods that no bell schedule has any more and no host ever offered."""
    offered = Slot.objects.filter(school=school, period__isnull=False).values("period")
    school.periods.filter(times__isnull=True).exclude(pk__in=offered).delete()
