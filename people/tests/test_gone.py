"""Whoever leaves is out at once: open browsers, half-way sign-ins, codes, links, passkeys."""

import re

import pytest
from allauth.mfa.totp.internal import auth as totp
from django.db import transaction
from django.test import Client
from django.urls import reverse

from audit.models import Event
from conftest import NOW
from people import actions
from people.adapters import factors_of
from people.delivery import deliver_due
from people.models import OutgoingMail, Session
from people.tests.factories import PASSWORD, PersonFactory, SchoolFactory
from people.tests.signing_in import events, is_signed_in, totp_code
from scheduling.models import Invitation
from scheduling.tests.factories import InvitationFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

LOGIN = reverse("account_login")
ASK_FOR_CODE = reverse("account_request_login_code")
ENTER_CODE = reverse("account_confirm_login_code")
SECOND_STEP = reverse("mfa_authenticate")
ACCOUNT = reverse("people:account")
CLOSED = reverse("account_inactive")
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def school():
    return SchoolFactory()


@pytest.fixture
def teacher(school):
    return PersonFactory(teacher=True, school=school)


@pytest.fixture
def leave(school, teacher):
    administrator = PersonFactory(administrator=True, school=school)

    def leave():
        actions.end_person(teacher, school, by=administrator, at=NOW)

    return leave


def browser_of(person):
    client = Client()
    client.post(LOGIN, {"login": person.email, "password": PASSWORD})
    return client


def test_every_browser_is_out_and_forgotten(teacher, leave):
    browsers = [browser_of(teacher), browser_of(teacher)]
    assert [each.get(ACCOUNT).status_code for each in browsers] == [200, 200]

    leave()

    assert [each.get(ACCOUNT).status_code for each in browsers] == [302, 302]
    assert not Session.objects.filter(user=teacher.user).exists()


def test_browsers_of_others_stay(school, teacher, leave):
    colleague = browser_of(PersonFactory(teacher=True, school=school))

    leave()

    assert colleague.get(ACCOUNT).status_code == 200


def test_all_of_it_ends_or_nothing(teacher, leave, monkeypatch):
    browser = browser_of(teacher)
    monkeypatch.setattr(actions.leaving, "note", lambda *args, **kwargs: 1 / 0)

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        leave()

    assert browser.get(ACCOUNT).status_code == 200
    assert teacher.roles.get().ends_on is None


def test_code_that_was_asked_for_opens_nothing(client, post, teacher, leave, mailoutbox):
    post(ASK_FOR_CODE, email=teacher.email)
    [code] = re.findall(r"^(\d{6})$", mailoutbox[0].body, re.MULTILINE)

    leave()
    response = client.post(ENTER_CODE, {"code": code})

    assert response.url == CLOSED
    assert not is_signed_in(client)
    assert events(Event.Act.SIGNIN_OK) == []


def test_code_on_its_way_is_not_sent(client, teacher, leave, mailoutbox):
    client.post(ASK_FOR_CODE, {"email": teacher.email})

    leave()
    deliver_due(at=NOW)

    assert mailoutbox == []
    assert OutgoingMail.objects.get(kind="signin_code").sealed is None


def test_second_step_half_way_opens_nothing(client, teacher, leave):
    with factors_of(teacher.user):
        totp.TOTP.activate(teacher.user, SECRET)
    assert client.post(LOGIN, {"login": teacher.email, "password": PASSWORD}).url == SECOND_STEP

    leave()
    response = client.post(SECOND_STEP, {"code": totp_code(SECRET)})

    assert response.url == CLOSED
    assert not is_signed_in(client)


def test_link_for_a_new_password_opens_nothing(client, post, teacher, leave, mailoutbox):
    post(reverse("account_reset_password"), email=teacher.email)
    [path] = re.findall(r"http://localhost:8000(/\S+)", mailoutbox[0].body)

    leave()

    assert "This link no longer works" in client.get(path, follow=True).text


def test_open_invitation_is_open_no_more(school, teacher, leave):
    InvitationFactory(
        pairing__attendee=teacher, pairing__school=school, sign_up__host__school=school
    )
    assert Invitation.objects.of(teacher).exists()

    leave()

    browser = browser_of(teacher)
    assert browser.get(reverse("scheduling:pick")).url.startswith(LOGIN)
