"""Adding to the log and proving it; there is nothing else that one can do with a log."""

import logging
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Subquery
from django.utils import timezone

from . import anchors as lines
from . import chain as chains
from . import keyring
from .models import Event, Head

# Ids and codes only: a name or a sentence does not fit through.
OBJECT = re.compile(r"[a-z_]{1,40}:[0-9A-Za-z-]{1,64}")
BASIS = re.compile(r"[a-z0-9_.:-]{0,60}")
REQUEST_ID = re.compile(r"[0-9A-Za-z-]{0,64}")

# What another machine is told of each event (LOG_TO): enough to know it again, and no word of what
# it was about or whose
shipping = logging.getLogger("audit.chain")

PROBLEMS_KEPT = 100
READ_AT_ONCE = 2000


@dataclass
class Verification:
    """How many events of each chain were checked, and what was found wrong."""

    events: dict[int, int] = field(default_factory=dict)
    problems: list[chains.Problem] = field(default_factory=list)  # the first hundred
    problem_count: int = 0

    @property
    def is_sound(self) -> bool:
        return self.problem_count == 0

    def add(self, problem: chains.Problem) -> None:
        self.problem_count += 1
        if len(self.problems) < PROBLEMS_KEPT:
            self.problems.append(problem)


@transaction.atomic(savepoint=False)
def record(
    act: Event.Act | str,
    *,
    chain: int,
    by: int | None,
    objects: Sequence[str],
    basis: str = "",
    at: datetime | None = None,
    on_behalf_of: int | None = None,
    request_id: str = "",
) -> Event:
    """
    Add an event to a school's chain (0: the installation), as the last statement of a change.

    Until the change commits, other changes of this school wait here; if either fails, neither
    happened. `objects` are "kind:id", `basis` a code, `by` a person's key or None for the clock.
    Raises ValueError for anything that could be text, and keyring.KeyRingError.
    """
    event = Event(
        chain=chain,
        at=at or timezone.now(),
        act=Event.Act(act),
        by=by,
        on_behalf_of=on_behalf_of,
        basis=basis,
        about=list(objects),
        request_id=request_id,
    )
    _require_codes(event)

    head = _lock_head(chain)
    event.seq = head.seq + 1
    event.key_id = keyring.current_key_id("audit")
    event.mac = chains.sign(event, after=head.mac)
    event.save(force_insert=True)
    Head.objects.filter(chain=chain).update(seq=event.seq, mac=chains.link(event))
    if shipping.isEnabledFor(logging.INFO):
        transaction.on_commit(lambda: _ship(event), robust=True)
    return event


def _ship(event: Event) -> None:
    said = {name: getattr(event, name) for name in ("chain", "seq", "act", "by", "mac")}
    shipping.info("Event %d of chain %d", event.seq, event.chain, extra={"audit_event": said})


def verify(*, chain: int | None = None, anchors: Iterable[lines.Anchor] = ()) -> Verification:
    """
    Check every event of one chain, or of all, against its signature, its place and the head; and
    against anchors, if any are given.

    Takes no lock and may run while people work. Raises keyring.KeyRingError.
    """
    keyring.current_key_id("audit")  # refuses now, not halfway

    events, heads = Event.objects.all(), Head.objects.all()
    if chain is not None:
        events, heads = events.filter(chain=chain), heads.filter(chain=chain)
    # In this order: an event that arrives in between must not seem to lie beyond its head.
    counts = dict(events.order_by().values_list("chain").annotate(Count("pk")))
    ends = {head.chain: head for head in heads}

    verification = Verification()
    for number in sorted(counts.keys() | ends.keys()):
        rows = events.filter(chain=number).order_by("seq", "pk").iterator(READ_AT_ONCE)
        for problem in chains.problems(
            _counted(rows, number, verification),
            chain=number,
            count=counts.get(number, 0),
            head=ends.get(number),
        ):
            verification.add(problem)
    for anchor in anchors:
        for problem in lines.problems(anchor):
            verification.add(problem)
    return verification


def compare(shipped: Iterable[tuple[int, int, str]]) -> Verification:
    """
    Look for events that another machine was told of: chain, number and signature of each.

    Whoever rewrote the log with its key, or put an older database in its place, is found here. An
    event of which the other machine knows nothing is no problem: lines are lost on the way.
    """
    told: dict[int, list[tuple[int, str]]] = {}
    for chain, seq, mac in shipped:
        told.setdefault(chain, []).append((seq, mac))
    verification = Verification({chain: len(told[chain]) for chain in sorted(told)})
    for chain in verification.events:
        rows = Event.objects.filter(chain=chain, seq__gte=min(told[chain])[0])
        here = dict(rows.values_list("seq", "mac"))
        for seq, mac in told[chain]:
            if seq not in here:
                verification.add(chains.Problem(chain, seq, chains.Kind.MISSING))
            elif here[seq] != mac:
                verification.add(chains.Problem(chain, seq, chains.Kind.ALTERED))
    return verification


def heads_that_do_not_fit() -> list[int]:
    """
    The chains whose last event is not what their head says; a few look-ups, for monitors.

    Whoever takes the newest events out, or puts one on top, is seen here at once; what lies deeper
    is found by `verify`. One statement, so that what is added meanwhile accuses nobody. Raises
    keyring.KeyRingError.
    """
    last = Event.objects.filter(chain=OuterRef("chain"), seq=OuterRef("seq"))
    beyond = Event.objects.filter(chain=OuterRef("chain"), seq__gt=OuterRef("seq"))
    heads = list(
        Head.objects.annotate(
            last_mac=Subquery(last.values("mac")),
            last_key=Subquery(last.values("key_id")),
            goes_on=Exists(beyond),
        ).order_by("chain")
    )
    if not heads:
        return list(Event.objects.order_by("pk").values_list("chain", flat=True)[:1])
    return [head.chain for head in heads if head.goes_on or not _fits(head)]


def _fits(head: Head) -> bool:
    """Whether a head, read with its last event, is bound to it; one without events to nothing."""
    if head.last_mac is None:  # type: ignore[attr-defined]
        return head.seq == 0 and not head.mac
    last = Event(
        chain=head.chain,
        seq=head.seq,
        mac=head.last_mac,  # type: ignore[attr-defined]
        key_id=head.last_key,  # type: ignore[attr-defined]
    )
    return chains.link(last) == head.mac


def _require_codes(event: Event) -> None:
    if not (
        all(OBJECT.fullmatch(name) for name in event.about)
        and BASIS.fullmatch(event.basis)
        and REQUEST_ID.fullmatch(event.request_id)
    ):
        raise ValueError("An event holds ids and codes, never text.")


def _lock_head(chain: int) -> Head:
    # SQLite knows no row locks; there the transaction holds the only write lock from its start.
    locked = Head.objects.select_for_update().filter(chain=chain)
    head = locked.first()
    if head is None:
        Head.objects.bulk_create([Head(chain=chain, seq=0)], ignore_conflicts=True)
        head = locked.get()
    return head


def _counted(rows: Iterator[Event], chain: int, verification: Verification) -> Iterator[Event]:
    verification.events[chain] = 0
    for event in rows:
        verification.events[chain] += 1
        yield event
