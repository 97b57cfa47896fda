"""Leaving one school of several ends what one is and has there, and nothing elsewhere."""

import pytest

from conftest import NOW
from people import actions
from people.models import Assistance, Guardianship, Line, Role
from people.tests.factories import (
    TERM_STARTS_ON,
    GroupFactory,
    LineFactory,
    MembershipFactory,
    PersonFactory,
    RoleFactory,
    SchoolFactory,
)

pytestmark = pytest.mark.django_db

TODAY = NOW.date()
FACTS = {"given_name": "Tom", "family_name": "Ash", "email": "tom@school.example"}


@pytest.fixture
def school():
    return SchoolFactory()


@pytest.fixture
def elsewhere():
    return SchoolFactory()


@pytest.fixture
def administrator(school):
    return PersonFactory(administrator=True, school=school)


@pytest.fixture
def both(school, elsewhere):
    """A leader of two schools."""
    person = PersonFactory(leader=True, school=school)
    RoleFactory(person=person, school=elsewhere, leader=True)
    return person


def running(rows):
    return set(rows.filter(ends_on=None).values_list("pk", flat=True))


def test_lines_of_the_other_school_go_on(school, elsewhere, administrator, both):
    here = LineFactory(person=PersonFactory(teacher=True, school=school), manager=both)
    there = LineFactory(person=PersonFactory(teacher=True, school=elsewhere), manager=both)

    actions.end_person(both, school, by=administrator, at=NOW, successor=administrator)

    new = Line.objects.get(manager=administrator)
    assert new.person == here.person
    assert running(Line.objects) == {there.pk, new.pk}


def test_families_assistants_and_groups_of_the_other_school_go_on(
    school, elsewhere, administrator, both
):
    kept = set()
    for place in (school, elsewhere):
        child = PersonFactory(student=True, school=place)
        helper = PersonFactory(support_staff=True, school=place)
        group = GroupFactory(school=place)
        rows = [
            Guardianship.objects.create(guardian=both, student=child, starts_on=TERM_STARTS_ON),
            Assistance.objects.create(host=both, assistant=helper, starts_on=TERM_STARTS_ON),
            MembershipFactory(group=group, person=both, is_adult=True),
        ]
        if place == elsewhere:
            kept = {(type(row), row.pk) for row in rows}

    actions.end_person(both, school, by=administrator, at=NOW)

    models = {model for model, _ in kept}
    assert {(model, pk) for model in models for pk in running(model.objects)} == kept
    both.refresh_from_db()
    assert both.is_active
    assert both.user.is_active


def test_who_begins_at_another_school_later_stays(school, elsewhere, administrator):
    teacher = PersonFactory(teacher=True, school=school)
    Role.objects.create(
        person=teacher, school=elsewhere, kind=Role.Kind.TEACHER, starts_on="2026-11-02"
    )

    actions.end_person(teacher, school, by=administrator, at=NOW)

    teacher.refresh_from_db()
    assert teacher.is_active


def test_manager_of_the_other_school_is_not_touched_here(school, elsewhere, administrator):
    tom = PersonFactory(teacher=True, school=school)
    RoleFactory(person=tom, school=elsewhere)
    line = LineFactory(person=tom, manager=PersonFactory(leader=True, school=elsewhere))

    actions.change_person(tom, school, by=administrator, at=NOW, line_manager=None, **FACTS)
    with pytest.raises(actions.CannotChangePerson, match="Another school"):
        actions.change_person(
            tom, school, by=administrator, at=NOW, line_manager=administrator, **FACTS
        )

    assert running(Line.objects) == {line.pk}


def test_manager_who_is_at_no_school_with_them_is_replaced(school, administrator):
    tom = PersonFactory(teacher=True, school=school)
    LineFactory(person=tom)

    actions.change_person(
        tom, school, by=administrator, at=NOW, line_manager=administrator, **FACTS
    )

    assert Line.objects.get(ends_on=None).manager == administrator
