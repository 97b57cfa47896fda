"""A school that nobody administers: an import made it, or they have left."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse, reverse_lazy

from conftest import NOW
from people import actions
from people.models import OutgoingMail, Person
from people.permissions import can_administer
from people.tests.factories import PersonFactory, SchoolFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

DISTRICT = reverse_lazy("scheduling:district")
ADMINISTRATOR = {
    "email": "Grace@school.example",
    "given_name": "Grace",
    "family_name": "Hart",
}


@pytest.fixture
def school():
    """A demo school: it asks for no second factor."""
    return SchoolFactory(demo=True)


@pytest.fixture
def office(school):
    return PersonFactory(district_administrator=True, school=school)


@pytest.fixture
def signed_in(client, office):
    client.force_login(office.user)
    return client


@pytest.fixture
def left_alone():
    """A school that an import of the district made."""
    return SchoolFactory(name="Creek Bay", demo=True)


def name_one(client, school, **more):
    address = reverse("scheduling:district_administrator", args=[school.uid])
    return client.post(address, ADMINISTRATOR | more)


def test_the_district_names_an_administrator_where_there_is_none(
    signed_in, left_alone, django_capture_on_commit_callbacks
):
    page = signed_in.get(DISTRICT)
    assert "for Creek Bay</span>" in page.text

    with django_capture_on_commit_callbacks(execute=True):
        name_one(signed_in, left_alone)

    grace = Person.objects.get(email="grace@school.example")
    assert can_administer(grace, left_alone, on=NOW.date())
    assert OutgoingMail.objects.filter(person=grace).exists()
    assert "for Creek Bay</span>" not in signed_in.get(DISTRICT).text


def test_somebody_known_is_named_and_not_made_twice(signed_in, school, left_alone):
    known = PersonFactory(administrator=True, school=school, email="grace@school.example")

    name_one(signed_in, left_alone)

    assert Person.objects.filter(email="grace@school.example").count() == 1
    assert can_administer(known, left_alone, on=NOW.date())


def test_a_school_with_an_administrator_names_others_itself(signed_in, left_alone):
    PersonFactory(administrator=True, school=left_alone)
    address = reverse("scheduling:district_administrator", args=[left_alone.uid])

    looked = signed_in.get(address)
    tried = name_one(signed_in, left_alone)

    assert looked.status_code == 302
    assert "has an administrator" in tried.text
    assert not Person.objects.filter(email="grace@school.example").exists()


@pytest.mark.parametrize("kind", ["administrator", "leader", "teacher"])
def test_only_the_district_names_administrators_of_other_schools(school, left_alone, kind):
    person = PersonFactory(school=school, **{kind: True})

    with pytest.raises(PermissionDenied):
        actions.name_administrator(
            left_alone, actions.Newcomer("Grace", "Hart", "g@school.example"), by=person, at=NOW
        )


def test_the_demo_and_real_schools_are_apart(signed_in, office):
    real = SchoolFactory(name="Real")

    assert name_one(signed_in, real).status_code == 404
    with pytest.raises(PermissionDenied):
        actions.name_administrator(
            real, actions.Newcomer("Grace", "Hart", "g@school.example"), by=office, at=NOW
        )


def test_what_is_missing_is_said_and_kept(signed_in, left_alone):
    page = name_one(signed_in, left_alone, email="no address")

    assert "Enter an e-mail address, such as" in page.text
    assert "no address" in page.text
    assert not left_alone.roles.exists()
