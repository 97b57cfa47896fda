"""Putting notes on hold and ending it: one person asks, a second agrees; nobody reads anything."""

import logging
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q

from audit.actions import record
from audit.models import Event
from people.models import OutgoingMail, Pairing, Person, School
from people.permissions import require
from scheduling.wall_time import instant

from ..models import Hold
from ..models.holds import MAY_HOLD
from ..permissions import can_decide_hold, can_hold, is_apart_from

logger = logging.getLogger(__name__)

LONGEST = timedelta(days=731)  # then it is asked for anew, if it is still needed


class CannotHold(Exception):
    """Why a hold stays as it is, or is not placed, in words for the person who tried."""

    def __init__(self, sentence: str, field: str | None = None) -> None:
        super().__init__(sentence)
        self.field = field  # of the form


class Scope(NamedTuple):
    """Whose notes: of one, of what two have with each other, of everybody; and from which days."""

    person: Person | None = None
    other: Person | None = None
    first: date | None = None
    last: date | None = None


@transaction.atomic
def place_hold(
    school: School,
    scope: Scope,
    *,
    ground: str,
    reference: str,
    until: date,
    by: Person,
    at: datetime,
) -> Hold:
    """
    Ask for a hold: nothing of it is deleted from now on; a second person is to agree within days.

    Waits for a purge of the school that is under way, and for who is writing. Raises CannotHold.
    """
    school = School.objects.select_for_update().get(pk=school.pk)
    require(can_hold(by, school, on=school.today(at)))
    hold = Hold(
        school=school,
        person=scope.person,
        other=scope.other,
        written_from=_midnight(school, scope.first),
        written_until=_midnight(school, scope.last + timedelta(days=1) if scope.last else None),
        ground=ground,
        reference=reference,
        until=until,
        asked_by=by,
        asked_at=at,
    )
    _refuse_what_cannot_be(hold, scope, by=by, at=at)
    # Whoever saves a note has its pairing
    list(Pairing.objects.select_for_update().filter(_of(hold)).order_by("pk").values("pk"))
    hold.save(force_insert=True)
    _ask_others(hold, "place", by=by, at=at)
    _record(hold, "place", by=by, at=at)
    return hold


@transaction.atomic
def agree_to_hold(hold: Hold, *, by: Person, at: datetime) -> Hold:
    """A second person agrees. Raises CannotHold."""
    hold = _locked(hold, by=by, at=at)
    if not hold.is_asked:
        raise CannotHold("Somebody has answered already.")
    if hold.asked_by_id == by.pk:
        raise CannotHold("You asked for it. A second person agrees.")
    hold.agreed_by, hold.agreed_at = by, at
    hold.save(update_fields=["agreed_by", "agreed_at"])
    _record(hold, "agree", by=by, at=at)
    return hold


@transaction.atomic
def refuse_hold(hold: Hold, *, by: Person, at: datetime) -> Hold:
    """End what no second person has agreed to: whoever asked, or one apart. Raises CannotHold."""
    hold = _locked(hold, by=by, at=at)
    if not hold.is_asked:
        raise CannotHold("Somebody has answered already.")
    if hold.asked_by_id != by.pk:
        _refuse_who_is_in_it(hold, by)
    _end(hold, by=by, at=at)
    _record(hold, "refuse", by=by, at=at)
    return hold


@transaction.atomic
def ask_release(hold: Hold, *, by: Person, at: datetime) -> Hold:
    """Ask to end a hold before its time; it goes on until a second person agrees."""
    hold = _locked(hold, by=by, at=at)
    if not hold.is_open or hold.is_asked:
        raise CannotHold("There is nothing to end.")
    if hold.is_to_be_released:
        raise CannotHold("Somebody has asked for that already.")
    _refuse_who_is_in_it(hold, by)
    hold.release_by, hold.release_at = by, at
    hold.save(update_fields=["release_by", "release_at"])
    _ask_others(hold, "release", by=by, at=at)
    _record(hold, "ask_release", by=by, at=at)
    return hold


@transaction.atomic
def keep_hold(hold: Hold, *, by: Person, at: datetime) -> Hold:
    """Not end it after all: whoever thought so, or anybody else who may decide."""
    hold = _locked(hold, by=by, at=at)
    if not hold.is_to_be_released:
        raise CannotHold("Nobody asks to end it any more.")
    hold.release_by = hold.release_at = None
    hold.save(update_fields=["release_by", "release_at"])
    _record(hold, "keep", by=by, at=at)
    return hold


@transaction.atomic
def release_hold(hold: Hold, *, by: Person, at: datetime) -> Hold:
    """Agree to end a hold: what is over its time goes in the coming night. Raises CannotHold."""
    hold = _locked(hold, by=by, at=at)
    if not hold.is_to_be_released:
        raise CannotHold("Nobody asks to end it any more.")
    if hold.release_by_id == by.pk:
        raise CannotHold("You asked to end it. A second person agrees.")
    _refuse_who_is_in_it(hold, by)
    _end(hold, by=by, at=at)
    _record(hold, "release", by=by, at=at)
    return hold


def others_who_decide(hold: Hold, *, on: date) -> list[Person]:
    """Who else could be the second person, by name."""
    people = Person.objects.holding(MAY_HOLD, hold.school, on=on).by_name()
    return [person for person in people if not hold.names(person)]


def _refuse_what_cannot_be(hold: Hold, scope: Scope, *, by: Person, at: datetime) -> None:
    if hold.names(by):
        raise CannotHold("Somebody else places a hold on what is yours.", "other")
    if scope.person is not None and scope.person == scope.other:
        raise CannotHold("Choose two people.", "other")
    _refuse_days(scope, hold.until, today=hold.school.today(at))
    same = Hold.objects.open().filter(
        school=hold.school,
        person=hold.person,
        other=hold.other,
        written_from=hold.written_from,
        written_until=hold.written_until,
        reference__iexact=hold.reference,
        until__gte=hold.until,
    )
    if same.exists():
        raise CannotHold("There is such a hold for this case already.")
    if all(each == by for each in others_who_decide(hold, on=hold.school.today(at))):
        raise CannotHold(
            "A second person has to agree, and there is none. Leaders and safeguarding leads may, "
            "but nobody whom the hold names."
        )


def _refuse_days(scope: Scope, until: date, *, today: date) -> None:
    if scope.person is None and not (scope.first and scope.last):
        raise CannotHold("A hold on everybody is for some days. Enter the first and the last.")
    if scope.last is not None and scope.last >= today:
        raise CannotHold("Choose a day that is over, or leave it empty.", "last")
    if scope.first is not None and scope.first > (scope.last or today):
        raise CannotHold("Choose a day before the last, and no later than today.", "first")
    if not today < until <= today + LONGEST:
        raise CannotHold("Choose a day from tomorrow on, within two years.", "until")


def _of(hold: Hold) -> Q:
    """The pairings in which somebody could be writing what is to be held."""
    pairings = Q(school=hold.school)
    for key in (hold.person_id, hold.other_id):
        if key:
            pairings &= Q(host=key) | Q(attendee=key)
    return pairings


def _refuse_who_is_in_it(hold: Hold, by: Person) -> None:
    if not is_apart_from(by, hold):
        raise CannotHold("You are one of those who met with them. Two others decide about this.")


def _locked(hold: Hold, *, by: Person, at: datetime) -> Hold:
    """The hold, alone, with the school as it is when notes are purged."""
    School.objects.select_for_update().get(pk=hold.school_id)
    hold = Hold.objects.select_related("school").get(pk=hold.pk)
    require(can_decide_hold(by, hold, on=hold.school.today(at)))
    return hold


def _end(hold: Hold, *, by: Person, at: datetime) -> None:
    hold.ended_by, hold.ended_at = by, at
    hold.save(update_fields=["ended_by", "ended_at"])


def _ask_others(hold: Hold, what: str, *, by: Person, at: datetime) -> None:
    """Write to everybody who could be the second person; the mail says where, and nothing else."""
    for person in others_who_decide(hold, on=hold.school.today(at)):
        if person != by and person.email and person.user_id:
            OutgoingMail.objects.queue(
                key=f"hold:{hold.pk}:{what}:{person.pk}:{at:%Y%m%d%H%M%S}",
                kind="hold_waits",
                person=person,
                by=by,
                at=at,
                about=hold.uid,
            )


def _record(hold: Hold, what: str, *, by: Person, at: datetime) -> None:
    record(
        Event.Act.HOLD_CHANGE,
        chain=hold.school_id,
        by=by.pk,
        objects=hold.objects_in_log,
        basis=f"hold.{what}",
        at=at,
    )
    # The server's log outlives a database that is brought back from before this
    transaction.on_commit(lambda: logger.info("Hold %s: %s", hold.uid, what))


def _midnight(school: School, day: date | None) -> datetime | None:
    return instant(day, time.min, school.zone) if day else None
