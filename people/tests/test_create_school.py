"""`manage.py create_school` begins a school with somebody who can sign in and set it up."""

from io import StringIO

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command

from conftest import NOW
from people import actions
from people.models import Person, School
from people.permissions import can_administer

from .factories import PersonFactory, RoleFactory, SchoolFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

WHO = {"administrator": "Ada@school.example", "given_name": "Ada", "family_name": "Berg"}


def test_create_school_lets_its_administrator_sign_in():
    out = StringIO()

    call_command("create_school", "Harbor View", time_zone="America/Chicago", stdout=out, **WHO)

    school = School.objects.get(slug="harbor-view")
    ada = Person.objects.get()
    assert can_administer(ada, school, on=NOW.date())
    assert ada.user.email == "ada@school.example"
    assert not ada.user.has_usable_password()
    assert "Ada Berg signs in as ada@school.example" in out.getvalue()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"slug": "taken"}, "There is a school taken already."),
        ({"time_zone": "Mars/Olympus"}, "Mars/Olympus is not a time zone."),
        ({"time_zone": "../etc"}, "is not a time zone."),
        ({"administrator": "ada"}, "Enter a valid email address."),
        ({"slug": "no good"}, "Enter a valid"),
        ({"given_name": "A" * 81}, "at most 80 characters"),
        ({"administrator": "pupil@school.example"}, "A student cannot administer a school."),
        ({"administrator": "demo@school.example"}, "somebody of the demo school"),
        ({"administrator": "twin@school.example"}, "Several people in the district"),
    ],
)
def test_create_school_refuses_in_words(changes, sentence):
    school = SchoolFactory(slug="taken")
    PersonFactory(student=True, school=school, email="pupil@school.example")
    RoleFactory(school__demo=True, person__email="demo@school.example")
    for _ in range(2):
        PersonFactory(without_login=True, email="twin@school.example")
    people = Person.objects.count()

    with pytest.raises(CommandError, match=sentence):
        call_command("create_school", "Harbor View", **(WHO | changes))

    assert School.objects.count() == 2
    assert Person.objects.count() == people


def test_whoever_is_known_by_the_address_is_not_there_twice():
    ada = PersonFactory(leader=True, email="ada@school.example", given_name="Adelaide")

    call_command("create_school", "Harbor View", stdout=StringIO(), **WHO)

    school = School.objects.get(slug="harbor-view")
    assert list(Person.objects.all()) == [ada]
    assert can_administer(ada, school, on=NOW.date())
    ada.refresh_from_db()
    assert ada.given_name == "Adelaide"


def test_no_administrator_of_a_school_opens_another():
    admin = PersonFactory(administrator=True)

    with pytest.raises(PermissionDenied):
        actions.open_school(
            "Mine",
            by=admin,
            at=NOW,
            slug="mine",
            time_zone="UTC",
            administrator=actions.Newcomer("A", "B", ""),
        )
