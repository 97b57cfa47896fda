"""Google and Microsoft: only people who can sign in anyway, by an address that is vouched for."""

from urllib.parse import parse_qs, urlsplit

import environ
import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse

from audit.models import Event
from oneonones import sso
from people.models import Person, Session, User
from people.tests.factories import PASSWORD, PersonFactory, UserFactory
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
from people.tests.signing_in import events, is_signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

LOGIN = reverse("account_login")
OTHER_TENANT = "00000000-0000-0000-0000-000000000001"


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


def rows():
    return [model.objects.count() for model in (User, Person, SocialAccount, EmailAddress)]


@pytest.mark.parametrize(
    ("way", "claims", "name"),
    [(GOOGLE, OURS, "google"), (MICROSOFT, OF_TENANT, "microsoft")],
)
def test_person_of_the_roster_signs_in(client, server, priya, way, claims, name):
    response = through(client, server, claims, way)

    assert response.url == reverse("home")
    assert client.get(reverse("people:account")).status_code == 200
    assert events(Event.Act.SIGNIN_OK) == [(priya.pk, [f"user:{priya.user_id}"], name)]


def test_one_comes_back_to_where_one_was_going(client, server, priya):
    response = through(client, server, OURS, next=reverse("people:account"))

    assert response.url == reverse("people:account")


def test_password_stays_and_only_the_account_is_kept(client, server, priya):
    through(client, server, OURS)
    client.logout()
    through(client, server, OURS)

    priya.user.refresh_from_db()
    assert priya.user.check_password(PASSWORD)
    assert rows() == [1, 1, 1, 0]
    assert tied() == [(priya.user_id, "google", "1", {})]
    assert not SocialToken.objects.exists()
    assert not SocialApp.objects.exists()
    session = str(Session.objects.get(user=priya.user).get_decoded())
    assert "a-token" not in session
    assert "priya@school.example" not in session


REFUSED = {
    "nobody here": (GOOGLE, OURS | {"email": "stranger@school.example"}),
    "not confirmed": (GOOGLE, OURS | {"email_verified": False}),
    "confirmed in words": (GOOGLE, OURS | {"email_verified": "false"}),
    "not said whether": (GOOGLE, {"sub": "1", "email": OURS["email"], "hd": "school.example"}),
    # a private account that once could read this mailbox
    "not of that domain": (GOOGLE, {k: v for k, v in OURS.items() if k != "hd"}),
    "no address": (GOOGLE, {"sub": "1", "email_verified": True, "hd": "school.example"}),
    "no words": (GOOGLE, OURS | {"email": ["priya@school.example"]}),
    "another tenant": (MICROSOFT, OF_TENANT | {"tid": OTHER_TENANT}),
    "no tenant": (MICROSOFT, {k: v for k, v in OF_TENANT.items() if k != "tid"}),
    "domain not owned": (MICROSOFT, OF_TENANT | {"xms_edov": False}),
    "domain not said": (MICROSOFT, {k: v for k, v in OF_TENANT.items() if k != "xms_edov"}),
    "Google's claims": (MICROSOFT, OURS | {"oid": "object"}),
}


@pytest.mark.parametrize("case", REFUSED)
def test_nobody_else_signs_in_or_is_made(client, server, priya, case):
    way, claims = REFUSED[case]

    response = through(client, server, claims, way)

    assert response.status_code == 403
    assert "Not with this account" in response.text
    assert not is_signed_in(client)
    assert rows() == [1, 1, 0, 0]
    [(by, about, basis)] = events(Event.Act.SIGNIN_FAIL)
    assert (by, about, basis in way) == (None, [], True)


@pytest.mark.parametrize("state", ["without login", "left", "login without person", "login ended"])
def test_who_cannot_sign_in_otherwise_cannot_so(client, server, state):
    address = {"email": OURS["email"].lower()}
    {
        "without login": lambda: PersonFactory(teacher=True, without_login=True, **address),
        "left": lambda: PersonFactory(teacher=True, is_active=False, **address),
        "login without person": lambda: UserFactory(**address),
        "login ended": lambda: PersonFactory(teacher=True, user__is_active=False, **address),
    }[state]()

    response = through(client, server, OURS)

    assert "Not with this account" in response.text or response.url == reverse("account_inactive")
    assert not is_signed_in(client)
    assert events(Event.Act.SIGNIN_OK) == []


def test_second_step_is_asked_for_all_the_same(client, server, priya):
    Authenticator.objects.create(user=priya.user, type="totp", data={})

    assert through(client, server, OURS).url == reverse("mfa_authenticate")
    assert not is_signed_in(client)
    assert tied() == []


def test_address_of_google_itself_is_enough(client, server):
    PersonFactory(teacher=True, email="priya@gmail.com")

    through(client, server, {"sub": "1", "email": "priya@gmail.com", "email_verified": True})

    assert is_signed_in(client)


def test_no_account_is_tied_to_another(client, server, priya):
    client.force_login(PersonFactory(teacher=True).user)

    response = through(client, server, OURS, process="connect")

    assert response.status_code == 403
    assert not SocialAccount.objects.exists()


FAULTS = [
    "no token",
    "no json",
    "no identity",
    "no signature",
    "signature of another identity",
    "said to be unsigned",
    "signed by a secret",
    "unknown key",
    "no key named",
    "no token at all",
]


@pytest.mark.parametrize("fault", FAULTS)
def test_answer_that_says_nobody_is_told_in_words(client, server, priya, fault):
    server.fault = fault

    response = through(client, server, OURS)

    assert response.status_code in {401, 502}
    assert "Google did not say who you are" in response.text
    assert not is_signed_in(client)


def test_identity_for_another_site_is_not_taken(client, server, priya):
    response = through(client, server, OURS | {"aud": "another-client"})

    assert "Google did not say who you are" in response.text
    assert not is_signed_in(client)


def test_identity_by_another_issuer_is_not_taken(client, server, priya):
    response = through(client, server, OURS | {"iss": "https://evil.example"})

    assert "Google did not say who you are" in response.text
    assert not is_signed_in(client)


@pytest.mark.parametrize("nonce", ["another", "", None, ["a"]])
def test_identity_for_another_question_is_not_taken(client, server, priya, nonce):
    response = through(client, server, OURS | {"nonce": nonce})

    assert "Google did not say who you are" in response.text
    assert not is_signed_in(client)
    assert tied() == []


def test_each_question_has_a_nonce_of_its_own(client, server, priya):
    asked = [
        parse_qs(urlsplit(client.post(f"{GOOGLE}?auth_params=nonce%3Dold").url).query)["nonce"]
        for _ in range(2)
    ]

    [[first], [second]] = asked
    assert first != second
    assert min(len(first), len(second)) >= 32


def test_answer_that_was_not_asked_for_is_not_taken(client, server, priya):
    response = client.get(f"{GOOGLE}callback/", {"code": "the-code", "state": "made-up"})

    assert "Google did not say who you are" in response.text
    assert server.asked == []


@pytest.mark.parametrize("step", ["before", "on the way back"])
def test_other_side_out_of_reach_is_told_in_words(client, server, priya, step):
    if step == "before":
        server.fault = "away"
        response = client.post(GOOGLE, {"process": "login"})
    else:
        there = parse_qs(urlsplit(client.post(GOOGLE, {"process": "login"}).url).query)
        server.fault = "away"
        response = client.get(f"{GOOGLE}callback/", {"code": "x", "state": there["state"][0]})

    assert response.status_code == 502
    assert "Google did not say who you are: it may be out of reach" in response.text


def test_cancelling_leads_back(client, server, priya):
    server.fault = "cancelled"

    response = through(client, server, OURS)
    page = client.get(response.url, follow=True)

    assert page.redirect_chain == [(LOGIN, 302)]
    assert "You did not sign in there." in page.text


def test_button_leads_there_by_post_only(client, server):
    page = client.get(GOOGLE)

    assert "Continue to Google" in page.text
    assert server.asked == []
    assert "Sign in with Google" in client.get(LOGIN).text
    assert "Sign in with Microsoft" in client.get(LOGIN).text


def test_nothing_of_it_is_there_where_it_is_off(client):
    for address in (
        GOOGLE,
        MICROSOFT,
        f"{GOOGLE}callback/",
        reverse("socialaccount_login_cancelled"),
    ):
        assert client.get(address).status_code == 404
    assert client.post(GOOGLE).status_code == 404
    page = client.get(LOGIN)
    assert "Google" not in page.text
    assert "form-action 'self';" in page["Content-Security-Policy"] + ";"


@pytest.mark.parametrize("is_on", [True, False])
@pytest.mark.parametrize(
    "address",
    ["/accounts/3rdparty/", "/accounts/3rdparty/signup/", "/accounts/social/connections/"],
)
def test_nobody_makes_or_ties_logins_here(client, settings, request, is_on, address):
    if is_on:
        request.getfixturevalue("server")

    assert client.get(address).status_code == 404
    assert client.post(address).status_code == 404


# What the environment says


def environment(monkeypatch, **variables):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return environ.Env()


def test_nothing_in_the_environment_turns_nothing_on(monkeypatch):
    assert sso.apps_of(environment(monkeypatch)) == []
    assert sso.hosts_of([]) == []


def test_each_is_on_by_its_variables(monkeypatch):
    env = environment(
        monkeypatch,
        GOOGLE_CLIENT_ID="g",
        GOOGLE_CLIENT_SECRET="s",
        MICROSOFT_CLIENT_ID="m",
        MICROSOFT_CLIENT_SECRET="t",
        MICROSOFT_TENANT=TENANT.upper(),
    )

    google, microsoft = sso.apps_of(env)

    assert google["settings"]["server_url"] == "https://accounts.google.com"
    assert microsoft["settings"]["server_url"].endswith(f".com/{TENANT}/v2.0")
    assert sso.hosts_of([google]) == ["https://accounts.google.com"]
    assert sso.hosts_of([google, microsoft]) == [
        "https://accounts.google.com",
        "https://login.microsoftonline.com",
    ]


@pytest.mark.parametrize(
    "variables",
    [
        {"GOOGLE_CLIENT_ID": "g"},
        {"MICROSOFT_CLIENT_ID": "m", "MICROSOFT_CLIENT_SECRET": "s"},
        {"MICROSOFT_CLIENT_ID": "m", "MICROSOFT_TENANT": TENANT},
        *(
            {"MICROSOFT_CLIENT_ID": "m", "MICROSOFT_CLIENT_SECRET": "s", "MICROSOFT_TENANT": word}
            for word in ("common", "organizations", "consumers", "school.example", "")
        ),
    ],
)
def test_half_of_it_or_a_tenant_of_everybody_stops_the_start(monkeypatch, variables):
    with pytest.raises(ImproperlyConfigured):
        sso.apps_of(environment(monkeypatch, **variables))
