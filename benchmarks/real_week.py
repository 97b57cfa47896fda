#!/usr/bin/env python3
"""
A school with a real week lives through its first sign-up, over HTTP; then everything is checked.

  .venv/bin/python benchmarks/real_week.py [--lessons PATH | --edfi FOLDER | --rotation 6]
                                           [--database postgres://...]
                                           [--teachers 60] [--clients 8] [--workers 2]

The roster is made from the teachers that the lessons name, or from the staff of an Ed-Fi folder,
whose schools are put together to one campus; roster and lessons go in by the product's own
commands. A principal paints 30 cells and those before and after school, and invites everybody;
teachers sign up, several at a time, weekly, biweekly and monthly. What is true at the end is worked
out anew from the rows (benchmarks/truth.py). Without a file a week of that size is generated, or
the days of a rotation. Exit status 1 when a check fails.
"""

import argparse
import random
import re
import statistics
import sys
import threading
import time
from collections import Counter, defaultdict
from pathlib import Path
from queue import Empty, Queue

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.figures import EMPTY, Checks, machine, table
from benchmarks.forms import forms_of
from benchmarks.machine import Site
from benchmarks.reminding import remind
from benchmarks.signing_up import Times, offers, problem_of, told
from benchmarks.visitors import Answer, Visitor, say

# How many of every sixty want what, densest wish first; only the first is asked for at first
WISHES = [
    (12, ("weekly",)),
    (6, ("weekly", "biweekly")),
    (18, ("biweekly",)),
    (4, ("biweekly", "monthly")),
    (20, ("monthly",)),
]
# Of the 30 cells, and before and after school. Weekly is scarce, so that some find no place.
PAINTED = {"weekly": 8, "biweekly": 10, "monthly": 12}
OUTSIDE = {"Before school": "biweekly", "After school": "monthly"}
BRUSH = {"weekly": "w", "biweekly": "b", "monthly": "m"}
TRIES = 12
FAVOURITES = 3  # people look at the first times of the week, so they meet there


class Log:
    """Every request of the run, by the page it asked for."""

    def __init__(self) -> None:
        self.answers: dict[str, list[Answer]] = defaultdict(list)
        self.troubles: list[str] = []
        self.lock = threading.Lock()

    def note(self, page: str, answer: Answer) -> Answer:
        with self.lock:
            self.answers[page].append(answer.hops[0] if answer.hops else answer)
            for each in (*answer.hops, answer):
                if each.status >= 400:
                    said = say(each.text, 160)
                    self.troubles.append(f"{page}: {each.status} at {each.path}: {said}")
        return answer


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[1])
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--lessons", default="", help="a week as CSV; a generated one without")
    source.add_argument("--edfi", type=Path, help="a folder with sections and staff as CSV")
    source.add_argument("--rotation", type=int, help="a generated school of so many days, 5 to 10")
    parser.add_argument("--database", default="", help="postgres://...; SQLite without")
    parser.add_argument("--teachers", type=int, default=60, help="who sign up")
    parser.add_argument("--clients", type=int, default=8, help="how many of them at a time")
    parser.add_argument("--workers", type=int, default=2, help="of the web server")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with Site(database=options.database) as site:
        print(f"{site.kind}, {options.workers} workers, {machine()}", flush=True)
        return run(site, options)


def run(site: Site, options) -> int:
    from benchmarks import school as schools  # noqa: PLC0415 -- after django.setup()
    from people.models import Pairing, Person, Role  # noqa: PLC0415

    began = time.perf_counter()
    if options.edfi:
        plan = schools.campus_plan(options.edfi)
    elif options.rotation:
        plan = schools.rotation_plan(options.rotation)
    else:
        plan = schools.week_plan(schools.read_lessons(options.lessons))
    school = schools.make_school(site, plan)
    term = schools.term_of(school)
    host = schools.person(schools.PRINCIPAL)
    imported = time.perf_counter() - began
    site.serve(options.workers)

    log = Log()
    principal = Visitor(site, host)
    paint(principal, log)
    wishes = wished(
        options.teachers,
        Person.objects.filter(roles__kind=Role.Kind.TEACHER),
        random.Random(options.seed),
    )
    invite(principal, log, {str(person.uid): wish[0] for person, wish in wishes})

    began, before = time.perf_counter(), site.cpu()
    pairings = {each.attendee_id: each for each in Pairing.objects.filter(host=host)}
    results = sign_up_all(site, log, wishes, pairings, options)
    seconds, spent = time.perf_counter() - began, site.cpu_since(before)
    for _ in range(5):
        log.note("The grid, full", principal.get("/schedule/"))
        log.note("Today, host", principal.get("/today/"))
        log.note("People, host", principal.get("/people/"))
        log.note("Empty page, host", principal.get(EMPTY))

    print(figures(term, results, imported, seconds, spent, options))
    print(pages(log))
    return check(site, log, principal, term, wishes, pairings, results)


# --- the principal ---


def paint(principal: Visitor, log: Log) -> None:
    """Paint over HTTP: for each rhythm its cells at once, as a drag across them does."""
    for _ in range(5):
        log.note("Empty page, host", principal.get(EMPTY))
    page = log.note("The grid, empty", principal.get("/schedule/"))
    form = next(each for each in forms_of(page.text) if each.action.endswith("/cells/"))
    rows = defaultdict(list)  # by what the cell says it is
    for cell in form.named("cell"):
        rows[cell.words.split(",")[1].strip()].append(cell)
    lessons = [name for name in rows if name not in OUTSIDE][:6]
    inside = [cell for name in lessons for cell in rows[name]]
    random.Random(30).shuffle(inside)
    wanted: dict[str, list] = {}
    for cadence, count in PAINTED.items():
        wanted[cadence], inside = inside[:count], inside[count:]
    for name, cadence in OUTSIDE.items():
        wanted[cadence] += rows[name]
    for cadence, chosen in wanted.items():
        brush = next(each for each in form.named("brush") if each.value == BRUSH[cadence])
        log.note("Painting", principal.post(form.action, form.sent(brush, *chosen)))


def invite(principal: Visitor, log: Log, often: dict[str, str]) -> None:
    """Invite the whole staff list over HTTP; those who will sign up are suggested their rhythm."""
    page = log.note("Invite", principal.get("/invite/"))
    form = next(
        each for each in forms_of(page.text) if each.method == "post" and each.named("person")
    )
    chosen = [
        choice
        for key, cadence in often.items()
        for choice in form.named(f"often-{key}")
        if choice.value == cadence
    ]
    send = form.sent(*chosen)
    log.note("Sending the invitations", principal.post(form.action or "/invite/", send))


def wished(count: int, teachers, chance: random.Random) -> list[tuple]:
    """Who signs up and which rhythms they accept, in the proportions of `WISHES`."""
    people = sorted(teachers.select_related("user"), key=lambda each: each.external_id)
    people = chance.sample(people, min(count, len(people)))
    kinds = [wish for number, wish in WISHES for _ in range(number)]
    kinds = [kinds[i * len(kinds) // len(people)] for i in range(len(people))]
    chance.shuffle(kinds)
    return list(zip(people, kinds, strict=True))


# --- the teachers ---


class Result:
    """What became of somebody's signing up."""

    def __init__(self) -> None:
        self.booked = False
        self.refusals: list[str] = []  # what the page said each time somebody was quicker
        self.said = ""  # what the page says to somebody without a place
        self.error = ""


def sign_up_all(site, log, wishes, pairings, options) -> dict[int, Result]:
    """Everybody signs up, several at a time; the first who comes is served first."""
    from people.models import Person  # noqa: PLC0415

    queue: Queue = Queue()
    results = {person.pk: Result() for person, _ in wishes}
    for number, (person, wish) in enumerate(wishes):
        fresh = Person.objects.select_related("user").get(pk=person.pk)
        queue.put((number, Visitor(site, fresh), wish, pairings[person.pk]))

    def client():
        while True:
            try:
                number, visitor, wish, pairing = queue.get_nowait()
            except Empty:
                return
            result = results[visitor.person.pk]
            chance = random.Random(options.seed * 1000 + number)
            try:
                sign_up(visitor, pairing, wish, log, chance, result)
            except Exception as error:
                result.error = repr(error)

    threads = [threading.Thread(target=client, daemon=True) for _ in range(options.clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def sign_up(visitor, pairing, wish, log: Log, chance: random.Random, result: Result) -> None:
    """One person: the link of the letter, how often, a time; on "quicker" one that still fits."""
    log.note("Empty page, teacher", visitor.get(EMPTY))
    path = f"/book/{pairing.uid}/"
    page = log.note("Sign-up", visitor.get(path))
    for cadence in wish:
        if not any(each.often == cadence for each in offers(page)):
            page = log.note("Sign-up", visitor.get(f"{path}?often={cadence}"))
        for _ in range(TRIES):
            form = times_form(page, cadence)
            if form is None:
                break
            seat = chance.choice(form.seats[:FAVOURITES])
            page = log.note("Booking", visitor.post(path, form.sent(seat)))
            if "/booked/" in page.path:
                page.hops = []  # it was counted as the booking's answer
                log.note("Booked", page)
                result.booked = True
                return
            result.refusals.append(problem_of(page))
    result.said = told(page)


def times_form(page: Answer, cadence: str) -> Times | None:
    """
    The times at a cadence that the page offers, first those that it names after a refusal.

    Where nothing is left at this cadence, those are at another one, as their words say.
    """
    found = [each for each in offers(page) if each.often == cadence]
    kept = {seat.value for seat in found[-1].seats} if found else set()
    return next(
        (each for each in found if each.seats and {seat.value for seat in each.seats} <= kept),
        None,
    )


# --- figures ---


def figures(term, results, imported, seconds, spent, options) -> str:
    from people.models import Person  # noqa: PLC0415
    from scheduling.models import Booking, Commitment, Meeting, Seat  # noqa: PLC0415

    refusals = sum(len(each.refusals) for each in results.values())
    rows = [
        ("people on the roster", Person.objects.count()),
        ("lessons of teachers", Commitment.objects.filter(term=term).count()),
        ("cells painted, seats", f"{term.slots.count()}, {Seat.objects.count()}"),
        ("signed up", len(results)),
        ("bookings", Booking.objects.live().count()),
        ("somebody was quicker", refusals),
        ("without a place", sum(not each.booked for each in results.values())),
        ("meetings of the term", Meeting.objects.count()),
        ("seconds to import", f"{imported:.1f}"),
        (f"seconds to sign up, {options.clients} at a time", f"{seconds:.1f}"),
        ("CPU seconds of that, server and database", f"{spent:.1f}"),
    ]
    return "\n" + table(("", ""), rows)


def pages(log: Log) -> str:
    """What each page cost, beside the empty page of the same person in the same minutes."""
    empty = {
        who: statistics.median(each.cpu for each in log.answers[f"Empty page, {who}"])
        for who in ("host", "teacher")
    }
    rows = []
    for page, answers in log.answers.items():
        who = (
            "teacher" if page in ("Sign-up", "Booking", "Booked", "Empty page, teacher") else "host"
        )
        cpu = statistics.median(each.cpu for each in answers)
        queries = sorted(each.queries for each in answers)
        spread = f"{queries[0]}" if queries[0] == queries[-1] else f"{queries[0]} to {queries[-1]}"
        slow = sorted(each.seconds for each in answers)[int(len(answers) * 0.95)]
        rows.append(
            (
                page,
                len(answers),
                spread,
                f"{cpu * 1000:.0f}",
                f"{cpu / empty[who]:.1f}",
                f"{slow * 1000:.0f}",
            )
        )
    head = ("page", "requests", "queries", "CPU ms", "x empty", "p95 ms")
    return f"\n{table(head, rows)}\n(CPU of the web server's process, without the database's)\n"


# --- what must be true ---


def check(site, log, principal, term, wishes, pairings, results) -> int:
    from django.utils import timezone  # noqa: PLC0415

    from benchmarks.truth import Truth  # noqa: PLC0415

    now, host = timezone.now(), principal.person
    truth = Truth(term)
    checks = Checks()
    errors = [each.error for each in results.values() if each.error]
    checks.expect("every request was answered, none with an error", errors + log.troubles)
    if log.troubles:
        print(site.servers[0].log.read_text()[-3000:])
    booked = {row["pairing__attendee_id"] for row in truth.live}
    said_booked = {key for key, each in results.items() if each.booked}
    checks.expect("who was told so has a place, and nobody else", sorted(booked ^ said_booked))
    wordless = [
        key for key, each in results.items() for words in each.refusals if "quicker" not in words
    ]
    checks.expect("whoever came too late was told in words", wordless)
    checks.expect("no seat and no person is booked twice", truth.two_in_one_seat())
    checks.expect("no person is in two places", truth.in_two_places())
    checks.expect("nobody has a talk in a lesson of their own", truth.in_a_lesson())
    checks.expect(
        "the meetings of the whole term exist, or why not is known", truth.missing_meetings()
    )
    wrong = []
    slots, seats = truth.slots, truth.seats
    accepts = {person.pk: wish for person, wish in wishes}
    for row in truth.live:
        cadence = slots[seats[row["seat_id"]]["slot_id"]]["cadence"]
        if cadence not in accepts[row["pairing__attendee_id"]]:
            wrong.append(f"booking {row['id']} is {cadence}")
    checks.expect("everybody meets as often as they wanted", wrong)
    unplaced = [(person, wish) for person, wish in wishes if person.pk not in booked]
    fits = [
        problem
        for person, wish in unplaced
        for problem in truth.would_fit(person.pk, host.pk, wish, now=now)
    ]
    checks.expect(f"none of {len(unplaced)} without a place fits a free seat they accept", fits)
    checks.expect(
        "they were told so by the sign-up page",
        [f"person {person.pk}" for person, _ in unplaced if not results[person.pk].said],
    )
    for words, count in Counter(results[person.pk].said for person, _ in unplaced).most_common(3):
        print(f"      {count} x “{words}”")
    page = principal.get("/schedule/")
    panel = re.search(r'<aside class="panel.*?</aside>', page.text, re.S)
    shown = set(re.findall(r"[?;]place=([0-9a-f-]{36})", panel[0] if panel else ""))
    missing = [
        f"person {pairing.attendee_id}"
        for pairing in pairings.values()
        if (str(pairing.uid) in shown) == (pairing.attendee_id in booked)
    ]
    checks.expect("To place shows the host exactly those without a place", missing)
    remind(truth, checks, now)
    return checks.status


if __name__ == "__main__":
    sys.exit(main())
