"""Keeping the district, which is the installation: its schools, and who administers all of them."""

from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q

from audit.actions import record
from audit.models import Event

from .. import tasks
from ..ending import end
from ..home import home_school
from ..models import OutgoingMail, Person, Role, School
from ..permissions import administers_district, is_of_demo_district, require
from .school import CannotChangeSchool


class Newcomer(NamedTuple):
    """Somebody who is to come to a school, known by an e-mail address."""

    given_name: str
    family_name: str
    email: str


class CannotName(CannotChangeSchool):
    """Why somebody cannot administer the district, in words for the person who tried."""


@transaction.atomic
def open_school(
    name: str,
    *,
    by: Person | None,
    at: datetime,
    slug: str,
    time_zone: str,
    administrator: Newcomer,
    locale: str = "en-us",
    weekdays: str = "12345",
) -> Person:
    """
    Begin a school, with its first administrator, who is returned and may have no login yet.

    For administrators of the district, and the command line (`by` None). Whoever is known in the
    district by this address is given the role, and is told, instead of being there twice; their
    name stays as it is. Raises CannotChangeSchool.
    """
    require(by is None or administers_district(by, at=at))
    school = School(
        name=name,
        slug=slug,
        time_zone=time_zone,
        locale=locale,
        weekdays=weekdays,
        is_demo=by is not None and is_of_demo_district(by),
    )
    _save(school)
    person = _give_office(school, administrator, at=at)
    record(
        Event.Act.SCHOOL_CHANGE,
        chain=school.pk,
        by=by.pk if by else None,
        objects=[f"school:{school.pk}", f"person:{person.pk}"],
        basis="open",
        at=at,
    )
    return person


@transaction.atomic
def name_administrator(
    school: School, administrator: Newcomer, *, by: Person, at: datetime
) -> Person:
    """
    Give a school that nobody administers its administrator: an import made it, or they have left.

    For administrators of the district; as in `open_school`, who is known is not there twice. A
    school with an administrator names others itself. Raises CannotChangeSchool.
    """
    require(administers_district(by, at=at) and school.is_demo == is_of_demo_district(by))
    School.objects.select_for_update().get(pk=school.pk)
    offices = Role.objects.in_force(school.today(at)).filter(kind=Role.Kind.SCHOOL_ADMIN)
    if offices.filter(school=school, person__is_active=True).exists():
        raise CannotChangeSchool(f"{school.name} has an administrator, who names others.")
    person = _give_office(school, administrator, at=at)
    record(
        Event.Act.ROLE_CHANGE,
        chain=school.pk,
        by=by.pk,
        objects=[f"person:{person.pk}"],
        basis="give.school_admin",
        at=at,
    )
    return person


@transaction.atomic
def name_for_district(email: str, *, by: Person | None, at: datetime) -> Person:
    """
    Let somebody administer the district, by their address; from the command line only.

    They are known at a school already, where the role stands. Raises CannotName.
    """
    require(by is None)
    person = _by_address(email)
    school = home_school(person)
    if person is None or school is None or not person.is_active:
        raise CannotName(f"Nobody at a school is known by {email}. Add them to a school first.")
    if school.is_demo:
        raise CannotName("Invented people of the demo school cannot administer the district.")
    on = school.today(at)
    held = Role.objects.live(person, on=on)
    if held.filter(kind=Role.Kind.STUDENT).exists():
        raise CannotName("A student cannot administer the district.")
    if not held.filter(kind=Role.Kind.DISTRICT_ADMIN).exists():
        Role.objects.create(
            person=person, school=school, kind=Role.Kind.DISTRICT_ADMIN, starts_on=on
        )
        _record(person, school, basis="give.district_admin", at=at)
    return person


@transaction.atomic
def end_for_district(email: str, *, by: Person | None, at: datetime) -> Person:
    """Take the office of the district from somebody, now; their other roles stay."""
    require(by is None)
    person = _by_address(email)
    roles = Role.objects.filter(person=person, kind=Role.Kind.DISTRICT_ADMIN)
    school = home_school(person)
    if person is None or school is None or not roles.exists():
        raise CannotName(f"Nobody who administers the district is known by {email}.")
    for role in roles.select_related("school"):
        end(roles.filter(pk=role.pk), on=role.school.today(at))
    _record(person, school, basis="end.district_admin", at=at)
    return person


def _give_office(school: School, administrator: Newcomer, *, at: datetime) -> Person:
    """Make somebody known by an address, or new, the administrator; who can sign in is told."""
    person = _known_as(administrator.email, school)
    is_new = person is None
    if person is None:
        person = Person(**administrator._asdict())
        person.email = person.email.lower()
        _clean(person)
        person.save()
    Role.objects.create(
        person=person, school=school, kind=Role.Kind.SCHOOL_ADMIN, starts_on=school.today(at)
    )
    if not is_new and person.user is not None and person.user.is_active:
        OutgoingMail.objects.queue(
            key=f"school_given:{school.uid}:{person.pk}",
            kind="school_given",
            person=person,
            at=at,
            about=school.uid,
        )
        tasks.deliver_soon()
    return person


def _save(school: School) -> None:
    if School.objects.filter(slug=school.slug).exists():
        raise CannotChangeSchool(f"There is a school {school.slug} already.", "slug")
    try:
        ZoneInfo(school.time_zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise CannotChangeSchool(
            f"{school.time_zone} is not a time zone. Write one such as America/Chicago.",
            "time_zone",
        ) from error
    _clean(school)
    try:
        with transaction.atomic():
            school.save()
    except IntegrityError:  # somebody added it a moment ago
        raise CannotChangeSchool(f"There is a school {school.slug} already.", "slug") from None


def _clean(row: School | Person) -> None:
    try:
        row.full_clean()
    except ValidationError as error:
        raise CannotChangeSchool(" ".join(error.messages)) from error


def _known_as(email: str, school: School) -> Person | None:
    """Who has an address already; they come to a new school instead of a twin."""
    person = _by_address(email)
    if person is None:
        return None
    roles = Role.objects.filter(person=person)
    if roles.filter(kind=Role.Kind.STUDENT).exists():
        raise CannotChangeSchool("A student cannot administer a school.", "email")
    if roles.exclude(school__is_demo=school.is_demo).exists():
        raise CannotChangeSchool(
            "This address belongs to somebody of the demo school. Use another one.", "email"
        )
    if not person.is_active:
        Person.objects.filter(pk=person.pk).update(is_active=True)
    return person


def _by_address(email: str) -> Person | None:
    """
    Who signs in with an address, else the only one who is known by it.

    Raises CannotChangeSchool where several are.
    """
    people = Person.objects.select_related("user")
    signing_in = people.filter(user__email=email.lower()).first()
    if signing_in is not None:
        return signing_in
    known = list(people.filter(Q(email__iexact=email), is_active=True)[:2])
    if len(known) > 1:
        raise CannotChangeSchool(
            "Several people in the district have this e-mail address. Use another one.", "email"
        )
    return known[0] if known else None


def _record(person: Person, school: School, *, basis: str, at: datetime) -> None:
    record(
        Event.Act.ROLE_CHANGE,
        chain=school.pk,
        by=None,
        objects=[f"person:{person.pk}"],
        basis=basis,
        at=at,
    )
