"""What we write when the clock says so: reminders of talks, and whom one has not seen."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.core.mail import EmailMessage
from django.db.models import Q
from django.utils import timezone

from people.home import zone_in_words
from people.models import Leave, OutgoingMail, Pairing, Person, School

from .emails import about_meeting, link, meeting_of, message_of, name_for_mail
from .models import Attendance, Meeting, OverdueFlag
from .reminding import LONGEST_LEAD
from .templatetags.times import in_words

NEAR = {0: "Today", 1: "Tomorrow"}  # by the number of days


def _day_word(meeting: Meeting, at: datetime) -> str:
    local = timezone.localtime(meeting.starts_at, meeting.school.zone)
    return NEAR.get(_days_after(at, meeting), f"{local:%A}")


def _away(people: Iterable[int], on: date) -> set[int]:
    """The keys of those of these people who are away on a day."""
    return set(Leave.objects.last_days(people, on=on))


def reminder(mail: OutgoingMail, at: datetime) -> EmailMessage | None:
    """
    To one of the two, ahead of a talk; nothing if it was moved, skipped or has begun, or if they
    are away that day.
    """
    meeting = meeting_of(mail)
    if (
        meeting is None
        or not meeting.is_planned
        or meeting.starts_at <= at
        or meeting.agreed_at > mail.due_at
        or mail.person.reminder == Person.Reminder.NONE
    ):
        return None
    local = timezone.localtime(meeting.starts_at, meeting.school.zone)
    if local.date() > meeting.school.today(at) + timedelta(days=LONGEST_LEAD):
        return None
    away = _away(_staff(meeting.pairing), local.date())
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
        day=day.lower() if day in NEAR.values() else "on",
        is_other_away=bool(away),
        is_asked=meeting.pairing.ownership != Pairing.Ownership.HOST,
    )


def host_reminder(mail: OutgoingMail, at: datetime) -> EmailMessage | None:
    """
    To a host, the day before, one list of all talks; decided from them as they are now.

    The date is the one that was to come at the school of each talk when this fell due.
    """
    return _day_list(mail, at, days=1, role=Attendance.Role.HOST)


def day_list(mail: OutgoingMail, at: datetime) -> EmailMessage | None:
    """To somebody in the morning: all their talks of the day, whoever hosts them."""
    return _day_list(mail, at, days=0)


def _day_list(mail: OutgoingMail, at: datetime, *, days: int, **whose: str) -> EmailMessage | None:
    """The talks to come of the day so many days after a mail fell due, by each one's school."""
    if mail.person.reminder == Person.Reminder.NONE:
        return None
    found = (
        Attendance.objects.filter(
            person=mail.person,
            meeting__status=Meeting.Status.PLANNED,
            starts_at__gt=at,
            starts_at__lt=mail.due_at + timedelta(days=3),
            **whose,
        )
        .select_related("meeting__pairing__attendee", "meeting__pairing__host", "meeting__school")
        .order_by("starts_at", "pk")
    )
    talks = [each.meeting for each in found if _days_after(mail.due_at, each.meeting) == days]
    if not talks:
        return None
    on = talks[0].school.today(talks[0].starts_at)
    away = _away([pk for each in talks for pk in _staff(each.pairing)], on)
    if mail.person_id in away:
        return None
    count = "one talk" if len(talks) == 1 else f"{len(talks)} talks"
    day = _day_word(talks[0], at)
    schools = {each.school_id for each in talks}
    rows = [
        {
            "meeting": each,
            "who": name_for_mail(each.pairing, mail.person),
            "is_away": each.pairing.other(mail.person).pk in away,
            "school": each.school.name if len(schools) > 1 else "",
            "zone": zone_in_words(mail.person, each.school) if len(schools) > 1 else "",
        }
        for each in talks
    ]
    return message_of(
        mail,
        f"{day}: {count}",
        "scheduling/emails/day_list.txt",
        talks=rows,
        on=on,
        day=day,
        url=link("scheduling:today"),
    )


def _staff(pairing: Pairing) -> list[int]:
    """Those of the two whose days away may be told of: a student's are not."""
    return [pairing.host_id, *([] if pairing.is_with_student else [pairing.attendee_id])]


def _days_after(at: datetime, meeting: Meeting) -> int:
    school: School = meeting.school
    return (school.today(meeting.starts_at) - school.today(at)).days


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
