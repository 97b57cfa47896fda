"""Changing the ring's keys while notes lie under them: every note opens before and after."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from audit import keyring
from audit.models import Event
from conftest import NOW
from notes import actions, keeping, vault
from notes.acting import acting_as
from notes.models import Acknowledgement, AgreementVersion, Part
from notes.tests.factories import agree, finished, hold_on, part_row, row_of, school_with_lead
from oneonones.tests.databases import as_keeper
from people.models import Pairing
from people.tests.factories import LineFactory, PairingFactory
from scheduling.tests.factories import MeetingFactory

pytestmark = pytest.mark.django_db(transaction=True)

CANARY = "zanzibar-nougat-4711"


@pytest.fixture
def ring(settings, tmp_path):
    settings.KEYRING_PATH = tmp_path / "keys" / "ring.json"
    keyring.create(settings.KEYRING_PATH, on=NOW.date())


@pytest.fixture
def parts(ring):
    """A shared one, opened; a private one; and a draft."""
    pairing = PairingFactory(school=school_with_lead(), kind=Pairing.Kind.COACHING)
    LineFactory(person=pairing.attendee)
    version = agree(pairing)
    meeting = MeetingFactory(pairing=pairing)
    shared = part_row(
        meeting, pairing.host, CANARY, kind="topic", written_aud=3, aud=3, agreement=version
    )
    vault.read([shared], by=pairing.attendee, at=NOW, page="meeting:1")
    return [shared, part_row(meeting, pairing.host, CANARY, kind="private")]


def keys(*arguments):
    """The command, as the keeper runs it."""
    out = StringIO()
    with as_keeper():
        call_command("keys", *arguments, stdout=out)
    return out.getvalue()


def opens(part):
    return vault.unwrap(vault.read_own(row_of(part), by=part.author)) == CANARY


def test_rewrap_puts_every_part_under_the_new_key_and_leaves_its_text(parts):
    old, box = parts[0].key_id, bytes(parts[0].box)
    keys("add", "parts")
    new = keyring.current_key_id("parts")
    assert all(opens(part) for part in parts)

    said = keys("rewrap", "parts", "--batch", "1")

    rows = [row_of(part) for part in parts]
    assert [row.key_id for row in rows] == [new, new] != [old, old]
    assert bytes(rows[0].box) == box
    assert bytes(rows[0].dek) != bytes(parts[0].dek)
    assert all(opens(part) for part in parts)
    assert said == f"2 are now under {new}.\n"
    assert list(Event.objects.filter(chain=0).order_by("seq").values_list("act", "basis")) == [
        ("key.change", "add"),
        ("key.change", "rewrap.2"),
    ]


def test_rewrap_once_more_changes_nothing(parts):
    keys("add", "parts")
    keys("rewrap", "parts")
    before = [bytes(row_of(part).dek) for part in parts]

    assert keys("rewrap", "parts").startswith("0 are now under")
    assert [bytes(row_of(part).dek) for part in parts] == before


def test_reseal_gives_every_part_a_new_box_also_where_it_was_opened(parts):
    old = [(bytes(part.dek), bytes(part.box)) for part in parts]
    old_key = parts[0].key_id
    keys("add", "parts")
    new = keyring.current_key_id("parts")

    said = keys("reseal", "parts", "--batch", "1")

    rows = [row_of(part) for part in parts]
    assert said == f"2 are now under {new}.\n"
    assert rows[0].opened_at == NOW
    for row, (dek, box) in zip(rows, old, strict=True):
        assert row.key_id == new
        assert bytes(row.box) != box
        assert opens(row)
        stolen = keyring.Box(old_key, dek, bytes(row.box))
        with pytest.raises(keyring.CannotOpen):  # the key of the text is another one too
            keyring.open_("parts", stolen, bound=vault.bound_to(row))
    assert keys("reseal", "parts").startswith("0 are now under")
    assert Event.objects.filter(act="key.change", basis="reseal.2").count() == 1


def test_reseal_goes_past_a_hold(parts):
    hold_on(parts[0].school, parts[0].author)
    keys("add", "parts")

    assert keys("reseal", "parts").startswith("2 are now under")
    assert all(opens(part) for part in parts)


def test_words_of_an_opened_part_do_not_change_with_its_key(parts):
    keys("add", "parts")
    part = row_of(parts[0])
    vault.seal(part, "something else")
    box = {"dek": part.dek, "box": part.box}
    later = {"key_id": part.key_id, "written_at": NOW + timedelta(days=1)}

    for change in (box, box | later):
        with acting_as(part.author_id, at=NOW), pytest.raises(IntegrityError), transaction.atomic():
            Part._base_manager.filter(pk=part.pk).update(**change)
    assert opens(parts[0])


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no roles")
def test_only_the_keeper_reseals(parts):
    keys("add", "parts")
    part = row_of(parts[0])
    vault.seal(part, "something else")

    with acting_as(part.author_id, at=NOW), pytest.raises(IntegrityError):
        Part._base_manager.filter(pk=part.pk).update(key_id=part.key_id, dek=part.dek, box=part.box)
    assert opens(parts[0])


def test_retire_waits_until_nothing_needs_the_key(parts):
    old = keyring.current_key_id("parts")
    with pytest.raises(CommandError, match="Add a new one first"):
        keys("retire", old)
    keys("add", "parts")
    with pytest.raises(CommandError, match="2 notes still need it"):
        keys("retire", old)
    keys("rewrap", "parts")

    keys("retire", old)

    assert all(opens(part) for part in parts)
    assert f"{old} " in keys("list")
    assert "retired" in keys("list")
    with pytest.raises(CommandError, match="holds no such key"):
        keys("retire", "parts-none")


def test_a_retired_key_opens_nothing_and_still_proves_what_it_signed(parts):
    old = keyring.current_key_id("parts")
    kept = keyring.seal("parts", b"words", bound=b"row")
    keys("add", "parts")
    keys("rewrap", "parts")
    keys("retire", old)

    with pytest.raises(keyring.KeyMissing):
        keyring.open_("parts", kept, bound=b"row")
    version = AgreementVersion.objects.select_related("pairing").get()
    said_yes = list(Acknowledgement.objects.select_related("version"))
    assert version.key_id == old
    assert vault.is_genuine(version, said_yes)
    finished(parts[0].meeting, parts[0].author, CANARY)  # under the agreement that it signed


def test_what_does_not_open_stays_as_it_is_and_is_counted(parts):
    with acting_as(parts[1].author_id, at=NOW):
        Part._base_manager.filter(pk=parts[1].pk).update(dek=b"changed by hand")
    keys("add", "parts")

    with pytest.raises(CommandError, match="1 do not open and stay as they are"):
        keys("rewrap", "parts")

    assert bytes(row_of(parts[1]).dek) == b"changed by hand"
    assert opens(parts[0])
    with pytest.raises(CommandError, match="1 notes still need it"):
        keys("retire", parts[1].key_id)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no roles")
def test_whoever_does_not_see_every_note_may_not_call_a_key_unused(parts):
    keys("add", "parts")

    with pytest.raises(CommandError, match="DATABASE_ROLE=keeper"):
        call_command("keys", "retire", parts[0].key_id)
    with pytest.raises(CommandError, match="DATABASE_ROLE=keeper"):
        call_command("keys", "rewrap", "parts")


def test_stopped_in_the_middle_it_goes_on_where_it_was(parts):
    keys("add", "parts")
    with as_keeper():
        first = keeping.renew(0, 1, keyring.rewrap)
        with transaction.atomic():
            keeping.renew(first.last, 1, keyring.rewrap)
            transaction.set_rollback(True)  # killed before it was done

    assert keys("rewrap", "parts").startswith("1 are now under")
    assert all(opens(part) for part in parts)


def test_withdrawing_still_narrows_what_was_rewrapped(parts):
    keys("add", "parts")
    keys("rewrap", "parts")
    pairing = parts[0].pairing

    actions.withdraw(pairing, by=pairing.attendee, at=NOW)

    assert opens(parts[0])
