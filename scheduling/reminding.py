"""When somebody is reminded of a talk: by what they chose, and by how often the two meet."""

from datetime import time, timedelta

from people.cadence import Cadence
from people.models import Pairing, Person

AFTERNOON = time(15)  # of the school, a day or two before
MORNING = time(7)
HOUR = timedelta(hours=1)

# Who meets this seldom has more to bring along, and is reminded a day earlier
SELDOM = (Cadence.MONTHLY, Cadence.TERMLY)
LONGEST_LEAD = 2  # days


def lead(cadence: str) -> int:
    """How many days before a talk its attendee is reminded in the afternoon."""
    return LONGEST_LEAD if cadence in SELDOM else 1


def in_words(person: Person, pairing: Pairing) -> str:
    """How somebody is reminded of a talk: "A reminder the day before"; empty if they are not."""
    if not person.email:
        return ""
    if person.reminder == Person.Reminder.HOUR:
        return "A reminder an hour before"
    if person.reminder == Person.Reminder.MORNING:
        return "A reminder in the morning of the day"
    if person.reminder == Person.Reminder.NONE:
        return ""
    if person.pk != pairing.host_id and lead(pairing.cadence) == LONGEST_LEAD:
        return "A reminder two days before"
    return "A reminder the day before"
