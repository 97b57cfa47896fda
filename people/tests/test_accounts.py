"""Logins are given and ended by those who may, and settings are one's own."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from audit.models import Event
from conftest import NOW
from people import actions
from people.delivery import deliver_due
from people.models import OutgoingMail, Role, User
from people.tests.factories import (
    PASSWORD,
    PersonFactory,
    RoleFactory,
    SchoolFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

ACCOUNT = reverse("people:account")


@pytest.fixture
def school():
    return SchoolFactory()


@pytest.fixture
def administrator(school):
    return PersonFactory(administrator=True, school=school)


@pytest.fixture
def newcomer(school):
    return PersonFactory(
        teacher=True, school=school, without_login=True, email="New.Here@School.example"
    )


def test_invited_person_has_a_login_without_password(newcomer, administrator):
    user = actions.invite_user(newcomer, by=administrator, at=NOW)

    newcomer.refresh_from_db()
    assert newcomer.user == user
    assert user.email == "new.here@school.example"
    assert not user.has_usable_password()
    event = Event.objects.get()
    assert (event.act, event.by, event.basis) == ("person.change", administrator.pk, "login.open")
    assert "school.example" not in str(event.about)


def test_inviting_twice_changes_nothing(newcomer, administrator):
    first = actions.invite_user(newcomer, by=administrator, at=NOW)
    again = actions.invite_user(newcomer, by=administrator, at=NOW, with_letter=True)

    assert first == again
    assert User.objects.filter(person=newcomer).count() == Event.objects.count() == 1
    assert not OutgoingMail.objects.exists()


def test_invited_person_is_told_where_no_invitation_does(newcomer, administrator, mailoutbox):
    actions.invite_user(newcomer, by=administrator, at=NOW, with_letter=True)

    deliver_due(at=NOW)

    [mail] = mailoutbox
    assert mail.to == ["new.here@school.example"]
    assert reverse("account_request_login_code") in mail.body


def test_login_follows_the_address_of_the_roster(newcomer, administrator):
    user = actions.invite_user(newcomer, by=administrator, at=NOW)
    newcomer.email = "married@school.example"
    newcomer.save(update_fields=["email"])

    assert actions.invite_user(newcomer, by=administrator, at=NOW) == user

    user.refresh_from_db()
    assert user.email == "married@school.example"


@pytest.mark.parametrize("taken_by", ["another person", "a login without person"])
def test_address_of_somebody_else_is_refused(newcomer, administrator, taken_by):
    factory = PersonFactory if taken_by == "another person" else UserFactory
    factory(email=newcomer.email.lower())

    with pytest.raises(actions.CannotInvite, match="Somebody else signs in"):
        actions.invite_user(newcomer, by=administrator, at=NOW)

    newcomer.refresh_from_db()
    assert newcomer.user is None


def test_person_without_address_or_who_left_is_not_invited(school, administrator):
    without = PersonFactory(teacher=True, school=school, user=None, email=" ")
    left = PersonFactory(teacher=True, school=school, user=None, is_active=False)

    with pytest.raises(actions.CannotInvite, match="no e-mail address"):
        actions.invite_user(without, by=administrator, at=NOW)
    with pytest.raises(actions.CannotInvite, match="not at the school any more"):
        actions.invite_user(left, by=administrator, at=NOW)


@pytest.mark.parametrize(
    ("kind", "may"),
    [(kind, kind in ("leader", "counselor", "school_admin")) for kind in Role.Kind.values],
)
def test_who_may_invite(newcomer, school, kind, may):
    by = RoleFactory(kind=kind, school=school).person

    if may:
        actions.invite_user(newcomer, by=by, at=NOW)
    else:
        with pytest.raises(PermissionDenied):
            actions.invite_user(newcomer, by=by, at=NOW)


def test_administrator_of_another_school_neither_invites_nor_ends(newcomer, administrator):
    stranger = PersonFactory(administrator=True)

    with pytest.raises(PermissionDenied):
        actions.invite_user(newcomer, by=stranger, at=NOW)
    actions.invite_user(newcomer, by=None, at=NOW)
    with pytest.raises(PermissionDenied):
        actions.end_access(newcomer, by=stranger, at=NOW)


def test_ending_closes_sessions_and_stays_closed(client, now, school, administrator):
    teacher = PersonFactory(teacher=True, school=school)
    actions.queue_sign_in_mail(teacher, by=teacher, kind="signin_code", secret="123456", at=NOW)
    client.force_login(teacher.user)
    assert client.get(ACCOUNT).status_code == 200

    actions.end_access(teacher, by=administrator, at=NOW)
    assert client.get(ACCOUNT).status_code == 302
    assert not OutgoingMail.objects.open().exists()
    assert not OutgoingMail.objects.filter(sealed__isnull=False).exists()

    actions.invite_user(teacher, by=administrator, at=NOW)  # back again: with a new session only
    assert client.get(ACCOUNT).status_code == 302
    teacher.user.refresh_from_db()
    assert teacher.user.is_active
    assert not teacher.user.check_password(PASSWORD)


def test_ending_twice_or_nothing_is_quiet(school, administrator):
    teacher = PersonFactory(teacher=True, school=school)

    actions.end_access(teacher, by=administrator, at=NOW)
    actions.end_access(teacher, by=None, at=NOW)
    actions.end_access(PersonFactory(student=True), by=None, at=NOW)

    assert Event.objects.count() == 1


@pytest.mark.parametrize("who", ["the leader", "oneself"])
def test_only_another_administrator_ends_a_login(school, administrator, who):
    by = administrator if who == "oneself" else PersonFactory(leader=True, school=school)

    with pytest.raises(PermissionDenied):
        actions.end_access(administrator, by=by, at=NOW)


# The account page


def test_account_page_keeps_settings(client, now):
    person = PersonFactory(teacher=True)
    client.force_login(person.user)

    response = client.post(ACCOUNT, {"reminder": "none", "hides_names": "on"}, follow=True)

    assert response.redirect_chain == [(ACCOUNT, 302)]
    assert "Saved." in response.text
    person.refresh_from_db()
    assert (person.reminder, person.hides_names, person.uses_shortcuts) == ("none", True, False)


@pytest.mark.parametrize("reminder", ["", "hourly", "day\x00", "x" * 10_000])
def test_account_page_refuses_what_is_no_choice(client, now, reminder):
    person = PersonFactory(teacher=True)
    client.force_login(person.user)

    response = client.post(ACCOUNT, {"reminder": reminder})

    assert response.status_code == 200
    assert response.context["form"].errors
    person.refresh_from_db()
    assert (person.reminder, person.uses_shortcuts) == ("day", True)


def test_account_page_of_who_has_no_password_offers_one(client, now):
    person = PersonFactory(teacher=True)
    person.user.set_unusable_password()
    person.user.save()
    client.force_login(person.user)

    assert reverse("account_set_password") in client.get(ACCOUNT).text


def test_settings_are_ones_own():
    with pytest.raises(PermissionDenied):
        actions.change_settings(
            PersonFactory(),
            by=PersonFactory(),
            at=NOW,
            reminder="none",
            uses_shortcuts=True,
            hides_names=True,
        )
