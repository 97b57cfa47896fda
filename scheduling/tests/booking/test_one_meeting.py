"""One meeting at a time: moved, skipped, held, missed, logged."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from conftest import NOW
from people.actions.undo import undo
from people.tests.factories import PersonFactory
from scheduling import actions
from scheduling.actions import CannotChange, NotFree
from scheduling.models import Meeting
from scheduling.tests.booking.series import pair

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


def later(meeting, **delta):
    return meeting.starts_at + timedelta(**delta)


def test_moving_one_leaves_the_series(meeting, host):
    change = actions.move(meeting, by=host, at=NOW, starts_at=later(meeting, days=1))

    meeting.refresh_from_db()
    assert (meeting.moved_count, meeting.moved_by) == (1, host)
    assert meeting.minutes == 30
    assert meeting.original_starts_at != meeting.starts_at
    undo(change, by=host, at=NOW)
    meeting.refresh_from_db()
    assert (meeting.moved_count, meeting.starts_at) == (0, meeting.original_starts_at)


def test_moving_into_another_talk_is_refused(meeting, host):
    following = Meeting.objects.filter(booking=meeting.booking).in_order()[1]

    with pytest.raises(NotFree):
        actions.move(meeting, by=host, at=NOW, starts_at=following.starts_at)


@pytest.mark.parametrize("days", [-30, 400])
def test_moving_to_an_impossible_time_is_refused(meeting, host, days):
    with pytest.raises(CannotChange):
        actions.move(meeting, by=host, at=NOW, starts_at=later(meeting, days=days))


def test_past_never_moves(meeting, host):
    with pytest.raises(CannotChange, match="no longer"):
        actions.move(meeting, by=host, at=later(meeting, hours=3), starts_at=later(meeting, days=1))


@pytest.mark.parametrize("act", ["cancel", "skip", "hold", "miss"])
def test_stranger_changes_nothing(meeting, act):
    stranger = PersonFactory(leader=True, school=meeting.school)

    with pytest.raises(PermissionDenied):
        getattr(actions, act)(meeting, by=stranger, at=later(meeting, minutes=5))


def test_cancelled_date_is_put_back(meeting, host):
    actions.cancel(meeting, by=host, at=NOW)
    assert not meeting.attendances.filter(blocks=True).exists()

    actions.restore(meeting, by=meeting.pairing.attendee, at=NOW)

    meeting.refresh_from_db()
    assert meeting.is_planned
    assert meeting.attendances.filter(blocks=True).count() == 2


def test_holding_counts_and_is_undone(meeting, host):
    change = actions.hold(meeting, by=host, at=later(meeting, minutes=30))

    meeting.pairing.refresh_from_db()
    assert meeting.pairing.last_met_on == date(2026, 10, 13)
    undo(change, by=host, at=later(meeting, minutes=31))
    meeting.pairing.refresh_from_db()
    assert meeting.pairing.last_met_on is None


def test_holding_waits_for_the_day(meeting, host):
    with pytest.raises(CannotChange, match="on the day"):
        actions.hold(meeting, by=host, at=NOW)


def test_second_skip_running_does_not_count(meeting, host):
    second = Meeting.objects.filter(booking=meeting.booking).in_order()[1]

    actions.skip(meeting, by=host, at=NOW)
    actions.skip(second, by=meeting.pairing.attendee, at=NOW)
    actions.count_skipped(by=None, at=later(second, hours=1))

    meeting.pairing.refresh_from_db()
    assert meeting.pairing.last_met_on == date(2026, 10, 13)


def test_skip_beforehand_counts_from_its_day_on(meeting, host):
    far = Meeting.objects.filter(booking=meeting.booking).in_order()[8]

    actions.skip(far, by=host, at=NOW)

    meeting.pairing.refresh_from_db()
    assert meeting.pairing.last_met_on is None
    actions.count_skipped(by=None, at=later(far, hours=1))
    meeting.pairing.refresh_from_db()
    assert meeting.pairing.last_met_on == date(2026, 12, 8)


def test_missed_keeps_its_time_and_counts_nothing(meeting, host):
    actions.miss(meeting, by=host, at=later(meeting, hours=1))

    meeting.refresh_from_db()
    assert meeting.status == Meeting.Status.MISSED
    assert meeting.attendances.filter(blocks=True).count() == 2
    assert meeting.pairing.last_met_on is None


def test_logged_talk_blocks_nothing(host):
    pairing = pair(host)
    one, _ = actions.log_talk(
        pairing, by=host, at=NOW, starts_at=NOW - timedelta(hours=18), minutes=10
    )
    two, change = actions.log_talk(
        pairing, by=host, at=NOW, starts_at=NOW - timedelta(hours=18), minutes=10
    )

    pairing.refresh_from_db()
    assert pairing.last_met_on == date(2026, 10, 11)
    undo(change, by=host, at=NOW)
    assert [each.pk for each in Meeting.objects.all()] == [one.pk]
    assert two.pk != one.pk


def test_meeting_is_known_to_the_two_only(meeting, host):
    stranger = PersonFactory(leader=True, administrator=True, school=meeting.school)
    seen = {
        person: Meeting.objects.visible_to(person).filter(pk=meeting.pk).exists()
        for person in (host, meeting.pairing.attendee, stranger)
    }

    assert list(seen.values()) == [True, True, False]
