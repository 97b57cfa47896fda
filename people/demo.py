"""Whom one may be in the demo school without signing in: invented people, and nobody else."""

from datetime import date

from django.db.models import Exists, OuterRef

from .models import Person, Role, School
from .models.persons import PersonQuerySet, in_force

ENTRANCES = {
    "principal": Role.Kind.LEADER,
    "teacher": Role.Kind.TEACHER,
    "counselor": Role.Kind.COUNSELOR,
    "administrator": Role.Kind.SCHOOL_ADMIN,
}


def demo_people() -> PersonQuerySet:
    """People with a role in a demo school and none, now or ever, in a real one."""
    roles = Role.objects.filter(person=OuterRef("pk"))
    return Person.objects.active().filter(
        Exists(roles.filter(school__is_demo=True)), ~Exists(roles.filter(school__is_demo=False))
    )


def demo_school() -> School | None:
    """The demo school, unless it was closed: then nobody is anything there any more."""
    open_ = School.objects.filter(is_demo=True, roles__ends_on__isnull=True)
    return open_.order_by("pk").first()


def entrant(entrance: str, *, on: date) -> Person | None:
    """Who comes in through an entrance: the first with that role; those with only it come first."""
    with_login = demo_people().filter(user__is_active=True)
    roles = Role.objects.filter(
        in_force(on), kind=ENTRANCES[entrance], school=demo_school(), person__in=with_login
    )
    others = Role.objects.filter(in_force(on), person=OuterRef("person")).exclude(
        kind=ENTRANCES[entrance]
    )
    role = roles.annotate(has_others=Exists(others)).order_by("has_others", "pk").first()
    return role.person if role else None
