"""The factories make what they say."""

import pytest

from scheduling.models import Attendance
from scheduling.tests.factories import (
    BookingFactory,
    ClosureFactory,
    CommitmentFactory,
    MeetingFactory,
    SchoolDayFactory,
    SignUpFactory,
    SlotFactory,
    school_with_calendar,
)

pytestmark = pytest.mark.django_db


def test_school_with_calendar():
    school = school_with_calendar()

    assert school.weeks.count() == 15
    assert school.days.count() == 75
    assert [period.name for period in school.periods.order_by("ordinal")][::5] == [
        "Before",
        "Lunch",
    ]


def test_rows_of_the_grid_belong_together():
    booking = BookingFactory(slot__biweekly=True)
    slot = booking.seat.slot

    assert [seat.label for seat in slot.seats.order_by("number")] == ["A", "B"]
    assert booking.pairing.host == slot.host
    assert booking.pairing.school == slot.school == booking.term.school
    assert slot.period.name == "Period 4"


def test_meeting_has_two_attendances():
    meeting = MeetingFactory(cancelled=True)

    assert set(meeting.attendances.values_list("person", "role", "blocks")) == {
        (meeting.pairing.host_id, Attendance.Role.HOST, False),
        (meeting.pairing.attendee_id, Attendance.Role.ATTENDEE, False),
    }


@pytest.mark.parametrize(
    "factory", [ClosureFactory, CommitmentFactory, SchoolDayFactory, SignUpFactory, SlotFactory]
)
def test_factory_makes_a_row(factory):
    assert factory().pk


def test_past_meeting_is_held():
    assert MeetingFactory(past=True).status == "held"
