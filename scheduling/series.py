"""The dates of a standing seat: which there are, where they went, and which clash."""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from people.cadence import Cadence, meets_in

from .models import BellSchedule, BellTime, Closure, SchoolDay, Seat, Slot
from .wall_time import instant

Interval = tuple[datetime, datetime]  # begins, ends (exclusive); aware
Bells = tuple[time, time]  # begins, ends; the school's wall time


@dataclass(frozen=True)
class TermCalendar:
    """A term's days and bell times, loaded once and asked many times."""

    zone: ZoneInfo
    columns: Mapping[str, str]  # the school's columns, in order, with their names
    days: Mapping[date, SchoolDay]  # days with school only
    by_column: Mapping[str, Sequence[SchoolDay]]  # in order; closed days too that count
    bells: Mapping[tuple[int, int], Bells]  # by bell schedule and period
    schedules: Mapping[str, int]  # the regular bell schedule of a column
    closures: Sequence[Closure] | QuerySet[Closure]

    @classmethod
    def of(
        cls,
        *,
        zone: ZoneInfo,
        columns: Iterable[tuple[str, str]],
        days: Iterable[SchoolDay],
        bell_schedules: Iterable[BellSchedule],
        bell_times: Iterable[BellTime],
        closures: Sequence[Closure] | QuerySet[Closure],
    ) -> "TermCalendar":
        """The closures may be a QuerySet, asked only where one needs them."""
        counted = sorted(days, key=lambda day: day.date)
        by_column: dict[str, list[SchoolDay]] = {}
        for day in counted:
            by_column.setdefault(day.column, []).append(day)
        return cls(
            zone=zone,
            columns=dict(columns),
            days={day.date: day for day in counted if day.is_open},
            by_column=by_column,
            bells={
                (each.bell_schedule_id, each.period_id): (each.starts_at, each.ends_at)
                for each in bell_times
            },
            schedules={
                column: schedule.pk for schedule in bell_schedules for column in schedule.columns
            },
            closures=closures,
        )

    def next_pass(self, day: SchoolDay) -> SchoolDay | None:
        """The same column in the next week with school, or the next pass through the rotation."""
        open_weeks = {each.week_id for each in self.days.values()}
        later = (each for each in self.by_column[day.column] if each.date > day.date)
        return next((each for each in later if each.week_id in open_weeks), None)

    def wall_times(self, slot: Slot, bell_schedule_id: int | None) -> Bells | None:
        """When a cell's talk begins and ends under a bell schedule; None without its period."""
        if slot.period_id is None:
            return (slot.starts_at, slot.ends_at) if slot.starts_at and slot.ends_at else None
        bells = self.bells.get((bell_schedule_id or 0, slot.period_id))
        return bells and talk_times(bells, half=slot.half, minutes=slot.minutes)

    def regular_times(self, slot: Slot) -> Bells | None:
        """When a cell's talk begins and ends on a regular day of its column."""
        return self.wall_times(slot, self.schedules.get(slot.column))

    def occurrence(self, slot: Slot, day: SchoolDay) -> Interval | None:
        """The instants of a cell's talk on a day; None on a day without its period."""
        times = self.wall_times(slot, day.bell_schedule_id)
        if times is None:
            return None
        return instant(day.date, times[0], self.zone), instant(day.date, times[1], self.zone)

    def closure_on(self, on: date) -> Closure | None:
        return next((each for each in self.closures if each.starts_on <= on <= each.ends_on), None)


def talk_times(bells: Bells, *, half: int, minutes: int) -> Bells | None:
    """A talk's wall times in a period: from the bell, or after the first talk; never past it."""
    opens, closes = bells
    start = datetime.combine(date.min, opens) + timedelta(minutes=(half - 1) * minutes)
    end = min(start + timedelta(minutes=minutes), datetime.combine(date.min, closes))
    return (start.time(), end.time()) if start < end else None


class Busy:
    """When people are taken by their one-on-ones, by date, for quick asking."""

    def __init__(self, intervals: Iterable[tuple[int, datetime, datetime]] = ()) -> None:
        """Intervals as person's key, beginning, end."""
        self._by_day: dict[tuple[int, date], list[Interval]] = {}
        for person_id, starts_at, ends_at in intervals:
            self._by_day.setdefault((person_id, starts_at.date()), []).append((starts_at, ends_at))

    def is_busy(self, person_id: int, interval: Interval) -> bool:
        starts_at, ends_at = interval
        # Instants are in UTC: a talk in one school day may lie in two of its dates.
        days = {starts_at.date() - timedelta(days=1), starts_at.date(), ends_at.date()}
        return any(
            begins < ends_at and starts_at < ends
            for day in days
            for begins, ends in self._by_day.get((person_id, day), ())
        )


class Clash:
    """Why a date of a series cannot be kept as planned."""

    CLOSED = "closed"
    NO_PERIOD = "no_period"
    HOST = "host"
    ATTENDEE = "attendee"


@dataclass
class Occurrence:
    """One date of a series: as the pattern has it, and as it can be kept."""

    planned_on: date
    planned_at: Interval  # by the regular bells when there is no school that day
    at: Interval | None  # None when it clashes
    clash: str = ""

    @property
    def is_free(self) -> bool:
        return self.at is not None

    @property
    def was_shifted(self) -> bool:
        """Whether a closure pushed it to the same column of the next week or pass."""
        return self.at is not None and self.at[0] != self.planned_at[0]


def occurrences(
    seat: Seat,
    calendar: TermCalendar,
    *,
    starts_on: date,
    ends_on: date,
    now: datetime,
    host_id: int,
    attendee_id: int,
    busy: Busy,
) -> Iterator[Occurrence]:
    """
    Every date of a seat from one date to another (both included) that has not begun yet.

    The days of its column in those weeks, or passes through the rotation, that the seat has. On a
    known closure a biweekly or monthly talk goes to the same column of the next open week or pass,
    if both are free then (DECISIONS 6).
    """
    slot = seat.slot
    pattern = [
        day
        for day in calendar.by_column.get(slot.column, ())
        if meets_in(seat.weeks, day.pass_number)
    ]
    own = {day.date for day in pattern}  # a date is never shifted on to another of the same series
    for day in pattern:
        planned = _planned(calendar, slot, day)
        if not starts_on <= day.date <= ends_on or planned is None or planned[0] <= now:
            continue
        if not day.is_open:
            shifted = None
            if slot.cadence != Cadence.WEEKLY:
                shifted = _next(slot, calendar, day, (host_id, attendee_id), busy, ends_on, own)
                own |= {shifted[0].astimezone(calendar.zone).date()} if shifted else set()
            yield Occurrence(day.date, planned, shifted, "" if shifted else Clash.CLOSED)
            continue
        at = calendar.occurrence(slot, day)
        clash = _clash(at, busy, host_id=host_id, attendee_id=attendee_id)
        yield Occurrence(day.date, at or planned, None if clash else at, clash)


def _clash(at: Interval | None, busy: Busy, *, host_id: int, attendee_id: int) -> str:
    if at is None:
        return Clash.NO_PERIOD
    if busy.is_busy(host_id, at):
        return Clash.HOST
    return Clash.ATTENDEE if busy.is_busy(attendee_id, at) else ""


def _planned(calendar: TermCalendar, slot: Slot, day: SchoolDay) -> Interval | None:
    times = calendar.wall_times(slot, day.bell_schedule_id) or calendar.regular_times(slot)
    if times is None:
        return None
    return instant(day.date, times[0], calendar.zone), instant(day.date, times[1], calendar.zone)


def _next(
    slot: Slot,
    calendar: TermCalendar,
    closed: SchoolDay,
    people: tuple[int, int],
    busy: Busy,
    ends_on: date,
    own: Set[date],
) -> Interval | None:
    """The same column in the next week or pass, if that day has school and both are free."""
    day = calendar.next_pass(closed)
    if day is None or not day.is_open or day.date > ends_on or day.date in own:
        return None
    at = calendar.occurrence(slot, day)
    if at is None or any(busy.is_busy(person_id, at) for person_id in people):
        return None
    return at
