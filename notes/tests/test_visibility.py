import pickle
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import Exists, OuterRef

from audit.models import Event
from conftest import NOW
from notes import actions, visibility
from notes.acting import acting_as
from notes.models import Part, ShutError
from notes.tests.factories import agree, draft, finished, part_row, row_of, school_with_lead
from people.models import Pairing, Person
from people.tests.factories import LineFactory, PairingFactory, PersonFactory
from scheduling.models import Meeting
from scheduling.tests.factories import MeetingFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def coaching():
    """A coach and a teacher who agreed that the teacher's line manager sees headings."""
    school = school_with_lead()
    pairing = PairingFactory(school=school, kind=Pairing.Kind.COACHING)
    manager = PersonFactory(leader=True, school=school)
    LineFactory(person=pairing.attendee, manager=manager)
    meeting = MeetingFactory(pairing=pairing)
    version = agree(pairing)
    parts = {
        "draft": draft(meeting, pairing.host, "draft", shown=version),
        "private": part_row(meeting, pairing.host, kind="private", agreement=version),
        "body": part_row(meeting, pairing.host, written_aud=3, aud=3, agreement=version),
        "topic": part_row(
            meeting, pairing.host,
            kind="topic", written_aud=7, aud=7, line=manager, agreement=version,
        ),
        "kept topic": part_row(
            meeting, pairing.host, kind="topic", written_aud=7, aud=3, agreement=version
        ),
    }  # fmt: skip
    return {"school": school, "pairing": pairing, "manager": manager, "parts": parts,
            "meeting": meeting, "version": version}  # fmt: skip


def persons(world):
    school, pairing = world["school"], world["pairing"]
    superuser = PersonFactory(administrator=True, school=school)
    superuser.user.is_superuser = superuser.user.is_staff = True
    superuser.user.save()
    other_school_manager = PersonFactory(leader=True)
    return {
        "author": pairing.host,
        "other party": pairing.attendee,
        "named manager": world["manager"],
        "manager not named": PersonFactory(leader=True, school=school),
        "principal": PersonFactory(leader=True, school=school, role__title="Principal"),
        "administrator": PersonFactory(administrator=True, school=school),
        "superuser": superuser,
        "counselor": PersonFactory(counselor=True, school=school),
        "safeguarding lead": school.safeguarding_lead,
        "other school": other_school_manager,
        "student": PersonFactory(student=True, school=school),
    }


READS = {
    "author": {"draft", "private", "body", "topic", "kept topic"},
    "other party": {"body", "topic", "kept topic"},
    "named manager": {"topic"},
}


def seen_by(viewer, parts, at=NOW):
    """What a person reads, by list, by object and by row-level rule, which must agree."""
    pks = {part.pk: name for name, part in parts.items()}
    rows = Part.objects.visible_to(viewer, at=at).filter(pk__in=pks)
    by_list = {pks[part.pk] for part in rows}
    fresh = [row_of(part) for part in parts.values()]
    by_object = {pks[part.pk] for part in fresh if visibility.basis(viewer, part, at)}
    assert by_list == by_object
    if connection.vendor == "postgresql":
        assert by_list == by_row_rules(viewer, pks, at)
    return by_list


def by_row_rules(viewer, pks, at):
    """What PostgreSQL itself lets somebody read who asks for everything."""
    with acting_as(viewer.pk, at=at), connection.cursor() as cursor:
        cursor.execute("SELECT id FROM notes_part")
        return {pks[pk] for (pk,) in cursor.fetchall() if pk in pks}


@pytest.mark.parametrize(
    "reader",
    ["author", "other party", "named manager", "manager not named", "principal", "administrator",
     "superuser", "counselor", "safeguarding lead", "other school", "student"],
)  # fmt: skip
def test_parts_visible_to(coaching, reader):
    assert seen_by(persons(coaching)[reader], coaching["parts"]) == READS.get(reader, set())


@pytest.mark.parametrize("reader", READS)
def test_parts_are_visible_to_nobody_who_has_left(coaching, reader):
    viewer = persons(coaching)[reader]
    Person.objects.filter(pk=viewer.pk).update(is_active=False)
    viewer.refresh_from_db()

    if viewer == coaching["pairing"].host:  # nobody else finds the rows to compare
        assert not Part.objects.visible_to(viewer, at=NOW).exists()
    else:
        assert seen_by(viewer, coaching["parts"]) == set()


# For the named manager, each condition of the rule alone


def test_manager_reads_nothing_after_leaving_the_school(coaching):
    coaching["manager"].roles.update(ends_on=NOW.date() - timedelta(days=1))

    assert seen_by(coaching["manager"], coaching["parts"]) == set()


def test_manager_reads_nothing_after_the_pairing_has_ended(coaching):
    Pairing.objects.update(ends_on=NOW.date() - timedelta(days=1))

    assert seen_by(coaching["manager"], coaching["parts"]) == set()


def test_manager_reads_nothing_after_withdrawal_and_the_two_keep_theirs(coaching):
    actions.withdraw(coaching["pairing"], by=coaching["pairing"].attendee, at=NOW)

    assert seen_by(coaching["manager"], coaching["parts"]) == set()
    assert seen_by(coaching["pairing"].attendee, coaching["parts"]) == READS["other party"]


def test_manager_reads_nothing_under_a_version_that_was_withdrawn_by_hand(coaching):
    version = coaching["version"]
    version.withdrawn_at = NOW
    version.save()

    assert seen_by(coaching["manager"], coaching["parts"]) == set()


def test_a_new_manager_reads_nothing_old_and_the_old_one_nothing_more(coaching):
    pairing = coaching["pairing"]
    pairing.attendee.lines.update(ends_on=NOW.date() - timedelta(days=1))
    line = LineFactory(person=pairing.attendee, starts_on=NOW.date())
    line.manager.roles.create(school=pairing.school, kind="leader", starts_on=NOW.date())
    assert seen_by(coaching["manager"], coaching["parts"]) == {"topic"}

    agree(pairing)

    assert seen_by(line.manager, coaching["parts"]) == set()
    assert seen_by(coaching["manager"], coaching["parts"]) == set()


# Shut by default


@pytest.mark.parametrize(
    "look",
    [
        list,
        len,
        bool,
        lambda parts: parts.count(),
        lambda parts: parts.exists(),
        lambda parts: parts.first(),
        lambda parts: parts.get(pk=1),
        lambda parts: list(parts.values_list("pk")),
        lambda parts: list(parts.iterator()),
        lambda parts: parts.aggregate(),
        lambda parts: parts.update(aud=1),
        lambda parts: parts.delete(),
        lambda parts: parts.in_bulk(),
        lambda parts: parts.explain(),
        lambda parts: parts | parts,
        lambda parts: parts & parts,
        lambda parts: parts ^ parts,
        lambda parts: list(parts.union(parts)),
        lambda parts: list(Meeting.objects.filter(pk__in=parts.values("meeting"))),
        pickle.dumps,
    ],
)
def test_parts_are_shut(look):
    with pytest.raises(ShutError):
        look(Part.objects.filter(aud__gte=1))


def test_parts_that_are_open_do_not_open_others(coaching):
    mine = Part.objects.visible_to(coaching["pairing"].attendee, at=NOW)

    with pytest.raises(ShutError):
        mine | Part.objects.all()
    with pytest.raises(ShutError):
        mine.union(Part.objects.all())


def test_parts_open_to_the_system_for_listed_reasons_only():
    with pytest.raises(ValueError, match="because I like to"):
        Part.objects.system("because I like to", by=PersonFactory(), at=NOW)


def test_parts_have_no_back_door():
    for model in (Person, Meeting, Pairing):
        related = [field.related_model for field in model._meta.get_fields() if field.is_relation]
        assert Part not in related


def test_visible_parts_can_be_asked_about_in_a_query(coaching):
    mine = Part.objects.visible_to(coaching["manager"], at=NOW).filter(meeting=OuterRef("pk"))

    with acting_as(coaching["manager"].pk, at=NOW):  # the query is not the parts' own
        assert Meeting.objects.filter(Exists(mine)).get() == coaching["meeting"]


def test_only_the_finished_is_shared(coaching):
    meeting, pairing = coaching["meeting"], coaching["pairing"]

    part = finished(meeting, pairing.attendee, "well", field="well", chosen=3)

    assert seen_by(pairing.host, {"part": part}) == {"part"}
    assert seen_by(coaching["manager"], {"part": part}) == set()
    assert Event.objects.filter(act=Event.Act.PART_FINISH).count() == 1
