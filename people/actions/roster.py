"""Bringing a school's roster in: what it would change, and doing it, all or nothing."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import models, transaction
from django.db.models import Q

from audit.actions import record
from audit.models import Event

from .. import roster
from ..ending import AT_ONCE, batches, end_people, last_day
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
from ..permissions import can_administer, require
from ..roster.check import Token

PRIVILEGED = Role.NEEDS_FACTOR  # roles whose giving and taking is recorded by name of the role


class CannotImport(Exception):
    """Why a roster is not brought in, in words for the person who tried."""


@transaction.atomic
def preview_roster(
    school: School, content: bytes, *, by: Person | None, at: datetime
) -> roster.Diff:
    """
    What applying a roster would change today; nothing is written.

    `by` None is the command line. Raises sheets.CannotRead.
    """
    on = school.today(at)
    require(by is None or can_administer(by, school, on=on))
    return _preview(school, content, by, on)[0]


@transaction.atomic
def apply_roster(
    school: School,
    content: bytes,
    *,
    by: Person | None,
    at: datetime,
    digest: str | None = None,
    ends_many: bool = False,
) -> roster.Diff:
    """
    Bring a roster in, all or nothing; with a `digest`, only if the same would happen as shown.

    People who are missing from it are ended, never deleted; more than a tenth of them only where
    `ends_many` says so. It makes no logins. Raises CannotImport and sheets.CannotRead.
    """
    school = School.objects.select_for_update().get(pk=school.pk)
    on = school.today(at)
    require(by is None or can_administer(by, school, on=on))
    diff, standing = _preview(school, content, by, on)
    if digest is not None and digest != diff.digest:
        raise CannotImport("The school changed since this was shown. Read it once more.")
    if diff.ends_many and not ends_many:
        raise CannotImport(
            f"{len(diff.ended)} of {diff.on_roster} people would end. "
            "Confirm that they have left, or choose a file with everybody."
        )
    if diff.is_empty:
        return diff

    _write(school, diff, standing, on)
    about = [f"school:{school.pk}"]
    counts = f"new:{len(diff.new)}.changed:{len(diff.changed)}.ended:{len(diff.ended)}"
    if privileged := _privileged(diff):
        record(
            Event.Act.ROLE_CHANGE,
            chain=school.pk,
            by=by.pk if by else None,
            objects=[*about, *(f"person:{pk}" for pk in privileged)],
            basis="roster",
            at=at,
        )
    record(
        Event.Act.ROSTER_APPLY,
        chain=school.pk,
        by=by.pk if by else None,
        objects=about,
        basis=counts,
        at=at,
    )
    return diff


def _preview(
    school: School, content: bytes, by: Person | None, on: date
) -> tuple[roster.Diff, "_Standing"]:
    sheet = roster.read(content, month_first=school.locale.lower() == "en-us")
    standing = _Standing.of(school, on)
    checked = roster.check(
        sheet,
        standing.people.values(),
        on=on,
        group_names=[group.name for group in standing.groups.values()],
    )
    return roster.compare(checked, by=by.pk if by else None), standing


@dataclass
class _Standing:
    """The rows of a school that a roster may change, as they stand on a date."""

    people: dict[int, roster.KnownPerson] = field(default_factory=dict)
    roles: dict[tuple[int, str], Role] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)  # by casefolded name
    memberships: dict[tuple[int, str], Membership] = field(default_factory=dict)
    lines: dict[int, Line] = field(default_factory=dict)
    guardianships: dict[tuple[int, int], Guardianship] = field(default_factory=dict)

    @classmethod
    def of(cls, school: School, on: date) -> "_Standing":
        """Read it all in seven queries, however many people there are."""
        standing = cls()
        lasting = Q(ends_on__isnull=True) | Q(ends_on__gte=on)
        # A roster cannot say who is an administrator of the district, so it never ends one
        roles = Role.objects.filter(lasting, school=school).exclude(kind=Role.Kind.DISTRICT_ADMIN)
        source = RosterSource.objects.filter(school=school, name="roster").first()
        people = Person.objects.filter(
            Q(pk__in=roles.values("person")) | Q(source__isnull=False, source=source)
        )
        for person in people.select_related("source").order_by("pk").iterator(AT_ONCE):
            standing.people[person.pk] = _known(person, source)
        mine = people.values("pk")
        for role in roles.order_by("pk").iterator(AT_ONCE):
            standing.roles[role.person_id, role.kind] = role
            held = roster.Held(role.title, role.ends_on)
            standing.people[role.person_id].roles[role.kind] = held
        standing.groups = {
            group.name.casefold(): group
            for group in Group.objects.filter(school=school, ends_on__isnull=True)
        }
        names = {group.pk: name for name, group in standing.groups.items()}
        for membership in Membership.objects.filter(
            lasting, group__school=school, group__ends_on__isnull=True, person__in=mine
        ):
            name = names[membership.group_id]
            standing.memberships[membership.person_id, name] = membership
            standing.people[membership.person_id].groups[name] = roster.Held(
                membership.is_adult, membership.ends_on
            )
        for line in Line.objects.filter(lasting, person__in=mine, manager__in=mine):
            standing.lines[line.person_id] = line
            standing.people[line.person_id].manager = roster.Held(line.manager_id, line.ends_on)
        for guardianship in Guardianship.objects.filter(
            lasting, guardian__in=mine, student__in=mine
        ):
            pair = (guardianship.guardian_id, guardianship.student_id)
            standing.guardianships[pair] = guardianship
            standing.people[pair[0]].students[pair[1]] = roster.Held(
                guardianship.household, guardianship.ends_on
            )
        return standing


def _known(person: Person, source: RosterSource | None) -> roster.KnownPerson:
    return roster.KnownPerson(
        pk=person.pk,
        external_id=person.external_id,
        facts={name: getattr(person, name) for name in roster.FIELDS},
        is_active=person.is_active,
        is_on_roster=source is not None and person.source_id == source.pk,
        is_elsewhere=person.source_id is not None
        and (source is None or person.source_id != source.pk),
    )


def _privileged(diff: roster.Diff) -> list[int]:
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

    def write(self) -> None:
        # What ends first, for a person has one open row of a kind
        self.model._default_manager.bulk_update(self.changed, self.fields, batch_size=AT_ONCE)
        self.model._default_manager.bulk_create(self.made, batch_size=AT_ONCE)


def _write(school: School, diff: roster.Diff, standing: "_Standing", on: date) -> None:
    keys = _write_people(school, diff)
    groups = [
        Group(school=school, name=name, kind=_kind(name)) for name in diff.new_groups.values()
    ]
    for group in Group.objects.bulk_create(groups, batch_size=AT_ONCE):
        standing.groups[group.name.casefold()] = group
    end_people(school, [person.pk for person in diff.ended], on=on)
    roles = _Rows(Role, ["title", "starts_on", "ends_on"])
    memberships = _Rows(Membership, ["is_adult", "starts_on", "ends_on"])
    lines = _Rows(Line, ["starts_on", "ends_on"])
    guardianships = _Rows(Guardianship, ["household", "starts_on", "ends_on"])
    for step in (*diff.new, *diff.changed):
        person_id = _key(step.token, keys)
        for kind, held in step.roles.items():
            role = standing.roles.get((person_id, kind))
            new = {"person_id": person_id, "school": school, "kind": kind}
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
        rows.write()


def _write_people(school: School, diff: roster.Diff) -> dict[Token, int]:
    """Make and change the persons; returns the keys of the new ones, by their key in the sheet."""
    source, _ = RosterSource.objects.get_or_create(school=school, name="roster")
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
        and (step.facts or step.returns or not step.known.is_on_roster)
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
        rows.made.append(rows.model(**new, **{what: held.what}, starts_on=on, ends_on=held.ends_on))
        return
    if held is None:
        row.ends_on = last_day(on)
        row.starts_on = min(row.starts_on, row.ends_on)
    else:
        setattr(row, what, held.what)
        row.ends_on = held.ends_on
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
