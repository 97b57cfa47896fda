"""What we write when somebody leaves: who is a host no longer, and who takes over; no reason."""

import uuid
from datetime import datetime

from django.core.mail import EmailMessage
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.utils.formats import date_format

from people.models import Departure, Handover, OutgoingMail, Pairing, School

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
    taken = Handover.objects.filter(to=mail.person)
    if departure is not None:
        on = departure.first_day_without
        ended = Q(pairing__school=departure.school, pairing__ends_on=departure.last_day)
        ended &= Q(opened__isnull=False)
        groups = Q(group__school=departure.school)
        taken = taken.filter(ended | groups, leaver=departure.person)
    else:  # chosen afterwards, for people of whoever had left
        school = School.objects.filter(uid=mail.subject_uid or uuid.UUID(int=0)).first()
        if school is None:
            return None
        on = school.today(mail.due_at)
        taken = taken.filter(pairing__school=school, opened__starts_on=on)
    people, adult_of = _taken(taken)
    if not people and not adult_of:
        return None
    return EmailMessage(
        "You take over from a colleague",
        render_to_string(
            "scheduling/emails/handed_over.txt",
            {
                "person": mail.person,
                "leaver": departure.person.name if departure else "a colleague",
                "on": date_format(on, "l j F"),
                "people": people,
                "groups": adult_of,
                "url": link("scheduling:people"),
            },
        ),
        to=[mail.person.email],
    )


def _taken(rows: QuerySet[Handover]) -> tuple[str, str]:
    """The people and the groups that were taken over, in words; students as a number."""
    names, groups, students = [], [], 0
    for each in rows.select_related("opened__attendee", "group").order_by("pk"):
        if each.group is not None:
            groups.append(each.group.name)
        elif each.opened is not None and each.opened.is_with_student:
            students += 1
        elif each.opened is not None:
            names.append(each.opened.attendee.name)
    if students:
        names.append("one student" if students == 1 else f"{students} students")
    return in_a_row(names) if names else "", in_a_row(groups) if groups else ""
