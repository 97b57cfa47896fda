"""A school with two administrators, and a teacher whose address is another one now."""

import pytest

from people.tests.factories import PersonFactory, SchoolFactory

from .moves import NEW, OLD, administrator_of, signs_in


@pytest.fixture
def school():
    return SchoolFactory()


@pytest.fixture
def ruth(school):
    """She asks."""
    return administrator_of(school)


@pytest.fixture
def ines(school):
    """She says yes."""
    return administrator_of(school)


@pytest.fixture
def elena(school):
    """She signs in with an address that is not the one on her record any more."""
    return signs_in(PersonFactory(teacher=True, school=school, email=NEW, user__email=OLD))
