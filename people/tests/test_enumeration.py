"""
Whoever asks at a door does not learn who has a login: the same status, page and headers for all.

How long it takes is measured by `benchmarks/doors.py`.
"""

import re
import uuid

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse

from people.tests.factories import PersonFactory, UserFactory
from scheduling.tests.factories import InvitationFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

LOGIN = reverse("account_login")
ASK_FOR_CODE = reverse("account_request_login_code")
ENTER_CODE = reverse("account_confirm_login_code")
RESET = reverse("account_reset_password")
SIGN_UP = reverse("account_signup")
STRANGER = "stranger@school.example"


def with_factor(kind):
    person = PersonFactory(leader=True)
    Authenticator.objects.create(user=person.user, type=kind, data={})
    return person


WHO = {
    "teacher": lambda: PersonFactory(teacher=True),
    "leader with an app": lambda: with_factor("totp"),
    "leader with a passkey": lambda: with_factor("webauthn"),
    "person without a login": lambda: PersonFactory(
        teacher=True, without_login=True, email="w@s.example"
    ),
    "person who left": lambda: PersonFactory(teacher=True, is_active=False, user__is_active=False),
    "login without a person": lambda: UserFactory(superuser=True),
}


def seen(responses, email):
    """All that somebody sees of answers, without what differs each time and what they typed."""
    return [
        (
            response.status_code,
            _plain(str(sorted(_headers(response))), email),
            _plain(response.text, email),
        )
        for response in responses
    ]


def _headers(response):
    cookies = ((name, sorted(morsel.keys())) for name, morsel in response.cookies.items())
    return [*response.headers.items(), *cookies]


def _plain(words, email):
    words = words.replace(email, "the address")
    words = re.sub(
        r"('?nonce-|nonce=\"|X-CSRFToken\": \"|csrfmiddlewaretoken\" value=\")[\w+/=-]+",
        r"\1",
        words,
    )
    return re.sub(r"('Content-Length', ')\d+", r"\1", words)


def wrong_password(client, email):
    yield client.post(LOGIN, {"login": email, "password": "wrong"})


def code_by_mail(client, email):
    yield client.post(ASK_FOR_CODE, {"email": email})
    yield client.get(ENTER_CODE)
    yield client.post(ENTER_CODE, {"code": "000000"})
    yield client.post(ENTER_CODE, {"action": "resend"})
    yield client.get(ENTER_CODE)
    for _ in range(3):
        yield client.post(ENTER_CODE, {"code": "000000"})
    yield client.get(LOGIN)


def new_password(client, email):
    yield client.get(RESET)
    yield client.post(RESET, {"email": email})
    yield client.get(reverse("account_reset_password_done"))


def account_of_ones_own(client, email):
    yield client.post(SIGN_UP, {"email": email, "password1": "x" * 20, "password2": "x" * 20})


def too_often(client, email):
    for _ in range(7):
        yield client.post(LOGIN, {"login": email, "password": "wrong"})
    for _ in range(7):
        yield client.post(ASK_FOR_CODE, {"email": email})
    for _ in range(5):
        yield client.post(RESET, {"email": email})


DOORS = [wrong_password, code_by_mail, new_password, account_of_ones_own, too_often]


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
def test_door_looks_the_same_to_all(door, who):
    known = WHO[who]()
    email = known.user.email if getattr(known, "user", None) else known.email

    theirs = seen(door(Client(), email), email)

    assert theirs == seen(door(Client(), STRANGER), STRANGER)


def test_invitation_looks_the_same_to_all():
    invited = InvitationFactory().pairing
    real, made_up = (
        reverse("scheduling:sign_up", args=[uid]) for uid in (invited.uid, uuid.uuid4())
    )
    stranger = Client()
    stranger.force_login(PersonFactory(teacher=True).user)

    for client in (Client(), stranger):
        answers = [
            seen([client.get(address)], address.split("/")[-2]) for address in (real, made_up)
        ]
        assert answers[0] == answers[1]


def test_passkeys_are_asked_for_of_nobody_in_particular():
    with_factor("webauthn")

    asked = Client().get(reverse("mfa_login_webauthn"), headers={"accept": "application/json"})

    assert set(asked.json()["request_options"]["publicKey"]) <= {
        "challenge", "rpId", "userVerification", "allowCredentials", "timeout",
    }  # fmt: skip
    assert not asked.json()["request_options"]["publicKey"].get("allowCredentials")
