"""What every change of times leaves behind: a change to undo, a mail to the other, an event."""

import uuid
from collections.abc import Iterable
from datetime import datetime

from audit.actions import record
from audit.models import Event
from people.models import Change, OutgoingMail, Pairing, Person


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
) -> Change | None:
    """
    Note an undoable change, queue the mail to the other, record the event; in that order.

    `mail` is the kind of mail, "" for none; the clock (`by=None`) undoes nothing.
    """
    change = None
    if by is not None:
        change = Change.objects.create(by=by, verb=verb.value, refs=refs, at=at)
    if mail:
        for person in (pairing.host, pairing.attendee):
            if person != by and person.email:
                OutgoingMail.objects.queue(
                    key=f"{mail}:{about}:{person.pk}:{change.uid if change else at.isoformat()}",
                    kind=mail,
                    person=person,
                    at=at,
                    by=by,
                    about=about,
                    change=change,
                )
    record(
        verb,
        chain=pairing.school_id,
        by=by.pk if by else None,
        objects=[f"pairing:{pairing.uid}", *objects],
        at=at,
    )
    return change
