"""How the tests of inviting send letters and read the page."""

from bs4 import BeautifulSoup
from django.urls import reverse

from conftest import NOW
from people.tests.factories import PersonFactory
from scheduling import actions
from scheduling.actions import Invitee

INVITE = reverse("scheduling:invite")

LETTER = "You do not have to prepare."


def teacher(school, **fields):
    return PersonFactory(**{"teacher": True, "school": school} | fields)


def send(host, school, *rows, letter=LETTER, by=None, term=None):
    return actions.invite(
        host,
        school,
        term or school.terms.get(),
        [Invitee(*row) for row in rows],
        letter,
        by=by or host,
        at=NOW,
    )


def soup(response):
    return BeautifulSoup(response.text, "html.parser")


def post(client, host, *people, **fields):
    client.force_login(host.user)
    return client.post(INVITE, {"person": [p.uid for p in people], "letter": LETTER, **fields})
