"""A school in term, and its administrator."""

import pytest

from conftest import NOW
from people.tests.factories import PersonFactory
from scheduling.tests.factories import school_with_calendar


@pytest.fixture
def school():
    return school_with_calendar(at=NOW, slug="harbor-view")


@pytest.fixture
def administrator(school):
    return PersonFactory(administrator=True, school=school)
