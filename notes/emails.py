"""What we write about holds: that a yes is asked for, or that one ends; never about what."""

import uuid
from datetime import datetime

from django.core.mail import EmailMessage
from django.utils.formats import date_format

from people import outbox
from people.models import OutgoingMail
from scheduling.emails import link, message_of

from .models import Hold


def hold_waits(mail: OutgoingMail, at: datetime) -> EmailMessage | None:
    """To everybody who could be the second person; nothing once there was one."""
    hold = _hold(mail, at)
    if hold is None or not hold.waits:
        return None
    return _message(mail, "Something waits for your answer", "notes/emails/hold_waits.txt", hold)


def hold_ends(mail: OutgoingMail, at: datetime) -> EmailMessage | None:
    """To those who decide, a month before its last day; nothing once it has ended."""
    hold = _hold(mail, at)
    if hold is None:
        return None
    return _message(mail, "Something ends soon", "notes/emails/hold_ends.txt", hold)


def _hold(mail: OutgoingMail, at: datetime) -> Hold | None:
    """The open hold that a mail is about, if whoever is written to still decides about it."""
    hold = Hold.objects.open().filter(uid=mail.subject_uid or uuid.UUID(int=0)).first()
    if hold is None:
        return None
    visible = Hold.objects.visible_to(mail.person, hold.school, on=hold.school.today(at))
    return hold if visible.filter(pk=hold.pk).exists() else None


def _message(mail: OutgoingMail, subject: str, template: str, hold: Hold) -> EmailMessage:
    on = date_format(hold.until, "j F Y")
    return message_of(mail, subject, template, url=link("notes:hold", hold.uid), on=on)


def register_renderers() -> None:
    outbox.register("hold_waits", hold_waits, can_wait=outbox.always)
    outbox.register("hold_ends", hold_ends, can_wait=outbox.always)
