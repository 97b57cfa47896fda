"""A school of the real size, made by importing: roster, calendar, bell times, lessons."""

import csv
import io
import random
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import NamedTuple

from django.utils import timezone

from people.models import Person, School
from scheduling import actions
from scheduling.models import Term

from .files import manage, read_rows
from .machine import Site

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
AUTUMN = "Autumn"
# The parts of a folder of sections that are put together to one campus, under one key
CAMPUS = "campus"


class Plan(NamedTuple):
    """What a school is made from: its people, its days, its bells, and a file of lessons."""

    people: Sequence[tuple[str, str, str, str]]  # id, given name, family name, e-mail
    days: int  # of a rotation, else 0
    weekdays: str
    bells: list[actions.Bell]
    lessons: str
    term: str = AUTUMN
    words: Sequence[str] = ()  # more that the command is told


def week_plan(lessons: str) -> Plan:
    """A school of weekdays around a week of lessons; its teachers are those that the week names."""
    return Plan(_named(lessons), 0, WEEKDAYS, bells(_periods(lessons)), lessons)


def rotation_plan(days: int) -> Plan:
    """A school of the same size that counts Day 1, Day 2 and so on, Monday to Friday."""
    lessons = generated_lessons(days=[f"Day {number}" for number in range(1, days + 1)])
    return Plan(_named(lessons), days, "12345", bells(_periods(lessons)), lessons)


def campus_plan(folder: Path) -> Plan:
    """
    The schools of an Ed-Fi folder as one campus: none of them alone has sixty members of staff.

    Everybody of the staff file is there, with an address where the file has none, for nobody can
    be invited without; the sections of the first session and the bells of the first school are
    those of all.
    """
    files = {
        name: next(folder.glob(f"*-{name}.csv")) for name in ("sections", "staff", "class-periods")
    }
    rows = {name: read_rows(path) for name, path in files.items()}
    session = rows["sections"][0]["session"]
    first = rows["class-periods"][0]["school_id"]
    sheet = io.StringIO()
    writer = csv.DictWriter(sheet, rows["sections"][0])
    writer.writeheader()
    writer.writerows({**row, "school_id": CAMPUS} for row in rows["sections"])
    found = [
        actions.Bell(
            row["period"], time.fromisoformat(row["start"]), time.fromisoformat(row["end"])
        )
        for row in rows["class-periods"]
        if row["school_id"] == first
    ]
    people = [
        (
            row["staff_id"],
            row["first"],
            row["last"],
            row["email"] or f"{row['staff_id']}@bench.example",
        )
        for row in rows["staff"]
    ]
    return Plan(
        people,
        0,
        "12345",
        _around(sorted(found, key=lambda bell: bell.starts_at)),
        sheet.getvalue(),
        session,
        ("--school-in-file", CAMPUS, "--session", session),
    )


def _named(lessons: str) -> list[tuple[str, str, str, str]]:
    return [(name, "Tay", name, f"{name.lower()}@bench.example") for name in teachers_in(lessons)]


def _periods(lessons: str) -> list[str]:
    from scheduling import lessons as lesson_file  # noqa: PLC0415 -- the name is taken here

    return lesson_file.periods_in(lessons.encode())


def generated_lessons(*, seed: int = 2016, days: Sequence[str] = DAYS) -> str:
    """A week like a real one: 104 teachers, 1,585 lessons of one or two periods, nobody twice."""
    chance = random.Random(seed)
    free = {
        (f"Teacher{number:03d}", day, period)
        for number in range(1, TEACHERS + 1)
        for day in days
        for period in range(len(PERIODS))
    }
    loads = {f"Teacher{number:03d}": chance.randint(10, 21) for number in range(1, TEACHERS + 1)}
    teachers = sorted(loads)
    rows: list[tuple[str, str, int, str, str]] = []
    while len(rows) < LESSONS:
        teacher = chance.choices(teachers, [loads[each] for each in teachers])[0]
        day, period = chance.choice(days), chance.randrange(len(PERIODS) - 1)
        length = 2 if chance.random() < 0.13 else 1
        wanted = {(teacher, day, period + more) for more in range(length)}
        load = len(days) * len(PERIODS) - sum(each[0] == teacher for each in free)
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


def roster_of(people: Iterable[tuple[str, str, str, str]]) -> str:
    """A roster with these teachers, a principal and an administrator."""
    sheet = io.StringIO()
    writer = csv.writer(sheet)
    writer.writerow(("external id", "role", "given name", "family name", "e-mail", "line manager"))
    writer.writerow((PRINCIPAL, "leader", "Petra", "Principal", "principal@bench.example", ""))
    writer.writerow(
        (ADMINISTRATOR, "administrator", "Ada", "Administrator", "office@bench.example", "")
    )
    for key, given, family, mail in people:
        writer.writerow((key, "teacher", given, family, mail, PRINCIPAL))
    return sheet.getvalue()


def bells(names: Iterable[str]) -> list[actions.Bell]:
    """Bell times for the periods of a week, with half an hour before school and after it."""
    found = []
    begins = datetime.combine(date.min, time(7, 40))
    for name in names:
        found.append(actions.Bell(name, begins.time(), (begins + LESSON).time()))
        begins += LESSON + BREAK
    return _around(found)


def _around(lessons: list[actions.Bell]) -> list[actions.Bell]:
    """Half an hour before the first bell and half an hour after the last, with a few minutes."""
    opens = datetime.combine(date.min, lessons[0].starts_at) - 2 * BREAK
    closes = datetime.combine(date.min, lessons[-1].ends_at) + BREAK
    half = timedelta(minutes=30)
    return [
        actions.Bell(BEFORE, (opens - half).time(), opens.time()),
        *lessons,
        actions.Bell(AFTER, closes.time(), (closes + half).time()),
    ]


def make_school(site: Site, plan: Plan) -> School:
    """
    A school in the third week of a term of 13, with two days and one week closed to come.

    The roster and the lessons go in by the product's own commands; the rest by its actions.
    """
    at = timezone.now()
    school = School.objects.create(
        name="Bench School",
        slug="bench",
        time_zone="Asia/Dubai",
        locale="en-gb",
        weekdays=plan.weekdays,
        rotation_days=plan.days,
    )
    today = school.today(at)
    first = today - timedelta(days=(today.isoweekday() - int(plan.weekdays[0])) % 7)
    starts_on = first - timedelta(weeks=2)
    actions.save_term(
        school,
        by=None,
        at=at,
        name=plan.term,
        starts_on=starts_on,
        ends_on=starts_on + timedelta(weeks=WEEKS, days=-3),
        school_year=starts_on.year + 1,
    )
    for name, begins, days in (("Staff days", 4 * 7 + 1, 2), ("Break", 7 * 7, 5)):
        day = starts_on + timedelta(days=begins)
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
    columns = [str(number) for number in range(1, plan.days + 1)] or plan.weekdays
    actions.save_bell_schedule(
        school, by=None, at=at, name="Regular", weekdays="".join(columns), bells=plan.bells
    )
    command(site, "import_roster", roster_of(plan.people))
    command(site, "import_lessons", plan.lessons, *plan.words)
    return school


def command(site: Site, name: str, content: str, *more: str) -> str:
    """One of the product's imports, as somebody at a terminal would run it."""
    path = site.folder / f"{name}.csv"
    path.write_text(content)
    return manage(name, path, "--school", "bench", "--apply", *more)


def person(name: str) -> Person:
    """Somebody of the roster, with a login and, where their role asks for one, a second factor."""
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret  # noqa: PLC0415

    from people.actions import invite_user  # noqa: PLC0415
    from people.adapters import factors_of  # noqa: PLC0415

    found = Person.objects.select_related("user").get(external_id=name)
    if found.user is None or not found.user.is_active:
        invite_user(found, by=None, at=timezone.now())
        found = Person.objects.select_related("user").get(pk=found.pk)
    if name in (PRINCIPAL, ADMINISTRATOR) and not found.user.authenticator_set.exists():
        with factors_of(found.user):
            TOTP.activate(found.user, generate_totp_secret())
    return found


def term_of(school: School) -> Term:
    return school.terms.get()


def read_lessons(path: str) -> str:
    """The week in a file, or a generated one of the same size."""
    if not path:
        return generated_lessons()
    return Path(path).read_text(encoding="utf-8-sig")
