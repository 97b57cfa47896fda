"""What the rows of a bundle say, one record each, and everything that was read together."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from ..sheets import FileProblem

# OneRoster's words, and the roles they mean (people.models.Role.Kind). The offices of the
# district and of the system are given by hand: a file gives nobody such rights.
ROLES = {
    "teacher": "teacher",
    "aide": "support_staff",
    "proctor": "",
    "administrator": "leader",
    "principal": "leader",
    "siteadministrator": "leader",
    "counselor": "counselor",
    "student": "student",
    "guardian": "guardian",
    "parent": "guardian",
    "relative": "guardian",
    "districtadministrator": "",
    "systemadministrator": "",
}
OF_1_1 = frozenset({"teacher", "support_staff", "leader", "student", "guardian"})
ADULTS = {"teacher": True, "aide": True, "student": False}  # of enrollments; others are left out


class Org(NamedTuple):
    external_id: str
    name: str
    kind: str
    parent: str
    is_gone: bool
    line: int


class Session(NamedTuple):
    """An academic session, with the days it says."""

    external_id: str
    title: str
    kind: str
    starts_on: date
    ends_on: date
    parent: str
    year: int | None  # the year in which the school year ends
    is_gone: bool
    line: int


class Course(NamedTuple):
    title: str
    org: str


class Section(NamedTuple):
    """A class: "class" means something else to Python."""

    external_id: str
    title: str
    code: str
    kind: str
    org: str
    periods: str
    sessions: tuple[str, ...]
    is_gone: bool
    line: int


class User(NamedTuple):
    external_id: str
    facts: dict[str, str | date | None]
    agents: tuple[str, ...]
    has_left: bool
    line: int


class Office(NamedTuple):
    """A role of somebody at an organization; the kind is empty for those that are left out."""

    kind: str
    org: str
    starts_on: date | None
    ends_on: date | None
    is_gone: bool
    line: int


class Enrollment(NamedTuple):
    user: str
    is_adult: bool
    starts_on: date | None
    ends_on: date | None
    is_gone: bool
    line: int


BULK, DELTA, ABSENT = "bulk", "delta", "absent"


@dataclass
class Read:
    """A bundle that has been read: records by id, and what could not be taken."""

    modes: dict[str, str] = field(default_factory=dict)  # by file: bulk, delta or absent
    has_roles: bool = False  # in a file of their own: OneRoster 1.2
    has_agents: bool = False  # whether anything is said of families
    orgs: dict[str, Org] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    courses: dict[str, Course] = field(default_factory=dict)
    sections: dict[str, Section] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    offices: dict[str, list[Office]] = field(default_factory=lambda: defaultdict(list))
    enrollments: dict[str, list[Enrollment]] = field(  # by class
        default_factory=lambda: defaultdict(list)
    )
    counts: dict[str, int] = field(default_factory=dict)  # rows of each file
    problems: list[FileProblem] = field(default_factory=list)  # rows that are refused
    remarks: list[FileProblem] = field(default_factory=list)  # rows that are taken, but not whole
    notices: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)  # of whole files: a person has to look
    refused: set[str] = field(default_factory=set)  # users of whom a row is refused
    shaky: set[str] = field(default_factory=set)  # users whose enrollments are not all known
    refused_sections: set[str] = field(default_factory=set)
    hides_users: bool = False  # a row of users or roles is lost, and nobody knows whose

    def is_bulk(self, name: str) -> bool:
        return self.modes.get(name) == BULK

    @property
    def vocabulary(self) -> frozenset[str]:
        """The roles that such a file can say, and so can end."""
        return OF_1_1 | {"counselor"} if self.has_roles else OF_1_1

    def refuse(self, file: str, line: int, sentence: str) -> None:
        self.problems.append(FileProblem(line, sentence, f"{file}.csv"))

    def remark(self, file: str, line: int, sentence: str) -> None:
        self.remarks.append(FileProblem(line, sentence, f"{file}.csv"))
