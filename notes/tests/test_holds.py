"""Notes on hold: what stops, what does not, who decides, and that nobody reads any more for it."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from audit.actions import verify
from audit.models import Event
from conftest import NOW
from notes import actions, purging
from notes.acting import acting_as
from notes.actions.holds import others_who_decide
from notes.models import AgreementVersion, Hold, Part, RetentionRule, Tombstone
from notes.models.parts import Why
from notes.retention import Periods
from notes.tests.factories import (
    HoldFactory,
    agree,
    hold_on,
    part_row,
    school_with_lead,
)
from notes.tests.nights import LONG_AGO, end, left, old_part, pair, purge
from oneonones.tests.databases import as_keeper
from people import outbox
from people.models import OutgoingMail, Pairing
from people.tests.factories import PairingFactory, PersonFactory
from scheduling.tests.factories import MeetingFactory

LATER = NOW + timedelta(hours=1)
nightly = pytest.mark.django_db(transaction=True)


@pytest.fixture
def school():
    return school_with_lead()


@pytest.fixture
def leaders(school):
    """Two who meet nobody."""
    return [PersonFactory(leader=True, school=school) for _ in range(2)]


# --- what a hold covers ---


@nightly
def test_night_leaves_what_is_on_hold_and_takes_the_rest(school):
    held, other, elsewhere = pair(school), pair(school), school_with_lead()
    ana, ben = held.host, held.attendee
    third = pair(school, host=ana)
    mine, theirs = old_part(held), old_part(held, ben, kind="private")
    with_third, stranger = old_part(third), old_part(other)
    far = old_part(pair(elsewhere, host=ben, attendee=ana))
    hold = hold_on(school, ana, ben)

    assert purge().parts == 3
    assert left() == {mine.pk, theirs.pk}
    assert not Tombstone.objects.filter(uid__in=[mine.uid, theirs.uid]).exists()
    assert set(Tombstone.objects.values_list("uid", flat=True)) == {
        with_third.uid,
        stranger.uid,
        far.uid,
    }
    end(hold)
    assert purge().parts == 2
    assert verify().is_sound


@nightly
def test_hold_on_one_is_of_all_their_talks_and_on_everybody_of_some_days(school):
    ana = pair(school).host
    theirs = old_part(pair(school, host=ana))
    to_them = old_part(pair(school, attendee=ana))
    stranger = old_part(pair(school))
    days = [datetime(2020, 3, day, 23, tzinfo=UTC) for day in (1, 2, 3, 4)]  # 5 to 6 PM there
    dated = [old_part(pair(school), written_at=day) for day in days]
    hold_on(school, ana)
    hold_on(school, first=date(2020, 3, 2), last=date(2020, 3, 3))

    purge()

    assert left() == {theirs.pk, to_them.pk, dated[1].pk, dated[2].pk}
    assert stranger.pk not in left()


@nightly
def test_words_are_kept_with_those_that_took_their_place(school):
    pairing = pair(school)
    meeting = MeetingFactory(pairing=pairing, starts_at=LONG_AGO)
    first = part_row(meeting, pairing.host, written_at=LONG_AGO)
    then = part_row(meeting, pairing.host, written_at=LONG_AGO + timedelta(days=90), replaces=first)
    hold_on(school, pairing.host, first=date(2020, 1, 1))

    purge()

    assert left() == {first.pk, then.pk}


@nightly
def test_agreements_of_who_is_on_hold_stay(school):
    pairing = pair(school)
    agree(pairing, at=NOW)
    Pairing.objects.filter(pk=pairing.pk).update(ends_on=NOW.date())
    hold_on(school, pairing.attendee, first=date(2026, 1, 1))
    much_later = datetime(2036, 1, 1, tzinfo=UTC)
    with as_keeper():
        assert (
            purging.due_agreements(
                Part.objects.system(Why.PURGE, by=None, at=NOW),
                school,
                Periods(),
                on=date(2036, 1, 1),
            ).count()
            == 0
        )

    purge(at=much_later)  # its last day is over: it ends, and what it kept goes

    assert not AgreementVersion.objects.exists()
    assert Hold.objects.get().ended_at == much_later


@nightly
def test_hold_that_is_placed_while_a_night_is_at_work_is_waited_for(school):
    pairing = pair(school)
    part = old_part(pairing)
    begun = threading.Event()

    def night():
        try:
            with as_keeper():
                begun.set()
                return purging.purge(at=NOW).parts
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            hold_on(school, pairing.host)
            answer = pool.submit(night)
            begun.wait()
            with pytest.raises(TimeoutError):
                answer.result(timeout=0.5)
        assert answer.result() == 0

    assert left() == {part.pk}


# --- it ends ---


@nightly
def test_night_ends_what_is_over_its_day_and_what_nobody_agreed_to(school, leaders):
    pairing = pair(school)
    part = old_part(pairing)
    agreed = hold_on(school, pairing.host, until=date(2026, 10, 20))
    asked = hold_on(school, pairing.attendee, agreed=False)

    def open_ones(day):
        purge(at=datetime(2026, 10, day, 18, tzinfo=UTC))
        return set(Hold.objects.open())

    assert open_ones(20) == {agreed, asked}
    assert open_ones(21) == {asked}
    assert open_ones(26) == {asked}
    assert left() == {part.pk}
    assert open_ones(27) == set()
    assert left() == set()
    assert Hold.objects.get(pk=asked.pk).ended_by is None
    ends = Event.objects.filter(act="hold.change", by=None).order_by("pk")
    assert [each.basis for each in ends] == ["hold.over", "hold.unanswered"]
    assert f"hold:{agreed.uid}" in ends[0].about
    assert verify().is_sound


@nightly
def test_those_who_decide_are_told_once_that_a_hold_ends_soon(school):
    pairing = pair(school)
    hold = hold_on(school, pairing.host, until=date(2026, 12, 15))
    hold_on(school, pairing.attendee, agreed=False, until=date(2026, 12, 15))
    told = OutgoingMail.objects.filter(kind="hold_ends")

    purge(datetime(2026, 11, 14, 18, tzinfo=UTC))
    assert not told.exists()
    for day in (15, 16):
        at = datetime(2026, 11, day, 18, tzinfo=UTC)
        purge(at)

    decide = others_who_decide(hold, on=at.date())
    assert sorted(mail.person.pk for mail in told) == sorted(each.pk for each in decide)
    assert pairing.host not in decide
    message = outbox.render(told[0], at=at)
    assert "15 December 2026" in message.body
    for word in ("2026-114", "court", pairing.host.given_name, "note"):
        assert word not in message.body
    end(hold)
    assert outbox.render(told[0], at=at) is None


@nightly
def test_rule_that_is_tried_counts_what_would_stay(school):
    admin = PersonFactory(administrator=True, school=school)
    half_a_year_ago = NOW - timedelta(days=180)
    ana = PersonFactory(leader=True, school=school)
    for _ in range(5):
        pairing = PairingFactory(school=school, attendee=ana, starts_on=date(2025, 9, 1))
        old_part(pairing, kind="private", written_at=half_a_year_ago)
        old_part(pair(school), kind="private", written_at=half_a_year_ago)
    hold_on(school, ana)
    actions.propose_retention(school, Periods(3, 0, 1), by=admin, at=NOW)

    assert purge().parts == 0

    assert RetentionRule.objects.decided(school).waiting.would_go == {"memory": 5, "held": 5}


# --- what the database holds by itself ---


def refused(act):
    with pytest.raises(IntegrityError), transaction.atomic():
        act()


@nightly
def test_database_refuses_to_let_go_of_what_is_on_hold_even_with_a_tombstone(school):
    pairing = pair(school)
    part = old_part(pairing)
    begun = old_part(pairing, is_draft=True, field="heavy")
    hold = hold_on(school, pairing.host)
    with as_keeper(), acting_as(0, at=NOW, why="purge"):
        Tombstone.objects.create(
            uid=part.uid, school=school, kind="body", written_at=LONG_AGO, rule=0, at=NOW
        )
        rows = Part._base_manager
        for each in (part, begun):
            refused(lambda each=each: rows.filter(pk=each.pk)._raw_delete("default"))
            refused(lambda each=each: rows.filter(pk=each.pk).update(box=b"else"))
            refused(lambda each=each: rows.filter(pk=each.pk).update(written_at=NOW))
        rows.filter(pk=part.pk).update(dek=b"wrapped anew", key_id="new")
    refused(Hold.objects.filter(pk=hold.pk).delete)
    refused(lambda: Hold.objects.filter(pk=hold.pk).update(reference="X-1"))
    end(hold)
    refused(lambda: Hold.objects.filter(pk=hold.pk).update(ended_at=None, ended_by=None))
    with as_keeper(), acting_as(0, at=NOW, why="purge"):
        rows.filter(pk__in=[part.pk, begun.pk])._raw_delete("default")


@pytest.mark.django_db
def test_database_knows_that_a_hold_takes_two_and_none_of_those_it_names(school, leaders):
    first, second = leaders
    pairing = pair(school)
    good = {"school": school, "person": pairing.host, "asked_by": first, "agreed_by": second}
    HoldFactory(**good, other=pairing.attendee)
    for wrong in (
        {"agreed_by": first},
        {"asked_by": pairing.host},
        {"agreed_by": pairing.host},
        {"other": pairing.host},
        {"person": None},
        {"person": None, "other": pairing.host},
        {"written_from": NOW, "written_until": NOW},
        {"written_until": NOW + timedelta(days=1)},
        {"agreed_at": None},
        {"ended_by": second, "ended_at": NOW},
        {"ended_by": second, "ended_at": NOW, "release_by": second, "release_at": NOW},
        {"release_by": first},
        {"ended_by": first, "release_by": second, "release_at": NOW},
    ):
        refused(lambda wrong=wrong: HoldFactory(**{**good, **wrong}))
