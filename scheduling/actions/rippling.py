"""What a changed calendar does to planned meetings: closed, planned again, moved, and told."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, Q

from people.models import Change, OutgoingMail, Pairing, Person, School
from people.models.outgoing import Letter

from ..models import Attendance, Meeting, Ripple
from ..series import Interval, TermCalendar
from .booking import CLASH
from .telling import tell_calendars

KIND = "calendar_changed"  # of mail
FIELDS = ("starts_at", "ends_at", "agreed_at", "status", "status_reason", "sequence")


@dataclass
class Touched:
    """The meetings that a change of the calendar touched."""

    closed: list[Meeting] = field(default_factory=list)
    reopened: list[Meeting] = field(default_factory=list)
    moved: list[Meeting] = field(default_factory=list)  # with their bell
    lost: list[Meeting] = field(default_factory=list)  # without their period, or without room
    stuck: list[Meeting] = field(default_factory=list)  # that could not be planned again

    def keys(self) -> dict[str, list[int]]:
        """By what became of them, of those that changed."""
        found = {
            "closed": self.closed,
            "reopened": self.reopened,
            "moved": self.moved,
            "lost": self.lost,
        }
        return {what: [each.pk for each in some] for what, some in found.items() if some}

    def all(self) -> list[Meeting]:
        return [*self.closed, *self.reopened, *self.moved, *self.lost]


def counted(meetings: Iterable[Meeting]) -> int:
    """How many meetings there are, as an administrator may know of them (DECISIONS 15)."""
    return sum(each.pairing.kind != Pairing.Kind.COUNSELING for each in meetings)


def ripple(school: School, before: TermCalendar, after: TermCalendar, *, at: datetime) -> Touched:
    """
    Bring the school's meetings in line with its days and bells.

    Those of days without school are closed. What was closed on a day that has school again is
    planned again, if nobody has said anything else of it and both are free. A meeting that stands
    where the bell of its day had put it goes where the bell goes.
    """
    touched = Touched()
    closed_days = before.days.keys() - after.days.keys()
    touched.closed = _close(school, closed_days, at)
    today = school.today(at)
    opened = {on for on in after.days.keys() - before.days.keys() if on >= today}
    _reopen(school, opened, after, at, touched)
    rung = {
        on
        for on in before.days.keys() & after.days.keys()
        if on >= today and _bells_of(before, on) != _bells_of(after, on)
    }
    _follow_bells(school, rung, before, after, at, touched)
    return touched


def _bells_of(calendar: TermCalendar, on: date) -> dict[int, tuple[time, time]]:
    key = calendar.days[on].bell_schedule_id
    return {
        period: times for (schedule, period), times in calendar.bells.items() if schedule == key
    }


def _of_days(school: School, days: Collection[date], at: datetime) -> list[Meeting]:
    """The meetings of these days, in order, as they are now."""
    if not days:
        return []
    around = timedelta(days=1)  # whatever the zone
    found = (
        Meeting.objects.select_for_update(of=("self",))
        .filter(
            school=school,
            starts_at__gte=datetime.combine(min(days) - around, time(), tzinfo=UTC),
            starts_at__lt=datetime.combine(max(days) + 2 * around, time(), tzinfo=UTC),
        )
        .select_related("pairing", "booking__seat__slot")
        .in_order()
    )
    return [each for each in found if school.today(each.starts_at) in days]


def _close(school: School, days: Collection[date], at: datetime) -> list[Meeting]:
    closed = [each for each in _of_days(school, days, at) if each.is_planned]
    if not closed:
        return []
    keys = [meeting.pk for meeting in closed]
    Meeting.objects.filter(pk__in=keys).update(
        status=Meeting.Status.CLOSED,
        sequence=F("sequence") + 1,  # what then is for the two to say
    )
    Attendance.objects.filter(meeting__in=keys).update(blocks=False)
    return closed


def _reopen(
    school: School, days: Collection[date], after: TermCalendar, at: datetime, touched: Touched
) -> None:
    again = []
    for meeting in _of_days(school, days, at):
        if meeting.status != Meeting.Status.CLOSED or not _is_unsaid(meeting, at):
            continue
        interval = _rings(meeting, after, school) or (meeting.starts_at, meeting.ends_at)
        again.append(_planned(meeting, interval, at))
    touched.stuck += _save(again)
    touched.reopened += [each for each in again if each not in touched.stuck]


def _is_unsaid(meeting: Meeting, at: datetime) -> bool:
    """Whether a meeting that is not kept could be planned again, and nobody has said otherwise."""
    series = meeting.booking
    goes_on = series is None or series.released_at is None or _is_before_the_end(meeting)
    return meeting.ended_at is None and meeting.starts_at > at and goes_on


def _is_before_the_end(meeting: Meeting) -> bool:
    booking = meeting.booking
    return booking is not None and meeting.original_starts_at.date() <= booking.ends_on


def _rings(meeting: Meeting, calendar: TermCalendar, school: School) -> Interval | None:
    """When the bell of its day puts a meeting of a series; None without a period or a bell."""
    day = calendar.days.get(school.today(meeting.starts_at))
    slot = meeting.booking.seat.slot if meeting.booking else None
    if slot is None or slot.period_id is None or day is None or day.column != slot.column:
        return None
    return calendar.occurrence(slot, day)


def _follow_bells(
    school: School,
    days: Collection[date],
    before: TermCalendar,
    after: TermCalendar,
    at: datetime,
    touched: Touched,
) -> None:
    changed, found = [], []
    for meeting in _of_days(school, days, at):
        was, now = _rings(meeting, before, school), _rings(meeting, after, school)
        if was == now or meeting.starts_at <= at or (now and now[0] <= at):
            continue
        if meeting.is_planned and was == (meeting.starts_at, meeting.ends_at):
            if now is None:
                touched.lost.append(meeting)
            else:
                changed.append(_planned(meeting, now, at))
        elif now and was is None and _lacks_its_period(meeting) and _is_unsaid(meeting, at):
            found.append(_planned(meeting, now, at))
    _lose(touched.lost)
    refused = _save([*changed, *found])
    touched.moved += [each for each in changed if each not in refused]
    touched.reopened += [each for each in found if each not in refused]
    taken = [each for each in changed if each in refused]
    _lose(taken)
    touched.lost += taken


def _lacks_its_period(meeting: Meeting) -> bool:
    return meeting.status == Meeting.Status.CANCELLED and meeting.status_reason == CLASH


def _planned(meeting: Meeting, interval: Interval, at: datetime) -> Meeting:
    meeting.starts_at, meeting.ends_at = interval
    meeting.status, meeting.status_reason = Meeting.Status.PLANNED, ""
    meeting.agreed_at = at  # nobody is reminded of news
    meeting.sequence += 1
    return meeting


def _save(meetings: Sequence[Meeting]) -> list[Meeting]:
    """
    Save planned meetings all at once; answers those for which somebody's time was taken, and they
    stay as they were.
    """
    if not meetings:
        return []
    keys = [meeting.pk for meeting in meetings]
    before = {each.pk: each for each in Meeting.objects.filter(pk__in=keys)}
    Attendance.objects.filter(meeting__in=keys).update(blocks=False)
    _write(meetings)
    try:
        with transaction.atomic():
            Attendance.objects.filter(meeting__in=keys).update(blocks=True)
    except IntegrityError:
        refused = [each for each in meetings if not _blocks(each)]
    else:
        return []
    for each in refused:
        for name in FIELDS:
            setattr(each, name, getattr(before[each.pk], name))
    _write(refused)
    return refused


def _blocks(meeting: Meeting) -> bool:
    try:
        with transaction.atomic():
            Attendance.objects.filter(meeting=meeting).update(blocks=True)
    except IntegrityError:
        return False
    return True


def _write(meetings: Sequence[Meeting]) -> None:
    times = {each.pk: each for each in meetings}
    attendances = list(Attendance.objects.filter(meeting__in=times))
    for each in attendances:
        meeting = times[each.meeting_id]
        each.starts_at, each.ends_at = meeting.starts_at, meeting.ends_at
    Meeting.objects.bulk_update(meetings, FIELDS, batch_size=200)
    Attendance.objects.bulk_update(attendances, ["starts_at", "ends_at"], batch_size=200)


def _lose(meetings: Sequence[Meeting]) -> None:
    """List these as dates that clash, for the two to say what then."""
    if not meetings:
        return
    keys = [meeting.pk for meeting in meetings]
    Meeting.objects.filter(pk__in=keys).update(
        status=Meeting.Status.CANCELLED, status_reason=CLASH, sequence=F("sequence") + 1
    )
    Attendance.objects.filter(meeting__in=keys).update(blocks=False)


def tell(
    school: School,
    touched: Touched,
    *,
    by: Person | None,
    at: datetime,
    change: Change | None = None,
    unless: Collection[int] = (),
) -> Ripple | None:
    """
    One mail to each of the people whose meetings were touched, but not to the one who did it;
    None when there is nothing to tell. `unless` are people who were told nothing before. A file for
    the calendar goes with it; whoever has several series gets one for each, since no mail can carry
    two, and so does the one who did it.
    """
    keys = touched.keys()
    if not keys:
        return None
    told = Ripple.objects.create(school=school, at=at, meetings=keys)
    to_come = [each for each in touched.all() if each.starts_at > at]
    people = Person.objects.filter(
        Q(pk__in=Attendance.objects.filter(meeting__in=to_come).values("person")),
        is_active=True,
    ).exclude(Q(email="") | Q(pk__in=list(unless)))
    series: dict[Person, set[UUID]] = {person: set() for person in people}
    known = {person.pk: uids for person, uids in series.items()}
    for meeting in to_come:
        for person_id in (meeting.pairing.host_id, meeting.pairing.attendee_id):
            if person_id in known:
                known[person_id].add(meeting.series_uid)
    OutgoingMail.objects.queue_all(
        [
            Letter(f"{KIND}:{told.uid}:{person.pk}", person, told.uid)
            for person in series
            if person != by
        ],
        kind=KIND,
        at=at,
        by=by,
        change=change,
    )
    files = {person: uids for person, uids in series.items() if len(uids) > 1 or person == by}
    tell_calendars(files, why=str(told.uid), by=by, at=at, change=change)
    return told
