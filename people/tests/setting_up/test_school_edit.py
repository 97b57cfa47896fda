"""The facts of a school."""

import pytest

from audit.models import Event
from people.models import School
from people.tests.factories import PersonFactory
from people.tests.setting_up.setup_page import SCHOOL, said
from people.tests.signing_in import show_factor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


def school_form(**changes):
    return {
        "name": "Alder Creek",
        "time_zone": "Europe/London",
        "locale": "en-gb",
        "policy": "uk",
        "external_id": "",
        "safeguarding_lead": "",
        "safeguarding_phone": "",
        "second_step_for": "offices",
    } | changes


def test_school_edit_saves_and_is_recorded(client, school):
    sam = PersonFactory(safeguarding_lead=True, school=school)

    response = client.post(
        SCHOOL, school_form(safeguarding_lead=sam.pk, safeguarding_phone="555 0134"), follow=True
    )

    school.refresh_from_db()
    assert (school.name, school.locale, school.can_counsel) == ("Alder Creek", "en-gb", True)
    assert said(response) == ["Saved."]
    assert Event.objects.get(chain=school.pk).act == Event.Act.SCHOOL_CHANGE


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "A" * 121}, "name"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"locale": "xx"}, "locale"),
        ({"external_id": "1" * 121}, "external_id"),
        ({"policy": "none"}, "policy"),
        ({"second_step_for": "nobody"}, "second_step_for"),
        ({"second_step_for": ""}, "second_step_for"),
        ({"safeguarding_lead": "0"}, "safeguarding_lead"),
        ({"safeguarding_lead": "x"}, "safeguarding_lead"),
        ({"safeguarding_phone": "ask Sam"}, "safeguarding_phone"),
        ({"safeguarding_phone": "5" * 41}, "safeguarding_phone"),
    ],
)
def test_school_edit_refuses(client, school, changes, field):
    response = client.post(SCHOOL, school_form(**changes))

    assert list(response.context["form"].errors) == [field]
    assert School.objects.get().name == school.name


def test_school_asks_a_second_step_of_everybody(client, school):
    client.post(SCHOOL, school_form(second_step_for="everybody"))

    school.refresh_from_db()
    assert school.second_step_for == "everybody"
    assert Event.objects.get(chain=school.pk).basis == "second-step:everybody"


def test_of_whom_it_is_asked_is_changed_by_who_has_just_shown_theirs(client, admin, school):
    show_factor(client, admin, ago=600)

    page = client.post(SCHOOL, school_form(second_step_for="everybody"))

    assert "Is it still you?" in page.text
    school.refresh_from_db()
    assert school.second_step_for == "offices"
    client.post(SCHOOL, school_form())  # the rest asks for nothing
    school.refresh_from_db()
    assert school.name == "Alder Creek"


def test_school_edit_keeps_the_number_of_the_school_unless_another_has_it(client, school):
    client.post(SCHOOL, school_form(external_id="HS"))
    school.refresh_from_db()
    assert school.external_id == "HS"
    School.objects.create(name="Other", slug="other", external_id="MS")

    response = client.post(SCHOOL, school_form(external_id="MS"))

    assert response.context["form"].errors == {"external_id": ["Another school has this number."]}


def test_school_edit_offers_no_stranger_as_lead(client, school):
    stranger = PersonFactory(safeguarding_lead=True)

    response = client.post(SCHOOL, school_form(safeguarding_lead=stranger.pk))

    assert "safeguarding_lead" in response.context["form"].errors
    assert stranger.name not in response.text
