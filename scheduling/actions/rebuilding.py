"""What every change of the calendar ends with: its weeks, its days and its meetings in line."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple, TypeVar

from django.db.models import F

from audit.actions import record
from audit.models import Event
from people.models import Pairing, Person, School
from people.permissions import can_administer, require

from .. import rotation, weeks
from ..models import (
    Attendance,
    BellSchedule,
    Meeting,
    SchoolDay,
    SchoolWeek,
    Term,
)

WEEK_FIELDS = ("term_id", "number", "cycle_week", "ordinal", "is_open", "is_frozen")
DAY_FIELDS = ("term_id", "week_id", "column", "pass_number", "is_open", "bell_schedule_id")

Row = TypeVar("Row", SchoolWeek, SchoolDay)
Shift = tuple[SchoolWeek | SchoolDay, int]  # from where on, and which place it has from then on


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


class DayChange(NamedTuple):
    """A day whose place in the rotation changes, from one column to another; empty for none."""

    on: date
    before: str
    after: str


@dataclass(frozen=True)
class Effect:
    """What a change of the calendar does to what stood before."""

    letters: list[Letter] = field(default_factory=list)
    days: list[DayChange] = field(default_factory=list)  # of a rotation
    closed_days: list[date] = field(default_factory=list)
    lessons: int = 0  # that end, because their columns are no more
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
    shift: Shift | None = None,
    lessons: int | None = None,
    is_confirmed: bool = True,
) -> Effect:
    """
    Bring weeks, days and planned meetings in line with their sources; the end of every change.

    A term about to be deleted is left out by `without`. What was set by hand stays set, but not in
    the term to `forget`, nor in the year after a `shift`, nor days that were counted otherwise:
    then `lessons` says how many lessons end with them. A handful of queries, however many weeks
    there are. Raises NeedsConfirmation.
    """
    standing = list(school.weeks.select_related("term"))
    days = list(school.days.select_related("term", "week"))
    closures = list(school.closures.all())
    proposed = weeks.propose(
        school.terms.exclude(pk=without.pk) if without else school.terms.all(),
        closures,
        school.weekdays,
        standing=standing,
        shifted=_shifted_weeks(standing, forget, shift),
    )
    counts_anew = lessons is not None
    places = rotation.places(
        proposed,
        school.rotation_days,
        standing=days,
        skipped=weeks.dates(each for each in closures if each.skips_rotation),
        shifted={} if counts_anew else _shifted_days(school, days, forget, shift),
    )
    letters = _letters(standing, proposed)
    changes = _day_changes(days, places)
    closed_days = _write(school, standing, proposed, days, places)
    closed = _close_meetings(school, closed_days, by=by, at=at)
    counted = [each for each in closed if each.pairing.kind != Pairing.Kind.COUNSELING]
    effect = Effect(
        letters=letters,
        days=changes if school.rotation_days and not counts_anew else [],
        closed_days=closed_days,
        lessons=lessons or 0,
        meetings=len(counted),
    )
    moves = shift and (effect.letters or effect.days)
    if not is_confirmed and (effect.meetings or effect.lessons or moves):
        raise NeedsConfirmation(effect)  # and nothing of this has happened
    record(
        Event.Act.CALENDAR_CHANGE,
        chain=school.pk,
        by=by.pk if by else None,
        objects=[f"school:{school.pk}", *about, *(f"meeting:{each.pk}" for each in closed)],
        at=at,
    )
    return effect


def _shifted_weeks(
    standing: list[SchoolWeek], forget: Term | None, shift: Shift | None
) -> dict[date, int]:
    shifted = weeks.shifts(week for week in standing if week.term != forget)
    first, place = shift or (None, 0)
    if isinstance(first, SchoolWeek):
        year = first.term.school_year
        later = {each.starts_on for each in standing if each.term.school_year == year}
        return _set(shifted, later, first.starts_on, place)
    return shifted


def _shifted_days(
    school: School, days: list[SchoolDay], forget: Term | None, shift: Shift | None
) -> dict[date, int]:
    if not school.rotation_days:
        return {}
    shifted = rotation.shifts((day for day in days if day.term != forget), school.rotation_days)
    first, place = shift or (None, 0)
    if isinstance(first, SchoolDay):
        year = first.term.school_year
        later = {each.date for each in days if each.term.school_year == year}
        return _set(shifted, later, first.date, place)
    return shifted


def _set(shifted: dict[date, int], year: set[date], first: date, place: int) -> dict[date, int]:
    """What was set by hand, with one more; those after it in its school year are taken back."""
    kept = {on: each for on, each in shifted.items() if on < first or on not in year}
    return kept | {first: place}


def _day_changes(days: list[SchoolDay], places: list[rotation.Place]) -> list[DayChange]:
    before = {day.date: day.column for day in days}
    return [
        DayChange(place.day.date, before[place.day.date], place.column)
        for place in places
        if before.get(place.day.date, place.column) != place.column
    ]


def _letters(standing: list[SchoolWeek], proposed: list[weeks.Week]) -> list[Letter]:
    before = {week.starts_on: week.cycle_week for week in standing}
    return [
        Letter(week.starts_on, before[week.starts_on], week.cycle_week)
        for week in proposed
        if week.starts_on in before and before[week.starts_on] != week.cycle_week
    ]


def _write(
    school: School,
    standing: list[SchoolWeek],
    proposed: list[weeks.Week],
    days: list[SchoolDay],
    places: list[rotation.Place],
) -> list[date]:
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
        column: bell_schedule.pk
        for bell_schedule in BellSchedule.objects.filter(school=school)
        for column in bell_schedule.columns
    }
    old_days = {day.date: day for day in days}
    new_days = [
        SchoolDay(
            school=school,
            term=place.day.term,
            week_id=keys[place.week.starts_on],
            date=place.day.date,
            column=place.column,
            pass_number=place.pass_number,
            is_open=place.is_open,
            bell_schedule_id=schedules.get(place.column),
        )
        for place in places
    ]
    _upsert(SchoolDay, old_days, new_days, key="date", fields=DAY_FIELDS)

    gone = old_days.keys() - {day.date for day in new_days}
    school.days.filter(pk__in=[old_days[on].pk for on in gone]).delete()
    with_school = {day.date for day in new_days if day.is_open}
    closed_days = sorted(day.date for day in days if day.is_open and day.date not in with_school)
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
