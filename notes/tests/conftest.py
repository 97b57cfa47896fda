"""Two talks: one with an agreement, one without."""

import pytest

from notes.tests.factories import agree, school_with_lead
from people.tests.factories import PairingFactory, UserFactory
from scheduling.tests.factories import MeetingFactory


@pytest.fixture
def meeting():
    """A principal and a teacher, who have agreed."""
    pairing = PairingFactory(
        school=school_with_lead(),
        host__given_name="Elena",
        attendee__given_name="Priya",
    )
    agree(pairing)
    return MeetingFactory(pairing=pairing)


@pytest.fixture
def counseling():
    """A counselor and a student, who have not agreed on anything."""
    pairing = PairingFactory(
        counseling=True,
        school=school_with_lead(),
        attendee__given_name="Elias",
        attendee__family_name="Kaya",
        attendee__user=UserFactory(),
    )
    return MeetingFactory(pairing=pairing)


@pytest.fixture
def asked():
    return PairingFactory(school=school_with_lead(), host__given_name="Elena")
