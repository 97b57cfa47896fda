"""Who asks for a login to move, and what is pressed."""

from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse

from conftest import NOW
from people import actions
from people.models import LoginMove, User
from people.tests.factories import PersonFactory
from people.tests.signing_in import show_factor

OLD, NEW = "elena.before@school.example", "elena@school.example"
ENDING = LoginMove.Ending


def signs_in(person):
    """Somebody who has signed in before, in a browser in which they still are."""
    person.client = Client()
    person.client.force_login(person.user)
    person.user.refresh_from_db()
    return person


def administrator_of(school):
    person = signs_in(PersonFactory(administrator=True, school=school))
    Authenticator.objects.create(user=person.user, type="totp", data={})
    show_factor(person.client, person)
    return person


def asked(elena, by):
    return actions.ask_to_move(elena, by=by, at=NOW)


def ended(move):
    move.refresh_from_db()
    return move.ending


def address_of(person):
    return User.objects.get(person=person).email


def page_of(person):
    return reverse("people:person_edit", args=[person.uid])


def press(by, name, person, *more, **fields):
    """What an administrator sees after pressing a button of somebody's page."""
    address = reverse(f"people:{name}", args=[person.uid, *(each.uid for each in more)])
    return by.client.post(address, fields, follow=True)


def sent(mailoutbox):
    return [(mail.to[0], mail.subject) for mail in mailoutbox]


TOLD = "Your sign-in is to move to another address"
WAITS = "Moving somebody's sign-in needs your yes"
