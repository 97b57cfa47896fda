"""Bringing OneRoster in: what it would change at each school, and doing it, all or nothing."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.db import transaction

from .. import incoming, oneroster, roster
from ..ending import end_people
from ..models import ImportRun, Person, RosterSource, School
from ..oneroster import Read, TermSaid
from ..permissions import can_import, is_of_demo_district, require
from ..sheets import FileProblem
from .bundle_schools import NAME, Target, learn_its_id, learns_its_id, make_school, source_of
from .bundle_schools import targets as find_targets
from .outcome import SHOWN, Outcome, SchoolOutcome, told
from .roster import CannotImport, note
from .standing import Standing, stands_beside
from .writing import write

# How far it is: of what, how much is done, and how much there is. It may raise to stop.
Tell = Callable[[str, int, int], None]


def nobody_asks(what: str, done: int, all_of: int) -> None:
    """A `Tell` for callers whom nobody watches."""


@transaction.atomic
def preview_oneroster(
    read: Read, *, school: School | None, by: Person | None, at: datetime, tell: Tell = nobody_asks
) -> Outcome:
    """
    What a bundle would change at a school, or with None at all schools; nothing is written.

    `by` None is the command line and the clock. Raises sheets.CannotRead.
    """
    require(by is None or can_import(by, school, at=at))
    return _Import(read, school, by, at, tell, is_writing=False).run()


@transaction.atomic
def apply_oneroster(
    read: Read,
    *,
    school: School | None,
    by: Person | None,
    at: datetime,
    digest: str | None = None,
    ends_many: bool = False,
    run: ImportRun | None = None,
    tell: Tell = nobody_asks,
) -> Outcome:
    """
    Bring a bundle in, all or nothing; with a `digest`, only if the same happens as was shown.

    The `run` is done in the same transaction, so that it is never done twice. It makes no logins.
    Raises CannotImport and sheets.CannotRead.
    """
    if run is not None and not ImportRun.objects.select_for_update().filter(
        pk=run.pk, state=ImportRun.State.APPLYING
    ):
        raise CannotImport("This import is over already.")
    require(by is None or can_import(by, school, at=at))
    outcome = _Import(read, school, by, at, tell, is_writing=True).run()
    if digest is not None and digest != outcome.digest:
        raise CannotImport("Something changed since this was shown. Read the files once more.")
    for each in outcome.schools:
        if each.ends_many and not ends_many:
            raise CannotImport(
                f"At {each.name} {each.counts['ended']} of {each.counts['on_roster']} people would "
                "end. Confirm that they have left, or choose files with everybody."
            )
    if run is not None:
        run.state, run.counts, run.moved_at = ImportRun.State.DONE, outcome.totals(), at
        run.save(update_fields=["state", "counts", "moved_at"])
    return outcome


class _Import:
    """One bundle beside the schools of an installation, one school after the other."""

    def __init__(
        self,
        read: Read,
        school: School | None,
        by: Person | None,
        at: datetime,
        tell: Tell,
        *,
        is_writing: bool,
    ) -> None:
        # Each school adds its own; the bundle is read once and may be looked at twice
        self.read = replace(
            read,
            problems=list(read.problems),
            remarks=list(read.remarks),
            refused=set(read.refused),
            users={key: user._replace(facts=dict(user.facts)) for key, user in read.users.items()},
        )
        self.only, self.by, self.at, self.tell = school, by, at, tell
        self.is_writing = is_writing
        if school is not None:
            self.is_demo = school.is_demo
        else:
            self.is_demo = by is not None and is_of_demo_district(by)
        self.outcome = Outcome()
        self.shared: dict[str, roster.KnownPerson] = {}  # as they are after an earlier school
        self.endings: list[tuple[School, date, list[int]]] = []
        self.sections: set[str] = set()  # classes that belong to a school

    def run(self) -> Outcome:
        self.only, targets, self.places = find_targets(self.read, self.only, is_demo=self.is_demo)
        source = source_of(self.only, is_demo=self.is_demo, is_writing=self.is_writing)
        for number, target in enumerate(targets):
            self.tell("schools", number, len(targets))
            if target.school is None and self.is_writing:
                target.school = make_school(target, by=self.by, at=self.at, is_demo=self.is_demo)
            if target.school is not None and self.is_writing:
                School.objects.select_for_update().get(pk=target.school.pk)
            self.outcome.schools.append(self._fill(target, source))
        for school, on, keys in self.endings:
            end_people(school, keys, on=on)
        self._conclude(targets)
        return self.outcome

    # --- one school ---

    def _fill(self, target: Target, source: RosterSource) -> SchoolOutcome:
        school = target.school
        on = school.today(self.at) if school else self.at.date()
        own = None
        if school is not None and source.school_id is None:
            own = RosterSource.objects.filter(school=school, name=NAME).first()
        standing = self._stands(target.key, school, source, own, on)
        sections = {
            group.external_id: oneroster.Standing(group.name, group.ends_on is None)
            for key, group in standing.groups.items()
            if oneroster.is_section(key)
        }
        names = {key: group.name for key, group in standing.groups.items() if group.ends_on is None}
        filled = oneroster.fill(
            self.read,
            self.places,
            target.key,
            known=standing.people.values(),
            sections=sections,
            other_names=[name for key, name in names.items() if not oneroster.is_section(key)],
            on=on,
        )
        self.sections |= filled.sections
        filled.roster.group_names = {key: each.name for key, each in filled.groups.items()}
        checked = roster.check(
            filled.roster, standing.people.values(), on=on, group_names=names.values()
        )
        checked.group_names = names
        diff = roster.compare(checked, by=self.by.pk if self.by else None)
        diff.ended_groups = {key: names[key] for key in sorted(filled.closing)}
        diff.renamed_groups = {
            key: (names[key], each.name)
            for key, each in filled.groups.items()
            if key in names and names[key] != each.name
        }
        outcome = told(target.name, diff, is_new=target.is_new)
        self._terms(outcome, school, filled.sessions, on)
        keys: dict[roster.Token, int] = {}
        if self.is_writing and school is not None:
            keys = self._write(target, school, source, diff, standing, filled, on)
        elif learns_its_id(target):
            outcome.is_empty = False
        self._share(diff, keys)
        return outcome

    def _stands(
        self,
        key: str,
        school: School | None,
        source: RosterSource,
        own: RosterSource | None,
        on: date,
    ) -> Standing:
        ids = set(self.places.users.get(key, ()))
        ids |= {other for user in list(ids) for other in self.places.links.get(user, ())}
        if school is None:
            school = School(pk=0)
        standing = stands_beside(
            school,
            on,
            source=source,
            own=own,
            ids=ids,
            emails=[
                str(self.read.users[each].facts.get("email") or "")
                for each in ids
                if each in self.read.users
            ],
        )
        for known in list(standing.people.values()):
            before = self.shared.get(known.external_id)
            if before is not None and before.pk != known.pk:
                known.external_id = ""  # the school's own row gives way to the district's
        for each in sorted(ids & self.shared.keys()):
            before = self.shared[each]
            blank = replace(before, roles={}, groups={}, students={}, given=set())
            now = standing.people.setdefault(before.pk, blank)
            now.facts, now.is_active, now.moves = before.facts, True, False
        return standing

    def _terms(
        self, outcome: SchoolOutcome, school: School | None, used: Iterable[str], on: date
    ) -> None:
        chosen = oneroster.choose(self.read.sessions, set(used), on=on)
        self.terms: list[TermSaid] = chosen.terms
        for taker in incoming.takers() if chosen.terms else ():
            changes, others = taker.plan(school, chosen.terms, self.at)
            outcome.terms += changes
            outcome.notices += others
            outcome.is_empty &= not changes
        outcome.notices += chosen.words

    def _write(
        self,
        target: Target,
        school: School,
        source: RosterSource,
        diff: roster.Diff,
        standing: Standing,
        filled: oneroster.Filled,
        on: date,
    ) -> dict[roster.Token, int]:
        learn_its_id(target)
        keys: dict[roster.Token, int] = {}
        if not diff.is_empty:
            keys = write(
                school,
                diff,
                standing,
                on,
                source=source,
                groups=filled.groups,
                tell=self._rows_told(diff),
            )
            self.endings.append((school, on, [person.pk for person in diff.ended]))
            note(school, diff, by=self.by, at=self.at)
        for taker in incoming.takers() if self.terms else ():
            taker.take(school, self.terms, self.by, self.at)
        return keys

    def _rows_told(self, diff: roster.Diff) -> Callable[[int], None]:
        steps = (*diff.new, *diff.changed)
        rows = sum(len(step.roles) + len(step.groups) + len(step.students) for step in steps)
        done = 0

        def tell(count: int) -> None:
            nonlocal done
            done += count
            self.tell("rows", done, rows)

        return tell

    def _share(self, diff: roster.Diff, keys: dict[roster.Token, int]) -> None:
        """What the next school is to know of whoever was made or changed here."""
        if len(self.places.schools_of_users()) < 2:
            return
        for number, step in enumerate((*diff.new, *diff.changed)):
            entry, known = step.entry, step.known
            if not entry.external_id:
                continue
            facts: dict[str, Any] = dict(known.facts) if known else dict.fromkeys(roster.FIELDS, "")
            if known is None:
                facts["started_on"] = None
            stub = -(len(self.shared) + number + 1)
            self.shared[entry.external_id] = roster.KnownPerson(
                pk=known.pk if known else keys.get(entry.key, stub),
                external_id=entry.external_id,
                facts=facts | step.facts,
                is_active=True,
                is_on_roster=True,
            )

    # --- what no school can say ---

    def _conclude(self, targets: list[Target]) -> None:
        read, outcome = self.read, self.outcome
        ours = {target.key for target in targets}
        for section, seats in read.enrollments.items():
            if section in self.sections or section in read.refused_sections:
                continue
            of = read.sections.get(section)
            if self.only is not None and (of or not read.is_bulk("classes")):
                continue  # of another school
            for seat in seats:
                read.refuse("enrollments", seat.line, f"The class {section[:40]} is not known.")
        self._say_who_is_left_out(ours)
        problems = [*read.problems]
        for school in outcome.schools:
            problems += school.refused
            school.refused = sorted(school.refused, key=_place)[:SHOWN]
        outcome.refused_count = len(problems)
        outcome.refused = sorted(problems, key=_place)[:SHOWN]
        outcome.remarks_count = len(read.remarks)
        outcome.remarks = sorted(read.remarks, key=_place)[:SHOWN]
        outcome.counts = dict(read.counts)
        outcome.troubles = list(read.troubles)
        outcome.notices = [*read.notices, *outcome.notices]

    def _say_who_is_left_out(self, ours: set[str]) -> None:
        read, places = self.read, self.places
        here: set[str] = set()
        elsewhere: set[str] = set()
        for school, users in places.users.items():
            (here if school in ours else elsewhere).update(users)
        homeless = {
            user
            for user, row in read.users.items()
            if not row.has_left
            and read.offices.get(user)
            and user not in here | elsewhere
            and not places.links.get(user)
        }
        if elsewhere - here:
            count = len(elsewhere - here)
            self.outcome.notices.append(
                f"{count:,} {'person' if count == 1 else 'people'} of other schools left out."
            )
        if homeless:
            count = len(homeless)
            self.outcome.notices.append(
                f"{count:,} {'person belongs' if count == 1 else 'people belong'} to no school, "
                "only to the district, and are left out."
            )
        if read.is_bulk("users") and read.has_roles:
            for user in sorted(read.users.keys() - read.offices.keys()):
                if not read.users[user].has_left and read.is_bulk("roles"):
                    read.refuse("users", read.users[user].line, "This person has no role.")


def _place(problem: FileProblem) -> tuple[str, int]:
    return problem.file, problem.line


def _names(target: Target, school: School | None) -> bool:
    """Whether the school learns by which id its system knows it."""
    return (
        school is not None
        and bool(target.key)
        and not school.external_id
        and not School.objects.filter(external_id=target.key).exists()
    )
