"""Whose account of Google or Microsoft it is, once it has signed in."""

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from django.urls import reverse

from audit.models import Event
from conftest import NOW
from people.jobs import move_logins
from people.models import Person, User
from people.models.moves import WAIT
from people.tests.factories import PersonFactory, RoleFactory
from people.tests.openid import (
    GOOGLE,
    MICROSOFT,
    OF_TENANT,
    OURS,
    TENANT,
    OpenIDServer,
    through,
    tied,
)
from people.tests.signing_in import events, is_signed_in, show_factor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


@pytest.fixture
def server(settings):
    with OpenIDServer() as server:
        settings.SINGLE_SIGN_ON = [
            server.app(),
            server.app("microsoft", "Microsoft", tenant=TENANT, uid_field="oid"),
        ]
        yield server


@pytest.fixture
def priya():
    return PersonFactory(teacher=True, email="priya@school.example")


def test_another_account_with_the_address_is_refused(client, server, priya):
    through(client, server, OURS)
    client.logout()

    response = through(client, server, OURS | {"sub": "2"})

    assert response.status_code == 403
    assert "has another Google account" in response.text
    assert not is_signed_in(client)
    assert tied() == [(priya.user_id, "google", "1", {})]
    assert events(Event.Act.SIGNIN_FAIL) == [(None, [f"user:{priya.user_id}"], "google")]


def test_account_stays_theirs_under_another_address(client, server, priya):
    """They married, and the roster does not know yet; the old address is somebody else's now."""
    through(client, server, OURS)
    client.logout()

    through(client, server, OURS | {"email": "p.sharma@school.example"})

    assert client.session["_auth_user_id"] == str(priya.user_id)


def test_account_that_nobody_vouches_for_any_more_is_refused(client, server, priya):
    through(client, server, OURS)
    client.logout()

    response = through(client, server, {k: v for k, v in OURS.items() if k != "hd"})

    assert response.status_code == 403
    assert not is_signed_in(client)


def test_account_of_somebody_who_left_opens_nothing(client, server, priya):
    through(client, server, OURS)
    client.logout()
    Person.objects.update(is_active=False)
    successor = PersonFactory(teacher=True, user__email="p2@school.example")

    response = through(client, server, OURS | {"email": "p2@school.example"})

    assert response.status_code == 403
    assert not is_signed_in(client)
    assert not SocialAccount.objects.filter(user=successor.user).exists()


def test_each_provider_has_an_account_of_its_own(client, server, priya):
    for way, claims in ((GOOGLE, OURS), (MICROSOFT, OF_TENANT | {"sub": "another"})):
        through(client, server, claims, way)
        client.logout()

    assert [(provider, number) for _, provider, number, _ in tied()] == [
        ("google", "1"),
        ("microsoft", "object"),
    ]


def test_identity_of_microsoft_without_its_object_is_not_taken(client, server, priya):
    claims = {k: v for k, v in OF_TENANT.items() if k != "oid"}

    assert through(client, server, claims, MICROSOFT).status_code == 502
    assert not is_signed_in(client)


@pytest.fixture
def administrator(priya):
    school = priya.roles.get().school
    administrator = PersonFactory(administrator=True, school=school)
    client = Client()
    client.force_login(administrator.user)
    Authenticator.objects.create(user=administrator.user, type="totp", data={})
    show_factor(client, administrator)
    administrator.client = client
    return administrator


def untie(administrator, person):
    address = reverse("people:person_untie", args=[person.uid])
    return administrator.client.post(address, follow=True)


def test_administrator_lets_a_new_account_in(
    client, server, priya, administrator, mailoutbox, django_capture_on_commit_callbacks
):
    through(client, server, OURS)
    page = reverse("people:person_edit", args=[priya.uid])
    assert "Let a new Google account in" in administrator.client.get(page).text

    with django_capture_on_commit_callbacks(execute=True):
        page = untie(administrator, priya)

    assert "The next account with" in page.text
    assert "Let a new Google account in" not in page.text
    assert tied() == []
    through(client, server, OURS | {"sub": "2"})
    assert tied() == [(priya.user_id, "google", "2", {})]
    assert [mail.to for mail in mailoutbox] == [[priya.email]]
    assert "let go of the account" in mailoutbox[0].body
    assert (
        administrator.pk,
        [f"person:{priya.pk}", f"user:{priya.user_id}"],
        "account.untie",
    ) in events(Event.Act.PERSON_CHANGE)


def test_who_administers_only_one_of_their_schools_lets_no_account_in(
    client, server, priya, administrator
):
    through(client, server, OURS)
    RoleFactory(person=priya, teacher=True)
    page = reverse("people:person_edit", args=[priya.uid])

    assert "Let a new Google account in" not in administrator.client.get(page).text
    assert untie(administrator, priya).status_code == 403
    assert len(tied()) == 1


def test_letting_an_account_in_asks_once_more_who_one_is(client, server, priya, administrator):
    through(client, server, OURS)
    show_factor(administrator.client, administrator, ago=600)

    assert "Is it still you?" in untie(administrator, priya).text
    assert len(tied()) == 1


def test_login_that_moves_leaves_its_accounts_behind(client, server, priya, administrator):
    through(client, server, OURS)
    priya.email = "p2@school.example"
    priya.save()

    administrator.client.post(reverse("people:person_invite", args=[priya.uid]))
    with time_machine.travel(NOW + WAIT, tick=False):
        move_logins()

    assert User.objects.get(pk=priya.user_id).email == "p2@school.example"
    assert tied() == []
