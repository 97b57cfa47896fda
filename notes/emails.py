"""What we write about notes: that somebody is asked for a yes, and where; never of what."""

import uuid
from datetime import datetime

from django.core.mail import EmailMessage

from people import outbox
from people.models import OutgoingMail
from scheduling.emails import link, message_of

from .models import Hold


def hold_waits(mail: OutgoingMail, at: datetime) -> EmailMessage | None:
    """To everybody who could be the second person; nothing once there was one."""
    hold = Hold.objects.open().filter(uid=mail.subject_uid or uuid.UUID(int=0)).first()
    if hold is None or not (hold.is_asked or hold.is_to_be_released):
        return None
    visible = Hold.objects.visible_to(mail.person, hold.school, on=hold.school.today(at))
    if not visible.filter(pk=hold.pk).exists():
        return None
    return message_of(
        mail,
        "Something waits for your answer",
        "notes/emails/hold_waits.txt",
        url=link("notes:hold", hold.uid),
    )


def register_renderers() -> None:
    outbox.register("hold_waits", hold_waits, can_wait=outbox.always)
