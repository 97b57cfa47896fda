"""A school's part of a bundle, beside what stands there: the same entries as from the one sheet."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from ..roster.check import KnownPerson
from ..roster.held import Held, Token, What
from ..roster.sheet import Entry, Roster
from ..sheets import FileProblem
from .naming import names
from .places import Places
from .records import Enrollment, Read, User

COLUMNS = frozenset({"groups", "students"})
HOMEROOM = "homeroom"


def key_of(external_id: str) -> str:
    """What a class is known by among groups: no name has a control character."""
    return f"\0{external_id}"


def is_section(key: str) -> bool:
    return key.startswith("\0")


class Standing(NamedTuple):
    """A class as the school has it."""

    name: str
    is_open: bool


class Group(NamedTuple):
    """A class as it is to be made."""

    name: str
    kind: str
    external_id: str


@dataclass
class Filled:
    """The roster of one school, and what becomes of its classes, by key."""

    roster: Roster
    groups: dict[str, Group] = field(default_factory=dict)  # all that the file has
    closing: set[str] = field(default_factory=set)
    sections: set[str] = field(default_factory=set)  # ids of classes that belong here
    sessions: set[str] = field(default_factory=set)  # that these classes name


def fill(
    read: Read,
    places: Places,
    school: str,
    *,
    known: Iterable[KnownPerson],
    sections: Mapping[str, Standing],
    other_names: Iterable[str],
    on: date,
) -> Filled:
    """
    The entries of a school, by its external id. `sections` are the classes that this roster's
    source has brought already, by their ids; `other_names` those of all other groups.
    """
    is_whole = read.is_bulk("users") and not read.hides_users
    filled = Filled(Roster(COLUMNS, is_whole=is_whole))
    filled.roster.refused |= read.refused - {""}
    _fill_groups(filled, read, places, school, sections, other_names)
    _Filling(filled, read, places, school, known, on).run()
    return filled


def _fill_groups(
    filled: Filled,
    read: Read,
    places: Places,
    school: str,
    standing: Mapping[str, Standing],
    other_names: Iterable[str],
) -> None:
    here = [each for each in read.sections.values() if places.school_of.get(each.org) == school]
    going = [each for each in here if not each.is_gone]
    gone = {each.external_id for each in here if each.is_gone}
    if read.is_bulk("classes"):
        gone |= set(standing) - {each.external_id for each in going} - read.refused_sections
    open_now = {key: each.name for key, each in standing.items() if each.is_open}
    staying = set(open_now) - gone - {each.external_id for each in going}
    named = names(
        going,
        standing=open_now,
        taken=[*other_names, *(open_now[key] for key in staying)],
    )
    filled.closing = {key_of(key) for key in gone & set(open_now)}
    filled.sections = {each.external_id for each in here} | set(standing)
    filled.sessions = {session for each in going for session in each.sessions}
    for each in going:
        kind = HOMEROOM if each.kind == HOMEROOM else "class"
        filled.groups[key_of(each.external_id)] = Group(
            named[each.external_id], kind, each.external_id
        )


class _Filling:
    """The work of `fill` on people: what each of them is to be and to have at one school."""

    def __init__(
        self,
        filled: Filled,
        read: Read,
        places: Places,
        school: str,
        known: Iterable[KnownPerson],
        on: date,
    ) -> None:
        self.filled, self.read, self.places, self.on = filled, read, places, on
        self.school = school
        self.known = list(known)
        self.by_id = {
            each.external_id: each
            for each in self.known
            if each.external_id and not each.is_elsewhere
        }
        self.by_key = {each.pk: each for each in self.known}
        self._adopt()
        self.offices: dict[str, dict[str, Held]] = {}  # of everybody who is spoken of
        self.seats: dict[str, dict[str, Enrollment]] = defaultdict(dict)
        self.lost_seats: dict[str, set[str]] = defaultdict(set)
        self.wards: dict[str, dict[str, None]] = defaultdict(dict)

    def run(self) -> None:
        self._find_seats()
        for user in self._spoken_of():
            self.offices[user] = self._offices(user)
        self._find_wards()
        for user in list(self.offices):
            self._enter(user)
        for user, seats in self.seats.items():
            if user not in self.offices:
                for seat in seats.values():
                    self._refuse_seat(seat, f"The person {user[:40]} has no role at this school.")

    def _adopt(self) -> None:
        """Somebody known by their address only is who the file means; see also `check`."""
        by_email = {
            each.email: each
            for each in sorted(self.known, key=lambda each: each.is_active)
            if each.email and (not each.external_id or each.is_elsewhere)
        }
        for user in self.places.users.get(self.school, {}):
            row = self._row(user)
            if row and user not in self.by_id:
                namesake = by_email.get(str(row.facts.get("email") or ""))
                if namesake is not None:
                    self.by_id[user] = namesake

    def _find_seats(self) -> None:
        for section in self.filled.sections:
            key = key_of(section)
            if key in self.filled.closing:
                continue
            for seat in self.read.enrollments.get(section, ()):
                if seat.is_gone or (seat.ends_on and seat.ends_on < self.on):
                    self.lost_seats[seat.user].add(key)
                elif key not in self.seats[seat.user] or seat.is_adult:
                    self.seats[seat.user][key] = seat
        for user, lost in self.lost_seats.items():
            lost -= set(self.seats.get(user, ()))

    def _spoken_of(self) -> Iterator[str]:
        """Those whom the file places here, and those here of whom it may say something else."""
        here = self.places.users.get(self.school, {})
        yield from (user for user in here if self._row(user) or user in self.by_id)
        for user, known in self.by_id.items():
            if user in here or not known.is_on_roster or user in self.read.refused:
                continue
            row = self._row(user)
            has_no_role_row = row is not None and not self.read.offices.get(user)
            if has_no_role_row or not self.read.is_bulk("users"):
                yield user

    def _row(self, user: str) -> User | None:
        return self.read.users.get(user)

    def _offices(self, user: str) -> dict[str, Held]:
        """What somebody is to be here. Who gave a role by hand takes it by hand."""
        known = self.by_id.get(user)
        old = known.roles if known else {}
        stated: dict[str, Held] = {}
        dropped = set()
        for office in self.read.offices.get(user, ()):
            org = office.org
            if not office.kind or self.places.school_of.get(org, org) != self.school:
                continue
            if office.is_gone or (office.ends_on and office.ends_on < self.on):
                dropped.add(office.kind)
            else:
                title = str(old[office.kind].what) if office.kind in old else ""
                stated[office.kind] = self._held(title, office.starts_on, office.ends_on)
        given = (known.given if known else set()) & self.read.vocabulary
        if self._is_whole_of(user):
            kept = {kind: held for kind, held in old.items() if kind not in given}
        else:
            kept = {kind: held for kind, held in old.items() if kind not in dropped & given}
        return kept | stated

    def _is_whole_of(self, user: str) -> bool:
        """Whether the file says all that somebody is here."""
        if user in self.read.refused or user not in self.places.users.get(self.school, {}):
            return False
        return self.read.is_bulk("roles") if self.read.has_roles else True

    def _held(self, what: What, starts_on: date | None, ends_on: date | None) -> Held:
        later = starts_on if starts_on and starts_on > self.on else None
        return Held(what, ends_on, later, since=starts_on)

    def _find_wards(self) -> None:
        """Whoever is named with a student of this school, from either side, belongs to it too."""
        staying = [
            user
            for user, offices in self.offices.items()
            if "student" in offices and not self._has_left(user)
        ]
        staying += [
            each.external_id
            for each in self.by_id.values()
            if "student" in each.roles
            and each.external_id not in self.offices
            and not self._is_missing(each)
        ]
        for student in staying:
            for other in sorted(self.places.links.get(student, ())):
                if self._is_guardian(other):
                    self.wards[other][student] = None
        for guardian in self.wards:
            if guardian not in self.offices:
                self.offices[guardian] = self._offices(guardian)
            if "guardian" not in self.offices[guardian]:
                self.offices[guardian]["guardian"] = Held("")

    def _is_guardian(self, user: str) -> bool:
        if user in self.read.refused or self._has_left(user):
            return False
        known = self.by_id.get(user)
        is_there = self._row(user) is not None or known is not None
        kinds = self.places.kinds.get(user, set()) | set(known.roles if known else ())
        return is_there and "guardian" in kinds

    def _has_left(self, user: str) -> bool:
        row = self._row(user)
        return row is not None and row.has_left

    def _is_missing(self, known: KnownPerson) -> bool:
        return not known.is_active or (
            self.filled.roster.is_whole
            and known.is_on_roster
            and known.external_id not in self.read.refused
        )

    def _enter(self, user: str) -> None:
        known, row = self.by_id.get(user), self._row(user)
        offices = self.offices[user]
        has_left = self._has_left(user) or not offices
        if user in self.read.refused and row is None:
            return
        if has_left and known is None:
            self._refuse_seats(user, "has left")
            return
        line, file = self._where(user)
        if "student" in offices and len(offices) > 1:
            self._refuse(line, file, "A student cannot hold another role.")
            self.filled.roster.refused.add(user)
            return
        facts = dict(row.facts) if row else {}
        for name in ("given_name", "family_name", "email"):
            if name not in facts and known:
                facts[name] = known.facts[name]
        self.filled.roster.entries.append(
            Entry(
                line=line,
                file=file,
                external_id=user,
                facts=facts,
                roles=tuple(offices),
                has_left=has_left,
                offices=offices,
                places={} if has_left else self._places(user, offices),
                wards={} if has_left else self._wards(user),
            )
        )

    def _where(self, user: str) -> tuple[int, str]:
        row = self._row(user)
        if row is not None:
            return row.line, "users.csv"
        offices = self.read.offices.get(user)
        return (offices[0].line, "roles.csv") if offices else (0, "users.csv")

    def _places(self, user: str, offices: Mapping[str, Held]) -> dict[str, Held]:
        known = self.by_id.get(user)
        old = known.groups if known else {}
        is_whole = self.read.is_bulk("enrollments") and not {user, ""} & self.read.shaky
        going = self.filled.closing | self.lost_seats.get(user, set())
        wanted = {
            key: held
            for key, held in old.items()
            if key not in going and not (is_whole and is_section(key))
        }
        for key, seat in self.seats.get(user, {}).items():
            if not set(offices) - {"guardian"}:
                self._refuse_seat(seat, "A guardian has no place in a class.")
            elif seat.is_adult and "student" in offices:
                self._refuse_seat(seat, "A student cannot be the teacher of a class.")
            else:
                wanted[key] = self._held(seat.is_adult, seat.starts_on, seat.ends_on)
        return wanted

    def _wards(self, user: str) -> dict[Token, Held]:
        known = self.by_id.get(user)
        old = known.students if known else {}
        is_whole = (
            self.read.is_bulk("users")
            and self.read.has_agents
            and not self.read.hides_users
            and user not in self.read.refused
        )
        wanted: dict[Token, Held] = {
            token: held
            for token, held in old.items()
            if not (is_whole and self.by_key[int(token)].is_on_roster)
            or self.by_key[int(token)].external_id in self.read.refused
        }
        for student in self.wards.get(user, ()):
            child = self.by_id.get(student)
            token: Token = child.pk if child else student
            household = old[token].what if token in old else 1
            wanted[token] = Held(household)
        return wanted

    def _refuse_seats(self, user: str, why: str) -> None:
        for seat in self.seats.get(user, {}).values():
            self._refuse_seat(seat, f"The person {user[:40]} {why}.")

    def _refuse_seat(self, seat: Enrollment, sentence: str) -> None:
        self._refuse(seat.line, "enrollments.csv", sentence)

    def _refuse(self, line: int, file: str, sentence: str) -> None:
        self.filled.roster.problems.append(FileProblem(line, sentence, file))
