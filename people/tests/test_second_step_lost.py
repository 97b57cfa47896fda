"""A lost second step: taken off by an administrator who has seen the person, or by IT's command."""

import pytest
from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from audit.models import Event
from people import actions
from people.models import Session, User
from people.tests.factories import PASSWORD, PersonFactory, RoleFactory, SchoolFactory
from people.tests.signing_in import events, is_signed_in, show_factor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

MET = {"proof": "known"}
TYPES = ["totp", "webauthn", "recovery_codes"]


@pytest.fixture
def school():
    return SchoolFactory()


@pytest.fixture
def elena(school):
    """A leader with all there is of a second step, and a browser in which she is signed in."""
    elena = PersonFactory(leader=True, school=school)
    for kind in TYPES:
        Authenticator.objects.create(user=elena.user, type=kind, data={})
    elena.client = Client()
    elena.client.force_login(elena.user)
    return elena


@pytest.fixture
def administrator(school, client):
    administrator = PersonFactory(administrator=True, school=school)
    Authenticator.objects.create(user=administrator.user, type="totp", data={})
    client.force_login(administrator.user)
    show_factor(client, administrator)
    return administrator


def page_of(person):
    return reverse("people:second_step_off", args=[person.uid])


def has_factor(person):
    return Authenticator.objects.filter(user=person.user_id).exists()


def test_administrator_who_has_seen_them_takes_it_off(post, administrator, elena, mailoutbox):
    response = post(page_of(elena), **MET)

    assert response.url == reverse("people:person_edit", args=[elena.uid])
    assert not has_factor(elena)
    assert has_factor(administrator)
    assert not Session.objects.filter(user=elena.user).exists()
    assert not User.objects.get(pk=elena.user_id).has_usable_password()
    [mail] = mailoutbox
    assert mail.to == [elena.user.email]
    assert mail.subject == "Your second step was taken off"
    assert (
        administrator.pk,
        [f"person:{elena.pk}", f"user:{elena.user_id}"],
        "second-step.off:known",
    ) in events(Event.Act.PERSON_CHANGE)


def test_who_knows_the_password_is_not_the_first_to_set_it_up(post, administrator, elena):
    post(page_of(elena), **MET)
    thief = Client()

    thief.post(reverse("account_login"), {"login": elena.user.email, "password": PASSWORD})

    assert not is_signed_in(thief)
    assert elena.client.get(reverse("people:account")).status_code == 302


def test_they_set_it_up_anew_before_anything_else(post, administrator, elena):
    post(page_of(elena), **MET)
    elena.client.force_login(User.objects.get(pk=elena.user_id))

    assert elena.client.get(reverse("people:account")).url == reverse("mfa_index")


def test_page_says_how_to_make_sure_and_changes_nothing(client, administrator, elena):
    edit = client.get(reverse("people:person_edit", args=[elena.uid]))
    page = client.get(page_of(elena))

    assert page_of(elena) in edit.text
    assert "A mail, a chat or a voice on the phone is no proof" in page.text
    assert has_factor(elena)


@pytest.mark.parametrize("fields", [{}, {"proof": "phone"}, {"proof": ""}])
def test_without_a_proof_it_stays(client, administrator, elena, fields):
    page = client.post(page_of(elena), fields)

    assert page.status_code == 200
    assert "Take it off" in page.text
    assert has_factor(elena)


def test_it_asks_once_more_who_one_is(client, administrator, elena):
    show_factor(client, administrator, ago=600)

    assert "Is it still you?" in client.post(page_of(elena), MET).text
    assert has_factor(elena)


def test_nobody_takes_off_their_own(client, administrator):
    page = client.post(page_of(administrator), MET)

    assert "This is you." in page.text
    assert "has lost the second step" not in page.text
    assert reverse("mfa_index") in page.text
    assert has_factor(administrator)


def test_administrator_of_one_of_their_schools_is_not_enough(client, administrator, elena):
    RoleFactory(person=elena, teacher=True)

    assert "administers all of their schools" in client.post(page_of(elena), MET).text
    assert has_factor(elena)


def test_there_may_be_nothing_to_take_off(client, administrator, elena):
    Authenticator.objects.filter(user=elena.user).delete()

    assert "They have no second step." in client.post(page_of(elena), MET).text


@pytest.mark.parametrize("who", ["themselves", "other school", "colleague"])
def test_action_refuses_whoever_may_not(elena, now, who):
    by = {
        "themselves": lambda: (
            RoleFactory(person=elena, school=elena.roles.get().school, administrator=True).person
        ),
        "other school": lambda: PersonFactory(administrator=True),
        "colleague": lambda: PersonFactory(leader=True, school=elena.roles.get().school),
    }[who]()

    with pytest.raises(PermissionDenied):
        actions.take_off_second_step(elena, by=by, at=now)

    assert has_factor(elena)


def test_command_does_it_for_an_administrator(elena, mailoutbox, capsys):
    call_command("second_step_off", f" {elena.user.email.upper()} ")

    assert "set it up anew" in capsys.readouterr().out
    assert not has_factor(elena)
    assert events(Event.Act.PERSON_CHANGE)[-1] == (
        None,
        [f"person:{elena.pk}", f"user:{elena.user_id}"],
        "second-step.off:command",
    )


@pytest.mark.parametrize("state", ["nobody", "none", "ended"])
def test_command_says_why_not(elena, state):
    email = "nobody@school.example" if state == "nobody" else elena.user.email
    if state == "none":
        Authenticator.objects.all().delete()
    if state == "ended":
        User.objects.update(is_active=False)

    with pytest.raises(CommandError, match=r"Nothing was changed\."):
        call_command("second_step_off", email)
