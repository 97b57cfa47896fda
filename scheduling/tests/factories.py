"""Sensible, unsurprising calendars, grids and meetings; a trait for each adjective."""

from datetime import date, datetime, time, timedelta

import factory
from django.utils import timezone

from conftest import NOW
from people.cadence import SEATS, Cadence
from people.tests.factories import TERM_STARTS_ON, PairingFactory, PersonFactory, SchoolFactory
from scheduling import actions
from scheduling.models import (
    Attendance,
    BellSchedule,
    BellTime,
    Booking,
    Closure,
    Commitment,
    Invitation,
    Meeting,
    Period,
    SchoolDay,
    SchoolWeek,
    Seat,
    SignUp,
    Slot,
    Term,
)
from scheduling.models.calendar import as_written, columns_of
from scheduling.wall_time import instant

TERM_ENDS_ON = date(2026, 12, 18)

BELLS = {
    "Before": (time(7, 30), time(8, 0)),
    "Period 1": (time(8, 10), time(8, 55)),
    "Period 2": (time(9, 0), time(9, 45)),
    "Period 3": (time(9, 50), time(10, 35)),
    "Period 4": (time(10, 40), time(11, 25)),
    "Lunch": (time(11, 30), time(12, 10)),
    "Period 5": (time(12, 15), time(13, 0)),
    "Period 6": (time(13, 5), time(13, 50)),
    "Period 7": (time(13, 55), time(14, 40)),
    "After": (time(14, 50), time(15, 20)),
}


def term_with_calendar():
    """The term of a new school, with its weeks, days and bell times."""
    return school_with_calendar().terms.get()


class TermFactory(factory.django.DjangoModelFactory):
    """Fall 2026; its weeks and days come with `actions.rebuild_calendar`."""

    class Meta:
        model = Term

    school = factory.SubFactory(SchoolFactory)
    name = "Fall 2026"
    starts_on = TERM_STARTS_ON
    ends_on = TERM_ENDS_ON
    school_year = 2027


class ClosureFactory(factory.django.DjangoModelFactory):
    """Thanksgiving, unless dates are given; it closes days with `actions.rebuild_calendar`."""

    class Meta:
        model = Closure

    school = factory.SubFactory(SchoolFactory)
    name = "Thanksgiving"
    starts_on = date(2026, 11, 25)
    ends_on = date(2026, 11, 27)


class PeriodFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Period

    school = factory.SubFactory(SchoolFactory)
    name = factory.Sequence(lambda n: f"Block {n}")
    ordinal = factory.Sequence(lambda n: n + 100)


class BellScheduleFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = BellSchedule

    school = factory.SubFactory(SchoolFactory)
    name = factory.Sequence(lambda n: f"Bell schedule {n}")
    weekdays = ""


class BellTimeFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = BellTime

    bell_schedule = factory.SubFactory(BellScheduleFactory)
    period = factory.SubFactory(
        PeriodFactory, school=factory.SelfAttribute("..bell_schedule.school")
    )
    starts_at = time(8, 10)
    ends_at = time(8, 55)


class SchoolWeekFactory(factory.django.DjangoModelFactory):
    """A single week, by hand; `school_with_calendar()` has all of them."""

    class Meta:
        model = SchoolWeek

    class Params:
        closed = factory.Trait(is_open=False, number=None, cycle_week=None)
        frozen = factory.Trait(is_frozen=True)

    school = factory.SelfAttribute("term.school")
    term = factory.SubFactory(TermFactory)
    starts_on = factory.SelfAttribute("term.starts_on")
    number = 1
    cycle_week = 1
    ordinal = 1


class SchoolDayFactory(factory.django.DjangoModelFactory):
    """A single day, by hand; `school_with_calendar()` has all of them."""

    class Meta:
        model = SchoolDay

    school = factory.SelfAttribute("week.school")
    term = factory.SelfAttribute("week.term")
    week = factory.SubFactory(SchoolWeekFactory)
    date = factory.SelfAttribute("week.starts_on")
    column = factory.LazyAttribute(lambda day: str(day.date.isoweekday()))
    pass_number = factory.SelfAttribute("week.cycle_week")


class CommitmentFactory(factory.django.DjangoModelFactory):
    """A lesson on Tuesdays in Period 1; `duty=True` for something else."""

    class Meta:
        model = Commitment

    class Params:
        duty = factory.Trait(is_lesson=False, label="Duty")

    term = factory.SubFactory(TermFactory)
    person = factory.SubFactory(
        PersonFactory, teacher=True, school=factory.SelfAttribute("..term.school")
    )
    column = "2"
    starts_at = BELLS["Period 1"][0]
    ends_at = BELLS["Period 1"][1]
    label = "Science"


class SlotFactory(factory.django.DjangoModelFactory):
    """A leader's weekly Tuesday, Period 4, with its seats; `period=None` needs clock times."""

    class Meta:
        model = Slot
        skip_postgeneration_save = True

    class Params:
        biweekly = factory.Trait(cadence=Cadence.BIWEEKLY)
        monthly = factory.Trait(cadence=Cadence.MONTHLY)

    school = factory.SelfAttribute("term.school")
    term = factory.LazyFunction(term_with_calendar)
    host = factory.SubFactory(
        PersonFactory, leader=True, school=factory.SelfAttribute("..term.school")
    )
    column = "2"
    period = factory.LazyAttribute(
        lambda slot: (
            Period.objects.filter(school=slot.term.school, name="Period 4").first()
            or PeriodFactory(school=slot.term.school, name="Period 4")
        )
    )
    cadence = Cadence.WEEKLY

    @factory.post_generation
    def seats(self, create, extracted, **kwargs):
        if create:
            for number, weeks in enumerate(SEATS[Cadence(self.cadence)], start=1):
                Seat.objects.create(slot=self, number=number, weeks=weeks)


class BookingFactory(factory.django.DjangoModelFactory):
    """A claim of a slot's first seat, without meetings: `actions.book` makes those."""

    class Meta:
        model = Booking

    class Params:
        slot = factory.SubFactory(SlotFactory)
        released = factory.Trait(released_at=NOW - timedelta(days=3))

    seat = factory.LazyAttribute(lambda booking: booking.slot.seats.order_by("number").first())
    pairing = factory.SubFactory(
        PairingFactory,
        school=factory.SelfAttribute("..seat.slot.school"),
        host=factory.SelfAttribute("..seat.slot.host"),
        cadence=factory.SelfAttribute("..seat.slot.cadence"),
    )
    term = factory.SelfAttribute("seat.slot.term")
    starts_on = factory.SelfAttribute("term.starts_on")
    ends_on = factory.SelfAttribute("term.ends_on")
    booked_by = factory.SelfAttribute("pairing.attendee")
    booked_at = NOW - timedelta(days=40)


class MeetingFactory(factory.django.DjangoModelFactory):
    """
    Tomorrow at 10:40 in New York, half an hour, with both people there.

    `past=True` is last Tuesday and held. A pairing has one meeting at a time: give `starts_at`
    where there are several.
    """

    class Meta:
        model = Meeting
        skip_postgeneration_save = True

    class Params:
        past = factory.Trait(
            starts_at=instant(date(2026, 10, 6), time(10, 40), SchoolFactory.build().zone),
            held=True,
        )
        held = factory.Trait(status=Meeting.Status.HELD, ended_at=factory.SelfAttribute("ends_at"))
        skipped = factory.Trait(status=Meeting.Status.SKIPPED, ended_at=NOW)
        cancelled = factory.Trait(status=Meeting.Status.CANCELLED, ended_at=NOW)
        missed = factory.Trait(status=Meeting.Status.MISSED, ended_at=NOW)
        closed = factory.Trait(status=Meeting.Status.CLOSED, ended_at=NOW)

    school = factory.SelfAttribute("pairing.school")
    pairing = factory.SubFactory(PairingFactory)
    starts_at = instant(date(2026, 10, 13), time(10, 40), SchoolFactory.build().zone)
    ends_at = factory.LazyAttribute(lambda meeting: meeting.starts_at + timedelta(minutes=30))
    original_starts_at = factory.SelfAttribute("starts_at")
    agreed_at = NOW - timedelta(days=40)

    @factory.post_generation
    def attendances(self, create, extracted, **kwargs):
        if create:
            for role, person in (
                (Attendance.Role.HOST, self.pairing.host),
                (Attendance.Role.ATTENDEE, self.pairing.attendee),
            ):
                Attendance.objects.create(
                    meeting=self,
                    person=person,
                    role=role,
                    starts_at=self.starts_at,
                    ends_at=self.ends_at,
                    blocks=self.status in BLOCKING,
                )


BLOCKING = (Meeting.Status.PLANNED, Meeting.Status.HELD, Meeting.Status.MISSED)


class SignUpFactory(factory.django.DjangoModelFactory):
    """A leader's sign-up, open since last Monday."""

    class Meta:
        model = SignUp

    class Params:
        closed = factory.Trait(closes_at=NOW - timedelta(days=1))
        not_yet_open = factory.Trait(opens_at=NOW + timedelta(days=1))

    school = factory.SelfAttribute("term.school")
    term = factory.LazyFunction(term_with_calendar)
    host = factory.SubFactory(
        PersonFactory, leader=True, school=factory.SelfAttribute("..term.school")
    )
    opens_at = NOW - timedelta(days=7)


class InvitationFactory(factory.django.DjangoModelFactory):
    """To an open sign-up, sent at conftest.NOW; `pairing` or `sign_up` brings the host."""

    class Meta:
        model = Invitation

    sign_up = factory.SubFactory(SignUpFactory)
    pairing = factory.SubFactory(
        PairingFactory,
        school=factory.SelfAttribute("..sign_up.school"),
        host=factory.SelfAttribute("..sign_up.host"),
    )
    invited_at = NOW


def school_with_calendar(*, closures=(), at: datetime | None = None, **fields):
    """
    A school with a fall term, Monday to Friday, one bell schedule (`BELLS`), weeks and days.

    `closures` are (first day, last day); `fields` are those of the school. `school.terms.get()` is
    the term, `school.periods.get(name="Period 4")` a period.
    """
    school = SchoolFactory(**fields)
    TermFactory(school=school)
    for starts_on, ends_on in closures:
        ClosureFactory(school=school, starts_on=starts_on, ends_on=ends_on)
    with_bells(school)
    actions.rebuild_calendar(school, by=None, at=at or timezone.now())
    return school


def with_bells(school, *, name="Regular", bells=None):
    """Give all columns of a school one bell schedule; answers it."""
    columns = as_written(column for column, _ in columns_of(school))
    bell_schedule = BellScheduleFactory(school=school, name=name, weekdays=columns)
    bells = bells or BELLS
    periods = Period.objects.bulk_create(  # many tests begin so
        PeriodFactory.build(school=school, name=name, ordinal=ordinal)
        for ordinal, name in enumerate(bells, start=1)
    )
    BellTime.objects.bulk_create(
        BellTime(bell_schedule=bell_schedule, period=period, starts_at=starts_at, ends_at=ends_at)
        for period, (starts_at, ends_at) in zip(periods, bells.values(), strict=True)
    )
    return bell_schedule
