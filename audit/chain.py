"""How events are bound to one another, and how a broken bond is found; reads and writes no rows."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
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
    CUT = "the log ended before this event, which an anchor knows"
    REWRITTEN = "another event than the one that an anchor knows"
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
    walk = _Walk(head)
    try:
        for event in events:
            for seq, kind in walk.past(event):
                yield Problem(chain, seq, kind)
    except (AttributeError, TypeError, ValueError):  # SQLite takes any value in any column
        yield Problem(chain, walk.seen + 1, Kind.UNREADABLE)
        return

    if head is None or head.seq < max(count, 1):
        yield Problem(chain, head.seq if head else 0, Kind.HEAD)
    elif head.seq > walk.seen:
        yield Problem(chain, walk.seen + 1, Kind.MISSING)


@dataclass
class _Walk:
    """How far along a chain one is, and the link that the next event must follow."""

    head: Head | None
    seen: int = 0
    after: str = ""
    is_proven: bool = True  # whether `after` is the link that the next event was signed with

    def past(self, event: Event) -> Iterator[tuple[int, Kind]]:
        if event.seq <= self.seen:
            yield event.seq, Kind.OUT_OF_PLACE
            return
        if event.seq > self.seen + 1:
            yield self.seen + 1, Kind.MISSING
            self.is_proven = False
        self.seen = event.seq
        try:
            expected, following = sign(event, after=self.after), link(event)
        except keyring.KeyMissing:
            yield self.seen, Kind.KEY
            self.is_proven = False
            return
        if self.is_proven and expected != event.mac:
            yield self.seen, Kind.ALTERED
        self.after, self.is_proven = following, True
        if self.head and self.head.seq == self.seen and self.head.mac != following:
            yield self.seen, Kind.HEAD


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
