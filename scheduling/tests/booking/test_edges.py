"""Where two things that people do meet: undo, closures, cleared cells, those who left."""

from datetime import date, timedelta

import pytest

from conftest import NOW
from notes.models import Part
from notes.tests.factories import draft
from people.actions import undo
from people.models import OutgoingMail
from people.undo import CannotUndo
from scheduling import actions
from scheduling.actions import CannotBook, CannotChange, PlaceTaken
from scheduling.availability import openings
from scheduling.models import Meeting
from scheduling.tests.booking.series import booked, pair, school_of, seat_of, slot_of, term_of
from scheduling.tests.factories import (
    ClosureFactory,
    InvitationFactory,
    MeetingFactory,
    SignUpFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


def close(host, first, last=None):
    school = school_of(host)
    ClosureFactory(school=school, name="Snow", starts_on=first, ends_on=last or first)
    actions.rebuild_calendar(school, by=None, at=NOW)


def clear(host, slot):
    term = term_of(host)
    cells = [(slot.column, slot.period_id)]
    return actions.paint(host, term.school, term, cells, None, by=host, at=NOW)


def planned(booking):
    return Meeting.objects.filter(booking=booking, status=Meeting.Status.PLANNED)


def test_undone_move_brings_no_talk_back_to_a_released_series(host, meeting):
    change = actions.move(meeting, by=host, at=NOW, starts_at=meeting.starts_at + timedelta(days=1))
    actions.release(meeting.booking, by=meeting.pairing.attendee, at=NOW)

    with pytest.raises(CannotUndo, match="changed again"):
        undo(change, by=host, at=NOW)

    assert not planned(meeting.booking).exists()


def test_undo_steps_back_one_by_one(host, meeting):
    was = meeting.starts_at
    first = actions.move(meeting, by=host, at=NOW, starts_at=was + timedelta(days=1))
    second = actions.move(meeting, by=host, at=NOW, starts_at=was + timedelta(days=2))
    with pytest.raises(CannotUndo):
        undo(first, by=host, at=NOW)

    undo(second, by=host, at=NOW)
    undo(first, by=host, at=NOW)

    meeting.refresh_from_db()
    assert meeting.starts_at == was


def test_nothing_is_planned_again_on_a_closed_day(host, meeting):
    skipped = actions.skip(meeting, by=host, at=NOW)
    close(host, date(2026, 10, 13))

    with pytest.raises(CannotUndo, match="no school"):
        undo(skipped, by=host, at=NOW)
    with pytest.raises(CannotChange, match="no school"):
        actions.restore(meeting, by=host, at=NOW)
    released = actions.release(meeting.booking, by=host, at=NOW)
    close(host, date(2026, 10, 20))
    undo(released, by=host, at=NOW)

    days = {each.starts_at.date() for each in planned(meeting.booking)}
    assert date(2026, 10, 20) not in days
    assert len(days) == 8


def test_late_closure_asks_what_then_of_sparse_talks(host):
    booking, _ = actions.book(
        pair(host), slot_of(host, monthly=True).seats.get(weeks=0b0100), by=host, at=NOW
    )
    first = planned(booking).in_order()[0]

    close(host, first.starts_at.date())

    assert [each.pk for each in Meeting.objects.undecided(NOW)] == [first.pk]


def test_given_back_place_in_a_cleared_cell_does_not_return(host):
    slot = slot_of(host)
    booking, _ = actions.book(pair(host), seat_of(slot), by=host, at=NOW)
    released = actions.release(booking, by=host, at=NOW)
    clear(host, slot)

    with pytest.raises(CannotUndo, match="not offered"):
        undo(released, by=host, at=NOW)

    booking.refresh_from_db()
    assert booking.released_at == NOW


def test_series_does_not_move_to_a_cleared_cell(host, meeting):
    other = slot_of(host, column="3")
    seat = seat_of(other)
    actions.release(actions.book(pair(host), seat, by=host, at=NOW).booking, by=host, at=NOW)
    clear(host, other)

    with pytest.raises(PlaceTaken, match="no longer offered"):
        actions.move_following(meeting, seat, by=host, at=NOW)


def test_attendee_does_not_change_the_rhythm_by_moving(host):
    sign_up = SignUpFactory(host=host, term=term_of(host))
    pairing = InvitationFactory(sign_up=sign_up).pairing
    seat = seat_of(slot_of(host, monthly=True))
    booking, _ = actions.book(pairing, seat, by=host, at=NOW)
    weekly = seat_of(slot_of(host, column="4"))

    with pytest.raises(CannotBook, match="rhythm"):
        actions.move_following(planned(booking)[0], weekly, by=pairing.attendee, at=NOW)

    assert actions.move_following(planned(booking)[0], weekly, by=host, at=NOW)


def test_two_closed_weeks_leave_a_biweekly_seat_bookable(host):
    actions.book(pair(host), seat_of(slot_of(host, column="1")), by=host, at=NOW)  # freezes
    close(host, date(2026, 10, 19), date(2026, 10, 30))
    slot = slot_of(host, biweekly=True, column="3")
    pairing = pair(host)

    found = openings(host, pairing.attendee, term_of(host), cadences=["biweekly"], now=NOW)

    for each in found:
        starts = [date.at for date in each.dates if date.is_free]
        assert len(starts) == len(set(starts))
    assert actions.book(pairing, seat_of(slot, 1), by=host, at=NOW).booking


def test_cancelling_what_follows_takes_this_one_wherever_it_was_moved(host, meeting):
    actions.move(meeting, by=host, at=NOW, starts_at=meeting.starts_at + timedelta(days=3))
    wednesday = meeting.starts_at + timedelta(days=1)

    actions.release(meeting.booking, by=host, at=wednesday, since=meeting.original_starts_at)

    assert not planned(meeting.booking).exists()


def test_single_talk_of_somebody_who_left_goes(host):
    pairing = pair(host)
    made, _ = actions.plan_single(
        pairing, by=host, at=NOW, starts_at=NOW + timedelta(days=2), minutes=30
    )
    pairing.attendee.is_active = False
    pairing.attendee.save()

    actions.release_what_ended(by=None, at=NOW)

    made.refresh_from_db()
    assert made.status == Meeting.Status.CANCELLED
    assert not made.attendances.filter(blocks=True).exists()


def test_undo_of_what_the_other_has_moved_is_refused(host):
    pairing = pair(host)
    made, change = actions.plan_single(
        pairing, by=host, at=NOW, starts_at=NOW + timedelta(days=2), minutes=30
    )
    actions.move(made, by=pairing.attendee, at=NOW, starts_at=NOW + timedelta(days=3))

    with pytest.raises(CannotUndo):
        undo(change, by=host, at=NOW)


def test_undo_of_what_is_gone_is_refused_in_words(host):
    made, plan = actions.plan_single(
        pair(host), by=host, at=NOW, starts_at=NOW + timedelta(days=2), minutes=30
    )
    move = actions.move(made, by=host, at=NOW, starts_at=NOW + timedelta(days=3))
    made.delete()

    for change in (plan, move):
        with pytest.raises(CannotUndo):
            undo(change, by=host, at=NOW)


@pytest.mark.parametrize("is_single", [True, False])
def test_undo_does_not_tell_that_somebody_wrote(host, is_single):
    if is_single:
        made, change = actions.plan_single(
            pair(host), by=host, at=NOW, starts_at=NOW + timedelta(days=2), minutes=30
        )
    else:
        booking, change = booked(host)
        made = planned(booking)[0]
    draft(made, made.pairing.attendee, "for myself")

    undo(change, by=host, at=NOW)

    assert not Meeting.objects.shown().filter(pairing=made.pairing).exists()
    assert Part.objects.visible_to(made.pairing.attendee, at=NOW).exists()


def test_undo_after_the_mail_has_left_tells_how_things_stand(host):
    booking, _ = booked(host)
    change = actions.release(booking, by=host, at=NOW)
    OutgoingMail.objects.filter(kind="series_cancelled").update(sent_at=NOW)

    undo(change, by=host, at=NOW + timedelta(hours=5))

    mail = OutgoingMail.objects.open().get(kind="booked", due_at=NOW + timedelta(hours=5))
    assert (mail.person, mail.subject_uid) == (booking.pairing.attendee, booking.uid)


def test_booking_undone_after_its_mail_has_left_is_told_and_its_dates_go(host):
    booking, change = booked(host)
    OutgoingMail.objects.update(sent_at=NOW)

    undo(change, by=host, at=NOW)

    told = OutgoingMail.objects.open().values_list("kind", "person")
    attendee_id = booking.pairing.attendee_id
    assert set(told) == {("series_cancelled", attendee_id), ("for_calendar", host.pk)}
    assert not Meeting.objects.shown().exists()
    assert actions.book(pair(host), booking.seat, by=host, at=NOW)


def test_single_talk_keeps_its_length_when_put_back_elsewhere(host):
    meeting = MeetingFactory(pairing=pair(host))
    actions.cancel(meeting, by=host, at=NOW)

    actions.restore(
        meeting, by=host, at=NOW, starts_at=meeting.starts_at + timedelta(days=1), minutes=45
    )

    meeting.refresh_from_db()
    assert meeting.minutes == 45
