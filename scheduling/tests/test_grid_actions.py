"""Painting: many cells at once, nobody loses a place, and back exactly as it was."""

from datetime import time, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from audit.models import Event
from conftest import NOW
from people.cadence import Cadence
from people.models import Change
from people.tests.factories import PairingFactory, PersonFactory
from people.undo import CannotUndo, inverse_of
from scheduling import actions
from scheduling.grid import refused_words
from scheduling.models import Booking, Meeting, Seat, Slot
from scheduling.tests.factories import (
    BellTimeFactory,
    BookingFactory,
    CommitmentFactory,
    MeetingFactory,
    PeriodFactory,
    SlotFactory,
    TermFactory,
    school_with_calendar,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


@pytest.fixture
def school():
    return school_with_calendar()


@pytest.fixture
def host(school):
    return PersonFactory(leader=True, school=school)


def spots(school, *names, column="2"):
    keys = dict(school.periods.values_list("name", "pk"))
    return [(column, keys[name]) for name in names]


def ring(school, name, starts_at, ends_at):
    """Add a period to the regular bell schedule."""
    BellTimeFactory(
        bell_schedule=school.bell_schedules.get(),
        period=PeriodFactory(school=school, name=name),
        starts_at=starts_at,
        ends_at=ends_at,
    )


def paint(host, cells, cadence, *, school, at=NOW, **fields):
    term = fields.pop("term", None) or school.terms.get()
    by = fields.pop("by", host)
    return actions.paint(host, school, term, cells, cadence, by=by, at=at)


def colours(host):
    return {
        (slot.column, slot.period.name): slot.cadence
        for slot in Slot.objects.standing().filter(host=host).select_related("period")
    }


@pytest.mark.parametrize(
    ("cadence", "weeks"),
    [
        ("weekly", [0b1111]),
        ("biweekly", [0b0101, 0b1010]),
        ("monthly", [0b0001, 0b0010, 0b0100, 0b1000]),
    ],
)
def test_paint_makes_a_cell_with_its_seats(school, host, cadence, weeks):
    paint(host, spots(school, "Lunch"), cadence, school=school)

    slot = Slot.objects.get()
    assert (slot.host, slot.school, slot.column, slot.minutes) == (host, school, "2", 30)
    assert list(slot.seats.order_by("number").values_list("number", "weeks")) == list(
        enumerate(weeks, start=1)
    )


def test_paint_is_recorded_and_can_be_undone(school, host):
    painted = paint(host, spots(school, "Lunch"), "weekly", school=school)

    event = Event.objects.get(act=Event.Act.SLOT_PAINT)
    assert (event.by, event.chain) == (host.pk, school.pk)
    assert painted.change.verb == "slot.paint"
    assert inverse_of(painted.change).describe(painted.change) == "Tuesday, Lunch: weekly."


def test_a_talk_never_goes_past_a_short_period(school, host):
    ring(school, "Break", time(16), time(16, 20))

    paint(host, spots(school, "Break"), "weekly", school=school)

    assert Slot.objects.get().minutes == 20


def test_paint_and_clear_many_at_once(school, host):
    cells = spots(school, "Lunch", "Period 4") + spots(school, "Lunch", column="3")

    painted = paint(host, [*cells, cells[0]], "monthly", school=school)
    assert inverse_of(painted.change).describe(painted.change) == "3 periods: monthly."
    assert set(colours(host).values()) == {"monthly"}
    assert len(colours(host)) == 3

    paint(host, cells[:2], None, school=school)
    assert colours(host) == {("3", "Lunch"): "monthly"}
    assert Seat.objects.count() == 4


def test_painting_what_is_there_changes_nothing(school, host):
    cells = spots(school, "Lunch")
    paint(host, cells, "weekly", school=school)

    assert paint(host, cells, "weekly", school=school) == (None, [], [])
    assert paint(host, spots(school, "Period 1"), None, school=school) == (None, [], [])
    assert Change.objects.count() == 1


@pytest.mark.parametrize("cadence", [None, "monthly"])
def test_a_booked_cell_keeps_its_colour_and_says_who(school, host, cadence):
    slot = SlotFactory(host=host, term=school.terms.get(), biweekly=True)
    booking = BookingFactory(slot=slot)
    cells = spots(school, "Period 4", "Lunch")

    painted = paint(host, cells, cadence, school=school)

    assert colours(host)["2", "Period 4"] == "biweekly"
    assert refused_words(painted.refused) == (
        f"Left one period as it was, because {booking.pairing.attendee.name} is booked in it."
    )
    assert len(painted.painted) == (1 if cadence else 0)


def test_talks_still_to_come_of_a_place_given_back_keep_the_cell(school, host):
    booking = BookingFactory(slot=SlotFactory(host=host, term=school.terms.get()), released=True)
    meeting = MeetingFactory(pairing=booking.pairing, booking=booking)
    cells = spots(school, "Period 4")

    assert paint(host, cells, None, school=school).refused

    Meeting.objects.filter(pk=meeting.pk).update(status=Meeting.Status.CANCELLED)
    assert not paint(host, cells, None, school=school).refused
    assert colours(host) == {}


def test_a_cell_with_a_history_is_set_aside(school, host):
    slot = SlotFactory(host=host, term=school.terms.get())
    BookingFactory(slot=slot, released=True)

    painted = paint(host, spots(school, "Period 4"), "monthly", school=school)

    slot.refresh_from_db()
    assert slot.removed_at == NOW
    assert colours(host) == {("2", "Period 4"): "monthly"}

    inverse_of(painted.change).undo(painted.change, host, NOW)
    slot.refresh_from_db()
    assert slot.removed_at is None
    assert Slot.objects.count() == 1


def test_undo_restores_where_one_meets(school, host):
    slot = SlotFactory(host=host, term=school.terms.get(), place="Library corner", minutes=25)
    cells = spots(school, "Period 4")

    cleared = paint(host, cells, None, school=school)
    assert "Library" not in str(cleared.change.refs)
    inverse_of(cleared.change).undo(cleared.change, host, NOW)
    assert Slot.objects.standing().get() == slot

    paint(host, cells, "monthly", school=school)
    assert Slot.objects.standing().get().place == "Library corner"


def test_undo_and_redo_in_turns(school, host):
    cells = spots(school, "Lunch", "Period 1")
    first = paint(host, cells, "weekly", school=school).change
    second = paint(host, cells[:1], "monthly", school=school).change
    after = colours(host)

    for change in (second, first):
        actions.unpaint(change, by=host, at=NOW)
        Change.objects.filter(pk=change.pk).update(undone_at=NOW)
    assert colours(host) == {}

    for change in (first, second):
        actions.repaint(change, by=host, at=NOW)
    assert colours(host) == after
    assert not Change.objects.exclude(undone_at=None).exists()


def test_nothing_is_done_again_twice(school, host):
    change = paint(host, spots(school, "Lunch"), "weekly", school=school).change

    with pytest.raises(actions.CannotPaint, match="already"):
        actions.repaint(change, by=host, at=NOW)


def test_undo_is_refused_once_somebody_has_booked(school, host):
    change = paint(host, spots(school, "Lunch", "Period 1"), "weekly", school=school).change
    pairing = PairingFactory(school=school, host=host)
    BookingFactory(seat=Seat.objects.first(), pairing=pairing)

    with pytest.raises(CannotUndo, match=pairing.attendee.name):
        inverse_of(change).undo(change, host, NOW)
    assert len(colours(host)) == 2


def test_undo_is_refused_when_painted_over_since(school, host):
    cells = spots(school, "Lunch")
    first = paint(host, cells, "weekly", school=school).change
    paint(host, cells, "monthly", school=school)

    with pytest.raises(CannotUndo, match="changed since"):
        inverse_of(first).undo(first, host, NOW)


def test_several_cells_spare_those_in_which_the_host_is_busy(school, host):
    CommitmentFactory(person=host, term=school.terms.get(), label="Assembly")

    painted = paint(host, spots(school, "Period 1", "Period 2"), "weekly", school=school)
    assert colours(host) == {("2", "Period 2"): "weekly"}
    assert refused_words(painted.refused) == (
        "Left one period as it was, because you have Assembly then."
    )

    paint(host, spots(school, "Period 1"), "weekly", school=school)
    assert len(colours(host)) == 2


def test_cells_of_a_host_never_overlap(school, host):
    ring(school, "Early lunch", time(15, 30), time(16, 10))
    ring(school, "Late lunch", time(15, 50), time(16, 30))
    SlotFactory(
        host=host,
        term=school.terms.get(),
        period=None,
        starts_at=time(12, 20),
        ends_at=time(12, 40),
    )

    painted = paint(host, spots(school, "Early lunch", "Late lunch"), "weekly", school=school)
    assert refused_words(painted.refused) == (
        "Left one period as it was, because it overlaps Early lunch."
    )
    assert paint(host, spots(school, "Period 5"), "weekly", school=school).refused[0].names == (
        "12:20 to 12:40",
    )


def test_only_the_host_paints_and_only_while_they_host(school, host):
    other = PersonFactory(leader=True, school=school)
    teacher = PersonFactory(teacher=True, school=school)
    for grid_of, by in ((host, other), (teacher, teacher)):
        with pytest.raises(PermissionDenied):
            paint(grid_of, spots(school, "Lunch"), "weekly", school=school, by=by)


def test_a_term_that_is_over_stays_as_it_is(school, host):
    term = school.terms.get()
    change = paint(host, spots(school, "Lunch"), "weekly", school=school).change
    later = NOW + timedelta(days=100)

    with pytest.raises(actions.CannotPaint, match="over"):
        paint(host, spots(school, "Lunch"), None, school=school, term=term, at=later)
    with pytest.raises(CannotUndo, match="over"):
        inverse_of(change).undo(change, host, later)


def test_a_term_of_another_school_is_refused(school, host):
    with pytest.raises(actions.CannotPaint):
        paint(host, spots(school, "Lunch"), "weekly", school=school, term=TermFactory())


@pytest.mark.parametrize("cadence", ["termly", "hourly", ""])
def test_cadences_that_the_grid_does_not_know_are_refused(school, host, cadence):
    with pytest.raises(actions.CannotPaint, match="Choose weekly"):
        paint(host, spots(school, "Lunch"), cadence, school=school)


def test_cells_that_the_timetable_does_not_have_are_refused(school, host):
    elsewhere = school_with_calendar()
    for cells in (spots(school, "Lunch", column="6"), spots(elsewhere, "Lunch"), [("2", 0)]):
        with pytest.raises(actions.CannotPaint, match="not on the timetable"):
            paint(host, cells, "weekly", school=school)


@pytest.mark.parametrize("count", [1, 10])
def test_painting_takes_the_same_queries_for_any_number_of_cells(
    school, host, count, django_assert_max_num_queries
):
    names = list(school.periods.order_by("ordinal").values_list("name", flat=True))[:count]
    cells = [spot for column in "12345"[:count] for spot in spots(school, *names, column=column)]
    term = school.terms.get()
    paint(host, cells, "monthly", school=school)
    for slot in Slot.objects.all()[: count - 1]:
        BookingFactory(slot=slot, released=True)
    for slot in Slot.objects.all()[count : 2 * count - 2]:
        BookingFactory(slot=slot)

    with django_assert_max_num_queries(22):
        actions.paint(host, school, term, cells, Cadence.WEEKLY, by=host, at=NOW)
    assert Booking.objects.filter(seat__slot__removed_at=None).count() == max(0, count - 2)
