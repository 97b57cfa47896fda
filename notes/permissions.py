"""Who may write and agree, about things they can already see."""

from datetime import date

from django.db.models import Q

from people.models import Pairing, Person, Role, School
from people.permissions import has_role

from .models import Hold, LogKeeper
from .models.holds import MAY_HOLD


def can_write(person: Person, pairing: Pairing) -> bool:
    """Only the two who meet write notes about it."""
    return person.is_active and pairing.is_party(person)


def can_agree(person: Person, pairing: Pairing) -> bool:
    """Only the two themselves agree, and either of them ends it alone."""
    return person.is_active and pairing.is_party(person)


def can_hold(person: Person, school: School, *, on: date) -> bool:
    """
    Leaders and safeguarding leads put notes on hold and end it, always two of them.

    Administrators do not: whoever keeps the logins is not to be one of the two.
    """
    return has_role(person, school, *MAY_HOLD, on=on)


def can_decide_hold(person: Person, hold: Hold, *, on: date) -> bool:
    """Nobody decides about a hold that names them."""
    return can_hold(person, hold.school, on=on) and not hold.names(person)


def can_choose_keepers(person: Person, school: School, *, on: date) -> bool:
    """Leaders, and administrators, who set the school up; both keepers are told of it."""
    return has_role(person, school, Role.Kind.LEADER, Role.Kind.SCHOOL_ADMIN, on=on)


def keeps_log(person: Person, school: School, *, on: date) -> bool:
    """Whether somebody keeps the anchors of a school's log, and still can."""
    return LogKeeper.objects.standing(school, on=on).filter(person=person).exists()


def is_apart_from(person: Person, hold: Hold) -> bool:
    """
    Whether none of the notes that a hold keeps can be somebody's own, as one of two who met.

    A hold on everybody is of everybody: nobody is apart from it, so nobody is asked to be.
    """
    if hold.person_id is None or hold.other_id is not None:
        return not hold.names(person)
    mine = Pairing.objects.of(person).filter(school=hold.school_id)
    return not mine.filter(Q(host=hold.person_id) | Q(attendee=hold.person_id)).exists()
