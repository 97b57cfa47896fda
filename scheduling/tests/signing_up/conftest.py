"""A teacher whom a principal has invited, and a place that fits."""

import pytest

from scheduling.tests.factories import SlotFactory
from scheduling.tests.signing_up.signup_page import elena_of, leila_invited_by, sign_up_school


@pytest.fixture
def school():
    return sign_up_school()


@pytest.fixture
def term(school):
    return school.terms.get()


@pytest.fixture
def host(school):
    return elena_of(school)


@pytest.fixture
def pairing(host, term, client):
    pairing = leila_invited_by(host, term)
    client.force_login(pairing.attendee.user)
    return pairing


@pytest.fixture
def slot(host, term):
    """Tuesdays, Period 4, weekly."""
    return SlotFactory(host=host, term=term)
