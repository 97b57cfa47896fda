"""PostgreSQL's own rule of who reads a part, asked past the code; see also test_visibility.py."""

import pytest
from django.core.checks import run_checks
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from conftest import NOW
from notes import actions, row_rules
from notes.acting import acting_as
from notes.checks import warnings
from notes.models import Part
from notes.tests.factories import agree, part_row, row_of, school_with_lead
from oneonones.tests import databases
from people.models import Pairing, Role
from people.tests.factories import LineFactory, PairingFactory, PersonFactory
from scheduling.tests.factories import MeetingFactory

pytestmark = pytest.mark.django_db
only_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite has no row-level rules"
)


@pytest.fixture
def world():
    """A coach and a teacher whose manager may read headings."""
    pairing = PairingFactory(school=school_with_lead(), kind=Pairing.Kind.COACHING)
    manager = PersonFactory(leader=True, school=pairing.school)
    LineFactory(person=pairing.attendee, manager=manager)
    version = agree(pairing)
    heading = {
        "kind": "topic", "written_aud": 7, "line": manager, "agreement": version,
    }  # fmt: skip
    meeting = MeetingFactory(pairing=pairing)
    return {
        "pairing": pairing,
        "manager": manager,
        "shared": part_row(meeting, pairing.host, aud=7, **heading),
        # The attendee keeps it from the coach, though not from the manager
        "apart": part_row(meeting, pairing.attendee, **{**heading, "written_aud": 5, "aud": 5}),
    }


def count():
    """What anybody finds who does not ask the code."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM notes_part")
        return cursor.fetchone()[0]


@only_postgresql
def test_without_anybody_the_table_is_empty(world):
    assert count() == 0
    assert not Part._base_manager.exists()


@only_postgresql
def test_everybody_finds_what_they_may_read_and_not_a_row_more(world):
    pairing, outsider = world["pairing"], PersonFactory(counselor=True)
    found = {}
    for name, person in {
        "host": pairing.host,
        "attendee": pairing.attendee,
        "manager": world["manager"],
        "outsider": outsider,
    }.items():
        with acting_as(person.pk, at=NOW):
            found[name] = count()

    assert found == {"host": 1, "attendee": 2, "manager": 2, "outsider": 0}
    assert count() == 0


@only_postgresql
def test_nobody_writes_in_anothers_name(world):
    shared = world["shared"]
    forged = Part(**{
        field.attname: getattr(shared, field.attname)
        for field in Part._meta.fields
        if field.name not in ("id", "uid")
    })  # fmt: skip

    refused = pytest.raises(ProgrammingError, match="row-level security")
    with acting_as(shared.party_id, at=NOW), refused, transaction.atomic():
        forged.save(force_insert=True)


@only_postgresql
def test_one_within_another_gives_way_again(world):
    with acting_as(world["pairing"].attendee_id, at=NOW):
        with acting_as(world["pairing"].host_id, at=NOW):
            assert count() == 1
        assert count() == 2


@only_postgresql
def test_a_broken_statement_leaves_nobody_behind(world):
    manager = acting_as(world["manager"].pk, at=NOW)
    refused = pytest.raises(ProgrammingError, match="no_such_column")
    with refused, transaction.atomic(), manager, connection.cursor() as cursor:
        cursor.execute("SELECT no_such_column FROM notes_part")

    assert count() == 0


@only_postgresql
@pytest.mark.django_db(transaction=True)
def test_a_connection_used_again_says_nothing_of_the_person_before(world):
    assert list(Part.objects.visible_to(world["manager"], at=NOW))

    assert count() == 0
    with transaction.atomic():
        assert count() == 0


@only_postgresql
def test_narrowing_is_for_the_two_alone(world):
    with acting_as(world["manager"].pk, at=NOW, why="narrow"):
        assert count() == 2  # what she reads anyway
    with acting_as(PersonFactory().pk, at=NOW, why="narrow"):
        assert count() == 0


@pytest.mark.parametrize("who", ["host", "attendee"])
def test_either_takes_the_manager_from_the_others_parts_too(world, who):
    pairing = world["pairing"]

    actions.withdraw(pairing, by=getattr(pairing, who), at=NOW)

    rows = [row_of(world["shared"]), row_of(world["apart"])]
    assert [(row.aud, row.line_id) for row in rows] == [(3, None), (1, None)]
    assert not Part.objects.visible_to(world["manager"], at=NOW).exists()


def test_staff_means_the_same_in_both_rules():
    assert set(row_rules.STAFF) == set(Role.STAFF)


@only_postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("role", "words"),
    [
        ("app", []),
        ("owner", ["The database role of this process owns the table of notes."]),
        ("keeper", ["The database role of this process is exempt from row-level rules."]),
    ],
)
def test_check_says_whom_the_rules_do_not_bind(role, words):
    databases.become(role)
    try:
        found = run_checks(include_deployment_checks=True)
    finally:
        databases.become("app")

    assert [each.msg for each in found if each.id == "notes.W001"] == words


def test_check_says_when_there_are_no_rules():
    [warning] = warnings(False, False, False)

    assert warning.msg == "The table of notes has no row-level rules."
