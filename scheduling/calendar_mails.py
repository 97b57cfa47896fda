"""
Mails about one series or talk: what changes within a minute is one mail, and who wants it gets a
file for their calendar with it.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.utils import timezone

from people.home import zone_in_words
from people.models import OutgoingMail

from . import emails
from .calendar_files import title_for
from .invitations import CANCEL, Invitation, of_series, of_talk
from .models import Booking, CalendarFeed, Meeting, Ripple

Renderer = Callable[[OutgoingMail, datetime], EmailMessage | None]

SERIES: dict[str, Renderer] = {
    "booked": emails.booked,
    "series_moved": emails.series_moved,
    "series_cancelled": emails.series_cancelled,
}
TALK: dict[str, Renderer] = {
    "meeting_moved": emails.meeting_moved,
    "meeting_cancelled": emails.meeting_cancelled,
    "meeting_skipped": emails.meeting_skipped,
    "meeting_restored": emails.meeting_restored,
}
FOR_CALENDAR = "for_calendar"  # no news to who did it, but their calendar has to be told
KINDS = (*SERIES, *TALK, FOR_CALENDAR)
MOVE = "meeting.move"  # the verb of a change


def render(mail: OutgoingMail, at: datetime) -> EmailMessage | None:
    """This row and those that go with it, as things stand; None where nothing is to be said."""
    rows = [mail, *mail.others]
    news = _news(mail, rows, at)
    if news is None and not any(row.kind == FOR_CALENDAR for row in rows):
        return None
    booking = _booking(mail)
    invitation = _invitation(mail, rows, booking, at)
    if invitation is None:
        return news
    message = news or _for_calendar(mail, rows, booking, invitation, at)
    _attach(message, invitation)
    return message


def calendar_changed(mail: OutgoingMail, at: datetime) -> EmailMessage | None:
    """The list of talks that the school's calendar touched; a file if all are of one series."""
    message = emails.calendar_changed(mail, at)
    told = Ripple.objects.filter(uid=mail.subject_uid or emails.NOTHING).first()
    if message is None or told is None:
        return message
    talks = told.of(mail.person).filter(starts_at__gt=at).select_related("booking")
    series = {each.series_uid for each in talks}
    if len(series) == 1:
        [mail.together] = series
        if invitation := _invitation(mail, [mail], _booking(mail), at):
            _attach(message, invitation)
    return message


def _attach(message: EmailMessage, invitation: Invitation) -> None:
    if isinstance(message, EmailMultiAlternatives):
        message.attach_alternative(
            invitation.content.decode(), f"text/calendar; method={invitation.method}"
        )


def _booking(mail: OutgoingMail) -> Booking | None:
    return Booking.objects.with_place().filter(uid=mail.together or emails.NOTHING).first()


# --- the words ---


def _news(mail: OutgoingMail, rows: Sequence[OutgoingMail], at: datetime) -> EmailMessage | None:
    """What is said to who did not do it themselves; None if all of it is no news any more."""
    found: dict[tuple[str, UUID], EmailMessage] = {}
    for row in rows:
        renderer = SERIES.get(row.kind) or TALK.get(row.kind)
        message = renderer(row, at) if renderer else None
        if message is not None:
            found[row.kind, row.subject_uid or emails.NOTHING] = message
    of_all = [message for (kind, _), message in found.items() if kind in SERIES]
    talks = {about for kind, about in found if kind in TALK}
    if not found:
        return None
    if of_all and (not talks or "series_cancelled" in {kind for kind, _ in found}):
        return of_all[-1]
    if len(talks) == 1 and not of_all:
        put_back = [message for (kind, _), message in found.items() if kind == "meeting_restored"]
        return (put_back or list(found.values()))[-1]
    return _several(mail, talks, at, is_new=bool(of_all))


def _several(mail: OutgoingMail, about: set[UUID], at: datetime, *, is_new: bool) -> EmailMessage:
    talks = list(Meeting.objects.with_people().filter(uid__in=about).in_order())
    pairing = talks[0].pairing
    series = talks[0].booking if is_new else None
    with timezone.override(pairing.school.zone):
        return emails.message_of(
            mail,
            "Our talks",
            "scheduling/emails/talks_changed.txt",
            pairing=pairing,
            talks=talks,
            series=emails.dates_of(series, at) if series else None,
            zone=zone_in_words(mail.person, pairing.school),
            is_host=mail.person_id == pairing.host_id,
            who=emails.name_for_mail(pairing, mail.person),
            url=emails.link("scheduling:person_page", pairing.other(mail.person).uid),
        )


def _for_calendar(
    mail: OutgoingMail,
    rows: Sequence[OutgoingMail],
    booking: Booking | None,
    invitation: Invitation,
    at: datetime,
) -> EmailMessage:
    """To who made the change: what their calendar is told, and how to have no such mails."""
    about = [row.subject_uid for row in rows if row.subject_uid]
    talks = list(Meeting.objects.with_people().filter(uid__in=about).in_order())
    pairing = booking.pairing if booking else talks[0].pairing
    is_out = invitation.method == CANCEL
    where = "Out of" if is_out else "For"
    with timezone.override(pairing.school.zone):
        return emails.message_of(
            mail,
            f"{where} your calendar: {title_for(pairing, mail.person)}",
            "scheduling/emails/for_calendar.txt",
            is_out=is_out,
            talks=talks,
            series=emails.dates_of(booking, at) if booking else None,
            zone=zone_in_words(mail.person, pairing.school),
            who=emails.name_for_mail(pairing, mail.person),
            url=emails.link("scheduling:person_page", pairing.other(mail.person).uid),
            reminders_url=emails.link("people:reminders"),
        )


# --- the file ---


def _invitation(
    mail: OutgoingMail, rows: Sequence[OutgoingMail], booking: Booking | None, at: datetime
) -> Invitation | None:
    """The file for the calendar of who gets a mail; None if it has another way, or nothing to do"""
    person = mail.person
    if not person.calendar_by_mail or not person.email:
        return None
    if CalendarFeed.objects.visible_to(person).in_use(at).exists():
        return None  # it would show each talk twice
    is_known = _is_known(mail)
    invitation = (
        _of_series(mail, rows, booking, at, is_known=is_known) if booking else _of_talk(mail, at)
    )
    if invitation is None or (invitation.method == CANCEL and not is_known):
        return None  # a calendar that never had it
    return invitation


def _of_talk(mail: OutgoingMail, at: datetime) -> Invitation | None:
    meeting = Meeting.objects.with_people().filter(uid=mail.together or emails.NOTHING).first()
    return of_talk(meeting, person=mail.person, at=at) if meeting else None


def _of_series(
    mail: OutgoingMail,
    rows: Sequence[OutgoingMail],
    booking: Booking,
    at: datetime,
    *,
    is_known: bool,
) -> Invitation | None:
    meetings = list(Meeting.objects.filter(booking=booking).order_by("original_starts_at"))
    if not meetings or (booking.released_at is not None and not is_known):
        return None
    for each in meetings:
        each.pairing = booking.pairing  # with its people
    about = {row.subject_uid for row in rows}
    is_whole = booking.uid in about or not is_known
    return of_series(
        booking,
        meetings,
        [] if is_whole else [each for each in meetings if each.uid in about],
        person=mail.person,
        at=at,
        are_moves=all(_is_move(row) for row in rows),
    )


def _is_known(mail: OutgoingMail) -> bool:
    """Whether somebody's calendar was told when they were last mailed about this."""
    sent = OutgoingMail.objects.filter(
        together=mail.together, person=mail.person_id, sent_at__isnull=False
    )
    last = sent.order_by("-sent_at", "-pk").first()
    return last is not None and last.had_file


def _is_move(row: OutgoingMail) -> bool:
    return row.kind == "meeting_moved" or (row.change is not None and row.change.verb == MOVE)
