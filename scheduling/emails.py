"""What we write about times: when and where, and where to look; never what was said."""

import uuid
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.db.models import F, Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from people.home import zone_in_words
from people.models import OutgoingMail, Pairing, Person

from .letters import opening, rhythm, subject
from .models import Attendance, Booking, Invitation, Meeting, Ripple
from .models.calendar import column_name


def link(name: str, *uids: object) -> str:
    """An address that can stand in a mail: it leads to a page, and changes nothing by itself."""
    return settings.SITE_URL.rstrip("/") + reverse(name, args=uids)


def message_of(mail: OutgoingMail, subject: str, template: str, **context: object) -> EmailMessage:
    context["person"] = mail.person
    words = render_to_string(template, context)
    return EmailMultiAlternatives(subject, words, to=[mail.person.email])


NOTHING = uuid.UUID(int=0)  # names what does not exist


def _subject(mail: OutgoingMail) -> uuid.UUID:
    """What a mail is about."""
    return mail.subject_uid or NOTHING


def name_for_mail(pairing: Pairing, person: Person) -> str:
    """How the other is named in a mail: staff by name, a student never."""
    other = pairing.other(person)
    if pairing.is_with_student and other.pk == pairing.attendee_id:
        return "a student"
    return other.name


def can_wait(mail: OutgoingMail, until: datetime) -> bool:
    """Whether no talk of the person that a mail may be about is to begin, or was, until then."""
    ahead = (mail.due_at, until)
    near = Q(starts_at__range=ahead) | Q(meeting__original_starts_at__range=ahead)
    return not Attendance.objects.filter(near, person=mail.person).exists()


# --- the invitation ---


def invitation(mail: OutgoingMail, at: datetime) -> EmailMessage | None:
    """The host's letter, to everybody alike but for how often; nothing once it has an answer."""
    pairing = Pairing.objects.with_people().filter(uid=_subject(mail)).first()
    if pairing is None:
        return None
    asked = Invitation.objects.open(at, pairing.school.today(at)).waiting()
    asked = asked.filter(pairing=pairing, answer="").select_related("sign_up")
    newest = asked.order_by("-invited_at", "-pk").first()
    if newest is None:
        return None
    return message_of(
        mail,
        subject(pairing.cadence),
        "scheduling/emails/invitation.txt",
        pairing=pairing,
        opening=opening(pairing.cadence, pairing.minutes, rotates=pairing.school.rotates),
        words=newest.sign_up.letter.strip(),
        url=link("scheduling:sign_up", pairing.uid),
    )


# --- about a series ---


def _booking(mail: OutgoingMail) -> Booking | None:
    return (
        Booking.objects.select_related(
            "pairing__host", "pairing__attendee", "pairing__school", "seat__slot__period"
        )
        .filter(uid=_subject(mail))
        .first()
    )


def _usual(booking: Booking, first: Meeting, at: datetime) -> Meeting:
    """A talk at the time that all of them have: the first one may have been moved alone."""
    unmoved = Meeting.objects.filter(booking=booking, starts_at=F("original_starts_at"))
    return unmoved.upcoming(at).in_order().first() or first


def booked(mail: OutgoingMail, at: datetime) -> EmailMessage | None:
    """To the host that somebody took a place, or to the attendee that one is kept for them."""
    booking = _booking(mail)
    if booking is None:
        return None
    return _series(mail, booking, at, "A time for us", "scheduling/emails/booked.txt")


def series_moved(mail: OutgoingMail, at: datetime) -> EmailMessage | None:
    booking = _booking(mail)
    if booking is None:
        return None
    template = "scheduling/emails/series_moved.txt"
    return _series(mail, booking, at, "A new time for our talks", template)


class Dates(NamedTuple):
    """The days of a series in words, how often, the first to come, and one at its usual time."""

    days: str
    cadence: str
    first: Meeting
    usual: Meeting


def dates_of(booking: Booking, at: datetime) -> Dates | None:
    """When a series is from now on; None if nothing of it is to come."""
    first = Meeting.objects.filter(booking=booking).upcoming(at).in_order().first()
    if first is None:
        return None
    usual = _usual(booking, first, at)
    return Dates(_days(booking, usual), _how_often(booking), first, usual)


def _series(
    mail: OutgoingMail, booking: Booking, at: datetime, subject: str, template: str
) -> EmailMessage | None:
    dates = None if booking.released_at else dates_of(booking, at)
    if dates is None:
        return None
    pairing = booking.pairing
    is_host = mail.person_id == pairing.host_id
    if is_host:
        subject = f"{name_for_mail(pairing, mail.person)} has a time".capitalize()
        if not pairing.is_with_student:
            subject = f"{pairing.attendee.name} has a time"
    with timezone.override(pairing.school.zone):
        return message_of(
            mail,
            subject,
            template,
            zone=zone_in_words(mail.person, pairing.school),
            pairing=pairing,
            is_host=is_host,
            who=name_for_mail(pairing, mail.person),
            url=link("scheduling:meeting", dates.first.uid),
            **dates._asdict(),
        )


def _days(booking: Booking, usual: Meeting) -> str:
    """ "Tuesdays"; "Day 3" in a rotation."""
    school = booking.pairing.school
    if school.rotates:
        return column_name(school, booking.seat.slot.column)
    return f"{timezone.localtime(usual.starts_at, school.zone):%A}s"


def _how_often(booking: Booking) -> str:
    cadence = booking.pairing.cadence
    turns = rhythm(cadence, rotates=True) if booking.pairing.school.rotates else ""
    return turns or booking.pairing.get_cadence_display().lower()


def series_cancelled(mail: OutgoingMail, at: datetime) -> EmailMessage | None:
    booking = _booking(mail)
    if booking is None or booking.released_at is None:
        return None
    if Booking.objects.live().filter(pairing=booking.pairing, term=booking.term).exists():
        return None
    pairing = booking.pairing
    return message_of(
        mail,
        "Our talks have no set time now",
        "scheduling/emails/series_cancelled.txt",
        pairing=pairing,
        is_host=mail.person_id == pairing.host_id,
        who=name_for_mail(pairing, mail.person),
        url=link("scheduling:person_page", pairing.other(mail.person).uid),
    )


# --- about one meeting ---


def meeting_of(mail: OutgoingMail) -> Meeting | None:
    return Meeting.objects.with_people().filter(uid=_subject(mail)).first()


def about_meeting(
    mail: OutgoingMail, meeting: Meeting, subject: str, template: str, **context: object
) -> EmailMessage:
    pairing = meeting.pairing
    with timezone.override(meeting.school.zone):
        return message_of(
            mail,
            subject,
            template,
            meeting=meeting,
            zone=zone_in_words(mail.person, meeting.school),
            other=pairing.other(mail.person),
            who=name_for_mail(pairing, mail.person),
            is_host=mail.person_id == pairing.host_id,
            url=link("scheduling:meeting", meeting.uid),
            **context,
        )


def meeting_moved(mail: OutgoingMail, at: datetime) -> EmailMessage | None:
    meeting = meeting_of(mail)
    if meeting is None or not meeting.is_upcoming(at):
        return None
    day = timezone.localtime(meeting.starts_at, meeting.school.zone)
    return about_meeting(
        mail, meeting, f"Moving our talk to {day:%A}", "scheduling/emails/meeting_moved.txt"
    )


def meeting_cancelled(mail: OutgoingMail, at: datetime) -> EmailMessage | None:
    meeting = meeting_of(mail)
    if meeting is None or meeting.status != Meeting.Status.CANCELLED or meeting.starts_at <= at:
        return None
    return about_meeting(mail, meeting, "One talk less", "scheduling/emails/meeting_cancelled.txt")


def meeting_skipped(mail: OutgoingMail, at: datetime) -> EmailMessage | None:
    meeting = meeting_of(mail)
    if meeting is None or meeting.status != Meeting.Status.SKIPPED or meeting.starts_at <= at:
        return None
    following = (
        Meeting.objects.filter(pairing=meeting.pairing, starts_at__gt=meeting.starts_at)
        .upcoming(at)
        .in_order()
        .first()
    )
    return about_meeting(
        mail,
        meeting,
        "Nothing to talk about this time",
        "scheduling/emails/meeting_skipped.txt",
        following=following,
    )


def meeting_restored(mail: OutgoingMail, at: datetime) -> EmailMessage | None:
    meeting = meeting_of(mail)
    if meeting is None or not meeting.is_upcoming(at):
        return None
    return about_meeting(mail, meeting, "A time for us", "scheduling/emails/meeting_restored.txt")


def calendar_changed(mail: OutgoingMail, at: datetime) -> EmailMessage | None:
    """One list of the talks that a change of the school's calendar touched, as they are now."""
    told = Ripple.objects.select_related("school").filter(uid=_subject(mail)).first()
    if told is None:
        return None
    talks: dict[str, list] = {"closed": [], "lost": [], "planned": []}
    for meeting in told.of(mail.person).with_people().filter(starts_at__gt=at).in_order():
        if what := _became(told, meeting):
            talks[what].append((meeting, name_for_mail(meeting.pairing, mail.person)))
    if not any(talks.values()):
        return None
    with timezone.override(told.school.zone):
        return message_of(
            mail,
            "The school's calendar has changed",
            "scheduling/emails/calendar_changed.txt",
            url=link("scheduling:people"),
            **talks,
        )


def _became(told: Ripple, meeting: Meeting) -> str:
    """What a meeting that was touched is now; empty if somebody has changed it since."""
    if meeting.status == Meeting.Status.CLOSED:
        return "closed" if meeting.pk in told.meetings.get("closed", ()) else ""
    if meeting.pk in told.meetings.get("lost", ()):
        return "lost" if meeting.status_reason == "clash" else ""
    again = [*told.meetings.get("moved", ()), *told.meetings.get("reopened", ())]
    return "planned" if meeting.is_planned and meeting.pk in again else ""
