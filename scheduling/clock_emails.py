"""What we write when the clock says so: reminders of talks, and whom one has not seen."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.core.mail import EmailMessage
from django.db.models import Q
from django.utils import timezone

from people.home import zone_in_words
from people.models import Leave, OutgoingMail, Person, School

from .emails import about_meeting, link, meeting_of, message_of, name_for_mail
from .models import Attendance, Meeting, OverdueFlag
from .templatetags.times import in_words

REMINDERS_AT = 15  # o'clock of the school, the day before


def _day_word(meeting: Meeting, at: datetime) -> str:
    days = (meeting.school.today(meeting.starts_at) - meeting.school.today(at)).days
    local = timezone.localtime(meeting.starts_at, meeting.school.zone)
    return {0: "Today", 1: "Tomorrow"}.get(days, f"{local:%A}")


def _away(people: Iterable[int], on: date) -> set[int]:
    """The keys of those of these people who are away on a day."""
    return set(Leave.objects.last_days(people, on=on))


def reminder(mail: OutgoingMail, at: datetime) -> EmailMessage | None:
    """
    To the attendee, the day before; nothing if the talk was moved, skipped or has begun, or if
    they are away that day.
    """
    meeting = meeting_of(mail)
    if (
        meeting is None
        or not meeting.is_planned
        or meeting.starts_at <= at
        or meeting.agreed_at > mail.due_at
        or mail.person.reminder == Person.Reminder.NONE
        or meeting.school.today(meeting.starts_at) > meeting.school.today(at) + timedelta(days=1)
    ):
        return None
    local = timezone.localtime(meeting.starts_at, meeting.school.zone)
    away = _away([meeting.pairing.host_id, meeting.pairing.attendee_id], local.date())
    if mail.person_id in away:
        return None
    day = _day_word(meeting, at)
    place = f", {meeting.open_place}" if meeting.open_place else ""
    clock = f"{local.hour % 12 or 12}:{local:%M}{zone_in_words(mail.person, meeting.school)}"
    return about_meeting(
        mail,
        meeting,
        f"{day}, {clock}{place}",
        "scheduling/emails/reminder.txt",
        day=day.lower(),
        is_other_away=bool(away),
    )


def host_reminder(mail: OutgoingMail, at: datetime) -> EmailMessage | None:
    """
    To a host, the day before, one list of all talks; decided from them as they are now.

    The date is the one that was to come at the school of each talk when this fell due.
    """
    if mail.person.reminder == Person.Reminder.NONE:
        return None
    hosted = (
        Attendance.objects.filter(
            person=mail.person,
            role=Attendance.Role.HOST,
            meeting__status=Meeting.Status.PLANNED,
            starts_at__gte=at,
            starts_at__lt=mail.due_at + timedelta(days=3),
        )
        .select_related("meeting__pairing__attendee", "meeting__pairing__host", "meeting__school")
        .order_by("starts_at", "pk")
    )
    meetings = [each.meeting for each in hosted]
    talks = [each for each in meetings if _is_next_day(each, mail.due_at)]
    if not talks:
        return None
    on = talks[0].school.today(talks[0].starts_at)
    staff = [each.pairing.attendee_id for each in talks if not each.pairing.is_with_student]
    away = _away([mail.person_id, *staff], on)
    if mail.person_id in away:
        return None
    count = "one talk" if len(talks) == 1 else f"{len(talks)} talks"
    day = "Today" if talks[0].school.today(at) == on else "Tomorrow"
    schools = {each.school_id for each in talks}
    rows = [
        {
            "meeting": each,
            "who": name_for_mail(each.pairing, mail.person),
            "is_away": each.pairing.attendee_id in away,
            "school": each.school.name if len(schools) > 1 else "",
            "zone": zone_in_words(mail.person, each.school) if len(schools) > 1 else "",
        }
        for each in talks
    ]
    return message_of(
        mail,
        f"{day}: {count}",
        "scheduling/emails/host_reminder.txt",
        talks=rows,
        on=on,
        day=day,
        url=link("scheduling:today"),
    )


def _is_next_day(meeting: Meeting, at: datetime) -> bool:
    school: School = meeting.school
    return school.today(meeting.starts_at) == school.today(at) + timedelta(days=1)


def digest(mail: OutgoingMail, at: datetime) -> EmailMessage | None:
    """To a host on Monday: whom they have not seen for a while; nothing of or to who is away."""
    away = Leave.objects.covering(at.date())
    if away.filter(person=mail.person).exists():
        return None
    flags = list(
        OverdueFlag.objects.filter(cleared_at=None, pairing__host=mail.person)
        .filter(Q(pairing__ends_on=None) | Q(pairing__ends_on__gte=at.date()))
        .exclude(pairing__attendee__in=away.values("person"))
        .select_related("pairing__attendee", "pairing__host")
        .order_by("pairing__last_met_on", "due_on", "pk")
    )
    if not flags:
        return None
    staff = [each.pairing for each in flags if not each.pairing.is_with_student]
    students = len(flags) - len(staff)
    count = len(flags)
    word = "One person" if count == 1 else f"{in_words(count).capitalize()} people"
    return message_of(
        mail,
        f"{word} you have not seen for a while",
        "scheduling/emails/digest.txt",
        pairings=staff,
        students=students,
        url=link("scheduling:people"),
    )
