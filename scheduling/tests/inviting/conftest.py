"""A host with a place to offer."""

import pytest

from people.tests.factories import PersonFactory
from scheduling.tests.factories import SlotFactory, school_with_calendar


@pytest.fixture
def school():
    return school_with_calendar(is_demo=True)


@pytest.fixture
def term(school):
    return school.terms.get()


@pytest.fixture
def host(school, term):
    host = PersonFactory(leader=True, school=school, given_name="Elena", family_name="Marsh")
    SlotFactory(host=host, term=term)
    return host
