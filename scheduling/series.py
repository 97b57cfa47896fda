"""The dates of a standing seat: which there are, where they went, and which clash."""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from people.cadence import Cadence, meets_in

from .models import BellSchedule, BellTime, Closure, SchoolDay, SchoolWeek, Seat, Slot
from .wall_time import instant

Interval = tuple[datetime, datetime]  # begins, ends (exclusive); aware
Bells = tuple[time, time]  # begins, ends; the school's wall time


@dataclass(frozen=True)
class TermCalendar:
    """A term's weeks, days and bell times, loaded once and asked many times."""

    zone: ZoneInfo
    weekdays: str  # the school's ISO weekdays, in the order of its week
    weeks: Sequence[SchoolWeek] | QuerySet[SchoolWeek]  # open and closed, in order
    days: Mapping[date, SchoolDay]  # days with school only
    bells: Mapping[tuple[int, int], Bells]  # by bell schedule and period
    schedules: Mapping[str, int]  # the regular bell schedule of a column
    closures: Sequence[Closure] | QuerySet[Closure]

    @classmethod
    def of(
        cls,
        *,
        zone: ZoneInfo,
        weekdays: str,
        weeks: Sequence[SchoolWeek] | QuerySet[SchoolWeek],
        days: Iterable[SchoolDay],
        bell_schedules: Iterable[BellSchedule],
        bell_times: Iterable[BellTime],
        closures: Sequence[Closure] | QuerySet[Closure],
    ) -> "TermCalendar":
        """Weeks in order; these and the closures may be QuerySets, asked where one needs them."""
        return cls(
            zone=zone,
            weekdays=weekdays,
            weeks=weeks,
            days={day.date: day for day in days},
            bells={
                (each.bell_schedule_id, each.period_id): (each.starts_at, each.ends_at)
                for each in bell_times
            },
            schedules={
                column: schedule.pk for schedule in bell_schedules for column in schedule.weekdays
            },
            closures=closures,
        )

    def date_in(self, week: SchoolWeek, column: str) -> date:
        """The date of a weekday column in a week."""
        first = int(self.weekdays[0])
        return week.starts_on + timedelta(days=(int(column) - first) % 7)

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

    def week_of(self, on: date) -> SchoolWeek | None:
        return next(
            (
                week
                for week in self.weeks
                if week.starts_on <= on < week.starts_on + timedelta(days=7)
            ),
            None,
        )


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
        """Whether a closure pushed it to the same weekday of the next open week."""
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

    Open weeks whose place in the cycle the seat has. On a known closure a biweekly or monthly
    talk goes to the same column of the next open week, if both are free then (DECISIONS 6).
    """
    slot = seat.slot
    pattern = {
        number: calendar.date_in(week, slot.column)
        for number, week in enumerate(calendar.weeks)
        if week.cycle_week is not None and meets_in(seat.weeks, week.cycle_week)
    }
    own = set(pattern.values())  # a date is never shifted on to another of the same series
    for number, on in pattern.items():
        planned = _planned(calendar, slot, on)
        if not starts_on <= on <= ends_on or planned is None or planned[0] <= now:
            continue
        day = calendar.days.get(on)
        if day is None:
            shifted = None
            if slot.cadence != Cadence.WEEKLY:
                shifted = _next_week(
                    slot, calendar, number, (host_id, attendee_id), busy, ends_on, own
                )
                own |= {shifted[0].astimezone(calendar.zone).date()} if shifted else set()
            yield Occurrence(on, planned, shifted, "" if shifted else Clash.CLOSED)
            continue
        at = calendar.occurrence(slot, day)
        clash = _clash(at, busy, host_id=host_id, attendee_id=attendee_id)
        yield Occurrence(on, at or planned, None if clash else at, clash)


def _clash(at: Interval | None, busy: Busy, *, host_id: int, attendee_id: int) -> str:
    if at is None:
        return Clash.NO_PERIOD
    if busy.is_busy(host_id, at):
        return Clash.HOST
    return Clash.ATTENDEE if busy.is_busy(attendee_id, at) else ""


def _planned(calendar: TermCalendar, slot: Slot, on: date) -> Interval | None:
    day = calendar.days.get(on)
    times = calendar.wall_times(slot, day.bell_schedule_id) if day else None
    times = times or calendar.regular_times(slot)
    if times is None:
        return None
    return instant(on, times[0], calendar.zone), instant(on, times[1], calendar.zone)


def _next_week(
    slot: Slot,
    calendar: TermCalendar,
    number: int,
    people: tuple[int, int],
    busy: Busy,
    ends_on: date,
    own: Set[date],
) -> Interval | None:
    """The same column in the next open week, if that day has school and both are free."""
    following = (week for week in calendar.weeks[number + 1 :] if week.is_open)
    week = next(following, None)
    if week is None:
        return None
    day = calendar.days.get(calendar.date_in(week, slot.column))
    if day is None or day.date > ends_on or day.date in own:
        return None
    at = calendar.occurrence(slot, day)
    if at is None or any(busy.is_busy(person_id, at) for person_id in people):
        return None
    return at
