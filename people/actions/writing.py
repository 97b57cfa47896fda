"""Writing what a roster changes: people, roles, groups, lines and families, in few statements."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

from django.db import models

from .. import roster
from ..ending import AT_ONCE, batches, last_day
from ..models import (
    Group,
    Guardianship,
    Line,
    Membership,
    Person,
    Role,
    RosterSource,
    School,
    User,
)
from ..oneroster.fill import Group as NewGroup
from ..roster import Token
from .standing import Standing

PRIVILEGED = Role.NEEDS_FACTOR  # roles whose giving and taking is recorded by name of the role
MADE_AT_ONCE = 2000  # rows of one statement, where the database takes so many


def privileged(diff: roster.Diff) -> list[int]:
    """The people known by key to whom a role with a second factor is given, or from whom taken."""
    changed = [
        step.known.pk
        for step in diff.changed
        if step.known and any(kind in PRIVILEGED for kind in step.roles)
    ]
    ended = [person.pk for person in diff.ended if any(kind in PRIVILEGED for kind in person.roles)]
    new = [int(step.token) for step in diff.new if any(kind in PRIVILEGED for kind in step.roles)]
    return sorted({*changed, *ended, *new})


class _Rows:
    """Rows of one model to be made and to be changed, each in as few statements as there can be."""

    def __init__(self, model: type[models.Model], fields: Iterable[str]) -> None:
        self.model = model
        self.fields = list(fields)
        self.made: list[Any] = []
        self.changed: list[Any] = []

    def write(self, tell: Callable[[int], None]) -> None:
        # What ends first, for a person has one open row of a kind
        for some in _parts(self.changed):
            self.model._default_manager.bulk_update(some, self.fields, batch_size=AT_ONCE)
            tell(len(some))
        for some in _parts(self.made):
            self.model._default_manager.bulk_create(some, batch_size=MADE_AT_ONCE)
            tell(len(some))


def write(
    school: School,
    diff: roster.Diff,
    standing: Standing,
    on: date,
    *,
    source: RosterSource,
    groups: Mapping[str, NewGroup] = MappingProxyType({}),
    tell: Callable[[int], None] = lambda count: None,
) -> dict[Token, int]:
    """
    Do what a diff says, but for ending whoever is to end; `groups` says what classes are.

    Answers the primary keys of the people who were made, by their key in the diff.
    """
    keys = _write_people(source, diff)
    _write_groups(school, source, diff, standing, groups, on)
    roles = _Rows(Role, ["title", "starts_on", "ends_on"])
    memberships = _Rows(Membership, ["is_adult", "starts_on", "ends_on"])
    lines = _Rows(Line, ["starts_on", "ends_on"])
    guardianships = _Rows(Guardianship, ["household", "starts_on", "ends_on"])
    for step in (*diff.new, *diff.changed):
        person_id = _key(step.token, keys)
        for kind, held in step.roles.items():
            role = standing.roles.get((person_id, kind))
            new = {"person_id": person_id, "school": school, "kind": kind, "source": source}
            _set(roles, role, held, new, on, what="title")
        for name, held in step.groups.items():
            membership = standing.memberships.get((person_id, name))
            new = {"person_id": person_id, "group": standing.groups[name]}
            _set(memberships, membership, held, new, on, what="is_adult")
        for token, held in step.students.items():
            student_id = _key(token, keys)
            guardianship = standing.guardianships.get((person_id, student_id))
            new = {"guardian_id": person_id, "student_id": student_id}
            _set(guardianships, guardianship, held, new, on, what="household")
        if step.manager or step.loses_manager:
            _set_manager(lines, standing.lines.get(person_id), step, person_id, keys, on)
    for rows in (roles, memberships, lines, guardianships):
        rows.write(tell)
    return keys


def _write_groups(
    school: School,
    source: RosterSource,
    diff: roster.Diff,
    standing: Standing,
    said: Mapping[str, NewGroup],
    on: date,
) -> None:
    ended = [standing.groups[key].pk for key in diff.ended_groups]
    for some in batches(ended):
        Group.objects.filter(pk__in=some).update(ends_on=last_day(on))
    renamed = []
    for key, (_, name) in diff.renamed_groups.items():
        group = standing.groups[key]
        group.name = str(group.uid)  # two may swap their names
        renamed.append((group, name))
    Group.objects.bulk_update([group for group, _ in renamed], ["name"], batch_size=AT_ONCE)
    for group, name in renamed:
        group.name = name
    back = []
    made: dict[str, Group] = {}
    for key, name in diff.new_groups.items():
        if key in standing.groups:  # it ended, and is there again
            group = standing.groups[key]
            group.name, group.ends_on = name, None
            back.append(group)
        elif key in said:
            made[key] = Group(
                school=school,
                name=name,
                kind=said[key].kind,
                source=source,
                external_id=said[key].external_id,
            )
        else:
            made[key] = Group(school=school, name=name, kind=_kind(name))
    changed = [*(group for group, _ in renamed), *back]
    Group.objects.bulk_update(changed, ["name", "ends_on"], batch_size=AT_ONCE)
    Group.objects.bulk_create(made.values(), batch_size=AT_ONCE)
    standing.groups |= made


def _parts(rows: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(rows), MADE_AT_ONCE):
        yield rows[start : start + MADE_AT_ONCE]


def _write_people(source: RosterSource, diff: roster.Diff) -> dict[Token, int]:
    """Make and change the persons; returns the keys of the new ones, by their key in the sheet."""
    people = [
        Person(source=source, external_id=step.entry.external_id, **step.facts) for step in diff.new
    ]
    Person.objects.bulk_create(people, batch_size=AT_ONCE)
    keys = {step.token: person.pk for step, person in zip(diff.new, people, strict=True)}
    for step in diff.new:
        step.token = keys[step.token]

    touched = {
        step.known.pk: step
        for step in diff.changed
        if step.known
        and not step.known.is_elsewhere
        and (step.facts or step.returns or step.moves or not step.known.is_on_roster)
    }
    fields = {name for step in touched.values() for name in step.facts}
    if not touched:
        return keys
    changed = []
    for some in batches(touched):
        for person in Person.objects.filter(pk__in=some):
            step = touched[person.pk]
            for name, value in step.facts.items():
                setattr(person, name, value)
            person.external_id = step.external_id or person.external_id
            person.source = source
            person.is_active = True
            changed.append(person)
    Person.objects.bulk_update(
        changed, [*sorted(fields), "external_id", "source", "is_active"], batch_size=AT_ONCE
    )
    for some in batches(key for key, step in touched.items() if step.returns):
        User.objects.filter(person__in=some).update(is_active=True)
    return keys


def _key(token: Token, keys: dict[Token, int]) -> int:
    """The primary key of somebody: known already, or made now."""
    return token if isinstance(token, int) else keys[token]


def _set(
    rows: _Rows,
    row: Any,
    held: roster.Held | None,
    new: dict[str, Any],
    on: date,
    *,
    what: str,
) -> None:
    """Make, change or end one row so that it is as the roster says."""
    if row is None and held is not None:
        starts_on = held.starts_on or held.since or on
        rows.made.append(
            rows.model(**new, **{what: held.what}, starts_on=starts_on, ends_on=held.ends_on)
        )
        return
    if held is None:
        row.ends_on = last_day(on)
        row.starts_on = min(row.starts_on, row.ends_on)
    else:
        setattr(row, what, held.what)
        row.ends_on = held.ends_on
        # What was to begin later may begin sooner, and the other way round
        row.starts_on = held.starts_on or min(row.starts_on, held.since or row.starts_on, on)
    rows.changed.append(row)


def _set_manager(
    lines: _Rows,
    line: Line | None,
    step: roster.Step,
    person_id: int,
    keys: dict[Token, int],
    on: date,
) -> None:
    """Another manager is another line; the same one may only end at another time."""
    manager = step.manager
    manager_id = manager and _key(manager.what, keys)
    if line is not None and line.manager_id == manager_id:
        line.ends_on = manager.ends_on if manager else None
        lines.changed.append(line)
        return
    if line is not None:
        _set(lines, line, None, {}, on, what="manager_id")
    if manager is not None:
        new = {"person_id": person_id, "manager_id": manager_id}
        lines.made.append(Line(**new, starts_on=on, ends_on=manager.ends_on))


def _kind(name: str) -> str:
    """What a group is, as far as its name says it."""
    first = name.casefold().split(" ")[0]
    return first if first in ("advisory", "homeroom", "house", "caseload") else "class"
