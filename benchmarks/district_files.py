#!/usr/bin/env python3
"""
A district's files come in, by page and by command, into empty databases; then they are read again.

  .venv/bin/python benchmarks/district_files.py --edfi FOLDER --calendars FOLDER
                                                [--database postgres://...] [--way page|command]

From PREFIX-schools, -staff, -students, -class-periods, -bell-schedules and -sessions.csv of the one
folder a district is made: the people at its first school, the calendar at each. *-bell-schedules
and *-special-days.csv of the other fill a school of their own. Without --way both ways are taken,
and have to bring the same. The second time nothing may change. Exit status 1 when a check fails.
"""

import argparse
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.figures import Checks, machine, table
from benchmarks.files import manage, read_rows
from benchmarks.machine import Site
from benchmarks.visitors import Visitor, say

HEAD = ("file", "rows", "new or changed", "as they are", "ended", "refused", "again")
OFFICE, SCHOOL = "office@district.example", "district"


class File(NamedTuple):
    """A file, what it is, and which school and which of its rows are meant."""

    path: Path
    kind: str
    slug: str
    more: str = ""  # what everybody in it is; the number of a school

    @property
    def name(self) -> str:
        return f"{self.path.stem}{f', {self.more}' if self.more else ''}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[1])
    parser.add_argument("--edfi", type=Path, required=True, help="a folder of a district")
    parser.add_argument("--calendars", type=Path, required=True, help="a folder of bell times")
    parser.add_argument("--database", default="", help="postgres://...; SQLite without")
    parser.add_argument("--way", choices=("page", "command"), help="both without")
    options = parser.parse_args()
    if options.way:
        with Site(database=options.database) as site:
            return run(site, options)
    said = {way: _both_ways(way) for way in ("page", "command")}
    print(f"{machine()}\n\nBy page:\n{said['page']}\nBy command:\n{said['command']}")
    checks = Checks()
    checks.expect("page and command bring the same", [] if len(set(said.values())) == 1 else ["no"])
    return checks.status


def _both_ways(way: str) -> str:
    command = [sys.executable, __file__, *sys.argv[1:], "--way", way]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"By {way}:\n{done.stdout}{done.stderr}")
    return done.stdout


def run(site: Site, options) -> int:
    """Every file once, and once more; prints the figures."""
    from people.models import School  # noqa: PLC0415 -- after django.setup()

    first, *_ = read_rows(_one(options.edfi, "schools"))
    _begin(first["name"], SCHOOL, OFFICE)
    _begin("Foothill", "foothill", "office@foothill.example")
    manage("district_administrator", OFFICE)
    site.serve(1)
    visitors = {slug: _office(site, slug) for slug in (SCHOOL, "foothill")}
    lines = []
    for file in files(options.edfi, options.calendars):
        known = {"slug": file.slug} if file.slug else {"external_id": file.more}
        school = School.objects.get(**known)
        if school.slug not in visitors:
            visitors[school.slug] = _named(site, visitors[SCHOOL], school)
        before = _figures(file, school)
        if options.way == "page":
            _by_page(visitors[school.slug], file)
        else:
            _bymanage(file, school)
        _, changed, _, ended, _ = _figures(file, school)
        again = "nothing" if changed == ended == 0 else "CHANGES"
        lines.append((file.name, *before, again))
    print(table(HEAD, lines))
    return 1 if any(line[-1] != "nothing" for line in lines) else 0


def files(edfi: Path, calendars: Path) -> Iterator[File]:
    yield File(_one(edfi, "schools"), "schools", SCHOOL)
    yield File(_one(edfi, "staff"), "roster", SCHOOL, "teacher")
    yield File(_one(edfi, "students"), "roster", SCHOOL, "student")
    for number in [row["school_id"] for row in read_rows(_one(edfi, "schools"))]:
        for name in ("class-periods", "bell-schedules", "sessions"):
            yield File(_one(edfi, name), "bells", "", number)
    for name in ("bell-schedules", "special-days"):
        yield File(next(calendars.glob(f"*-{name}*.csv")), "bells", "foothill")


def _one(folder: Path, name: str) -> Path:
    return next(folder.glob(f"*-{name}.csv"))


def _figures(file: File, school) -> tuple[int, int, int, int, int]:
    """Of a preview: rows, new or changed, as they are, ended, refused."""
    from django.utils import timezone  # noqa: PLC0415 -- after django.setup()

    from people import actions  # noqa: PLC0415
    from scheduling import bell_files  # noqa: PLC0415

    content, rows = file.path.read_bytes(), len(read_rows(file.path))
    if file.kind == "schools":
        plan = actions.plan_schools(content, by=None, at=timezone.now())
        return rows, len(plan.new) + len(plan.numbered), plan.same, 0, len(plan.problems)
    if file.kind == "roster":
        diff = actions.preview_roster(
            school, content, by=None, at=timezone.now(), everyone=file.more
        )
        changed = len(diff.new) + len(diff.changed)
        return rows, changed, diff.unchanged, len(diff.ended), len(diff.refused)
    plan = bell_files.plan(school, content, number=file.more)
    changed = len(plan.schedules) + len(plan.days) + len(plan.terms)
    same = len(plan.same) + plan.same_days + plan.same_terms
    return plan.row_count, changed, same, 0, plan.refused_count


PAGES = {
    "schools": ("/district/schools/list/", "/district/schools/list/preview/"),
    "roster": ("/setup/roster/", "/setup/roster/preview/"),
    "bells": ("/calendar/bells/import/", "/calendar/bells/import/preview/"),
}


def _by_page(visitor: Visitor, file: File) -> None:
    """Upload, look, say yes."""
    from benchmarks.forms import forms_of  # noqa: PLC0415

    choose, look = PAGES[file.kind]
    fields = {"roster": [("everyone", file.more)], "bells": [("number", file.more)]}
    page = visitor.upload(choose, fields.get(file.kind, []), "file", file.path.read_bytes())
    if page.path != look:
        raise SystemExit(f"{file.name}: {page.status} at {page.path}\n{say(page.text)}")
    forms = [form for form in forms_of(page.text) if form.action in ("", look)]
    answer = visitor.post(look, forms[-1].sent() if forms else [])
    if answer.status != 200 or answer.path in (choose, look):
        raise SystemExit(f"{file.name}: {answer.status} at {answer.path}\n{say(answer.text)}")


def _bymanage(file: File, school) -> None:
    if file.kind == "schools":
        manage("import_schools", file.path, "--apply")
    elif file.kind == "roster":
        manage(
            "import_roster", file.path, "--school", school.slug, "--everyone", file.more, "--apply"
        )
    else:
        number = ("--number", file.more) if file.more else ()
        manage("import_bells", file.path, "--school", school.slug, *number, "--apply")


def _begin(name: str, slug: str, email: str) -> None:
    office = ("--administrator", email, "--given-name", "Ada", "--family-name", "Office")
    manage("create_school", name, "--slug", slug, *office)


def _office(site: Site, slug: str) -> Visitor:
    """The administrator of a school, signed in."""
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret  # noqa: PLC0415

    from people.adapters import factors_of  # noqa: PLC0415
    from people.models import Person  # noqa: PLC0415

    found = Person.objects.select_related("user").get(
        roles__school__slug=slug, roles__kind="school_admin"
    )
    with factors_of(found.user):
        TOTP.activate(found.user, generate_totp_secret())
    return Visitor(site, found)


def _named(site: Site, district: Visitor, school) -> Visitor:
    """The administrator whom the district names for a school of its list."""
    words = [
        ("email", f"office@{school.slug}.example"),
        ("given_name", "Ada"),
        ("family_name", "Office"),
    ]
    answer = district.post(f"/district/schools/{school.uid}/administrator/", words)
    if answer.path != "/district/":
        raise SystemExit(f"{school.slug}: {answer.status} at {answer.path}\n{say(answer.text)}")
    return _office(site, school.slug)


if __name__ == "__main__":
    sys.exit(main())
