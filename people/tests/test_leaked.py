"""Passwords that leaked elsewhere: found in a sorted file of any size, on this machine."""

import hashlib

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from people.checks import check_leaked_passwords
from people.leaked import is_leaked
from people.tests.factories import PASSWORD, PersonFactory

LEAKED = "purple tractor weather"
OTHER = "another tractor weather"


def hash_of(password):
    return hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()


def lines_of(passwords, form="{}:{}\r\n"):
    return "".join(form.format(each, len(each)) for each in sorted(map(hash_of, passwords)))


@pytest.fixture
def listed(settings, tmp_path):
    """Keep a list of passwords in the file that the settings name."""
    settings.LEAKED_PASSWORDS = str(tmp_path / "passwords.txt")

    def keep(text):
        (tmp_path / "passwords.txt").write_bytes(text.encode())
        return settings.LEAKED_PASSWORDS

    return keep


@pytest.mark.parametrize("count", [1, 2, 3, 16, 257])
@pytest.mark.parametrize("form", ["{}:{}\r\n", "{}:{}\n", "{}\n"])
def test_each_of_a_list_is_found_and_nothing_else(listed, count, form):
    passwords = [f"password {number}" for number in range(count)]
    path = listed(lines_of(passwords, form))

    assert all(is_leaked(each, path) for each in passwords)
    assert not any(is_leaked(f"other {number}", path) for number in range(50))


def test_last_line_may_have_no_end_and_letters_may_be_small(listed):
    passwords = ["a", "b", "c", "d"]
    path = listed(lines_of(passwords, "{}\n").strip().lower())

    assert all(is_leaked(each, path) for each in passwords)


def test_empty_list_holds_nothing(listed):
    assert not is_leaked(LEAKED, listed(""))


@pytest.mark.django_db
def test_password_that_leaked_is_refused(listed, now):
    listed(lines_of([LEAKED, "b", "c"]))
    person = PersonFactory(teacher=True)
    client = Client()
    client.force_login(person.user)
    change = reverse("account_change_password")

    typed = {"oldpassword": PASSWORD, "password1": LEAKED, "password2": LEAKED}
    refused = client.post(change, typed)

    assert "This password has leaked from another site" in refused.text
    person.user.refresh_from_db()
    assert person.user.check_password(PASSWORD)
    client.post(change, typed | {"password1": OTHER, "password2": OTHER})
    person.user.refresh_from_db()
    assert person.user.check_password(OTHER)


def test_without_a_list_nothing_is_asked(settings):
    settings.LEAKED_PASSWORDS = ""

    validate_password(LEAKED)
    assert check_leaked_passwords() == []


def test_list_that_cannot_be_read_refuses_and_is_told(settings, tmp_path, caplog):
    settings.LEAKED_PASSWORDS = str(tmp_path / "not there")

    with pytest.raises(ValidationError, match="cannot be checked just now"):
        validate_password(LEAKED)

    assert LEAKED not in caplog.text
    assert [each.id for each in check_leaked_passwords()] == ["people.W001"]


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        (lines_of("ab"), 0),
        (lines_of("a"), 0),
        ("", 1),
        ("password\n", 1),
        ("".join(reversed(lines_of("ab").splitlines(keepends=True))), 1),
        ("32ED87BDB5FDC5E9CBA88547376818D4:24230577\n", 1),  # NTLM, the other list there is
    ],
)
def test_check_looks_at_the_beginning_of_the_list(listed, text, problems):
    listed(text)

    assert len(check_leaked_passwords()) == problems
