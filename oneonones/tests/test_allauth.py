"""
Every address of django-allauth x who has not signed in yet, or lacks their second step.

What a password, or a session without the factor its role asks for, opens of them: nothing but the
way on. An address that is not listed fails.
"""

import pytest
from allauth.mfa.models import Authenticator
from django.urls import get_resolver, reverse

from oneonones.tests.test_access import FROM_ALLAUTH, url_names
from people.tests.factories import PASSWORD, PersonFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

ARGUMENTS = {
    "account_confirm_email": ["made-up"],
    "account_reset_password_from_key": ["abc", "def"],
    "mfa_edit_webauthn": [7],
    "mfa_remove_webauthn": [7],
    "openid_connect_callback": ["google"],
    "openid_connect_login": ["google"],
}
VISITORS = ["stranger", "half-way", "without factor"]

# fmt: off
ADDRESSES = {
    # GET by a stranger, half-way through signing in, and signed in without the factor of the role
    "account_change_password":                (302, 302, 302),
    "account_confirm_email":                  (404, 404, 404),
    "account_confirm_login_code":             (302, 302, 302),
    "account_email":                          (302, 302, 302),
    "account_email_verification_sent":        (404, 404, 404),
    "account_inactive":                       (200, 200, 200),
    "account_login":                          (200, 302, 302),
    "account_logout":                         (302, 302, 200),
    "account_reauthenticate":                 (302, 302, 200),
    "account_request_login_code":             (200, 302, 302),
    "account_reset_password":                 (200, 200, 200),
    "account_reset_password_done":            (200, 200, 200),
    "account_reset_password_from_key":        (200, 200, 200),
    "account_reset_password_from_key_done":   (200, 200, 200),
    "account_set_password":                   (302, 302, 302),
    "account_signup":                         (200, 200, 302),
    "mfa_activate_totp":                      (302, 302, 302),
    "mfa_add_webauthn":                       (302, 302, 302),
    "mfa_authenticate":                       (302, 200, 302),
    "mfa_deactivate_totp":                    (302, 302, 302),
    "mfa_download_recovery_codes":            (302, 302, 302),
    "mfa_edit_webauthn":                      (302, 302, 302),
    "mfa_generate_recovery_codes":            (302, 302, 302),
    "mfa_index":                              (302, 302, 200),
    "mfa_list_webauthn":                      (302, 302, 302),
    "mfa_login_webauthn":                     (302, 302, 302),
    "mfa_reauthenticate":                     (302, 302, 302),
    "mfa_reauthenticate_webauthn":            (302, 302, 302),
    "mfa_remove_webauthn":                    (302, 302, 302),
    "mfa_view_recovery_codes":                (302, 302, 302),
    "openid_connect_callback":                (404, 404, 404),
    "openid_connect_login":                   (404, 404, 404),
    "socialaccount_connections":              (404, 404, 404),
    "socialaccount_login_cancelled":          (404, 404, 404),
    "socialaccount_login_error":              (404, 404, 404),
    "socialaccount_signup":                   (404, 404, 404),
}
# fmt: on


def test_every_address_is_listed():
    theirs = {name for name in url_names(get_resolver()) if name.startswith(FROM_ALLAUTH)}

    assert theirs == set(ADDRESSES)


@pytest.fixture
def visit(client):
    """Become one of VISITORS; answers the client."""

    def become(visitor):
        person = PersonFactory(leader=True)
        if visitor == "half-way":
            Authenticator.objects.create(user=person.user, type="totp", data={})
            client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
        elif visitor == "without factor":
            client.force_login(person.user)
        return client

    return become


@pytest.mark.parametrize("visitor", VISITORS)
@pytest.mark.parametrize("name", ADDRESSES)
def test_address(visit, name, visitor):
    client = visit(visitor)

    response = client.get(reverse(name, args=ARGUMENTS.get(name, [])))

    assert response.status_code == ADDRESSES[name][VISITORS.index(visitor)]


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("visitor", VISITORS)
@pytest.mark.parametrize("name", ADDRESSES)
def test_nothing_opens_the_site_without_the_second_step(visit, name, visitor, method):
    client = visit(visitor)

    getattr(client, method)(reverse(name, args=ARGUMENTS.get(name, [])))

    assert client.get(reverse("scheduling:today")).status_code == 302
