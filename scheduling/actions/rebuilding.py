"""What every change of the calendar ends with: its weeks, its days and its meetings in line."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeVar

from django.db.models import F

from audit.actions import record
from audit.models import Event
from people.models import Pairing, Person, School
from people.permissions import can_administer, require

from .. import weeks
from ..models import (
    Attendance,
    BellSchedule,
    Meeting,
    SchoolDay,
    SchoolWeek,
    Term,
)

WEEK_FIELDS = ("term_id", "number", "cycle_week", "ordinal", "is_open", "is_frozen")
DAY_FIELDS = ("term_id", "week_id", "column", "pass_number", "bell_schedule_id")

Row = TypeVar("Row", SchoolWeek, SchoolDay)


class CannotChangeCalendar(Exception):
    """Why the calendar cannot be changed so, in words; `field` is the answer it is about."""

    def __init__(self, sentence: str, field: str | None = None) -> None:
        super().__init__(sentence)
        self.field = field


@dataclass(frozen=True)
class Letter:
    """A week whose place in the cycle changes."""

    starts_on: date
    before: int | None
    after: int | None

    @property
    def letter(self) -> str:
        return "BA"[self.after % 2] if self.after else ""


@dataclass(frozen=True)
class Effect:
    """What a change of the calendar does to what stood before."""

    letters: list[Letter] = field(default_factory=list)
    closed_days: list[date] = field(default_factory=list)
    # Planned meetings that are closed; counseling is closed too and counted nowhere (DECISIONS 15)
    meetings: int = 0


class NeedsConfirmation(Exception):
    """The change would close meetings or move letters, and nobody has said yes yet."""

    def __init__(self, effect: Effect) -> None:
        super().__init__("This change has to be confirmed.")
        self.effect = effect


def locked(school: School, *, by: Person | None, at: datetime) -> School:
    """The school, for the one who may change its calendar, one at a time."""
    require(by is None or can_administer(by, school, on=school.today(at)))
    return School.objects.select_for_update().get(pk=school.pk)


def rebuild(
    school: School,
    *,
    by: Person | None,
    at: datetime,
    about: list[str],
    without: Term | None = None,
    forget: Term | None = None,
    shift: tuple[SchoolWeek, int] | None = None,
    is_confirmed: bool = True,
) -> Effect:
    """
    Bring weeks, days and planned meetings in line with their sources; the end of every change.

    A term about to be deleted is left out by `without`. Letters set by hand stay set, but not those
    of the term to `forget`, nor those of the year after a `shift`. A handful of queries, however
    many weeks there are. Raises NeedsConfirmation.
    """
    standing = list(school.weeks.select_related("term"))
    shifted = weeks.shifts(week for week in standing if week.term != forget)
    if shift:
        week, cycle_week = shift
        later = {each.starts_on for each in standing if _is_from(each, week)}
        shifted = {day: place for day, place in shifted.items() if day not in later}
        shifted[week.starts_on] = cycle_week
    proposed = weeks.propose(
        school.terms.exclude(pk=without.pk) if without else school.terms.all(),
        school.closures.all(),
        school.weekdays,
        standing=standing,
        shifted=shifted,
    )
    letters = _letters(standing, proposed)
    closed_days = _write(school, standing, proposed)
    closed = _close_meetings(school, closed_days, by=by, at=at)
    counted = [each for each in closed if each.pairing.kind != Pairing.Kind.COUNSELING]
    effect = Effect(letters=letters, closed_days=closed_days, meetings=len(counted))
    if not is_confirmed and (effect.meetings or (shift and effect.letters)):
        raise NeedsConfirmation(effect)  # and nothing of this has happened
    record(
        Event.Act.CALENDAR_CHANGE,
        chain=school.pk,
        by=by.pk if by else None,
        objects=[f"school:{school.pk}", *about, *(f"meeting:{each.pk}" for each in closed)],
        at=at,
    )
    return effect


def _is_from(week: SchoolWeek, first: SchoolWeek) -> bool:
    return week.starts_on >= first.starts_on and week.term.school_year == first.term.school_year


def _letters(standing: list[SchoolWeek], proposed: list[weeks.Week]) -> list[Letter]:
    before = {week.starts_on: week.cycle_week for week in standing}
    return [
        Letter(week.starts_on, before[week.starts_on], week.cycle_week)
        for week in proposed
        if week.starts_on in before and before[week.starts_on] != week.cycle_week
    ]


def _write(school: School, standing: list[SchoolWeek], proposed: list[weeks.Week]) -> list[date]:
    """Write the rows that differ; answers the days that had school and have it no more."""
    old_weeks = {week.starts_on: week for week in standing}
    new_weeks = [
        SchoolWeek(
            school=school,
            term=week.term,
            starts_on=week.starts_on,
            number=week.number,
            cycle_week=week.cycle_week,
            ordinal=week.ordinal,
            is_open=week.is_open,
            is_frozen=week.is_frozen,
        )
        for week in proposed
    ]
    _upsert(SchoolWeek, old_weeks, new_weeks, key="starts_on", fields=WEEK_FIELDS)

    keys = dict(school.weeks.values_list("starts_on", "pk"))
    schedules = {
        weekday: bell_schedule.pk
        for bell_schedule in BellSchedule.objects.filter(school=school)
        for weekday in bell_schedule.weekdays
    }
    old_days = {day.date: day for day in school.days.all()}
    new_days = [
        SchoolDay(
            school=school,
            term=day.term,
            week_id=keys[week.starts_on],
            date=day.date,
            column=day.column,
            pass_number=week.cycle_week,  # type: ignore[misc]  # an open week has one
            bell_schedule_id=schedules.get(day.column),
        )
        for week in proposed
        for day in week.days
    ]
    _upsert(SchoolDay, old_days, new_days, key="date", fields=DAY_FIELDS)

    closed_days = sorted(old_days.keys() - {day.date for day in new_days})
    school.days.filter(pk__in=[old_days[day].pk for day in closed_days]).delete()
    school.weeks.filter(
        starts_on__in=old_weeks.keys() - {week.starts_on for week in new_weeks}
    ).delete()
    return closed_days


def _upsert(
    model: type[Row], old: Mapping[date, Row], new: list[Row], *, key: str, fields: tuple[str, ...]
) -> None:
    """Write the rows that are new, or differ in one of the fields; `key` tells them apart."""
    changed = [
        row
        for row in new
        if getattr(row, key) not in old
        or any(getattr(row, name) != getattr(old[getattr(row, key)], name) for name in fields)
    ]
    model.objects.bulk_create(
        changed,
        update_conflicts=True,
        unique_fields=["school", key],
        update_fields=[name.removesuffix("_id") for name in fields],
    )


def _close_meetings(
    school: School, days: list[date], *, by: Person | None, at: datetime
) -> list[Meeting]:
    """Close the planned meetings of days on which there is no school any more."""
    if not days:
        return []
    around = timedelta(days=1)  # whatever the zone
    planned = Meeting.objects.filter(
        school=school,
        status=Meeting.Status.PLANNED,
        starts_at__gte=datetime.combine(days[0] - around, time(), tzinfo=UTC),
        starts_at__lt=datetime.combine(days[-1] + 2 * around, time(), tzinfo=UTC),
    ).select_related("pairing")
    closing = set(days)
    closed = [meeting for meeting in planned if school.today(meeting.starts_at) in closing]
    keys = [meeting.pk for meeting in closed]
    Meeting.objects.filter(pk__in=keys).update(
        status=Meeting.Status.CLOSED,
        sequence=F("sequence") + 1,  # what then is for the two to say
    )
    Attendance.objects.filter(meeting__in=keys).update(blocks=False)
    return closed
