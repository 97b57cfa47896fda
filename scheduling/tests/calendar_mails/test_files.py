"""One mail and the file that comes with it: for whom, from whom, and what it says."""

from datetime import timedelta

import pytest

from conftest import NOW
from people.mailbox import SEPARATOR, sent_mails
from people.models import OutgoingMail, Person
from people.tests.factories import PairingFactory, PersonFactory, RoleFactory
from scheduling import actions
from scheduling.models import CalendarFeed, Meeting
from scheduling.tests.booking.series import booked
from scheduling.tests.calendar_mails.own_calendar import (
    MINUTE,
    delivered,
    events_of,
    file_of,
)
from scheduling.tests.factories import MeetingFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

LATER = NOW + timedelta(hours=1)


def talk(booking, number=2):
    return booking.meetings.with_people().in_order()[number]


def only(sent, person):
    [message] = sent[person.email]
    return message


def feed_of(person, read_on):
    return CalendarFeed.objects.create(
        person=person, token_sha256=f"{person.pk}", made_at=NOW, read_on=read_on
    )


def test_a_booking_is_a_request_of_the_whole_series_with_oneself_alone(host, mailoutbox):
    booking = booked(host).booking

    sent = delivered(mailoutbox, NOW + MINUTE)

    for person, other in ((host, booking.pairing.attendee), (booking.pairing.attendee, host)):
        message = only(sent, person)
        kinds = [part.get_content_type() for part in message.message().walk()]
        assert kinds == ["multipart/alternative", "text/plain", "text/calendar"]
        method, [event] = events_of(message)
        assert method == "REQUEST"
        assert str(event["ORGANIZER"]) == "mailto:one-on-ones@localhost"
        assert str(event["ATTENDEE"]) == f"mailto:{person.email}"
        assert event["ATTENDEE"].params["PARTSTAT"] == "ACCEPTED"
        assert event["ATTENDEE"].params["RSVP"] == "FALSE"
        assert (event["STATUS"], event["CLASS"]) == ("CONFIRMED", "PRIVATE")
        assert event["RRULE"]["FREQ"] == ["WEEKLY"]
        assert event["DTSTART"].params["TZID"] == "America/New_York"
        assert event["DTSTAMP"].dt == NOW + MINUTE
        assert event["SUMMARY"] == f"One-on-one with {other.initials[0]}. {other.family_name}"
        text = file_of(message)[1].decode()
        assert "BEGIN:VTIMEZONE" in text
        assert other.email not in text
    assert only(sent, booking.pairing.attendee).subject == "A time for us"
    assert only(sent, host).subject.startswith("For your calendar: One-on-one with ")
    assert "/account/reminders/" in only(sent, host).body


@pytest.mark.parametrize(("kind", "title"), [("counseling", "Busy"), ("advisory", "One-on-one")])
def test_a_student_is_not_named_and_counseling_says_nothing(host, mailoutbox, kind, title):
    school = host.roles.get().school
    RoleFactory(person=host, school=school, counselor=True)
    student = PersonFactory(student=True, school=school, family_name="Zanzibar")
    pairing = PairingFactory(school=school, host=host, attendee=student, kind=kind)
    meeting = MeetingFactory(pairing=pairing, place="Room 4")
    moved = meeting.starts_at + timedelta(days=1)
    actions.move(meeting, by=host, at=NOW, starts_at=moved)

    sent = delivered(mailoutbox, NOW + MINUTE)

    message = only(sent, host)
    _, [event] = events_of(message)
    assert event["SUMMARY"] == title
    assert event["DTSTART"].dt == moved
    assert ("LOCATION" in event) == (kind == "advisory")
    assert "Zanzibar" not in message.message().as_string()


def test_a_talk_that_moves_alone_is_told_alone(booking, host, mailoutbox):
    meeting = talk(booking)
    was = meeting.starts_at
    actions.move(meeting, by=host, at=LATER, starts_at=was + timedelta(days=1))

    sent = delivered(mailoutbox, LATER + MINUTE)

    message = only(sent, booking.pairing.attendee)
    method, [event] = events_of(message)
    assert (method, event["UID"]) == ("REQUEST", str(booking.uid))
    assert event["RECURRENCE-ID"].dt == was
    assert event["DTSTART"].dt == was + timedelta(days=1)
    assert event["SEQUENCE"] == 1
    assert message.subject.startswith("Moving our talk to ")


@pytest.mark.parametrize("act", [actions.skip, actions.cancel])
def test_a_talk_that_is_off_is_cancelled_alone(booking, host, mailoutbox, act):
    meeting = talk(booking)
    act(meeting, by=host, at=LATER)

    sent = delivered(mailoutbox, LATER + MINUTE)

    for person in (host, booking.pairing.attendee):
        method, [event] = events_of(only(sent, person))
        assert (method, event["STATUS"]) == ("CANCEL", "CANCELLED")
        assert event["RECURRENCE-ID"].dt == meeting.starts_at
        assert "RRULE" not in event
    assert only(sent, host).subject.startswith("Out of your calendar: ")


def test_a_series_that_ends_is_cut_short_and_taken_out_once_nothing_is_ahead(
    booking, host, mailoutbox
):
    third = talk(booking)
    actions.release(booking, by=host, at=LATER, since=third.original_starts_at)

    method, [event] = events_of(
        only(delivered(mailoutbox, LATER + MINUTE), booking.pairing.attendee)
    )

    assert method == "REQUEST"
    assert event["RRULE"]["UNTIL"] == [talk(booking, 1).starts_at]

    again = booked(host, column="3").booking
    delivered(mailoutbox, LATER + MINUTE)
    actions.release(again, by=host, at=LATER)
    method, [event] = events_of(
        only(delivered(mailoutbox, LATER + 2 * MINUTE), again.pairing.attendee)
    )
    assert (method, event["UID"]) == ("CANCEL", str(again.uid))
    assert "RECURRENCE-ID" not in event


def test_who_was_never_told_of_a_series_is_told_the_whole_of_it(booking, host, mailoutbox):
    OutgoingMail.objects.all().delete()  # as one booked before there were invitations
    actions.move(talk(booking), by=host, at=LATER, starts_at=LATER + timedelta(days=1))

    sent = delivered(mailoutbox, LATER + MINUTE)

    method, [series, moved] = events_of(only(sent, booking.pairing.attendee))
    assert method == "REQUEST"
    assert "RRULE" in series
    assert "RECURRENCE-ID" in moved


def test_nothing_is_taken_out_of_a_calendar_that_never_had_it(booking, host, mailoutbox):
    OutgoingMail.objects.all().delete()
    actions.release(booking, by=host, at=LATER)

    sent = delivered(mailoutbox, LATER + MINUTE)

    assert set(sent) == {booking.pairing.attendee.email}
    assert file_of(only(sent, booking.pairing.attendee)) is None


def test_who_reads_an_address_or_wants_none_gets_no_file_and_no_mail_for_it(
    booking, host, mailoutbox
):
    attendee = booking.pairing.attendee
    feed_of(attendee, read_on=NOW.date())
    Person.objects.filter(pk=host.pk).update(calendar_by_mail=False)
    host.refresh_from_db()
    for number, by in ((2, host), (3, attendee)):
        actions.cancel(talk(booking, number), by=by, at=LATER)

    sent = delivered(mailoutbox, LATER + MINUTE)

    assert only(sent, attendee).subject == only(sent, host).subject == "One talk less"
    assert file_of(only(sent, attendee)) is file_of(only(sent, host)) is None


@pytest.mark.parametrize(("days", "comes"), [(None, True), (31, True), (30, False)])
def test_an_address_counts_while_a_calendar_reads_it(booking, host, mailoutbox, days, comes):
    attendee = booking.pairing.attendee
    feed_of(attendee, read_on=days and (LATER + MINUTE - timedelta(days=days)).date())
    actions.move(talk(booking), by=host, at=LATER, starts_at=LATER + timedelta(days=1))

    sent = delivered(mailoutbox, LATER + MINUTE)

    assert (file_of(only(sent, attendee)) is not None) == comes


def test_a_calendar_that_read_an_address_in_between_is_told_the_whole(booking, host, mailoutbox):
    attendee = booking.pairing.attendee
    feed = feed_of(attendee, read_on=NOW.date())
    actions.cancel(talk(booking), by=host, at=LATER)
    delivered(mailoutbox, LATER + MINUTE)
    feed.delete()

    actions.cancel(talk(booking, 3), by=host, at=LATER + MINUTE)
    sent = delivered(mailoutbox, LATER + 2 * MINUTE)

    method, [series] = events_of(only(sent, attendee))
    assert method == "REQUEST"
    assert len(series["EXDATE"].dts) == 2


def test_a_talk_of_its_own_is_requested_moved_and_cancelled(host, mailoutbox):
    pairing = PairingFactory(school=host.roles.get().school, host=host)
    meeting = actions.plan_single(
        pairing, by=host, at=NOW, starts_at=NOW + timedelta(days=1), minutes=20
    ).meeting
    seen = []
    for number, act in enumerate((None, "move", "cancel")):
        at = NOW + timedelta(hours=number)
        if act == "move":
            actions.move(meeting, by=host, at=at, starts_at=NOW + timedelta(days=2))
        elif act == "cancel":
            actions.cancel(meeting, by=host, at=at)
        method, [event] = events_of(only(delivered(mailoutbox, at + MINUTE), pairing.attendee))
        assert (event["UID"], "RRULE" in event) == (str(meeting.uid), False)
        seen.append((method, event["SEQUENCE"], event["DTSTART"].dt))

    day = timedelta(days=1)
    assert seen == [
        ("REQUEST", 0, NOW + day),
        ("REQUEST", 1, NOW + 2 * day),
        ("CANCEL", 2, NOW + 2 * day),
    ]


def test_quiet_hours_hold_what_can_wait_and_undo_reaches_it(booking, host, mailoutbox):
    attendee = booking.pairing.attendee
    Person.objects.filter(pk=attendee.pk).update(quiet_from=0, quiet_until=7)  # New York: 3 AM
    actions.cancel(talk(booking, 5), by=host, at=LATER)

    assert set(delivered(mailoutbox, LATER + MINUTE)) == {host.email}
    assert Meeting.objects.filter(status="cancelled").count() == 1
    assert set(delivered(mailoutbox, LATER + timedelta(hours=4))) == {attendee.email}


def test_mails_that_were_written_to_a_file_say_that_one_came_with_them(host, mailoutbox, tmp_path):
    booking = booked(host).booking
    message = only(delivered(mailoutbox, NOW + MINUTE), host)
    actions.release(booking, by=host, at=LATER)
    gone = only(delivered(mailoutbox, LATER + MINUTE), host)
    for number, each in enumerate((message, gone)):
        (tmp_path / f"{number}.log").write_bytes(each.message().as_bytes() + SEPARATOR)

    assert [mail.attachments for mail in sent_mails(tmp_path)] == [
        ["a file that takes it out of a calendar"],
        ["a file that puts it into a calendar"],
    ]
