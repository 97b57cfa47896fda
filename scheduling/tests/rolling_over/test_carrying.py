"""Series go on in the next term at their time, in one change; what cannot says why."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from audit.models import Event
from conftest import NOW
from people.actions import undo
from people.models import Change, OutgoingMail, Pairing
from people.tests.factories import PersonFactory
from people.undo import CannotUndo
from scheduling import actions
from scheduling.models import BellTime, Booking, Invitation, Meeting, Slot
from scheduling.rollover import plan_of, turn_of
from scheduling.tests.factories import CommitmentFactory, InvitationFactory, SlotFactory

AT = {"starts_at": time(10, 40), "ends_at": time(11)}  # a lesson in Period 4

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now", "spring")]


def plan(host, school, at=NOW):
    return plan_of(host, turn_of(school, on=school.today(at)), at=at)


def problems(host, school):
    return [row.problem for row in plan(host, school).rows]


def carry(host, school, *bookings, at=NOW, by=None):
    chosen = {str(each.uid) for each in bookings}
    return actions.carry_over(host, school, chosen=chosen, by=by or host, at=at)


def test_series_and_free_times_go_along_as_they_are(host, school, spring, book):
    weekly = book(place="Library", minutes=20)
    monthly = book(column="3", cadence="monthly", number=3)
    free = SlotFactory(host=host, term=weekly.term, column="4", biweekly=True)

    done = carry(host, school, weekly, monthly)

    assert done.refused == []
    cells = Slot.objects.filter(host=host, term=spring).order_by("column")
    was = Slot.objects.filter(host=host, term=weekly.term).order_by("column")
    same = ("column", "period", "cadence", "minutes", "place")
    assert list(cells.values_list(*same)) == list(was.values_list(*same))
    for old in (weekly, monthly):
        new = Booking.objects.live().get(pairing=old.pairing, term=spring)
        assert (new.seat.number, new.seat.weeks) == (old.seat.number, old.seat.weeks)
        assert (new.starts_on, new.ends_on) == (spring.starts_on, spring.ends_on)
        assert new.uid != old.uid
        assert new.meetings.filter(status="planned").count() == new.meetings.count() > 0
        assert old.released_at is None
    assert free.seats.count() == cells[2].seats.count() == 2
    assert not Booking.objects.filter(seat__slot=cells[2]).exists()


def test_those_that_are_not_ticked_stay(host, school, spring, book):
    one, two = book(), book(column="3")
    carry(host, school, one)
    assert list(Booking.objects.filter(term=spring).values_list("pairing", flat=True)) == [
        one.pairing_id
    ]
    assert [row.booking for row in plan(host, school).rows] == [two]
    assert plan(host, school).have_time == 1


def test_each_of_them_is_told_and_the_log_says_so(host, school, spring, book):
    bookings = [book(), book(column="3")]
    OutgoingMail.objects.all().delete()

    change = carry(host, school, *bookings).change

    told = OutgoingMail.objects.filter(change=change, kind="booked")
    assert {each.person_id for each in told} == {each.pairing.attendee_id for each in bookings}
    events = Event.objects.filter(act=Event.Act.BOOKING_MAKE, basis="carried")
    assert [event.by for event in events] == [host.pk, host.pk]


def test_a_grid_that_is_there_already_is_kept(host, school, spring, book):
    one, two, three = book(), book(column="3", biweekly=True), book(column="4")
    same = SlotFactory(host=host, term=spring)
    SlotFactory(host=host, term=spring, column="3")  # weekly now
    other = book(column="5", name="Ana")
    fifth = SlotFactory(host=host, term=spring, column="5")
    someone = book(column="1", name="Leo").pairing
    actions.book(someone, fifth.seats.get(), by=host, at=NOW)

    found = {row.booking: row.problem for row in plan(host, school).rows}

    assert found == {
        one: "",
        two: "Your grid has something else there then.",
        three: "",
        other: "Somebody else has this place then.",
    }
    carry(host, school, one)
    assert Booking.objects.get(pairing=one.pairing, term=spring).seat.slot == same


def test_nobody_is_put_where_they_teach(host, school, spring, book):
    booking, own = book(name="Priya"), book(column="3")
    CommitmentFactory(term=spring, person=booking.pairing.attendee, column="2", **AT)
    CommitmentFactory(term=spring, person=host, column="3", **AT)

    name = booking.pairing.attendee.name
    assert problems(host, school) == [f"{name} teaches then.", "You teach then."]
    assert plan(host, school).knows_lessons
    with pytest.raises(actions.CannotCarry, match="teaches then"):
        carry(host, school, booking)
    assert not Slot.objects.filter(term=spring).exists()
    assert own.pk


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"ends_on": date(2026, 12, 20)}, "You two no longer meet then."),
        ({"is_paused": True}, "Paused."),
    ],
)
def test_who_no_longer_meets_does_not_go_on(host, school, book, fields, why):
    Pairing.objects.filter(pk=book().pairing_id).update(**fields)
    assert problems(host, school) == [why]


def test_a_cell_that_the_timetable_no_longer_has_stays(host, school, book):
    booking = book()
    BellTime.objects.filter(period=booking.seat.slot.period).delete()
    assert problems(host, school) == ["Not on the timetable then."]


def test_dates_that_clash_are_counted_and_too_many_are_refused(host, school, spring, book):
    booking = book()
    days = school.days.filter(term=spring, column="2").order_by("date")
    person = booking.pairing.attendee
    first = days[2].date
    CommitmentFactory(term=spring, person=person, starts_on=first, ends_on=first, **AT)

    [row] = plan(host, school).rows

    assert (row.problem, row.first, row.clashes) == ("", "5 January", "one date clashes")


def test_only_a_host_carries_their_own(host, school, book):
    booking = book()
    other = PersonFactory(leader=True, school=school)
    with pytest.raises(PermissionDenied):
        carry(host, school, booking, by=other)
    with pytest.raises(actions.CannotCarry, match="Tick at least one"):
        carry(other, school, booking)


def test_undo_takes_all_of_it_back(host, school, spring, book):
    one, two = book(), book(column="3")
    was = list(Meeting.objects.order_by("pk").values_list("pk", flat=True))
    change = carry(host, school, one, two).change

    undo(change, by=host, at=NOW + timedelta(seconds=30))

    assert not Booking.objects.filter(term=spring).exists()
    assert not Slot.objects.filter(term=spring).exists()
    assert list(Meeting.objects.order_by("pk").values_list("pk", flat=True)) == was
    assert not OutgoingMail.objects.open().filter(change=change).exists()
    assert len(plan(host, school).ready) == 2


def test_undo_after_they_were_told_tells_each_of_their_own(host, school, spring, book):
    one, two = book(), book(column="3")
    change = carry(host, school, one, two).change
    OutgoingMail.objects.filter(change=change).update(sent_at=NOW)

    undo(change, by=host, at=NOW + timedelta(hours=1))

    told = OutgoingMail.objects.open().filter(kind="series_cancelled")
    news = {each.person_id: each.subject_uid for each in told}
    gone = Booking.objects.filter(term=spring, released_at__isnull=False)
    assert news == {each.pairing.attendee_id: each.uid for each in gone}
    assert len(news) == 2
    assert not Slot.objects.standing().filter(term=spring).exists()
    assert carry(host, school, one, two).bookings


def test_what_has_gone_on_since_is_not_undone(host, school, spring, book):
    one = book()
    done = carry(host, school, one)
    meeting = done.bookings[0].meetings.with_people().in_order()[0]
    actions.cancel(meeting, by=host, at=NOW)
    with pytest.raises(CannotUndo):
        undo(Change.objects.get(pk=done.change.pk), by=host, at=NOW)
    assert Booking.objects.live().filter(term=spring).exists()


def test_an_answer_to_an_invitation_comes_back_with_undo(host, school, spring, book):
    one = book()
    InvitationFactory(sign_up__host=host, sign_up__term=spring, pairing=one.pairing, answer="talk")
    change = carry(host, school, one).change
    assert Invitation.objects.get().answer == ""
    undo(change, by=host, at=NOW)
    assert Invitation.objects.get().answer == "talk"


def test_which_terms_it_is_about(school, fall, spring):
    def turn(*day):
        found = turn_of(school, on=date(*day))
        return found and (found.old.name, found.new and found.new.name)

    assert turn(2026, 9, 1) is None
    assert turn(2026, 9, 8) == ("Fall 2026", "Spring 2027")
    assert turn(2026, 12, 28) == ("Fall 2026", "Spring 2027")
    assert turn(2027, 1, 31) == ("Fall 2026", "Spring 2027")
    assert turn(2027, 2, 1) == ("Spring 2027", None)


def test_late_in_the_new_term_only_what_is_ahead_is_booked(host, school, spring, book):
    booking = book()
    late = datetime(2027, 1, 20, 12, tzinfo=UTC)
    [new] = carry(host, school, booking, at=late).bookings
    assert new.starts_on == date(2027, 1, 20)
    assert new.meetings.earliest("starts_at").starts_at > late
