"""A changed timetable does no silent harm: which series meet a lesson, and where they fit."""

from datetime import date, time

import pytest
from django.core.exceptions import PermissionDenied

from conftest import NOW
from people.actions.undo import undo
from people.models import Change, Pairing
from people.tests.factories import PairingFactory, PersonFactory
from scheduling import actions
from scheduling.clashes import add_offers, clashes_of, new_clashes
from scheduling.models import Booking, Commitment, Meeting
from scheduling.tests.booking.series import booked, pair, seat_of, slot_of
from scheduling.tests.factories import BELLS, CommitmentFactory, SlotFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

PERIOD_4 = {"column": "2", "starts_at": BELLS["Period 4"][0], "ends_at": BELLS["Period 4"][1]}


def lesson(booking, person=None, **fields):
    person = person or booking.pairing.attendee
    return CommitmentFactory(term=booking.term, person=person, **(PERIOD_4 | fields))


def clashes(at=NOW):
    near = Booking.objects.live().near_a_lesson().with_place().order_by("pk")
    return clashes_of(near, at=at)


@pytest.mark.parametrize("whose", ["attendee", "host"])
def test_a_series_that_meets_a_lesson_of_either_is_found(booking, whose):
    lesson(booking, getattr(booking.pairing, whose))

    [clash] = clashes()

    assert clash.booking == booking
    assert (clash.since, len(clash.meetings)) == (date(2026, 10, 13), 10)
    assert clash.where == "Tuesdays, Period 4"


@pytest.mark.parametrize(
    "fields",
    [
        {"column": "3"},
        {"starts_at": time(11, 10), "ends_at": time(11, 25)},  # after the talk of half an hour
        {"ends_on": date(2026, 10, 12)},
        {"starts_on": date(2026, 12, 16)},
    ],
)
def test_lessons_at_other_times_are_not(booking, fields):
    lesson(booking, **fields)

    assert clashes() == []


def test_lessons_of_others_and_of_other_terms_are_not(booking, school):
    CommitmentFactory(
        term=booking.term, person=PersonFactory(teacher=True, school=school), **PERIOD_4
    )
    CommitmentFactory(person=booking.pairing.attendee, **PERIOD_4)

    assert clashes() == []


@pytest.mark.parametrize(("weeks", "number"), [(0b0101, 1), (0b1010, 2)])
def test_weeks_count(host, weeks, number):
    slot = slot_of(host, biweekly=True)
    bookings = [
        actions.book(pair(host), seat_of(slot, each), by=host, at=NOW).booking for each in (1, 2)
    ]
    for booking in bookings:
        lesson(booking, weeks=weeks)

    [clash] = clashes()

    assert clash.booking.seat.number == number


def test_a_lesson_from_a_day_on_clashes_from_then_on(booking):
    lesson(booking, starts_on=date(2026, 11, 2))

    [clash] = clashes()

    assert clash.since == date(2026, 11, 3)
    assert clash.first.starts_at.date() == date(2026, 11, 3)


def test_talks_that_were_moved_or_left_out_were_decided_about(booking):
    lesson(booking, ends_on=date(2026, 10, 20))
    first, second = Meeting.objects.filter(booking=booking).in_order()[:2]
    actions.skip(first, by=booking.pairing.host, at=NOW)
    actions.move(
        second,
        by=booking.pairing.host,
        at=NOW,
        starts_at=second.starts_at.replace(hour=19),
        minutes=30,
    )

    assert clashes() == []


def test_a_place_by_the_clock_meets_lessons_too(host):
    booking = booked(host, period=None, starts_at=time(15, 30), ends_at=time(16)).booking
    lesson(booking, starts_at=time(15, 45), ends_at=time(16, 30))

    assert [clash.booking for clash in clashes()] == [booking]


def test_words_tell_whose_lesson_it_is_and_never_which(booking):
    host, attendee = booking.pairing.host, booking.pairing.attendee
    lesson(booking, label="Secret subject")
    [clash] = clashes()
    assert (clash.words_for(host), clash.words_for(attendee)) == ("a lesson", "a lesson of yours")

    lesson(booking, host, is_lesson=False)
    [clash] = clashes()
    assert clash.words_for(host) == "a lesson of both of you"


def test_offers_fit_both_and_the_nearest_comes_first(host, booking):
    lesson(booking)
    far = slot_of(host, column="5")
    near = slot_of(host, column="3")
    for person, column in ((host, "4"), (booking.pairing.attendee, "1")):
        slot_of(host, column=column)
        lesson(booking, person, column=column)
    SlotFactory(term=booking.term, host=host, column="2", period=near.period, half=2, monthly=True)
    found = clashes()

    add_offers(found, at=NOW)

    assert [each.seat.slot for each in found[0].offers] == [near, far]


def test_of_the_places_in_one_cell_the_sooner_comes_first(host):
    booking = booked(host, number=2, biweekly=True).booking
    lesson(booking)
    slot_of(host, column="3", biweekly=True)
    found = clashes()

    add_offers(found, at=NOW)

    begin = [each.first.planned_on for each in found[0].offers if each.seat.slot.column == "3"]
    assert len(begin) == 2
    assert begin == sorted(begin)


def test_offers_begin_with_the_first_talk_that_clashes(host, booking):
    lesson(booking, starts_on=date(2026, 11, 2))
    slot_of(host, column="3")
    found = clashes()

    add_offers(found, at=NOW)

    assert found[0].offers[0].first.planned_on == date(2026, 11, 4)


@pytest.mark.parametrize("count", [1, 3])
def test_clashes_and_offers_ask_the_same_for_any_number(host, count, django_assert_num_queries):
    for column in "123"[:count]:
        lesson(booked(host, column=column).booking, column=column)
    slot_of(host, column="5")

    with django_assert_num_queries(8):
        found = clashes()
        add_offers(found, at=NOW)

    assert len(found) == count
    assert all(clash.offers for clash in found)


# --- keeping a place ---


def test_a_place_that_is_kept_is_not_asked_about_until_other_lessons_come(booking):
    lesson(booking)

    change = actions.keep_despite_lesson(booking, by=booking.pairing.attendee, at=NOW)
    assert clashes() == []
    assert Meeting.objects.filter(booking=booking, status="planned").count() == 10

    lesson(booking, weeks=0b0101)
    assert len(clashes()) == 1

    undo(change, by=booking.pairing.attendee, at=NOW)
    assert Booking.objects.get(pk=booking.pk).kept_despite == ""


def test_keeping_is_for_the_two_and_needs_a_lesson(booking, school):
    with pytest.raises(actions.CannotBook, match="meets no lesson"):
        actions.keep_despite_lesson(booking, by=booking.pairing.host, at=NOW)
    lesson(booking)

    with pytest.raises(PermissionDenied):
        actions.keep_despite_lesson(
            booking, by=PersonFactory(administrator=True, school=school), at=NOW
        )
    assert not Change.objects.filter(verb="booking.keep").exists()


# --- before a file is applied ---


def unsaved(booking, person=None, **fields):
    return Commitment(
        term=booking.term, person=person or booking.pairing.attendee, **(PERIOD_4 | fields)
    )


def test_new_clashes_are_those_that_meet_none_now(booking, host):
    other = booked(host, column="3").booking
    lesson(other, column="3")

    found = new_clashes(booking.term, [unsaved(booking), unsaved(other, column="3")], [], at=NOW)

    assert found == [booking]


def test_a_lesson_that_ends_as_another_begins_is_no_news(booking):
    gone = lesson(booking)

    assert new_clashes(booking.term, [unsaved(booking)], [gone], at=NOW) == []
    assert new_clashes(booking.term, [unsaved(booking, column="4")], [gone], at=NOW) == []


def test_counseling_is_not_even_counted(school):
    counselor = PersonFactory(counselor=True, school=school)
    pairing = PairingFactory(counseling=True, school=school, host=counselor, cadence="weekly")
    slot = SlotFactory(term=school.terms.get(), host=counselor)
    booking = actions.book(pairing, slot.seats.get(), by=counselor, at=NOW).booking
    assert pairing.kind == Pairing.Kind.COUNSELING

    assert new_clashes(booking.term, [unsaved(booking, counselor)], [], at=NOW) == []
    lesson(booking, counselor)
    assert [clash.booking for clash in clashes()] == [booking]  # the two themselves see it


def test_new_clashes_ask_the_same_for_any_number(host, django_assert_max_num_queries):
    bookings = [booked(host, column=column).booking for column in "12345"]

    with django_assert_max_num_queries(6):
        found = new_clashes(
            bookings[0].term,
            [unsaved(each, column=each.seat.slot.column) for each in bookings],
            [],
            at=NOW,
        )

    assert len(found) == 5
