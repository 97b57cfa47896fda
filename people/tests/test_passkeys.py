"""Passkeys without a browser: what is asked of one, and what none would send is refused."""

import json
from urllib.parse import urlencode

import pytest
from allauth.mfa.models import Authenticator
from django.urls import reverse

from audit.models import Event
from people.tests.factories import PASSWORD, PersonFactory
from people.tests.signing_in import events, is_signed_in, show_factor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

LOGIN = reverse("account_login")
BY_PASSKEY = reverse("mfa_login_webauthn")
ADD = reverse("mfa_add_webauthn")
SECOND_STEP = reverse("mfa_authenticate")
AGAIN = reverse("mfa_reauthenticate_webauthn")
NOT_TAKEN = "This passkey was not accepted. Try again, or sign in another way."
ANSWER = {
    "id": "AAAA",
    "rawId": "AAAA",
    "type": "public-key",
    "response": {"clientDataJSON": "e30", "authenticatorData": "AAAA", "signature": "AAAA"},
}
# What Chromium's authenticator for tests once registered for localhost
REGISTERED = {
    "type": "public-key",
    "id": "BDVx_8mPXXy8n1ozYVJCFoSKcjxK2ilESBVU_otNPPA",
    "rawId": "BDVx_8mPXXy8n1ozYVJCFoSKcjxK2ilESBVU_otNPPA",
    "authenticatorAttachment": "platform",
    "response": {
        "clientDataJSON": "eyJ0eXBlIjoid2ViYXV0aG4uY3JlYXRlIiwiY2hhbGxlbmdlIjoiTndZMHByWTFYQVpFM"
        "HZPa1c2VWlwSnBfb2VBcmZCMy13NXpvS1ZzQjM0USIsIm9yaWdpbiI6Imh0dHA6Ly9sb2NhbGhvc3Q6NDExMzMiL"
        "CJjcm9zc09yaWdpbiI6ZmFsc2V9",
        "attestationObject": "o2NmbXRkbm9uZWdhdHRTdG10oGhhdXRoRGF0YVikSZYN5YgOjGh0NBcPZHZgW4_krrm"
        "ihjLHmVzzuoMdl2NFAAAAAQECAwQFBgcIAQIDBAUGBwgAIAQ1cf_Jj118vJ9aM2FSQhaEinI8StopREgVVP6LTTz"
        "wpQECAyYgASFYIH8Pkpq9Li05Uih3iLWxhrLBFS0qbW25XbfaZh0c2tAzIlggWpxMglsfqYVwgR6gYPTIHvbmr2s"
        "4IIX8mpyAYO8dZGU",
        "transports": ["internal"],
    },
    "clientExtensionResults": {"credProps": {"rk": True}},
}
ODD = [
    "",
    "no json",
    "null",
    "7",
    '"words"',
    "[]",
    "{}",
    '{"id": 7}',
    '{"response": []}',
    json.dumps(ANSWER),
    json.dumps(ANSWER | {"response": {}}),
    json.dumps(ANSWER | {"response": "words"}),
    json.dumps(ANSWER | {"rawId": "!"}),
    json.dumps(ANSWER | {"response": ANSWER["response"] | {"userHandle": "MQ"}}),
    json.dumps(ANSWER | {"response": ANSWER["response"] | {"userHandle": "not a key"}}),
    json.dumps(ANSWER | {"response": ANSWER["response"] | {"userHandle": None}}),
    json.dumps(ANSWER | {"response": ANSWER["response"] | {"userHandle": 7}}),
    json.dumps(
        ANSWER | {"response": {"clientDataJSON": "e30", "attestationObject": "oA", "transports": 7}}
    ),
    json.dumps(REGISTERED),  # an answer to another question
    json.dumps(REGISTERED | {"more": "\0"}),
    "\0",
    "[" * 5000,
]


@pytest.fixture
def teacher():
    return PersonFactory(teacher=True)


@pytest.fixture
def with_passkey(teacher):
    """Somebody who has a passkey; nothing here can prove to be it."""
    Authenticator.objects.create(
        user=teacher.user,
        type=Authenticator.Type.WEBAUTHN,
        data={"name": "Laptop", "credential": REGISTERED},
    )
    return teacher


def asked_of_browser(client):
    return client.get(BY_PASSKEY, headers={"accept": "application/json"}).json()["request_options"]


def test_browser_is_asked_for_a_verified_owner_at_our_own_address(client, settings):
    settings.SITE_HOST = "talks.school.example"

    asked = asked_of_browser(client)["publicKey"]

    assert asked["rpId"] == "talks.school.example"  # whatever the request says the host is
    assert asked["userVerification"] == "required"
    assert "allowCredentials" not in asked or asked["allowCredentials"] == []


@pytest.mark.parametrize("sent", ODD, ids=range(len(ODD)))
def test_sign_in_refuses_what_is_no_passkey(client, teacher, sent):
    asked_of_browser(client)

    response = client.post(BY_PASSKEY, {"credential": sent}, follow=True)

    assert response.redirect_chain == [(LOGIN, 302)]
    assert not is_signed_in(client)


@pytest.mark.parametrize("sent", ODD, ids=range(len(ODD)))
def test_adding_refuses_what_is_no_passkey(client, teacher, sent):
    client.post(LOGIN, {"login": teacher.email, "password": PASSWORD})
    client.get(ADD)

    response = client.post(ADD, {"credential": sent, "name": "Laptop"})

    assert response.status_code == 200
    assert response.context["form"].errors
    assert 'value="Laptop"' in response.text
    assert not Authenticator.objects.exists()


@pytest.mark.parametrize("sent", ODD, ids=range(len(ODD)))
def test_second_step_refuses_what_is_no_passkey(client, with_passkey, sent):
    client.post(LOGIN, {"login": with_passkey.email, "password": PASSWORD})
    client.get(SECOND_STEP)

    response = client.post(SECOND_STEP, {"credential": sent})

    assert response.status_code == 200
    assert not is_signed_in(client)


def test_wrong_passkey_is_told_and_logged(client, with_passkey):
    client.post(LOGIN, {"login": with_passkey.email, "password": PASSWORD})
    client.get(SECOND_STEP)

    response = client.post(SECOND_STEP, {"credential": json.dumps(ANSWER)})

    assert NOT_TAKEN in response.text
    assert events(Event.Act.SIGNIN_FAIL) == [(None, [f"user:{with_passkey.user_id}"], "passkey")]


@pytest.mark.parametrize("sent", ODD, ids=range(len(ODD)))
def test_asking_again_refuses_what_is_no_passkey_and_stays(client, with_passkey, sent):
    client.force_login(with_passkey.user)
    client.get(AGAIN)

    response = client.post(AGAIN, {"credential": sent, "next": ADD}, follow=True)

    assert response.redirect_chain == [(f"{AGAIN}?{urlencode({'next': ADD})}", 302)]
    assert response.status_code == 200
    assert client.get(ADD).status_code == 302  # not without


def test_name_is_kept_short_and_found(client, with_passkey):
    client.force_login(with_passkey.user)
    show_factor(client, with_passkey)
    factor = Authenticator.objects.get()
    rename = reverse("mfa_edit_webauthn", args=[factor.pk])

    for refused in ("", "x" * 61, "\0"):
        response = client.post(rename, {"name": refused})
        assert (response.status_code, bool(response.context["form"].errors)) == (200, True)
    client.post(rename, {"name": "The old one"})

    factor.refresh_from_db()
    assert factor.data["name"] == "The old one"
    assert "The old one" in client.get(reverse("mfa_list_webauthn")).text


def test_passkey_of_another_is_neither_renamed_nor_removed(client, with_passkey):
    stranger = PersonFactory(teacher=True)
    client.force_login(stranger.user)
    show_factor(client, stranger)
    factor = Authenticator.objects.get()

    for name in ("mfa_edit_webauthn", "mfa_remove_webauthn"):
        assert client.post(reverse(name, args=[factor.pk]), {"name": "Mine"}).status_code == 404
    assert Authenticator.objects.get().data["name"] == "Laptop"


def test_removing_one_is_told_by_mail(client, post, with_passkey, mailoutbox):
    client.force_login(with_passkey.user)
    show_factor(client, with_passkey)

    response = post(reverse("mfa_remove_webauthn", args=[Authenticator.objects.get().pk]))

    assert response.status_code == 302
    assert not Authenticator.objects.exists()
    assert [(mail.subject, mail.to) for mail in mailoutbox] == [
        ("A passkey was removed", [with_passkey.user.email])
    ]


def test_passkey_is_the_second_step_of_a_role(client):
    leader = PersonFactory(leader=True)
    client.force_login(leader.user)
    assert client.get(reverse("people:account")).status_code == 302

    Authenticator.objects.create(user=leader.user, type="recovery_codes", data={})
    assert client.get(reverse("people:account")).status_code == 302  # these stand in for one only
    Authenticator.objects.create(user=leader.user, type="webauthn", data={})
    assert client.get(reverse("people:account")).status_code == 200
