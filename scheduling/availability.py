"""Which free seats fit a person: the queries behind signing up and placing, constant in number."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Any

from django.db.models import Exists, OuterRef

from people.cadence import pattern_of
from people.models import Person, School

from .elsewhere import commitments_around, here, taken_elsewhere
from .models import (
    Attendance,
    BellTime,
    Booking,
    Closure,
    Commitment,
    Meeting,
    SchoolDay,
    Seat,
    Slot,
    Term,
)
from .models.calendar import columns_of
from .series import Busy, Clash, Interval, Occurrence, TermCalendar, occurrences


@dataclass
class Opening:
    """A free seat that fits somebody, with its dates."""

    seat: Seat
    dates: list[Occurrence]

    @property
    def first(self) -> Occurrence:
        return next(each for each in self.dates if each.is_free)

    @property
    def exceptions(self) -> list[Occurrence]:
        """The dates that clash or were shifted: what to show before booking."""
        return [each for each in self.dates if not each.is_free or each.was_shifted]

    @property
    def free_count(self) -> int:
        return sum(each.is_free for each in self.dates)


def bell_times_of(school: School) -> list[BellTime]:
    """All bell times of a school, with their bell schedules and periods."""
    return list(
        BellTime.objects.filter(bell_schedule__school=school)
        .select_related("bell_schedule", "period")
        .order_by("bell_schedule", "pk")
    )


def calendar_of(term: Term, *, bell_times: Sequence[BellTime] | None = None) -> TermCalendar:
    """A term's calendar, in at most three queries, or two when its bell times are at hand."""
    school = term.school
    bell_times = bell_times_of(school) if bell_times is None else bell_times
    return TermCalendar.of(
        zone=school.zone,
        columns=columns_of(school),
        days=SchoolDay.objects.filter(term=term),
        bell_schedules=[each.bell_schedule for each in bell_times],
        bell_times=bell_times,
        closures=Closure.objects.filter(
            school=school,
            stops_meetings=True,
            starts_on__lte=term.ends_on,
            ends_on__gte=term.starts_on,
        ),
    )


def busy_times(
    people: Collection[int],
    term: Term,
    commitments: Iterable[Commitment],
    *,
    since: datetime,
    until: date,
) -> Busy:
    """
    When these persons are taken from a moment to the end of a date: by one-on-ones at any school,
    and by those of these commitments that are at other schools than the term's.
    """
    talks = Attendance.objects.filter(
        person_id__in=people,
        blocks=True,
        ends_at__gt=since,
        starts_at__lt=since + (timedelta(days=2) + (until - since.date())),
    ).values_list("person_id", "starts_at", "ends_at")
    elsewhere = taken_elsewhere(commitments, term, since=since, until=until)
    return Busy(chain(talks, elsewhere))


def free_seats(host: Person, term: Term) -> list[Seat]:
    """The seats of a host's standing cells that nobody holds."""
    return free_seats_of([host.pk], term)


def free_seats_of(hosts: Collection[int], term: Term) -> list[Seat]:
    """The seats of the standing cells of hosts that nobody holds."""
    taken = Booking.objects.live().filter(seat=OuterRef("pk"))
    return list(
        Seat.objects.filter(~Exists(taken), slot__host__in=hosts, slot__term=term)
        .filter(slot__removed_at__isnull=True)
        .select_related("slot__period")
        .order_by("slot__column", "slot__period__ordinal", "slot__starts_at", "number", "pk")
    )


def teaches_then(seat: Seat, calendar: TermCalendar, commitments: Sequence[Commitment]) -> bool:
    """Whether a standing lesson or duty overlaps a seat in a week that both have."""
    times = calendar.regular_times(seat.slot)
    return times is not None and any(
        each.is_standing and each.meets(seat.slot.column, *times, weeks=seat.weeks)
        for each in commitments
    )


def dates_of(
    seat: Seat,
    calendar: TermCalendar,
    commitments: Sequence[Commitment],
    busy: Busy,
    *,
    attendee_id: int,
    starts_on: date,
    ends_on: date,
    now: datetime,
) -> list[Occurrence]:
    """The dates of a seat for an attendee; lessons that only some dates meet clash on those."""
    dates = list(
        occurrences(
            seat,
            calendar,
            starts_on=starts_on,
            ends_on=ends_on,
            now=now,
            host_id=seat.slot.host_id,
            attendee_id=attendee_id,
            busy=busy,
        )
    )
    # Those that stand in the seat's own weeks are for `teaches_then`: the whole seat is taken then
    others = [each for each in commitments if not (each.is_standing and each.weeks & seat.weeks)]
    for each in dates:
        if each.at is not None and _teaches_at(others, each.at, calendar):
            each.at, each.clash = None, Clash.ATTENDEE
    return dates


def fits(dates: Sequence[Occurrence]) -> bool:
    """Whether a series is worth offering: some dates are free, and more of them than are taken."""
    free = sum(each.is_free for each in dates)
    taken = sum(each.clash in (Clash.HOST, Clash.ATTENDEE) for each in dates)
    return free > taken


def openings(
    host: Person,
    attendee: Person,
    term: Term,
    *,
    cadences: Collection[str],
    now: datetime,
    seats: Sequence[Seat] | None = None,
    calendar: TermCalendar | None = None,
    around: Sequence[Commitment] | None = None,
    since: date | None = None,
) -> list[Opening]:
    """
    The free seats of a host that fit an attendee from a date on, in the order of the week.

    `since` is today if it is not given; `around` are the commitments of both, if at hand.
    """
    calendar = calendar or calendar_of(term)
    today = term.school.today(now)
    both = [host.pk, attendee.pk]
    around = commitments_around(both, term) if around is None else around
    commitments = here(around, attendee.pk, term)
    busy = busy_times(both, term, around, since=now, until=term.ends_on)
    found = []
    for seat in free_seats(host, term) if seats is None else seats:
        if seat.slot.cadence not in cadences:
            continue
        opening = opening_of(
            seat,
            calendar,
            commitments,
            busy,
            attendee_id=attendee.pk,
            starts_on=max(since or today, today, term.starts_on),
            ends_on=term.ends_on,
            now=now,
        )
        if opening:
            found.append(opening)
    return found


def opening_of(
    seat: Seat, calendar: TermCalendar, commitments: Sequence[Commitment], busy: Busy, **when: Any
) -> Opening | None:
    """
    A free seat with its dates, if it fits those whose commitments are given; None if it does not.

    `when` is that of `dates_of`.
    """
    if teaches_then(seat, calendar, commitments):
        return None
    dates = dates_of(seat, calendar, commitments, busy, **when)
    return Opening(seat, dates) if fits(dates) else None


@dataclass
class FreeTime:
    """One time in a host's painted cells at which both are free."""

    slot: Slot
    starts_at: datetime
    ends_at: datetime


def free_times(
    host: Person,
    attendee: Person,
    term: Term,
    *,
    now: datetime,
    days: int = 21,
    calendar: TermCalendar | None = None,
) -> list[FreeTime]:
    """
    The times of the next days in the host's painted cells that nobody has, soonest first.

    For moving one talk: the cadence of a cell does not matter, only that both are free that day.
    """
    calendar = calendar or calendar_of(term)
    today = term.school.today(now)
    until = min(today + timedelta(days=days), term.ends_on)
    both = [host.pk, attendee.pk]
    around = commitments_around(both, term)
    commitments = here(around, attendee.pk, term)
    busy = busy_times(both, term, around, since=now, until=until)
    slots = Slot.objects.standing().filter(host=host, term=term).select_related("period")
    found = []
    for day in calendar.days.values():
        if not today <= day.date <= until:
            continue
        for slot in slots:
            at = calendar.occurrence(slot, day) if slot.column == day.column else None
            if (
                at
                and at[0] > now
                and not busy.is_busy(host.pk, at)
                and not busy.is_busy(attendee.pk, at)
                and not _teaches_at(commitments, at, calendar)
            ):
                found.append(FreeTime(slot, *at))
    return sorted(found, key=lambda each: each.starts_at)


def with_proposals(meetings: Sequence[Meeting], *, now: datetime) -> list[Meeting]:
    """
    Dates that clash, each with `proposal`: the next time after it at which both are free, or None.

    No time is proposed twice. A handful of queries for each pairing and term.
    """
    free: dict[tuple[int, int], list[FreeTime]] = {}
    for meeting in meetings:
        meeting.proposal = None
        if meeting.booking is None:
            continue
        term, pairing = meeting.booking.term, meeting.pairing
        key = pairing.pk, term.pk
        if key not in free:
            days = (term.ends_on - term.school.today(now)).days
            free[key] = free_times(pairing.host, pairing.attendee, term, now=now, days=days)
        begins = meeting.original_starts_at
        chosen = next((each for each in free[key] if each.starts_at > begins), None)
        if chosen:
            meeting.proposal = chosen
            free[key].remove(chosen)
    return list(meetings)


def _teaches_at(commitments: Sequence[Commitment], at: Interval, calendar: TermCalendar) -> bool:
    """Whether a lesson or duty is on at a time of a school day."""
    begins, ends = (moment.astimezone(calendar.zone) for moment in at)
    day = calendar.days[begins.date()]
    return any(
        each.meets(
            day.column,
            begins.time(),
            ends.time(),
            weeks=pattern_of(day.pass_number),
            on=day.date,
        )
        for each in commitments
    )
