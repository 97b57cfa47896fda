"""Keeping the school's calendar: terms, school days, letters and the days of a rotation."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import transaction

from people.cadence import CYCLE
from people.models import Person, School

from .. import weeks
from ..models import Commitment, SchoolDay, SchoolWeek, Term
from ..models.calendar import ROTATIONS, as_written, columns_of
from .rebuilding import CannotChangeCalendar, Effect, locked, rebuild

LONGEST = timedelta(days=366)  # of a term or a closure


@transaction.atomic
def rebuild_calendar(school: School, *, by: Person | None, at: datetime) -> Effect:
    """Make the weeks and days anew from terms, closures, school days and bell schedules."""
    school = locked(school, by=by, at=at)
    return rebuild(school, by=by, at=at, about=[])


@transaction.atomic
def save_term(
    school: School,
    *,
    by: Person | None,
    at: datetime,
    name: str,
    starts_on: date,
    ends_on: date,
    school_year: int,
    term: Term | None = None,
    is_confirmed: bool = True,
) -> Term:
    """
    Add a term, or change one.

    Raises CannotChangeCalendar, and NeedsConfirmation if planned meetings would be closed.
    """
    school = locked(school, by=by, at=at)
    others = Term.objects.of(school)
    others = others.exclude(pk=term.pk) if term else others
    check_term(others, name=name, starts_on=starts_on, ends_on=ends_on)
    forget = term if term and term.school_year != school_year else None

    saved = Term(pk=term.pk, uid=term.uid, school=school) if term else Term(school=school)
    saved.name, saved.starts_on, saved.ends_on = name, starts_on, ends_on
    saved.school_year = school_year
    saved.save()
    about = [f"term:{saved.pk}"]
    rebuild(school, by=by, at=at, about=about, forget=forget, is_confirmed=is_confirmed)
    return saved


@transaction.atomic
def delete_term(term: Term, *, by: Person | None, at: datetime) -> None:
    """Take away a term in which nobody has done anything yet. Raises CannotChangeCalendar."""
    school = locked(term.school, by=by, at=at)
    if term.bookings.exists():
        raise CannotChangeCalendar(
            f"People have booked times in {term.name}, so it cannot be deleted. "
            "You can change its dates."
        )
    if term.slots.exists() or term.sign_ups.exists():
        raise CannotChangeCalendar(
            f"Hosts have offered times in {term.name}, so it cannot be deleted. "
            "You can change its dates."
        )
    key = term.pk
    term.commitments.all().delete()
    # First the weeks, while they stand in their order; one of them may go to another term.
    rebuild(school, by=by, at=at, about=[f"term:{key}"], without=term)
    Term.objects.filter(pk=key).delete()


@transaction.atomic
def set_weekdays(
    school: School,
    *,
    by: Person | None,
    at: datetime,
    weekdays: str,
    rotation_days: int | None = None,
    is_confirmed: bool = True,
) -> Effect:
    """
    Say on which days there is school, by their ISO numbers, and what the timetable counts: its
    weekdays (0), or so many `rotation_days` over and over again; None leaves that as it is.

    Raises CannotChangeCalendar, and NeedsConfirmation if planned meetings would be closed, or
    lessons would end that stand in columns which are no more.
    """
    school = locked(school, by=by, at=at)
    weekdays = weeks.in_order(weekdays)
    if not weekdays:
        raise CannotChangeCalendar("Choose at least one day.", "weekdays")
    if weekdays[0] != school.weekdays[0] and school.weeks.filter(is_frozen=True).exists():
        raise CannotChangeCalendar(
            "People have booked times already, so the week cannot begin on another day.",
            "weekdays",
        )
    school.weekdays = weekdays
    lessons = None
    if rotation_days is not None and rotation_days != school.rotation_days:
        lessons = _count_days_anew(school, rotation_days, on=school.today(at))
    school.save(update_fields=["weekdays", "rotation_days"])
    return rebuild(school, by=by, at=at, about=[], lessons=lessons, is_confirmed=is_confirmed)


def _count_days_anew(school: School, rotation_days: int, *, on: date) -> int:
    """
    Let the columns of the grid be others; how many lessons end with the old ones.

    Only before hosts have offered times in them. The bell schedule that most columns had is that
    of all new ones. Raises CannotChangeCalendar.
    """
    if rotation_days and rotation_days not in ROTATIONS:
        raise CannotChangeCalendar("Choose 5 to 10 days, or the weekdays.", "rotation_days")
    to_come = Term.objects.of(school).filter(ends_on__gte=on)
    offered = to_come.filter(slots__removed_at__isnull=True, slots__isnull=False)
    booked = to_come.filter(weeks__is_frozen=True)
    if term := (booked.first() or offered.first()):
        raise CannotChangeCalendar(
            f"Hosts have offered times in {term.name} already, by the days as they are. "
            "The days can change with the next school year.",
            "rotation_days",
        )
    schedules = sorted(school.bell_schedules.order_by("pk"), key=lambda each: -len(each.columns))
    school.rotation_days = rotation_days
    columns = as_written(column for column, _ in columns_of(school))
    for each in schedules:
        each.weekdays = columns if each == schedules[0] else ""
        each.save(update_fields=["weekdays"])
    lessons = Commitment.objects.filter(term__in=to_come)
    ended = lessons.filter(is_lesson=True).count()
    lessons.delete()
    return ended


@transaction.atomic
def shift_letters(
    week: SchoolWeek,
    *,
    by: Person | None,
    at: datetime,
    cycle_week: int,
    is_confirmed: bool = True,
) -> Effect:
    """
    Let the cycle go on from another place, from a week on, to the end of the school year.

    Raises CannotChangeCalendar for a week that is frozen or closed, and NeedsConfirmation.
    """
    school = locked(week.school, by=by, at=at)
    week.refresh_from_db()
    if not week.is_open:
        raise CannotChangeCalendar("There is no school in this week, so it has no letter.")
    later = SchoolWeek.objects.filter(
        school=school, term__school_year=week.term.school_year, starts_on__gte=week.starts_on
    )
    if later.filter(is_frozen=True).exists():
        raise CannotChangeCalendar(
            "People have booked times by these letters, so they stay as they are."
        )
    if not 1 <= cycle_week <= CYCLE:
        raise CannotChangeCalendar(f"Choose a week from 1 to {CYCLE}.", "cycle_week")
    return rebuild(
        school,
        by=by,
        at=at,
        about=[f"week:{week.pk}"],
        shift=(week, cycle_week),
        is_confirmed=is_confirmed,
    )


@transaction.atomic
def shift_days(
    day: SchoolDay, *, by: Person | None, at: datetime, column: int, is_confirmed: bool = True
) -> Effect:
    """
    Let the rotation go on from another day, from a date on, to the end of the school year.

    Raises CannotChangeCalendar for a day that is frozen or closed, and NeedsConfirmation.
    """
    school = locked(day.school, by=by, at=at)
    day.refresh_from_db()
    if not school.rotation_days or not day.is_open:
        raise CannotChangeCalendar("This is no day of the rotation.")
    later = SchoolDay.objects.filter(
        school=school, term__school_year=day.term.school_year, date__gte=day.date
    )
    if later.filter(week__is_frozen=True).exists():
        raise CannotChangeCalendar(
            "People have booked times by these days, so they stay as they are."
        )
    if not 1 <= column <= school.rotation_days:
        raise CannotChangeCalendar(f"Choose a day from 1 to {school.rotation_days}.", "column")
    return rebuild(
        school,
        by=by,
        at=at,
        about=[f"day:{day.pk}"],
        shift=(day, column),
        is_confirmed=is_confirmed,
    )


def check_dates(starts_on: date, ends_on: date) -> None:
    """Raise CannotChangeCalendar for a stretch of days that cannot be meant."""
    if ends_on < starts_on:
        raise CannotChangeCalendar("The last day is before the first.", "ends_on")
    if ends_on - starts_on > LONGEST:
        raise CannotChangeCalendar("This is longer than a year. Check the years.", "ends_on")


def check_term(others: Iterable[Term], *, name: str, starts_on: date, ends_on: date) -> None:
    """Raise CannotChangeCalendar for a term that could not stand beside the others."""
    check_dates(starts_on, ends_on)
    if ends_on == starts_on:
        raise CannotChangeCalendar("A term has more than one day.", "ends_on")
    for other in others:
        if other.name.casefold() == name.casefold() and abs(other.starts_on - starts_on) < LONGEST:
            raise CannotChangeCalendar(f"There is a term called {other.name} in this year.", "name")
        if other.starts_on <= ends_on and starts_on <= other.ends_on:
            raise CannotChangeCalendar(
                f"These dates overlap {other.name}, which runs from {_words(other.starts_on)} "
                f"to {_words(other.ends_on)}.",
                "starts_on",
            )


def _words(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B %Y}"
