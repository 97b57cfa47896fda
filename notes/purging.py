"""Deleting what has come to the end of its time, and trying before what would go; the keeper's."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db import DEFAULT_DB_ALIAS, transaction
from django.db.models import Count

from audit.actions import record
from audit.models import Event
from people.models import OutgoingMail, Person, School

from .due import due_agreements, due_parts, held_parts
from .keeping import require_every_row
from .models import Acknowledgement, AgreementVersion, Hold, Part, RetentionRule, Tombstone
from .models.holds import MAY_HOLD
from .models.parts import PartQuerySet, Why
from .models.retention import Decided
from .retention import GROUPS, HELD

AT_ONCE = 200  # in one transaction, and in one event
FEWEST = 5  # people of whose notes the number is told
ENDS_SOON = timedelta(days=30)  # with a hold: then those who decide are told
AGREEMENT = "agreement"  # on a tombstone, beside the kinds of parts


class Purged(NamedTuple):
    """What a night did: how many parts and agreements went, how many rules were tried."""

    parts: int
    agreements: int
    rehearsed: int


def purge(*, at: datetime, at_once: int = AT_ONCE) -> Purged:
    """
    Delete at every school what its rule no longer keeps, and try the rules that wait for a yes.

    A batch and its event are one transaction: stopped anywhere, the next night goes on. Raises
    CannotSee under a role that does not see every row.
    """
    require_every_row()
    parts = agreements = rehearsed = 0
    for school in School.objects.order_by("pk"):
        _end_holds(school, at=at)
        parts += sum(_bury_parts(school, at_once, at=at))
        agreements += sum(_bury_agreements(school, at_once, at=at))
        rehearsed += _rehearse(school, at=at)
    return Purged(parts, agreements, rehearsed)


def _bury_parts(school: School, at_once: int, *, at: datetime) -> Iterator[int]:
    """Batch by batch, the newest first: what replaces goes before what it replaced."""
    decided = RetentionRule.objects.decided(school)
    while periods := decided.periods:
        with transaction.atomic():
            _wait_for_holds(school)
            due = due_parts(_every_part(at), school, periods, on=school.today(at))
            some = list(due.select_for_update(of=("self",)).order_by("-pk")[:at_once])
            if not some:
                return
            _bury(school, [(part.uid, part.kind, part.written_at) for part in some], decided, at=at)
            # One statement, in which words may go together with what they replaced
            rows = _every_part(at).filter(pk__in=[part.pk for part in some])
            rows._raw_delete(DEFAULT_DB_ALIAS)
            _record(school, [f"part:{part.uid}" for part in some], decided, at=at)
        yield len(some)


def _bury_agreements(school: School, at_once: int, *, at: datetime) -> Iterator[int]:
    decided = RetentionRule.objects.decided(school)
    while periods := decided.periods:
        with transaction.atomic():
            _wait_for_holds(school)
            due = due_agreements(_every_part(at), school, periods, on=school.today(at))
            some = list(due.order_by("pk")[:at_once])
            if not some:
                return
            _bury(
                school, [(each.uid, AGREEMENT, each.proposed_at) for each in some], decided, at=at
            )
            keys = [each.pk for each in some]
            Acknowledgement.objects.filter(version__in=keys).delete()
            AgreementVersion.objects.filter(pk__in=keys).delete()
            _record(school, [f"agreement:{each.uid}" for each in some], decided, at=at)
        yield len(some)


def _wait_for_holds(school: School) -> None:
    """Until whoever is placing a hold there has done so; whoever comes later waits for us."""
    School.objects.select_for_update().get(pk=school.pk)


def _bury(school: School, gone: Iterable[tuple], decided: Decided, *, at: datetime) -> None:
    """Put up the stones first: without one the database lets nothing go."""
    rule = decided.number
    Tombstone.objects.bulk_create(
        Tombstone(uid=uid, school=school, kind=kind, written_at=written_at, rule=rule, at=at)
        for uid, kind, written_at in gone
    )


def _record(school: School, objects: list[str], decided: Decided, *, at: datetime) -> None:
    record(
        Event.Act.PART_PURGE,
        chain=school.pk,
        by=None,
        objects=objects,
        basis=f"rule.{decided.number}",
        at=at,
    )


@transaction.atomic
def _end_holds(school: School, *, at: datetime) -> None:
    """End the holds whose last day is over, and those to which no second person has agreed."""
    on = school.today(at)
    for hold in Hold.objects.open().filter(school=school).select_for_update().order_by("pk"):
        hold.school = school
        if not hold.is_over(on):
            _say_that_it_ends(hold, on=on, at=at)
            continue
        hold.ended_at = at
        hold.save(update_fields=["ended_at"])
        record(
            Event.Act.HOLD_CHANGE,
            chain=school.pk,
            by=None,
            objects=hold.objects_in_log,
            basis="hold.over" if hold.agreed_at else "hold.unanswered",
            at=at,
        )


def _say_that_it_ends(hold: Hold, *, on: date, at: datetime) -> None:
    """Write once to those who decide about a hold, while there is time to place it for longer."""
    if hold.is_asked or hold.until - on > ENDS_SOON:
        return
    for person in Person.objects.holding(MAY_HOLD, hold.school, on=on):
        if person.email and person.user_id and not hold.names(person):
            OutgoingMail.objects.queue(
                key=f"hold:{hold.pk}:ends:{person.pk}",
                kind="hold_ends",
                person=person,
                at=at,
                about=hold.uid,
            )


def _rehearse(school: School, *, at: datetime) -> int:
    """Count what a rule that waits would delete; whoever says yes to it has seen how many."""
    rule = RetentionRule.objects.decided(school).waiting
    if rule is None:
        return 0
    on, parts = school.today(at), _every_part(at)
    due = due_parts(parts, school, rule.periods, on=on)
    tried = {name: due.filter(kind__in=kinds) for name, kinds in GROUPS.items()}
    tried[HELD] = held_parts(parts, school, rule.periods, on=on)
    rule.would_go = {}
    for name, some in tried.items():
        found = some.aggregate(parts=Count("pk"), people=Count("author", distinct=True))
        if found["parts"]:
            # Fewer people would tell who writes what
            rule.would_go[name] = found["parts"] if found["people"] >= FEWEST else None
    rule.rehearsed_at = at
    rule.save(update_fields=["would_go", "rehearsed_at"])
    return 1


def _every_part(at: datetime) -> PartQuerySet:
    return Part.objects.system(Why.PURGE, by=None, at=at)
