#!/usr/bin/env python3
"""
What trust costs: opening a note of many parts, and looking for a word in thousands of them.

  .venv/bin/python benchmarks/notes.py [--database postgres://...] [--parts 5000] [--letters 2000]

Opening is the page of a talk with twelve parts that the other wrote, each time recorded anew,
beside the page of a talk without any. Looking is for a word that stands nowhere, so that every part
is opened, beside the same rows from one query, opened with what they are bound to laid ready. CPU
of this process and of PostgreSQL's, medians of rounds that take turns.
"""

import argparse
import statistics
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.figures import machine, table
from benchmarks.machine import Site

AT = datetime(2026, 10, 12, 7, 0, tzinfo=UTC)
OF_A_NOTE = 12
ROUNDS = 9
NOWHERE = "xylophone"
WORDS = "She said that the reading groups go well and that reports take the weekend. "


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[1])
    parser.add_argument("--database", default="", help="postgres://...; SQLite without")
    parser.add_argument("--parts", type=int, default=5000)
    parser.add_argument("--letters", type=int, default=2000)
    options = parser.parse_args()
    with Site(database=options.database) as site:
        print(f"{site.kind}, {machine()}", flush=True)
        pairing = pair()
        note, nothing = talk(pairing, 1), talk(pairing, 2)
        write(pairing, [note] * OF_A_NOTE, options.letters)
        site.settle()
        opened = opening(site, pairing, note, nothing)
        talks = [talk(pairing, number) for number in range(3, 3 + options.parts // 4)]
        write(pairing, talks * 4, options.letters)
        site.settle()
        looked = [looking(site, pairing, each) for each in (pairing.host, pairing.attendee)]
    head = ("CPU, ms", "this", "floor", "times", "difference")
    names = (f"a note of {OF_A_NOTE} parts", "its writer looks", "the other looks")
    lines = [
        (
            name,
            *(f"{1000 * each:.1f}" for each in (this, floor)),
            f"{this / floor:.1f}",
            f"{1000 * (this - floor):.1f}",
        )
        for name, (this, floor) in zip(names, [opened, *looked], strict=True)
    ]
    print(table(head, lines))
    print(f"{options.parts} parts of {options.letters} letters are looked through.")
    return 0


def pair():
    """A host and a teacher who have agreed to share."""
    from notes.actions import agree  # noqa: PLC0415 -- after django.setup()
    from people.models import Pairing, Person, Role, School  # noqa: PLC0415
    from people.words import words_of  # noqa: PLC0415

    people = Person.objects.bulk_create(
        Person(given_name="Pat", family_name=name) for name in ("Host", "Guest", "Lead")
    )
    host, guest, lead = people
    school = School.objects.create(
        name="Bench School", slug="bench", time_zone="UTC", is_demo=True,
        safeguarding_lead=lead, safeguarding_phone="555 0100",
    )  # fmt: skip
    began = AT.date() - timedelta(days=400)
    kinds = ("leader", "teacher", "safeguarding_lead")
    for person, kind in zip(people, kinds, strict=True):
        Role.objects.create(person=person, school=school, kind=kind, starts_on=began)
    pairing = Pairing.objects.create(
        school=school, host=host, attendee=guest, kind="staff_check_in", cadence="weekly",
        starts_on=began,
    )  # fmt: skip
    shown = words_of(pairing, on=school.today(AT)).sha256
    for person in (host, guest):
        agree(pairing, shown=shown, by=person, at=AT - timedelta(days=300))
    return pairing


def talk(pairing, number: int):
    from scheduling.models import Meeting  # noqa: PLC0415

    starts_at = AT - timedelta(hours=number)
    return Meeting.objects.create(
        school=pairing.school, pairing=pairing, starts_at=starts_at, original_starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=30), status=Meeting.Status.HELD, ended_at=AT,
        agreed_at=AT - timedelta(days=40),
    )  # fmt: skip


def write(pairing, talks: list, letters: int) -> None:
    """A part of each talk, by the host, shared with the other; sealed as the product seals them."""
    from notes.acting import acting_as  # noqa: PLC0415
    from notes.models import AgreementVersion, Part  # noqa: PLC0415
    from notes.vault import seal  # noqa: PLC0415

    version = AgreementVersion.objects.of(pairing).in_force().get()
    text = (WORDS * (letters // len(WORDS) + 1))[:letters]
    parts = []
    for meeting in talks:
        part = Part(
            school=pairing.school, pairing=pairing, meeting=meeting, author=pairing.host,
            party=pairing.attendee, kind="body", field="how", agreement=version, written_aud=3,
            aud=3, is_draft=False, written_at=meeting.ends_at,
        )  # fmt: skip
        seal(part, text)
        parts.append(part)
    with acting_as(pairing.host_id, at=AT):
        Part._base_manager.bulk_create(parts, batch_size=500)


def opening(site: Site, pairing, note, nothing) -> tuple[float, float]:
    """CPU seconds of a talk's page with parts, and of one without."""
    from notes.sheet import sheet_of  # noqa: PLC0415
    from notes.vault import unwrap  # noqa: PLC0415

    spent: dict = {note: [], nothing: []}
    for number in range(3 * ROUNDS):
        for meeting, figures in spent.items():
            at = AT + timedelta(minutes=31 * number)
            began = site.spent()
            sheet = sheet_of(meeting, pairing.attendee, at=at)
            read = [unwrap(shown.sealed) for shown in sheet.theirs]
            figures.append(site.spent() - began)
            if len(read) != (OF_A_NOTE if meeting == note else 0):
                raise SystemExit(f"{len(read)} parts were opened.")
    return statistics.median(spent[note]), statistics.median(spent[nothing])


def looking(site: Site, pairing, viewer) -> tuple[float, float]:
    """CPU seconds of looking for a word that stands nowhere, and of the floor."""
    from audit import keyring  # noqa: PLC0415
    from notes.finding import find  # noqa: PLC0415
    from notes.models import Part  # noqa: PLC0415
    from notes.vault import bound_to  # noqa: PLC0415

    visible = Part.objects.visible_to(viewer, at=AT).order_by("pk")
    bound = [bound_to(part) for part in visible.select_related("agreement")]
    spent: list[float] = []
    floors: list[float] = []
    for _ in range(ROUNDS):
        began = site.spent()
        found, _ = find(NOWHERE, viewer, at=AT)
        between = site.spent()
        rows = visible.values_list("key_id", "dek", "box")
        hits = 0
        for (key_id, dek, box), with_what in zip(rows, bound, strict=True):
            sealed = keyring.Box(key_id, bytes(dek), bytes(box))
            hits += NOWHERE in keyring.open_("parts", sealed, bound=with_what).decode().lower()
        floors.append(site.spent() - between)
        spent.append(between - began)
        if found or hits:
            raise SystemExit("The word stands somewhere.")
    return statistics.median(spent), statistics.median(floors)


if __name__ == "__main__":
    sys.exit(main())
