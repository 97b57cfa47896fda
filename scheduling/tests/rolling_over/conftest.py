"""A host with a grid and people in the fall, and a spring that is in the calendar."""

from datetime import date

import pytest

from conftest import NOW
from people.tests.factories import PairingFactory, PersonFactory
from scheduling import actions
from scheduling.tests.factories import SlotFactory, TermFactory, school_with_calendar


@pytest.fixture
def school():
    return school_with_calendar(is_demo=True)


@pytest.fixture
def fall(school):
    return school.terms.get(name="Fall 2026")


@pytest.fixture
def spring(school, fall):
    spring = TermFactory(
        school=school,
        name="Spring 2027",
        starts_on=date(2027, 1, 4),
        ends_on=date(2027, 5, 28),
        school_year=2027,
    )
    actions.rebuild_calendar(school, by=None, at=NOW)
    return spring


@pytest.fixture
def host(school, client):
    host = PersonFactory(leader=True, school=school)
    client.force_login(host.user)
    return host


@pytest.fixture
def book(host, school, fall):
    """Books somebody a seat of a new cell of the fall."""

    def made(*, number=1, name="Ben", slot=None, **fields):
        slot = slot or SlotFactory(host=host, term=fall, **fields)
        pairing = PairingFactory(
            school=school, host=host, cadence=slot.cadence, attendee__given_name=name
        )
        seat = slot.seats.get(number=number)
        return actions.book(pairing, seat, by=host, at=NOW).booking

    return made
