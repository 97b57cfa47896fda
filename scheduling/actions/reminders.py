"""Making the rows of the outbox that the clock asks for; what they say is decided when sent."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import CharField, Exists, F, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Concat

from people.models import OutgoingMail, Person, School
from people.models.outgoing import UidText

from ..clock_emails import REMINDERS_AT
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
    wanted = Attendance.objects.filter(
        meeting__school=school,
        meeting__status=Meeting.Status.PLANNED,
        meeting__agreed_at__lte=due_at,
        starts_at__gt=max(at, begins),
        starts_at__lt=_moment(on + timedelta(days=1), time.min, school.zone),
        person__reminder=Person.Reminder.DAY,
        person__is_active=True,
    ).exclude(person__email="")
    made = OutgoingMail.objects.filter(
        kind="reminder", subject_uid=OuterRef("meeting__uid"), person=OuterRef("person")
    ).filter(due_at__gte=OuterRef("meeting__agreed_at"))
    guests = wanted.exclude(role=Attendance.Role.HOST).filter(~Exists(made))
    hosts = Person.objects.filter(pk__in=wanted.filter(role=Attendance.Role.HOST).values("person"))
    return OutgoingMail.objects.queue_each(
        guests,
        key=Concat(
            Value("reminder:"),
            UidText("meeting__uid"),
            Value(":"),
            Cast("person", CharField()),
            Value(":day:"),
            Cast("meeting__sequence", CharField()),
        ),
        kind="reminder",
        due_at=due_at,
        about="meeting__uid",
    ) + _once_a_day(hosts, "host_reminder", on, due_at)


def _once_a_day(people: QuerySet[Person], kind: str, on: date, due_at: datetime) -> int:
    """One mail of a kind for each of these people, about a day; how many."""
    key = Concat(Value(f"{kind}:"), Cast("pk", CharField()), Value(f":{on.isoformat()}"))
    known = OutgoingMail.objects.filter(key=OuterRef("key"))
    return OutgoingMail.objects.queue_each(
        people.annotate(key=key).filter(~Exists(known)),
        key=F("key"),
        kind=kind,
        due_at=due_at,
        person="pk",
    )


@transaction.atomic
def queue_digests(school: School, *, by: Person | None, at: datetime) -> int:
    """On Monday from 7:30 one digest for each host with somebody past due; how many."""
    today = school.today(at)
    due_at = _moment(today, DIGEST_AT, school.zone)
    if today.isoweekday() != MONDAY or at < due_at:
        return 0
    late = OverdueFlag.objects.filter(cleared_at=None, pairing__school=school)
    hosts = Person.objects.filter(pk__in=late.values("pairing__host"), is_active=True)
    return _once_a_day(hosts.exclude(email=""), "digest", today, due_at)
