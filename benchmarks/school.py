"""A school of the real size, made by importing: roster, calendar, bell times, lessons."""

import csv
import io
import random
import subprocess
import sys
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from pathlib import Path

from django.utils import timezone

from people.models import Person, School
from scheduling import actions
from scheduling.models import Term

from .machine import ROOT, Site

WEEKDAYS = "71234"  # Sunday to Thursday
DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday")
PRINCIPAL = "Principal"
ADMINISTRATOR = "Administrator"
WEEKS = 13
BEFORE, AFTER = "Before school", "After school"
TEACHERS, LESSONS = 104, 1585
PERIODS = ("Period 1", "Period 2", "Period 3", "Period 4", "Period 5", "Period 6", "Period 7")
BREAK = timedelta(minutes=5)
LESSON = timedelta(minutes=50)


def generated_lessons(*, seed: int = 2016) -> str:
    """A week like a real one: 104 teachers, 1,585 lessons of one or two periods, nobody twice."""
    chance = random.Random(seed)
    free = {
        (f"Teacher{number:03d}", day, period)
        for number in range(1, TEACHERS + 1)
        for day in DAYS
        for period in range(len(PERIODS))
    }
    loads = {f"Teacher{number:03d}": chance.randint(10, 21) for number in range(1, TEACHERS + 1)}
    teachers = sorted(loads)
    rows: list[tuple[str, str, int, str, str]] = []
    while len(rows) < LESSONS:
        teacher = chance.choices(teachers, [loads[each] for each in teachers])[0]
        day, period = chance.choice(DAYS), chance.randrange(len(PERIODS) - 1)
        length = 2 if chance.random() < 0.13 else 1
        wanted = {(teacher, day, period + more) for more in range(length)}
        load = 35 - sum(each[0] == teacher for each in free)
        if not wanted <= free or load + length > loads[teacher] + 4:
            continue
        free -= wanted
        rows.append((day, PERIODS[period], length, f"Subject {period + 1}", teacher))
    sheet = io.StringIO()
    writer = csv.writer(sheet)
    writer.writerow(("day", "period", "length", "subject", "teachers"))
    writer.writerows(sorted(rows))
    return sheet.getvalue()


def teachers_in(lessons: str) -> list[str]:
    names = {
        name.strip()
        for row in csv.DictReader(io.StringIO(lessons))
        for name in row["teachers"].split("|")
    }
    return sorted(names - {""})


def roster_of(teachers: Iterable[str]) -> str:
    """A roster with the teachers of a week, a principal and an administrator."""
    sheet = io.StringIO()
    writer = csv.writer(sheet)
    writer.writerow(("external id", "role", "given name", "family name", "e-mail", "line manager"))
    writer.writerow((PRINCIPAL, "leader", "Petra", "Principal", "principal@bench.example", ""))
    writer.writerow(
        (ADMINISTRATOR, "administrator", "Ada", "Administrator", "office@bench.example", "")
    )
    for name in teachers:
        mail = f"{name.lower()}@bench.example"
        writer.writerow((name, "teacher", "Tay", name, mail, PRINCIPAL))
    return sheet.getvalue()


def bells(names: Iterable[str]) -> list[actions.Bell]:
    """Bell times for the periods of a week, with half an hour before school and after it."""
    found = [actions.Bell(BEFORE, time(7, 0), time(7, 30))]
    begins = datetime.combine(date.min, time(7, 40))
    for name in names:
        found.append(actions.Bell(name, begins.time(), (begins + LESSON).time()))
        begins += LESSON + BREAK
    ends = begins + timedelta(minutes=30)
    return [*found, actions.Bell(AFTER, begins.time(), ends.time())]


def make_school(site: Site, lessons: str) -> School:
    """
    A school in the third week of a term of 13, with two days and one week closed to come.

    The roster and the lessons go in by the product's own commands; the rest by its actions.
    """
    from scheduling import lessons as lesson_file  # noqa: PLC0415 -- the name is taken here

    at = timezone.now()
    school = School.objects.create(
        name="Bench School", slug="bench", time_zone="Asia/Dubai", locale="en-gb", weekdays=WEEKDAYS
    )
    today = school.today(at)
    sunday = today - timedelta(days=today.isoweekday() % 7)
    starts_on = sunday - timedelta(weeks=2)
    actions.save_term(
        school,
        by=None,
        at=at,
        name="Autumn",
        starts_on=starts_on,
        ends_on=starts_on + timedelta(weeks=WEEKS, days=-3),
        school_year=starts_on.year + 1,
    )
    for name, first, days in (("Staff days", 4 * 7 + 1, 2), ("Break", 7 * 7, 5)):
        day = starts_on + timedelta(days=first)
        actions.save_closure(
            school,
            by=None,
            at=at,
            name=name,
            starts_on=day,
            ends_on=day + timedelta(days=days - 1),
            stops_meetings=True,
            stops_clock=True,
        )
    actions.save_bell_schedule(
        school,
        by=None,
        at=at,
        name="Regular",
        weekdays=WEEKDAYS,
        bells=bells(lesson_file.periods_in(lessons.encode())),
    )
    command(site, "import_roster", roster_of(teachers_in(lessons)))
    command(site, "import_lessons", lessons)
    return school


def command(site: Site, name: str, content: str) -> str:
    """One of the product's imports, as somebody at a terminal would run it."""
    path = site.folder / f"{name}.csv"
    path.write_text(content)
    done = subprocess.run(
        [sys.executable, "manage.py", name, str(path), "--school", "bench", "--apply"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{name}: {done.stdout}{done.stderr}")
    return done.stdout


def person(name: str) -> Person:
    """Somebody of the roster, with a login and, where their role asks for one, a second factor."""
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret  # noqa: PLC0415

    from people.actions import invite_user  # noqa: PLC0415

    found = Person.objects.select_related("user").get(external_id=name)
    if found.user is None or not found.user.is_active:
        invite_user(found, by=None, at=timezone.now())
        found = Person.objects.select_related("user").get(pk=found.pk)
    if name in (PRINCIPAL, ADMINISTRATOR) and not found.user.authenticator_set.exists():
        TOTP.activate(found.user, generate_totp_secret())
    return found


def term_of(school: School) -> Term:
    return school.terms.get()


def read_lessons(path: str) -> str:
    """The week in a file, or a generated one of the same size."""
    if not path:
        return generated_lessons()
    return Path(path).read_text(encoding="utf-8-sig")
