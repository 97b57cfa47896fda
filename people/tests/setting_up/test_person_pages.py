"""The people of a school one by one: facts, roles, logins, leaving."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from audit.models import Event
from conftest import NOW
from people.models import Line, OutgoingMail, Person, Role
from people.tests.factories import LineFactory, PersonFactory, RoleFactory
from people.tests.setting_up.setup_page import LIST, SINCE, TODAY, page, said

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


def kinds(person, on=TODAY):
    return set(Role.objects.live(person, on=on).values_list("kind", flat=True))


def test_person_list_searches_and_filters(client, school, admin):
    elena = PersonFactory(leader=True, school=school, given_name="Elena", family_name="Marsh")
    student = PersonFactory(student=True, school=school, given_name="Jada")
    RoleFactory(person=elena, school=school, kind=Role.Kind.TEACHER)

    def found(**query):
        return set(client.get(LIST, query).context["page"])

    assert found() == {admin, elena, student}
    assert found(q="mar ele") == {elena}
    assert found(role="staff") == {admin, elena}
    assert found(role="student") == {student}
    assert found(role="nonsense", q="jada") == {student}
    assert found(q="%") == set()
    assert found(q="x" * 500) == {admin, elena, student}
    assert found(page="999") == {admin, elena, student}


def test_person_list_chooses_between_staff_students_and_guardians_with_counts(client, school):
    PersonFactory.create_batch(2, teacher=True, school=school, family_name="Ash")
    student = PersonFactory(student=True, school=school, family_name="Ash")
    both = PersonFactory(guardian=True, school=school, given_name="Both")
    RoleFactory(person=both, school=school, kind=Role.Kind.TEACHER)
    PersonFactory(student=True)

    def choices(**query):
        found = client.get(LIST, query).context["choices"]
        return {each["words"]: each["count"] for each in found}

    assert choices() == {"All": 5, "Staff": 4, "Students": 1, "Guardians": 1}
    assert choices(role="student") == choices()
    assert choices(q="ash") == {"All": 3, "Staff": 2, "Students": 1, "Guardians": 0}
    assert choices(show="left") == {"All": 0, "Staff": 0, "Students": 0, "Guardians": 0}

    shown = BeautifulSoup(client.get(LIST, {"q": "ash", "role": "staff"}).content, "html.parser")
    [chosen] = shown.select('#results .filters [aria-current="page"]')
    assert chosen.get_text(" ", strip=True) == "Staff 2"
    [students] = [each for each in shown.select("#results .filters a") if "Students" in each.text]
    assert list(client.get(LIST + students["href"]).context["page"]) == [student]


def test_person_list_partial_is_part_of_page(client, school):
    whole = client.get(LIST).text
    part = client.get(LIST, headers={"HX-Request": "true"}).text

    assert part.strip() in whole


@pytest.mark.parametrize("count", [1, 60])
def test_person_list_query_count(client, school, count, django_assert_max_num_queries):
    PersonFactory.create_batch(count, teacher=True, school=school)

    with django_assert_max_num_queries(10):
        response = client.get(LIST)

    assert len(response.context["page"]) == min(count + 1, 50)


def person_form(**changes):
    return {
        "given_name": "Tom",
        "family_name": "Ash",
        "preferred_name": "",
        "pronouns": "he",
        "email": "Tom@School.example",
        "job": "Science",
        "started_on": "2024-09-01",
        "line_manager": "",
    } | changes


def test_person_edit_saves_facts_and_manager(client, school, admin):
    tom = PersonFactory(teacher=True, school=school)

    client.post(page("person_edit", tom), person_form(line_manager=admin.pk))

    tom.refresh_from_db()
    assert (tom.name, tom.email, tom.job) == ("Tom Ash", "tom@school.example", "Science")
    assert tom.lines.get().manager == admin
    assert Event.objects.get(chain=school.pk).act == Event.Act.PERSON_CHANGE
    client.post(page("person_edit", tom), person_form())
    assert tom.lines.get().ends_on < TODAY


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"given_name": ""}, "given_name"),
        ({"family_name": "A" * 81}, "family_name"),
        ({"email": "nowhere"}, "email"),
        ({"email": "taken@school.example"}, "email"),
        ({"started_on": "soon"}, "started_on"),
        ({"line_manager": "0"}, "line_manager"),
    ],
)
def test_person_edit_refuses(client, school, changes, field):
    tom = PersonFactory(teacher=True, school=school)
    PersonFactory(teacher=True, school=school, email="taken@school.example")

    response = client.post(page("person_edit", tom), person_form(**changes))

    assert list(response.context["form"].errors) == [field]
    assert Person.objects.get(pk=tom.pk).given_name == tom.given_name


def test_person_edit_refuses_managers_in_a_circle(client, school):
    tom = PersonFactory(teacher=True, school=school)
    elena = PersonFactory(leader=True, school=school)
    LineFactory(person=elena, manager=tom)

    response = client.post(page("person_edit", tom), person_form(line_manager=elena.pk))

    assert response.context["form"].errors["line_manager"] == [
        "That would make somebody their own manager's manager."
    ]


def test_person_edit_of_a_student_has_a_grade_and_no_manager(client, school):
    jada = PersonFactory(student=True, school=school)

    client.post(page("person_edit", jada), {"given_name": "Jada", "family_name": "W", "grade": "8"})

    jada.refresh_from_db()
    assert (jada.given_name, jada.grade) == ("Jada", "8")


@pytest.mark.parametrize(("kind", "signs_in"), [("counselor", True), ("support_staff", False)])
def test_role_give_makes_a_login_for_those_who_need_one(client, school, kind, signs_in):
    tom = PersonFactory(teacher=True, school=school, user=None)

    client.post(page("role_give", tom), {"kind": kind, "title": "", "ends_on": "2026-12-18"})

    tom.refresh_from_db()
    assert kinds(tom) == {"teacher", kind}
    assert (tom.user is not None) is signs_in
    assert OutgoingMail.objects.filter(person=tom).exists() is signs_in
    assert Event.objects.filter(act=Event.Act.ROLE_CHANGE, basis=f"give.{kind}").exists()


def test_role_give_says_when_nobody_can_sign_in(client, school):
    tom = PersonFactory(teacher=True, school=school, user=None, email="")

    response = client.post(page("role_give", tom), {"kind": "counselor"}, follow=True)

    assert any("cannot sign in yet" in words for words in said(response))


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"kind": ""}, "kind"),
        ({"kind": "king"}, "kind"),
        ({"kind": "student"}, "kind"),
        ({"kind": "teacher"}, "kind"),
        ({"kind": "leader", "title": "A" * 81}, "title"),
        ({"kind": "leader", "ends_on": "2026-10-11"}, "ends_on"),
        ({"kind": "leader", "ends_on": "never"}, "ends_on"),
    ],
)
def test_role_give_refuses(client, school, given, field):
    tom = PersonFactory(teacher=True, school=school)

    response = client.post(page("role_give", tom), given)

    assert list(response.context["form"].errors) == [field]
    assert kinds(tom) == {"teacher"}


def test_role_end_takes_the_right_away_at_once(client, school):
    tom = PersonFactory(teacher=True, school=school)
    RoleFactory(person=tom, school=school, counselor=True)

    client.post(page("role_end", tom, "counselor", SINCE))

    assert kinds(tom) == {"teacher"}
    assert Event.objects.filter(act=Event.Act.ROLE_CHANGE, basis="end.counselor").exists()


def test_role_end_refuses_the_only_role(client, school):
    tom = PersonFactory(teacher=True, school=school)

    response = client.post(page("role_end", tom, "teacher", SINCE), follow=True)

    assert "This is their only role." in said(response)[0]
    assert kinds(tom) == {"teacher"}


def test_last_administrator_cannot_leave(client, school, admin):
    RoleFactory(person=admin, school=school, leader=True)

    response = client.post(page("role_end", admin, "school_admin", SINCE), follow=True)

    assert "They are the last administrator." in said(response)[0]
    assert "school_admin" in kinds(admin)
    ended = client.post(page("person_end", admin))
    assert "Somebody else has to end your own time here." in ended.text


def test_administrator_may_leave_when_there_is_another(client, school, admin):
    PersonFactory(administrator=True, school=school)
    RoleFactory(person=admin, school=school, leader=True)

    client.post(page("role_end", admin, "school_admin", SINCE))

    assert kinds(admin) == {"leader"}


def test_person_end_ends_access_and_hands_over(client, school, admin):
    tom = PersonFactory(leader=True, school=school)
    ann = PersonFactory(teacher=True, school=school)
    bob = PersonFactory(teacher=True, school=school)
    for person in (ann, bob):
        LineFactory(person=person, manager=tom)
    LineFactory(person=tom, manager=admin)

    client.post(page("person_end", tom), {"successor": ann.pk})

    tom.refresh_from_db()
    assert (tom.is_active, tom.user.is_active, kinds(tom)) == (False, False, set())
    in_force = Line.objects.filter(ends_on=None).values_list("person", "manager")
    assert set(in_force) == {(bob.pk, ann.pk), (ann.pk, admin.pk)}
    assert "Has left the school" in client.get(page("person_edit", tom)).text


def test_person_end_refuses_a_stranger_as_successor(client, school):
    tom = PersonFactory(leader=True, school=school)

    response = client.post(page("person_end", tom), {"successor": PersonFactory(leader=True).pk})

    assert list(response.context["form"].errors) == ["successor"]
    assert Person.objects.get(pk=tom.pk).is_active


def test_ended_login_is_signed_out(client, school, admin):
    tom = PersonFactory(leader=True, school=school)
    theirs = type(client)()
    theirs.force_login(tom.user)

    client.post(page("person_end", tom))

    assert theirs.get(reverse("people:account")).status_code == 302


def test_person_invite_lets_somebody_sign_in(client, school):
    tom = PersonFactory(leader=True, school=school, user=None)

    response = client.post(page("person_invite", tom), follow=True)

    tom.refresh_from_db()
    assert tom.user.email == tom.email
    assert said(response) == ["They can sign in now, and are told so by mail."]


def test_person_invite_moves_a_login_and_a_role_does_not(client, school):
    tom = PersonFactory(teacher=True, school=school)
    before = tom.user.email
    Person.objects.filter(pk=tom.pk).update(email="after@school.example")

    client.post(page("role_give", tom), {"kind": "counselor"})
    tom.user.refresh_from_db()
    assert tom.user.email == before
    assert "the old address is told" in client.get(page("person_edit", tom)).text

    client.post(page("person_invite", tom))
    tom.user.refresh_from_db()
    assert tom.user.email == "after@school.example"
    assert OutgoingMail.objects.filter(kind="signin_address", person=tom).exists()


@pytest.mark.parametrize(
    ("name", "more", "sent", "words"),
    [
        ("role_give", [], {"kind": "counselor"}, "They cannot sign in yet."),
        ("person_end", [], {}, "They have left."),
    ],
)
def test_messages_in_the_session_name_nobody(client, school, name, more, sent, words):
    tom = PersonFactory(teacher=True, school=school, user=None, email="")
    RoleFactory(person=tom, school=school, leader=True)

    sentences = said(client.post(page(name, tom, *more), sent, follow=True))

    assert any(sentence.startswith(words) for sentence in sentences)
    assert tom.first_name not in str(sentences)


@pytest.mark.parametrize("name", ["person_edit", "role_give", "person_end"])
def test_person_pages_query_count(client, school, name, django_assert_max_num_queries):
    tom = PersonFactory(leader=True, school=school)
    PersonFactory.create_batch(20, teacher=True, school=school)
    RoleFactory(person=tom, school=school, kind="teacher", ends_on=NOW - timedelta(days=9))

    with django_assert_max_num_queries(12):
        assert client.get(page(name, tom)).status_code == 200


@pytest.mark.parametrize("name", ["person_edit", "person_erase", "second_step_off"])
def test_pages_of_somebody_belong_to_people(client, school, name):
    tom = PersonFactory(teacher=True, school=school)

    shown = client.get(page(name, tom)).text

    assert shown.count('aria-current="true"') == 2  # the bar and the tabs
