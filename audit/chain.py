"""How events are bound to one another, and how a broken bond is found; reads and writes no rows."""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC
from enum import StrEnum
from typing import NamedTuple

from . import keyring
from .models import Event, Head

SEALED = "one-on-one/audit/event/v1"
LINKED = "one-on-one/audit/link/v1"


class Kind(StrEnum):
    """What is wrong with a place in a chain."""

    MISSING = "missing"  # this and possibly more; the next one that is there proves nothing
    ALTERED = "altered"  # its fields, its place, or the one before it
    OUT_OF_PLACE = "out of place"  # a number that was already taken
    HEAD = "head"  # the chain's end is not where, or what, the head says
    KEY = "key"  # signed with a key that the ring does not hold
    UNREADABLE = "unreadable"  # a value is not of its type; nothing after it was checked


class Problem(NamedTuple):
    """One place of a chain that is not as it was written."""

    chain: int
    seq: int
    kind: Kind


def sign(event: Event, *, after: str) -> str:
    """Sign every field of an event together with the link it follows ("" for the first)."""
    return _mac(event, SEALED, after, *_fields(event))


def link(event: Event) -> str:
    """
    Return what the head, and through it the next event, is bound to.

    It is signed and stands in no event: whoever cuts off the newest events finds no head
    that fits the rest.
    """
    return _mac(event, LINKED, event.chain, event.seq, event.mac)


def problems(
    events: Iterable[Event], *, chain: int, count: int, head: Head | None
) -> Iterator[Problem]:
    """
    Compare one chain's events, in order, with its head.

    `count` is how many events there were before the head was read, so that events which
    arrive meanwhile accuse nobody.
    """
    seen, after = 0, ""
    proven = True
    try:
        for event in events:
            if event.seq <= seen:
                yield Problem(chain, event.seq, Kind.OUT_OF_PLACE)
                continue
            if event.seq > seen + 1:
                yield Problem(chain, seen + 1, Kind.MISSING)
                proven = False
            seen = event.seq
            try:
                expected, following = sign(event, after=after), link(event)
            except keyring.KeyMissing:
                yield Problem(chain, seen, Kind.KEY)
                proven = False
                continue
            if proven and expected != event.mac:
                yield Problem(chain, seen, Kind.ALTERED)
            after, proven = following, True
            if head and head.seq == seen and head.mac != after:
                yield Problem(chain, seen, Kind.HEAD)
    except (AttributeError, TypeError, ValueError):  # SQLite takes any value in any column
        yield Problem(chain, seen + 1, Kind.UNREADABLE)
        return

    if head is None or head.seq < max(count, 1):
        yield Problem(chain, head.seq if head else 0, Kind.HEAD)
    elif head.seq > seen:
        yield Problem(chain, seen + 1, Kind.MISSING)


def _fields(event: Event) -> list[object]:
    return [
        str(event.uid),
        event.chain,
        event.seq,
        event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        event.act,
        event.by,
        event.on_behalf_of,
        event.basis,
        event.about,
        event.request_id,
        event.key_id,
    ]


def _mac(event: Event, *values: object) -> str:
    message = json.dumps(values, separators=(",", ":"), sort_keys=True).encode()
    return keyring.mac("audit", message, key_id=event.key_id).hex
