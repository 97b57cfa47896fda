"""How the tests of booking make a series and read its dates."""

from conftest import NOW
from people.tests.factories import PairingFactory
from scheduling import actions
from scheduling.tests.factories import (
    SlotFactory,
)


def school_of(person):
    return person.roles.get().school


def term_of(person):
    return school_of(person).terms.get()


def slot_of(host, **fields):
    return SlotFactory(term=term_of(host), host=host, **fields)


def pair(host, **fields):
    return PairingFactory(school=school_of(host), host=host, **fields)


def seat_of(slot, number=1):
    return slot.seats.get(number=number)


def booked(host, *, by=None, number=1, **fields):
    slot = slot_of(host, **fields)
    pairing = pair(host)
    return actions.book(pairing, seat_of(slot, number), by=by or host, at=NOW)
