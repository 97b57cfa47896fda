"""Calendars that know only what mail told them show every talk, through whatever happens to it."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from icalendar import Calendar

from conftest import NOW
from people.actions import undo
from people.models import Person
from people.tests.factories import PersonFactory
from scheduling import actions
from scheduling.models import Meeting
from scheduling.tests.booking.series import booked, seat_of, slot_of
from scheduling.tests.booking.test_clock_changes import BEFORE, series
from scheduling.tests.calendar.snow_day import add_closure
from scheduling.tests.calendar_mails.own_calendar import MINUTE, OwnCalendar, delivered, file_of
from scheduling.tests.factories import school_with_calendar

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
ZONES = ["Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]


class World:
    """Two people, their calendars, and a clock that goes on by an hour with each step."""

    def __init__(self, booking, mailoutbox, at=BEFORE):
        self.booking, self.pairing, self.at = booking, booking.pairing, at
        self.mailoutbox = mailoutbox
        self.both = (booking.pairing.host, booking.pairing.attendee)
        self.calendars = {person.email: OwnCalendar() for person in self.both}
        self.sent = {}

    def told(self):
        """Let a minute pass, and both calendars take what came; they show what stands."""
        self.sent = delivered(self.mailoutbox, self.at + MINUTE)
        for address, messages in self.sent.items():
            for message in messages:
                self.calendars[address].take(file_of(message)[1])
        self.at += HOUR
        standing = Meeting.objects.filter(
            pairing=self.pairing, status__in=Meeting.STANDING, starts_at__gte=self.at
        )
        expected = sorted(standing.values_list("starts_at", "ends_at"))
        for calendar in self.calendars.values():
            assert calendar.shows(self.at) == expected
        return expected

    def talk(self, number):
        return self.booking.meetings.with_people().order_by("original_starts_at")[number]


@pytest.fixture(params=ZONES)
def world(request, mailoutbox):
    """A year of Sundays, the days on which clocks change in autumn and spring among them."""
    with time_machine.travel(BEFORE, tick=False):
        booking, _ = series(request.param)
        world = World(booking, mailoutbox)
        assert len(world.told()) == booking.meetings.count()
        yield world


def test_two_calendars_follow_each_talk_all_year(world):
    host, attendee = world.both
    for number, by in ((3, host), (8, attendee), (29, host)):
        moved = world.talk(number).starts_at + timedelta(days=1, hours=2)
        actions.move(world.talk(number), by=by, at=world.at, starts_at=moved, minutes=20)
        world.told()
    actions.skip(world.talk(4), by=attendee, at=world.at)
    world.told()
    cancelled = actions.cancel(world.talk(3), by=host, at=world.at)
    world.told()
    undo(cancelled, by=host, at=world.at)  # it comes back where it had been moved to
    world.told()
    actions.restore(world.talk(4), by=host, at=world.at)
    world.told()
    actions.skip(world.talk(0), by=host, at=world.at)
    world.told()
    elsewhere = world.talk(0).starts_at + timedelta(days=2)
    actions.restore(world.talk(0), by=host, at=world.at, starts_at=elsewhere)
    actions.skip(world.talk(6), by=attendee, at=world.at)
    world.told()
    assert {len(messages) for messages in world.sent.values()} == {1}
    back = actions.move(world.talk(8), by=host, at=world.at, starts_at=elsewhere + HOUR)
    world.told()
    undo(back, by=host, at=world.at)
    world.told()


def test_two_calendars_follow_series_and_single_talks(world):
    host, attendee = world.both
    for number in (3, 29):
        moved = world.talk(number).starts_at + timedelta(days=1)
        actions.move(world.talk(number), by=host, at=world.at, starts_at=moved)
    actions.skip(world.talk(4), by=host, at=world.at)
    world.told()
    seat = seat_of(slot_of(host, column="3"))
    moved = actions.move_following(world.talk(20), seat, by=host, at=world.at)
    world.told()
    undo(moved.change, by=host, at=world.at)
    world.told()
    again = actions.move_following(world.talk(20), seat, by=attendee, at=world.at)
    world.told()
    released = actions.release(again.booking, by=host, at=world.at)
    assert len(world.told()) == 19  # twenty before the move, and one of them is skipped
    undo(released, by=host, at=world.at)
    world.told()

    single = actions.plan_single(
        world.pairing, by=host, at=world.at, starts_at=world.at + timedelta(days=9), minutes=15
    )
    world.told()
    undo(single.change, by=host, at=world.at)
    world.told()


def test_a_rotation_and_a_leap_day_are_followed_too(mailoutbox):
    at = datetime(2028, 1, 1, 12, tzinfo=UTC)
    term = {"first": date(2028, 1, 3), "last": date(2028, 4, 28), "at": at}
    with time_machine.travel(at, tick=False):
        booking, meetings = series("America/New_York", column="6", rotation_days=6, **term)
        world = World(booking, mailoutbox, at)
        world.told()
        actions.cancel(meetings[2], by=world.both[0], at=world.at)
        world.told()
        leap = datetime.combine(date(2028, 2, 29), time(15), tzinfo=UTC)
        actions.move(meetings[8], by=world.both[1], at=world.at, starts_at=leap)
        assert (leap, leap + timedelta(minutes=30)) in world.told()


def test_days_without_school_reach_both_calendars_and_are_one_mail(mailoutbox, now):
    host = PersonFactory(leader=True, school=school_with_calendar(at=NOW))
    booking = booked(host).booking
    school = booking.pairing.school
    administrator = PersonFactory(administrator=True, school=school)
    world = World(booking, mailoutbox, NOW)
    world.told()

    closure = add_closure(
        school, administrator, starts_on=date(2026, 10, 20), ends_on=date(2026, 10, 20)
    )
    closed = world.told()
    assert {len(messages) for messages in world.sent.values()} == {1}
    actions.delete_closure(closure, by=administrator, at=world.at)
    assert len(world.told()) == len(closed) + 1


def test_who_has_several_series_gets_a_file_for_each(mailoutbox, now):
    host = PersonFactory(leader=True, school=school_with_calendar(at=NOW))
    one, two = booked(host, column="2").booking, booked(host, column="3").booking
    administrator = PersonFactory(administrator=True, school=one.pairing.school)
    delivered(mailoutbox, NOW + MINUTE)

    add_closure(
        one.pairing.school,
        administrator,
        starts_on=date(2026, 10, 20),
        ends_on=date(2026, 10, 21),
    )
    sent = delivered(mailoutbox, NOW + HOUR)

    files = [file_of(message) for message in sent[host.email]]
    assert files.count(None) == 1  # the list of all that is closed
    uids = {
        str(event["UID"])
        for file in files
        if file
        for event in Calendar.from_ical(file[1]).walk("VEVENT")
    }
    assert uids == {str(one.uid), str(two.uid)}
    [only] = sent[one.pairing.attendee.email]
    assert only.subject == "The school's calendar has changed"
    assert file_of(only)[0] == "REQUEST"


def test_the_talks_of_who_leaves_go_out_of_the_others_calendars(mailoutbox, now):
    host = PersonFactory(leader=True, school=school_with_calendar(at=NOW))
    booking = booked(host).booking
    world = World(booking, mailoutbox, NOW)
    world.told()
    Person.objects.filter(pk=booking.pairing.attendee_id).update(is_active=False)

    actions.release_what_ended(by=None, at=world.at)
    sent = delivered(mailoutbox, world.at)

    assert set(sent) == {host.email}
    [message] = sent[host.email]
    assert file_of(message)[0] == "CANCEL"
    world.calendars[host.email].take(file_of(message)[1])
    assert world.calendars[host.email].shows(NOW) == []
