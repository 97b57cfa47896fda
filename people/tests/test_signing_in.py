"""Signing in: password, code, new password; and what a stranger learns."""

import re
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from bs4 import BeautifulSoup
from django.urls import reverse

from audit.models import Event
from conftest import NOW
from people.delivery import deliver_due
from people.models import OutgoingMail, User
from people.tests.factories import PASSWORD, PersonFactory, UserFactory
from people.tests.signing_in import events, is_signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

LOGIN = reverse("account_login")
ASK_FOR_CODE = reverse("account_request_login_code")
ENTER_CODE = reverse("account_confirm_login_code")
RESET = reverse("account_reset_password")
ACCOUNT = reverse("people:account")


@pytest.fixture
def teacher():
    return PersonFactory(teacher=True)


def words_of(response):
    """A page without what differs each time it is shown."""
    page = BeautifulSoup(response.content, "html.parser")
    for tag in page.find_all(["script", "link"]):
        tag.decompose()
    for tag in page.find_all("input", {"name": "csrfmiddlewaretoken"}):
        tag.decompose()
    page.body.attrs.clear()
    return str(page.body)


def test_password_signs_in_whatever_the_case(client, post, teacher):
    response = post(LOGIN, login=teacher.email.upper(), password=PASSWORD)

    assert (response.status_code, response.url) == (302, reverse("home"))
    assert is_signed_in(client)
    assert events(Event.Act.SIGNIN_OK) == [(teacher.pk, [f"user:{teacher.user_id}"], "password")]


def test_wrong_password_is_refused_and_logged_without_the_address(client, post, teacher):
    response = post(LOGIN, login=teacher.email, password="wrong")

    assert "The e-mail address or the password is not right." in response.text
    assert not is_signed_in(client)
    assert events(Event.Act.SIGNIN_FAIL) == [(None, [f"user:{teacher.user_id}"], "password")]


def test_password_page_does_not_tell_who_has_an_account(post, teacher):
    known = post(LOGIN, login=teacher.email, password="wrong")
    unknown = post(LOGIN, login="nobody@school.example", password="wrong")

    assert words_of(known).replace(teacher.email, "") == words_of(unknown).replace(
        "nobody@school.example", ""
    )
    assert events(Event.Act.SIGNIN_FAIL)[1] == (None, [], "password")


def test_code_of_six_digits_signs_in(client, post, teacher, mailoutbox):
    response = post(ASK_FOR_CODE, email=teacher.email.title())
    assert response.url == ENTER_CODE

    [mail] = mailoutbox
    [code] = re.findall(r"^(\d{6})$", mail.body, re.MULTILINE)
    assert mail.to == [teacher.email]
    assert code not in mail.subject
    row = OutgoingMail.objects.get()
    assert (row.kind, row.sealed, row.hold_until) == ("signin_code", None, None)

    response = post(ENTER_CODE, code=code)
    assert response.url == reverse("home")
    assert is_signed_in(client)
    assert events(Event.Act.SIGNIN_OK) == [(teacher.pk, [f"user:{teacher.user_id}"], "code")]
    assert client.get(ACCOUNT).status_code == 200


def test_code_waits_sealed(client, teacher):
    client.post(ASK_FOR_CODE, {"email": teacher.email})  # nothing is delivered: no worker

    row = OutgoingMail.objects.get()
    code = client.session["account_login"]["state"]["stages"]["login_by_code"]["data"]["code"]
    assert re.fullmatch(r"\d{6}", code)
    assert code.encode() not in bytes(row.sealed)


def test_late_code_is_not_sent_and_is_erased(client, teacher, mailoutbox):
    client.post(ASK_FOR_CODE, {"email": teacher.email})

    deliver_due(at=NOW + timedelta(minutes=10))

    row = OutgoingMail.objects.get()
    assert mailoutbox == []
    assert (row.sent_at, row.sealed) == (None, None)


def test_new_code_voids_the_mail_of_the_earlier(client, teacher, mailoutbox):
    client.post(ASK_FOR_CODE, {"email": teacher.email})
    client.post(ASK_FOR_CODE, {"email": teacher.email})

    deliver_due(at=NOW)

    assert len(mailoutbox) == 1


def test_expired_code_says_so(client, post, teacher, mailoutbox):
    post(ASK_FOR_CODE, email=teacher.email)
    [code] = re.findall(r"\b\d{6}\b", mailoutbox[0].body)

    with time_machine.travel(NOW + timedelta(minutes=11), tick=False):
        response = client.post(ENTER_CODE, {"code": code}, follow=True)

    assert response.redirect_chain == [(ASK_FOR_CODE, 302)]
    assert "This code no longer works. Ask for a new one." in response.text
    assert not is_signed_in(client)


def test_wrong_code_says_so_and_three_end_it(client, post, teacher):
    post(ASK_FOR_CODE, email=teacher.email)

    answers = [client.post(ENTER_CODE, {"code": "000000"}, follow=True) for _ in range(3)]

    assert "This code is not right. Look in the newest mail." in answers[0].text
    assert "That was tried too often." in answers[2].text
    assert events(Event.Act.SIGNIN_FAIL) == [(None, [f"user:{teacher.user_id}"], "code")] * 3


@pytest.mark.parametrize("who", ["nobody", "inactive user", "ended person", "no person"])
def test_asking_for_a_code_tells_nothing_and_mails_nobody(client, post, teacher, who, mailoutbox):
    addresses = {
        "nobody": lambda: "nobody@school.example",
        "inactive user": lambda: PersonFactory(teacher=True, user__is_active=False).email,
        "ended person": lambda: PersonFactory(teacher=True, is_active=False).email,
        "no person": lambda: UserFactory(superuser=True).email,
    }
    other = addresses[who]()
    pages = []
    for email in (teacher.email, other):
        response = post(ASK_FOR_CODE, email=email)
        assert (response.status_code, response.url) == (302, ENTER_CODE)
        pages.append(words_of(client.get(ENTER_CODE)).replace(email, "the address"))
        client.cookies.clear()

    assert pages[0] == pages[1]
    assert [mail.to for mail in mailoutbox] == [[teacher.email]]
    assert OutgoingMail.objects.count() == 1


def test_asking_for_a_new_password_tells_nothing(client, post, teacher, mailoutbox):
    pages = []
    for email in (teacher.email, "nobody@school.example"):
        response = client.post(RESET, {"email": email}, follow=True)
        pages.append(words_of(response).replace(email, "the address"))
    deliver_due(at=NOW)

    assert pages[0] == pages[1]
    assert [mail.to for mail in mailoutbox] == [[teacher.email]]
    assert not EmailAddress.objects.exists()  # the roster says what anybody's address is


def test_new_password_by_mail(client, post, teacher, mailoutbox, settings):
    settings.SITE_URL = "https://one.school.example"
    post(RESET, email=teacher.email)
    [mail] = mailoutbox
    [path] = re.findall(r"https://one\.school\.example(/\S+)", mail.body)

    form = client.get(path, follow=True)
    assert teacher.user.check_password(PASSWORD)  # a scanner that follows links changes nothing
    new = "a new and long sentence"
    response = post(form.redirect_chain[-1][0], password1=new, password2=new)

    assert response.status_code == 302
    teacher.user.refresh_from_db()
    assert teacher.user.check_password(new)
    assert mailoutbox[1].subject == "Your password was changed"
    assert "Monday 12 October at 3:00 AM" in mailoutbox[1].body  # New York's clock


def test_used_link_says_so(client, post, teacher, mailoutbox):
    post(RESET, email=teacher.email)
    [path] = re.findall(r"http://localhost:8000(/\S+)", mailoutbox[0].body)
    teacher.user.set_password("something else entirely")
    teacher.user.save()

    response = client.get(path, follow=True)

    assert "This link no longer works" in response.text
    assert "password1" not in response.text


@pytest.mark.parametrize("state", ["inactive user", "ended person", "no person"])
def test_ended_login_does_not_open(client, post, state):
    user = {
        "inactive user": lambda: PersonFactory(teacher=True, user__is_active=False).user,
        "ended person": lambda: PersonFactory(teacher=True, is_active=False).user,
        "no person": lambda: UserFactory(superuser=True),
    }[state]()

    response = post(LOGIN, login=user.email, password=PASSWORD)

    assert response.url == reverse("account_inactive")
    assert not is_signed_in(client)


def test_session_of_a_login_without_person_opens_nothing(client):
    client.force_login(UserFactory(superuser=True))

    assert client.get(ACCOUNT).status_code == 403


def test_nobody_makes_an_account(client, post):
    address = reverse("account_signup")
    fields = {"email": "a@b.example", "password1": PASSWORD, "password2": PASSWORD}

    assert "By invitation" in client.get(address).text
    assert "By invitation" in post(address, **fields).text
    assert not User.objects.exists()


def test_nobody_claims_another_address(client, teacher):
    client.force_login(teacher.user)

    page = client.get(reverse("account_email"))
    refused = client.post(
        reverse("account_email"), {"email": "principal@school.example", "action_add": ""}
    )

    assert teacher.email in page.text
    assert refused.status_code == 405
    assert client.get("/accounts/confirm-email/").status_code == 404
    assert client.get("/accounts/confirm-email/abc:def/").status_code == 404
    assert not EmailAddress.objects.exists()
