"""What every change of the calendar ends with: its weeks, its days and its meetings in line."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import NamedTuple, TypeVar

from audit.actions import record
from audit.models import Event
from people.models import Change, Person, School
from people.permissions import can_import, require

from .. import rotation, weeks
from ..availability import bell_times_of
from ..models import BellSchedule, BellTime, SchoolDay, SchoolWeek, Term
from ..models.calendar import columns_of
from ..series import TermCalendar
from .rippling import counted, ripple, tell

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
    # Meetings by what becomes of them; counseling is treated alike, and not counted (DECISIONS 15)
    meetings: int = 0  # planned ones that are closed
    reopened: int = 0  # planned again
    stuck: int = 0  # that cannot be planned again: one of the two has something else
    moved: int = 0  # with their bell
    lost: int = 0  # without their period
    change: Change | None = field(default=None, compare=False)  # to be undone


class NeedsConfirmation(Exception):
    """The change would touch meetings or move letters, and nobody has said yes yet."""

    def __init__(self, effect: Effect) -> None:
        super().__init__("This change has to be confirmed.")
        self.effect = effect


def locked(school: School, *, by: Person | None, at: datetime) -> School:
    """The school, for the one who may change its calendar, one at a time."""
    require(by is None or can_import(by, school, at=at))
    return School.objects.select_for_update().get(pk=school.pk)


def rebuild(  # noqa: PLR0913 -- what one or the other change needs, mostly nothing
    school: School,
    *,
    by: Person | None,
    at: datetime,
    about: list[str],
    without: Term | None = None,
    forget: Term | None = None,
    shift: Shift | None = None,
    lessons: int | None = None,
    bells: Sequence[BellTime] | None = None,
    undoable: tuple[str, dict] | None = None,
    untold: Iterable[int] = (),
    is_confirmed: bool = True,
) -> Effect:
    """
    Bring weeks, days and planned meetings in line with their sources; the end of every change.

    A term about to be deleted is left out by `without`. What was set by hand stays set, but not in
    the term to `forget`, nor in the year after a `shift`, nor days that were counted otherwise:
    then `lessons` says how many lessons end with them. `bells` are the bell times before, if they
    have been changed. What is `undoable`, by its verb and refs, leaves a change. Who is `untold`,
    by key, was told nothing of what is taken back now. A handful of queries, however many weeks
    there are, and some for each hundred meetings that are touched. Raises NeedsConfirmation.
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
    bell_times = bell_times_of(school)
    before = _calendar(school, days, bell_times if bells is None else bells)
    closed_days = _write(school, standing, proposed, days, places)
    after = _calendar(school, school.days.all(), bell_times)
    touched = ripple(school, before, after, at=at)
    effect = Effect(
        letters=letters,
        days=changes if school.rotation_days and not counts_anew else [],
        closed_days=closed_days,
        lessons=lessons or 0,
        meetings=counted(touched.closed),
        reopened=counted(touched.reopened),
        stuck=counted(touched.stuck),
        moved=counted(touched.moved),
        lost=counted(touched.lost),
    )
    shifts = shift and (effect.letters or effect.days)
    touches = effect.meetings or effect.moved or effect.lost or effect.lessons
    if not is_confirmed and (touches or shifts):
        raise NeedsConfirmation(effect)  # and nothing of this has happened
    if by and undoable:
        verb, refs = undoable
        effect = replace(effect, change=Change.objects.create(by=by, verb=verb, refs=refs, at=at))
    tell(school, touched, by=by, at=at, change=effect.change, unless=list(untold))
    record(
        Event.Act.CALENDAR_CHANGE,
        chain=school.pk,
        by=by.pk if by else None,
        objects=[
            f"school:{school.pk}",
            *about,
            *(f"meeting:{each.pk}" for each in touched.all()),
        ],
        at=at,
    )
    return effect


def _calendar(
    school: School, days: Iterable[SchoolDay], bell_times: Sequence[BellTime]
) -> TermCalendar:
    return TermCalendar.of(
        zone=school.zone,
        columns=columns_of(school),
        days=days,
        bell_schedules=[each.bell_schedule for each in bell_times],
        bell_times=bell_times,
        closures=(),
    )


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
    special = dict(school.special_days.values_list("date", "bell_schedule_id"))
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
            bell_schedule_id=special.get(place.day.date) or schedules.get(place.column),
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
