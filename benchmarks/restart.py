#!/usr/bin/env python3
"""
Each part is restarted while people book: none may be lost or doubled, and nobody without words.

  .venv/bin/python benchmarks/restart.py [--people 96] [--clients 8] [--away 3]

It starts everything as production does, on loopback and for itself alone: PostgreSQL, Redis, two
web servers as gunicorn.conf.py says, worker and beat. What stands before the two is played by the
clients: a connection that is refused goes to the other one, and so does looking at a page whose
answer was cut off, as a proxy does it; what was pressed is not sent twice. Then, one after the
other: both web servers start their processes anew (HUP); they are stopped and started one by one;
the worker; PostgreSQL, stopped properly and away for some seconds; PostgreSQL, ended at once;
Redis. Meanwhile everybody looks for a time, books it and reads on, and tries again as a person
would who reads an error. Afterwards the rows are counted by SQL and worked out anew
(benchmarks/truth.py). Exit status 1 where a booking was lost or doubled, or somebody saw an error
without words.
"""

import argparse
import http.client
import os
import random
import sys
import threading
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from queue import Empty, Queue

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.figures import Checks, machine, table
from benchmarks.machine import Site, answers
from benchmarks.processes import Postgres, Redis, beat, web, worker
from benchmarks.race import TWICE
from benchmarks.signing_up import offers, problem_of
from benchmarks.visitors import Answer, Visitor, say

LONGEST = 120  # seconds for somebody to get their time, and for a part to come back
BEFORE, AFTER = 4, 4  # seconds of load around a restart
BROKEN = (OSError, http.client.HTTPException)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[1])
    parser.add_argument("--people", type=int, default=96, help="who book, at most 104")
    parser.add_argument("--clients", type=int, default=8, help="how many of them at a time")
    parser.add_argument("--away", type=float, default=3, help="seconds that a server is away")
    parser.add_argument("--only", default="", help="what is restarted, by how its name begins")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with ExitStack() as stack:
        postgres, redis = stack.enter_context(Postgres()), stack.enter_context(Redis())
        os.environ["REDIS_URL"] = redis.url
        os.environ["EMAIL_URL"] = "dummymail://"
        site = stack.enter_context(Site(database=postgres.url))
        print(f"{postgres.version}, two web servers, {machine()}", flush=True)
        return Week(site, stack, options).run(postgres, redis)


class Week:
    """A school whose people book again and again, and the processes that serve it."""

    def __init__(self, site: Site, stack: ExitStack, options) -> None:
        from django.utils import timezone  # noqa: PLC0415

        from benchmarks import school as schools  # noqa: PLC0415 -- after django.setup()
        from benchmarks.places import cells, outside, pair_everybody  # noqa: PLC0415
        from scheduling import actions  # noqa: PLC0415
        from scheduling.models import Seat  # noqa: PLC0415

        self.site, self.options = site, options
        plan = schools.week_plan(schools.generated_lessons())
        self.school = schools.make_school(site, plan)
        self.term = schools.term_of(self.school)
        self.host = schools.person(schools.PRINCIPAL)
        wanted = [
            (column, period.pk)
            for column, period in (*cells(self.school, 7), *outside(self.school))
        ]
        at = timezone.now()
        actions.paint(self.host, self.school, self.term, wanted, "monthly", by=self.host, at=at)
        pairings = pair_everybody(self.host, self.school, self.term)[: options.people]
        found = [(schools.person(each.attendee.external_id), each) for each in pairings]
        site.settle()
        self.webs = [stack.enter_context(web(site)) for _ in range(2)]
        self.worker = stack.enter_context(worker(site))
        stack.enter_context(beat(site))
        for each in self.webs:
            each.wait()
        doors = [each.port for each in self.webs]
        self.visitors = [(Doors(site, person, doors), each) for person, each in found]
        self.watcher = Doors(site, self.host, doors)
        print(f"{len(self.visitors)} people book among {Seat.objects.count()} places", flush=True)

    def run(self, postgres: Postgres, redis: Redis) -> int:
        away = self.options.away
        restarts = {
            "web, processes anew": self.hang_up,
            "web, one after the other": self.roll,
            "worker": self.worker.restart,
            "PostgreSQL, stopped": lambda: postgres.restart(away),
            "PostgreSQL, ended at once": lambda: postgres.restart(0, kills=True),
            "Redis": lambda: redis.restart(away),
        }
        checks, rows, words = Checks(), [], Counter()
        wait_until(self.is_worked, "the worker does not work")
        for name, restart in restarts.items():
            if not name.startswith(self.options.only):
                continue
            load = self.play(restart)
            rows.append((name, *load.row()))
            words.update(load.words)
            for sentence, problems in self.problems(load).items():
                checks.expect(f"{name}: {sentence}", problems)
            if load.wordless:
                print((self.site.folder / "web.log").read_text()[-6000:])
            self.give_back()
        head = ("restarted", "requests", "503", "500", "cut off", "page away s", "worker away s")
        print(f"\n{table(head, rows)}\n")
        for sentence, count in words.most_common():
            print(f"{count} x “{sentence}”")
        return checks.status

    # --- what is restarted here ---

    def hang_up(self) -> None:
        for each in self.webs:
            each.hang_up()

    def roll(self) -> None:
        for each in self.webs:
            each.restart()
            wait_until(lambda each=each: answers(each.port), "web does not answer")

    def is_worked(self) -> bool:
        """Whether a job that is asked for now is done soon: broker, worker and database at work."""
        from django.core.cache import cache  # noqa: PLC0415
        from django.db import connection  # noqa: PLC0415

        from oneonones.celery import app  # noqa: PLC0415
        from oneonones.health import HEARTBEAT  # noqa: PLC0415

        try:
            before = cache.get(HEARTBEAT)
            app.send_task("oneonones.jobs.heartbeat", expires=5)
            for _ in range(10):
                time.sleep(0.1)
                if cache.get(HEARTBEAT) != before:
                    return True
        except Exception:
            connection.close()
        return False

    # --- people, and what came of it ---

    def play(self, restart) -> "Load":
        """Let everybody book, and restart something in the middle."""
        load = Load(self)
        threads = load.start()
        time.sleep(BEFORE)
        restart()
        restarted = time.monotonic()
        wait_until(self.is_worked, "the worker does not come back")
        load.worker_away = time.monotonic() - restarted
        time.sleep(AFTER)
        load.everybody_may_go.set()
        for thread in threads:
            thread.join()
        return load

    def problems(self, load: "Load") -> dict[str, list[str]]:
        from django.db import connection  # noqa: PLC0415

        from benchmarks.truth import Truth  # noqa: PLC0415

        twice = []
        with connection.cursor() as cursor:
            for sentence, statement in TWICE.items():
                cursor.execute(statement)
                twice += [f"{sentence}: {row[0]}" for row in cursor.fetchall()]
        truth = Truth(self.term)
        twice += truth.two_in_one_seat() + truth.in_two_places() + truth.missing_meetings()
        booked = {row["pairing__attendee_id"] for row in truth.live}
        return {
            "no booking was lost": [f"person {key}" for key in load.told - booked],
            "none was doubled, and all meetings are there": twice,
            "nobody was booked who was not told": [f"person {key}" for key in booked - load.told],
            "everybody found a time in the end": load.troubles,
            "no answer but pages and sentences": load.wordless,
        }

    def give_back(self) -> None:
        from django.utils import timezone  # noqa: PLC0415

        from scheduling import actions  # noqa: PLC0415
        from scheduling.models import Booking  # noqa: PLC0415

        for booking in Booking.objects.live().order_by("pk"):
            actions.release(booking, by=self.host, at=timezone.now())


class Load:
    """What everybody asked for during one restart, and was answered."""

    def __init__(self, week: Week) -> None:
        self.week, self.lock = week, threading.Lock()
        self.kinds: Counter = Counter()
        self.words: Counter = Counter()
        self.wordless: list[str] = []
        self.troubles: list[str] = []
        self.told: set[int] = set()
        self.page_away = self.worker_away = 0.0
        self.everybody_may_go = threading.Event()
        self.queue: Queue = Queue()
        for each in week.visitors:
            self.queue.put(each)

    def start(self) -> list[threading.Thread]:
        count = self.week.options.clients
        threads = [threading.Thread(target=self._book_all, args=(n,)) for n in range(count)]
        threads.append(threading.Thread(target=self._watch))
        for thread in threads:
            thread.start()
        return threads

    def row(self) -> tuple:
        return (
            sum(self.kinds.values()),
            self.kinds[503],
            self.kinds[500],
            self.kinds["cut off"],
            f"{self.page_away:.1f}",
            f"{self.worker_away:.1f}",
        )

    def ask(self, visitor: Visitor, path: str, fields=None) -> Answer | None:
        """One request of somebody; None where they saw an error and have to look again."""
        try:
            page = visitor.get(path) if fields is None else visitor.post(path, fields)
        except BROKEN:
            with self.lock:
                self.kinds["cut off"] += 1  # and the proxy says so
            return None
        with self.lock:
            self.kinds[page.status] += 1
            if page.status == 503:
                self.words[say(page.text, 200)] += 1
            elif page.status != 200:
                self.wordless.append(f"{page.status} at {page.path}: {say(page.text, 120)}")
        return page if page.status == 200 else None

    def _book_all(self, number: int) -> None:
        chance = random.Random(self.week.options.seed * 100 + number)
        while True:
            try:
                visitor, pairing = self.queue.get_nowait()
            except Empty:
                break
            if not self._book(visitor, f"/book/{pairing.uid}/?often=monthly", chance):
                self.troubles.append(f"person {visitor.person.pk} found no time in {LONGEST} s")
        while not self.everybody_may_go.wait(chance.uniform(0.2, 0.6)):
            self.ask(visitor, "/today/")  # goes on reading

    def _book(self, visitor: Visitor, path: str, chance: random.Random) -> bool:
        ends = time.monotonic() + LONGEST
        while time.monotonic() < ends:
            page = self.ask(visitor, path)
            time.sleep(chance.uniform(0.1, 0.5))  # people think
            form = next((each for each in offers(page) if each.seats), None) if page else None
            if form is not None and "/booked/" not in page.path:
                page = self.ask(visitor, path, form.sent(chance.choice(form.seats[:20])))
                if page and problem_of(page):
                    self.words[problem_of(page)] += 1
            if page is not None and "/booked/" in page.path:
                self.told.add(visitor.person.pk)
                self.ask(visitor, "/today/")
                return True
        return False

    def _watch(self) -> None:
        """For how long a page of the host's was away, asked all the time."""
        last = time.monotonic()
        while not self.everybody_may_go.wait(0.1):
            if self.ask(self.week.watcher, "/today/") is None:
                self.page_away += time.monotonic() - last
            last = time.monotonic()


class Doors(Visitor):
    """Somebody before several web servers; whom one does not let in is let in by another."""

    def __init__(self, site: Site, person, ports: list[int]) -> None:
        super().__init__(site, person)
        self.ports = ports

    def _once(self, method, path, fields):
        ends = time.monotonic() + 10
        while True:
            for port in random.sample(self.ports, len(self.ports)):
                try:
                    return self._at(port, method, path, fields)
                except ConnectionRefusedError:  # nothing was sent: safe to ask the other
                    continue
                except BROKEN:
                    if method != "GET":
                        raise
            if time.monotonic() > ends:
                raise ConnectionRefusedError
            time.sleep(0.1)


def wait_until(true, otherwise: str) -> None:
    ends = time.monotonic() + LONGEST
    while not true():
        if time.monotonic() > ends:
            raise SystemExit(otherwise)
        time.sleep(0.1)


if __name__ == "__main__":
    sys.exit(main())
