"""The rows of a school that a roster may change, as they stand on a date."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import models
from django.db.models import Q

from .. import roster
from ..directory import at_other_schools, is_called
from ..ending import AT_ONCE, batches, lasting
from ..models import (
    Group,
    Guardianship,
    Line,
    Membership,
    Person,
    Role,
    RosterSource,
    School,
)
from ..oneroster import key_of
from ..roster.held import What


@dataclass
class Standing:
    """What a roster is compared with, and the rows to write to."""

    people: dict[int, roster.KnownPerson] = field(default_factory=dict)
    roles: dict[tuple[int, str], Role] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)  # by casefolded name, or key of a class
    memberships: dict[tuple[int, str], Membership] = field(default_factory=dict)
    lines: dict[int, Line] = field(default_factory=dict)
    guardianships: dict[tuple[int, int], Guardianship] = field(default_factory=dict)


def stands(school: School, on: date, *, entries: Collection[roster.Entry] = ()) -> Standing:
    """
    What the one sheet is about, however many people there are.

    Of people at other schools those whom its rows name, by address and name.
    """
    standing = Standing()
    source = RosterSource.objects.filter(school=school, name="roster").first()
    roles = _roles(school, on)
    people = Person.objects.filter(
        Q(pk__in=roles.values("person")) | Q(source__isnull=False, source=source)
    )
    sources = [source.pk] if source else []
    _take_people(standing, people, sources=sources, into=sources[:1])
    typed = roles.filter(person__source=None).values("person")
    for key in _at_work_elsewhere(school, typed, on):
        standing.people[key].is_elsewhere = True
    _take_people_elsewhere(standing, school, entries, on)
    _take_roles(standing, roles, sources, on)
    groups = Group.objects.filter(school=school, ends_on__isnull=True)
    standing.groups = {group.name.casefold(): group for group in groups}
    _take_memberships(standing, school, on)
    mine = people.values("pk")
    for line in Line.objects.filter(lasting(on), person__in=mine, manager__in=mine):
        standing.lines[line.person_id] = line
        standing.people[line.person_id].manager = _held(line, line.manager_id, on)
    _take_guardianships(
        standing,
        Guardianship.objects.filter(lasting(on), guardian__in=mine, student__in=mine),
        on,
    )
    return standing


def stands_beside(
    school: School,
    on: date,
    *,
    source: RosterSource,
    own: RosterSource | None,
    ids: Collection[str],
    emails: Collection[str],
) -> Standing:
    """
    What OneRoster is about: people at the school, and those among `ids` who are not there yet.

    `source` is the roster that fills the school, `own` the school's, if that is another. Of people
    without a roster also those with one of the `emails` are known. Classes are known by their ids.
    """
    standing = Standing()
    sources = [source.pk] + ([own.pk] if own else [])
    roles = _roles(school, on)
    _take_people(
        standing,
        Person.objects.filter(pk__in=roles.values("person")),
        sources=sources,
        into=[source.pk],
    )
    _take_roles(standing, roles, sources, on)
    here = set(standing.people)
    for some in _some(set(ids) - {each.external_id for each in standing.people.values()}):
        found = Person.objects.filter(source__in=sources, external_id__in=some)
        _take_people(standing, found, sources=sources, into=[source.pk])
    for some in _some(set(emails) - {each.email for each in standing.people.values()}):
        found = Person.objects.filter(source__isnull=True, email__in=some)
        _take_people(standing, found, sources=sources, into=[source.pk])
    _prefer_the_source(standing)
    for group in Group.objects.filter(school=school).order_by("pk"):
        if group.external_id and group.source_id in sources:
            key = key_of(group.external_id)
            if key not in standing.groups or group.source_id == source.pk:
                standing.groups[key] = group
        elif group.ends_on is None:
            standing.groups[group.name.casefold()] = group
    _take_memberships(standing, school, on)
    of_students = Guardianship.objects.filter(lasting(on))
    students = roles.filter(kind=Role.Kind.STUDENT).values("person")
    _take_guardianships(standing, of_students.filter(student__in=students), on)
    for keys in batches(set(standing.people) - here):
        _take_guardianships(standing, of_students.filter(student__in=keys), on)
    return standing


def _prefer_the_source(standing: Standing) -> None:
    """Where the school's own roster and the district's have one id, the district's is meant."""
    known = [each for each in standing.people.values() if each.external_id and each.is_on_roster]
    kept = {each.external_id for each in known if not each.moves}
    for each in known:
        if each.moves and each.external_id in kept:
            each.external_id = ""


def _some(words: set[str]) -> Iterator[list[str]]:
    listed = sorted(words - {""})
    for start in range(0, len(listed), AT_ONCE):
        yield listed[start : start + AT_ONCE]


def _roles(school: School, on: date) -> models.QuerySet[Role]:
    # A roster cannot say who is an administrator of the district, so it never ends one
    held = Role.objects.filter(lasting(on), school=school)
    return held.exclude(kind=Role.Kind.DISTRICT_ADMIN)


def _take_people(
    standing: Standing,
    people: models.QuerySet[Person],
    *,
    sources: Collection[int],
    into: Collection[int],
) -> None:
    """Those of `sources` are on the roster; those of another than `into` move to it."""
    for person in people.order_by("pk").iterator(AT_ONCE):
        is_on_roster = person.source_id in sources
        standing.people.setdefault(
            person.pk,
            roster.KnownPerson(
                pk=person.pk,
                external_id=person.external_id,
                facts={name: getattr(person, name) for name in roster.FIELDS},
                is_active=person.is_active,
                is_on_roster=is_on_roster,
                is_elsewhere=person.source_id is not None and not is_on_roster,
                moves=is_on_roster and person.source_id not in into,
            ),
        )


def _at_work_elsewhere(school: School, people: models.QuerySet[Any], on: date) -> set[int]:
    roles = Role.objects.filter(lasting(on), person__in=people).exclude(school=school)
    return set(roles.values_list("person", flat=True))


def _take_people_elsewhere(
    standing: Standing, school: School, entries: Collection[roster.Entry], on: date
) -> None:
    """Those at other schools whom a row names: only their roles at this school are its own."""
    rows = {entry.email: entry for entry in entries if entry.email and not entry.has_left}
    for some in _some(set(rows)):
        people = [
            person.pk
            for person in at_other_schools(school, some, on=on)
            if is_called(
                person,
                given_name=str(rows[person.email].facts.get("given_name", "")),
                family_name=str(rows[person.email].facts.get("family_name", "")),
            )
        ]
        _take_people(standing, Person.objects.filter(pk__in=people), sources=(), into=())
        for key in people:
            standing.people[key].is_elsewhere = True


def _take_roles(
    standing: Standing, roles: models.QuerySet[Role], sources: Collection[int], on: date
) -> None:
    for role in roles.order_by("pk").iterator(AT_ONCE):
        standing.roles[role.person_id, role.kind] = role
        person = standing.people[role.person_id]
        person.roles[role.kind] = _held(role, role.title, on)
        if role.source_id in sources:
            person.given.add(role.kind)


def _take_memberships(standing: Standing, school: School, on: date) -> None:
    keys = {group.pk: key for key, group in standing.groups.items()}
    rows = Membership.objects.filter(lasting(on), group__school=school, group__ends_on__isnull=True)
    for membership in rows.iterator(AT_ONCE):
        person = standing.people.get(membership.person_id)
        key = keys.get(membership.group_id)
        if person is not None and key is not None:
            standing.memberships[person.pk, key] = membership
            person.groups[key] = _held(membership, membership.is_adult, on)


def _take_guardianships(standing: Standing, rows: models.QuerySet[Guardianship], on: date) -> None:
    for row in rows:
        if row.guardian_id in standing.people and row.student_id in standing.people:
            standing.guardianships[row.guardian_id, row.student_id] = row
            known = standing.people[row.guardian_id]
            known.students[row.student_id] = _held(row, row.household, on)


def _held(row: Any, what: What, on: date) -> roster.Held:
    """What a row gives; its beginning counts where it lies ahead."""
    return roster.Held(what, row.ends_on, row.starts_on if row.starts_on > on else None)
