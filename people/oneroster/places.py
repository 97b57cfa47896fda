"""Who in a bundle belongs to which school, and who to whom: said once for all schools."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field

from .records import Org, Read


@dataclass
class Places:
    """By the external ids of schools and of users."""

    schools: dict[str, Org] = field(default_factory=dict)  # those that the file names
    school_of: dict[str, str] = field(default_factory=dict)  # an organization: its school
    users: dict[str, dict[str, None]] = field(  # of a school, in the order of the file
        default_factory=lambda: defaultdict(dict)
    )
    kinds: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    links: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))  # of families
    homeless: dict[str, int] = field(default_factory=dict)  # users without a school: their line

    def schools_of_users(self) -> set[str]:
        return {school for school, users in self.users.items() if users}


def place(read: Read, *, known: Collection[str], only: str = "") -> Places:
    """
    Sort users to schools; `known` are the ids of schools that there are.

    Where the file names no school at all, everything in it belongs to `only`.
    """
    places = Places()
    _climb(read, places, known, only)
    for user, offices in read.offices.items():
        for office in offices:
            if office.kind:
                places.kinds[user].add(office.kind)
            school = places.school_of.get(office.org, "" if read.orgs else office.org)
            if school:
                places.users[school][user] = None
            elif office.org and office.org not in read.orgs and read.is_bulk("orgs"):
                file = "roles" if read.has_roles else "users"
                read.refuse(file, office.line, f"The organization {office.org[:40]} is not known.")
                read.refused.add(user)
    _link(read, places)
    _tell_addresses_apart(read, places)
    return places


def _climb(read: Read, places: Places, known: Collection[str], only: str) -> None:
    """Departments belong to the school above them; circles belong to nobody."""
    places.schools = {
        key: org for key, org in read.orgs.items() if org.kind == "school" and not org.is_gone
    }
    places.school_of = {key: key for key in (*places.schools, *known)}
    if only and not places.schools:
        places.school_of |= dict.fromkeys(read.orgs, only) | {"": only}
    told: set[str] = set()
    for start in read.orgs:
        path: list[str] = []
        key = start
        while key and key not in places.school_of and key not in path:
            path.append(key)
            org = read.orgs.get(key)
            key = org.parent if org else ""
        if key in path and key not in told:
            circle = path[path.index(key) :]
            told.update(circle)
            names = ", ".join(read.orgs[each].name or each for each in circle[:5])
            read.refuse(
                "orgs", read.orgs[key].line, f"{names} would stand inside each other in a circle."
            )
        elif key in places.school_of and key:
            places.school_of.update(dict.fromkeys(path, places.school_of[key]))


def _link(read: Read, places: Places) -> None:
    for user in read.users.values():
        for agent in user.agents:
            if agent not in read.users and read.is_bulk("users"):
                read.remark(
                    "users",
                    user.line,
                    f"The agent {agent[:40]} is not in the file. That link is left out.",
                )
                continue
            places.links[user.external_id].add(agent)
            places.links[agent].add(user.external_id)


def _tell_addresses_apart(read: Read, places: Places) -> None:
    """An address is one person's: staff first, then families, then students."""

    def rank(key: str) -> int:
        kinds = places.kinds.get(key, set())
        return 2 if "student" in kinds else 1 if "guardian" in kinds else 0

    lines: dict[str, int] = {}
    for user in sorted(read.users.values(), key=lambda each: (rank(each.external_id), each.line)):
        email = str(user.facts.get("email") or "")
        if email and email in lines:
            del user.facts["email"]
            read.remark(
                "users",
                user.line,
                f"The e-mail address of line {lines[email]} stands here too. Taken without it.",
            )
        elif email and not user.has_left:
            lines[email] = user.line
