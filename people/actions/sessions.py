"""Ending where somebody is signed in."""

from datetime import datetime

from django.db import transaction

from audit.actions import record
from audit.models import Event

from ..home import chain_of
from ..models import Person, Role, School, Session
from ..permissions import can_administer, require


@transaction.atomic
def end_session(session: Session, *, by: Person, at: datetime) -> None:
    """Sign somebody out in one of their browsers."""
    require(by.user_id is not None and session.user_id == by.user_id)
    Session.objects.filter(pk=session.pk).delete()
    _record(by, "one", at)


@transaction.atomic
def end_other_sessions(*, by: Person, at: datetime, here: str | None) -> int:
    """Sign somebody out everywhere but in the session with the key `here`; answers how often."""
    others = Session.objects.filter(user=by.user_id).exclude(pk=here)
    count, _ = others.delete()
    if count:
        _record(by, "others", at)
    return count


@transaction.atomic
def end_sessions_of(person: Person, school: School, *, by: Person, at: datetime) -> int:
    """Sign somebody at a school out everywhere, as its administrator; answers how often."""
    on = school.today(at)
    require(can_administer(by, school, on=on))
    require(Role.objects.in_force(on).filter(person=person, school=school).exists())
    count, _ = Session.objects.filter(user__isnull=False, user=person.user_id).delete()
    if count:
        _record(person, "office", at, by=by, chain=school.pk)
    return count


def _record(
    person: Person, which: str, at: datetime, *, by: Person | None = None, chain: int | None = None
) -> None:
    """Where it is not their own doing, `by` says whose it is, and `chain` for which school."""
    record(
        Event.Act.SIGNIN_END,
        chain=chain or chain_of(person),
        by=(by or person).pk,
        objects=[f"user:{person.user_id}"],
        basis=which,
        at=at,
    )
