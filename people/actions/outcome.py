"""What a bundle changes, as it is told: numbers, and the first of each part in words."""

import hashlib
import json
from dataclasses import asdict, dataclass, field

from .. import roster
from ..sheets import FileProblem

SHOWN = 100  # people of each part


@dataclass
class SchoolOutcome:
    """What changes at one school: numbers, and the first of each part in words."""

    name: str
    is_new: bool = False
    counts: dict[str, int] = field(default_factory=dict)
    new: list[tuple[str, list[roster.FieldChange]]] = field(default_factory=list)
    changed: list[tuple[str, list[roster.FieldChange]]] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    terms: list[str] = field(default_factory=list)
    refused: list[FileProblem] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    ends_many: bool = False
    is_empty: bool = True
    digest: str = ""


@dataclass
class Outcome:
    """What a bundle changes at all schools that it is about."""

    schools: list[SchoolOutcome] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)  # rows of each file
    refused: list[FileProblem] = field(default_factory=list)
    refused_count: int = 0
    remarks: list[FileProblem] = field(default_factory=list)
    remarks_count: int = 0
    notices: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return all(school.is_empty for school in self.schools)

    @property
    def ends_many(self) -> bool:
        return any(school.ends_many for school in self.schools)

    @property
    def digest(self) -> str:
        parts = [(school.name, school.digest, school.terms) for school in self.schools]
        return hashlib.sha256(repr(parts).encode()).hexdigest()

    def as_text(self) -> str:
        """For the file in which it waits for a person's yes."""
        return json.dumps(asdict(self))

    @classmethod
    def of_text(cls, text: str) -> "Outcome":
        told = json.loads(text)
        for school in told["schools"]:
            for part in ("new", "changed"):
                school[part] = [
                    (name, [roster.FieldChange(*change) for change in changes])
                    for name, changes in school[part]
                ]
            school["refused"] = [FileProblem(*problem) for problem in school["refused"]]
        told["schools"] = [SchoolOutcome(**school) for school in told["schools"]]
        for part in ("refused", "remarks"):
            told[part] = [FileProblem(*problem) for problem in told[part]]
        return cls(**told)

    def total(self, name: str) -> int:
        return sum(school.counts.get(name, 0) for school in self.schools)

    def totals(self) -> dict[str, int]:
        names = ("new", "changed", "ended", "unchanged")
        return {name: self.total(name) for name in names} | {"refused": self.refused_count}


def told(name: str, diff: roster.Diff, *, is_new: bool) -> SchoolOutcome:
    outcome = SchoolOutcome(
        name,
        is_new=is_new,
        counts={
            "new": len(diff.new),
            "changed": len(diff.changed),
            "ended": len(diff.ended),
            "unchanged": diff.unchanged,
            "on_roster": diff.on_roster,
            "refused": len(diff.refused),
        },
        new=[(step.name, step.changes) for step in diff.new[:SHOWN]],
        changed=[(step.name, step.changes) for step in diff.changed[:SHOWN]],
        ended=[person.name for person in diff.ended[:SHOWN]],
        refused=[FileProblem(*each[:2], getattr(each, "file", "")) for each in diff.refused],
        notices=list(diff.notices),
        ends_many=diff.ends_many,
        is_empty=diff.is_empty and not is_new,
        digest=diff.digest,
    )
    if diff.new_groups:
        count = len(diff.new_groups)
        outcome.groups.append(f"{count} new {'class' if count == 1 else 'classes'}.")
    outcome.groups += [f"{old} becomes {new}." for old, new in diff.renamed_groups.values()]
    outcome.groups += [f"{name} ends." for name in diff.ended_groups.values()]
    outcome.groups[SHOWN:] = ["And more."] if len(outcome.groups) > SHOWN else []
    return outcome
