"""Who keeps the anchors of a school's log, and the mail that takes one to them each day."""

import uuid
from datetime import datetime

from django.db import transaction

from audit.actions import record
from audit.models import Event
from people.models import OutgoingMail, Person, School
from people.permissions import require

from ..models import LogKeeper
from ..models.keepers import WANTED, suited
from ..permissions import can_choose_keepers

HOUR = 6  # from when on, by the school's clock


class CannotKeep(Exception):
    """Why somebody does not keep the anchors, in words for the person who chose them."""


@transaction.atomic
def name_keeper(school: School, person: Person, *, by: Person, at: datetime) -> LogKeeper:
    """
    Let somebody keep the anchors; they are told, and so is the other keeper.

    Takes the place of those who cannot any more. Raises CannotKeep.
    """
    school = School.objects.select_for_update().get(pk=school.pk)
    today = school.today(at)
    require(can_choose_keepers(by, school, on=today))
    standing = list(
        LogKeeper.objects.standing(school, on=today).select_related("person").order_by("pk")
    )
    if any(each.person_id == person.pk for each in standing):
        raise CannotKeep(f"{person.name} keeps them already.")
    if len(standing) >= WANTED:
        raise CannotKeep("Two people keep them. Let one of the two go first.")
    if not suited(school, on=today).filter(pk=person.pk).exists():
        raise CannotKeep(
            "Choose somebody of the staff who signs in, has an e-mail address, and administers "
            "nothing here or elsewhere."
        )
    kept = [each.pk for each in standing]
    LogKeeper.objects.filter(school=school).exclude(pk__in=kept).delete()
    keeper = LogKeeper.objects.create(school=school, person=person, since=at)
    _tell([person, *(each.person for each in standing)], "keeper_named", school, by=by, at=at)
    _record(school, person, "name", by=by, at=at)
    return keeper


@transaction.atomic
def dismiss_keeper(keeper: LogKeeper, *, by: Person, at: datetime) -> None:
    """Let somebody no longer keep the anchors; both are told, so that it is never done quietly."""
    school = School.objects.select_for_update().get(pk=keeper.school_id)
    today = school.today(at)
    require(by.pk == keeper.person_id or can_choose_keepers(by, school, on=today))
    standing = LogKeeper.objects.standing(school, on=today).select_related("person").order_by("pk")
    told = [each.person for each in standing if each.person_id != by.pk]
    if not LogKeeper.objects.filter(pk=keeper.pk).delete()[0]:
        raise CannotKeep("Somebody has done that already.")
    _tell(told, "keeper_gone", school, by=by, at=at)
    _record(school, keeper.person, "dismiss", by=by, at=at)


@transaction.atomic
def queue_anchors(school: School, *, by: Person | None, at: datetime) -> None:
    """Put today's mail to each keeper in the outbox, once; the anchor is taken when it is sent."""
    if at.astimezone(school.zone).hour < HOUR:
        return
    today = school.today(at)
    standing = LogKeeper.objects.standing(school, on=today)
    for keeper in standing.select_related("person").order_by("pk"):
        OutgoingMail.objects.queue(
            key=f"anchor:{school.pk}:{today}:{keeper.person_id}",
            kind="anchor",
            person=keeper.person,
            by=by,
            at=at,
            about=school.uid,
        )


def _tell(people: list[Person], kind: str, school: School, *, by: Person, at: datetime) -> None:
    once = uuid.uuid4()
    for person in people:
        if person.email:
            OutgoingMail.objects.queue(
                key=f"{kind}:{once}:{person.pk}",
                kind=kind,
                person=person,
                by=by,
                at=at,
                about=school.uid,
            )


def _record(school: School, person: Person, what: str, *, by: Person, at: datetime) -> None:
    record(
        Event.Act.KEEPER_CHANGE,
        chain=school.pk,
        by=by.pk,
        objects=[f"person:{person.pk}"],
        basis=f"keeper.{what}",
        at=at,
    )
