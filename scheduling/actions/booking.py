"""Taking a place in a grid for a term, moving the series, and giving the place back."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.formats import time_format

from audit.models import Event
from people.models import Change, Pairing, Person, School
from people.permissions import require

from ..availability import busy_times, calendar_of, dates_of, teaches_then
from ..elsewhere import commitments_around, here
from ..models import Attendance, Booking, Invitation, Meeting, SchoolWeek, Seat, SignUp
from ..models.calendar import column_name
from ..permissions import cadences_open_to, can_change_times, can_place, can_sign_up
from ..series import Clash, Occurrence
from .meetings import attend
from .telling import FOR_CALENDAR, remember, tell

TRIES = 3  # somebody else's booking may land between looking and saving

# Why a date of a series was not kept, on `Meeting.status_reason`: codes, never words
CLASH = "clash"
SERIES = "series"  # the series went elsewhere or ended


class CannotBook(Exception):
    """Why a place cannot be booked, in words for the person who tried."""


class PlaceTaken(CannotBook):
    """Somebody was quicker; other places may still fit."""


class Booked(NamedTuple):
    booking: Booking
    change: Change | None


@transaction.atomic
def book(pairing: Pairing, seat: Seat, *, by: Person, at: datetime) -> Booked:
    """
    Give a pairing a seat for the rest of the term, and make all its meetings.

    The attendee may in an open sign-up, the host or an assistant for anybody. The cadence of the
    seat becomes the cadence of the pairing. Raises PlaceTaken or CannotBook with a sentence.
    """
    pairing, seat = _locked(pairing, seat)
    term = seat.slot.term
    today = term.school.today(at)
    _require_may_book(pairing, seat, by=by, at=at)
    if Booking.objects.live().filter(pairing=pairing, term=term).exists():
        raise CannotBook(
            f"{pairing.attendee.first_name} already has a time with "
            f"{pairing.host.first_name} this term."
        )
    was = {
        "cadence": pairing.cadence,
        "answer": Invitation.objects.answer_of(pairing, term),
    }
    booking = claim(pairing, seat, starts_on=max(today, term.starts_on), by=by, at=at)
    change = remember(
        Event.Act.BOOKING_MAKE,
        pairing=pairing,
        by=by,
        at=at,
        about=booking.uid,
        refs={"booking": str(booking.uid), **was},
        mail="booked",
        objects=[f"booking:{booking.uid}"],
    )
    return Booked(booking, change)


@transaction.atomic
def move_following(meeting: Meeting, seat: Seat, *, by: Person, at: datetime) -> Booked:
    """
    Move this meeting and all that follow to another seat; those before it stay and block.

    The old booking ends the day before and its seat is free now; the new one has its own UID.
    """
    if meeting.booking_id is None:
        raise CannotBook("This talk stands alone. Move it by itself.")
    pairing, seat = _locked(meeting.pairing, seat)
    old = Booking.objects.select_for_update().get(pk=meeting.booking_id)
    starts_today = seat.slot.term.school.today(at)
    require(can_change_times(by, pairing, on=starts_today))
    if old.released_at is not None or old.term_id != seat.slot.term_id:
        raise CannotBook("This series has already moved.")
    if old.seat_id == seat.pk:
        raise CannotBook("That is the time they have now.")
    _require_offered(pairing, seat, on=starts_today)
    if seat.slot.cadence not in cadences_open_to(by, pairing, on=starts_today):
        raise CannotBook(f"{pairing.host.first_name} did not offer that rhythm. Choose another.")
    starts_on = max(
        starts_today,
        meeting.original_starts_at.astimezone(seat.slot.term.school.zone).date(),
    )
    refs = free(old, since=meeting.original_starts_at, ends_on=starts_on, at=at)
    answer = Invitation.objects.answer_of(pairing, seat.slot.term)
    was = {"cadence": pairing.cadence, "answer": answer, "released": refs}
    booking = claim(pairing, seat, starts_on=starts_on, by=by, at=at)
    change = remember(
        Event.Act.BOOKING_MOVE,
        pairing=pairing,
        by=by,
        at=at,
        about=booking.uid,
        refs={"booking": str(booking.uid), **was},
        mail="series_moved",
        objects=[f"booking:{old.uid}", f"booking:{booking.uid}"],
    )
    for person in (pairing.host, pairing.attendee):  # calendars know the old one as another
        tell(FOR_CALENDAR, person, by=by, at=at, about=old.uid, series=old.uid, change=change)
    return Booked(booking, change)


@transaction.atomic
def release(
    booking: Booking, *, by: Person, at: datetime, since: datetime | None = None
) -> Change | None:
    """Give a place back: every planned meeting of the series from a moment on is cancelled."""
    booking = (
        Booking.objects.select_for_update(of=("self",))
        .select_related("pairing__host", "pairing__attendee", "term__school")
        .get(pk=booking.pk)
    )
    require(can_change_times(by, booking.pairing, on=booking.term.school.today(at)))
    if booking.released_at is not None:
        raise CannotBook("This place was given back already.")
    ends_on = max(since or at, at).astimezone(booking.term.school.zone).date()
    refs = free(booking, since=since, ends_on=ends_on, at=at)
    return remember(
        Event.Act.BOOKING_RELEASE,
        pairing=booking.pairing,
        by=by,
        at=at,
        about=booking.uid,
        refs={"released": refs},
        mail="series_cancelled",
        objects=[f"booking:{booking.uid}"],
    )


def _locked(pairing: Pairing, seat: Seat) -> tuple[Pairing, Seat]:
    """
    Both rows as they are now, locked in an order that all who book agree on.

    The school comes first, so that no closure passes a booking unseen.
    """
    School.objects.select_for_update(no_key=True).get(pk=pairing.school_id)
    pairing = Pairing.objects.select_for_update(of=("self",)).with_people().get(pk=pairing.pk)
    found = (
        Seat.objects.select_for_update(of=("self", "slot"))
        .select_related("slot__term__school", "slot__period", "slot__host")
        .filter(pk=seat.pk)
        .first()
    )
    if found is None:
        raise PlaceTaken("That time is no longer offered. You have not lost anything.")
    return pairing, found


def _require_may_book(pairing: Pairing, seat: Seat, *, by: Person, at: datetime) -> None:
    slot, school = seat.slot, seat.slot.term.school
    on = school.today(at)
    places = can_place(by, pairing.host, on=on)
    sign_up = None
    if not places:
        sign_up = SignUp.objects.filter(host=pairing.host, term=slot.term).first()
    require(places or can_sign_up(by, pairing, sign_up, at=at))
    _require_offered(pairing, seat, on=on)
    if not places and slot.cadence not in pairing.offered:
        raise CannotBook(f"{pairing.host.first_name} did not offer that. Choose how often first.")


def _require_offered(pairing: Pairing, seat: Seat, *, on: date) -> None:
    """That a pairing could have a seat at all, whoever asks for it."""
    slot = seat.slot
    if slot.host_id != pairing.host_id or slot.term.school_id != pairing.school_id:
        raise CannotBook("That time belongs to somebody else.")
    if pairing.ends_on is not None and pairing.ends_on < on:
        raise CannotBook("These two no longer meet.")
    if slot.removed_at is not None:
        raise PlaceTaken("That time is no longer offered. You have not lost anything.")
    if slot.term.ends_on < on:
        raise CannotBook("This term is over.")


def claim(pairing: Pairing, seat: Seat, *, starts_on: date, by: Person, at: datetime) -> Booking:
    """Make a booking of a free seat and its meetings; both rows are locked, and it may be done."""
    term = seat.slot.term
    try:
        with transaction.atomic():
            booking = Booking.objects.create(
                seat=seat,
                pairing=pairing,
                term=term,
                starts_on=starts_on,
                ends_on=term.ends_on,
                booked_by=by,
                booked_at=at,
            )
    except IntegrityError as error:
        raise PlaceTaken(
            f"{where(seat)} was taken a moment ago. You have not lost anything."
        ) from error
    Pairing.objects.filter(pk=pairing.pk).update(cadence=seat.slot.cadence)
    Invitation.objects.filter(pairing=pairing, sign_up__term=term).update(answer="")
    SchoolWeek.objects.filter(term__school_year=term.school_year, school=term.school).update(
        is_frozen=True
    )
    _make_meetings(booking, at=at)
    return booking


def where(seat: Seat) -> str:
    """A seat's day and period in words: "Thursday, Period 4"."""
    slot = seat.slot
    day = column_name(slot.term.school, slot.column)
    if slot.period is not None:
        return f"{day}, {slot.period.name}"
    # A cell without a period has times of its own
    return f"{day}, {time_format(slot.starts_at, 'g:i')}"  # type: ignore[arg-type]


def _make_meetings(booking: Booking, *, at: datetime) -> None:
    """All meetings of the series at once; looks again if somebody's booking lands in between."""
    for attempt in range(1, TRIES + 1):
        dates = _dates(booking, at=at)
        if not any(each.is_free for each in dates):
            raise CannotBook("No date is left at that time this term.")
        try:
            with transaction.atomic():
                _save_meetings(booking, dates)
        except IntegrityError:
            if attempt == TRIES:
                raise PlaceTaken(
                    "Those dates are being booked by somebody else. Choose again."
                ) from None
        else:
            return


def _dates(booking: Booking, *, at: datetime) -> list[Occurrence]:
    pairing, seat, term = booking.pairing, booking.seat, booking.term
    calendar = calendar_of(term)
    both = [pairing.host_id, pairing.attendee_id]
    around = commitments_around(both, term)
    commitments = here(around, pairing.attendee_id, term)
    if teaches_then(seat, calendar, commitments) and booking.booked_by_id == pairing.attendee_id:
        raise CannotBook("You teach then. Choose a time that fits your timetable.")
    return dates_of(
        seat,
        calendar,
        commitments,
        busy_times(both, term, around, since=at, until=booking.ends_on),
        attendee_id=pairing.attendee_id,
        starts_on=booking.starts_on,
        ends_on=booking.ends_on,
        now=at,
    )


def _save_meetings(booking: Booking, dates: Sequence[Occurrence]) -> None:
    slot, pairing = booking.seat.slot, booking.pairing
    meetings = Meeting.objects.bulk_create(
        Meeting(
            school_id=pairing.school_id,
            pairing=pairing,
            booking=booking,
            starts_at=(each.at or each.planned_at)[0],
            ends_at=(each.at or each.planned_at)[1],
            original_starts_at=each.planned_at[0],
            agreed_at=booking.booked_at,
            place=slot.place,
            online_link=slot.online_link,
            status=_status(each),
            status_reason="" if each.is_free else CLASH,
        )
        for each in dates
    )
    attend(meetings)


def _status(date: Occurrence) -> str:
    if date.is_free:
        return Meeting.Status.PLANNED
    closed = date.clash == Clash.CLOSED
    return Meeting.Status.CLOSED if closed else Meeting.Status.CANCELLED


def free(booking: Booking, *, since: datetime | None, ends_on: date, at: datetime) -> dict:
    """
    End a booking; what its undoing needs: keys of the meetings that were still planned.

    `since` is the place in the pattern from which on they go, wherever they were moved to; None
    for all that have not begun.
    """
    meetings = Meeting.objects.select_for_update(of=("self",)).filter(
        booking=booking, status=Meeting.Status.PLANNED, starts_at__gt=at
    )
    if since is not None:
        meetings = meetings.filter(original_starts_at__gte=since)
    planned = list(meetings.values_list("pk", flat=True))
    refs = {
        "booking": str(booking.uid),
        "ends_on": booking.ends_on.isoformat(),
        "meetings": planned,
    }
    booking.ends_on = max(booking.starts_on, ends_on - timedelta(days=1))
    booking.released_at = at
    booking.sequence += 1
    booking.save(update_fields=["ends_on", "released_at", "sequence"])
    Attendance.objects.filter(meeting__in=planned).update(blocks=False)
    Meeting.objects.filter(pk__in=planned).update(
        status=Meeting.Status.CANCELLED, status_reason=SERIES, sequence=F("sequence") + 1
    )
    return refs
