"""What is changed within a minute is one mail, of which Undo takes out what it undoes."""

from datetime import timedelta

import pytest

from conftest import NOW
from people.actions import undo
from people.models import Change, OutgoingMail
from scheduling import actions
from scheduling.tests.booking.series import booked
from scheduling.tests.calendar_mails.own_calendar import MINUTE, delivered, events_of, file_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

SOON = timedelta(seconds=40)
LATER = NOW + timedelta(hours=1)


def talk(booking, number):
    return booking.meetings.with_people().order_by("original_starts_at")[number]


def change_several(booking, by, at=LATER):
    """One moved, one skipped and one cancelled, each half a minute after the other."""
    third = talk(booking, 3)
    return [
        actions.move(third, by=by, at=at, starts_at=third.starts_at + timedelta(days=1)),
        actions.skip(talk(booking, 4), by=by, at=at + SOON),
        actions.cancel(talk(booking, 5), by=by, at=at + 2 * SOON),
    ]


def test_several_changes_are_one_mail_when_the_last_can_no_longer_be_undone(
    booking, host, mailoutbox
):
    change_several(booking, host)

    assert delivered(mailoutbox, LATER + MINUTE) == {}
    sent = delivered(mailoutbox, LATER + 2 * SOON + MINUTE)

    [message] = sent[booking.pairing.attendee.email]
    [own] = sent[host.email]
    assert message.subject == "Our talks"
    assert "Tuesday 3 November: moved to Wednesday 4 November" in message.body
    assert "Tuesday 10 November, 10:40: skipped, and it counts as kept" in message.body
    assert "Tuesday 17 November, 10:40: cancelled" in message.body
    for each in (message, own):
        method, [series, moved] = events_of(each)
        assert method == "REQUEST"
        assert len(series["EXDATE"].dts) == 2
        assert moved["RECURRENCE-ID"].dt == talk(booking, 3).original_starts_at
        assert moved["SEQUENCE"] == series["SEQUENCE"] == 3
    assert not OutgoingMail.objects.open().exists()
    assert OutgoingMail.objects.filter(sent_at=LATER + 2 * SOON + MINUTE).count() == 6


def test_what_is_undone_in_time_is_not_told_and_the_rest_is(booking, host, mailoutbox):
    _, skipped, cancelled = change_several(booking, host)
    undo(cancelled, by=host, at=LATER + 2 * SOON)
    undo(skipped, by=host, at=LATER + 2 * SOON)

    [message] = delivered(mailoutbox, LATER + 3 * SOON)[booking.pairing.attendee.email]

    assert message.subject == "Moving our talk to Wednesday"
    _, [event] = events_of(message)
    assert event["RECURRENCE-ID"].dt == talk(booking, 3).original_starts_at
    assert event["SEQUENCE"] == 5  # five changes, and two of them took back two others


def test_two_talks_taken_out_are_one_cancellation(booking, host, mailoutbox):
    for number in (3, 4):
        actions.skip(talk(booking, number), by=host, at=LATER)

    [message] = delivered(mailoutbox, LATER + MINUTE)[booking.pairing.attendee.email]

    method, events = events_of(message)
    assert method == "CANCEL"
    assert [each["RECURRENCE-ID"].dt for each in events] == [
        talk(booking, number).original_starts_at for number in (3, 4)
    ]


def test_a_talk_moved_twice_is_told_once_where_it_is(booking, host, mailoutbox):
    meeting = talk(booking, 3)
    for days in (1, 2):
        actions.move(meeting, by=host, at=LATER, starts_at=meeting.starts_at + timedelta(days=days))

    [message] = delivered(mailoutbox, LATER + MINUTE)[booking.pairing.attendee.email]

    assert message.subject == "Moving our talk to Thursday"


def test_a_series_and_a_date_of_it_that_was_moved_at_once(host, mailoutbox):
    booking = booked(host).booking
    meeting = talk(booking, 3)
    actions.move(meeting, by=host, at=NOW + SOON, starts_at=meeting.starts_at + timedelta(days=1))

    [message] = delivered(mailoutbox, NOW + SOON + MINUTE)[booking.pairing.attendee.email]

    assert "Tuesdays, 10:40 to 11:10, weekly, next on Tuesday 13 October" in message.body
    assert "Tuesday 3 November: moved to Wednesday 4 November" in message.body
    method, events = events_of(message)
    assert (method, len(events)) == ("REQUEST", 2)


def test_each_series_is_a_mail_of_its_own(booking, host, mailoutbox):
    other = booked(host, column="3").booking
    delivered(mailoutbox, NOW + 2 * MINUTE)
    for each in (booking, other):
        actions.skip(talk(each, 3), by=each.pairing.host, at=LATER)

    sent = delivered(mailoutbox, LATER + MINUTE)

    assert len(sent[host.email]) == 2
    assert all(len(messages) == 1 for address, messages in sent.items() if address != host.email)


def test_undo_of_what_was_told_is_told_to_both_calendars(booking, host, mailoutbox):
    change = actions.skip(talk(booking, 3), by=host, at=LATER)
    delivered(mailoutbox, LATER + MINUTE)

    undo(change, by=host, at=LATER + MINUTE)
    sent = delivered(mailoutbox, LATER + 3 * MINUTE)

    for person in (host, booking.pairing.attendee):
        [message] = sent[person.email]
        _, [series, back] = events_of(message)
        assert "EXDATE" not in series
        assert series["SEQUENCE"] == back["SEQUENCE"] == 2


def test_a_booking_undone_in_time_tells_nobody(host, mailoutbox):
    change = booked(host).change
    undo(change, by=host, at=NOW + SOON)

    assert delivered(mailoutbox, NOW + 2 * MINUTE) == {}


def test_a_move_of_all_that_follows_takes_the_old_out_and_undo_puts_it_back(
    booking, host, mailoutbox
):
    seat = booked(host, column="3").booking.seat
    actions.release(seat.bookings.get(), by=host, at=NOW)
    delivered(mailoutbox, NOW + 2 * MINUTE)
    attendee = booking.pairing.attendee

    new, change = actions.move_following(talk(booking, 0), seat, by=host, at=LATER)
    sent = delivered(mailoutbox, LATER + MINUTE)

    files = {
        str(events[0]["UID"]): method for method, events in map(events_of, sent[attendee.email])
    }
    assert files == {str(booking.uid): "CANCEL", str(new.uid): "REQUEST"}
    undo(Change.objects.get(pk=change.pk), by=host, at=LATER + MINUTE)
    sent = delivered(mailoutbox, LATER + 3 * MINUTE)
    files = {
        str(events[0]["UID"]): method for method, events in map(events_of, sent[attendee.email])
    }
    assert files == {str(booking.uid): "REQUEST", str(new.uid): "CANCEL"}
    assert all(file_of(message) for message in sent[host.email])
