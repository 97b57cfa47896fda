"""
Rows that somebody without the key has changed in the database: nobody reads what was never agreed,
and what was agreed once and ended since is found by the night.

A few hundred random changes in the suite; more by hand: WRITES=10000.
"""

import os
import random
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from audit.tests.conftest import tampering  # noqa: F401 -- a fixture
from conftest import NOW
from notes import actions, checking, narrow_only, vault
from notes.actions import Entry
from notes.actions.writing import Seen
from notes.models import AgreementVersion, Part
from notes.tests.factories import agree, draft, finished
from notes.visibility import bases
from people.tests.factories import PersonFactory
from scheduling.tests.factories import MeetingFactory

WRITES = int(os.environ.get("WRITES", "150"))

pytestmark = pytest.mark.usefixtures("now")


@pytest.fixture
def lifted(tampering):  # noqa: F811 -- the fixture above
    """As the owner of the database, without a trigger; taken back at the end."""
    narrow_only.drop(connection)


@pytest.fixture
def parts(lifted, managed):
    """Parts of each audience, some narrowed since; by what they say."""
    host, attendee = managed.pairing.host, managed.pairing.attendee
    later = MeetingFactory(pairing=managed.pairing, starts_at=NOW + timedelta(days=1))
    parts = {
        "a heading": finished(managed, host, "a heading", field="heading", chosen=7),
        "shared": finished(managed, host, "shared", field="how", chosen=3),
        "alone": finished(managed, host, "alone", field="well", chosen=1),
        "memory": finished(managed, host, "memory", field="memory", chosen=1),
        "of hers": finished(managed, attendee, "of hers", field="how", chosen=3),
        "kept since": finished(later, host, "kept since", field="heading", chosen=7),
    }
    keep(later, parts["kept since"], "kept since", chosen=3)
    parts["a draft"] = draft(later, attendee, "a draft", field="well")
    return parts


def keep(meeting, part, text, *, chosen):
    """Its author sends the same words again, for fewer people."""
    by, seen = part.author, [Seen(str(part.uid), part.revision)]
    shown = AgreementVersion.objects.of(meeting.pairing).in_force().first()
    entry = Entry(part.field, text, chosen, seen)
    actions.save_drafts(meeting, entries=[entry], shown=shown, by=by, at=NOW)
    actions.finish(meeting, by=by, at=NOW)


def change(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.rowcount


def kinds():
    return {(each.thing, each.kind) for each in checking.check(at=NOW).problems}


def test_what_people_left_is_as_they_left_it(parts):
    checked = checking.check(at=NOW)

    assert checked.problems == []
    assert checked.parts == len(parts)


def test_nothing_is_wrong_after_everything_that_people_do(parts, managed):
    agree(managed.pairing, protocol="actions_up")
    third = MeetingFactory(pairing=managed.pairing, starts_at=NOW + timedelta(days=2))
    keep(third, finished(third, managed.pairing.host, "x", field="agreed", chosen=7), "x", chosen=1)
    assert checking.check(at=NOW).problems == []

    actions.withdraw(managed.pairing, by=managed.pairing.host, at=NOW)
    agree(managed.pairing, protocol="topics_up")

    assert checking.check(at=NOW).problems == []


def test_a_manager_put_back_is_found(parts, managed):
    part, manager = parts["kept since"], managed.pairing.attendee.lines.get().manager
    change("UPDATE notes_part SET aud = 7, line_id = %s WHERE id = %s", manager.pk, part.pk)

    assert kinds() == {(f"part:{part.uid}", "widened")}


def test_an_agreement_brought_back_is_found(parts, managed):
    manager, version = managed.pairing.attendee.lines.get().manager, AgreementVersion.objects.get()
    actions.withdraw(managed.pairing, by=managed.pairing.host, at=NOW)
    change("UPDATE notes_agreementversion SET withdrawn_at = NULL")
    part = parts["a heading"]
    change("UPDATE notes_part SET aud = 7, line_id = %s WHERE id = %s", manager.pk, part.pk)

    assert kinds() == {
        (f"agreement:{version.uid}", "revived"),
        (f"part:{part.uid}", "shown to a line manager again"),
    }


def test_a_manager_kept_beyond_what_was_agreed_later_is_found(parts, managed):
    manager, part = managed.pairing.attendee.lines.get().manager, parts["a heading"]
    agree(managed.pairing, protocol="between_us")
    assert checking.check(at=NOW).problems == []

    change("UPDATE notes_part SET aud = 7, line_id = %s WHERE id = %s", manager.pk, part.pk)

    assert kinds() == {(f"part:{part.uid}", "shown to a line manager again")}


SWAP = "UPDATE notes_part SET author_id = party_id, party_id = author_id WHERE id = %s"


@pytest.mark.parametrize(
    ("name", "statement", "kind"),
    [
        ("alone", "UPDATE notes_part SET aud = 3, written_aud = 3 WHERE id = %s", "does not open"),
        ("shared", "UPDATE notes_part SET meeting_id = NULL WHERE id = %s", "does not open"),
        ("of hers", SWAP, "does not open"),
        ("memory", "UPDATE notes_part SET key_id = 'gone' WHERE id = %s", "has no key"),
        ("memory", "UPDATE notes_part SET box = dek WHERE id = %s", "does not open"),
    ],
)  # fmt: skip
def test_forged_parts_are_found(parts, name, statement, kind):
    change(statement, parts[name].pk)

    assert kinds() == {(f"part:{parts[name].uid}", kind)}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE notes_agreementversion SET terms = '{}'",
        "UPDATE notes_agreementversion SET protocol = 'actions_up'",
        (
            "UPDATE notes_acknowledgement SET person_id = (SELECT MAX(id) FROM people_person) "
            "WHERE id = (SELECT MIN(id) FROM notes_acknowledgement)"
        ),
        "UPDATE notes_acknowledgement SET key_id = 'gone'",
        "DELETE FROM notes_acknowledgement",
    ],
)
def test_forged_agreements_are_found(lifted, managed, statement):
    version = AgreementVersion.objects.get()
    change(statement)

    assert (f"agreement:{version.uid}", "forged") in kinds()


def test_the_night_says_so_and_names_nobody(parts, capsys):
    change("UPDATE notes_part SET box = dek WHERE id = %s", parts["alone"].pk)

    with pytest.raises(CommandError, match="notes are not as people left them"):
        call_command("nightly")

    said = capsys.readouterr().err
    assert f"part:{parts['alone'].uid}: does not open." in said
    assert "alone" not in said.replace(f"part:{parts['alone'].uid}", "")


VALUES = [0, 1, 2, 3, 4, 5, 6, 7, None, "", "2026-10-12 07:00:00+00:00"]
COLUMNS = {
    "notes_part": ["aud", "written_aud", "chosen_aud", "line_id", "party_id", "author_id", "kind",
                   "field", "agreement_id", "meeting_id", "pairing_id", "school_id", "is_draft",
                   "box", "dek", "key_id", "uid", "replaces_id", "circle_sha256", "opened_at"],
    "notes_agreementversion": ["protocol", "line_manager_id", "terms", "terms_sha256", "mac",
                               "withdrawn_at", "superseded_at", "in_force_at", "number", "uid",
                               "pairing_id", "school_id"],
    "notes_acknowledgement": ["person_id", "version_id", "mac", "terms_sha256", "words_sha256"],
    "people_pairing": ["host_id", "attendee_id", "ends_on", "starts_on"],
}  # fmt: skip
# What a school may decide about itself: who works there, and until when
HONEST = {("people_pairing", "ends_on"), ("people_pairing", "starts_on")}


def test_random_writes_show_nobody_what_was_never_agreed(parts, managed):
    chance = random.Random(7)  # noqa: S311 -- no secret
    stranger = PersonFactory(leader=True, school=managed.school)
    people = [managed.pairing.host, managed.pairing.attendee, stranger, managed.pairing.host]
    people[3] = managed.pairing.attendee.lines.get().manager
    once, now = agreed_once(parts, managed), read(people)
    written = widened = 0

    for _ in range(WRITES):
        point = transaction.savepoint()
        table = chance.choice(list(COLUMNS))
        columns = chance.sample(COLUMNS[table], chance.choice([1, 1, 2, 3]))
        try:
            with transaction.atomic():
                written += write(chance, table, columns, people)
                got = read(people)
        except (DatabaseError, vault.Away, ValueError, TypeError):
            transaction.savepoint_rollback(point)
            continue
        assert got <= once, f"{table}, {columns}: {got - once}"
        if got - now and not {(table, column) for column in columns} <= HONEST:
            widened += 1
            assert checking.check(at=NOW).problems, f"{table}, {columns}: {got - now}"
        transaction.savepoint_rollback(point)

    assert written > WRITES // 3
    print(f"{written} writes, {widened} gave back what had been taken away, all of them found")


def write(chance, table, columns, people):
    """Put into one row what stands in another, or something small."""
    rows = select(f"SELECT id FROM {table}")
    [row] = chance.choice(rows)
    values = []
    for column in columns:
        others = [each for [each] in select(f"SELECT {column} FROM {table}")]
        values.append(chance.choice([*others, *VALUES, chance.choice(people).pk]))
    sets = ", ".join(f"{column} = %s" for column in columns)
    return change(f"UPDATE {table} SET {sets} WHERE id = %s", *values, row)


def select(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


def agreed_once(parts, managed):
    """Who could ever have read what: by name and words."""
    manager = managed.pairing.attendee.lines.get().manager
    readers = {
        part.author_id: {words for words, each in parts.items() if each.author_id == part.author_id}
        for part in parts.values()
    }
    shared = {"a heading", "shared", "of hers", "kept since"}
    two = (managed.pairing.host_id, managed.pairing.attendee_id)
    once = {(pk, words) for pk, own in readers.items() for words in own}
    once |= {(pk, words) for pk in two for words in shared}
    return once | {(manager.pk, "a heading"), (manager.pk, "kept since")}


def read(people):
    """What each of these gets in the end, as words."""
    got = set()
    for person in people:
        found = Part.objects.visible_to(person, at=NOW)
        found = list(found.select_related("agreement__line_manager", "pairing"))
        for part, ground in zip(found, bases(person, found, NOW), strict=True):
            text = vault._open(part) if ground else vault.Sealed(None)
            if not text.is_broken:
                got.add((person.pk, vault.unwrap(text)))
    return got
