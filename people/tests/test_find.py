"""Finding a person: by any part of a name, and only among those one may know of."""

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from people.tests.factories import (
    GroupFactory,
    MembershipFactory,
    PersonFactory,
    RoleFactory,
    SchoolFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

FIND = reverse("people:find")


@pytest.fixture
def school():
    return SchoolFactory()


@pytest.fixture
def teacher(client, school):
    person = PersonFactory(teacher=True, school=school, family_name="Zhao")
    client.force_login(person.user)
    return person


def found(client, words):
    return list(client.get(FIND, {"q": words}).context["people"])


@pytest.mark.parametrize("words", ["okon", "OKON am", "ama", "Nana okonkwo", " ama "])
def test_finds_by_any_part_of_the_name(client, teacher, school, words):
    person = PersonFactory(
        teacher=True,
        school=school,
        given_name="Ama",
        preferred_name="Nana",
        family_name="Okonkwo",
    )

    assert found(client, words) == [person]


def test_finds_only_those_one_may_know_of(client, teacher, school):
    named = {"family_name": "Okonkwo"}
    mine = MembershipFactory(
        group=MembershipFactory(adult=True, person=teacher, group__school=school).group,
        person__family_name="Okonkwo",
    ).person
    colleague = PersonFactory(leader=True, school=school, **named)
    MembershipFactory(group=GroupFactory(school=school), person__family_name="Okonkwo")
    PersonFactory(student=True, school=school, **named)
    PersonFactory(guardian=True, school=school, **named)
    PersonFactory(teacher=True, **named)  # of another school
    PersonFactory(teacher=True, school=school, is_active=False, **named)
    RoleFactory(school=school, ended=True, person__family_name="Okonkwo")

    response = client.get(FIND, {"q": "okonkwo"})

    assert set(response.context["people"]) == {mine, colleague}


@pytest.mark.parametrize("words", ["", "   ", "nobody", "a\x00b", "x" * 500, "%", "_"])
def test_finds_nobody_without_a_name(client, teacher, words):
    response = client.get(FIND, {"q": words})

    assert response.status_code == 200
    assert response.context["people"] == []


def test_more_than_a_page_says_so(client, teacher, school):
    PersonFactory.create_batch(31, teacher=True, school=school, family_name="Smith")

    response = client.get(FIND, {"q": "smith"})

    assert len(response.context["people"]) == 30
    assert "There are more." in response.text


def test_fragment_is_a_part_of_the_page(client, teacher):
    page = BeautifulSoup(client.get(FIND, {"q": "zhao"}).text, "html.parser")
    fragment = client.get(FIND, {"q": "zhao"}, headers={"HX-Request": "true"})

    [part] = BeautifulSoup(fragment.text, "html.parser").find_all(recursive=False)
    assert part == page.find(id="results")
    assert teacher.name in part.text


@pytest.mark.parametrize("count", [1, 20])
def test_queries_do_not_grow_with_people(client, teacher, school, count, django_assert_num_queries):
    PersonFactory.create_batch(count, teacher=True, school=school, family_name="Smith")

    with django_assert_num_queries(5):
        response = client.get(FIND, {"q": "smith"})

    assert len(response.context["people"]) == count
