"""Who is to meet whom: opening, changing, pausing and ending a pairing."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import F, Q

from audit.actions import record
from audit.models import Event

from ..cadence import Cadence
from ..models import Pairing, Person, Role, School
from ..permissions import can_counsel, can_pair, require


class CannotPair(Exception):
    """Why two people cannot be paired, or a pairing not be changed, in words for who tried."""


@transaction.atomic
def open_pairing(
    school: School,
    *,
    host: Person,
    attendee: Person,
    kind: str,
    by: Person | None,
    on: date,
    cadence: str = Cadence.MONTHLY,
    minutes: int = 30,
) -> Pairing:
    """
    The pairing of this kind that is in force, or a new one from a date on.

    One that exists is returned as it is: how often they meet may have been agreed since. Two peers
    have one pairing, whoever of them hosts. Raises CannotPair with a sentence.
    """
    require(by is None or can_pair(by, school, host, on=on))
    # That somebody sees a counselor is for the two of them to know (DECISIONS 15)
    require(by is None or kind != Pairing.Kind.COUNSELING or by.pk == host.pk)
    facts = {"cadence": cadence, "minutes": minutes}
    return pair(school, host=host, attendee=attendee, kind=kind, by=by, on=on, **facts)


def pair(
    school: School,
    *,
    host: Person,
    attendee: Person,
    kind: str,
    by: Person | None,
    on: date,
    **facts: Any,
) -> Pairing:
    """What `open_pairing` does, whoever asks; `facts` are of a new pairing."""
    if host.pk == attendee.pk:
        raise CannotPair("Choose somebody else: a one-on-one needs two people.")
    existing = _going_on(host, attendee, kind, on=on)
    if existing is not None:
        return existing
    if kind == Pairing.Kind.COUNSELING and not can_counsel(host, school, on=on):
        raise CannotPair(
            "Counseling starts once the school has named a safeguarding lead with a phone number, "
            "and only counselors offer it."
        )
    here = _roles(school, [host.pk, attendee.pk], on=on)
    if len(here) < 2:
        raise CannotPair("Both need to be at the school on that day.")
    try:
        with transaction.atomic():
            pairing = Pairing.objects.create(
                school=school,
                host=host,
                attendee=attendee,
                kind=kind,
                is_with_student=kind == Pairing.Kind.COUNSELING or _is_student(here[attendee.pk]),
                starts_on=on,
                **facts,
            )
    except IntegrityError:  # somebody opened it a moment ago
        existing = _going_on(host, attendee, kind, on=on)
        if existing is None:
            raise
        return existing
    _record(pairing, by=by, basis="open")
    return pairing


class Opened(NamedTuple):
    pairings: dict[int, Pairing]  # by the key of the attendee
    made: set[int]  # the keys of those that were not there before


@transaction.atomic
def open_pairings(
    school: School,
    *,
    host: Person,
    cadences: Mapping[int, str],
    by: Person | None,
    on: date,
) -> Opened:
    """
    A host's check-ins with many of the staff, as `open_pairing` opens one; constant in queries.

    `cadences` are by the key of the attendee. Those who are not at the school are left out.
    """
    kind = Pairing.Kind.STAFF_CHECK_IN
    require(by is None or can_pair(by, school, host, on=on))
    roles = _roles(school, [host.pk, *cadences], on=on)
    if host.pk not in roles:
        raise CannotPair("Both need to be at the school on that day.")
    here = roles.keys() - {host.pk}
    rows = Pairing.objects.select_for_update().filter(host=host, kind=kind, attendee__in=here)
    going_on = rows.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on))
    # One without an end comes last, and so is the one that is kept
    found = {
        each.attendee_id: each for each in going_on.order_by(F("ends_on").asc(nulls_last=True))
    }
    again = [each for each in found.values() if each.starts_on > on or each.ends_on is not None]
    for pairing in again:
        pairing.starts_on, pairing.ends_on = min(pairing.starts_on, on), None
    if again:
        Pairing.objects.bulk_update(again, ["starts_on", "ends_on"])
    new = [
        Pairing(
            school=school,
            host=host,
            attendee_id=attendee_id,
            kind=kind,
            cadence=cadences[attendee_id],
            is_with_student=_is_student(roles[attendee_id]),
            starts_on=on,
        )
        for attendee_id in sorted(here - found.keys())
    ]
    # Somebody may have opened one a moment ago: then it is theirs
    Pairing.objects.bulk_create(new, ignore_conflicts=True)
    fresh = list(rows.filter(ends_on__isnull=True).exclude(attendee__in=found)) if new else []
    found |= {each.attendee_id: each for each in fresh}
    uids = {each.uid for each in new}
    made = [each for each in fresh if each.uid in uids]
    if made:
        record(
            Event.Act.PAIRING_CHANGE,
            chain=school.pk,
            by=by.pk if by else None,
            objects=[f"pairing:{each.pk}" for each in made],
            basis="open",
        )
    return Opened(found, {each.pk for each in made})


@transaction.atomic
def pause_pairing(pairing: Pairing, *, by: Person, on: date) -> Pairing:
    """Let a pairing rest: it is never past due while it does."""
    pairing = _locked(pairing, by=by, on=on)
    if not pairing.is_paused:
        pairing.is_paused = True
        pairing.save(update_fields=["is_paused"])
        _record(pairing, by=by, basis="pause")
    return pairing


@transaction.atomic
def resume_pairing(pairing: Pairing, *, by: Person, on: date) -> Pairing:
    """Let a pairing that rested go on."""
    pairing = _locked(pairing, by=by, on=on)
    if pairing.is_paused:
        pairing.is_paused = False
        pairing.save(update_fields=["is_paused"])
        _record(pairing, by=by, basis="resume")
    return pairing


@transaction.atomic
def choose_ownership(pairing: Pairing, ownership: str, *, by: Person, on: date) -> Pairing:
    """Say who brings the topics: whoever is left out is not asked for any."""
    pairing = _locked(pairing, by=by, on=on)
    if ownership not in Pairing.Ownership.values:
        raise CannotPair("Choose who brings the topics.")
    if pairing.ownership != ownership:
        pairing.ownership = ownership
        pairing.save(update_fields=["ownership"])
        _record(pairing, by=by, basis="topics")
    return pairing


@transaction.atomic
def end_pairing(pairing: Pairing, *, by: Person | None, on: date) -> Pairing:
    """End a pairing: the date is its last day. What it holds stays; its rights end with it."""
    pairing = Pairing.objects.select_for_update().get(pk=pairing.pk)
    _require(pairing, by=by, on=on)
    if pairing.ends_on is None or pairing.ends_on > on:
        pairing.ends_on = on
        pairing.save(update_fields=["ends_on"])
        _record(pairing, by=by, basis="end")
    return pairing


def _roles(school: School, people: Collection[int], *, on: date) -> dict[int, set[str]]:
    """What each of these is at a school on a date, by key; without those who are not there."""
    found: dict[int, set[str]] = {}
    here = Role.objects.in_force(on).filter(school=school, person__is_active=True)
    for person_id, kind in here.filter(person__in=people).values_list("person", "kind"):
        found.setdefault(person_id, set()).add(kind)
    return found


def _is_student(roles: set[str]) -> bool:
    """Whether somebody is at the school without being of its staff."""
    return roles.isdisjoint(Role.STAFF)


def _going_on(host: Person, attendee: Person, kind: str, *, on: date) -> Pairing | None:
    """A pairing of this kind that is open, made to hold from this date on."""
    two = Q(host=host, attendee=attendee)
    if kind == Pairing.Kind.PEER_SUPPORT:
        two |= Q(host=attendee, attendee=host)
    runs = Q(ends_on__isnull=True) | Q(ends_on__gte=on)
    found = Pairing.objects.select_for_update().filter(two, runs, kind=kind)
    pairing = found.order_by(F("ends_on").desc(nulls_first=True), "pk").first()
    if pairing is None:
        return None
    if pairing.starts_on > on or pairing.ends_on is not None:
        pairing.starts_on = min(pairing.starts_on, on)
        pairing.ends_on = None
        pairing.save(update_fields=["starts_on", "ends_on"])
    return pairing


def _locked(pairing: Pairing, *, by: Person, on: date) -> Pairing:
    pairing = Pairing.objects.select_for_update().get(pk=pairing.pk)
    _require(pairing, by=by, on=on)
    if pairing.ends_on is not None and pairing.ends_on < on:
        raise CannotPair("These one-on-ones have ended.")
    return pairing


def _require(pairing: Pairing, *, by: Person | None, on: date) -> None:
    require(by is None or pairing.is_party(by) or can_pair(by, pairing.school, pairing.host, on=on))


def _record(pairing: Pairing, *, by: Person | None, basis: str) -> None:
    record(
        Event.Act.PAIRING_CHANGE,
        chain=pairing.school_id,
        by=by.pk if by else None,
        objects=[f"pairing:{pairing.pk}"],
        basis=basis,
    )
