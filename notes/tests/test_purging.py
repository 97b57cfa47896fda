"""The night deletes what has come to the end of its time, on its day, and nothing else."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from audit.actions import verify
from audit.models import Event
from conftest import NOW
from notes import actions, purging
from notes.acting import acting_as
from notes.actions.writing import Seen
from notes.due import due_parts
from notes.models import Acknowledgement, AgreementVersion, Part, RetentionRule, Tombstone
from notes.models.parts import Why
from notes.retention import Periods
from notes.tests.factories import agree, finished, part_row, school_with_lead
from oneonones.tests.databases import as_keeper
from people.models import Pairing, Person, Role
from people.tests.factories import PairingFactory, PersonFactory, RoleFactory
from scheduling.tests.factories import MeetingFactory

IS_POSTGRESQL = connection.vendor == "postgresql"
DEFAULTS = Periods()
SHORT = Periods(memory_months=3, talk_years=0, record_years=1)
LONG_AGO = datetime(2019, 10, 7, 12, tzinfo=UTC)
CANARY = "zanzibar-nougat-4711"

# The tests that delete run under the keeper's role, which is another connection
nightly = pytest.mark.django_db(transaction=True)


def purge(at=NOW, **more):
    with as_keeper():
        return purging.purge(at=at, **more)


def left():
    with as_keeper():
        return list(Part.objects.system(Why.PURGE, by=None, at=NOW).order_by("pk"))


def noon(day):
    return datetime(*day, 17, tzinfo=UTC)  # the same date at every school of these tests


@pytest.fixture
def school():
    return school_with_lead()


@pytest.fixture
def admin(school):
    return PersonFactory(administrator=True, school=school)


MET = (2025, 10, 6)
WRITTEN = (2025, 10, 7)

# Typed by hand from what a school promises: the last day of each
LAST_DAYS = [
    # kind, whether a draft, the pairing's last day: the last day of the part
    ("private", False, None, (2026, 10, 7)),
    ("private", False, (2025, 11, 1), (2026, 1, 30)),
    ("private", False, (2026, 9, 1), (2026, 10, 7)),
    ("body", False, None, (2027, 7, 31)),
    ("body", False, (2025, 11, 1), (2027, 7, 31)),
    ("body", True, None, (2026, 10, 7)),
    ("agenda", False, None, (2027, 7, 31)),
    ("topic", False, None, None),
    ("topic", False, (2025, 11, 1), (2028, 11, 1)),
    ("action", False, (2025, 11, 1), (2028, 11, 1)),
    ("goal", False, (2025, 11, 1), (2028, 11, 1)),
    ("goal", True, (2025, 11, 1), (2026, 1, 30)),
    ("goal", True, None, (2026, 10, 7)),
    ("summary", False, (2025, 11, 1), (2028, 11, 1)),
]


@nightly
def test_each_part_ends_on_its_day(school):
    last_days = {}
    for kind, is_draft, ended, last in LAST_DAYS:
        pairing = PairingFactory(
            school=school, starts_on=date(2025, 9, 1), ends_on=date(*ended) if ended else None
        )
        meeting = MeetingFactory(pairing=pairing, starts_at=noon(MET))
        part = part_row(
            meeting, pairing.host, CANARY, kind=kind, is_draft=is_draft, written_at=noon(WRITTEN)
        )
        last_days[part.pk] = date(*last) if last else None
    days = {last for last in last_days.values() if last}

    with as_keeper():
        for day in [*days, *(each + timedelta(days=1) for each in days), date(2040, 1, 1)]:
            parts = Part.objects.system(Why.PURGE, by=None, at=NOW)
            due = due_parts(parts, school, DEFAULTS, on=day)
            assert {part.pk for part in due} == {
                key for key, last in last_days.items() if last is not None and last < day
            }, day


@nightly
def test_with_whoever_has_left_a_pairing_that_rests_is_over(school):
    pairing = PairingFactory(school=school, starts_on=date(2019, 9, 1))
    meeting = MeetingFactory(pairing=pairing, starts_at=NOW - timedelta(days=100))
    private = part_row(meeting, pairing.host, kind="private", written_at=NOW - timedelta(days=99))
    goal = part_row(meeting, pairing.attendee, kind="goal", written_at=NOW - timedelta(days=99))
    Role.objects.filter(person=pairing.host).update(
        starts_on=date(2020, 9, 1), ends_on=date(2026, 7, 1)
    )
    assert purge().parts == 0

    Person.objects.filter(pk=pairing.host_id).update(is_active=False)

    assert purge().parts == 1
    assert left() == [goal]
    assert Tombstone.objects.get().uid == private.uid
    RoleFactory(person=pairing.host, school=school, ends_on=None)
    assert purge(at=NOW + timedelta(days=5000)).parts == 0  # they come back one day
    Role.objects.filter(person=pairing.host).delete()


@nightly
def test_what_has_ended_goes_with_a_tombstone_and_an_event_and_the_log_stays_whole(school):
    pairing = PairingFactory(school=school, starts_on=date(2019, 9, 1))
    old = MeetingFactory(pairing=pairing, starts_at=LONG_AGO)
    gone = part_row(old, pairing.host, CANARY, written_at=LONG_AGO)
    kept = part_row(MeetingFactory(pairing=pairing), pairing.host, CANARY)
    elsewhere = PairingFactory(starts_on=date(2019, 9, 1))
    other = part_row(
        MeetingFactory(pairing=elsewhere, starts_at=LONG_AGO), elsewhere.host, written_at=LONG_AGO
    )

    assert purge() == (2, 0, 0)

    assert left() == [kept]
    stone = Tombstone.objects.get(school=school)
    assert (stone.uid, stone.kind, stone.written_at, stone.rule, stone.at) == (
        gone.uid, "body", LONG_AGO, 0, NOW,
    )  # fmt: skip
    assert list(
        Event.objects.filter(act="part.purge").order_by("chain").values_list("chain", "by", "about")
    ) == [
        (school.pk, None, [f"part:{gone.uid}"]),
        (other.school_id, None, [f"part:{other.uid}"]),
    ]
    assert verify().is_sound
    assert purge() == (0, 0, 0)


@nightly
def test_words_go_together_with_those_that_took_their_place_one_at_a_time(meeting):
    elena, priya = meeting.pairing.host, meeting.pairing.attendee
    finished(meeting, elena, CANARY)
    with acting_as(priya.pk, at=NOW, why="mark_opened"):
        Part._base_manager.update(opened_at=NOW)
    amend(meeting, elena, "Newer words")
    assert len(left()) == 2
    amend(meeting, elena, "Not finished", is_finished=False)
    year = datetime(2029, 1, 1, tzinfo=UTC)

    assert purge(at=year, at_once=1).parts == 3

    assert left() == []
    assert Event.objects.filter(act="part.purge").count() == 3
    assert verify().is_sound


@nightly
def test_a_memory_aid_that_is_kept_up_is_kept_with_its_earlier_words(school):
    pairing = PairingFactory(school=school, starts_on=date(2019, 9, 1))
    meeting = MeetingFactory(pairing=pairing, starts_at=LONG_AGO)
    first = part_row(meeting, pairing.host, kind="private", written_at=LONG_AGO)
    part_row(meeting, pairing.host, kind="private", written_at=NOW, replaces=first)
    alone = part_row(meeting, pairing.attendee, kind="private", written_at=LONG_AGO)

    purge()

    assert alone not in left()
    assert len(left()) == 2


def amend(meeting, author, text, *, is_finished=True):
    mine = Part.objects.visible_to(author, at=NOW).filter(author=author)
    before = mine.exclude(pk__in=mine.values("replaces").filter(replaces__isnull=False)).get()
    seen = [Seen(str(before.uid), before.revision)]
    actions.save_drafts(
        meeting,
        entries=[actions.Entry(before.field, text, before.aud, seen)],
        shown=before.agreement,
        by=author,
        at=NOW,
    )
    if is_finished:
        actions.finish(meeting, by=author, at=NOW)


@nightly
def test_agreements_go_years_after_the_last_note(school):
    pairing = PairingFactory(school=school)
    version = agree(pairing)
    part_row(MeetingFactory(pairing=pairing), pairing.host, kind="goal", agreement=version)
    Pairing.objects.filter(pk=pairing.pk).update(ends_on=date(2026, 11, 2))

    assert purge(at=datetime(2029, 11, 2, 12, tzinfo=UTC)).parts == 0
    assert purge(at=datetime(2029, 11, 4, 12, tzinfo=UTC)) == (1, 0, 0)
    assert purge(at=datetime(2035, 11, 2, 12, tzinfo=UTC)).agreements == 0
    assert purge(at=datetime(2035, 11, 4, 12, tzinfo=UTC)).agreements == 1

    assert not AgreementVersion.objects.exists()
    assert not Acknowledgement.objects.exists()
    assert Tombstone.objects.get(kind="agreement").uid == version.uid
    assert verify().is_sound


def refused(act):
    with pytest.raises(IntegrityError), transaction.atomic():
        act()


@nightly
def test_database_lets_nothing_go_without_a_tombstone_and_no_tombstone_go(school):
    pairing = PairingFactory(school=school)
    version = agree(pairing)
    part_row(MeetingFactory(pairing=pairing), pairing.host, agreement=version)
    with as_keeper():
        parts = Part.objects.system(Why.PURGE, by=None, at=NOW)
        refused(lambda: parts._raw_delete("default"))
        refused(Acknowledgement.objects.all().delete)
        with acting_as(0, at=NOW, why="purge"):
            refused(lambda: Part._base_manager.all()._raw_delete("default"))
    purge(at=datetime(2040, 1, 1, tzinfo=UTC))
    assert left() == []
    with as_keeper():
        refused(Tombstone.objects.all().delete)
        refused(lambda: Tombstone.objects.update(rule=7))


@pytest.mark.skipif(not IS_POSTGRESQL, reason="SQLite has no roles")
@pytest.mark.django_db
def test_only_the_keeper_puts_up_a_tombstone(meeting):
    part = finished(meeting, meeting.pairing.host, CANARY)

    refused(
        lambda: Tombstone.objects.create(
            uid=part.uid, school=meeting.school, kind="body", written_at=NOW, rule=0, at=NOW
        )
    )


@nightly
def test_a_rule_that_waits_is_tried_and_deletes_nothing_before_a_yes(school, admin):
    for _ in range(5):
        old_note(school, kind="private")
    old_note(school, kind="body")
    actions.propose_retention(school, SHORT, by=admin, at=NOW)

    assert purge() == (0, 0, 1)

    rule = RetentionRule.objects.decided(school).waiting
    assert rule.would_go == {"memory": 5, "talk": None}
    assert len(left()) == 6
    actions.confirm_retention(school, number=rule.number, by=admin, at=NOW)
    assert purge() == (6, 0, 0)
    assert set(Tombstone.objects.values_list("rule", flat=True)) == {2}


def old_note(school, **fields):
    """Of half a year ago, which the defaults keep."""
    written_at = NOW - timedelta(days=180)
    pairing = PairingFactory(school=school, starts_on=date(2025, 9, 1))
    meeting = MeetingFactory(pairing=pairing, starts_at=written_at)
    return part_row(meeting, pairing.host, written_at=written_at, **fields)


@nightly
def test_a_school_that_was_here_before_decides_first(school, admin):
    RetentionRule.objects.create(school=school, number=1, at=NOW, **DEFAULTS._asdict())
    pairing = PairingFactory(school=school, starts_on=date(2019, 9, 1))
    old = MeetingFactory(pairing=pairing, starts_at=LONG_AGO)
    part_row(old, pairing.host, written_at=LONG_AGO)

    assert purge() == (0, 0, 1)
    with pytest.raises(actions.CannotDecide):
        actions.drop_retention(school, by=admin, at=NOW)
    actions.confirm_retention(school, number=1, by=admin, at=NOW)

    assert purge() == (1, 0, 0)


@nightly
def test_nightly_deletes_before_it_backs_up_and_says_how_much(school, now, capsys):
    pairing = PairingFactory(school=school, starts_on=date(2019, 9, 1))
    part_row(MeetingFactory(pairing=pairing, starts_at=LONG_AGO), pairing.host, written_at=LONG_AGO)

    with as_keeper():
        call_command("nightly")

    said = capsys.readouterr().out
    assert "Deleted at the end of their time: 1 parts of notes, 0 agreements." in said
    assert "The log is whole." in said


@pytest.mark.skipif(not IS_POSTGRESQL, reason="SQLite has no roles")
@nightly
def test_nightly_under_another_role_proves_the_log_and_fails(school, capsys):
    with pytest.raises(CommandError, match="still there"):
        call_command("nightly")

    assert "The log is whole." in capsys.readouterr().out
