"""The second step of signing in: of whom it is asked, setting it up, and what it is worth."""

import re
from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.urls import reverse

from audit import keyring
from audit.models import Event
from conftest import NOW
from people.adapters import MFAAdapter, factors_of
from people.models import Role, School
from people.tests.factories import (
    PASSWORD,
    PersonFactory,
    RoleFactory,
    SchoolFactory,
    UserFactory,
)
from people.tests.signing_in import events, is_signed_in, totp_code

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

LOGIN = reverse("account_login")
ASK_FOR_CODE = reverse("account_request_login_code")
ENTER_CODE = reverse("account_confirm_login_code")
ACCOUNT = reverse("people:account")
WAYS = reverse("mfa_index")
SET_UP_FACTOR = reverse("mfa_activate_totp")


@pytest.mark.parametrize("kind", Role.Kind.values)
def test_second_step_is_asked_of_some_roles(client, kind):
    person = RoleFactory(kind=kind).person
    client.force_login(person.user)

    response = client.get(ACCOUNT)

    if kind in Role.NEEDS_FACTOR:
        assert (response.status_code, response.url) == (302, WAYS)
    else:
        assert response.status_code == 200
    # There is a way back from there only for those who may go it
    leads_back = ">Your account</a></p>" in client.get(WAYS).text
    assert leads_back == (response.status_code == 200)


@pytest.mark.parametrize("who", School.SecondStepFor.values)
@pytest.mark.parametrize("kind", Role.Kind.values)
def test_second_step_is_asked_of_whom_the_school_says(client, kind, who):
    role = RoleFactory(kind=kind, school__second_step_for=who)
    client.force_login(role.person.user)

    response = client.get(ACCOUNT)

    is_asked = {
        "offices": kind in Role.NEEDS_FACTOR,
        "staff": kind not in ("student", "guardian"),
        "everybody": True,
    }[who]
    assert (response.status_code, response.headers.get("Location")) == (
        (302, WAYS) if is_asked else (200, None)
    )


def test_another_school_asks_nothing_of_them(client):
    SchoolFactory(second_step_for="everybody")
    client.force_login(PersonFactory(teacher=True).user)

    assert client.get(ACCOUNT).status_code == 200


def test_second_step_is_not_asked_in_a_demo_school_or_after_the_role(client):
    demo = SchoolFactory(demo=True, second_step_for="everybody")
    person = PersonFactory(leader=True, school=demo)
    RoleFactory(person=person, counselor=True, ended=True)
    client.force_login(person.user)

    assert client.get(ACCOUNT).status_code == 200


def test_fragment_leads_the_whole_page_to_the_second_step(client):
    client.force_login(PersonFactory(leader=True).user)

    response = client.get(ACCOUNT, headers={"HX-Request": "true"})

    assert response.headers["HX-Redirect"] == WAYS


def test_signing_out_needs_no_second_step(client):
    client.force_login(PersonFactory(leader=True).user)

    assert client.post(reverse("account_logout")).status_code == 302
    assert not is_signed_in(client)


@pytest.mark.parametrize("has_password", [True, False])
def test_second_step_is_set_up(client, post, has_password, mailoutbox):
    leader = PersonFactory(leader=True)
    if has_password:
        post(LOGIN, login=leader.email, password=PASSWORD)
    else:
        leader.user.set_unusable_password()
        leader.user.save()
        post(ASK_FOR_CODE, email=leader.email)
        post(ENTER_CODE, code=re.findall(r"\b\d{6}\b", mailoutbox.pop().body)[0])
    assert client.get(ACCOUNT).url == WAYS
    assert "before anything else opens" in client.get(WAYS).text
    page = client.get(SET_UP_FACTOR)
    assert page.status_code == 200  # without asking for the same password again
    secret = page.context["form"].secret

    assert "This code is not right." in post(SET_UP_FACTOR, code="000000").text
    response = post(SET_UP_FACTOR, code=totp_code(secret))

    assert response.url == reverse("mfa_view_recovery_codes")
    assert client.get(response.url).status_code == 200
    assert client.get(ACCOUNT).status_code == 200
    assert "Two-step sign-in is on" in [mail.subject for mail in mailoutbox]
    for authenticator in Authenticator.objects.filter(user=leader.user):
        assert secret not in str(authenticator.data)


@pytest.fixture
def secret(client, post):
    """What a leader's app knows, once two-step sign-in is on."""
    leader = PersonFactory(leader=True, email="leader@school.example")
    post(LOGIN, login=leader.email, password=PASSWORD)
    secret = client.get(SET_UP_FACTOR).context["form"].secret
    post(SET_UP_FACTOR, code=totp_code(secret))
    client.post(reverse("account_logout"))
    return secret


def test_second_step_is_asked_for_after_the_password(client, post, secret):
    response = post(LOGIN, login="leader@school.example", password=PASSWORD)
    assert response.url == reverse("mfa_authenticate")
    assert not is_signed_in(client)
    assert "This code is not right." in post(response.url, code="000000").text
    with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
        post(response.url, code=totp_code(secret))

    assert is_signed_in(client)
    assert events(Event.Act.SIGNIN_OK)[-1][2] == "password-mfa"
    assert [basis for _, _, basis in events(Event.Act.SIGNIN_FAIL)] == ["mfa"]


def test_second_step_is_asked_for_after_the_code(client, post, secret, mailoutbox):
    mailoutbox.clear()
    post(ASK_FOR_CODE, email="leader@school.example")
    [code] = re.findall(r"\b\d{6}\b", mailoutbox[0].body)

    assert post(ENTER_CODE, code=code).url == reverse("mfa_authenticate")
    assert not is_signed_in(client)


def test_recovery_code_stands_in_for_the_app_once(client, post, secret):
    factor = Authenticator.objects.get(type="recovery_codes")
    with factors_of(factor.user):
        codes = factor.wrap().get_unused_codes()

    post(LOGIN, login="leader@school.example", password=PASSWORD)
    post(reverse("mfa_authenticate"), code=codes[0])
    assert is_signed_in(client)

    client.post(reverse("account_logout"))
    post(LOGIN, login="leader@school.example", password=PASSWORD)
    post(reverse("mfa_authenticate"), code=codes[0])
    assert not is_signed_in(client)


def test_secrets_of_the_second_step_are_sealed_for_their_owner():
    adapter = MFAAdapter()

    with factors_of(UserFactory()):
        sealed = adapter.encrypt("JBSWY3DPEHPK3PXP")
        assert "JBSWY3DPEHPK3PXP" not in sealed
        assert adapter.decrypt(sealed) == "JBSWY3DPEHPK3PXP"
    with factors_of(UserFactory()), pytest.raises(keyring.CannotOpen):
        adapter.decrypt(sealed)


def test_app_of_somebody_else_put_into_the_database_opens_nothing(client, post, secret):
    other = PersonFactory(leader=True)
    factor = Authenticator.objects.get(type="totp")
    Authenticator.objects.create(user=other.user, type="totp", data=factor.data)

    post(LOGIN, login=other.email, password=PASSWORD)
    with pytest.raises(keyring.CannotOpen):
        post(reverse("mfa_authenticate"), code=totp_code(secret))

    assert not is_signed_in(client)
