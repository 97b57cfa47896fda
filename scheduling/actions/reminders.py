"""Making the rows of the outbox that the clock asks for; what they say is decided when sent."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import CharField, Exists, F, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Concat

from people.models import OutgoingMail, Person, School
from people.models.outgoing import UidText

from ..models import Attendance, Meeting, OverdueFlag
from ..reminding import AFTERNOON, HOUR, LONGEST_LEAD, MORNING, SELDOM

DIGEST_AT = time(7, 30)
MONDAY = 1  # ISO


def _moment(on: date, clock: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(on, clock, tzinfo=zone)


@transaction.atomic
def queue_reminders(school: School, *, by: Person | None, at: datetime) -> int:
    """
    What everybody at a school is to be reminded of now, by what they chose; how many mails.

    From its hour until the talk begins, so that a stopped clock catches up. Nobody is reminded of a
    time that was agreed after that hour, nor twice of one. Safe to run any number of times: keys
    are unique.
    """
    return _in_the_afternoon(school, at) + _an_hour_before(school, at) + _in_the_morning(school, at)


def _in_the_afternoon(school: School, at: datetime) -> int:
    """At 15:00 one row for each attendee of each talk, and one for each host of the next day."""
    today = school.today(at)
    made = 0
    for days in range(LONGEST_LEAD + 1):
        on = today + timedelta(days=days)
        talks = _chosen(_talks(school, on, at), Person.Reminder.DAY)
        due_at = _moment(on - timedelta(days=1), AFTERNOON, school.zone)
        if due_at <= at:
            hosts = talks.filter(role=Attendance.Role.HOST, meeting__agreed_at__lte=due_at)
            made += _once_a_day(hosts, "host_reminder", on, due_at)
        else:  # so far only those who are reminded earlier
            talks = talks.filter(meeting__pairing__cadence__in=SELDOM)
            due_at = _moment(on - timedelta(days=LONGEST_LEAD), AFTERNOON, school.zone)
        if due_at <= at:
            made += _each(talks.exclude(role=Attendance.Role.HOST), "day", due_at)
    return made


def _an_hour_before(school: School, at: datetime) -> int:
    """One row for each talk, whoever hosts it, that begins within the hour and is no news."""
    talks = Attendance.objects.filter(
        meeting__school=school,
        meeting__starts_at__gt=at,
        meeting__starts_at__lte=at + HOUR,
        meeting__agreed_at__lte=F("meeting__starts_at") - HOUR,
    )
    return _each(_chosen(talks, Person.Reminder.HOUR), "hour", at)


def _in_the_morning(school: School, at: datetime) -> int:
    """From 7:00 one row for everybody with a talk on this day."""
    today = school.today(at)
    due_at = _moment(today, MORNING, school.zone)
    if at < due_at:
        return 0
    talks = _talks(school, today, at).filter(meeting__agreed_at__lte=due_at)
    return _once_a_day(_chosen(talks, Person.Reminder.MORNING), "day_list", today, due_at)


def _talks(school: School, on: date, at: datetime) -> QuerySet[Attendance]:
    """Who is at which talks of a day that are still to begin."""
    return Attendance.objects.filter(
        meeting__school=school,
        meeting__starts_at__gt=at,
        meeting__starts_at__gte=_moment(on, time.min, school.zone),
        meeting__starts_at__lt=_moment(on + timedelta(days=1), time.min, school.zone),
    )


def _chosen(talks: QuerySet[Attendance], how: str) -> QuerySet[Attendance]:
    """Those planned talks whose person wants to be reminded in a way, and can be."""
    return talks.filter(
        meeting__status=Meeting.Status.PLANNED, person__reminder=how, person__is_active=True
    ).exclude(person__email="")


def _each(talks: QuerySet[Attendance], when: str, due_at: datetime) -> int:
    """One mail for each of these talks to its person, unless they were reminded of its time."""
    made = OutgoingMail.objects.filter(
        kind="reminder", subject_uid=OuterRef("meeting__uid"), person=OuterRef("person")
    ).filter(due_at__gte=OuterRef("meeting__agreed_at"))
    return OutgoingMail.objects.queue_each(
        talks.filter(~Exists(made), meeting__agreed_at__lte=due_at),
        key=Concat(
            Value("reminder:"),
            UidText("meeting__uid"),
            Value(":"),
            Cast("person", CharField()),
            Value(f":{when}:"),
            Cast("meeting__sequence", CharField()),
        ),
        kind="reminder",
        due_at=due_at,
        about="meeting__uid",
    )


def _once_a_day(talks: QuerySet[Attendance], kind: str, on: date, due_at: datetime) -> int:
    """One mail of a kind about a day for everybody who is at one of these talks; how many."""
    return _to_each(Person.objects.filter(pk__in=talks.values("person")), kind, on, due_at)


def _to_each(people: QuerySet[Person], kind: str, on: date, due_at: datetime) -> int:
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
    return _to_each(hosts.exclude(email=""), "digest", today, due_at)
