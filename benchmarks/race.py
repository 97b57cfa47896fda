#!/usr/bin/env python3
"""
Many clients fight for few seats over HTTP, round after round; nobody may win twice.

  .venv/bin/python benchmarks/race.py [--rounds 100] [--clients 50] [--seats 10] [--workers 2]
                                      [--database postgres://...] [--kill]

The seats are weekly, biweekly and monthly. Everybody opens the page, picks, and presses Book at the
same moment; who was too late tries what still fits until nothing is left. One client in ten is a
second tab of somebody. With --kill a worker of the web server dies by SIGKILL in the middle of each
round. After each round the rows are counted by SQL and worked out anew (benchmarks/truth.py), and
all places are given back. Exit status 1 unless there was no double booking, every seat was filled
and every loser was told in words.
"""

import argparse
import http.client
import os
import random
import signal
import statistics
import sys
import threading
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.figures import Checks, machine, percentile
from benchmarks.machine import Site
from benchmarks.signing_up import elsewhere, offers, problem_of, told
from benchmarks.visitors import Answer, Visitor, say

CADENCES = ("weekly", "biweekly", "monthly")
TRIES = 40
PERIODS = ("Period 1", "Period 2", "Period 3", "Period 4", "Period 5", "Period 6")
BROKEN = (OSError, http.client.HTTPException)

# What must not be, as SQL
TWICE = {
    "a seat is booked twice": (
        "SELECT seat_id FROM scheduling_booking WHERE released_at IS NULL "
        "GROUP BY seat_id HAVING COUNT(*) > 1"
    ),
    "a person is booked twice": (
        "SELECT pairing_id FROM scheduling_booking WHERE released_at IS NULL "
        "GROUP BY pairing_id, term_id HAVING COUNT(*) > 1"
    ),
    "a person is in two places": (
        "SELECT a.id FROM scheduling_attendance a JOIN scheduling_attendance b "
        "ON b.person_id = a.person_id AND b.id > a.id AND b.blocks AND a.blocks "
        "AND b.starts_at < a.ends_at AND a.starts_at < b.ends_at"
    ),
    "a meeting has not two people": (
        "SELECT m.id FROM scheduling_meeting m LEFT JOIN scheduling_attendance a "
        "ON a.meeting_id = m.id GROUP BY m.id HAVING COUNT(a.id) <> 2"
    ),
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[1])
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--seats", type=int, default=10)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--database", default="", help="postgres://...; SQLite without")
    parser.add_argument("--kill", action="store_true", help="a worker dies in every round")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with Site(database=options.database) as site:
        print(f"{site.kind}, {options.workers} workers, {machine()}", flush=True)
        return run(site, options)


def run(site: Site, options) -> int:
    people, tabs = options.clients - options.clients // 10, options.clients // 10
    race = Race(site, options, people)
    server = site.serve(options.workers)
    checks = Checks()
    totals: Counter = Counter()
    problems: list[str] = []
    seconds: list[float] = []
    waits: list[float] = []
    print(
        f"{people} people and {tabs} second tabs fight for {race.seat_count} seats: "
        + ", ".join(f"{count} {cadence}" for cadence, count in race.offered.items())
    )
    for number in range(1, options.rounds + 1):
        began = time.perf_counter()
        clients = race.play(number, tabs, server)
        took = time.perf_counter() - began
        found = race.problems(clients)
        problems += [f"round {number}: {problem}" for problem in found]
        counts = race.count(clients)
        totals.update(counts)
        seconds.append(took)
        waits += [wait for each in clients for wait in each.waits]
        print(
            f"round {number:3}: {counts['booked']} booked, {counts['refused']} refusals in words, "
            f"{counts['wordless']} without, {counts['broken']} broken connections, "
            f"{counts['errors']} errors, {counts['queries']} queries, {took:.1f} s"
            + (f"  {found[0]}" if found else ""),
            flush=True,
        )
        race.give_back()
    print(
        f"\n{options.rounds} rounds: {totals['booked']} bookings, {totals['refused']} refusals, "
        f"{totals['broken']} broken connections; a round {statistics.median(seconds):.1f} s, "
        f"a booking or refusal p50 {statistics.median(waits) * 1000:.0f} ms, "
        f"p95 {percentile(waits, 0.95) * 1000:.0f} ms"
    )
    checks.expect("no double booking, every series whole, by SQL and from plain rows", problems)
    empty = options.rounds * race.seat_count - totals["booked"]
    checks.expect("every seat was filled", [f"{empty} seats stayed empty"] if empty else [])
    checks.expect(
        "every loser was told in words",
        [f"{totals[name]} {name}" for name in ("wordless", "errors") if totals[name]],
    )
    if totals["errors"]:
        print(server.log.read_text()[-3000:])
    return checks.status


class Race:
    """A host with a few seats, people who want them, and the rounds."""

    def __init__(self, site: Site, options, people: int) -> None:
        from django.utils import timezone  # noqa: PLC0415

        from benchmarks import school as schools  # noqa: PLC0415 -- after django.setup()
        from benchmarks.places import cells, pair_everybody  # noqa: PLC0415
        from scheduling import actions  # noqa: PLC0415
        from scheduling.models import Seat  # noqa: PLC0415

        self.site, self.options = site, options
        names = [f"Teacher{number:03d}" for number in range(1, people + 1)]
        week = ["day,period,subject,teachers", *(f"Sunday,{period},," for period in PERIODS)]
        week += [f"Sunday,Period 7,Science,{name}" for name in names]
        self.school = schools.make_school(site, schools.week_plan("\n".join(week) + "\n"))
        self.term = schools.term_of(self.school)
        self.host = schools.person(schools.PRINCIPAL)
        shared = options.seats * 4 // 10
        counts = {"monthly": shared // 4, "biweekly": shared // 2}
        counts["weekly"] = options.seats - counts["monthly"] * 4 - counts["biweekly"] * 2
        wanted = [(column, period.pk) for column, period in cells(self.school)]
        for cadence, count in counts.items():
            chosen, wanted = wanted[:count], wanted[count:]
            if chosen:
                actions.paint(
                    self.host,
                    self.school,
                    self.term,
                    chosen,
                    cadence,
                    by=self.host,
                    at=timezone.now(),
                )
        self.pairings = pair_everybody(self.host, self.school, self.term)
        self.people = [schools.person(each.attendee.external_id) for each in self.pairings]
        self.seat_count = Seat.objects.count()
        sizes = {"weekly": 1, "biweekly": 2, "monthly": 4}
        self.offered = {each: counts[each] * sizes[each] for each in CADENCES}

    def play(self, number: int, tabs: int, server) -> list["Client"]:
        """One round: everybody looks, then everybody books at once."""
        chance = random.Random(self.options.seed * 10_000 + number)
        who = list(range(len(self.people)))
        chance.shuffle(who)
        start = threading.Barrier(len(who) + tabs)
        clients = [
            Client(
                Visitor(self.site, self.people[each]),
                self.pairings[each],
                random.Random(chance.random()),
                start,
            )
            for each in [*who, *who[:tabs]]
        ]
        threads = [threading.Thread(target=client.run, daemon=True) for client in clients]
        for thread in threads:
            thread.start()
        if self.options.kill:
            start.killer = threading.Thread(
                target=kill_one, args=(start, server, chance), daemon=True
            )
            start.killer.start()
        for thread in threads:
            thread.join()
        if self.options.kill:
            start.killer.join()
            server.wait()
        return clients

    def problems(self, clients: list["Client"]) -> list[str]:
        from django.db import connection  # noqa: PLC0415

        from benchmarks.truth import Truth  # noqa: PLC0415

        found = []
        with connection.cursor() as cursor:
            for sentence, statement in TWICE.items():
                cursor.execute(statement)
                found += [f"{sentence}: {row[0]}" for row in cursor.fetchall()]
        truth = Truth(self.term)
        found += truth.two_in_one_seat() + truth.in_two_places() + truth.missing_meetings()
        booked = {row["pairing__attendee_id"] for row in truth.live}
        told_so = {each.visitor.person.pk for each in clients if each.is_booked}
        found += [
            f"person {key}: told so and not booked, or the other way" for key in booked ^ told_so
        ]
        if len(booked) != self.seat_count:
            found.append(f"{len(booked)} of {self.seat_count} seats are booked")
        return found + [f"{each.trouble}" for each in clients if each.trouble]

    def count(self, clients: list["Client"]) -> Counter:
        from scheduling.models import Booking  # noqa: PLC0415

        return Counter(
            booked=Booking.objects.live().count(),
            refused=sum(len(each.refusals) for each in clients),
            wordless=sum(not words for each in clients for words in each.refusals)
            + sum(not each.is_booked and not each.said for each in clients),
            broken=sum(each.broken for each in clients),
            errors=sum(each.errors for each in clients),
            queries=sum(each.queries for each in clients),
        )

    def give_back(self) -> None:
        from django.utils import timezone  # noqa: PLC0415

        from scheduling import actions  # noqa: PLC0415
        from scheduling.models import Booking  # noqa: PLC0415

        for booking in Booking.objects.live().order_by("pk"):
            actions.release(booking, by=self.host, at=timezone.now())


def kill_one(start: threading.Barrier, server, chance: random.Random) -> None:
    """End one worker of the web server without warning, shortly after everybody pressed Book."""
    while not (start.broken or getattr(start, "begun", False)):
        time.sleep(0.005)
    time.sleep(chance.uniform(0, 0.6))
    pids = server.worker_pids()
    if pids:
        os.kill(chance.choice(pids), signal.SIGKILL)


class Client:
    """One open tab: looks, picks, books, and goes on until it has a time or none is left."""

    def __init__(self, visitor, pairing, chance, start) -> None:
        self.visitor, self.chance, self.start = visitor, chance, start
        self.path = f"/book/{pairing.uid}/"
        self.wish = list(CADENCES)
        chance.shuffle(self.wish)
        self.refusals: list[str] = []
        self.waits: list[float] = []
        self.is_booked = False
        self.said = self.trouble = ""
        self.broken = self.errors = self.queries = 0

    def run(self) -> None:
        try:
            page = self._ask(self.visitor.get, f"{self.path}?often={self.wish[0]}")
            self.start.wait()
            self.start.begun = True
            self._fight(page)
        except Exception as error:
            self.trouble = repr(error)
            self.start.abort()

    def _fight(self, page: Answer) -> None:
        for _ in range(TRIES):
            if "/booked/" in page.path:
                self.is_booked = True
                return
            form = next((each for each in offers(page) if each.seats), None)
            if form is None:
                others = elsewhere(page)
                if not others:
                    self.said = told(page)
                    return
                cadence = min(others, key=self.wish.index)
                page = self._ask(self.visitor.get, f"{self.path}?often={cadence}")
                continue
            seat = self.chance.choice(form.seats)
            broken = self.broken
            page = self._ask(self.visitor.post, self.path, form.sent(seat))
            self.waits.append(page.seconds)
            if "/booked/" not in page.path and page.status == 200 and self.broken == broken:
                self.refusals.append(problem_of(page))
        self.trouble = f"gave up after {TRIES} tries"

    def _ask(self, ask, path: str, *fields) -> Answer:
        """As a person would: when the connection breaks, look at the page again."""
        for _ in range(10):
            try:
                page = ask(path, *fields)
            except BROKEN:
                self.broken += 1
                time.sleep(0.2)
                ask, path, fields = self.visitor.get, self.path, ()
                continue
            self.queries += page.queries + sum(each.queries for each in page.hops)
            if page.status != 200:
                self.errors += 1
                self.trouble = f"{page.status} at {page.path}: {say(page.text, 120)}"
            return page
        raise OSError("no answer after ten tries")


if __name__ == "__main__":
    sys.exit(main())
