"""The end of each chain, as monitors look at it: what was taken off or put on is seen at once."""

import pytest

from audit import actions
from audit.actions import record
from audit.models import Event, Head

from .factories import CHAIN, write


@pytest.mark.django_db
def test_heads_fit_while_events_come():
    write(3)
    Head.objects.create(chain=CHAIN + 1, seq=0)  # made, and nothing recorded yet

    assert actions.heads_that_do_not_fit() == []


@pytest.mark.parametrize(
    "change",
    [
        lambda: Event.objects.filter(seq=3).delete(),
        lambda: Event.objects.filter(seq=3).update(mac="0" * 64),
        lambda: Event.objects.filter(seq=1).update(seq=4),
        lambda: Head.objects.update(seq=2),
        lambda: Head.objects.update(seq=0, mac=""),
        lambda: Head.objects.update(mac=""),
        lambda: Head.objects.all().delete(),
    ],
)
def test_head_that_does_not_fit_is_found(tampering, change):
    write(3)

    change()

    assert actions.heads_that_do_not_fit() == [CHAIN]


@pytest.mark.django_db
def test_heads_are_compared_in_one_question(django_assert_num_queries):
    for chain in (1, 2, 3):
        record(Event.Act.ROLE_CHANGE, chain=chain, by=None, objects=["person:1"])

    with django_assert_num_queries(1):
        actions.heads_that_do_not_fit()
