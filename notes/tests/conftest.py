"""Two talks: one with an agreement, one without."""

import pytest

from notes.tests.factories import agree, school_with_lead
from people.tests.factories import LineFactory, PairingFactory, PersonFactory, UserFactory
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
def managed():
    """A leader and a teacher, who agreed that her line manager Jo Hall sees headings."""
    pairing = PairingFactory(
        school=school_with_lead(),
        host__given_name="Elena",
        attendee__given_name="Priya",
        attendee__family_name="Nair",
    )
    manager = PersonFactory(leader=True, school=pairing.school, given_name="Jo", family_name="Hall")
    LineFactory(person=pairing.attendee, manager=manager)
    agree(pairing, protocol="topics_up")
    return MeetingFactory(pairing=pairing)


@pytest.fixture
def asked():
    return PairingFactory(school=school_with_lead(), host__given_name="Elena")
