"""A school, its term and two teachers."""

import pytest

from people.models import RosterSource
from people.tests.factories import PersonFactory
from scheduling.tests.factories import school_with_calendar


@pytest.fixture
def school():
    return school_with_calendar(slug="harbor-view")


@pytest.fixture
def term(school):
    return school.terms.get()


@pytest.fixture
def ingrid(school):
    return PersonFactory(
        teacher=True,
        school=school,
        source=RosterSource.objects.create(school=school),
        external_id="T031",
        given_name="Ingrid",
        family_name="Berg",
        email="ingrid@school.example",
    )
