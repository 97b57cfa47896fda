"""A host, signed in, whose school has a calendar."""

import pytest

from people.tests.factories import PersonFactory
from scheduling.tests.factories import school_with_calendar


@pytest.fixture
def school():
    return school_with_calendar(is_demo=True)  # which asks for no second factor


@pytest.fixture
def term(school):
    return school.terms.get()


@pytest.fixture
def host(school, client):
    host = PersonFactory(leader=True, school=school)
    client.force_login(host.user)
    return host
