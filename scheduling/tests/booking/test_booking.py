"""Standing places: who gets them, which dates they have, how they end."""

from datetime import date, datetime, time, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from conftest import NOW
from people.actions.undo import undo
from people.models import OutgoingMail
from people.tests.factories import PersonFactory
from people.undo import CannotUndo
from scheduling import actions
from scheduling.actions import CannotBook, NotFree, PlaceTaken
from scheduling.availability import openings
from scheduling.models import Attendance, Booking, Meeting
from scheduling.tests.booking.series import booked, pair, school_of, seat_of, slot_of, term_of
from scheduling.tests.factories import (
    CommitmentFactory,
    InvitationFactory,
    SignUpFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


def dates(booking, *statuses):
    statuses = statuses or (Meeting.Status.PLANNED,)
    meetings = Meeting.objects.filter(booking=booking, status__in=statuses).in_order()
    return [timezone.localtime(each.starts_at, each.school.zone).date() for each in meetings]


def test_weekly_seat_meets_every_open_week_at_its_wall_time(host):
    booking, _ = booked(host)

    assert dates(booking) == [date(2026, 10, 13) + timedelta(weeks=n) for n in range(10)]
    local = [
        timezone.localtime(each.starts_at, each.school.zone).time()
        for each in Meeting.objects.filter(booking=booking)
    ]
    assert set(local) == {time(10, 40)}  # through the change of the clock on 1 November
    assert booking.pairing.minutes == 30


def test_weekly_seat_lets_a_closed_day_go(host):
    booking, _ = booked(host, column="4")  # Thursdays, Thanksgiving among them

    assert date(2026, 11, 26) not in dates(booking)
    assert dates(booking, Meeting.Status.CLOSED) == [date(2026, 11, 26)]
    assert list(Meeting.objects.undecided(NOW)) == []


def test_biweekly_seats_share_a_cell(host):
    slot = slot_of(host, biweekly=True)
    first, _ = actions.book(pair(host), seat_of(slot, 1), by=host, at=NOW)
    second, _ = actions.book(pair(host), seat_of(slot, 2), by=host, at=NOW)

    assert dates(first) == [date(2026, 10, 20) + timedelta(weeks=2 * n) for n in range(5)]
    assert dates(second) == [date(2026, 10, 13) + timedelta(weeks=2 * n) for n in range(5)]


def test_monthly_talk_on_a_closed_day_goes_to_the_next_open_week(host):
    slot = slot_of(host, monthly=True, column="4")
    seat = slot.seats.get(weeks=0b1000)  # 26 November is in week 12 of the year, 4 of the cycle

    booking, _ = actions.book(pair(host), seat, by=host, at=NOW)

    assert dates(booking) == [date(2026, 10, 29), date(2026, 12, 3)]


def test_monthly_talk_waits_for_a_word_where_the_next_week_is_taken(host):
    slot = slot_of(host, monthly=True, column="4")
    actions.book(pair(host), slot.seats.get(weeks=0b0001), by=host, at=NOW)  # has 3 December

    booking, _ = actions.book(pair(host), slot.seats.get(weeks=0b1000), by=host, at=NOW)

    [undecided] = Meeting.objects.undecided(NOW)
    assert undecided.booking == booking
    assert dates(booking, Meeting.Status.CLOSED) == [date(2026, 11, 26)]


def test_date_that_clashes_is_listed_and_can_be_put_elsewhere(host):
    slot, pairing = slot_of(host), pair(host)
    elsewhere = PersonFactory(leader=True, school=school_of(host))
    other = pair(elsewhere, attendee=pairing.attendee)
    taken = datetime(2026, 10, 20, 14, 50, tzinfo=NOW.tzinfo)  # 10:50 in New York
    actions.plan_single(other, by=elsewhere, at=NOW, starts_at=taken, minutes=20)

    booking, _ = actions.book(pairing, seat_of(slot), by=host, at=NOW)

    assert len(dates(booking)) == 9
    [clash] = Meeting.objects.undecided(NOW)
    with pytest.raises(NotFree):
        actions.restore(clash, by=host, at=NOW)
    actions.restore(clash, by=host, at=NOW, starts_at=taken + timedelta(hours=1))
    assert len(dates(booking)) == 10
    assert list(Meeting.objects.undecided(NOW)) == []


def test_booking_sets_the_cadence_and_freezes_the_weeks(host):
    slot, pairing = slot_of(host, biweekly=True), pair(host)

    actions.book(pairing, seat_of(slot), by=host, at=NOW)

    pairing.refresh_from_db()
    assert pairing.cadence == "biweekly"
    assert not term_of(host).weeks.filter(is_frozen=False).exists()


def test_taken_seat_is_refused_in_words(host):
    slot = slot_of(host)
    actions.book(pair(host), seat_of(slot), by=host, at=NOW)

    with pytest.raises(PlaceTaken, match="Tuesday, Period 4 was taken a moment ago"):
        actions.book(pair(host), seat_of(slot), by=host, at=NOW)


def test_pairing_has_one_time_a_term(host):
    booking, _ = booked(host)

    with pytest.raises(CannotBook, match="already has a time"):
        actions.book(booking.pairing, seat_of(slot_of(host, column="3")), by=host, at=NOW)


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("host", None),
        ("invited", None),
        ("not_invited", PermissionDenied),
        ("colleague", PermissionDenied),
        ("closed", PermissionDenied),
    ],
)
def test_who_may_book(host, who, expected):
    pairing = pair(host)
    sign_up = SignUpFactory(host=host, term=term_of(host), closed=who == "closed")
    if who != "not_invited":
        InvitationFactory(sign_up=sign_up, pairing=pairing)
    colleague = PersonFactory(leader=True, school=school_of(host))
    by = {"host": host, "colleague": colleague}.get(who, pairing.attendee)
    seat = seat_of(slot_of(host, monthly=True))

    if expected:
        with pytest.raises(expected):
            actions.book(pairing, seat, by=by, at=NOW)
        assert not Booking.objects.exists()
    else:
        assert actions.book(pairing, seat, by=by, at=NOW).booking.pairing == pairing


def test_attendee_books_only_what_was_offered(host):
    sign_up = SignUpFactory(host=host, term=term_of(host))
    # monthly, so neither weekly nor biweekly
    pairing = InvitationFactory(sign_up=sign_up).pairing

    with pytest.raises(CannotBook, match="did not offer"):
        actions.book(pairing, seat_of(slot_of(host)), by=pairing.attendee, at=NOW)


def test_openings_leave_out_lessons_taken_seats_and_other_cadences(host):
    pairing = pair(host)
    free, taught = slot_of(host, monthly=True), slot_of(host, monthly=True, column="3")
    slot_of(host, column="4")  # weekly
    CommitmentFactory(
        term=term_of(host),
        person=pairing.attendee,
        column="3",
        starts_at=time(10, 0),
        ends_at=time(10, 41),
    )
    actions.book(pair(host), seat_of(free, 2), by=host, at=NOW)

    found = openings(host, pairing.attendee, term_of(host), cadences=["monthly"], now=NOW)

    assert [each.seat for each in found] == [seat_of(free, n) for n in (1, 3, 4)]
    assert taught.seats.count() == 4


def teaches_in_period_4(pairing, host, **fields):
    times = {"starts_at": time(10, 40), "ends_at": time(11, 25)} | fields
    return CommitmentFactory(term=term_of(host), person=pairing.attendee, **times)


def test_a_lesson_of_some_dates_clashes_in_its_own_weeks_only(host):
    pairing, slot = pair(host), slot_of(host, biweekly=True)
    teaches_in_period_4(pairing, host, column="2", weeks=0b0101, starts_on=date(2026, 12, 1))

    found = openings(host, pairing.attendee, term_of(host), cadences=["biweekly"], now=NOW)

    clashes = {each.seat: [one.planned_on for one in each.exceptions] for each in found}
    assert clashes == {
        seat_of(slot, 1): [date(2026, 12, 1), date(2026, 12, 15)],
        seat_of(slot, 2): [],
    }


def test_a_talk_is_not_moved_into_a_lesson(host):
    pairing, slot = pair(host), slot_of(host, monthly=True, column="4")
    teaches_in_period_4(pairing, host, column="4", weeks=0b0001)
    seat = slot.seats.get(weeks=0b1000)  # 29 October; 26 November would go to 3 December

    booking, _ = actions.book(pairing, seat, by=pairing.host, at=NOW)

    assert dates(booking) == [date(2026, 10, 29)]


@pytest.mark.parametrize("count", [1, 4])
def test_openings_ask_the_same_number_of_questions(host, count, django_assert_num_queries):
    attendee = pair(host).attendee
    for column in range(1, count + 1):
        slot_of(host, monthly=True, column=str(column))
    term = term_of(host)
    term.school.zone  # noqa: B018 -- load the school

    with django_assert_num_queries(5):
        found = openings(host, attendee, term, cadences=["monthly"], now=NOW)

    assert len(found) == 4 * count


def test_booking_tells_the_other_after_a_minute(host):
    pairing = pair(host)

    booking, _ = actions.book(pairing, seat_of(slot_of(host)), by=host, at=NOW)

    told = {(mail.kind, mail.person): mail for mail in OutgoingMail.objects.all()}
    assert set(told) == {("booked", pairing.attendee), ("for_calendar", host)}
    for mail in told.values():
        assert (mail.subject_uid, mail.together) == (booking.uid, booking.uid)
        assert mail.hold_until == NOW + timedelta(seconds=60)


def test_undoing_a_booking_leaves_nothing_behind(host):
    pairing = pair(host)
    _, change = actions.book(pairing, seat_of(slot_of(host)), by=host, at=NOW)

    undo(change, by=host, at=NOW)

    pairing.refresh_from_db()
    assert pairing.cadence == "monthly"
    assert not Booking.objects.exists()
    assert not Meeting.objects.exists()
    assert {each.dropped_at for each in OutgoingMail.objects.all()} == {NOW}


def test_moving_this_and_following_keeps_what_comes_before(host):
    booking, _ = booked(host)
    third = Meeting.objects.filter(booking=booking).in_order()[2]
    other = seat_of(slot_of(host, column="3"))

    new, _ = actions.move_following(third, other, by=host, at=NOW)

    booking.refresh_from_db()
    assert dates(booking) == [date(2026, 10, 13), date(2026, 10, 20)]
    assert booking.released_at == NOW
    assert booking.ends_on == date(2026, 10, 26)
    assert dates(new)[0] == date(2026, 10, 28)
    assert new.uid != booking.uid


def test_freed_seat_starts_at_its_next_free_date(host):
    booking, _ = booked(host)
    third = Meeting.objects.filter(booking=booking).in_order()[2]
    actions.move_following(third, seat_of(slot_of(host, column="3")), by=host, at=NOW)

    taken, _ = actions.book(pair(host), booking.seat, by=host, at=NOW)

    assert dates(taken)[0] == date(2026, 10, 27)
    assert dates(taken, Meeting.Status.CANCELLED) == dates(booking)


def test_moving_the_series_is_undone_unless_the_place_went(host):
    booking, _ = booked(host)
    first = Meeting.objects.filter(booking=booking).in_order()[0]
    _, change = actions.move_following(first, seat_of(slot_of(host, column="3")), by=host, at=NOW)
    quicker, taken = actions.book(pair(host), booking.seat, by=host, at=NOW)
    with pytest.raises(CannotUndo):
        undo(change, by=host, at=NOW)
    undo(taken, by=host, at=NOW)

    undo(change, by=host, at=NOW)

    booking.refresh_from_db()
    assert booking.released_at is None
    assert len(dates(booking)) == 10
    assert [each.pk for each in Booking.objects.all()] == [booking.pk]
    assert quicker.pk != booking.pk


def test_releasing_cancels_what_follows_and_is_undone(host):
    booking, _ = booked(host)

    change = actions.release(booking, by=booking.pairing.attendee, at=NOW)

    assert dates(booking) == []
    assert not Attendance.objects.filter(blocks=True).exists()
    undo(change, by=booking.pairing.attendee, at=NOW)
    assert len(dates(booking)) == 10
    assert Attendance.objects.filter(blocks=True).count() == 20


def test_place_of_somebody_who_left_is_given_back(host):
    booking, _ = booked(host)
    staying, _ = booked(host, column="1")
    attendee = booking.pairing.attendee
    attendee.is_active = False
    attendee.save()

    assert actions.release_what_ended(by=None, at=NOW) == 1
    assert actions.release_what_ended(by=None, at=NOW) == 0

    assert dates(booking) == []
    assert len(dates(staying)) == 10  # today's among them
    assert actions.book(pair(host), booking.seat, by=host, at=NOW).booking.seat == booking.seat


def test_database_itself_refuses_two_places(host):
    booking, _ = booked(host)
    meeting = Meeting.objects.filter(booking=booking).in_order()[0]
    overlap = Meeting.objects.create(
        school=meeting.school,
        pairing=meeting.pairing,
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        original_starts_at=meeting.starts_at,
        agreed_at=NOW,
    )

    with pytest.raises(IntegrityError), transaction.atomic():
        Attendance.objects.create(
            meeting=overlap,
            person=host,
            role="host",
            starts_at=meeting.ends_at - timedelta(seconds=1),
            ends_at=meeting.ends_at + timedelta(minutes=5),
        )
    touching = Attendance.objects.create(
        meeting=overlap,
        person=host,
        role="host",
        starts_at=meeting.ends_at,
        ends_at=meeting.ends_at + timedelta(minutes=5),
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        Attendance.objects.filter(pk=touching.pk).update(starts_at=meeting.starts_at)
