"""Making the rows of the outbox that the clock asks for; what they say is decided when sent."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Exists, OuterRef

from people.models import OutgoingMail, Person, School

from ..emails import REMINDERS_AT
from ..models import Attendance, Meeting, OverdueFlag

DIGEST_AT = time(7, 30)
MONDAY = 1


def _moment(on: date, clock: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(on, clock, tzinfo=zone)


@transaction.atomic
def queue_reminders(school: School, *, by: Person | None, at: datetime) -> int:
    """
    One row for each attendee of each talk of the next day, and one for each host; how many.

    From 15:00 of the day before until the talk begins, so that a stopped clock catches up. Nobody
    is reminded of a time that was agreed after that hour. Safe to run twice: keys are unique.
    """
    zone = school.zone
    today = school.today(at)
    made = 0
    for on in (today, today + timedelta(days=1)):
        due_at = _moment(on - timedelta(days=1), time(REMINDERS_AT), zone)
        if due_at <= at:
            made += _remind(school, on, due_at, at)
    return made


def _remind(school: School, on: date, due_at: datetime, at: datetime) -> int:
    begins = _moment(on, time.min, school.zone)
    wanted = (
        Attendance.objects.filter(
            meeting__school=school,
            meeting__status=Meeting.Status.PLANNED,
            meeting__agreed_at__lte=due_at,
            starts_at__gt=max(at, begins),
            starts_at__lt=_moment(on + timedelta(days=1), time.min, school.zone),
            person__reminder=Person.Reminder.DAY,
            person__is_active=True,
        )
        .exclude(person__email="")
        .select_related("meeting")
    )
    made = OutgoingMail.objects.filter(
        kind="reminder", subject_uid=OuterRef("meeting__uid"), person=OuterRef("person")
    ).filter(due_at__gte=OuterRef("meeting__agreed_at"))
    guests = wanted.exclude(role=Attendance.Role.HOST).filter(~Exists(made))
    rows = [
        OutgoingMail(
            key=f"reminder:{each.meeting.uid}:{each.person_id}:day:{each.meeting.sequence}",
            kind="reminder",
            subject_uid=each.meeting.uid,
            person_id=each.person_id,
            due_at=due_at,
        )
        for each in guests
    ]
    hosts = wanted.filter(role=Attendance.Role.HOST).values_list("person_id", flat=True)
    keys = {host_id: f"host_reminder:{host_id}:{on.isoformat()}" for host_id in hosts}
    known = set(OutgoingMail.objects.filter(key__in=keys.values()).values_list("key", flat=True))
    rows += [
        OutgoingMail(key=key, kind="host_reminder", person_id=host_id, due_at=due_at)
        for host_id, key in keys.items()
        if key not in known
    ]
    OutgoingMail.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)
    return len(rows)


@transaction.atomic
def queue_digests(school: School, *, by: Person | None, at: datetime) -> int:
    """On Monday from 7:30 one digest for each host with somebody past due; how many."""
    today = school.today(at)
    due_at = _moment(today, DIGEST_AT, school.zone)
    if today.isoweekday() != MONDAY or at < due_at:
        return 0
    hosts = set(
        OverdueFlag.objects.filter(cleared_at=None, pairing__school=school)
        .filter(pairing__host__is_active=True)
        .exclude(pairing__host__email="")
        .values_list("pairing__host_id", flat=True)
    )
    keys = {host_id: f"digest:{host_id}:{today.isoformat()}" for host_id in hosts}
    known = set(OutgoingMail.objects.filter(key__in=keys.values()).values_list("key", flat=True))
    rows = [
        OutgoingMail(key=key, kind="digest", person_id=host_id, due_at=due_at)
        for host_id, key in keys.items()
        if key not in known
    ]
    OutgoingMail.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)
