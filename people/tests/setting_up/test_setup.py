"""Who comes to the pages of setting up, and what they say is missing."""

from datetime import timedelta

import pytest

from conftest import NOW
from people.tests.factories import OutgoingMailFactory, PersonFactory, RoleFactory, UserFactory
from people.tests.setting_up.setup_page import IMPORT, LIST, PREVIEW, SCHOOL, SETUP, enter, page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


@pytest.mark.parametrize("trait", ["leader", "teacher", "counselor", "student", "guardian"])
def test_setup_pages_are_for_administrators(client, school, trait):
    visitor = PersonFactory(school=school, **{trait: True})
    visitor.user = visitor.user or UserFactory()
    visitor.save()
    enter(client, visitor)
    someone = PersonFactory(school=school, teacher=True)

    for url in (SETUP, SCHOOL, LIST, IMPORT, PREVIEW, page("person_edit", someone)):
        assert client.get(url).status_code == 403
    for name in ("person_end", "person_invite", "role_give"):
        assert client.post(page(name, someone)).status_code == 403
    assert client.post(page("role_end", someone, "teacher")).status_code == 403


def test_people_of_another_school_are_not_found(client, admin):
    stranger = PersonFactory(teacher=True)

    assert client.get(page("person_edit", stranger)).status_code == 404
    assert client.post(page("person_end", stranger)).status_code == 404
    assert client.post(page("role_end", stranger, "teacher")).status_code == 404
    assert client.post(page("person_invite", stranger)).status_code == 404
    assert stranger.name not in client.get(LIST).text


def test_setup_says_what_is_missing_in_order(client, school):
    response = client.get(SETUP)

    titles = [step["title"] for step in response.context["steps"]]
    assert titles[:2] == ["School", "People"]
    assert response.context["upcoming"]["title"] == "People"
    assert "One sheet with the staff is enough to begin." in response.text
    assert "Counseling waits for a safeguarding lead with a phone number." in response.text


def test_setup_tells_a_leader_who_can_sign_in(client, school):
    elena = PersonFactory(leader=True, school=school)

    shown = client.get(SETUP)
    assert f"{elena.name} can sign in." in shown.text
    assert "Invite another leader" in shown.text


def test_setup_counts_mails_that_could_not_be_sent(client, school, admin):
    def give_up(person, days):
        at = NOW - timedelta(days=days)
        OutgoingMailFactory(person=person, error="SMTPDataError", dropped_at=at)

    RoleFactory(person=admin, school=school, leader=True)  # two roles are one person
    give_up(PersonFactory(administrator=True), 1)
    give_up(admin, 9)
    assert "could not be sent" not in client.get(SETUP).text

    give_up(admin, 1)
    assert "1 mail could not be sent this week." in client.get(SETUP).text


@pytest.mark.parametrize("count", [1, 30])
def test_setup_query_count(client, school, count, django_assert_max_num_queries):
    PersonFactory.create_batch(count, teacher=True, school=school)

    with django_assert_max_num_queries(14):
        assert client.get(SETUP).status_code == 200
