"""What a checked sheet would change at a school: what to do for each person, and how to say it."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from ..sheets import FileProblem, Problem
from .check import Checked, KnownPerson
from .held import Held, Token, What
from .sheet import LISTS, ROLE_WORDS, Entry

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
    moves: bool = False  # to the roster of the district
    roles: dict[str, Held | None] = field(default_factory=dict)
    groups: dict[str, Held | None] = field(default_factory=dict)  # by casefolded name
    manager: Held | None = None
    loses_manager: bool = False
    students: dict[Token, Held | None] = field(default_factory=dict)
    wards: list[tuple[str, str]] = field(default_factory=list)  # the same, by their keys
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
            or self.moves
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
    refused: list[Problem | FileProblem] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    new_groups: dict[str, str] = field(default_factory=dict)  # casefolded: as written
    renamed_groups: dict[str, tuple[str, str]] = field(default_factory=dict)  # by key: from, to
    ended_groups: dict[str, str] = field(default_factory=dict)  # by key
    unchanged: int = 0
    on_roster: int = 0  # people who came with a roster and are here

    @property
    def is_empty(self) -> bool:
        people = self.new or self.changed or self.ended
        return not (people or self.renamed_groups or self.ended_groups)

    @property
    def ends_many(self) -> bool:
        """Whether so many would end that the file may be a part of the whole."""
        return len(self.ended) * 100 > self.on_roster * MANY

    @property
    def digest(self) -> str:
        """A fingerprint of all that would be done: equal only if the same would happen."""
        parts = [
            (
                step.entry.key if step.known is None else step.known.external_id or step.known.pk,
                step.external_id,
                step.moves,
                sorted((name, str(value)) for name, value in step.facts.items()),
                sorted((kind, str(held)) for kind, held in step.roles.items()),
                sorted((name, str(held)) for name, held in step.groups.items()),
                str(step.manager),
                step.loses_manager,
                sorted(step.wards),
                step.changes,
            )
            for step in (*self.new, *self.changed)
        ]
        ended = sorted(person.pk for person in self.ended)
        groups = (sorted(self.renamed_groups.items()), sorted(self.ended_groups))
        return hashlib.sha256(repr((parts, ended, groups)).encode()).hexdigest()


def compare(checked: Checked, *, by: int | None) -> Diff:
    """What a sheet would change; whoever brings it, and the last administrator, stay."""
    left_out = checked.roster.left_out
    diff = Diff(refused=checked.roster.problems)
    if checked.roster.everyone:
        diff.notices.append(
            f"This is a list of {LISTS[checked.roster.everyone]}. Whoever is missing from it and "
            "came only as that has left; nobody else ends."
        )
    if left_out:
        diff.notices.append(f"Columns that are not used: {', '.join(left_out)}.")
    kept = _keep_administrators(checked, by, diff)
    for token, entry in checked.entries.items():
        if token not in checked.leaving:
            step = _step(checked, token, entry, keeps_office=token in kept)
            _sort_in(diff, step)
            for key, name in _named(checked, entry).items():
                diff.new_groups.setdefault(key, name)
    for name in checked.group_names:
        diff.new_groups.pop(name, None)
    known = checked.known.values()
    diff.on_roster = sum(
        person.is_active and person.is_on_roster and checked.covers(person) for person in known
    )
    diff.ended = [person for person in known if person.pk not in kept and _ends(checked, person)]
    return diff


def _named(checked: Checked, entry: Entry) -> dict[str, str]:
    """The groups of a row, by key, and their names."""
    if entry.places is None:
        return {name.casefold(): name for name in entry.groups}
    names = checked.group_names | checked.roster.group_names
    return {key: names[key] for key in entry.places}


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
    if checked.roster.everyone:
        _compare_list(step)
    else:
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
        if not known.roles:
            step.changes.append(FieldChange("At this school too", "No", "Yes"))
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
    if known and known.moves:
        step.moves = True
        step.changes.append(FieldChange("Kept by", "the school's roster", "the district's"))


def _compare_groups(checked: Checked, step: Step, end: End) -> None:
    old = step.known.groups if step.known else {}
    entry = step.entry
    wanted = entry.places
    if wanted is None:
        keys = [name.casefold() for name in entry.groups]
        wanted = {key: held for key, held in old.items() if key in checked.classes}
        wanted |= {key: _held(entry.is_staff, old.get(key), end) for key in keys}
    step.groups = _delta(old, wanted)
    if step.groups:
        names = _named(checked, entry) | checked.group_names | checked.roster.group_names
        before, after = _groups(old, names), _groups(wanted, names)
        if before == after:
            before, after = (_groups(held, names, is_full=True) for held in (old, wanted))
        step.changes.append(FieldChange("Groups", before, after))


def _groups(held: Mapping[str, Held], names: Mapping[str, str], *, is_full: bool = False) -> str:
    def words(key: str, one: Held) -> str:
        adult = (", as its adult" if one.what else ", as a student") if is_full else ""
        return f"{names[key]}{adult}{_when(one)}"

    return ", ".join(sorted(words(key, one) for key, one in held.items()))


def _when(held: Held) -> str:
    starts = f" from {_words(held.starts_on)}" if held.starts_on else ""
    return starts + (f" until {_words(held.ends_on)}" if held.ends_on else "")


def _compare_students(checked: Checked, step: Step, end: End) -> None:
    entry = step.entry
    old = step.known.students if step.known else {}
    if entry.wards is None:
        tokens = [checked.of_reference[each] for each in entry.students]
        wanted = {token: _held(entry.household, old.get(token), end) for token in tokens}
    else:
        wanted = {token: held for token, held in entry.wards.items() if checked.is_somebody(token)}
    step.students = _delta(old, wanted)
    if step.students:
        step.wards = [(checked.key_of(token), str(held)) for token, held in step.students.items()]
        before, after = (
            ", ".join(sorted(checked.name_of(token) for token in held)) for held in (old, wanted)
        )
        step.changes.append(FieldChange("Students", before, after))


def _held(what: What, standing: Held | None, end: End) -> Held:
    """What is to be held; a sheet that says no start, or no end, keeps the ones that stand."""
    starts_on = standing.starts_on if standing else None
    if isinstance(end, _Keep):
        end = standing.ends_on if standing else None
    return Held(what, end, starts_on)


def _delta(old: Mapping[Any, Held], wanted: Mapping[Any, Held]) -> dict[Any, Held | None]:
    """What to set, and with None what to end, so that `old` becomes `wanted`."""
    delta: dict[Any, Held | None] = {
        key: held for key, held in wanted.items() if old.get(key) != held
    }
    delta.update({key: None for key in old if key not in wanted})
    return delta


def _compare_roles(step: Step, columns: Collection[str], end: End, *, keeps_office: bool) -> None:
    entry = step.entry
    old = step.known.roles if step.known else {}
    wanted = dict(entry.offices or {})
    for place, kind in enumerate(entry.roles if entry.offices is None else ()):
        title = entry.title if place == 0 else ""  # a title belongs to the first role
        if "title" not in columns:
            title = str(old[kind].what) if kind in old else ""
        wanted[kind] = _held(title, old.get(kind), end)
    if keeps_office and ADMINISTRATOR not in wanted:
        wanted[ADMINISTRATOR] = _held(str(old[ADMINISTRATOR].what), old[ADMINISTRATOR], end)
    _set_roles(step, old, wanted)


def _compare_list(step: Step) -> None:
    """A list of people with one role gives it to whoever has none like it, and takes none."""
    entry = step.entry
    old = step.known.roles if step.known else {}
    if not (step.known and step.known.is_staff and entry.is_staff):
        wanted = {kind: old.get(kind) or Held(entry.title, entry.ends_on) for kind in entry.roles}
        _set_roles(step, old, old | wanted)


def _set_roles(step: Step, old: Mapping[str, Held], wanted: Mapping[str, Held]) -> None:
    step.roles = _delta(old, wanted)
    if step.roles:
        new = {kind: Held(held.what) for kind, held in wanted.items()}
        new |= {kind: held for kind, held in step.roles.items() if held}
        step.changes.append(FieldChange("Roles", _roles(old), _roles(new)))


def _roles(held: Mapping[str, Held]) -> str:
    return ", ".join(
        WORDS.get(kind, kind) + (f" ({one.what})" if one.what else "") + _when(one)
        for kind, one in sorted(held.items())
    )


def _compare_managers(checked: Checked, step: Step, end: End) -> None:
    old = step.known.manager if step.known else None
    name = step.entry.manager
    new = checked.of_reference[name] if name else None
    if new is None:
        step.loses_manager = old is not None
    else:
        delta = _delta({0: old} if old else {}, {0: _held(new, old, end)})
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
