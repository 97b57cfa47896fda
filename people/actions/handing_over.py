"""Choosing who takes over from somebody who leaves: hosts, adults of groups, a line manager."""

from collections.abc import Mapping
from datetime import date, datetime

from django.db import models, transaction

from audit.actions import record
from audit.models import Event

from ..departures import adult_groups, hosted, without_host
from ..models import Departure, Handover, Pairing, Person, School
from ..permissions import hosts_of, require
from .persons import locked, note
from .taking_over import open_for

# By the key of a pairing or a group: who takes it over, or nobody. What is left out stays open.
Choices = Mapping[int, Person | None]


class CannotHandOver(Exception):
    """Why somebody cannot take over, in words for the person who chose them."""


@transaction.atomic
def hand_over(
    departure: Departure,
    *,
    by: Person,
    at: datetime,
    successor: Person | None,
    pairings: Choices,
    groups: Choices,
) -> None:
    """
    Choose who takes over from somebody with a last day; it happens once that is over.

    Counseling is not an administrator's to see or hand over (DECISIONS 15): `hand_over_own`.
    Raises CannotHandOver.
    """
    departure = _ahead(departure)
    person, school, on = departure.person, departure.school, departure.first_day_without
    locked(school, by=by, at=at)
    _choose(departure, hosted(person, school, on=on).without_counseling(), pairings)
    adult_of = adult_groups(person, school, on=on).in_bulk()
    require(groups.keys() <= adult_of.keys())
    staff = _keys(Person.objects.staff_of(school, on=on).exclude(pk=person.pk))
    _require_among(staff, [successor, *groups.values()])
    mine = person.handed_over
    mine.filter(group__in=adult_of.keys() - groups.keys()).delete()
    for pk, to in groups.items():
        Handover.objects.update_or_create(group=adult_of[pk], leaver=person, defaults={"to": to})
    departure.successor = successor
    departure.save(update_fields=["successor"])
    note(Event.Act.PERSON_CHANGE, school, person, by=by, at=at, basis="hand_over")


@transaction.atomic
def hand_over_own(departure: Departure, *, by: Person, at: datetime, pairings: Choices) -> None:
    """A counselor chooses who takes over their own counseling. Raises CannotHandOver."""
    departure = _ahead(departure)
    school, on = departure.school, departure.first_day_without
    require(departure.person_id == by.pk)
    School.objects.select_for_update().get(pk=school.pk)
    counseling = hosted(by, school, on=on).filter(kind=Pairing.Kind.COUNSELING)
    _choose(departure, counseling, pairings)
    note(Event.Act.PERSON_CHANGE, school, by, by=by, at=at, basis="hand_over.own")


@transaction.atomic
def choose_hosts(school: School, *, by: Person, at: datetime, pairings: Choices) -> list[Person]:
    """
    Choose who hosts, from today on, those whose host has left; or that nobody does.

    Returns the new hosts. Raises CannotHandOver.
    """
    on = locked(school, by=by, at=at)
    rows = without_host(school, on=on).in_bulk(list(pairings))
    require(pairings.keys() <= rows.keys())
    _write(rows, pairings, school, on=on)
    new: dict[int, Person] = {}
    for handover in Handover.objects.filter(pairing__in=pairings, to__isnull=False).select_related(
        "to", "pairing__attendee", "pairing__school"
    ):
        if open_for(handover, by=by, on=on) is None or handover.to is None:
            raise CannotHandOver("Somebody you chose cannot take this over. Choose again.")
        new[handover.to.pk] = handover.to
    record(
        Event.Act.PAIRING_CHANGE,
        chain=school.pk,
        by=by.pk,
        objects=[f"pairing:{pk}" for pk in sorted(pairings)],
        basis="hand_over.after",
        at=at,
    )
    return list(new.values())


def _ahead(departure: Departure) -> Departure:
    ahead = Departure.objects.ahead().select_related("school", "person")
    found = ahead.select_for_update(of=("self",)).filter(pk=departure.pk).first()
    if found is None:
        raise CannotHandOver("There is no last day any more.")
    return found


def _choose(departure: Departure, among: "models.QuerySet[Pairing]", chosen: Choices) -> None:
    """Write down who takes over which of these pairings; those that are not chosen stay open."""
    rows = among.in_bulk()
    require(chosen.keys() <= rows.keys())
    _write(rows, chosen, departure.school, on=departure.first_day_without)
    Handover.objects.filter(pairing__in=rows.keys() - chosen.keys()).delete()


def _write(rows: Mapping[int, Pairing], chosen: Choices, school: School, *, on: date) -> None:
    hosts = {
        kind: _keys(Person.objects.holding(hosts_of(kind), school, on=on))
        for kind in {rows[pk].kind for pk, to in chosen.items() if to is not None}
    }
    for pk, to in chosen.items():
        if to is not None:
            _require_among(hosts[rows[pk].kind] - {rows[pk].attendee_id}, [to])
    Handover.objects.bulk_create(
        [Handover(pairing_id=pk, leaver_id=rows[pk].host_id, to=to) for pk, to in chosen.items()],
        update_conflicts=True,
        unique_fields=["pairing"],
        update_fields=["to", "leaver"],
    )


def _keys(people: "models.QuerySet[Person]") -> set[int]:
    return set(people.values_list("pk", flat=True))


def _require_among(keys: set[int], people: list[Person | None]) -> None:
    if any(person is not None and person.pk not in keys for person in people):
        raise CannotHandOver("Somebody you chose cannot take this over. Choose again.")
