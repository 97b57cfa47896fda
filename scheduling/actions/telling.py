"""What every change of times leaves behind: a change to undo, a mail to the two, an event."""

import uuid
from collections.abc import Iterable, Mapping, Set
from datetime import datetime

from audit.actions import record
from audit.models import Event
from people.models import Change, OutgoingMail, Pairing, Person
from people.models.outgoing import Letter

from ..calendar_mails import FOR_CALENDAR


def remember(
    verb: Event.Act,
    *,
    pairing: Pairing,
    by: Person | None,
    at: datetime,
    about: uuid.UUID,
    refs: dict,
    mail: str,
    objects: Iterable[str],
    series: uuid.UUID | None = None,
) -> Change | None:
    """
    Note an undoable change, queue the mails to the two, record the event; in that order.

    `mail` is the kind of mail, "" for none: news to the other, a file for the calendar to who acts.
    `series` is what calendars know it by, if not `about`. The clock (`by=None`) undoes nothing.
    """
    change = None
    if by is not None:
        change = Change.objects.create(by=by, verb=verb.value, refs=refs, at=at)
    if mail:
        for person in (pairing.host, pairing.attendee):
            kind = FOR_CALENDAR if person == by else mail
            tell(kind, person, by=by, at=at, about=about, series=series or about, change=change)
    record(
        verb,
        chain=pairing.school_id,
        by=by.pk if by else None,
        objects=[f"pairing:{pairing.uid}", *objects],
        at=at,
    )
    return change


def tell(
    kind: str,
    person: Person,
    *,
    by: Person | None,
    at: datetime,
    about: uuid.UUID,
    series: uuid.UUID,
    change: Change | None,
) -> None:
    """Queue a mail about a series or a talk, which goes as one with all others about it."""
    if not person.email or (kind == FOR_CALENDAR and not person.calendar_by_mail):
        return
    OutgoingMail.objects.queue(
        key=f"{kind}:{about}:{person.pk}:{change.uid if change else at.isoformat()}",
        kind=kind,
        person=person,
        at=at,
        by=by,
        about=about,
        change=change,
        together=series,
    )


def tell_calendars(
    series: Mapping[Person, Set[uuid.UUID]],
    *,
    why: str,
    by: Person | None,
    at: datetime,
    change: Change | None = None,
) -> None:
    """Queue a file for each of the series and single talks that these people's calendars know."""
    OutgoingMail.objects.queue_all(
        [
            Letter(f"{FOR_CALENDAR}:{uid}:{person.pk}:{why}", person, uid, together=uid)
            for person, uids in series.items()
            if person.email and person.calendar_by_mail
            for uid in sorted(uids)
        ],
        kind=FOR_CALENDAR,
        at=at,
        by=by,
        change=change,
    )


# The mail that tells how things stand after all, when what was undone had been told already
UNSAID = {
    "meeting.move": "meeting_moved",
    "meeting.cancel": "meeting_restored",
    "meeting.skip": "meeting_restored",
    "meeting.restore": "meeting_cancelled",
    "meeting.hold": "",
    "meeting.miss": "",
}


def was_told(change: Change) -> bool:
    """Whether anything of a change has been mailed."""
    return change.outgoing_mails.exclude(sent_at=None).exists()


def tell_again(
    change: Change,
    kind: str,
    about: uuid.UUID,
    *,
    by: Person,
    at: datetime,
    series: uuid.UUID | None = None,
    only: bool = False,
) -> None:
    """
    Tell who was told how it is after all; who undid it needs it for the calendar only.

    If `only`, those alone who were told about this one of several things that were done.
    """
    if not kind:
        return
    told = change.outgoing_mails.exclude(sent_at=None)
    if only:
        told = told.filter(subject_uid=about)
    for person in Person.objects.filter(pk__in=told.values("person")).order_by("pk"):
        again = FOR_CALENDAR if person == by else kind
        OutgoingMail.objects.queue(
            key=f"{again}:{about}:{person.pk}:{change.uid}:undone",
            kind=again,
            person=person,
            at=at,
            by=by,
            about=about,
            together=series or about,
        )
