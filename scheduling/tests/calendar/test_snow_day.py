"""A day that closes at the last minute: who is told, what is offered, and taking it back."""

from datetime import date, timedelta

import pytest

from conftest import NOW
from people.actions.undo import undo
from people.models import OutgoingMail
from people.outbox import render
from people.tests.factories import PersonFactory
from people.undo import CannotUndo
from scheduling import actions
from scheduling.availability import with_proposals
from scheduling.models import Attendance, Closure, Meeting
from scheduling.tests.booking.series import booked, pair, seat_of, slot_of
from scheduling.tests.calendar.snow_day import SNOW_DAY
from scheduling.tests.factories import MeetingFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

TUESDAY = SNOW_DAY["starts_on"]  # the 13th, which is tomorrow
LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def host(school):
    return PersonFactory(leader=True, school=school, email="elena@school.example")


@pytest.fixture
def booking(host):
    return booked(host).booking


def close(school, by, **fields):
    return actions.save_closure(school, by=by, at=NOW, **{**SNOW_DAY, **fields})


def on_tuesday(booking):
    return booking.meetings.get(original_starts_at__date=TUESDAY)


def queued(person=None, **fields):
    mails = OutgoingMail.objects.open().filter(kind="calendar_changed", **fields)
    return mails.filter(person=person) if person else mails


def test_people_are_told_once_after_a_minute(school, administrator, host, booking):
    MeetingFactory(pairing=booking.pairing, starts_at=on_tuesday(booking).ends_at)

    close(school, administrator)

    people = [host, booking.pairing.attendee]
    assert sorted(each.person_id for each in queued()) == sorted(each.pk for each in people)
    assert {each.hold_until - NOW for each in queued()} == {timedelta(seconds=60)}
    mail = render(queued(host).get(), at=LATER)
    assert mail.body.count("Tuesday 13 October") == 2
    assert booking.pairing.attendee.name in mail.body
    assert "No school, so these do not take place" in mail.body


def test_who_closes_the_day_gets_no_mail(school, booking):
    attendee = booking.pairing.attendee
    attendee.roles.create(school=school, kind="school_admin", starts_on=date(2026, 9, 1))

    close(school, attendee)

    assert not queued(attendee).exists()
    assert queued().count() == 1


def test_students_are_not_named_in_the_mail(school, administrator):
    counselor = PersonFactory(counselor=True, school=school, email="jo@school.example")
    talk = MeetingFactory(pairing__school=school, pairing__host=counselor, pairing__counseling=True)

    close(school, administrator)

    body = render(queued(counselor).get(), at=LATER).body
    assert "a student" in body
    assert talk.pairing.attendee.family_name not in body


def test_what_was_changed_since_is_not_in_the_mail(school, administrator, host, booking):
    close(school, administrator)
    meeting = on_tuesday(booking)

    actions.restore(meeting, by=host, at=NOW, starts_at=meeting.starts_at + timedelta(days=1))

    assert render(queued(booking.pairing.attendee).get(), at=LATER) is None


def test_a_closure_of_the_past_tells_nobody(school, administrator):
    MeetingFactory(
        pairing__school=school,
        starts_at=NOW - timedelta(days=5, hours=-8),
    )

    close(school, administrator, starts_on=date(2026, 10, 7), ends_on=date(2026, 10, 7))

    assert Meeting.objects.get().status == Meeting.Status.CLOSED
    assert not queued().exists()


def test_weekly_talks_are_let_go_and_others_get_a_proposal(school, administrator, host, booking):
    monthly = slot_of(host, monthly=True, period=school.periods.get(name="Period 5"))
    seat = monthly.seats.get(weeks=0b0010)  # 13 October
    rare = actions.book(pair(host), seat, by=host, at=NOW).booking
    slot_of(host, column="4")

    close(school, administrator)

    [undecided] = with_proposals(
        Meeting.objects.undecided(NOW).with_people().select_related("booking__term__school"),
        now=NOW,
    )
    assert undecided == on_tuesday(rare)
    assert undecided.proposal.starts_at.date() == date(2026, 10, 15)  # the next that both have
    assert on_tuesday(booking).status == Meeting.Status.CLOSED


def test_no_time_is_proposed_twice(school, administrator, host):
    slot = slot_of(host, biweekly=True)
    slot_of(host, column="5")
    actions.book(pair(host), seat_of(slot, 2), by=host, at=NOW)

    close(school, administrator, starts_on=date(2026, 10, 12), ends_on=date(2026, 10, 27))

    found = with_proposals(
        Meeting.objects.undecided(NOW)
        .with_people()
        .select_related("booking__term__school")
        .in_order(),
        now=NOW,
    )
    days = [each.proposal.starts_at.date() for each in found]
    assert days == sorted(set(days))
    assert len(days) == 2


def test_taking_it_back_plans_again_what_was_closed(school, administrator, host, booking):
    closure = close(school, administrator).closure
    OutgoingMail.objects.update(sent_at=NOW)

    effect = actions.delete_closure(closure, by=administrator, at=LATER)

    meeting = on_tuesday(booking)
    assert (effect.reopened, effect.stuck) == (1, 0)
    assert (meeting.status, meeting.sequence) == (Meeting.Status.PLANNED, 2)
    assert meeting.attendances.filter(blocks=True).count() == 2
    mail = render(queued(host).get(), at=LATER)
    assert "These are planned for:\nTuesday 13 October, 10:40 to 11:10" in mail.body


def test_who_was_not_told_of_the_closure_is_not_told_that_it_is_over(
    school, administrator, booking
):
    closure = close(school, administrator).closure

    actions.delete_closure(closure, by=administrator, at=NOW)

    assert [render(mail, at=LATER) for mail in queued()] == [None, None]


def test_what_is_taken_in_the_meantime_stays_closed(school, administrator, host, booking):
    closure = close(school, administrator).closure
    meeting = on_tuesday(booking)
    MeetingFactory(pairing=pair(host), starts_at=meeting.starts_at + timedelta(minutes=10))

    effect = actions.delete_closure(closure, by=administrator, at=NOW)

    meeting.refresh_from_db()
    assert (effect.reopened, effect.stuck) == (0, 1)
    assert meeting.status == Meeting.Status.CLOSED
    assert not meeting.attendances.filter(blocks=True).exists()


@pytest.mark.parametrize("how", ["let_go", "restore", "release"])
def test_what_people_have_said_stays(school, administrator, host, booking, how):
    closure = close(school, administrator).closure
    meeting = on_tuesday(booking)
    if how == "restore":
        actions.restore(meeting, by=host, at=NOW, starts_at=meeting.starts_at + timedelta(days=1))
    elif how == "release":
        actions.release(booking, by=host, at=NOW)
    else:
        actions.let_go(meeting, by=host, at=NOW)
    meeting.refresh_from_db()
    before = meeting.status, meeting.starts_at

    effect = actions.delete_closure(closure, by=administrator, at=NOW)

    meeting.refresh_from_db()
    assert (meeting.status, meeting.starts_at) == before
    assert effect.reopened == 0


def test_another_closure_of_the_day_keeps_it_closed(school, administrator, booking):
    close(school, administrator, name="Broken pipe")
    closure = close(school, administrator).closure

    effect = actions.delete_closure(closure, by=administrator, at=NOW)

    assert effect.reopened == 0
    assert on_tuesday(booking).status == Meeting.Status.CLOSED


def test_dates_that_were_closed_when_booked_are_planned_when_the_day_opens(
    school, administrator, host
):
    closure = close(school, administrator).closure
    booking = booked(host).booking
    assert on_tuesday(booking).status == Meeting.Status.CLOSED

    actions.delete_closure(closure, by=administrator, at=NOW)

    assert on_tuesday(booking).status == Meeting.Status.PLANNED


def test_closing_is_undone_before_anybody_is_told(school, administrator, booking):
    done = close(school, administrator)

    undo(done.effect.change, by=administrator, at=NOW)

    assert not Closure.objects.exists()
    assert on_tuesday(booking).status == Meeting.Status.PLANNED
    assert not queued().exists()


def test_taking_back_is_undone(school, administrator, booking):
    closure = close(school, administrator).closure
    effect = actions.delete_closure(closure, by=administrator, at=NOW)

    undo(effect.change, by=administrator, at=NOW)

    assert Closure.objects.get().uid == closure.uid
    assert on_tuesday(booking).status == Meeting.Status.CLOSED
    with pytest.raises(CannotUndo, match="undone already"):
        undo(effect.change, by=administrator, at=NOW)


def test_a_closure_that_is_gone_cannot_be_undone(school, administrator):
    done = close(school, administrator)
    Closure.objects.all().delete()

    with pytest.raises(CannotUndo, match="is gone"):
        undo(done.effect.change, by=administrator, at=NOW)


def test_counseling_is_not_counted(school, administrator):
    MeetingFactory(pairing__school=school, pairing__counseling=True)
    closure = close(school, administrator).closure

    effect = actions.delete_closure(closure, by=administrator, at=NOW)

    assert Meeting.objects.get().status == Meeting.Status.PLANNED
    assert (effect.reopened, effect.stuck) == (0, 0)


@pytest.mark.parametrize("count", [1, 12])
def test_closing_asks_the_same_number_of_questions(
    school, administrator, host, count, django_assert_max_num_queries
):
    for number in range(count):
        MeetingFactory(
            pairing=pair(host),
            starts_at=NOW + timedelta(days=1, minutes=600 + 40 * number),
        )

    with django_assert_max_num_queries(32):
        close(school, administrator)

    assert not Attendance.objects.filter(blocks=True).exists()
