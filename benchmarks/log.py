#!/usr/bin/env python3
"""
What the log costs, and new keys: adding events, proving a million, renewing a hundred thousand.

  .venv/bin/python benchmarks/log.py [--database postgres://...] [--clients 32] [--each 50]
                                     [--events 1000000] [--parts 100000]

Adding: as many processes as clients, all at one school, add events at once; the floor is the same
lock, row and new end by plain SQL, with nothing signed. Proving: `audit verify` over all events;
the floor reads the same rows and signs what is as long, twice each. Renewing: `keys rewrap` and
`keys reseal` of parts; the floor reads the same rows, does to the keys what has to be done, and
writes them back by `bulk_update`. Seconds of the clock, for where the time goes is waiting as well.
"""

import argparse
import hmac
import multiprocessing
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.figures import Checks, machine, table
from benchmarks.machine import Site
from benchmarks.notes import AT, pair, talk, write

BATCH = 5000
LETTERS = 200
LOCK = "SELECT seq, mac FROM audit_head WHERE chain = %s{}"
ADD = """
    INSERT INTO audit_event
        (uid, chain, seq, at, act, by, basis, about, request_id, key_id, mac)
    VALUES (%s, %s, %s, %s, 'part.read', 1, 'party', %s, '', 'none', %s)"""
END = "UPDATE audit_head SET seq = %s, mac = %s WHERE chain = %s"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[1])
    parser.add_argument("--database", default="", help="postgres://...; SQLite without")
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--each", type=int, default=50, help="events of a client")
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--parts", type=int, default=100_000)
    options = parser.parse_args()
    if options.database:
        import os  # noqa: PLC0415

        os.environ["DATABASE_ROLE"] = "keeper"  # who proves and renews
    with Site(database=options.database) as site:
        print(f"{site.kind}, {machine()}", flush=True)
        checks = Checks()
        lines = [*adding(options, checks), proving(options, checks)]
        lines += renewing(site, options, checks)
        head = ("seconds", "this", "floor", "times", "a second")
        print(table(head, lines))
        return checks.status


# --- adding ---


def adding(options, checks: Checks) -> list[tuple]:
    """Events of many clients at one school, beside plain rows of as many at another."""
    from audit.models import Event  # noqa: PLC0415 -- after django.setup()

    total = options.clients * options.each
    this = at_once(options.clients, options.each, record_some, chain=1)
    floor = at_once(options.clients, options.each, insert_some, chain=2)
    for chain in (1, 2):
        numbers = list(Event.objects.filter(chain=chain).order_by("seq").values_list("seq"))
        checks.expect(
            f"chain {chain} has each number once",
            [] if numbers == [(n,) for n in range(1, total + 1)] else [len(numbers)],
        )
    return [(f"{total} added by {options.clients}", *figures(this, floor, total))]


def at_once(clients: int, each: int, work, *, chain: int) -> float:
    """Seconds from the moment in which all begin to that in which the last has ended."""
    from django.db import connections  # noqa: PLC0415

    work(chain, 0)  # makes the end of the chain
    connections.close_all()
    context = multiprocessing.get_context("fork")
    ready = context.Barrier(clients + 1)
    processes = [
        context.Process(target=one_client, args=(ready, work, chain, each)) for _ in range(clients)
    ]
    for process in processes:
        process.start()
    ready.wait()
    began = time.perf_counter()
    for process in processes:
        process.join()
    if any(process.exitcode for process in processes):
        raise SystemExit("A client failed.")
    return time.perf_counter() - began


def one_client(ready, work, chain: int, each: int) -> None:
    from django.db import connection  # noqa: PLC0415

    connection.ensure_connection()
    ready.wait()
    work(chain, each)


def record_some(chain: int, count: int) -> None:
    from django.db import transaction  # noqa: PLC0415

    from audit.actions import _lock_head, record  # noqa: PLC0415

    with transaction.atomic():
        _lock_head(chain)
    for number in range(count):
        record("part.read", chain=chain, by=1, objects=[f"part:{number}"], basis="party", at=AT)


def insert_some(chain: int, count: int) -> None:
    """The same lock, row and end, as plainly as it can be done."""
    import uuid  # noqa: PLC0415

    from django.db import connection, transaction  # noqa: PLC0415

    from audit.actions import _lock_head  # noqa: PLC0415

    with transaction.atomic():
        _lock_head(chain)
    is_postgresql = connection.vendor == "postgresql"
    lock = LOCK.format(" FOR UPDATE" if is_postgresql else "")
    for number in range(count):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(lock, [chain])
            seq = cursor.fetchone()[0] + 1
            uid = uuid.uuid4()
            about = f'["part:{number}"]'
            at = AT if is_postgresql else AT.replace(tzinfo=None).isoformat(" ")
            name = str(uid) if is_postgresql else uid.hex
            cursor.execute(ADD, [name, chain, seq, at, about, "0" * 64])
            cursor.execute(END, [seq, "0" * 64, chain])


# --- proving ---


def proving(options, checks: Checks) -> tuple:
    """All events of a third school, beside reading and signing as many."""
    from audit.actions import READ_AT_ONCE, verify  # noqa: PLC0415
    from audit.models import Event  # noqa: PLC0415

    fill(3, options.events)
    began = time.perf_counter()
    found = verify(chain=3)
    this = time.perf_counter() - began
    checks.expect("all events are proven", found.problems or [])
    checks.expect(
        "and none was left out", [] if found.events == {3: options.events} else [found.events]
    )
    began = time.perf_counter()
    key = b"0" * 32
    rows = Event.objects.filter(chain=3).order_by("seq").values_list()
    for row in rows.iterator(READ_AT_ONCE):
        message = repr(row).encode()
        hmac.digest(key, message, "sha256"), hmac.digest(key, message[:120], "sha256")
    floor = time.perf_counter() - began
    return (f"{options.events:,} proven", *figures(this, floor, options.events))


def fill(chain: int, count: int) -> None:
    """A chain of so many events, signed as the product signs them, without its locks."""
    from audit import chain as chains  # noqa: PLC0415
    from audit import keyring  # noqa: PLC0415
    from audit.models import Event, Head  # noqa: PLC0415

    key_id, after, some = keyring.current_key_id("audit"), "", []
    for seq in range(1, count + 1):
        event = Event(
            chain=chain, seq=seq, at=AT, act="part.read", by=seq % 100, basis="party",
            about=[f"meeting:{seq // 12}", f"part:{seq}"], key_id=key_id,
        )  # fmt: skip
        event.mac = chains.sign(event, after=after)
        after = chains.link(event)
        some.append(event)
        if len(some) == BATCH or seq == count:
            Event.objects.bulk_create(some)
            some = []
    Head.objects.create(chain=chain, seq=count, mac=after)


# --- renewing ---


def renewing(site: Site, options, checks: Checks) -> list[tuple]:
    """All parts under a new key, with their own keys kept and with new ones."""
    from audit import keyring, stores  # noqa: PLC0415
    from notes import keeping  # noqa: PLC0415

    pairing = pair()
    talks = [talk(pairing, number) for number in range(max(1, options.parts // 100))]
    write(pairing, talks * 100, LETTERS)
    site.settle()
    [store] = stores.stores("parts")
    lines = []
    for name, how in (("rewrapped", keyring.rewrap), ("resealed", keyring.reseal)):
        floor = by_hand(how)
        keyring.add_key("parts", on=datetime.now(UTC).date())
        began = time.perf_counter()
        done = sum(each.done for each in stores.renew(store, how, batch=500))
        this = time.perf_counter() - began
        checks.expect(f"all parts are {name}", [] if done == len(talks) * 100 else [done])
        lines.append((f"{done:,} {name}", *figures(this, floor, done)))
    checks.expect("they open", [keeping.prove(500)[1]] if keeping.prove(500)[1] else [])
    return lines


def by_hand(how) -> float:
    """Read the same rows, renew their keys, and write the same columns back; all is as before."""
    from django.db import transaction  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from audit import keyring  # noqa: PLC0415
    from notes.models import Part  # noqa: PLC0415
    from notes.models.parts import Why  # noqa: PLC0415
    from notes.vault import bound_to  # noqa: PLC0415

    parts = Part.objects.system(Why.REWRAP, by=None, at=timezone.now())
    bound = {part.pk: bound_to(part) for part in parts.select_related("agreement")}
    began, last = time.perf_counter(), 0
    while some := list(parts.filter(pk__gt=last).order_by("pk")[:500]):
        with transaction.atomic():
            for part in some:
                box = keyring.Box(part.key_id, bytes(part.dek), bytes(part.box))
                how("parts", box, bound=bound[part.pk])
            parts.bulk_update(some, ["key_id", "dek", "box"])
        last = some[-1].pk
    return time.perf_counter() - began


def figures(this: float, floor: float, count: int) -> tuple[str, ...]:
    return f"{this:.1f}", f"{floor:.1f}", f"{this / floor:.1f}", f"{count / this:,.0f}"


if __name__ == "__main__":
    sys.exit(main())
