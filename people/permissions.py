"""Who may do what with people, schools and pairings they can already see."""

from collections.abc import Sequence
from datetime import date, datetime

from django.core.exceptions import PermissionDenied

from .models import Assistance, Pairing, Person, Role, School
from .models.persons import in_force


def require(allowed: bool) -> None:  # noqa: FBT001 -- it is all there is to say
    """Refuse with 403 unless allowed; the twin of `visible_to`, which answers 404."""
    if not allowed:
        raise PermissionDenied


def has_role(person: Person, school: School, *kinds: str, on: date) -> bool:
    """Whether a person holds one of the roles at a school on a date. Superusers get nothing."""
    return Role.objects.live(person, on=on).filter(school=school, kind__in=kinds).exists()


def can_administer(person: Person, school: School, *, on: date) -> bool:
    """Administrators keep rosters, calendars and roles; they read no note."""
    return has_role(person, school, Role.Kind.SCHOOL_ADMIN, on=on)


def holds_here(roles: Sequence[Role], *kinds: str) -> bool:
    """Whether one of the roles at the school at which somebody works is of these kinds."""
    # The middleware puts the roles of that school first
    return any(role.school_id == roles[0].school_id and role.kind in kinds for role in roles)


def administered_school(roles: Sequence[Role]) -> School:
    """The school at which somebody works, if they administer it; refuses with 403 otherwise."""
    require(holds_here(roles, Role.Kind.SCHOOL_ADMIN))
    return roles[0].school


def hosting_school(roles: Sequence[Role]) -> School:
    """The school at which somebody works, if they have a grid there; refuses with 403 otherwise."""
    require(holds_here(roles, *Role.HOSTS))
    return roles[0].school


def administers_district(person: Person, *, at: datetime) -> bool:
    """
    Whether somebody administers the district: adds schools, and sees totals of each.

    The district is the installation; the office is a role at any one of its schools.
    """
    roles = Role.objects.filter(
        person=person, person__is_active=True, kind=Role.Kind.DISTRICT_ADMIN
    ).select_related("school")
    return any(role.is_in_force(role.school.today(at)) for role in roles)


def is_of_demo_district(person: Person) -> bool:
    """Whether it is the demo's district that somebody administers: the two never mix."""
    roles = Role.objects.filter(person=person, kind=Role.Kind.DISTRICT_ADMIN)
    return not roles.filter(school__is_demo=False).exists()


def can_import(person: Person, school: School | None, *, at: datetime) -> bool:
    """Administrators bring in the roster of their school; those of the district, of all schools."""
    if administers_district(person, at=at):
        return school is None or school.is_demo == is_of_demo_district(person)
    return school is not None and can_administer(person, school, on=school.today(at))


def can_host(person: Person, school: School, *, on: date) -> bool:
    """Leaders and counselors have a grid of free times."""
    return has_role(person, school, *Role.HOSTS, on=on)


def hosts_of(kind: str) -> tuple[str, ...]:
    """The roles of which one is needed to host a kind of talk."""
    if kind == Pairing.Kind.COUNSELING:
        return (Role.Kind.COUNSELOR,)
    # Check-ins are asked for from a grid; all else any two of the staff may have
    return Role.HOSTS if kind == Pairing.Kind.STAFF_CHECK_IN else Role.STAFF


def can_counsel(person: Person, school: School, *, on: date) -> bool:
    """Counselors, once a safeguarding lead with a number stands behind them (DECISIONS 27)."""
    return school.can_counsel and has_role(person, school, Role.Kind.COUNSELOR, on=on)


def is_party(person: Person, pairing: Pairing) -> bool:
    return pairing.is_party(person)


def can_pair(person: Person, school: School, host: Person, *, on: date) -> bool:
    """Staff pair others with themselves; administrators and a host's assistant do it for a host."""
    if person.pk == host.pk:
        return has_role(person, school, *Role.STAFF, on=on)
    return (
        can_administer(person, school, on=on)
        or Assistance.objects.filter(in_force(on), host=host, assistant=person).exists()
    )


def can_give_login(person: Person, *others: Person, at: datetime) -> bool:
    """
    Administrators and those who invite, to the people of their school; one question for all.

    Administrators of the district to the administrators of schools.
    """
    mine = Role.objects.filter(
        person=person, person__is_active=True, kind__in=(Role.Kind.SCHOOL_ADMIN, *Role.HOSTS)
    ).select_related("school")
    theirs: set[int] = set()
    for school in {role.school for role in mine if role.is_in_force(role.school.today(at))}:
        here = Role.objects.in_force(school.today(at)).filter(school=school, person__in=others)
        theirs.update(here.values_list("person", flat=True))
    if theirs.issuperset(other.pk for other in others):
        return True
    offices = Role.objects.filter(person__in=others, kind=Role.Kind.SCHOOL_ADMIN)
    if administers_district(person, at=at):
        theirs.update(
            role.person_id
            for role in offices.select_related("school")
            if role.is_in_force(role.school.today(at))
        )
    return all(other.pk in theirs for other in others)


def can_move_login(person: Person, other: Person, *, at: datetime) -> bool:
    """
    Administrators, for people all of whose schools they administer; never those who only invite.

    Otherwise the administrator of one school could become somebody who leads another.
    """
    theirs = _schools_of(other, at=at)
    return bool(theirs) and all(
        can_administer(person, school, on=school.today(at)) for school in theirs
    )


def administrators_of_all(other: Person, *, at: datetime) -> list[Person]:
    """Those who can move somebody's login; they themselves among them, if they are one."""
    theirs = _schools_of(other, at=at)
    people = Person.objects.active()
    for school in theirs:
        offices = Role.objects.in_force(school.today(at)).filter(
            school=school, kind=Role.Kind.SCHOOL_ADMIN
        )
        people = people.filter(pk__in=offices.values("person"))
    return list(people.select_related("user").order_by("pk")) if theirs else []


def _schools_of(other: Person, *, at: datetime) -> list[School]:
    """The schools at which somebody is something today."""
    return [
        school
        for school in School.objects.filter(roles__person=other).distinct()
        if Role.objects.in_force(school.today(at)).filter(person=other, school=school).exists()
    ]


def needs_factor(roles: list[Role]) -> bool:
    """Whether roles in force ask for a second factor at sign-in; a demo school never does."""
    return any(_asks_for_factor(role) for role in roles)


def _asks_for_factor(role: Role) -> bool:
    asked: dict[str, tuple[str, ...]] = {
        School.SecondStepFor.OFFICES: Role.NEEDS_FACTOR,
        School.SecondStepFor.STAFF: (*Role.NEEDS_FACTOR, *Role.STAFF),
        School.SecondStepFor.EVERYBODY: tuple(Role.Kind),
    }
    return role.kind in asked[role.school.second_step_for] and not role.school.is_demo
