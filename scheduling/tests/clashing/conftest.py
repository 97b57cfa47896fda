"""A principal who does not have to sign in twice, and a series on Tuesdays in Period 4."""

import pytest

from conftest import NOW
from people.tests.factories import PersonFactory
from scheduling.tests.booking.series import booked
from scheduling.tests.factories import school_with_calendar


@pytest.fixture
def school():
    return school_with_calendar(at=NOW, is_demo=True, slug="harbor-view")


@pytest.fixture
def host(school):
    return PersonFactory(leader=True, school=school)


@pytest.fixture
def booking(host):
    return booked(host).booking
