"""Roles from when to when: giving, changing, ending, and undoing each; groups besides."""

from datetime import date

import pytest
from django.urls import reverse

from people.models import Change, Membership, Person, Role
from people.tests.factories import GroupFactory, MembershipFactory, PersonFactory, RoleFactory
from people.tests.setting_up.setup_page import SINCE, TODAY, bar, page, said

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


@pytest.fixture
def tom(school):
    return PersonFactory(
        teacher=True, school=school, given_name="Tom", family_name="Ash", user=None
    )


def periods(person):
    return sorted(person.roles.values_list("kind", "starts_on", "ends_on"))


def undo(client):
    change = Change.objects.latest("at", "pk")
    return client.post(reverse("people:undo", args=[change.uid]), follow=True)


TEACHES = ("teacher", date(2026, 9, 7), None)


def test_role_begins_on_its_first_day_and_is_undone(client, school, tom):
    sent = {"kind": "support_staff", "starts_on": "2026-11-02", "ends_on": "2026-12-18"}

    response = client.post(page("role_give", tom), sent, follow=True)

    assert bar(response) == "Tom Ash: Support staff from 2 November 2026 until 18 December 2026."
    given = ("support_staff", date(2026, 11, 2), date(2026, 12, 18))
    assert periods(tom) == [given, TEACHES]
    assert not Role.objects.live(tom, on=TODAY).filter(kind="support_staff").exists()
    undo(client)
    assert periods(tom) == [TEACHES]


def test_who_left_comes_back_with_a_role_and_no_login(client, school):
    gone = RoleFactory(school=school, ended=True).person
    Person.objects.filter(pk=gone.pk).update(is_active=False)
    type(gone.user).objects.update_or_create(pk=gone.user_id, defaults={"is_active": False})

    client.post(page("role_give", gone), {"kind": "teacher"})

    gone.refresh_from_db()
    assert (gone.is_active, gone.user.is_active) == (True, False)


@pytest.mark.parametrize(
    ("sent", "field", "words"),
    [
        ({"starts_on": "2026-11-02", "ends_on": "2026-11-01"}, "ends_on", "before the first day"),
        ({"starts_on": "2026-09-01", "ends_on": "2026-10-01"}, "ends_on", "in the past"),
        ({"ends_on": "2040-01-01"}, "ends_on", "within the next 5 years"),
        ({"starts_on": "2040-01-01"}, "starts_on", "within the next 5 years"),
        ({"starts_on": "1960-01-01"}, "starts_on", "60 years ago"),
        ({"kind": "teacher", "starts_on": "2027-01-01"}, "kind", "since 7 September 2026"),
    ],
)
def test_role_with_days_that_cannot_be_meant_is_refused(client, tom, sent, field, words):
    response = client.post(page("role_give", tom), {"kind": "leader"} | sent)

    assert words in response.context["form"].errors[field][0]
    assert periods(tom) == [TEACHES]


def test_same_role_again_after_its_end_is_no_clash(client, school, tom):
    tom.roles.update(ends_on="2026-10-31")

    client.post(page("role_give", tom), {"kind": "teacher", "starts_on": "2026-11-01"})

    assert len(periods(tom)) == 2


def test_role_change_keeps_days_and_title_and_is_undone(client, school, tom):
    sent = {"title": "Head of science", "starts_on": "2026-09-01", "ends_on": "2026-12-18"}

    response = client.post(page("role_edit", tom, "teacher", SINCE), sent, follow=True)

    assert bar(response).startswith("Tom Ash: Head of science from 1 September 2026 until")
    assert periods(tom) == [("teacher", date(2026, 9, 1), date(2026, 12, 18))]
    undo(client)
    assert (periods(tom), tom.roles.get().title) == ([TEACHES], "")


@pytest.mark.parametrize(
    ("sent", "field", "words"),
    [
        ({"starts_on": ""}, "starts_on", "Enter the first day."),
        ({"ends_on": "2026-09-01"}, "ends_on", "before the first day"),
        ({"ends_on": "2026-10-11"}, "ends_on", "in the past"),
        ({"starts_on": "2026-11-02"}, "starts_on", "It has begun already."),
    ],
)
def test_role_change_refuses_in_words(client, tom, sent, field, words):
    sent = {"starts_on": SINCE} | sent

    response = client.post(page("role_edit", tom, "teacher", SINCE), sent)

    assert words in response.context["form"].errors[field][0]
    assert periods(tom) == [TEACHES]


def test_last_administrator_gets_no_last_day(client, school, admin):
    sent = {"starts_on": SINCE, "ends_on": "2026-12-18"}
    address = page("role_edit", admin, "school_admin", SINCE)

    refused = client.post(address, sent)
    assert "They are the last administrator." in refused.text

    PersonFactory(administrator=True, school=school)
    client.post(address, sent)
    assert admin.roles.get().ends_on == date(2026, 12, 18)


@pytest.mark.parametrize("starts_on", ["soon", "2026-09-08", "2026-13-01"])
def test_role_that_is_not_there_is_not_found(client, tom, starts_on):
    assert client.get(page("role_edit", tom, "teacher", starts_on)).status_code == 404


def test_role_to_come_is_taken_back_without_a_trace(client, school, tom):
    coming = RoleFactory(person=tom, school=school, leader=True, starts_on="2026-11-02")

    response = client.post(page("role_end", tom, "leader", "2026-11-02"), follow=True)

    assert bar(response) == "Tom Ash is no longer Leader."
    assert periods(tom) == [TEACHES]
    undo(client)
    assert periods(tom)[0] == ("leader", date(2026, 11, 2), None)
    assert not Role.objects.filter(pk=coming.pk).exists()


def test_undo_of_an_ending_gives_the_role_back(client, school, tom):
    RoleFactory(person=tom, school=school, leader=True)
    client.post(page("role_end", tom, "leader", SINCE))

    undo(client)

    assert Role.objects.live(tom, on=TODAY).filter(kind="leader").exists()


def test_undo_is_refused_when_the_role_has_changed_since(client, school, tom):
    client.post(page("role_give", tom), {"kind": "leader"})
    tom.roles.filter(kind="leader").update(title="Principal")

    assert said(undo(client)) == ["This has changed again since. Nothing was undone."]
    assert tom.roles.filter(kind="leader").exists()


def test_undo_takes_no_right_without_being_an_administrator(client, school, admin, tom):
    PersonFactory(administrator=True, school=school)
    RoleFactory(person=admin, school=school, leader=True)
    client.post(page("role_end", admin, "school_admin", SINCE))

    assert said(undo(client)) == ["Only administrators of the school can undo this."]
    assert not Role.objects.live(admin, on=TODAY).filter(kind="school_admin").exists()


def test_undo_keeps_an_administrator(client, school, admin, tom):
    client.post(page("role_give", tom), {"kind": "school_admin"})
    admin.roles.update(ends_on="2026-12-18")

    assert any("They are the last administrator." in words for words in said(undo(client)))
    assert tom.roles.filter(kind="school_admin").exists()


def test_groups_are_joined_left_and_undone(client, school, tom):
    owls = GroupFactory(school=school, name="Owls")

    joined = client.post(page("group_join", tom), {"group": owls.pk}, follow=True)
    assert bar(joined) == "Tom Ash is in Owls."
    row = tom.memberships.get()
    assert (row.is_adult, row.starts_on) == (True, TODAY)
    undo(client)
    assert not tom.memberships.exists()

    row = MembershipFactory(group=owls, person=tom)
    left = client.post(page("group_leave", tom, owls.uid), follow=True)
    assert bar(left) == "Tom Ash is no longer in Owls."
    row.refresh_from_db()
    assert row.ends_on < TODAY
    undo(client)
    row.refresh_from_db()
    assert row.ends_on is None


def test_group_of_another_school_is_refused(client, tom):
    response = client.post(page("group_join", tom), {"group": GroupFactory().pk})

    assert response.context["form"].errors["group"] == ["Choose a group of this school."]
    assert not Membership.objects.exists()
    assert client.post(page("group_leave", tom, GroupFactory().uid)).status_code == 404


def test_person_page_says_how_far_signing_in_is(client, school, admin, tom):
    assert "Tom cannot sign in." in client.get(page("person_edit", tom)).text
    client.post(page("person_invite", tom))
    assert "has not done so yet" in client.get(page("person_edit", tom)).text
    shown = client.get(page("person_edit", admin)).text
    assert "Two-step sign-in is on." in shown
    assert "last on" in shown
