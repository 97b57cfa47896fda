"""Google's button in a real browser, with a server on this machine in Google's place."""

from copy import deepcopy

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from oneonones import sso
from people.tests.factories import PersonFactory
from people.tests.openid import OpenIDServer

pytestmark = pytest.mark.django_db(transaction=True)

LOGIN = reverse("account_login")
PRIYA = {
    "sub": "1",
    "email": "priya@school.example",
    "email_verified": True,
    "hd": "school.example",
}


@pytest.fixture
def priya(transactional_db):
    return PersonFactory(teacher=True, email="priya@school.example")


@pytest.fixture
def server(settings):
    with OpenIDServer() as server:
        server.claims = PRIYA
        settings.SINGLE_SIGN_ON = [server.app()]
        yield server


@pytest.fixture
def allowed(server, settings):
    """The policy as the settings make it for what is turned on."""
    policy = deepcopy(settings.CONTENT_SECURITY_POLICY)
    policy["DIRECTIVES"]["form-action"] += sso.hosts_of(settings.SINGLE_SIGN_ON)
    settings.CONTENT_SECURITY_POLICY = policy


@pytest.mark.parametrize("javascript", [True, False])
def test_button_leads_there_and_back(allowed, priya, open_page, javascript):
    page = open_page(javascript=javascript)
    page.goto(f"{LOGIN}?next={reverse('people:account')}")

    page.get_by_role("button", name="Sign in with Google").click()

    expect(page.get_by_role("heading", name="Your account")).to_be_visible()


def test_stranger_is_told(allowed, server, page, axe, complaints):
    server.claims = PRIYA | {"email": "stranger@school.example"}
    page.goto(LOGIN)

    page.get_by_role("button", name="Sign in with Google").click()

    expect(page.get_by_role("heading", name="Not with this account")).to_be_visible()
    axe(page)
    assert "403" in complaints.pop()


def test_other_side_that_does_not_answer_is_told(allowed, server, page, axe, complaints):
    server.fault = "no token"
    page.goto(LOGIN)

    page.get_by_role("button", name="Sign in with Google").click()

    expect(page.get_by_role("heading", name="That did not work")).to_be_visible()
    axe(page)
    complaints.clear()


def test_form_leads_to_no_other_host(server, priya, page, complaints):
    page.goto(LOGIN)

    with page.expect_console_message(lambda message: "form-action" in message.text):
        page.get_by_role("button", name="Sign in with Google").click()

    assert "/authorize" not in server.asked
    complaints.clear()


def test_page_of_too_often(page, axe, settings, complaints):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"login": "1/m/ip"}
    for _ in range(2):
        page.goto(LOGIN)
        page.locator("[name=login]").fill("nobody@school.example")
        page.locator("[name=password]").fill("wrong")
        page.get_by_role("button", name="Sign in", exact=True).click()

    expect(page.get_by_role("heading", name="That was too often")).to_be_visible()
    axe(page)
    assert "429" in complaints.pop()
