"""What a checked sheet would change at a school: what to do for each person, and how to say it."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from ..sheets import Problem
from .check import Checked, Held, KnownPerson, Token
from .sheet import ROLE_WORDS, Entry

MANY = 10  # per cent of the people on the roster; ending more than these needs a yes
FIELDS = {
    "given_name": "Given name",
    "family_name": "Family name",
    "preferred_name": "Preferred name",
    "pronouns": "Pronouns",
    "email": "E-mail",
    "job": "Job",
    "grade": "Grade",
    "started_on": "Started on",
}
WORDS = {kind: word.capitalize() for word, kind in reversed(ROLE_WORDS.items())}
ADMINISTRATOR = "school_admin"


class _Keep:
    """In place of an end: whatever stands."""


_KEEP = _Keep()
End = date | None | _Keep


class FieldChange(NamedTuple):
    """A change in words: what, from what, to what; an empty string is nothing."""

    label: str
    old: str
    new: str


@dataclass(slots=True)
class Step:
    """What is to be done for one person. In the mappings, None means: this ends."""

    token: Token
    entry: Entry
    known: KnownPerson | None
    facts: dict[str, str | date | None] = field(default_factory=dict)
    external_id: str = ""  # given to somebody who had none
    returns: bool = False
    roles: dict[str, Held | None] = field(default_factory=dict)
    groups: dict[str, Held | None] = field(default_factory=dict)  # by casefolded name
    manager: Held | None = None
    loses_manager: bool = False
    students: dict[Token, Held | None] = field(default_factory=dict)
    changes: list[FieldChange] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.entry.name

    @property
    def is_empty(self) -> bool:
        return not (
            self.facts
            or self.external_id
            or self.returns
            or self.roles
            or self.groups
            or self.manager
            or self.loses_manager
            or self.students
        )


@dataclass
class Diff:
    """What applying a sheet would do, for a person to read before it is done."""

    new: list[Step] = field(default_factory=list)
    changed: list[Step] = field(default_factory=list)
    ended: list[KnownPerson] = field(default_factory=list)
    refused: list[Problem] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    new_groups: dict[str, str] = field(default_factory=dict)  # casefolded: as written
    unchanged: int = 0
    on_roster: int = 0  # people who came with a roster and are here

    @property
    def is_empty(self) -> bool:
        return not (self.new or self.changed or self.ended)

    @property
    def ends_many(self) -> bool:
        """Whether so many would end that the file may be a part of the whole."""
        return len(self.ended) * 100 > self.on_roster * MANY

    @property
    def digest(self) -> str:
        """A fingerprint of all that would be done: equal only if the same would happen."""
        parts = [
            (
                step.token,
                step.external_id,
                sorted((name, str(value)) for name, value in step.facts.items()),
                sorted((kind, str(held)) for kind, held in step.roles.items()),
                sorted((name, str(held)) for name, held in step.groups.items()),
                str(step.manager),
                step.loses_manager,
                sorted((str(token), str(held)) for token, held in step.students.items()),
                step.changes,
            )
            for step in (*self.new, *self.changed)
        ]
        ended = sorted(person.pk for person in self.ended)
        return hashlib.sha256(repr((parts, ended)).encode()).hexdigest()


def compare(checked: Checked, *, by: int | None) -> Diff:
    """What a sheet would change; whoever brings it, and the last administrator, stay."""
    left_out = checked.roster.left_out
    diff = Diff(refused=checked.roster.problems)
    if left_out:
        diff.notices.append(f"Columns that are not used: {', '.join(left_out)}.")
    kept = _keep_administrators(checked, by, diff)
    for token, entry in checked.entries.items():
        if token not in checked.leaving:
            step = _step(checked, token, entry, keeps_office=token in kept)
            _sort_in(diff, step)
            for name in entry.groups:
                diff.new_groups.setdefault(name.casefold(), name)
    for name in checked.group_names:
        diff.new_groups.pop(name, None)
    known = checked.known.values()
    diff.on_roster = sum(person.is_active and person.is_on_roster for person in known)
    diff.ended = [person for person in known if person.pk not in kept and _ends(checked, person)]
    return diff


def _sort_in(diff: Diff, step: Step) -> None:
    if step.known is None:
        diff.new.append(step)
    elif step.is_empty:
        diff.unchanged += 1
    else:
        diff.changed.append(step)


def _ends(checked: Checked, person: KnownPerson) -> bool:
    return (person.is_active or bool(person.roles)) and checked.is_ending(person.pk)


def _keep_administrators(checked: Checked, by: int | None, diff: Diff) -> set[int]:
    """Administrators whom the sheet would put out of office, and who have to stay in it."""
    losing = []
    staying = sum(
        ADMINISTRATOR in entry.roles and token not in checked.leaving
        for token, entry in checked.entries.items()
    )
    for person in checked.known.values():
        if not person.is_active or ADMINISTRATOR not in person.roles:
            continue
        entry = checked.entries.get(person.pk)
        loses = checked.is_ending(person.pk) or (entry and ADMINISTRATOR not in entry.roles)
        if loses:
            losing.append(person)
        if person.pk == by or not (loses or entry):  # those in the sheet are counted above
            staying += 1
    kept = [person for person in losing if person.pk == by or not staying]
    for person in kept:
        why = "you are importing" if person.pk == by else "a school needs one"
        diff.notices.append(f"{person.name} stays an administrator, because {why}.")
    return {person.pk for person in kept}


def _step(checked: Checked, token: Token, entry: Entry, *, keeps_office: bool) -> Step:
    known = checked.known[token] if isinstance(token, int) else None
    step = Step(token, entry, known)
    columns = checked.roster.columns
    _compare_facts(step)
    # Without the column, what stands keeps its own end
    end = entry.ends_on if "ends on" in columns else _KEEP
    _compare_roles(step, columns, end, keeps_office=keeps_office)
    if "groups" in columns:
        _compare_groups(checked, step, end)
    if "line manager" in columns:
        _compare_managers(checked, step, end)
    if "students" in columns:
        _compare_students(checked, step, end)
    return step


def _compare_facts(step: Step) -> None:
    known, entry = step.known, step.entry
    if known and known.is_elsewhere:
        return
    for name, value in entry.facts.items():
        old = known.facts[name] if known else None
        if (old or None) != (value or None):
            step.facts[name] = value
            step.changes.append(FieldChange(FIELDS[name], _words(old), _words(value)))
    if known and entry.external_id and not known.external_id:
        step.external_id = entry.external_id
        step.changes.append(FieldChange("External id", "", entry.external_id))
    if known and not known.is_active:
        step.returns = True
        step.changes.append(FieldChange("At this school", "No", "Yes"))


def _compare_groups(checked: Checked, step: Step, end: End) -> None:
    old = step.known.groups if step.known else {}
    wanted = {name.casefold(): step.entry.is_staff for name in step.entry.groups}
    step.groups = _delta(old, wanted, end)
    if step.groups:
        names = {name.casefold(): name for name in step.entry.groups} | checked.group_names
        before, after = (", ".join(sorted(names[name] for name in held)) for held in (old, wanted))
        step.changes.append(FieldChange("Groups", before, after))


def _compare_students(checked: Checked, step: Step, end: End) -> None:
    entry = step.entry
    old = step.known.students if step.known else {}
    wanted = {checked.of_reference[each]: entry.household for each in entry.students}
    step.students = _delta(old, wanted, end)
    if step.students:
        before, after = (
            ", ".join(sorted(checked.name_of(token) for token in held)) for held in (old, wanted)
        )
        step.changes.append(FieldChange("Students", before, after))


def _delta(old: Mapping, wanted: Mapping, end: End) -> dict:
    """What to set, and with None what to end, so that `old` becomes `wanted`."""
    delta: dict = {}
    for key, what in wanted.items():
        standing = old.get(key)
        ends_on = (standing.ends_on if standing else None) if isinstance(end, _Keep) else end
        if standing != Held(what, ends_on):
            delta[key] = Held(what, ends_on)
    delta.update({key: None for key in old if key not in wanted})
    return delta


def _compare_roles(step: Step, columns: Collection[str], end: End, *, keeps_office: bool) -> None:
    entry = step.entry
    old = step.known.roles if step.known else {}
    wanted = {}
    for place, kind in enumerate(entry.roles):
        title = entry.title if place == 0 else ""  # a title belongs to the first role
        if "title" not in columns:
            title = str(old[kind].what) if kind in old else ""
        wanted[kind] = title
    if keeps_office and ADMINISTRATOR not in wanted:
        wanted[ADMINISTRATOR] = str(old[ADMINISTRATOR].what)
    step.roles = _delta(old, wanted, end)
    if step.roles:
        new = {kind: Held(title) for kind, title in wanted.items()}
        new |= {kind: held for kind, held in step.roles.items() if held}
        step.changes.append(FieldChange("Roles", _roles(old), _roles(new)))


def _roles(held: Mapping[str, Held]) -> str:
    return ", ".join(
        WORDS.get(kind, kind)
        + (f" ({one.what})" if one.what else "")
        + (f" until {_words(one.ends_on)}" if one.ends_on else "")
        for kind, one in sorted(held.items())
    )


def _compare_managers(checked: Checked, step: Step, end: End) -> None:
    old = step.known.manager if step.known else None
    name = step.entry.manager
    new = checked.of_reference[name] if name else None
    if new is None:
        step.loses_manager = old is not None
    else:
        delta = _delta({0: old} if old else {}, {0: new}, end)
        step.manager = delta.get(0)
    if step.manager or step.loses_manager:
        step.changes.append(
            FieldChange(
                "Line manager",
                checked.name_of(int(old.what)) if old else "",
                checked.name_of(new) if new is not None else "",
            )
        )


def _words(value: str | date | None) -> str:
    if isinstance(value, date):
        return f"{value.day} {value:%B %Y}"
    return value or ""
