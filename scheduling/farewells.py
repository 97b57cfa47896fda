"""What we write when somebody leaves: who is a host no longer, and who takes over; no reason."""

import uuid
from datetime import datetime

from django.core.mail import EmailMessage
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils.formats import date_format

from people.models import Departure, Handover, OutgoingMail, Pairing

from .emails import link, name_for_mail
from .letters import in_a_row


def _departure(mail: OutgoingMail) -> Departure | None:
    about = Departure.objects.filter(uid=mail.subject_uid or uuid.UUID(int=0))
    return about.exclude(ended_at=None).select_related("school", "person").first()


def farewell(mail: OutgoingMail, at: datetime) -> EmailMessage | None:
    """To somebody whom the leaver met: from when on they do not, and who takes over."""
    departure = _departure(mail)
    if departure is None:
        return None
    leaver = departure.person
    two = Q(host=leaver, attendee=mail.person) | Q(host=mail.person, attendee=leaver)
    ended = list(
        Pairing.objects.filter(two, school=departure.school, ends_on=departure.last_day)
        .with_people()
        .select_related("handover__opened__host")
        .order_by("pk")
    )
    if not ended:
        return None
    attended = [each for each in ended if each.attendee_id == mail.person_id]
    who = name_for_mail(ended[0], mail.person)
    return EmailMessage(
        f"Your talks with {who}",
        render_to_string(
            "scheduling/emails/farewell.txt",
            {
                "person": mail.person,
                "who": who,
                "on": date_format(departure.first_day_without, "l j F"),
                "hosted": len(ended) - len(attended),
                "attended": bool(attended),
                "successors": _successors(attended),
                "url": link("scheduling:people"),
            },
        ),
        to=[mail.person.email],
    )


def _successors(ended: list[Pairing]) -> list:
    """Those who host this person now in place of the leaver, without repeating anybody."""
    found = {}
    for pairing in ended:
        handover = getattr(pairing, "handover", None)
        if handover is not None and handover.opened is not None:
            found[handover.opened.host_id] = handover.opened.host
    return list(found.values())


def handed_over(mail: OutgoingMail, at: datetime) -> EmailMessage | None:
    """To somebody who takes over: whom they host from now on, students as a number, and groups."""
    departure = _departure(mail)
    if departure is None:
        return None
    taken = list(
        Handover.objects.filter(leaver=departure.person, to=mail.person)
        .filter(
            Q(pairing__school=departure.school, pairing__ends_on=departure.last_day)
            & Q(opened__isnull=False)
            | Q(group__school=departure.school)
        )
        .select_related("opened__attendee", "group")
        .order_by("pk")
    )
    people = [each.opened for each in taken if each.opened is not None]
    names = [each.attendee.name for each in people if not each.is_with_student]
    students = len(people) - len(names)
    groups = [each.group.name for each in taken if each.group is not None]
    if not taken:
        return None
    if students:
        names.append("one student" if students == 1 else f"{students} students")
    return EmailMessage(
        "You take over from a colleague",
        render_to_string(
            "scheduling/emails/handed_over.txt",
            {
                "person": mail.person,
                "leaver": departure.person.name,
                "on": date_format(departure.first_day_without, "l j F"),
                "people": in_a_row(names) if names else "",
                "groups": in_a_row(groups) if groups else "",
                "url": link("scheduling:people"),
            },
        ),
        to=[mail.person.email],
    )
