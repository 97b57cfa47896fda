"""Bringing bell times, days with other bells and terms in from a file."""

from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from people.models import Person, School
from people.sheets import CannotRead, plain

from ..availability import bell_times_of
from ..bell_files import Plan, Ring, Stretch, plan, school_year_of
from ..models import BellSchedule, SpecialDay, Term
from ..models.calendar import as_written, columns_of
from .bell_schedules import Bell, forget_unused_periods, write_bells
from .calendar import check_term
from .rebuilding import Effect, locked, rebuild

USUAL = ("regular", "normal", "standard", "traditional")  # what schools call the one of most days


class Imported(NamedTuple):
    """What a file changed, and what that did to meetings."""

    plan: Plan
    effect: Effect


@transaction.atomic
def apply_bells(
    school: School,
    *,
    by: Person | None,
    at: datetime,
    content: bytes,
    number: str = "",
    is_confirmed: bool = True,
) -> Imported:
    """
    Add what a file of bell times, special days or terms has, and change what it has otherwise.

    What the file does not name stays. The same file twice changes nothing. Raises CannotRead,
    CannotChangeCalendar, and NeedsConfirmation if planned meetings would be touched.
    """
    school = locked(school, by=by, at=at)
    done = plan(school, content, number=number)
    if not done.is_usable:
        raise CannotRead("No row of this file can be used, so nothing was changed.")
    if done.changes_nothing:
        return Imported(done, Effect())
    before = bell_times_of(school)
    _save_schedules(school, done.schedules)
    schedules = {plain(each.name): each for each in school.bell_schedules.all()}
    SpecialDay.objects.filter(school=school, date__in=done.days).delete()
    SpecialDay.objects.bulk_create(
        SpecialDay(school=school, date=on, bell_schedule=schedules[plain(name)])
        for on, name in sorted(done.days.items())
    )
    for stretch in done.terms:
        _save_term(school, stretch)
    about = [f"school:{school.pk}"]
    effect = rebuild(school, by=by, at=at, about=about, bells=before, is_confirmed=is_confirmed)
    return Imported(done, effect)


def _save_schedules(school: School, wanted: dict[str, list[Ring]]) -> None:
    """A school whose days have no bells yet gets the usual of these, or the first, on all."""
    standing = {plain(each.name): each for each in school.bell_schedules.all()}
    usual = next((name for name in wanted if plain(name).startswith(USUAL)), next(iter(wanted), ""))
    is_first = not any(each.weekdays for each in standing.values())
    for name, rings in wanted.items():
        schedule = standing.get(plain(name)) or BellSchedule(school=school, name=name)
        if is_first and name == usual:
            schedule.weekdays = as_written(column for column, _ in columns_of(school))
        periods = {plain(each.name): each for each in school.periods.all()}
        write_bells(
            schedule,
            [
                Bell(
                    periods[plain(each.period)].name
                    if plain(each.period) in periods
                    else each.period,
                    each.starts_at,
                    each.ends_at,
                    periods.get(plain(each.period)),
                )
                for each in rings
            ],
        )
    forget_unused_periods(school)


def _save_term(school: School, stretch: Stretch) -> None:
    terms = list(school.terms.all())
    term = next((each for each in terms if plain(each.name) == plain(stretch.name)), None)
    check_term(
        [each for each in terms if each != term],
        name=stretch.name,
        starts_on=stretch.starts_on,
        ends_on=stretch.ends_on,
    )
    saved = term or Term(school=school, name=stretch.name, school_year=school_year_of(stretch))
    saved.starts_on, saved.ends_on = stretch.starts_on, stretch.ends_on
    saved.save()
