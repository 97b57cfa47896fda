"""The night, run by the keeper, and what of the parts is left after it."""

from datetime import UTC, date, datetime, timedelta
from itertools import count

from conftest import NOW
from notes import actions, purging
from notes.actions.holds import others_who_decide
from notes.models import Hold, Part
from notes.models.parts import Why
from notes.permissions import is_apart_from
from notes.tests.factories import part_row
from oneonones.tests.databases import as_keeper
from people.tests.factories import PairingFactory
from scheduling.tests.factories import MeetingFactory

LONG_AGO = datetime(2019, 10, 7, 12, tzinfo=UTC)
HOURS = count()


def purge(at=NOW):
    with as_keeper():
        return purging.purge(at=at)


def left():
    with as_keeper():
        return set(Part.objects.system(Why.PURGE, by=None, at=NOW).values_list("pk", flat=True))


def pair(school, **fields):
    return PairingFactory(school=school, starts_on=date(2019, 9, 1), **fields)


def old_part(pairing, author=None, written_at=LONG_AGO, **fields):
    # Nobody is in two talks at once
    meeting = MeetingFactory(pairing=pairing, starts_at=written_at + timedelta(hours=next(HOURS)))
    return part_row(meeting, author or pairing.host, written_at=written_at, **fields)


def end(hold, at=NOW):
    """Two who are apart from it end a hold."""
    hold = Hold.objects.get(pk=hold.pk)
    people = others_who_decide(hold, on=NOW.date())
    first, second, *_ = [each for each in people if is_apart_from(each, hold)]
    actions.ask_release(hold, by=first, at=at)
    return actions.release_hold(hold, by=second, at=at)
