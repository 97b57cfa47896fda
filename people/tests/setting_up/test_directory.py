"""Looking through the people of a school, and adding somebody by hand."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from people.models import Leave, Person, Role
from people.tests.factories import (
    GroupFactory,
    LineFactory,
    MembershipFactory,
    PersonFactory,
    RoleFactory,
)
from people.tests.setting_up.setup_page import LIST, TODAY, page, said

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

ADD = reverse("people:person_add")
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)


def found(client, **query):
    return {row.person for row in client.get(LIST, query).context["rows"]}


def test_search_looks_in_address_job_and_group(client, school, admin):
    tom = PersonFactory(teacher=True, school=school, email="t.ash@school.example", job="Science")
    jada = PersonFactory(student=True, school=school)
    owls, other = GroupFactory(school=school, name="Owls"), GroupFactory(name="Elsewhere")
    for person in (tom, jada):
        MembershipFactory(group=owls, person=person)
        MembershipFactory(group=other, person=person)

    assert found(client, q="t.ash@") == {tom}
    assert found(client, q="scien") == {tom}
    assert found(client, q="owls") == {tom, jada}
    assert found(client, q="owls science") == {tom}
    assert found(client, q="elsewhere") == set()


def test_filters_show_what_an_administrator_looks_for(client, school, admin):
    manager = PersonFactory(leader=True, school=school)
    without_login = PersonFactory(teacher=True, school=school, user=None, email="")
    away = PersonFactory(teacher=True, school=school)
    Leave.objects.create(person=away, starts_on=YESTERDAY, ends_on=TODAY)
    leaving = RoleFactory(school=school, ends_on=TOMORROW).person
    coming = RoleFactory(school=school, starts_on=TOMORROW).person
    gone = RoleFactory(school=school, ended=True).person
    student = PersonFactory(student=True, school=school)
    for person in (without_login, away, leaving):
        LineFactory(person=person, manager=manager)
    PersonFactory(teacher=True)  # of another school

    assert found(client) == {admin, manager, without_login, away, leaving, student}
    assert found(client, show="no_login") == {without_login}
    assert found(client, show="no_email") == {without_login}
    assert found(client, show="no_manager") == {admin, manager}
    assert found(client, show="away") == {away}
    assert found(client, show="leaving") == {leaving}
    assert found(client, show="coming") == {coming}
    assert found(client, show="left") == {gone}
    assert found(client, show="left", role="student") == set()
    assert found(client, show="nonsense", role="leader") == {manager}


def test_list_says_one_thing_of_each(client, school, admin):
    def state(person):
        rows = client.get(LIST, {"show": show}).context["rows"]
        return next(row.state for row in rows if row.person == person)

    show = ""
    tom = PersonFactory(teacher=True, school=school)
    assert state(tom) == "Invited, has not signed in yet"
    assert state(admin) == "Signs in"
    assert state(PersonFactory(teacher=True, school=school, user=None)) == "Cannot sign in yet"
    assert state(PersonFactory(student=True, school=school)) == ""
    Leave.objects.create(person=tom, starts_on=TODAY, ends_on=date(2026, 11, 20))
    assert state(tom) == "Away until 20 November 2026"
    leaving = RoleFactory(school=school, ends_on=date(2026, 11, 30)).person
    assert state(leaving) == "Until 30 November 2026"
    RoleFactory(school=school, person=leaving, starts_on=date(2026, 12, 1))
    assert state(leaving) == "Invited, has not signed in yet"
    show = "coming"
    assert state(RoleFactory(school=school, starts_on=TOMORROW).person) == "Begins 13 October 2026"
    show = "left"
    assert state(RoleFactory(school=school, ended=True).person) == "Left 9 October 2026"


@pytest.mark.parametrize("show", ["", "left", "no_login", "away"])
@pytest.mark.parametrize("count", [1, 60])
def test_filtered_list_query_count(client, school, count, show, django_assert_max_num_queries):
    PersonFactory.create_batch(count, teacher=True, school=school, user=None)
    for _ in range(count):
        RoleFactory(school=school, ended=True)

    with django_assert_max_num_queries(10):
        assert client.get(LIST, {"show": show, "q": "f"}).status_code == 200


def person(**changes):
    return {
        "kind": "teacher",
        "given_name": "Vera",
        "family_name": "Lind",
        "email": "Vera@School.example",
        "job": "Grade 1",
        "starts_on": "2026-11-02",
    } | changes


def test_add_puts_somebody_on_the_record_without_a_login(client, school):
    response = client.post(ADD, person(), follow=True)

    vera = Person.objects.get(given_name="Vera")
    role = vera.roles.get()
    assert (vera.email, vera.user, role.school) == ("vera@school.example", None, school)
    assert (role.kind, role.starts_on) == (Role.Kind.TEACHER, date(2026, 11, 2))
    assert said(response) == ["They are on the record now."]
    assert "Not here yet" in response.text


@pytest.mark.parametrize(
    "alike",
    [
        {"given_name": "vera", "family_name": "LIND", "email": ""},
        {"preferred_name": "Vera", "family_name": "Lind"},
    ],
)
def test_add_asks_about_somebody_alike_first(client, school, alike):
    known = RoleFactory(school=school, ended=True, person=PersonFactory(**alike)).person
    PersonFactory(teacher=True, **alike | {"email": "elsewhere@school.example"})

    asked = client.post(ADD, person())

    assert [row.person for row in asked.context["alike"]] == [known]
    assert page("person_edit", known) in asked.text
    assert 'value="Vera"' in asked.text
    assert Person.objects.count() == 3
    client.post(ADD, person(is_somebody_else="on"))
    assert Person.objects.filter(given_name="Vera", email="vera@school.example").count() == 1


def test_add_asks_about_the_address_of_somebody_who_left(client, school):
    RoleFactory(school=school, ended=True, person__email="vera@school.example")
    Person.objects.filter(email="vera@school.example").update(is_active=False)

    assert len(client.post(ADD, person()).context["alike"]) == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": ""}, "kind"),
        ({"kind": "king"}, "kind"),
        ({"given_name": ""}, "given_name"),
        ({"email": "nowhere"}, "email"),
        ({"email": "taken@school.example", "is_somebody_else": "on"}, "email"),
        ({"starts_on": ""}, "starts_on"),
        ({"starts_on": "soon"}, "starts_on"),
        ({"starts_on": "2036-01-01"}, "starts_on"),
        ({"starts_on": "0001-01-01"}, "starts_on"),
    ],
)
def test_add_refuses_in_words(client, school, changes, field):
    PersonFactory(teacher=True, school=school, email="taken@school.example")

    response = client.post(ADD, person(**changes))

    assert list(response.context["form"].errors) == [field]
    assert not Person.objects.filter(family_name="Lind").exists()
