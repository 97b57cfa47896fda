"""A principal whose school has a calendar."""

from datetime import date

import pytest

from conftest import NOW
from people.tests.factories import PersonFactory
from scheduling.models import Meeting
from scheduling.tests.booking.series import booked
from scheduling.tests.factories import (
    school_with_calendar,
)

THANKSGIVING = (date(2026, 11, 25), date(2026, 11, 27))


@pytest.fixture
def host():
    school = school_with_calendar(closures=[THANKSGIVING], at=NOW)
    return PersonFactory(leader=True, school=school)


# --- one meeting ---


@pytest.fixture
def meeting(host):
    booking, _ = booked(host)
    return Meeting.objects.filter(booking=booking).with_people().in_order()[0]
