"""
A line that says how a chain ended on a day, to be kept by people who do not keep the server.

Whoever has the audit key can write the whole log anew, and whoever has an old backup can put it in
the log's place: both are sound in themselves. A line that lies in somebody's mail since yesterday
fits neither.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from . import keyring
from .chain import Kind, Problem, link
from .models import Event, Head

TAKEN = "one-on-one/audit/anchor/v1"
LINE = re.compile(
    r"anchor-1:([0-9]{1,18}):([0-9]{1,18}):([0-9]{4}-[0-9]{2}-[0-9]{2}):([0-9a-f]{32}):([0-9a-f]{6})"
)
BEGUN = re.compile(r"anchor-[0-9]")


class NotAnAnchor(ValueError):
    """Why a text is no anchor, in words for the person who has it."""


class Anchor(NamedTuple):
    """How many events a chain had on a day, and a digest that its end has to fit."""

    chain: int
    seq: int
    on: date
    digest: str

    @property
    def line(self) -> str:
        """The whole, in characters that no mail program breaks; the last six find slips."""
        line = f"anchor-1:{self.chain}:{self.seq}:{self.on.isoformat()}:{self.digest}"
        return f"{line}:{_against_slips(line)}"


def take(chain: int, *, on: date) -> Anchor:
    """The anchor of a chain as it ends now; of a chain without events that there were none."""
    head = Head.objects.filter(chain=chain).first() or Head(chain=chain, seq=0)
    return Anchor(chain, head.seq, on, _digest(chain, head.seq, on, head.mac))


def read(text: str) -> list[Anchor]:
    """Every anchor in a text, such as a whole mail. Raises NotAnAnchor, also for half a line."""
    found = []
    for whole in LINE.finditer(text):
        chain, seq, on, digest, slips = whole.groups()
        try:
            anchor = Anchor(int(chain), int(seq), date.fromisoformat(on), digest)
        except ValueError:
            anchor = None
        if anchor is None or anchor.line != whole.group() or slips != anchor.line[-6:]:
            raise NotAnAnchor("A character of this line is wrong. Copy it again from the mail.")
        found.append(anchor)
    if not found or len(found) != len(BEGUN.findall(text)):
        raise NotAnAnchor(
            "There is no whole line here. It begins with anchor-1 and is on one line of the mail."
        )
    return found


def problems(anchor: Anchor) -> Iterator[Problem]:
    """
    What the log says now of the moment at which an anchor was taken: nothing, or why it does not
    fit. That what lies before it is as it was written is for `actions.verify`.
    """
    if anchor.seq == 0:
        return
    # In this order: what is added meanwhile accuses nobody
    event = Event.objects.filter(chain=anchor.chain, seq=anchor.seq).first()
    head = Head.objects.filter(chain=anchor.chain).first()
    if event is None or head is None or head.seq < anchor.seq:
        yield Problem(anchor.chain, anchor.seq, Kind.CUT)
        return
    try:
        bound = link(event)
    except keyring.KeyMissing:
        yield Problem(anchor.chain, anchor.seq, Kind.KEY)
        return
    if _digest(anchor.chain, anchor.seq, anchor.on, bound) != anchor.digest:
        yield Problem(anchor.chain, anchor.seq, Kind.REWRITTEN)


def _digest(chain: int, seq: int, on: date, bound: str) -> str:
    """
    Not the link itself: whoever finds that in a mail could cut the log back to it and put it there
    as the head, without any key.
    """
    message = json.dumps([TAKEN, chain, seq, on.isoformat(), bound], separators=(",", ":"))
    return hashlib.sha256(message.encode()).hexdigest()[:32]


def _against_slips(line: str) -> str:
    return hashlib.sha256(line.encode()).hexdigest()[:6]
