"""Two people who have a time in a term, of which their calendars have been told."""

import pytest

from conftest import NOW
from people.tests.factories import PersonFactory
from scheduling.tests.booking.series import booked
from scheduling.tests.calendar_mails.own_calendar import MINUTE, delivered
from scheduling.tests.factories import school_with_calendar


@pytest.fixture
def host():
    return PersonFactory(leader=True, school=school_with_calendar(at=NOW))


@pytest.fixture
def booking(host, mailoutbox, now):
    """Booked by the host at conftest.NOW, and told a minute later."""
    made = booked(host).booking
    delivered(mailoutbox, NOW + MINUTE)
    mailoutbox.clear()
    return made
