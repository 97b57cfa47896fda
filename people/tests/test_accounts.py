"""Logins are given and moved by those who may, and settings are one's own."""

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


@pytest.fixture
def moved(school):
    """A teacher who signs in with the address they had before."""
    person = PersonFactory(teacher=True, school=school, email="before@school.example")
    person.email = "after@school.example"
    person.save(update_fields=["email"])
    return person


@pytest.mark.parametrize("who", ["leader", "counselor", "administrator"])
@pytest.mark.parametrize("is_active", [True, False])
def test_login_keeps_its_address_unless_that_is_asked_for(school, moved, who, is_active):
    by = PersonFactory(school=school, **{who: True})
    User.objects.filter(pk=moved.user.pk).update(is_active=is_active)

    user = actions.invite_user(moved, by=by, at=NOW)

    user.refresh_from_db()
    assert (user.email, user.is_active) == ("before@school.example", True)
    assert user.check_password(PASSWORD)


@pytest.mark.parametrize("who", ["leader", "counselor", "teacher"])
def test_only_administrators_move_a_login(school, moved, who):
    by = PersonFactory(school=school, **{who: True})

    with pytest.raises(PermissionDenied):
        actions.invite_user(moved, by=by, at=NOW, moves_login=True)

    assert User.objects.get(pk=moved.user.pk).email == "before@school.example"


def test_moving_a_login_is_told_to_the_old_address(moved, administrator, mailoutbox):
    code = actions.queue_sign_in_mail(moved, by=moved, kind="signin_code", secret="123456", at=NOW)

    actions.invite_user(moved, by=administrator, at=NOW, with_letter=True, moves_login=True)

    [notice] = OutgoingMail.objects.filter(kind="signin_address")
    assert notice.sealed
    assert b"before" not in bytes(notice.sealed)
    deliver_due(at=NOW)
    assert {(mail.subject, *mail.to) for mail in mailoutbox} == {
        ("The address you sign in with was changed", "before@school.example"),
        ("You can sign in now", "after@school.example"),
    }
    assert "after@" not in mailoutbox[0].body + mailoutbox[1].body
    notice.refresh_from_db()
    code.refresh_from_db()
    assert notice.sealed is None
    assert (code.dropped_at, code.sealed) == (NOW, None)


def test_moving_a_login_that_nobody_has_used_is_recorded(moved, administrator):
    user = actions.invite_user(moved, by=administrator, at=NOW, moves_login=True)

    assert user.email == "after@school.example"
    assert not user.has_usable_password()
    event = Event.objects.get()
    assert (event.act, event.by, event.basis) == (
        "person.change", administrator.pk, "login-address",
    )  # fmt: skip


def test_moving_a_login_to_where_it_is_changes_nothing(school, administrator):
    person = PersonFactory(teacher=True, school=school)

    user = actions.invite_user(person, by=administrator, at=NOW, moves_login=True)

    assert user.check_password(PASSWORD)
    assert not Event.objects.exists()


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


def test_administrator_of_another_school_neither_invites_nor_moves(newcomer, moved):
    stranger = PersonFactory(administrator=True)

    with pytest.raises(PermissionDenied):
        actions.invite_user(newcomer, by=stranger, at=NOW)
    with pytest.raises(PermissionDenied):
        actions.invite_user(moved, by=stranger, at=NOW, moves_login=True)


def test_nobody_takes_over_a_login_from_the_second_school_of_somebody(moved, administrator):
    elsewhere = PersonFactory(administrator=True)
    second = elsewhere.roles.get().school
    RoleFactory(person=moved, school=second, kind="teacher")

    for by in (elsewhere, administrator):  # each administers one of the two only
        with pytest.raises(PermissionDenied):
            actions.invite_user(moved, by=by, at=NOW, moves_login=True)

    RoleFactory(person=administrator, school=second, administrator=True)
    user = actions.invite_user(moved, by=administrator, at=NOW, moves_login=True)
    assert user.email == "after@school.example"


# The account page


def test_account_page_keeps_settings(client, now):
    person = PersonFactory(teacher=True)
    client.force_login(person.user)

    response = client.post(ACCOUNT, {"hides_names": "on"}, follow=True)

    assert response.redirect_chain == [(ACCOUNT, 302)]
    assert "Saved." in response.text
    person.refresh_from_db()
    assert (person.hides_names, person.uses_shortcuts) == (True, False)
    assert not person.is_nudged


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
            uses_shortcuts=True,
            hides_names=True,
            is_nudged=False,
        )
