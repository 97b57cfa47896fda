"""One meeting at a time: moving, skipping, cancelling, putting back, saying that it was held."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from django.db import IntegrityError, transaction

from audit.models import Event
from people.models import Change, Pairing, Person
from people.permissions import require

from ..models import Attendance, Closure, Meeting, OverdueFlag
from ..permissions import can_change_times, can_record
from .telling import remember

LATEST = timedelta(hours=14)  # no talk is longer, and none is logged further ahead


class CannotChange(Exception):
    """Why a meeting cannot be changed, in words for the person who tried."""


class NotFree(CannotChange):
    """One of the two has something else then."""


class Made(NamedTuple):
    meeting: Meeting
    change: Change | None


@transaction.atomic
def move(
    meeting: Meeting, *, by: Person, at: datetime, starts_at: datetime, minutes: int | None = None
) -> Change | None:
    """Move one meeting; the series stays as it is. `starts_at` is aware, `minutes` keeps."""
    meeting = _locked(meeting)
    _require_change(meeting, by, at)
    if not meeting.is_upcoming(at):
        raise CannotChange("This talk can no longer be moved.")
    _check_new_time(meeting, starts_at, at)
    refs = _as_it_was(meeting)
    _place(meeting, starts_at, minutes or meeting.minutes)
    meeting.moved_count += 1
    meeting.moved_by = by
    meeting.agreed_at = at
    _save(meeting)
    return _done(Event.Act.MEETING_MOVE, meeting, by, at, refs, "meeting_moved")


@transaction.atomic
def cancel(meeting: Meeting, *, by: Person, at: datetime) -> Change | None:
    """Cancel one meeting; those that follow stay."""
    meeting = _locked(meeting)
    _require_change(meeting, by, at)
    if not meeting.is_upcoming(at):
        raise CannotChange("This talk can no longer be cancelled.")
    refs = _end(meeting, Meeting.Status.CANCELLED, by, at, blocks=False)
    return _done(Event.Act.MEETING_CANCEL, meeting, by, at, refs, "meeting_cancelled")


@transaction.atomic
def skip(meeting: Meeting, *, by: Person, at: datetime) -> Change | None:
    """Skip by agreement, by either, without a reason; it counts as kept, but not twice running."""
    meeting = _locked(meeting)
    _require_change(meeting, by, at)
    if not meeting.is_planned:
        raise CannotChange("This talk is not planned any more.")
    refs = _end(meeting, Meeting.Status.SKIPPED, by, at, blocks=False)
    count_as_met(meeting.pairing, at=at)
    mail = "meeting_skipped" if meeting.starts_at > at else ""
    return _done(Event.Act.MEETING_SKIP, meeting, by, at, refs, mail)


@transaction.atomic
def restore(
    meeting: Meeting,
    *,
    by: Person,
    at: datetime,
    starts_at: datetime | None = None,
    minutes: int | None = None,
) -> Change | None:
    """Put a skipped, cancelled or clashing date back, at its time or at another."""
    meeting = _locked(meeting)
    _require_change(meeting, by, at)
    if meeting.status not in (
        Meeting.Status.SKIPPED,
        Meeting.Status.CANCELLED,
        Meeting.Status.CLOSED,
    ):
        raise CannotChange("This talk stands already.")
    _check_new_time(meeting, starts_at or meeting.starts_at, at)
    if starts_at is None and is_closed(meeting):
        raise CannotChange("There is no school that day. Choose another time.")
    refs = _as_it_was(meeting)
    meeting.status, meeting.status_reason = Meeting.Status.PLANNED, ""
    meeting.ended_by = meeting.ended_at = None
    meeting.agreed_at = at
    _place(meeting, starts_at or meeting.starts_at, minutes or meeting.minutes)
    _save(meeting, blocks=True)
    count_as_met(meeting.pairing, at=at)
    return _done(Event.Act.MEETING_RESTORE, meeting, by, at, refs, "meeting_restored")


@transaction.atomic
def let_go(meeting: Meeting, *, by: Person, at: datetime) -> Change | None:
    """Leave out a date that clashed when the series was booked: no more questions about it."""
    meeting = _locked(meeting)
    _require_change(meeting, by, at)
    if meeting.status not in (Meeting.Status.CANCELLED, Meeting.Status.CLOSED):
        raise CannotChange("This talk stands.")
    refs = _end(meeting, meeting.status, by, at, blocks=False)
    return _done(Event.Act.MEETING_CANCEL, meeting, by, at, refs, "")


@transaction.atomic
def hold(meeting: Meeting, *, by: Person, at: datetime) -> Change | None:
    """Say that they met."""
    return _record(meeting, Meeting.Status.HELD, Event.Act.MEETING_HOLD, by, at)


@transaction.atomic
def miss(meeting: Meeting, *, by: Person, at: datetime) -> Change | None:
    """Say that it did not happen, without saying whose doing that was."""
    return _record(meeting, Meeting.Status.MISSED, Event.Act.MEETING_MISS, by, at)


@transaction.atomic
def log_talk(
    pairing: Pairing, *, by: Person, at: datetime, starts_at: datetime, minutes: int
) -> Made:
    """Write down a talk that nobody had planned; it blocks no time."""
    pairing = Pairing.objects.select_for_update(of=("self",)).with_people().get(pk=pairing.pk)
    require(pairing.is_party(by))
    if starts_at > at:
        raise CannotChange("A talk can be logged once it has begun.")
    if starts_at < at - timedelta(days=366):
        raise CannotChange("Choose a date within the last year.")
    if not 1 <= minutes <= LATEST.total_seconds() // 60:
        raise CannotChange("Enter how long you talked, such as 10.")
    meeting = Meeting.objects.create(
        school_id=pairing.school_id,
        pairing=pairing,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=minutes),
        original_starts_at=starts_at,
        agreed_at=at,
        status=Meeting.Status.HELD,
        ended_by=by,
        ended_at=at,
        was_logged=True,
    )
    attend([meeting])
    count_as_met(pairing, at=at)
    refs = {"meeting": str(meeting.uid)}
    return Made(meeting, _done(Event.Act.MEETING_LOG, meeting, by, at, refs, ""))


@transaction.atomic
def plan_single(
    pairing: Pairing, *, by: Person, at: datetime, starts_at: datetime, minutes: int
) -> Made:
    """Plan one talk outside any series."""
    pairing = Pairing.objects.select_for_update(of=("self",)).with_people().get(pk=pairing.pk)
    require(can_change_times(by, pairing, on=pairing.school.today(at)))
    if starts_at <= at:
        raise CannotChange("Choose a time that is still to come.")
    if not 1 <= minutes <= LATEST.total_seconds() // 60:
        raise CannotChange("Enter how long you would like to talk, such as 30.")
    meeting = Meeting(
        school_id=pairing.school_id,
        pairing=pairing,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=minutes),
        original_starts_at=starts_at,
        agreed_at=at,
    )
    try:
        with transaction.atomic():
            meeting.save()
            attend([meeting])
    except IntegrityError as error:
        raise NotFree("One of you is not free then. Choose another time.") from error
    refs = {"made": str(meeting.uid)}
    change = _done(Event.Act.MEETING_RESTORE, meeting, by, at, refs, "meeting_restored")
    return Made(meeting, change)


def count_as_met(pairing: Pairing, *, at: datetime) -> None:
    """
    Write down when they last met, from the meetings themselves, and clear what was flagged.

    Held counts, and so does skipping by agreement, but not the second time running. What is
    skipped beforehand counts from its day on: `count_skipped` comes back to it.
    """
    zone = pairing.school.zone
    tomorrow = datetime.combine(pairing.school.today(at) + timedelta(days=1), time.min, zone)
    ended = list(
        Meeting.objects.filter(
            pairing=pairing,
            status__in=(Meeting.Status.HELD, Meeting.Status.SKIPPED),
            starts_at__lt=tomorrow,
        )
        .order_by("-starts_at", "-pk")
        .values_list("status", "starts_at")[:20]
    )
    met: date | None = None
    for number, (status, starts_at) in enumerate(ended):
        before = ended[number + 1][0] if number + 1 < len(ended) else Meeting.Status.HELD
        if Meeting.Status.HELD in (status, before):
            met = starts_at.astimezone(zone).date()
            break
    if met != pairing.last_met_on:
        grew = met is not None and (pairing.last_met_on is None or met > pairing.last_met_on)
        pairing.last_met_on = met
        pairing.save(update_fields=["last_met_on"])
        if grew:
            OverdueFlag.objects.filter(pairing=pairing, cleared_at=None).update(cleared_at=at)


@transaction.atomic
def count_skipped(*, by: Person | None, at: datetime) -> int:
    """Count talks that were skipped beforehand and whose day has come; how many pairings."""
    recent = Meeting.objects.filter(
        status=Meeting.Status.SKIPPED, starts_at__gt=at - timedelta(days=7), starts_at__lte=at
    )
    pairings = list(
        Pairing.objects.select_for_update(of=("self",))
        .filter(pk__in=recent.values("pairing"))
        .select_related("school")
    )
    for pairing in pairings:
        count_as_met(pairing, at=at)
    return len(pairings)


def is_closed(meeting: Meeting) -> bool:
    """Whether a closure stops meetings on the date of a meeting."""
    on = meeting.school.today(meeting.starts_at)
    return Closure.objects.filter(
        school_id=meeting.school_id, stops_meetings=True, starts_on__lte=on, ends_on__gte=on
    ).exists()


def state_of(meeting: Meeting) -> dict:
    """What a change left behind; it can be undone as long as this still holds."""
    return {
        "status": meeting.status,
        "status_reason": meeting.status_reason,
        "starts_at": meeting.starts_at.isoformat(),
        "ends_at": meeting.ends_at.isoformat(),
    }


def as_it_was(meeting: Meeting, *, refs: dict) -> None:
    """Put a meeting back to what `refs` remembers; raises NotFree if the time is taken."""
    for name in ("starts_at", "ends_at", "agreed_at", "ended_at"):
        value = refs[name]
        setattr(meeting, name, value and datetime.fromisoformat(value))
    for name in ("status", "status_reason", "ended_by_id", "moved_count", "moved_by_id"):
        setattr(meeting, name, refs[name])
    _save(meeting, blocks=refs["blocks"])


def _as_it_was(meeting: Meeting) -> dict:
    return {
        "meeting": str(meeting.uid),
        "starts_at": meeting.starts_at.isoformat(),
        "ends_at": meeting.ends_at.isoformat(),
        "agreed_at": meeting.agreed_at.isoformat(),
        "status": meeting.status,
        "status_reason": meeting.status_reason,
        "ended_by_id": meeting.ended_by_id,
        "ended_at": meeting.ended_at and meeting.ended_at.isoformat(),
        "moved_count": meeting.moved_count,
        "moved_by_id": meeting.moved_by_id,
        "blocks": meeting.attendances.filter(blocks=True).exists(),
    }


def _locked(meeting: Meeting) -> Meeting:
    return Meeting.objects.select_for_update(of=("self",)).with_people().get(pk=meeting.pk)


def _require_change(meeting: Meeting, by: Person, at: datetime) -> None:
    require(can_change_times(by, meeting.pairing, on=meeting.school.today(at)))


def _check_new_time(meeting: Meeting, starts_at: datetime, at: datetime) -> None:
    if starts_at <= at:
        raise CannotChange("Choose a time that is still to come.")
    if starts_at > at + timedelta(days=366):
        raise CannotChange("Choose a date within a year.")


def _place(meeting: Meeting, starts_at: datetime, minutes: int) -> None:
    meeting.starts_at = starts_at
    meeting.ends_at = starts_at + timedelta(minutes=minutes)


def _save(meeting: Meeting, *, blocks: bool | None = None) -> None:
    """Save a meeting and its attendances together; the database refuses an overlap."""
    meeting.sequence += 1
    times: dict[str, object] = {"starts_at": meeting.starts_at, "ends_at": meeting.ends_at}
    if blocks is not None:
        times["blocks"] = blocks
    try:
        with transaction.atomic():
            meeting.save()
            meeting.attendances.update(**times)
    except IntegrityError as error:
        raise NotFree("One of you is not free then. Choose another time.") from error


def _end(meeting: Meeting, status: str, by: Person, at: datetime, *, blocks: bool | None) -> dict:
    refs = _as_it_was(meeting)
    meeting.status = status
    meeting.ended_by, meeting.ended_at = by, at
    _save(meeting, blocks=blocks)
    return refs


def _record(
    meeting: Meeting, status: str, act: Event.Act, by: Person, at: datetime
) -> Change | None:
    meeting = _locked(meeting)
    require(can_record(by, meeting))
    if meeting.status not in (
        Meeting.Status.PLANNED,
        Meeting.Status.HELD,
        Meeting.Status.MISSED,
    ):
        raise CannotChange("This talk was not planned any more.")
    if meeting.school.today(meeting.starts_at) > meeting.school.today(at):
        raise CannotChange("You can say so on the day.")
    refs = _end(meeting, status, by, at, blocks=None)  # it keeps the time it had
    count_as_met(meeting.pairing, at=at)
    return _done(act, meeting, by, at, refs, "")


def attend(meetings: Iterable[Meeting]) -> None:
    """Say who is at new meetings; those that are planned block the two people's time."""
    Attendance.objects.bulk_create(
        Attendance(
            meeting=meeting,
            person_id=person_id,
            role=role,
            starts_at=meeting.starts_at,
            ends_at=meeting.ends_at,
            blocks=meeting.is_planned,
        )
        for meeting in meetings
        for person_id, role in (
            (meeting.pairing.host_id, Attendance.Role.HOST),
            (meeting.pairing.attendee_id, Attendance.Role.ATTENDEE),
        )
    )


def _done(
    act: Event.Act, meeting: Meeting, by: Person, at: datetime, refs: dict, mail: str
) -> Change | None:
    return remember(
        act,
        pairing=meeting.pairing,
        by=by,
        at=at,
        about=meeting.uid,
        refs={**refs, "after": state_of(meeting)},
        mail=mail,
        objects=[f"meeting:{meeting.uid}"],
        series=meeting.series_uid,
    )
