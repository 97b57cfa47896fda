"""What every answer tells a browser, over https as a school has it: cookies, headers, methods."""

import re
import runpy

import pytest
from django.test import Client
from django.urls import reverse

from people.tests.factories import PASSWORD, PersonFactory

from .test_conventions import ROOT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

LOGIN = reverse("account_login")
PREFIXES = ("SESSION_COOKIE", "CSRF_COOKIE", "SECURE_", "HTTPS", "CONTENT_SECURITY_POLICY")


@pytest.fixture
def over_https(settings, monkeypatch):
    """A stranger at a site whose address begins with https, as the settings make it."""
    monkeypatch.setenv("SITE_URL", "https://one-on-ones.example.org")
    for name, value in runpy.run_path(str(ROOT / "oneonones" / "settings.py")).items():
        if name.startswith(PREFIXES):
            setattr(settings, name, value)
    settings.ALLOWED_HOSTS = ["one-on-ones.example.org"]
    return Client(headers={"host": "one-on-ones.example.org"}, enforce_csrf_checks=True)


def test_cookies_are_for_this_site_alone(over_https):
    person = PersonFactory(teacher=True)
    page = over_https.get(LOGIN, secure=True)
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)[1]
    typed = {"login": person.email, "password": PASSWORD, "csrfmiddlewaretoken": token}

    answer = over_https.post(
        LOGIN, typed, secure=True, headers={"referer": f"https://one-on-ones.example.org{LOGIN}"}
    )

    assert answer.status_code == 302
    assert set(answer.cookies) == {"__Host-session", "__Host-csrf"}
    for cookie in answer.cookies.values():
        assert cookie["secure"], cookie
        assert cookie["httponly"], cookie
        assert (cookie["samesite"], cookie["path"], cookie["domain"]) == ("Lax", "/", ""), cookie
        assert len(cookie.OutputString()) < 4096


def test_browsers_are_told_to_keep_to_https(over_https):
    told = over_https.get(LOGIN, secure=True).headers["Strict-Transport-Security"]

    assert "includeSubDomains" in told
    assert int(re.search(r"max-age=(\d+)", told)[1]) >= 365 * 24 * 60 * 60


def test_pages_lead_to_https_and_health_checks_do_not(over_https):
    led = over_https.get(LOGIN)

    assert (led.status_code, led.url) == (301, f"https://one-on-ones.example.org{LOGIN}")
    assert over_https.get("/healthz").status_code == 200


@pytest.fixture(params=["page", "page of somebody signed in", "not there", "health"])
def answer(request):
    client = Client()
    if request.param == "page of somebody signed in":
        client.force_login(PersonFactory(teacher=True).user)
    address = {"page": LOGIN, "not there": "/nowhere/", "health": "/healthz"}
    return client.get(address.get(request.param, reverse("people:account")))


def test_other_sites_get_nothing(answer):
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert {"no-store", "private"} <= set(answer["Cache-Control"].split(", "))
    assert "Access-Control-Allow-Origin" not in answer


def test_policy_allows_what_is_ours_and_nothing_else(answer):
    policy = dict(
        part.strip().split(" ", 1) for part in answer["Content-Security-Policy"].split(";")
    )

    for rule in ("default-src", "object-src", "base-uri", "frame-ancestors"):
        assert policy.pop(rule) == "'none'"
    assert re.fullmatch(r"('nonce-[\w+/=-]+' )?'strict-dynamic'", policy.pop("script-src"))
    assert policy.pop("report-uri") == "/csp-report"
    assert policy.pop("img-src") == "'self' data:"
    assert set(policy.values()) == {"'self'"}


def test_answers_say_what_they_are(answer):
    kind = answer["Content-Type"]

    assert kind in ("text/html; charset=utf-8", "text/plain; charset=utf-8")


@pytest.mark.parametrize("address", ["/static/", "/static/css/", "/.git/config", "/docs/", "/var/"])
def test_folders_are_not_listed(address):
    assert Client().get(address).status_code == 404


@pytest.mark.parametrize("address", ["/", LOGIN, "/today/", "/healthz", "/nowhere/"])
def test_trace_echoes_nothing(address):
    answer = Client(headers={"x-secret": "swordfish"}).trace(address)

    assert answer.status_code != 200
    assert b"swordfish" not in answer.content


def test_scripts_keep_nothing_but_the_theme():
    scripts = "\n".join(path.read_text() for path in (ROOT / "static" / "js").rglob("*.js"))

    assert set(re.findall(r"localStorage\.\w+\(([^,)]+)", scripts)) == {"'theme'"}
    assert not re.search(r"sessionStorage|indexedDB|document\.cookie|caches\.", scripts)
