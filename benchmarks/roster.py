#!/usr/bin/env python3
"""
A district's roster in: 20,000 people and 100,000 enrollments by OneRoster, beside raw COPY.

  .venv/bin/python benchmarks/roster.py [--people 20000] [--enrollments 100000]
                                        [--database postgres://...]

Makes the files, always the same; reads, previews and applies them in a process of its own, as a
worker does; then the same once more. Prints seconds and memory, and on PostgreSQL the same rows by
COPY into tables of the same shape. Exit status 1 if the second run changes anything.
"""

import argparse
import csv
import io
import json
import random
import resource
import subprocess
import sys
import time
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.figures import Checks, machine, table
from benchmarks.machine import ROOT, Site

SCHOOLS = 8
GOALS = {"first": 60, "again": 30}  # seconds
MEMORY = 300  # MB


HEADERS = {
    "orgs": "sourcedId status name type identifier parentSourcedId",
    "academicSessions": (
        "sourcedId status title type startDate endDate parentSourcedId schoolYear"
    ),
    "classes": (
        "sourcedId status title classCode classType schoolSourcedId termSourcedIds periods"
    ),
    "users": (
        "sourcedId status enabledUser orgSourcedIds role username givenName familyName email "
        "agentSourcedIds grades password"
    ),
    "enrollments": (
        "sourcedId status classSourcedId schoolSourcedId userSourcedId role primary beginDate "
        "endDate"
    ),
}
KEYS = [f"S{number}" for number in range(SCHOOLS)]


def district(path: Path, *, people: int, enrollments: int) -> dict[str, int]:
    """Write the files of a district as a zip: itinerant teachers, families, many sections."""
    files: dict[str, list[list[str]]] = {name: [line.split()] for name, line in HEADERS.items()}
    files["orgs"].append(["D", "active", "Bench District", "district", "", ""])
    files["orgs"] += [[key, "active", f"Bench {key}", "school", "", "D"] for key in KEYS]
    files["academicSessions"] += [
        ["F", "active", "Fall", "semester", "2099-09-07", "2099-12-18", "", "2100"],
        ["G", "active", "Spring", "semester", "2100-01-05", "2100-06-18", "", "2100"],
    ]
    students, staff = users(files["users"], people)
    classes(files, students, staff, enrollments)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, rows in files.items():
            text = io.StringIO()
            csv.writer(text).writerows(rows)
            archive.writestr(f"{name}.csv", text.getvalue())
    return {name: len(rows) - 1 for name, rows in files.items()}


def user(key: str, name: str, number: int, orgs: str, role: str, *, agents: str = "") -> list[str]:
    email = "" if role == "student" else f"{key.lower()}@bench.example"
    grade = str(number % 6 + 7) if role == "student" else ""
    names = [key.lower(), f"{name}{number}", f"Family{number % 4000}"]
    return [key, "active", "TRUE", orgs, role, *names, email, agents, grade, "secret"]


def users(rows: list[list[str]], people: int) -> tuple[dict[str, list[str]], ...]:
    """Of twenty people one teaches, nine are students and ten are parents; who is where."""
    at: dict[str, list[str]] = {key: [] for key in KEYS}
    staff: dict[str, list[str]] = {key: [] for key in KEYS}
    students, teachers = people * 9 // 20, people // 20
    for number in range(students):
        key = KEYS[number * SCHOOLS // students]
        at[key].append(f"P{number}")
        rows.append(user(f"P{number}", "Pupil", number, key, "student"))
    for number in range(teachers):
        orgs = [KEYS[number % SCHOOLS]]
        if number % 20 == 0:  # itinerant
            orgs.append(KEYS[(number + 1) % SCHOOLS])
        for key in orgs:
            staff[key].append(f"T{number}")
        rows.append(user(f"T{number}", "Teacher", number, ",".join(orgs), "teacher"))
    for number in range(people - students - teachers):
        children = [f"P{number % students}"]
        if number % 3 == 0:
            children.append(f"P{(number + 1) % students}")
        agents = ",".join(children)
        rows.append(user(f"G{number}", "Parent", number, "D", "parent", agents=agents))
    return at, staff


def classes(
    files: dict[str, list[list[str]]],
    students: dict[str, list[str]],
    staff: dict[str, list[str]],
    enrollments: int,
) -> None:
    chance = random.Random(20260907)
    made = section = 0
    while made < enrollments:
        key = KEYS[section % SCHOOLS]
        named = [f"Subject {section % 400}", str(section)]
        period = str(section % 7 + 1)
        files["classes"].append([f"C{section}", "active", *named, "scheduled", key, "F", period])
        members = [(chance.choice(staff[key]), "teacher")]
        of_class = chance.sample(students[key], min(24, len(students[key])))
        members += [(each, "student") for each in of_class]
        for who, role in members[: enrollments - made]:
            files["enrollments"].append(
                [f"E{made}", "active", f"C{section}", key, who, role, "", "", ""]
            )
            made += 1
        section += 1


def bring_in(path: Path) -> None:
    """In a process of its own: read, preview, apply; prints what it took as JSON."""
    import django  # noqa: PLC0415

    django.setup()
    from django.utils import timezone  # noqa: PLC0415

    from people import actions, oneroster  # noqa: PLC0415

    at = timezone.now()
    began = time.perf_counter()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    read = oneroster.read(path, month_first=True)
    was_read = time.perf_counter()
    shown = actions.preview_oneroster(read, school=None, by=None, at=at)
    was_shown = time.perf_counter()
    actions.apply_oneroster(read, school=None, by=None, at=at, digest=shown.digest, ends_many=False)
    print(
        json.dumps(
            {
                "read": was_read - began,
                "preview": was_shown - was_read,
                "apply": time.perf_counter() - was_shown,
                "together": time.perf_counter() - began,
                "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                "before": before / 1024,
                "totals": shown.totals(),
                "is_empty": shown.is_empty,
            }
        )
    )


def measured(path: Path) -> dict:
    command = [sys.executable, __file__, "--bring-in", str(path)]
    done = subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1])


TABLES = (
    "people_person",
    "people_role",
    "people_group",
    "people_membership",
    "people_guardianship",
)


def copied(site: Site) -> float:
    """Seconds for the same rows into tables of the same shape and indexes, by COPY."""
    import psycopg2  # noqa: PLC0415

    spent = 0.0
    session = psycopg2.connect(site.address, dbname=site.name)
    with session, session.cursor() as cursor:
        for table in TABLES:
            text = io.StringIO()
            cursor.copy_expert(f"COPY {table} TO STDOUT", text)
            cursor.execute(f"CREATE TABLE copied_{table} (LIKE {table} INCLUDING ALL)")
            text.seek(0)
            began = time.perf_counter()
            cursor.copy_expert(f"COPY copied_{table} FROM STDIN", text)
            spent += time.perf_counter() - began
    session.close()
    return spent


def rows_now() -> dict[str, int]:
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        found = {}
        for table in TABLES:
            cursor.execute(f"SELECT count(*), max(id) FROM {table}")
            found[table] = cursor.fetchone()
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("--database", default="", help="PostgreSQL; SQLite when left out")
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--enrollments", type=int, default=100_000)
    parser.add_argument("--bring-in", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.bring_in:
        bring_in(options.bring_in)
        return 0
    checks = Checks()
    print(machine())
    with Site(database=options.database) as site:
        path = site.folder / "district.zip"
        counts = district(path, people=options.people, enrollments=options.enrollments)
        said = ", ".join(f"{name} {count:,}" for name, count in counts.items())
        print(f"{site.kind}, {SCHOOLS} schools: {said}\n")
        first = measured(path)
        before = rows_now()
        again = measured(path)
        head = ("", "read", "preview", "apply", "together", "goal", "MB", "goal")
        lines = []
        for name, took in (("first", first), ("again", again)):
            parts = ("read", "preview", "apply", "together")
            lines.append(
                (
                    name,
                    *(f"{took[part]:.1f}" for part in parts),
                    GOALS[name],
                    f"{took['memory']:.0f}",
                    MEMORY,
                )
            )
        if site.is_postgresql:
            lines.append(("the same rows by COPY", "", "", f"{copied(site):.2f}", "", "", "", ""))
        print(table(head, lines))
        rows = ", ".join(f"{name[7:]} {count:,}" for name, (count, _) in before.items())
        print(f"\nRows: {rows}. {first['totals']}\n")
        expected = options.people
        made = before["people_person"][0]
        checks.expect(
            "everybody is there once", [] if made == expected else [f"{made} of {expected}"]
        )
        checks.expect(
            "the second run changes nothing",
            [] if again["is_empty"] and rows_now() == before else [again["totals"]],
        )
    return checks.status


if __name__ == "__main__":
    sys.exit(main())
