"""Who may write and agree, about things they can already see."""

from people.models import Pairing, Person


def can_write(person: Person, pairing: Pairing) -> bool:
    """Only the two who meet write notes about it."""
    return person.is_active and pairing.is_party(person)


def can_agree(person: Person, pairing: Pairing) -> bool:
    """Only the two themselves agree, and either of them ends it alone."""
    return person.is_active and pairing.is_party(person)
