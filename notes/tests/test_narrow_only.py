"""What the database itself refuses, whoever asks and however."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from conftest import NOW
from notes.acting import acting_as
from notes.models import Acknowledgement, AgreementVersion, Part, StandingAcceptance
from notes.tests.factories import agree, draft, part_row, school_with_lead
from people.models import Pairing
from people.tests.factories import LineFactory, PairingFactory, PersonFactory
from scheduling.tests.factories import MeetingFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def part():
    pairing = PairingFactory(school=school_with_lead(), kind=Pairing.Kind.COACHING)
    line = LineFactory(person=pairing.attendee)
    version = agree(pairing)
    made = part_row(
        MeetingFactory(pairing=pairing), pairing.host,
        kind="topic", written_aud=7, aud=7, line=line.manager, agreement=version,
    )  # fmt: skip
    with acting_as(pairing.host_id, at=NOW):  # whom the rules of rows let do most
        yield made


def rows(part):
    return Part._base_manager.filter(pk=part.pk)


def refused(act):
    with pytest.raises(IntegrityError), transaction.atomic():
        act()


def test_a_finished_part_may_lose_its_manager(part):
    assert rows(part).update(aud=3, line=None) == 1
    assert rows(part).update(aud=1) == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda part: {"author": PersonFactory()},
        lambda part: {"party": PersonFactory()},
        lambda part: {"line": PersonFactory()},
        lambda part: {"kind": "goal"},
        lambda part: {"field": "well"},
        lambda part: {"meeting": MeetingFactory()},
        lambda part: {"meeting": None},
        lambda part: {"circle_sha256": "0" * 64},
        lambda part: {"pairing": PairingFactory()},
        lambda part: {"school": part.party.roles.get().school, "uid": "0" * 32},
        lambda part: {"agreement": None},
        lambda part: {"written_aud": 3, "aud": 3, "line": None},
        lambda part: {"is_draft": True},
        lambda part: {"replaces": part.pk},
    ],
)
def test_a_finished_part_stays_what_it_is(part, change):
    fields = change(part)

    refused(lambda: rows(part).update(**fields))


def test_a_finished_part_is_never_widened_again(part):
    rows(part).update(aud=3, line=None)
    refused(lambda: rows(part).update(aud=7, line=part.line))
    rows(part).update(aud=1)

    refused(lambda: rows(part).update(aud=3))


def test_a_finished_part_is_not_deleted(part):
    refused(rows(part).delete)


def test_what_was_opened_stays_as_it_was_read(part):
    rows(part).update(box=b"new words", written_at=NOW)
    rows(part).update(opened_at=NOW)

    refused(lambda: rows(part).update(box=b"other words"))
    refused(lambda: rows(part).update(written_at=NOW + timedelta(days=1)))
    refused(lambda: rows(part).update(opened_at=None))
    assert rows(part).update(key_id="parts-new", dek=b"wrapped anew") == 1


def test_a_draft_is_its_writers_to_change_and_drop():
    meeting = MeetingFactory(pairing__school=school_with_lead())
    words = draft(meeting, meeting.pairing.host, "a")

    with acting_as(words.author_id, at=NOW):
        assert rows(words).update(box=b"b", chosen_aud=1) == 1
        refused(lambda: rows(words).update(author=meeting.pairing.attendee))
        refused(lambda: rows(words).update(aud=3, written_aud=3))
        assert rows(words).delete()[0] == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "private", "written_aud": 3, "aud": 3},
        {"kind": "body", "written_aud": 5, "aud": 1},
        {"kind": "body", "written_aud": 3, "aud": 3, "agreement": None},
        {"kind": "body", "written_aud": 1, "aud": 3},
        {"kind": "topic", "written_aud": 7, "aud": 7, "line": None},
        {"kind": "topic", "written_aud": 3, "aud": 3, "line": "manager"},
        {"kind": "topic", "written_aud": 7, "aud": 7, "line": "author"},
        {"kind": "topic", "written_aud": 7, "aud": 7, "line": "party"},
        {"kind": "body", "written_aud": 0, "aud": 0},
        {"kind": "body", "party": "author"},
        {"kind": "diary"},
    ],
)
def test_a_part_that_could_not_be_is_refused(part, fields):
    people = {"manager": part.line, "author": part.author, "party": part.party}
    wanted = {
        name: people.get(value, value) if name in ("line", "party") else value
        for name, value in fields.items()
    }

    refused(lambda: part_row(part.meeting, part.author, **{"agreement": part.agreement, **wanted}))


@pytest.mark.parametrize(
    "change",
    [
        {"terms": "{}"},
        {"terms_sha256": "0" * 64},
        {"protocol": "perf_support"},
        {"line_manager": None},
        {"number": 9},
        {"mac": "0" * 64},
        {"in_force_at": None},
        {"in_force_at": NOW + timedelta(days=1)},
    ],
)
def test_an_agreement_is_not_rewritten(part, change):
    refused(lambda: AgreementVersion.objects.filter(pk=part.agreement_id).update(**change))


def test_a_withdrawn_agreement_is_not_revived(part):
    version = AgreementVersion.objects.filter(pk=part.agreement_id)
    version.update(withdrawn_at=NOW)

    refused(lambda: version.update(withdrawn_at=None))
    refused(version.delete)


def test_nobody_takes_back_or_forges_a_yes(part):
    said_yes = Acknowledgement.objects.filter(version=part.agreement)
    standing = StandingAcceptance.objects.create(
        host=part.author, protocol="between_us", words_sha256="0" * 64, language="en-us", at=NOW
    )

    refused(lambda: said_yes.update(person=PersonFactory()))
    refused(said_yes.delete)
    refused(lambda: StandingAcceptance.objects.update(words_sha256="1" * 64))
    refused(standing.delete)


def test_two_agreements_are_never_in_force(part):
    version = AgreementVersion.objects.get(pk=part.agreement_id)
    version.pk, version.uid, version.number = None, "0" * 32, 2

    refused(lambda: version.save(force_insert=True))


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL has no INSERT OR REPLACE")
@pytest.mark.parametrize("table", ["notes_part", "notes_agreementversion", "notes_acknowledgement"])
def test_insert_or_replace_is_refused(part, table):
    with connection.cursor() as cursor:
        refused(lambda: cursor.execute(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}"))


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no TRUNCATE")
def test_truncate_is_refused(part):
    with connection.cursor() as cursor, pytest.raises(Exception), transaction.atomic():  # noqa: B017, PT011
        cursor.execute("TRUNCATE notes_part CASCADE")
