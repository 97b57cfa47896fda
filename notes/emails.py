"""
What we write about holds and the log: that a yes is asked for, or that a hold ends; how the log
ends; that very much was opened. Never about what, and no student's name.
"""

import uuid
from datetime import datetime

from django.core.mail import EmailMessage
from django.utils.formats import date_format

from audit import anchors
from audit.models import Event
from people import outbox
from people.models import OutgoingMail, Person, School
from scheduling.emails import link, message_of

from .models import Hold
from .permissions import keeps_log
from .watching import alert_of


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


def anchor(mail: OutgoingMail, at: datetime) -> EmailMessage | None:
    """How the log ends now, to who keeps that; the installation's own log with it."""
    school = _school_kept(mail, at)
    if school is None:
        return None
    today = school.today(at)
    taken = [anchors.take(chain, on=today) for chain in (school.pk, 0)]
    return message_of(
        mail,
        f"Keep this: the log on {today.isoformat()}",
        "notes/emails/anchor.txt",
        school=school,
        lines=[each.line for each in taken if each.seq],
        count=taken[0].seq,
        url=link("notes:log"),
    )


def keeper_named(mail: OutgoingMail, at: datetime) -> EmailMessage | None:
    """To a new keeper what is asked of them, and to the other that there is one."""
    school = _school_kept(mail, at)
    if school is None:
        return None
    return message_of(
        mail,
        "You keep the log’s daily line",
        "notes/emails/keeper_named.txt",
        school=school,
        url=link("notes:log"),
    )


def keeper_gone(mail: OutgoingMail, at: datetime) -> EmailMessage | None:
    """To both: whoever wants to change the log unseen begins here."""
    school = School.objects.filter(uid=mail.subject_uid or uuid.UUID(int=0)).first()
    if school is None or not mail.person.is_active:
        return None
    return message_of(
        mail,
        "Who keeps the log’s daily line has changed",
        "notes/emails/keeper_gone.txt",
        school=school,
        is_keeper=keeps_log(mail.person, school, on=school.today(at)),
    )


def many_opened(mail: OutgoingMail, at: datetime) -> EmailMessage | None:
    """To the person whose login did it, and to the keepers: who, when and how many."""
    uid = mail.subject_uid or uuid.UUID(int=0)
    event = Event.objects.filter(uid=uid, act=Event.Act.PART_MANY).first()
    if event is None:
        return None
    person = Person.objects.filter(pk=event.by or 0).first()
    school = School.objects.filter(pk=event.chain).first()
    if person is None or school is None:
        return None
    is_own = person.pk == mail.person_id
    if not is_own and not keeps_log(mail.person, school, on=school.today(at)):
        return None
    is_staff = Person.objects.staff_of(school, on=school.today(event.at)).filter(pk=person.pk)
    return message_of(
        mail,
        "Unusually many notes were opened",
        "notes/emails/many_opened.txt",
        alert=alert_of(event, person),
        local=event.at.astimezone(school.zone),
        who=person.name if is_staff.exists() else "somebody who is not staff",
        is_own=is_own,
        url=link("people:session_list") if is_own else link("notes:log"),
    )


def _school_kept(mail: OutgoingMail, at: datetime) -> School | None:
    """The school whose anchors the person still keeps."""
    school = School.objects.filter(uid=mail.subject_uid or uuid.UUID(int=0)).first()
    if school is None or not keeps_log(mail.person, school, on=school.today(at)):
        return None
    return school


def register_renderers() -> None:
    outbox.register("hold_waits", hold_waits, can_wait=outbox.always)
    outbox.register("hold_ends", hold_ends, can_wait=outbox.always)
    outbox.register("anchor", anchor, can_wait=outbox.always)
    outbox.register("keeper_named", keeper_named, can_wait=outbox.always)
    outbox.register("keeper_gone", keeper_gone)
    outbox.register("many_opened", many_opened)
