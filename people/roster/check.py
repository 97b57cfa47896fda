"""What only the whole sheet shows, beside what the school knows: who is who, and who is nobody."""

from collections import defaultdict
from collections.abc import Iterable, Set
from dataclasses import dataclass, field
from datetime import date

from .held import Held, Token
from .sheet import Entry, Roster


@dataclass(slots=True)
class KnownPerson:
    """What the school knows of a person today."""

    pk: int
    external_id: str
    facts: dict[str, str | date | None]
    is_active: bool
    is_on_roster: bool  # came with a roster of this school; by hand otherwise
    is_elsewhere: bool = False  # belongs to another school's roster: only the roles are ours
    moves: bool = False  # from the school's own roster to that of the district
    given: set[str] = field(default_factory=set)  # the roles that a roster gave, and may take
    roles: dict[str, Held] = field(default_factory=dict)  # by kind: title
    groups: dict[str, Held] = field(
        default_factory=dict
    )  # by name, casefolded, or a class's key: is adult
    manager: Held | None = None  # the manager's key
    students: dict[Token, Held] = field(default_factory=dict)  # by key: household

    @property
    def email(self) -> str:
        return str(self.facts["email"] or "").lower()

    @property
    def name(self) -> str:
        first = self.facts["preferred_name"] or self.facts["given_name"]
        return f"{first} {self.facts['family_name']}"

    @property
    def is_staff(self) -> bool:
        return any(kind not in ("student", "guardian") for kind in self.roles)


@dataclass
class Checked:
    """A sheet whose every person and every reference is found."""

    roster: Roster
    known: dict[int, KnownPerson]
    entries: dict[Token, Entry]  # those that are taken, by person
    of_reference: dict[str, Token]  # ids and addresses, in the sheet and at the school
    group_names: dict[str, str]  # casefolded: as the school writes them
    classes: Set[str] = frozenset()  # casefolded: of another roster, which alone takes people out
    leaving: set[Token] = field(default_factory=set)  # in the sheet, as gone

    def is_ending(self, token: Token) -> bool:
        """Whether somebody has left: the sheet says so, or does not name them any more."""
        if token in self.entries:
            return token in self.leaving
        person = self.known[int(token)]
        is_named_in_error = {person.external_id, person.email} & self.roster.refused
        is_ours = person.is_on_roster or (person.is_elsewhere and bool(person.given))
        is_missing = self.covers(person) and is_ours and not is_named_in_error
        return not person.is_active or is_missing

    def covers(self, person: KnownPerson) -> bool:
        """Whether somebody would stand in the file: a list of one role holds nobody else."""
        everyone = self.roster.everyone
        return self.roster.is_whole and (not everyone or person.given == {everyone})

    def key_of(self, token: Token) -> str:
        """What somebody is known by, whether they are there already or not."""
        known = self.known.get(token) if isinstance(token, int) else None
        return (known.external_id or str(known.pk)) if known else str(token)

    def name_of(self, token: Token) -> str:
        entry = self.entries.get(token)
        return entry.name if entry else self.known[int(token)].name

    def is_somebody(self, token: Token) -> bool:
        """Whether a person is known, or will be: their row may be refused by now."""
        return token in self.known or token in self.entries

    def manager_of(self, token: Token) -> Token | None:
        """Whom somebody would answer to."""
        entry = self.entries.get(token)
        if entry and "line manager" in self.roster.columns:
            return self.of_reference[entry.manager] if entry.manager else None
        known = self.known.get(token) if isinstance(token, int) else None
        return int(known.manager.what) if known and known.manager else None


def check(
    roster: Roster,
    known: Iterable[KnownPerson],
    *,
    on: date,
    group_names: Iterable[str] = (),
    classes: Iterable[str] = (),
) -> Checked:
    """Say who is who; rows that contradict each other or the school become problems."""
    people = {person.pk: person for person in known}
    names = {name.casefold(): name for name in group_names}
    checked = Checked(roster, people, {}, _references(people.values()), names, frozenset(classes))
    _match(checked)
    checked.leaving = {
        token
        for token, entry in checked.entries.items()
        if entry.has_left or (entry.ends_on and entry.ends_on < on)
    }
    while _refuse_unfounded(checked) or _refuse_circles(checked):
        pass  # a row that goes may take others with it
    roster.problems.sort()
    return checked


def _references(people: Iterable[KnownPerson]) -> dict[str, Token]:
    found: dict[str, Token] = {}
    for person in sorted(people, key=lambda person: person.is_active):  # the active win
        if person.email:
            found[person.email] = person.pk
        if person.external_id and not person.is_elsewhere:
            found[person.external_id] = person.pk
    return found


def _match(checked: Checked) -> None:
    """Each row is somebody known, by id or, if they have none yet, by address; or somebody new."""
    people = sorted(checked.known.values(), key=lambda person: person.is_active)
    by_id = {one.external_id: one for one in people if one.external_id and not one.is_elsewhere}
    by_email = {one.email: one for one in people if one.email}  # the active win
    ids = {entry.external_id for entry in checked.roster.entries}
    for entry in checked.roster.entries:
        namesake = by_email.get(entry.email)
        person = by_id.get(entry.external_id) or _adopted(entry, namesake)
        # If the namesake has a row too, that row says what becomes of them and their address
        if (
            namesake is not None
            and namesake is not person
            and namesake.is_active
            and namesake.external_id not in ids
        ):
            _refuse(checked, entry, f"Somebody else is known by {entry.email}.")
        elif person and _is_of_another_list(checked.roster, person):
            who = "a student" if "student" in person.roles else "no student"
            _refuse(checked, entry, f"This is {person.name}, who is {who} here.")
        elif person and person.pk in checked.entries:
            line = checked.entries[person.pk].line
            _refuse(checked, entry, f"This is the person of line {line}.")
        else:
            checked.entries[person.pk if person else entry.key] = entry
    for token, entry in checked.entries.items():
        checked.of_reference.update({key: token for key in (entry.email, entry.external_id) if key})


def _is_of_another_list(roster: Roster, person: KnownPerson) -> bool:
    """Whether a list of students names one of the staff, or the other way round."""
    if not roster.everyone or not person.roles:
        return False
    return ("student" in person.roles) != (roster.everyone == "student")


def _adopted(entry: Entry, namesake: KnownPerson | None) -> KnownPerson | None:
    """Somebody known by their address only, for instance the administrator who began."""
    if namesake is None:
        return None
    has_other_id = namesake.external_id and not namesake.is_elsewhere
    return None if has_other_id and entry.external_id else namesake


def _refuse(checked: Checked, entry: Entry, sentence: str) -> None:
    checked.roster.problems.append(entry.problem(sentence))
    checked.roster.refused.update({entry.external_id, entry.email} - {""})


def _drop(checked: Checked, token: Token, sentence: str) -> None:
    entry = checked.entries.pop(token)
    _refuse(checked, entry, sentence)
    if isinstance(token, str):  # nobody knows them now
        for key in (entry.external_id, entry.email):
            if checked.of_reference.get(key) == token:
                del checked.of_reference[key]


def _refuse_unfounded(checked: Checked) -> bool:
    """Rows that name somebody who is not there, or is not what the row says. True if any went."""
    waiting = list(checked.entries)
    named_by = defaultdict(list)  # the rows that fall if this new person does
    for token, entry in checked.entries.items():
        for reference in (entry.manager, *entry.students):
            named_by[checked.of_reference.get(reference)].append(token)
    any_went = False
    while waiting:
        token = waiting.pop()
        sentence = _unfounded(checked, token)
        if sentence:
            _drop(checked, token, sentence)
            any_went = True
            waiting += named_by.get(token, ())
    return any_went


def _unfounded(checked: Checked, token: Token) -> str:
    entry = checked.entries.get(token)
    if entry is None or token in checked.leaving:
        return ""  # whom they answered to does not matter any more
    named = [("line manager", entry.manager)] if entry.manager else []
    named += [("student", reference) for reference in entry.students]
    sentences = (_wrong(checked, token, what, reference) for what, reference in named)
    return next(filter(None, sentences), "")


def _wrong(checked: Checked, token: Token, what: str, reference: str) -> str:
    """What is wrong with a reference to a line manager or a student, if anything."""
    person = checked.of_reference.get(reference)
    named = f'The {what} "{reference[:60]}"'
    if person is None:
        return f"{named} is not known."
    if person == token:
        return f"Nobody is their own {'guardian' if what == 'student' else what}."
    if checked.is_ending(person):
        return f"{named} has left."
    if what == "student" and not _is(checked, person, what):
        return f'"{reference[:60]}" is not a student.'
    if what != "student" and not _is(checked, person, "staff"):
        return f"{named} is not on the staff."
    return ""


def _is(checked: Checked, token: Token, what: str) -> bool:
    person = checked.entries.get(token) or checked.known[int(token)]
    return person.is_staff if what == "staff" else "student" in person.roles


def _refuse_circles(checked: Checked) -> bool:
    """Rows that would make somebody the manager of their own manager. True if any went."""
    settled: set[Token] = set()
    circles: list[list[Token]] = []
    for start in checked.entries:
        path: list[Token] = []
        on_path: dict[Token, int] = {}
        token: Token | None = start
        while token is not None and token not in settled and token not in on_path:
            on_path[token] = len(path)
            path.append(token)
            token = checked.manager_of(token)
        if token is not None and token in on_path:
            circles.append(path[on_path[token] :])
        settled.update(path)
    any_went = False
    for circle in circles:
        names = ", ".join(checked.name_of(token) for token in circle[:5])
        for token in circle:
            if token in checked.entries:
                _drop(checked, token, f"{names} would be each other's line managers in a circle.")
                any_went = True
    return any_went
