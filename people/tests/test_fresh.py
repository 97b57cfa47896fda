"""Before roles and addresses change one shows once more who one is; what was typed is not lost."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
import time_machine
from allauth.mfa.totp.internal import auth as totp
from bs4 import BeautifulSoup
from django.urls import reverse

from audit.models import Event
from conftest import NOW
from people.adapters import factors_of
from people.models import Role
from people.tests.factories import PASSWORD, PersonFactory, SchoolFactory
from people.tests.signing_in import events, show_factor, totp_code

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

BY_PASSWORD = reverse("account_reauthenticate")
BY_CODE = reverse("mfa_reauthenticate")
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
LATER = NOW + timedelta(minutes=6)
GIVEN = {"kind": "counselor", "starts_on": "2026-10-12", "ends_on": "", "title": "Ms. <Q>"}


@pytest.fixture
def school():
    return SchoolFactory()


@pytest.fixture
def administrator(client, school):
    """Somebody who showed their second factor six minutes ago."""
    person = PersonFactory(administrator=True, school=school)
    with factors_of(person.user):
        totp.TOTP.activate(person.user, SECRET)
    client.force_login(person.user)
    show_factor(client, person)
    return person


@pytest.fixture
def colleague(school):
    return PersonFactory(teacher=True, school=school)


@pytest.fixture
def later(administrator):
    with time_machine.travel(LATER, tick=False):
        yield


def give(person):
    return reverse("people:role_give", args=[person.uid])


def soup(response):
    return BeautifulSoup(response.text, "html.parser")


def waiting(response):
    """What the page sends with the answer."""
    fields = soup(response).select("main form:not([id]) input[type=hidden]")
    return {each["name"]: each["value"] for each in fields if each["name"] in GIVEN}


def is_counselor(person):
    return person.roles.filter(kind=Role.Kind.COUNSELOR).exists()


def test_fresh_factor_is_not_asked_for_again(client, administrator, colleague):
    assert client.get(give(colleague)).status_code == 200
    client.post(give(colleague), GIVEN)

    assert is_counselor(colleague)


def test_form_opens_after_a_code(client, later, colleague):
    asked = client.get(give(colleague))
    assert asked.url == f"{BY_CODE}?{urlencode({'next': give(colleague)})}"

    back = client.post(asked.url, {"code": totp_code(SECRET), "next": give(colleague)})

    assert back.url == give(colleague)
    assert client.get(back.url).status_code == 200


def test_what_was_typed_waits_and_is_done_after_a_code(client, later, colleague):
    asked = client.post(give(colleague), GIVEN)
    assert "Is it still you?" in asked.text
    assert waiting(asked) == GIVEN
    assert not is_counselor(colleague)

    client.post(give(colleague), waiting(asked) | {"again-code": totp_code(SECRET)})

    assert is_counselor(colleague)
    assert client.get(give(colleague)).status_code == 200  # for the next five minutes


def test_wrong_code_changes_nothing_and_loses_nothing(client, later, colleague):
    asked = client.post(give(colleague), GIVEN | {"again-code": "000000"})

    assert "This code is not right." in soup(asked).main.text
    assert waiting(asked) == GIVEN
    assert not is_counselor(colleague)
    assert [basis for _, _, basis in events(Event.Act.SIGNIN_FAIL)] == ["mfa"]


def test_guessing_is_stopped_in_words(client, later, colleague):
    for _ in range(11):
        asked = client.post(give(colleague), GIVEN | {"again-code": "000000"})
    right = client.post(give(colleague), GIVEN | {"again-code": totp_code(SECRET)})

    assert "That was tried too often. Wait a minute and try again." in asked.text
    assert waiting(asked) == GIVEN
    assert "too often" in right.text
    assert not is_counselor(colleague)


@pytest.mark.parametrize("name", ["role_end", "role_edit"])
def test_role_is_not_ended_or_changed_without(client, later, colleague, name):
    role = colleague.roles.get()
    address = reverse(f"people:{name}", args=[colleague.uid, role.kind, role.starts_on.isoformat()])

    asked = client.post(address, {"ends_on": "2026-10-12"})

    assert "Is it still you?" in asked.text
    role.refresh_from_db()
    assert role.ends_on is None


def test_login_is_not_moved_without(client, later, colleague):
    colleague.email = "new@school.example"
    colleague.save(update_fields=["email"])

    asked = client.post(reverse("people:person_invite", args=[colleague.uid]))

    assert "Is it still you?" in asked.text
    colleague.user.refresh_from_db()
    assert colleague.user.email != "new@school.example"


def test_newcomer_is_invited_without(client, later, school):
    newcomer = PersonFactory(teacher=True, school=school, without_login=True, email="n@s.example")

    client.post(reverse("people:person_invite", args=[newcomer.uid]))

    newcomer.refresh_from_db()
    assert newcomer.user.email == "n@s.example"


def test_password_is_not_enough_where_there_is_a_second_factor(client, later):
    assert client.get(BY_PASSWORD).url == BY_CODE
    client.post(BY_PASSWORD, {"password": PASSWORD})

    assert client.get(reverse("mfa_deactivate_totp")).url.startswith(BY_CODE)


def test_password_is_what_one_has_without_a_second_factor(client):
    teacher = PersonFactory(teacher=True)
    client.force_login(teacher.user)
    asked = client.get(reverse("mfa_activate_totp"))
    assert asked.url.startswith(BY_PASSWORD)

    wrong = client.post(asked.url, {"password": "wrong", "next": reverse("mfa_activate_totp")})
    right = client.post(asked.url, {"password": PASSWORD, "next": reverse("mfa_activate_totp")})

    assert "The password is not right." in wrong.text
    assert right.url == reverse("mfa_activate_totp")
    assert client.get(right.url).status_code == 200


def test_who_has_only_a_mailbox_is_not_asked(client):
    teacher = PersonFactory(teacher=True)
    teacher.user.set_unusable_password()
    teacher.user.save()
    client.force_login(teacher.user)

    assert client.get(reverse("mfa_activate_totp")).status_code == 200


def test_demo_never_asks(client):
    school = SchoolFactory(demo=True)
    client.force_login(PersonFactory(administrator=True, school=school).user)

    assert client.get(give(PersonFactory(teacher=True, school=school))).status_code == 200


def test_stranger_is_not_asked_but_refused(client, later):
    elsewhere = PersonFactory(teacher=True)

    assert client.post(give(elsewhere), GIVEN).status_code == 404
