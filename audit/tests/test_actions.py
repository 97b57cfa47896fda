"""Every change to the log is found; events that arrive together form one chain."""

import random
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from audit import actions, keyring
from audit.actions import record, verify
from audit.chain import Kind, problems
from audit.models import Event, Head
from conftest import NOW

from .factories import CHAIN, write


@pytest.mark.django_db
def test_record_keeps_what_it_is_told():
    event = record(
        Event.Act.PART_READ,
        chain=3,
        by=5,
        objects=["part:a", "meeting:b"],
        basis="line.v3",
        at=NOW,
        on_behalf_of=6,
        request_id="r-1",
    )

    stored = Event.objects.get()
    assert stored == event
    assert (stored.chain, stored.seq, stored.at, stored.act) == (3, 1, NOW, "part.read")
    assert (stored.by, stored.on_behalf_of, stored.basis) == (5, 6, "line.v3")
    assert (stored.about, stored.request_id) == (["part:a", "meeting:b"], "r-1")
    assert stored.key_id == keyring.current_key_id("audit")
    assert verify().events == {3: 1}
    assert verify().is_sound


@pytest.mark.django_db
def test_record_takes_the_clock_s_own_acts(now):
    event = record("flag.raise", chain=0, by=None, objects=[])

    assert (event.at, event.by, event.chain) == (now, None, 0)
    assert verify().is_sound


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wrong",
    [
        {"act": "lunch.eat"},
        {"objects": ["Jada Brown"]},
        {"objects": ["meeting:1", "note:she cried"]},
        {"basis": "because I was told"},
        {"request_id": "GET /people"},
    ],
)
def test_record_refuses_text(wrong):
    given = {"act": "part.read", "chain": 1, "by": 1, "objects": ["part:1"]} | wrong

    with pytest.raises(ValueError, match=r"valid Event\.Act|never text"), transaction.atomic():
        record(given.pop("act"), **given)

    assert not Event.objects.exists()


@pytest.mark.django_db
def test_record_takes_three_queries(django_assert_num_queries):
    write(1)

    with django_assert_num_queries(3):
        write(1)


@pytest.mark.django_db
def test_chains_grow_apart():
    write(2, chain=1)
    write(3, chain=2)

    assert verify().events == {1: 2, 2: 3}
    assert verify(chain=2).events == {2: 3}
    assert verify().is_sound


@pytest.mark.django_db
def test_chain_goes_on_over_a_new_key():
    write(2)
    keyring.add_key("audit", on=NOW.date())
    write(2)

    assert len(set(Event.objects.values_list("key_id", flat=True))) == 2
    assert verify().is_sound


@pytest.mark.django_db(transaction=True)
def test_record_stands_and_falls_with_the_change():
    write(1)
    with pytest.raises(ZeroDivisionError), transaction.atomic():  # noqa: PT012 -- both fall
        write(1)
        1 / 0  # noqa: B018 -- the change that fails

    assert verify().events == {CHAIN: 1}
    assert verify().is_sound


@pytest.mark.django_db
def test_missing_ring_records_nothing(ring):
    ring.unlink()

    with pytest.raises(keyring.RingMissing), transaction.atomic():
        write(1)

    assert not Event.objects.exists()
    assert not Head.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_events_that_arrive_together_form_one_chain():
    def add(number):
        try:
            record("part.read", chain=number % 2, by=number, objects=[f"part:{number}"])
            return verify().is_sound
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        sound = list(pool.map(add, range(80)))

    assert sound == [True] * 80
    assert verify().events == {0: 40, 1: 40}
    assert verify().is_sound


@pytest.mark.django_db
def test_two_events_never_share_a_place():
    first, _ = write(2)
    fork = Event.objects.get(pk=first.pk)
    fork.pk, fork.uid = None, "6a0f7a3e-0a43-4a39-8f0e-1f7a5a3f3c11"

    with pytest.raises(IntegrityError), transaction.atomic():
        fork.save(force_insert=True)


# Tampering. `changes` below are what somebody with the whole database, but no key, can do.


def run(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def edit(chance, last):
    column = chance.choice(
        ["uid", "at", "act", "by", "on_behalf_of", "basis", "about", "request_id", "key_id", "mac"]
    )
    event = Event.objects.get(chain=CHAIN, seq=chance.randint(1, last))
    other = Event.objects.get(chain=8, seq=event.seq)
    value = {
        "uid": "6a0f7a3e-0a43-4a39-8f0e-1f7a5a3f3c11",
        "at": event.at + timedelta(microseconds=chance.choice([-1, 1, 10**6])),
        "act": "part.write",
        "by": chance.choice([None, 999]),
        "on_behalf_of": chance.choice([None, 999]),
        "basis": chance.choice(["", "author"]),
        "about": chance.choice([[], event.about[:1], event.about[::-1], other.about]),
        "request_id": "",
        "key_id": keyring.current_key_id("parts"),
        "mac": other.mac,
    }[column]
    Event.objects.filter(pk=event.pk).update(**{column: value})


def delete_some(chance, last):
    start = chance.randint(1, last)
    run(
        "DELETE FROM audit_event WHERE chain = 7 AND seq BETWEEN %s AND %s",
        start,
        chance.randint(start, last),
    )


def cut_off_with_head(chance, last):
    kept = chance.randint(1, last - 1)
    run("DELETE FROM audit_event WHERE chain = 7 AND seq > %s", kept)
    mac = Event.objects.get(chain=CHAIN, seq=kept).mac
    run("UPDATE audit_head SET seq = %s, mac = %s WHERE chain = 7", kept, mac)


def swap_places(chance, last):
    one, two = chance.sample(range(1, last + 1), 2)
    for old, new in ((one, 1000), (two, one), (1000, two)):
        run("UPDATE audit_event SET seq = %s WHERE chain = 7 AND seq = %s", new, old)


def swap_contents(chance, last):
    one, two = (
        Event.objects.get(chain=CHAIN, seq=seq) for seq in chance.sample(range(1, last + 1), 2)
    )
    Event.objects.filter(pk=one.pk).update(by=two.by, about=two.about, mac=two.mac)
    Event.objects.filter(pk=two.pk).update(by=one.by, about=one.about, mac=one.mac)


def take_out_and_close_the_gap(chance, last):
    gone = chance.randint(1, last - 1)
    run("DELETE FROM audit_event WHERE chain = 7 AND seq = %s", gone)
    for seq in range(gone + 1, last + 1):
        run("UPDATE audit_event SET seq = %s WHERE chain = 7 AND seq = %s", seq - 1, seq)
    run("UPDATE audit_head SET seq = seq - 1 WHERE chain = 7")


def move_to_another_chain(chance, last):
    seq = chance.randint(1, last)
    run("UPDATE audit_event SET chain = 9 WHERE chain = 7 AND seq = %s", seq)


def forge(chance, last):
    event = Event.objects.get(chain=CHAIN, seq=chance.randint(1, last))
    event.pk, event.uid, event.seq = None, "6a0f7a3e-0a43-4a39-8f0e-1f7a5a3f3c11", last + 1
    event.save(force_insert=True)
    if chance.random() < 0.5:
        run("UPDATE audit_head SET seq = seq + 1, mac = %s WHERE chain = 7", event.mac)


def spoil_head(chance, last):
    run(
        chance.choice(
            [
                "DELETE FROM audit_head WHERE chain = 7",
                "UPDATE audit_head SET mac = '' WHERE chain = 7",
                "UPDATE audit_head SET seq = seq - 1 WHERE chain = 7",
                "UPDATE audit_head SET seq = seq + 1 WHERE chain = 7",
                "UPDATE audit_head SET seq = 0, mac = '' WHERE chain = 7",
            ]
        )
    )


def graft(chance, last):
    # An event of another branch of the same log, as an older backup may hold: itself well signed.
    branched = chance.choice(BRANCH)
    run("DELETE FROM audit_event WHERE chain = 7 AND seq = %s", branched.seq)
    branched.save(force_insert=True)


BRANCH = []
CHANGES = [
    graft,
    edit,
    delete_some,
    cut_off_with_head,
    swap_places,
    swap_contents,
    take_out_and_close_the_gap,
    move_to_another_chain,
    forge,
    spoil_head,
]


def test_a_thousand_changes_are_each_found(tampering):
    chance = random.Random(4)  # noqa: S311 -- the same changes each time
    last = 12
    write(5)
    saved = transaction.savepoint()
    BRANCH[:] = write(last - 5)
    transaction.savepoint_rollback(saved)
    write(last - 5)
    write(last, chain=8)
    unseen = []

    for trial in range(1000):
        change = chance.choice(CHANGES)
        saved = transaction.savepoint()
        change(chance, last)
        if verify(chain=CHAIN).is_sound:
            unseen.append((trial, change.__name__))
        transaction.savepoint_rollback(saved)

    assert unseen == []
    assert verify().events == {CHAIN: last, 8: last}
    assert verify().is_sound


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("UPDATE audit_event SET basis = 'x' WHERE seq = 2", [(2, Kind.ALTERED)]),
        ("DELETE FROM audit_event WHERE seq IN (2, 3)", [(2, Kind.MISSING)]),
        ("DELETE FROM audit_event WHERE seq > 3", [(4, Kind.MISSING)]),
        ("DELETE FROM audit_event", [(1, Kind.MISSING)]),
        ("UPDATE audit_event SET key_id = 'x' WHERE seq = 2", [(2, Kind.KEY)]),
        ("UPDATE audit_head SET mac = 'x'", [(5, Kind.HEAD)]),
        ("DELETE FROM audit_head", [(0, Kind.HEAD)]),
        (
            "UPDATE audit_event SET seq = 0 WHERE seq = 1",
            [(0, Kind.OUT_OF_PLACE), (1, Kind.MISSING)],
        ),
    ],
)
def test_problems_are_named_and_placed(tampering, statement, expected):
    write(5)

    run(statement)

    assert verify().problems == [(CHAIN, seq, kind) for seq, kind in expected]


def test_a_value_of_the_wrong_type_is_a_problem_and_not_a_crash(tampering):
    if connection.vendor == "postgresql":
        pytest.skip("PostgreSQL takes no value of the wrong type")
    write(3)

    for statement in (
        "UPDATE audit_event SET at = 'noon' WHERE seq = 2",
        "UPDATE audit_event SET uid = 'x' WHERE seq = 2",
        "UPDATE audit_event SET seq = 'x' WHERE seq = 3",
    ):
        saved = transaction.savepoint()
        run(statement)
        assert [problem.kind for problem in verify().problems] == [Kind.UNREADABLE]
        transaction.savepoint_rollback(saved)


@pytest.mark.django_db
def test_fork_is_out_of_place():
    events = write(3)

    found = problems(
        [events[0], events[1], events[1], events[2]], chain=CHAIN, count=3, head=Head.objects.get()
    )

    assert list(found) == [(CHAIN, 2, Kind.OUT_OF_PLACE)]


def test_other_ring_accuses_every_event_and_keeps_a_hundred(ring, tampering):
    write(101)
    ring.unlink()
    keyring.create(ring, on=NOW.date())

    found = verify()

    assert (len(found.problems), found.problem_count) == (100, 101)
    assert {problem.kind for problem in found.problems} == {Kind.KEY}


@pytest.mark.django_db
def test_verify_reads_in_portions(monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr(actions, "READ_AT_ONCE", 3)
    write(10)

    with django_assert_max_num_queries(3):
        found = verify()

    assert found.events == {CHAIN: 10}


def test_acts_are_short_codes():
    for act in Event.Act:
        assert re.fullmatch(r"[a-z_]+\.[a-z_]+", act)
        assert len(act) <= Event._meta.get_field("act").max_length
