"""Erasing what is somebody's own after they have left; the log and what others wrote stay."""

import logging
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from audit.actions import record
from audit.models import Event

from .. import erasure
from ..ending import end
from ..models import (
    Assistance,
    Change,
    Guardianship,
    Leave,
    Line,
    LoginMove,
    Membership,
    OutgoingMail,
    Pairing,
    Person,
    Role,
    School,
)
from ..permissions import can_administer, require

logger = logging.getLogger(__name__)


class CannotErase(Exception):
    """Why what is somebody's stays for now, in words for the administrator."""


@transaction.atomic
def erase_person(person: Person, school: School, *, by: Person, at: datetime) -> None:
    """
    Erase what is somebody's own, for good: they are a former member without a name from then on.

    Their row stays, with its key, so that the log is whole and what stays of notes still opens.
    Only for administrators of every school at which they ever were. Raises CannotErase.
    """
    schools = erasure.schools_of(person)
    list(School.objects.select_for_update().filter(pk__in=[each.pk for each in schools]))
    require(can_administer(by, school, on=school.today(at)) and school in schools)
    person = Person.objects.select_for_update(of=("self",)).get(pk=person.pk)
    if sentence := erasure.refusal(person, by=by, at=at):
        raise CannotErase(sentence)
    for each in schools:
        end(Pairing.objects.of(person).filter(school=each), on=each.today(at))
    erasure.erase_all(person, at=at)
    for each in schools:
        record(
            Event.Act.PERSON_ERASE,
            chain=each.pk,
            by=by.pk,
            objects=[f"person:{person.pk}"],
            at=at,
        )
    # The server's log outlives a database that is brought back from before this
    transaction.on_commit(lambda: logger.info("Person %s was erased", person.pk))


def erase_record(person: Person, at: datetime) -> None:
    """What this app knows of somebody: who they are, to whom they belong, and how they sign in."""
    Membership.objects.filter(person=person).delete()
    Guardianship.objects.filter(Q(guardian=person) | Q(student=person)).delete()
    Assistance.objects.filter(Q(host=person) | Q(assistant=person)).delete()
    Line.objects.filter(person=person).delete()
    Leave.objects.filter(person=person).delete()
    LoginMove.objects.filter(person=person).delete()
    OutgoingMail.objects.filter(person=person).delete()
    OutgoingMail.objects.filter(change__by=person).update(change=None)
    Change.objects.filter(by=person).delete()
    # A title stands in them; by now they cannot be undone any more
    Change.objects.filter(verb__startswith="role.", refs__after__person_id=person.pk).update(
        refs={}
    )
    Role.objects.filter(person=person).update(title="", source=None)
    user, person.user = person.user, None
    for name, value in ERASED.items():
        setattr(person, name, value)
    person.erased_at = at
    person.save()
    if user is not None:
        user.delete()  # and with it sessions, factors and addresses


ERASED = {
    "given_name": "Former",
    "family_name": "member",
    "source": None,
    **dict.fromkeys(("external_id", "preferred_name", "pronouns", "email", "job", "grade"), ""),
    "started_on": None,
    "language": "en-us",
    "reminder": Person.Reminder.DAY,
    "quiet_from": None,
    "quiet_until": None,
    "calendar_by_mail": True,
    "hides_names": False,
    "uses_shortcuts": True,
    "is_nudged": True,
}


def register_erasure() -> None:
    erasure.register(
        going=[
            erasure.Fate(
                10,
                "Who they are",
                "Name, pronouns, e-mail address, job, grade and number. Pages that mention them "
                "say “Former member”.",
            ),
            erasure.Fate(20, "Signing in", "Login, password, passkeys and sessions."),
            erasure.Fate(
                30,
                "Whom they belong to",
                "Groups, family, line manager, assistants, days away.",
            ),
            erasure.Fate(40, "Mails", "Which mails they were sent, and when."),
        ],
        staying=[
            erasure.Fate(
                10,
                "That somebody was here",
                "Roles and their days, without a name: talks of others hang on it.",
            ),
            erasure.Fate(
                40,
                "The log",
                "Who did what, by number and without a name. Taking a line out would break the "
                "proof that nothing was changed.",
            ),
            erasure.Fate(
                50,
                "Backups",
                f"They go by themselves after {settings.BACKUP_DAYS} days at most, if your school "
                "keeps them as set up. Until then they hold all of this, sealed.",
            ),
        ],
        erase=erase_record,
    )
