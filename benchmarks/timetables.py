#!/usr/bin/env python3
"""
Timetables from other people's systems come in, by page and by command; then they are read again.

  .venv/bin/python benchmarks/timetables.py [--untis FILE] [--lessons FILE] [--edfi FOLDER]
                                            [--database postgres://...]

For each file a school of its own is made: its people from the codes in the file (of an Ed-Fi folder
from its staff), its periods from the file (or from class-periods). The folder's files are called
PREFIX-sections.csv and so on; each of its schools is tried. By page comes in what comes in by
command, and the second time nothing may change. Exit status 1 when a check fails.
"""

import argparse
import csv
import io
import sys
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.figures import Checks, machine, table
from benchmarks.files import manage, read_rows
from benchmarks.forms import forms_of
from benchmarks.machine import Site
from benchmarks.visitors import Visitor, say

OFFICE = "office"
LESSON, BREAK = timedelta(minutes=45), timedelta(minutes=5)
HEAD = ("timetable", "rows", "used", "no teacher", "refused", "unknown", "lessons", "people", "s")


class Case(NamedTuple):
    """A file and the school that it is for."""

    name: str
    slug: str
    path: Path
    people: list[tuple[str, str, str, str]]  # id, given name, family name, e-mail
    bells: list[tuple[str, time, time]]  # name, start, end
    weekdays: str
    term: str
    part: tuple[str, str] = ("", "")  # of a file of sections: its school, its session


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[1])
    parser.add_argument("--untis", type=Path, help="a GPU001 export")
    parser.add_argument("--lessons", type=Path, help="a lessons file")
    parser.add_argument("--edfi", type=Path, help="a folder with sections and staff as CSV")
    parser.add_argument("--database", default="", help="postgres://...; SQLite without")
    options = parser.parse_args()
    with Site(database=options.database) as site:
        print(f"{site.kind}, {machine()}", flush=True)
        return run(site, list(cases(options)))


def cases(options) -> Iterator[Case]:
    if options.untis:
        text = options.untis.read_bytes().decode("cp1252")
        codes = {row[2] for row in csv.reader(io.StringIO(text), delimiter=";") if len(row) > 2}
        yield _from_codes("Untis", "untis", options.untis, codes, "12345")
    if options.lessons:
        rows = read_rows(options.lessons)
        codes = {name.strip() for row in rows for name in row["teachers"].split("|")}
        yield _from_codes("Lessons", "lessons", options.lessons, codes, "71234")
    if options.edfi:
        yield from _from_edfi(options.edfi)


def _from_codes(name, slug, path, codes, weekdays) -> Case:
    from scheduling import lessons  # noqa: PLC0415 -- after django.setup()

    people = [(code, "Tay", code, "") for code in sorted(codes - {""})]
    bells, begins = [], datetime.combine(date.min, time(8))
    for period in lessons.periods_in(path.read_bytes()):
        ends = begins + LESSON
        bells.append((period, begins.time(), ends.time()))
        begins = ends + BREAK
    return Case(name, slug, path, people, bells, weekdays, "Fall")


def _from_edfi(folder: Path) -> Iterator[Case]:
    sections, staff, periods, schools = (
        next(folder.glob(f"*-{name}.csv"))
        for name in ("sections", "staff", "class-periods", "schools")
    )
    people = {row["staff_id"]: row for row in read_rows(staff)}
    rows = read_rows(sections)
    for school in read_rows(schools):
        key = school["school_id"]
        here = [row for row in rows if row["school_id"] == key]
        ids = {each for row in here for each in row["staff_ids"].split("|")} - {""}
        known = [people[each] for each in sorted(ids)]
        yield Case(
            school["name"],
            f"edfi-{key}",
            sections,
            [(each["staff_id"], each["first"], each["last"], each["email"]) for each in known],
            [
                (row["period"], *(time.fromisoformat(row[each]) for each in ("start", "end")))
                for row in read_rows(periods)
                if row["school_id"] == key
            ],
            "12345",
            here[0]["session"],
            (key, here[0]["session"]),
        )


def run(site: Site, found: list[Case]) -> int:
    from scheduling.models import Commitment  # noqa: PLC0415 -- after django.setup()

    checks, lines = Checks(), []
    places = [_make(site, case) for case in found]
    site.serve(1)
    for case, (school, term) in zip(found, places, strict=True):
        line, _ = _by_page(site, case, school, term)
        lines.append(line)
        by_page, rows = _lessons(term), _keys(term)
        _, said = _by_page(site, case, school, term)
        changed = rows != _keys(term) or "Nothing was changed" not in said
        checks.expect(
            f"{case.name}: the same file again, by page, changes nothing", [said] if changed else []
        )
        Commitment.objects.filter(term=term).delete()
        _bymanage(case, "--apply")
        checks.expect(
            f"{case.name}: page and command bring the same",
            sorted(map(str, by_page ^ _lessons(term))),
        )
        said = _bymanage(case, "--apply")
        wrong = " 0 new," not in said or " 0 ended" not in said
        checks.expect(f"{case.name}: by command again changes nothing", [said] if wrong else [])
    print("\n" + table(HEAD, lines) + "\n")
    return checks.status


def _make(site: Site, case: Case):
    """A school with these people, and a term that runs now."""
    from django.utils import timezone  # noqa: PLC0415 -- after django.setup()

    from people.models import School  # noqa: PLC0415
    from scheduling import actions  # noqa: PLC0415

    at = timezone.now()
    school = School.objects.create(name=case.name, slug=case.slug, weekdays=case.weekdays)
    monday = school.today(at) - timedelta(days=school.today(at).weekday())
    term = actions.save_term(
        school,
        by=None,
        at=at,
        name=case.term,
        starts_on=monday - timedelta(weeks=2),
        ends_on=monday + timedelta(weeks=13),
        school_year=date.today().year + 1,  # noqa: DTZ011 -- any year does
    )
    bells = [actions.Bell(*each) for each in case.bells]
    bells.sort(key=lambda bell: bell.starts_at)
    actions.save_bell_schedule(
        school, by=None, at=at, name="Regular", weekdays=case.weekdays, bells=bells
    )
    sheet = io.StringIO()
    writer = csv.writer(sheet)
    writer.writerow(("external id", "given name", "family name", "e-mail", "role"))
    writer.writerow((OFFICE, "Ada", "Office", f"office@{case.slug}.example", "administrator"))
    writer.writerows((*person, "teacher") for person in case.people)
    path = site.folder / f"{case.slug}.csv"
    path.write_text(sheet.getvalue())
    manage("import_roster", path, "--school", case.slug, "--apply")
    return school, term


def _bymanage(case: Case, *more: str) -> str:
    asked = ("--school-in-file", case.part[0], "--session", case.part[1]) if case.part[0] else ()
    return manage("import_lessons", case.path, "--school", case.slug, *asked, *more)


def _by_page(site: Site, case: Case, school, term) -> tuple[tuple, str]:
    """Upload, answer what is asked, look, say yes; the figures, and what the page says then."""
    visitor = _office(site, school)
    began = perf_counter()
    page = visitor.upload(
        "/calendar/lessons/", [("term", str(term.uid))], "file", case.path.read_bytes()
    )
    asked = [each for each in forms_of(page.text) if ("step", "choose") in each.texts]
    if asked:
        chosen = [each for each in asked[0].choices if each.value in case.part]
        page = visitor.post(page.path, asked[0].sent(*chosen))
    plan = _plan(case, school, term)
    answer = visitor.post("/calendar/lessons/preview/", [])
    if answer.status != 200 or "/preview/" in answer.path:
        raise SystemExit(f"{case.name}: {answer.status} at {answer.path}\n{say(answer.text)}")
    line = (
        case.name,
        plan.row_count,
        plan.used_count,
        len(plan.without_teacher),
        plan.refused_count,
        len(plan.unknown),
        len(plan.kept),
        plan.people_count,
        f"{perf_counter() - began:.1f}",
    )
    for problem in plan.problems[:5]:
        print(f"      {case.name}, line {problem.line}: {problem.sentence}")
    return line, say(answer.text)


def _plan(case: Case, school, term):
    from scheduling import lessons  # noqa: PLC0415 -- after django.setup()

    return lessons.plan(school, term, case.path.read_bytes(), lessons.Choice(*case.part))


def _lessons(term) -> set[tuple]:
    from scheduling.models import Commitment  # noqa: PLC0415 -- after django.setup()

    names = ("person_id", "column", "starts_at", "ends_at", "label", "weeks", "source")
    return set(Commitment.objects.filter(term=term).values_list(*names))


def _keys(term) -> set[int]:
    return set(term.commitments.values_list("pk", flat=True))


def _office(site: Site, school) -> Visitor:
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from people.actions import invite_user  # noqa: PLC0415
    from people.adapters import factors_of  # noqa: PLC0415
    from people.models import Person  # noqa: PLC0415

    found = Person.objects.get(external_id=OFFICE, source__school=school)
    if found.user is None:
        invite_user(found, by=None, at=timezone.now())
        found = Person.objects.select_related("user").get(pk=found.pk)
        with factors_of(found.user):
            TOTP.activate(found.user, generate_totp_secret())
    return Visitor(site, found)


if __name__ == "__main__":
    sys.exit(main())
