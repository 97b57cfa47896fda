#!/usr/bin/env python3
"""
Accident upon accident while reminders go out; none may be lost, and few may come twice.

  .venv/bin/python benchmarks/crash.py [--mails 1000] [--kills 20] [--wipes 2] [--restarts 2]
                                       [--servers]

Real Celery workers and a real beat send to a mail server in this process. At random moments one of
them dies by SIGKILL and another takes its place, the broker loses all it holds, PostgreSQL stops as
in a power cut and comes back; and now and then a talk is cancelled or moved, whose reminder may not
come any more. With --servers PostgreSQL and Redis are started for this program alone; without, it
is SQLite and the broker in files, and nothing is restarted.

Beat asks for the outbox every second here, as it does every fifteen elsewhere. A row that a dead
worker held is sent by another when its lease of five minutes ends, so a run takes a while. A mail
comes twice when a worker died between sending and marking: at most 0.15 for each accident. Exit
status 1 on a loss, on more repeats, and on a reminder of what was cancelled or moved before.
"""

import argparse
import contextlib
import os
import random
import signal
import socketserver
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.figures import Checks, machine
from benchmarks.machine import ROOT, Site
from benchmarks.processes import CELERY, Postgres, Redis

LONGEST = 900  # seconds without one more mail
PATIENCE = 30  # seconds that an accident waits for its turn
ON_ITS_WAY = 5  # seconds that a mail may take after what it tells of has changed
WORKERS = 3
TALKS = 20  # of one host, on one day


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[1])
    parser.add_argument("--servers", action="store_true", help="PostgreSQL and Redis of its own")
    parser.add_argument("--mails", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=20, help="of a worker, one in ten of beat")
    parser.add_argument("--wipes", type=int, default=2, help="of the broker")
    parser.add_argument("--restarts", type=int, default=2, help="of PostgreSQL")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    sink = MailServer()
    os.environ["EMAIL_URL"] = f"smtp://127.0.0.1:{sink.port}"
    os.environ["SWEEP_EVERY"] = "1"
    with ExitStack() as stack:
        postgres = redis = None
        if options.servers:
            postgres, redis = stack.enter_context(Postgres()), stack.enter_context(Redis())
        os.environ["REDIS_URL"] = redis.url if redis else ""
        site = stack.enter_context(Site(database=postgres.url if postgres else ""))
        print(f"{site.kind}, {machine()}", flush=True)
        reminders = outbox(site, options.mails)
        run = Run(site, sink, reminders, postgres, random.Random(options.seed))
        stack.callback(run.stop)
        run.go(options)
        return run.report()


def outbox(site: Site, count: int) -> dict[str, str]:
    """Talks of tomorrow with reminders, as the product queues them: their ids, and whose talk."""
    from django.utils import timezone  # noqa: PLC0415

    from people.models import OutgoingMail, Pairing, Person, Role, School  # noqa: PLC0415
    from scheduling import actions  # noqa: PLC0415
    from scheduling.models import Attendance, Meeting  # noqa: PLC0415

    def person(name: str, number: int) -> Person:
        return Person(
            given_name="Pat",
            family_name=f"{name} {number}",
            email=f"{name}{number}@bench.example".lower(),
        )

    at = timezone.now()
    school = School.objects.create(name="Bench School", slug="bench", time_zone=evening(at))
    hosts = [person("Host", number) for number in range(-(-count // TALKS))]
    attendees = [person("Many", number) for number in range(count)]
    people = Person.objects.bulk_create([*hosts, *attendees])
    today = school.today(at)
    Role.objects.bulk_create(
        Role(person=each, school=school, kind=kind, starts_on=today)
        for some, kind in ((hosts, "leader"), (attendees, "teacher"))
        for each in some
    )
    begins = (at + timedelta(days=1)).astimezone(school.zone).replace(hour=1, minute=0, second=0)
    pairings = Pairing.objects.bulk_create(
        Pairing(school=school, host=hosts[number // TALKS], attendee=each, starts_on=today)
        for number, each in enumerate(attendees)
    )
    hour = timedelta(hours=1)
    meetings = Meeting.objects.bulk_create(
        Meeting(
            school=school,
            pairing=pairing,
            starts_at=begins + number % TALKS * hour,
            ends_at=begins + (number % TALKS + 1) * hour,
            original_starts_at=begins + number % TALKS * hour,
            agreed_at=at - timedelta(days=5),
        )
        for number, pairing in enumerate(pairings)
    )
    Attendance.objects.bulk_create(
        Attendance(
            meeting=meeting,
            person_id=person_id,
            role=role,
            starts_at=meeting.starts_at,
            ends_at=meeting.ends_at,
        )
        for meeting in meetings
        for person_id, role in (
            (meeting.pairing.host_id, "host"),
            (meeting.pairing.attendee_id, "attendee"),
        )
    )
    site.settle()
    made = actions.queue_reminders(school, by=None, at=at)
    print(f"{made} reminders are due", flush=True)
    if made != len(people):
        raise SystemExit("Not every talk has its reminder; nothing was tried.")
    rows = OutgoingMail.objects.values_list("key", "subject_uid")
    return {message_id(key): str(talk or "") for key, talk in rows}


def message_id(key: str) -> str:
    """The part of a mail's Message-ID that comes from the key of its row."""
    import hashlib  # noqa: PLC0415

    return hashlib.sha256(key.encode()).hexdigest()[:32]


def evening(at) -> str:
    """A time zone where reminders are due now and for the next hours: it is past three there."""
    ahead = (17 - at.hour) % 24
    return f"Etc/GMT{-ahead:+d}" if ahead <= 14 else f"Etc/GMT+{24 - ahead}"


class Run:
    """Workers, beat and what happens to them, until every row of the outbox is closed."""

    def __init__(self, site, sink, reminders, postgres, chance) -> None:
        self.site, self.sink, self.reminders = site, sink, reminders
        self.postgres, self.chance = postgres, chance
        self.changed: dict[str, float] = {}  # talks, and since when they are not as they were
        self.happened: Counter[str] = Counter()
        self.began = time.monotonic()
        self.workers = [self.start_worker() for _ in range(WORKERS)]
        self.beat = self.start_beat()

    def go(self, options) -> None:
        """All accidents in random order, evenly over the mails; then the rest of the mails."""
        counts = {
            self.kill_worker: options.kills - options.kills // 10,
            self.kill_beat: options.kills // 10,
            self.wipe_broker: options.wipes,
            self.restart_database: options.restarts if self.postgres else 0,
            self.change_a_talk: max(1, options.mails // 100),
        }
        accidents = [each for each, times in counts.items() for _ in range(times)]
        self.chance.shuffle(accidents)
        for number, accident in enumerate(accidents):
            due = 0.9 * len(self.reminders) * number / len(accidents)
            wait_for(lambda due=due: len(self.sink.seen) >= due, PATIENCE)
            time.sleep(self.chance.uniform(0, 0.2))
            self.expect_life()
            accident()
            self.happened[accident.__name__] += 1
            if number % 100 == 0:
                print(f"  {dict(self.happened)}; {len(self.sink.seen)} mails came", flush=True)
        came, since = 0, time.monotonic()
        while asked(self.is_open) and time.monotonic() - since < LONGEST:
            if len(self.sink.seen) > came:
                came, since = len(self.sink.seen), time.monotonic()
            time.sleep(1)

    @staticmethod
    def is_open() -> bool:
        from people.models import OutgoingMail  # noqa: PLC0415

        return OutgoingMail.objects.open().exists()

    # --- what happens ---

    def kill_worker(self) -> None:
        number = self.chance.randrange(len(self.workers))
        kill(self.workers[number])
        self.workers[number] = self.start_worker()

    def kill_beat(self) -> None:
        kill(self.beat)
        self.beat = self.start_beat()

    def wipe_broker(self) -> None:
        from django.conf import settings  # noqa: PLC0415

        if settings.REDIS_URL:
            import redis  # noqa: PLC0415

            with redis.Redis.from_url(settings.REDIS_URL) as connection:
                connection.flushall()
            return
        for message in Path(settings.CELERY_BROKER_TRANSPORT_OPTIONS["data_folder_in"]).iterdir():
            message.unlink(missing_ok=True)  # a worker may be quicker

    def restart_database(self) -> None:
        self.postgres.restart(self.chance.uniform(0, 1), kills=True)

    def change_a_talk(self) -> None:
        """Cancel or move one whose reminder is still to be sent, as its host."""
        from django.utils import timezone  # noqa: PLC0415

        from people.models import OutgoingMail  # noqa: PLC0415
        from scheduling import actions  # noqa: PLC0415
        from scheduling.models import Meeting  # noqa: PLC0415

        def change() -> str:
            waiting = OutgoingMail.objects.open().filter(kind="reminder", locked_until=None)
            mail = waiting.exclude(subject_uid__in=self.changed).order_by("-pk").first()
            if mail is None:
                return ""
            talk = Meeting.objects.select_related("pairing__host", "school").get(
                uid=mail.subject_uid
            )
            host, now = talk.pairing.host, timezone.now()
            if self.chance.random() < 0.5:
                actions.cancel(talk, by=host, at=now)
            else:
                later = talk.starts_at + timedelta(days=7)
                actions.move(talk, by=host, at=now, starts_at=later)
            return str(talk.uid)

        if talk := asked(change):
            self.changed[talk] = time.monotonic()

    # --- processes ---

    def expect_life(self) -> None:
        """What ends by itself would make the run prove nothing."""
        if any(process.poll() is not None for process in (*self.workers, self.beat)):
            logs = [self.site.folder / f"{name}.log" for name in ("worker", "beat")]
            raise SystemExit("\n".join(log.read_text()[-2000:] for log in logs))

    def start_worker(self) -> subprocess.Popen:
        words = f"{CELERY} worker -P solo -l ERROR --without-gossip --without-mingle"
        return self._start("worker", words)

    def start_beat(self) -> subprocess.Popen:
        return self._start(
            "beat", f"{CELERY} beat -l ERROR --pidfile= -s {self.site.folder}/beat-schedule"
        )

    def _start(self, name: str, words: str) -> subprocess.Popen:
        with (self.site.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, *words.split()],
                cwd=ROOT,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def stop(self) -> None:
        for process in (*self.workers, self.beat):
            kill(process)

    # --- what is true afterwards ---

    def report(self) -> int:
        checks = Checks()
        came = Counter(name for name, _ in self.sink.seen)
        last = dict(self.sink.seen)  # of several the last
        repeats = sum(times - 1 for times in came.values())
        accidents = sum(self.happened.values()) - self.happened["change_a_talk"]
        seconds = time.monotonic() - self.began
        print(f"{dict(self.happened)}, {len(self.changed)} talks changed")
        print(f"{len(came)} mails came, {repeats} once more, in {seconds:.0f} s")
        as_planned = {name for name, talk in self.reminders.items() if talk not in self.changed}
        checks.expect("no reminder was lost", sorted(as_planned - came.keys()))
        checks.expect(
            "none came of a talk that had been cancelled or moved",
            [
                name
                for name, talk in self.reminders.items()
                if talk in self.changed and last.get(name, 0) > self.changed[talk] + ON_ITS_WAY
            ],
        )
        checks.expect("no row waits any more", ["some do"] if asked(self.is_open) else [])
        checks.expect(
            "at most 0.15 came once more for each accident",
            [f"{repeats} of {accidents}"] if repeats > 0.15 * max(accidents, 1) else [],
        )
        return checks.status


def asked(question: Callable):
    """The answer of the database, as soon as it is there again."""
    from django.db import DatabaseError, InterfaceError, connection  # noqa: PLC0415

    ends = time.monotonic() + PATIENCE
    while True:
        try:
            return question()
        except (DatabaseError, InterfaceError):
            connection.close()
            if time.monotonic() > ends:
                raise
            time.sleep(0.2)


def wait_for(true: Callable[[], bool], seconds: float) -> None:
    ends = time.monotonic() + seconds
    while not true() and time.monotonic() < ends:
        time.sleep(0.02)


def kill(process: subprocess.Popen) -> None:
    """At once, with its children; nobody says goodbye."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


class MailServer:
    """A mail server that takes everything and remembers the ids, on a free port of loopback."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, float]] = []  # Message-ID and when
        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), self._talk)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def _talk(self, request, address, server) -> None:
        with contextlib.suppress(OSError):  # the sender was killed in the middle
            self._listen(request)

    def _listen(self, request) -> None:
        with request, request.makefile("rwb", buffering=0) as lines:
            lines.write(b"220 bench\r\n")
            while line := lines.readline():
                verb = line[:4].upper().strip()
                if verb == b"DATA":
                    lines.write(b"354 go on\r\n")
                    if not self._read(lines):
                        return  # the sender died in the middle: no mail
                    lines.write(b"250 taken\r\n")
                elif verb == b"QUIT":
                    lines.write(b"221 bye\r\n")
                    return
                else:
                    lines.write(b"250 bench\r\n")

    def _read(self, lines) -> bool:
        name = ""
        while line := lines.readline():
            if line == b".\r\n":
                self.seen.append((name, time.monotonic()))
                return True
            if line.lower().startswith(b"message-id:") and not name:
                name = line.decode().split("<")[1].split("@")[0]
        return False


if __name__ == "__main__":
    sys.exit(main())
