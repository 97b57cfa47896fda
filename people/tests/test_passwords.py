"""Passwords: long ones of any letters; none that is short, used by many or made of names."""

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from oneonones import settings as of_the_site  # noqa: TID251 -- not those of the tests
from people.tests.factories import PASSWORD, PersonFactory
from people.tests.signing_in import is_signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

LOGIN = reverse("account_login")
CHANGE = reverse("account_change_password")


@pytest.fixture
def person():
    return PersonFactory(
        teacher=True,
        given_name="Marguerite",
        family_name="O'Donnell",
        user__email="m.odonnell@school.example",
    )


def changed_to(person, password):
    """A browser in which somebody has given themselves a new password, and what it was told."""
    client = Client()
    client.force_login(person.user)
    typed = {"oldpassword": PASSWORD, "password1": password, "password2": password}
    return client.post(CHANGE, typed)


@pytest.mark.parametrize(
    "password",
    [
        "passwordpassword",
        "914273650128",
        "Marguerite-ODonnell",
        "m.odonnell-2026",
        "One-on-Ones 2026",
        "Welcome School 1!",
    ],
)
def test_passwords_that_are_easy_to_think_of_are_refused(person, password):
    answer = changed_to(person, password)

    assert answer.status_code == 200
    assert 'aria-invalid="true"' in answer.text
    person.user.refresh_from_db()
    assert person.user.check_password(PASSWORD)


def test_passwords_shorter_than_twelve_are_refused(person):
    with pytest.raises(ValidationError, match="12"):
        validate_password("otters swim", person.user)


def test_the_schools_name_is_known(person):
    name = person.roles.get().school.name

    with pytest.raises(ValidationError, match="harder to think of"):
        validate_password(f"{name} 2026!", person.user)
    validate_password(f"{name} has seven brown otters", person.user)


@pytest.mark.parametrize(
    "password",
    [
        "otters swim at nightfall",
        "öttérs schwimmen größer 🦦🦦",
        "   spaces before and after   ",
        "Marguerite paints seven otters",
        "abcdefgh" * 8 + " tail that counts",
    ],
)
def test_passwords_of_any_letters_are_taken_as_they_are(person, password):
    assert changed_to(person, password).status_code == 302

    for typed, is_it in [(password, True), (password[:-1], False), (password.upper(), False)]:
        client = Client()
        client.post(LOGIN, {"login": person.user.email, "password": typed})
        assert is_signed_in(client) is is_it, typed


def test_field_hides_what_is_typed_and_helps_managers(person):
    client = Client()
    assert 'autocomplete="current-password"' in client.get(LOGIN).text
    client.force_login(person.user)
    page = client.get(CHANGE).text

    assert page.count('type="password"') == 3
    assert page.count('autocomplete="new-password"') == 2
    assert "onpaste" not in page


def test_passwords_are_kept_by_argon2():
    assert of_the_site.PASSWORD_HASHERS[0].endswith(".Argon2PasswordHasher")


def test_signing_in_makes_a_new_session(person):
    client = Client()
    client.get(LOGIN)
    session = client.session
    session["before"] = 1
    session.save()
    before = client.session.session_key

    client.post(LOGIN, {"login": person.user.email, "password": PASSWORD})

    assert is_signed_in(client)
    assert client.session.session_key != before
    assert not client.session.exists(before)
