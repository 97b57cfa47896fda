#!/usr/bin/env python3
"""
What the doors tell by how long they take, and whether they let a school in and guessing out.

  .venv/bin/python benchmarks/doors.py [--each 200] [--people 300] [--guesses 500]
                                       [--workers 2] [--database postgres://...]

First each door is asked about somebody who can sign in and about nobody, in turn, as often as
`--each` says; the two medians may differ by a tenth. Every question is about another person from
another address, so that no limit is met. Then a whole school signs in through one address, eight
at a time, and somebody guesses at one login from many. Exit status 1 where a door tells, a person
of the school is refused, or more than five guesses pass.
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.figures import Checks, machine, table
from benchmarks.machine import Site
from benchmarks.visitors import Answer, Stranger, Visitor

LOGIN, CODE, RESET = "/accounts/login/", "/accounts/login/code/", "/accounts/password/reset/"
PASSWORD = "correct horse battery staple"
APART = 1.10  # the medians of two answers that look the same
AT_ONCE = 8
SCHOOL = "203.0.113.7"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[1])
    parser.add_argument("--database", default="", help="postgres://...; SQLite without")
    parser.add_argument("--each", type=int, default=200)
    parser.add_argument("--people", type=int, default=300)
    parser.add_argument("--guesses", type=int, default=500)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    os.environ["TRUSTED_PROXY_COUNT"] = "1"  # so that each visitor says where they are
    with Site(database=options.database) as site:
        print(f"{site.kind}, {options.workers} workers, {machine()}", flush=True)
        people = school(max(options.each, options.people) + 1)
        site.settle()
        site.serve(options.workers)
        checks = Checks()
        ask_in_turn(site, people, options.each, checks)
        let_in(site, people[: options.people], checks)
        keep_out(site, people[-1], options.guesses, checks)
        return checks.status


def school(count: int) -> list:
    """People who can sign in; the last has a meeting with the first, of whose page nobody knows."""
    from django.contrib.auth.hashers import make_password  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from people.models import Person, Role, School, User  # noqa: PLC0415

    bench = School.objects.create(name="Bench School", slug="bench", time_zone="UTC")
    kept = make_password(PASSWORD)  # one for all: making each takes a tenth of a second
    users = User.objects.bulk_create(
        User(email=f"person{i}@bench.example", password=kept) for i in range(count)
    )
    people = Person.objects.bulk_create(
        Person(given_name="Pat", family_name=f"Many{i}", email=user.email, user=user)
        for i, user in enumerate(users)
    )
    today = bench.today(timezone.now())
    Role.objects.bulk_create(
        Role(person=each, school=bench, kind="teacher", starts_on=today) for each in people
    )
    return people


# Doors: one question about somebody, by number, from an address of its own


def wrong_password(visitor: Stranger, email: str) -> Answer:
    return visitor.post(LOGIN, [("login", email), ("password", "wrong")], follow=False)


def code_by_mail(visitor: Stranger, email: str) -> Answer:
    return visitor.post(CODE, [("email", email)], follow=False)


def new_password(visitor: Stranger, email: str) -> Answer:
    return visitor.post(RESET, [("email", email)], follow=False)


DOORS: dict[str, Callable[[Stranger, str], Answer]] = {
    "wrong password": wrong_password,
    "code by mail": code_by_mail,
    "new password": new_password,
}


def ask_in_turn(site: Site, people: list, each: int, checks: Checks) -> None:
    rows = []
    for number, (name, door) in enumerate(DOORS.items()):
        known, unknown = [], []
        for turn, address in zip(range(each), addresses(number), strict=False):
            asked = [
                (known, people[turn].user.email),
                (unknown, f"nobody{turn}@bench.example"),
            ]
            for times, email in asked if turn % 2 else reversed(asked):
                times.append(door(Stranger(site, address), email))
        rows.append(compared(name, known, unknown, checks))
    rows.append(invitation(site, people, each, checks))
    print(table(["door", "somebody ms", "nobody ms", "ratio"], rows), flush=True)


def invitation(site: Site, people: list, each: int, checks: Checks) -> list[str]:
    """Somebody who is signed in asks for the invitation of others, and for one that was made up."""
    import uuid  # noqa: PLC0415

    from people.models import Pairing  # noqa: PLC0415

    host, attendee, stranger = people[:3]
    role = host.roles.get()
    pairing = Pairing.objects.create(
        school=role.school, host=host, attendee=attendee, starts_on=role.starts_on
    )
    visitor = Visitor(site, stranger)
    visitor.headers = {"X-Forwarded-For": SCHOOL}
    real, made_up = [], []
    for turn in range(each):
        asked = [(real, pairing.uid), (made_up, uuid.uuid4())]
        for times, uid in asked if turn % 2 else reversed(asked):
            times.append(visitor.get(f"/book/{uid}/"))
    return compared("invitation of others", real, made_up, checks)


def compared(name: str, some: list[Answer], none: list[Answer], checks: Checks) -> list[str]:
    medians = [statistics.median(answer.seconds for answer in answers) for answers in (some, none)]
    ratio = max(medians) / min(medians)
    statuses = {answer.status for answer in [*some, *none]}
    problems = [] if len(statuses) == 1 else [f"answered with {sorted(statuses)}"]
    if ratio > APART:
        problems.append(f"{ratio:.2f} times as long")
    checks.expect(f"{name}: the same for somebody and for nobody", problems)
    return [name, *(f"{1000 * median:.1f}" for median in medians), f"{medians[0] / medians[1]:.3f}"]


def addresses(number: int) -> Iterator[str]:
    """Network addresses, none twice."""
    for i in range(65_000):
        yield f"10.{number}.{i // 250}.{i % 250 + 1}"


# A school behind one address, and somebody who guesses


def let_in(site: Site, people: list, checks: Checks) -> None:
    began = time.perf_counter()

    def sign_in(person) -> str:
        visitor = Stranger(site, SCHOOL)
        fields = [("login", person.user.email), ("password", PASSWORD)]
        answer = visitor.post(LOGIN, fields, follow=False)
        return "" if visitor.is_signed_in else f"{person.user.email}: {answer.status}"

    with ThreadPoolExecutor(AT_ONCE) as crowd:
        refused = list(filter(None, crowd.map(sign_in, people)))
    seconds = time.perf_counter() - began
    print(f"{len(people)} people signed in from one address in {seconds:.0f} s")
    checks.expect("nobody of a school is refused", refused)


def keep_out(site: Site, person, guesses: int, checks: Checks) -> None:
    from audit.models import Event  # noqa: PLC0415

    def compared_before() -> int:
        return Event.objects.filter(act=Event.Act.SIGNIN_FAIL).count()

    before, began = compared_before(), time.perf_counter()

    def guess(address: str) -> str:
        visitor = Stranger(site, address)
        fields = [("login", person.user.email), ("password", f"guess {address}")]
        return visitor.post(LOGIN, fields, follow=False).text

    numbered = zip(addresses(9), range(guesses), strict=False)
    with ThreadPoolExecutor(AT_ONCE) as crowd:
        pages = list(crowd.map(guess, [address for address, _ in numbered]))
    passed = compared_before() - before
    told = sum("That was tried too often. Try again in" in page for page in pages)
    seconds = time.perf_counter() - began
    print(f"{guesses} guesses in {seconds:.0f} s: {passed} were compared, {told} were told to wait")
    checks.expect("at most five guesses pass", [] if passed <= 5 else [passed])
    checks.expect("who is stopped reads for how long", [] if told == guesses - passed else [told])


if __name__ == "__main__":
    sys.exit(main())
