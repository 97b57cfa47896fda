"""Passkeys in a real browser, with an authenticator that Chromium plays."""

import re
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from audit.models import Event
from people import actions
from people.models import Session
from people.tests.factories import PASSWORD, PersonFactory, RoleFactory

from .acts import device_of

pytestmark = pytest.mark.django_db(transaction=True)

LOGIN = reverse("account_login")
ADD = reverse("mfa_add_webauthn")
LIST = reverse("mfa_list_webauthn")


@pytest.fixture
def leader(transactional_db):
    """Somebody whose role asks for a second step."""
    return PersonFactory(leader=True, email="leader@school.example")


@pytest.fixture
def device(page):
    """A device that keeps passkeys and knows its owner's finger."""
    return device_of(page)


def sign_in_with_password(page, person):
    page.goto(LOGIN)
    page.locator("[name=login]").fill(person.email)
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def add(page, name=""):
    page.goto(ADD)
    if name:
        page.get_by_label("A name for it").fill(name)
    with page.expect_navigation():
        page.get_by_role("button", name="Add a passkey").click()


def sign_out(page):
    page.locator("details.me summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


@pytest.fixture
def added(page, device, leader):
    """A browser that is signed out, whose device has a passkey."""
    sign_in_with_password(page, leader)
    expect(page.get_by_role("heading", name="How you sign in")).to_be_visible()
    add(page, "My laptop")
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    return page


def methods():
    return list(
        Event.objects.filter(act=Event.Act.SIGNIN_OK)
        .order_by("seq")
        .values_list("basis", flat=True)
    )


def test_passkey_signs_in_without_anything_typed(added, device, leader):
    page = added
    sign_out(page)

    page.get_by_role("button", name="Sign in with a passkey").click()

    expect(page).to_have_url(re.compile("/today/$"))  # and no second step is asked for
    assert methods() == ["password", "passkey"]
    [credential] = device("getCredentials")["credentials"]
    assert credential["isResidentCredential"]
    assert credential["rpId"] == "localhost"


def test_passkey_leads_to_where_one_was_going(added):
    sign_out(added)
    added.goto(reverse("people:account"))

    added.get_by_role("button", name="Sign in with a passkey").click()

    expect(added.get_by_role("heading", name="Your account")).to_be_visible()


def test_passkey_is_the_second_step_after_a_password(added, leader):
    sign_out(added)
    sign_in_with_password(added, leader)
    expect(added.get_by_role("heading", name="Second step")).to_be_visible()

    added.get_by_role("button", name="Use your passkey").click()

    expect(added).to_have_url(re.compile("/today/$"))
    assert methods() == ["password", "password-passkey"]


def test_passkeys_are_listed_renamed_and_removed(added):
    page = added
    page.goto(LIST)
    page.get_by_role("link", name="Rename My laptop").click()
    page.get_by_label("Name").fill("The old laptop")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="The old laptop")).to_be_visible()

    page.get_by_role("link", name="Remove The old laptop").click()
    page.get_by_role("button", name="Remove it").click()

    # and with it the last second step, which this role needs
    expect(page.get_by_role("heading", name="How you sign in")).to_be_visible()
    assert not Authenticator.objects.exists()


def test_passkey_of_nobody_is_refused_in_words(added):
    sign_out(added)
    Authenticator.objects.filter(type=Authenticator.Type.WEBAUTHN).delete()

    added.get_by_role("button", name="Sign in with a passkey").click()

    expect(added.get_by_text("This passkey was not accepted.")).to_be_visible()
    assert methods() == ["password"]
    assert Event.objects.filter(act=Event.Act.SIGNIN_FAIL, basis="passkey").count() == 1


def test_owner_who_is_not_recognized_is_told(added, device):
    sign_out(added)
    device("setUserVerified", isUserVerified=False)

    added.get_by_role("button", name="Sign in with a passkey").click()

    expect(added.get_by_role("alert")).to_contain_text("No passkey was given, or it took too long.")


def test_device_that_has_one_says_so(added):
    added.goto(ADD)

    added.get_by_role("button", name="Add a passkey").click()

    expect(added.get_by_role("alert")).to_have_text("This device has a passkey for you already.")


def test_without_javascript_the_other_ways_are_there(open_page, leader):
    page = open_page(javascript=False)

    sign_in_with_password(page, leader)
    expect(page.get_by_role("heading", name="How you sign in")).to_be_visible()
    page.get_by_role("link", name="Add a passkey").click()

    expect(page.get_by_text("Passkeys need JavaScript")).to_be_visible()
    expect(page.get_by_role("button", name="Add a passkey")).to_be_hidden()


def stale(person):
    """As if it were long ago that somebody showed who they are."""
    row = Session.objects.get(user=person.user)
    session = Session.get_session_store_class()(row.session_key)
    for record in session["account_authentication_methods"]:
        record["at"] -= 3600
    session.modified = True
    session.save()
    Authenticator.objects.update(created_at=row.last_seen_at - timedelta(days=9))


def test_what_was_typed_waits_for_the_passkey(added, axe, leader):
    school = leader.roles.get().school
    RoleFactory(person=leader, school=school, administrator=True)
    colleague = PersonFactory(teacher=True, school=school)
    added.goto(reverse("people:role_give", args=[colleague.uid]))
    added.get_by_label("Role").select_option("counselor")
    stale(leader)

    added.get_by_role("button", name="Give the role").click()
    expect(added.get_by_role("heading", name="Is it still you?")).to_be_visible()
    axe(added)
    assert not colleague.roles.filter(kind="counselor").exists()
    added.get_by_role("button", name="Use your passkey").click()

    expect(added.get_by_text("They can sign in now")).to_be_visible()
    assert colleague.roles.filter(kind="counselor").exists()


def test_page_opens_after_the_passkey(added, leader):
    stale(leader)
    added.goto(ADD)
    expect(added.get_by_role("heading", name="Is it still you?")).to_be_visible()

    added.get_by_role("link", name="Use your passkey").click()
    added.get_by_role("button", name="Use your passkey").click()

    expect(added.get_by_role("heading", name="Add a passkey")).to_be_visible()


def test_passkey_of_who_left_opens_nothing(added, leader):
    sign_out(added)
    school = leader.roles.get().school
    by = PersonFactory(administrator=True, school=school)
    actions.end_person(leader, school, by=by, at=timezone.now())

    added.get_by_role("button", name="Sign in with a passkey").click()

    expect(added.get_by_role("heading", name="This account is closed")).to_be_visible()
    assert methods() == ["password"]
