"""Who may do what with people, schools and pairings they can already see."""

from datetime import date

from django.core.exceptions import PermissionDenied

from .models import Pairing, Person, Role, School


def require(allowed: bool) -> None:
    """Refuse with 403 unless allowed; the twin of `visible_to`, which answers 404."""
    if not allowed:
        raise PermissionDenied


def has_role(person: Person, school: School, *kinds: str, on: date) -> bool:
    """Whether a person holds one of the roles at a school on a date. Superusers get nothing."""
    return Role.objects.live(person, on=on).filter(school=school, kind__in=kinds).exists()


def can_administer(person: Person, school: School, *, on: date) -> bool:
    """Administrators keep rosters, calendars and roles; they read no note."""
    return has_role(person, school, Role.Kind.SCHOOL_ADMIN, on=on)


def can_host(person: Person, school: School, *, on: date) -> bool:
    """Leaders and counselors have a grid of free times."""
    return has_role(person, school, *Role.HOSTS, on=on)


def can_counsel(person: Person, school: School, *, on: date) -> bool:
    """Counselors, once a safeguarding lead with a number stands behind them (DECISIONS 27)."""
    return school.can_counsel and has_role(person, school, Role.Kind.COUNSELOR, on=on)


def is_party(person: Person, pairing: Pairing) -> bool:
    return pairing.is_party(person)
