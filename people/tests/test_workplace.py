"""Somebody who works at several schools: choosing one, and forms that remember theirs."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from conftest import NOW
from people.models import School
from people.workplace import CHOSEN, MADE_FOR
from scheduling.tests.factories import SlotFactory, school_with_calendar

from .factories import PersonFactory, RoleFactory, SchoolFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

LINE = "Change school"
# Pages of an administrator that hold a form of their own, without an argument
FORMS = [
    "people:school_edit",
    "people:roster_import",
    "scheduling:term_edit",
    "scheduling:closure_edit",
    "scheduling:weekdays_edit",
    "scheduling:bell_schedule_edit",
    "scheduling:lesson_import",
    "scheduling:schedule",
    "scheduling:invite",
    "notes:standing",
]


@pytest.fixture
def schools():
    """Two schools, in the order of their roles."""
    return [
        school_with_calendar(at=NOW, name=name, slug=name.lower(), is_demo=True)
        for name in ("Harbor", "Bayside")
    ]


@pytest.fixture
def person(schools):
    """Leader and administrator of both."""
    person = PersonFactory()
    for school in schools:
        RoleFactory(person=person, school=school, leader=True)
        RoleFactory(person=person, school=school, administrator=True)
    return person


@pytest.fixture
def signed_in(client, person):
    client.force_login(person.user)
    return client


def choose(signed_in, school):
    return signed_in.post(reverse("people:workplace_choose", args=[school.uid]))


def about(signed_in, name="people:setup"):
    """The school that a page is about, as its line says it."""
    text = signed_in.get(reverse(name)).text
    return re.search(r'<nav class="workplace" aria-label="School"><b>(.*?)</b>', text)[1]


def test_the_first_school_is_where_one_works(signed_in):
    assert about(signed_in) == "Harbor"


def test_choosing_a_school_takes_every_page_there(signed_in, schools):
    _, bayside = schools

    response = choose(signed_in, bayside)

    assert response["Location"] == reverse("people:setup")
    assert signed_in.session[CHOSEN] == str(bayside.uid)
    assert about(signed_in) == about(signed_in, "scheduling:calendar") == "Bayside"
    assert signed_in.get(reverse("people:school_edit")).context["form"]["name"].value() == "Bayside"
    assert signed_in.get(reverse("scheduling:schedule")).context["term"] == bayside.terms.get()
    assert signed_in.get(reverse("people:workplace_list")).text.count("You work here now") == 1


def test_who_works_at_one_school_has_nothing_to_choose(client, schools):
    person = PersonFactory(teacher=True, school=schools[0])
    RoleFactory(person=person, school=schools[1], administrator=True)
    client.force_login(person.user)

    text = client.get(reverse("people:setup")).text

    assert LINE not in text
    assert "Bayside" in text
    assert choose(client, schools[0]).status_code == 404


def test_a_school_of_others_cannot_be_chosen(signed_in):
    response = choose(signed_in, SchoolFactory(name="Cedar"))

    assert response.status_code == 404
    assert CHOSEN not in signed_in.session
    assert about(signed_in) == "Harbor"


def test_a_choice_in_the_session_is_worth_only_what_the_roles_are(signed_in):
    session = signed_in.session
    session[CHOSEN] = str(SchoolFactory(name="Cedar").uid)
    session.save()

    assert about(signed_in) == "Harbor"
    assert CHOSEN not in signed_in.session


def test_a_choice_ends_with_the_role(signed_in, person, schools):
    choose(signed_in, schools[1])
    assert about(signed_in) == "Bayside"
    person.roles.filter(school=schools[1]).update(ends_on=NOW.date().replace(day=9))

    text = signed_in.get(reverse("people:setup")).text

    assert "Harbor" in text
    assert "Bayside" not in text
    assert CHOSEN not in signed_in.session


def test_a_form_is_saved_at_the_school_for_which_it_was_made(signed_in, schools):
    harbor, bayside = schools
    form = {
        "name": "Spring",
        "starts_on": "2027-01-11",
        "ends_on": "2027-06-11",
        "school_year": 2027,
    }
    choose(signed_in, bayside)

    response = signed_in.post(
        reverse("scheduling:term_edit"), {**form, MADE_FOR: str(harbor.uid)}, follow=True
    )

    assert harbor.terms.filter(name="Spring").exists()
    assert bayside.terms.count() == 1
    assert "<b>Harbor</b>" in response.text  # and one goes on there


def test_a_form_of_a_school_one_has_left_changes_nothing(signed_in, person, schools):
    harbor, _ = schools
    person.roles.filter(school=harbor).update(ends_on=NOW.date().replace(day=9))
    names = list(School.objects.values_list("name", flat=True))
    sent = {"name": "Mine", "time_zone": "UTC", "locale": "en-us", "policy": "uk"}

    response = signed_in.post(reverse("people:school_edit"), {**sent, MADE_FOR: str(harbor.uid)})

    assert response.status_code == 403
    assert list(School.objects.values_list("name", flat=True)) == names


def test_another_site_cannot_choose(person, schools):
    signed_in = Client(enforce_csrf_checks=True)
    signed_in.force_login(person.user)

    response = signed_in.post(reverse("scheduling:cells_paint"), {MADE_FOR: str(schools[1].uid)})

    assert response.status_code == 403
    assert CHOSEN not in signed_in.session


@pytest.mark.parametrize("name", FORMS)
def test_every_form_about_a_school_says_which(signed_in, person, schools, name):
    term = schools[1].terms.get()
    SlotFactory(term=term, host=person, column="4")
    choose(signed_in, schools[1])

    text = signed_in.get(reverse(name)).text

    forms = re.findall(r'<form[^>]*method="post".*?</form>', text.split("<main")[1], re.DOTALL)
    assert forms
    for form in forms:
        assert f'name="{MADE_FOR}" value="{schools[1].uid}"' in form


def test_forms_say_nothing_where_there_is_no_choice(client, schools):
    client.force_login(PersonFactory(administrator=True, school=schools[0]).user)

    assert MADE_FOR not in client.get(reverse("people:school_edit")).text


def test_a_file_of_one_school_is_not_shown_at_another(signed_in, schools, tmp_path, settings):
    settings.VAR_DIR = tmp_path
    file = tmp_path / "roster.csv"
    file.write_text("given name,family name,email,role\nVera,Quill,v@school.example,teacher\n")
    with file.open("rb") as opened:
        signed_in.post(reverse("people:roster_import"), {"file": opened})
    assert "Vera" in signed_in.get(reverse("people:roster_preview")).text

    choose(signed_in, schools[1])

    response = signed_in.get(reverse("people:roster_preview"), follow=True)
    assert "Vera" not in response.text
    assert "no longer here" in response.text


def test_a_host_of_two_schools_has_a_grid_at_each(signed_in, person, schools):
    for school, column in zip(schools, "25", strict=True):
        SlotFactory(term=school.terms.get(), host=person, column=column)

    painted = {}
    for school in schools:
        choose(signed_in, school)
        cells = signed_in.get(reverse("scheduling:schedule")).context["grid"].cells.values()
        painted[school.name] = [cell.column for cell in cells if cell.slot]

    assert painted == {"Harbor": ["2"], "Bayside": ["5"]}
