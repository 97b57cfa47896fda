#!/usr/bin/env python3
"""
What pages, the nightly sweep and the making of reminders cost, each beside its floor.

  .venv/bin/python benchmarks/pages.py [--database postgres://...] [--rounds 7]
                                       [--pairings 100000] [--reminders 20000]

A page's floors are the same visitor's empty signed-in page and the thinnest view over the same
rows. The floor of the first sweep is an INSERT of the same flags, that of the nightly one a count,
both by dates that are known already; that of the reminders is INSERT ... SELECT. All take turns in
one run. Figures make no exit status, for they wobble; statements that answer differently from their
floor do.
"""

import argparse
import statistics
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.clockwork import reminders, sweeps
from benchmarks.figures import EMPTY, Checks, compare, machine, percentile, table
from benchmarks.machine import Site
from benchmarks.visitors import Visitor, say

PEOPLE = 60
CLIENTS = 8
WORKERS = 2
BOOKINGS = 15
PRINCIPAL = "Principal"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[1])
    parser.add_argument("--database", default="", help="postgres://...; SQLite without")
    parser.add_argument("--lessons", default="", help="a week as CSV; a generated one without")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--pairings", type=int, default=100_000, help="of the overdue sweep")
    parser.add_argument("--reminders", type=int, default=20_000, help="talks of one day")
    options = parser.parse_args()
    checks = Checks()
    with Site(database=options.database) as site:
        print(f"{site.kind}, {machine()}", flush=True)
        pages = made_pages(site, options.lessons)
        site.settle()
        site.serve(WORKERS)
        costs = compare(site, pages, rounds=options.rounds)
        print(
            "\nOne visitor: CPU of worker and database, medians; the empty page of the same person"
        )
        print(
            table(
                (
                    "page",
                    "queries",
                    "ms",
                    "x empty",
                    "(least to most)",
                    "x thin",
                    "KB",
                    "KB compressed",
                ),
                [
                    (
                        cost.name,
                        cost.queries,
                        f"{cost.cpu * 1000:.1f}",
                        f"{cost.times_empty:.1f}",
                        "({:.1f} to {:.1f})".format(*cost.spread),
                        f"{cost.times_thin:.1f}",
                        f"{cost.size / 1000:.0f}",
                        f"{cost.compressed / 1000:.1f}",
                    )
                    for cost in costs
                ],
            ),
            flush=True,
        )
        print("\nBooking a weekly place for the term, one request; CPU of worker and database")
        print(table(("queries", "ms", "thin queries", "thin ms", "x thin"), [booking(site, pages)]))
        print(f"\n{CLIENTS} clients on {WORKERS} workers: p95 of seconds, beside the empty page")
        print(table(("page", "p95 ms", "empty ms", "x empty"), crowded(pages)))
        sys.stdout.flush()
        for server in site.servers:
            server.stop()
        print("\nThe clock's work, CPU seconds, medians")
        rows = [*reminders(site, options.reminders, options.rounds, checks)]
        rows += sweeps(site, options.pairings, options.rounds, checks)
        print(table(("work", "rows", "product", "floor", "x floor"), rows))
    return checks.status


# --- pages ---


def made_pages(site: Site, lessons: str) -> list[tuple[str, str, Visitor, str]]:
    """A host with sixty people who have places, and one of them; a page of each kind."""
    from django.urls import NoReverseMatch, reverse  # noqa: PLC0415

    from benchmarks import school as schools  # noqa: PLC0415 -- after django.setup()
    from benchmarks.places import fill_by_hand, paint_by_hand, pair_everybody  # noqa: PLC0415
    from scheduling.models import Meeting  # noqa: PLC0415

    school = schools.make_school(site, schools.week_plan(schools.read_lessons(lessons)))
    host = schools.person(schools.PRINCIPAL)
    term = schools.term_of(school)
    paint_by_hand(host, school, term)
    pairings = pair_everybody(host, school, term)
    placed, unplaced = fill_by_hand(host, term, pairings[:PEOPLE])
    print(f"{len(placed)} people have a place with one host, {len(pairings) - len(placed)} do not")
    waiting = (unplaced or pairings[PEOPLE:])[0]
    principal = Visitor(site, host)
    teacher = Visitor(site, schools.person(placed[0].attendee.external_id))
    meeting = Meeting.objects.filter(pairing=placed[0], status="planned").order_by("starts_at")[0]
    pages = [
        ("Today, host", "today", principal, reverse("scheduling:today")),
        ("Today, teacher", "today", teacher, reverse("scheduling:today")),
        ("People, host", "people", principal, reverse("scheduling:people")),
        (
            "A person's page, host",
            "person",
            principal,
            reverse("scheduling:person_page", args=[placed[0].attendee.uid]),
        ),
        ("Grid, host", "grid", principal, reverse("scheduling:schedule")),
        (
            "Grid, placing somebody",
            "placing",
            principal,
            f"{reverse('scheduling:schedule')}?place={waiting.uid}",
        ),
        ("Meeting", "meeting", principal, reverse("scheduling:meeting", args=[meeting.uid])),
        (
            "Moving a meeting",
            "moving",
            principal,
            reverse("scheduling:meeting_move", args=[meeting.uid]),
        ),
    ]
    try:
        invited = Visitor(site, schools.person(waiting.attendee.external_id))
        pages.append(
            ("Sign-up", "sign_up", invited, reverse("scheduling:sign_up", args=[waiting.uid]))
        )
    except NoReverseMatch:
        print("There is no sign-up page yet")
    return pages


def booking(site: Site, pages: Sequence[tuple[str, str, Visitor, str]]) -> tuple:
    """Booking as the page does beside the thinnest that makes the same rows, taking turns."""
    from django.urls import reverse  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415 -- after django.setup()

    from benchmarks.signing_up import offers  # noqa: PLC0415
    from people.models import Pairing  # noqa: PLC0415
    from scheduling import actions  # noqa: PLC0415

    visitor = next(each[2] for each in pages if each[0] == "Today, teacher")
    pairing = Pairing.objects.get(attendee=visitor.person, host__external_id=PRINCIPAL)
    path = reverse("scheduling:sign_up", args=[pairing.uid])
    ways = {"product": path, "thin": f"/benchmark/book/{pairing.uid}/"}

    def give_back():
        actions.release(pairing.bookings.live().get(), by=pairing.host, at=timezone.now())

    give_back()
    form = next(each for each in offers(visitor.get(path)) if each.often == pairing.cadence)
    fields = form.sent(form.seats[0])
    spent, asked = {way: [] for way in ways}, {}
    for number in range(2 + BOOKINGS):
        for way, address in ways.items():
            began = site.cpu()
            answer = visitor.post(address, fields, follow=False)
            if number >= 2:  # after those that warm connections
                spent[way].append(site.cpu_since(began))
            if answer.status != 302:
                raise SystemExit(f"{way}: {answer.status}\n{say(answer.text)}")
            asked[way] = answer.queries
            give_back()
    ratio = statistics.median(
        mine / floor for mine, floor in zip(spent["product"], spent["thin"], strict=True)
    )
    cells = [
        cell for way in ways for cell in (asked[way], f"{statistics.median(spent[way]) * 1000:.1f}")
    ]
    return (*cells, f"{ratio:.1f}")


def crowded(pages: Sequence[tuple[str, str, Visitor, str]]) -> list[tuple]:
    """Each page and the empty one under several clients at once, taking turns."""
    rows = []
    for name, _, visitor, path in pages:
        ratios, slow, empty = [], [], []
        for _ in range(5):
            slow.append(percentile(at_once(visitor, path), 0.95))
            empty.append(percentile(at_once(visitor, EMPTY), 0.95))
            ratios.append(slow[-1] / empty[-1])
        rows.append(
            (
                name,
                f"{statistics.median(slow) * 1000:.0f}",
                f"{statistics.median(empty) * 1000:.0f}",
                f"{statistics.median(ratios):.1f}",
            )
        )
    return rows


def at_once(visitor: Visitor, path: str, each: int = 4) -> list[float]:
    """Seconds of a page for every request of several clients."""
    seconds: list[float] = []

    def client():
        for _ in range(each):
            answer = visitor.get(path)
            if answer.status != 200:
                raise SystemExit(f"{answer.status} at {answer.path}")
            seconds.append(answer.seconds)

    threads = [threading.Thread(target=client, daemon=True) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(seconds) < CLIENTS * each:
        raise SystemExit(f"Some of {CLIENTS} clients had no answer at {path}")
    return seconds


if __name__ == "__main__":
    sys.exit(main())
