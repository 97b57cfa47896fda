#!/usr/bin/env python3
"""
A worker is killed again and again while reminders go out; none may be lost.

  .venv/bin/python benchmarks/crash.py [--mails 1000] [--kills 10] [--database postgres://...]
                                       [--redis redis://...]

A real Celery worker sends to a mail server in this process and dies by SIGKILL at random moments.
The clock asks for the outbox every second, as beat does every fifteen. A row that a dead worker
held is sent by another when its lease of five minutes ends, so a run takes a while. A mail may
come twice when the worker died between sending and marking: that is counted. Exit status 1 on a
loss.
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
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.figures import Checks, machine
from benchmarks.machine import ROOT, Site

LONGEST = 600  # seconds to wait for the last mail


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[1])
    parser.add_argument("--database", default="", help="postgres://...; SQLite without")
    parser.add_argument("--redis", default="", help="redis://...; a broker in files without")
    parser.add_argument("--mails", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    sink = MailServer()
    os.environ["EMAIL_URL"] = f"smtp://127.0.0.1:{sink.port}"
    os.environ["REDIS_URL"] = options.redis
    with Site(database=options.database) as site:
        print(f"{site.kind}, {machine()}", flush=True)
        expected = outbox(options.mails)
        began = time.monotonic()
        killed = run(site, sink, options)
        seconds = time.monotonic() - began
        return report(expected, sink, killed, seconds)


def outbox(count: int) -> set[str]:
    """Talks of tomorrow, and the reminders that the product queues for them; their ids."""
    import hashlib  # noqa: PLC0415

    from django.utils import timezone  # noqa: PLC0415

    from people.models import OutgoingMail, Pairing, Person, Role, School  # noqa: PLC0415
    from scheduling import actions  # noqa: PLC0415
    from scheduling.models import Attendance, Meeting  # noqa: PLC0415

    at = timezone.now()
    school = School.objects.create(name="Bench School", slug="bench", time_zone=evening(at))
    people = Person.objects.bulk_create(
        Person(given_name="Pat", family_name=f"Many{i}", email=f"many{i}@bench.example")
        for i in range(count + 1)
    )
    today = school.today(at)
    Role.objects.bulk_create(
        Role(
            person=each,
            school=school,
            kind="leader" if each is people[0] else "teacher",
            starts_on=today,
        )
        for each in people
    )
    begins = (at + timedelta(days=1)).astimezone(school.zone).replace(hour=1, minute=0, second=0)
    gap = timedelta(minutes=22 * 60) / count
    pairings = Pairing.objects.bulk_create(
        Pairing(school=school, host=people[0], attendee=each, starts_on=today)
        for each in people[1:]
    )
    meetings = Meeting.objects.bulk_create(
        Meeting(
            school=school,
            pairing=pairing,
            starts_at=begins + i * gap,
            ends_at=begins + (i + 1) * gap,
            original_starts_at=begins + i * gap,
            agreed_at=at - timedelta(days=5),
        )
        for i, pairing in enumerate(pairings)
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
    made = actions.queue_reminders(school, by=None, at=at)
    print(f"{made} reminders are due", flush=True)
    if made != count + 1:
        raise SystemExit("Not every talk has its reminder; nothing was tried.")
    keys = OutgoingMail.objects.values_list("key", flat=True)
    return {hashlib.sha256(key.encode()).hexdigest()[:32] for key in keys}


def evening(at) -> str:
    """A time zone where reminders are due now and for the next hours: it is past three there."""
    ahead = (17 - at.hour) % 24
    return f"Etc/GMT{-ahead:+d}" if ahead <= 14 else f"Etc/GMT+{24 - ahead}"


def run(site: Site, sink: "MailServer", options) -> int:
    """Start a worker, kill it at a random moment, start another; then let the last one finish."""
    from oneonones.celery import app  # noqa: PLC0415
    from people.models import OutgoingMail  # noqa: PLC0415

    chance = random.Random(options.seed)
    goes_on = threading.Event()

    def clock():
        while not goes_on.wait(1):
            app.send_task("people.jobs.sweep_outbox", expires=15)

    ticking = threading.Thread(target=clock, daemon=True)
    ticking.start()
    killed = 0
    worker = start(site)
    ends = time.monotonic() + LONGEST
    try:
        while killed < options.kills:
            before = len(sink.seen)
            wait_for(lambda before=before: len(sink.seen) > before + 2, 20)
            time.sleep(chance.uniform(0, 0.5))
            if not OutgoingMail.objects.open().exists():
                break
            stop(worker)
            killed += 1
            left = OutgoingMail.objects.open().count()
            print(f"  killed worker {killed}; {left} mails are open", flush=True)
            worker = start(site)
        while OutgoingMail.objects.open().exists() and time.monotonic() < ends:
            time.sleep(1)
    finally:
        goes_on.set()
        ticking.join()
        stop(worker)
        app.control.purge()
    return killed


def wait_for(true, seconds: float) -> None:
    ends = time.monotonic() + seconds
    while not true() and time.monotonic() < ends:
        time.sleep(0.02)


def start(site: Site) -> subprocess.Popen:
    command = "-m celery -q -A oneonones worker -c 2 -l ERROR --without-gossip --without-mingle"
    with (site.folder / "worker.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, *command.split()],
            cwd=ROOT,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def stop(worker: subprocess.Popen) -> None:
    """Kill the worker and its children at once; nobody says goodbye."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()


def report(expected: set[str], sink: "MailServer", killed: int, seconds: float) -> int:
    from people.models import OutgoingMail  # noqa: PLC0415

    checks = Checks()
    came = Counter(sink.seen)
    repeats = sum(times - 1 for times in came.values())
    still_open = OutgoingMail.objects.open().count()
    print(f"{len(came)} mails came, {repeats} of them twice, {killed} kills, {seconds:.0f} s")
    checks.expect("no reminder was lost", sorted(expected - came.keys()))
    checks.expect("nothing else came", sorted(came.keys() - expected))
    checks.expect("no row waits any more", [f"{still_open} rows"] if still_open else [])
    checks.expect(
        "no more repeats than mails that can be on their way when two processes die",
        [f"{repeats} repeats"] if repeats > 2 * killed else [],
    )
    return checks.status


class MailServer:
    """A mail server that takes everything and remembers the ids, on a free port of loopback."""

    def __init__(self) -> None:
        self.seen: list[str] = []
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
                self.seen.append(name)
                return True
            if line.lower().startswith(b"message-id:") and not name:
                name = line.decode().split("<")[1].split("@")[0]
        return False


if __name__ == "__main__":
    sys.exit(main())
