"""Somebody on a school's record, as the pages of its administrators fetch them."""

from django.db.models import Prefetch
from django.shortcuts import get_object_or_404

from ..factors import has_factor
from ..models import Person, Role
from ..permissions import administered_school


def fetch(request, uid):
    """
    The school one administers, and one of those on its record.

    They carry their roles there, newest first, as `roles_ever`, and `has_factor`.
    """
    school = administered_school(request.roles)
    roles = Role.objects.filter(school=school).select_related("school")
    people = (
        Person.objects.on_record_at(school)
        .select_related("user")
        .annotate(has_factor=has_factor("user"))
        .prefetch_related(
            Prefetch("roles", roles.order_by("-starts_on", "-pk"), to_attr="roles_ever")
        )
    )
    return school, get_object_or_404(people, uid=uid)


def staff_besides(person, school, *, on):
    """Whom somebody can answer to or hand over to."""
    return Person.objects.staff_of(school, on=on).exclude(pk=person.pk).by_name()
