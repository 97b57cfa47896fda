"""Standing bookings that meet a lesson of one of the two, and the free places nearest to them."""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from people.cadence import pattern_of
from people.models import Pairing, Person

from .availability import (
    Opening,
    busy_times,
    calendar_of,
    free_seats_of,
    opening_of,
)
from .elsewhere import commitments_around, here
from .models import Booking, Commitment, Meeting, Seat, Term
from .series import TermCalendar

OFFERED = 3  # places for each booking


@dataclass
class Clash:
    """A booking whose place meets lessons or duties, from a date on; nothing moves by itself."""

    booking: Booking
    commitments: list[Commitment]
    meetings: list[Meeting]  # still to come, of those that meet one
    calendar: TermCalendar = field(repr=False)
    offers: list[Opening] = field(default_factory=list)

    @property
    def pairing(self) -> Pairing:
        return self.booking.pairing

    @property
    def first(self) -> Meeting:
        """The first talk that meets one: from it on the series can be moved."""
        return self.meetings[0]

    @property
    def since(self) -> date:
        return self.first.starts_at.astimezone(self.calendar.zone).date()

    @property
    def where(self) -> str:
        """ "Thursdays, Period 4"; "Day 3, Period 4"."""
        slot = self.booking.seat.slot
        day = self.calendar.columns.get(slot.column, slot.column)
        days = f"{day}s" if day.isalpha() else day
        return f"{days}, {slot.period.name}" if slot.period else days

    def words_for(self, viewer: Person) -> str:
        """What it meets, as one of the two may know it: "a lesson of yours", "a lesson"."""
        mine = any(each.person_id == viewer.pk for each in self.commitments)
        theirs = any(each.person_id != viewer.pk for each in self.commitments)
        what = "a lesson" if any(each.is_lesson for each in self.commitments) else "a duty"
        if mine and theirs:
            return f"{what} of both of you"
        return f"{what} of yours" if mine else what

    @property
    def fingerprint(self) -> str:
        """Which lessons it meets, without a word of them: whoever keeps the place keeps it so."""
        rows = sorted(
            f"{each.person_id} {each.column} {each.weeks} {each.starts_at} {each.ends_at} "
            f"{each.starts_on} {each.ends_on}"
            for each in self.commitments
        )
        return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def clashes_of(bookings: Iterable[Booking], *, at: datetime) -> list[Clash]:
    """
    Those of these live bookings that meet a lesson now, soonest first; seven queries a term.

    The bookings come with seat, slot, period, term, school and the two. Left out is what somebody
    has decided to keep as it is, until other lessons are met.
    """
    by_term: dict[Term, list[Booking]] = {}
    for booking in bookings:
        by_term.setdefault(booking.term, []).append(booking)
    found = []
    for term, booked in by_term.items():
        calendar = calendar_of(term)
        people = {each for booking in booked for each in _parties(booking)}
        met = meeting_lessons(booked, calendar, _lessons_of(people, term))
        talks = _talks_of([booking for booking, _ in met], at)
        for booking, lessons in met:
            on = [each for each in talks.get(booking.pk, []) if _meets(each, lessons, calendar)]
            clash = Clash(booking, lessons, on, calendar)
            if on and booking.kept_despite != clash.fingerprint:
                found.append(clash)
    return sorted(found, key=lambda clash: (clash.first.starts_at, clash.booking.pk))


def meeting_lessons(
    bookings: Iterable[Booking], calendar: TermCalendar, commitments: Iterable[Commitment]
) -> list[tuple[Booking, list[Commitment]]]:
    """The bookings whose place meets lessons in weeks that both have, with these lessons."""
    by_person: dict[tuple[int, str], list[Commitment]] = {}
    for each in commitments:
        by_person.setdefault((each.person_id, each.column), []).append(each)
    found = []
    for booking in bookings:
        seat, slot = booking.seat, booking.seat.slot
        times = calendar.regular_times(slot)
        lessons = [
            each
            for person_id in _parties(booking)
            for each in by_person.get((person_id, slot.column), ())
            if times and each.meets(slot.column, *times, weeks=seat.weeks)
        ]
        if lessons:
            found.append((booking, lessons))
    return found


def _lessons_of(people: Collection[int], term: Term) -> list[Commitment]:
    return list(Commitment.objects.filter(person_id__in=people, term=term))


def _parties(booking: Booking) -> tuple[int, int]:
    return booking.pairing.host_id, booking.pairing.attendee_id


def _talks_of(bookings: Sequence[Booking], at: datetime) -> dict[int, list[Meeting]]:
    """The talks of these bookings that are still to come, in order."""
    found: dict[int, list[Meeting]] = {}
    planned = Meeting.objects.filter(booking__in=bookings, status=Meeting.Status.PLANNED)
    for meeting in planned.filter(starts_at__gt=at).in_order():
        found.setdefault(meeting.booking_id or 0, []).append(meeting)
    by_key = {booking.pk: booking for booking in bookings}
    for key, meetings in found.items():
        for meeting in meetings:
            meeting.booking = by_key[key]
    return found


def _meets(meeting: Meeting, lessons: Sequence[Commitment], calendar: TermCalendar) -> bool:
    """
    Whether a talk is where its series has it, on a day on which one of these lessons is.

    By the regular bells: on a day with others the lessons are elsewhere as well. A talk that was
    moved by itself was decided about.
    """
    slot = meeting.booking.seat.slot if meeting.booking else None
    day = calendar.days.get(meeting.starts_at.astimezone(calendar.zone).date())
    if slot is None or day is None or day.column != slot.column:
        return False
    usual, at = calendar.regular_times(slot), calendar.occurrence(slot, day)
    if usual is None or at is None or at[0] != meeting.starts_at:
        return False
    weeks = pattern_of(day.pass_number)
    return any(each.meets(slot.column, *usual, weeks=weeks, on=day.date) for each in lessons)


def add_offers(clashes: Sequence[Clash], *, at: datetime) -> None:
    """The free places nearest to each, that fit both; the queries do not grow with the clashes."""
    for term in dict.fromkeys(clash.booking.term for clash in clashes):
        those = [clash for clash in clashes if clash.booking.term == term]
        calendar = those[0].calendar
        people = {each for clash in those for each in _parties(clash.booking)}
        around = commitments_around(people, term)
        busy = busy_times(people, term, around, since=at, until=term.ends_on)
        seats = free_seats_of({clash.pairing.host_id for clash in those}, term)
        for clash in those:
            parties = _parties(clash.booking)
            lessons = [each for person_id in parties for each in here(around, person_id, term)]
            found = [
                opening_of(
                    seat,
                    calendar,
                    lessons,
                    busy,
                    attendee_id=parties[1],
                    starts_on=clash.since,
                    ends_on=term.ends_on,
                    now=at,
                )
                for seat in seats
                if seat.slot.host_id == parties[0] and seat.slot.cadence == clash.pairing.cadence
            ]
            clash.offers = _nearest([opening for opening in found if opening], clash)[:OFFERED]


def _nearest(openings: Iterable[Opening], clash: Clash) -> list[Opening]:
    def nearness(opening: Opening) -> tuple[int, float, date]:
        return *_distance(opening.seat, clash), opening.first.planned_on

    return sorted(openings, key=nearness)


def _distance(seat: Seat, clash: Clash) -> tuple[int, float]:
    """How far a place is from the one that they have: in columns, then in minutes."""
    columns = list(clash.calendar.columns)
    there, here = (
        columns.index(each.column) if each.column in columns else len(columns)
        for each in (seat.slot, clash.booking.seat.slot)
    )
    times = [clash.calendar.regular_times(each) for each in (seat.slot, clash.booking.seat.slot)]
    minutes = [each[0].hour * 60 + each[0].minute if each else 0 for each in times]
    return abs(there - here), abs(minutes[0] - minutes[1])


def new_clashes(
    term: Term, new: Iterable[Commitment], ended: Iterable[Commitment], *, at: datetime
) -> list[Booking]:
    """
    The bookings that would meet a lesson if a term's lessons changed so, and meet none now.

    Counseling is not among them: it exists for its two only (DECISIONS 15).
    """
    today = term.school.today(at)
    new = [each for each in new if (each.ends_on or today) >= today]
    people = {each.person_id for each in new}
    booked = list(
        Booking.objects.live()
        .of_people(people)
        .filter(term=term, ends_on__gte=today)
        .exclude(pairing__kind=Pairing.Kind.COUNSELING)
        .with_place()
    )
    if not booked:
        return []
    calendar = calendar_of(term)
    parties = {each for booking in booked for each in _parties(booking)}
    standing = _lessons_of(parties, term)
    gone = {each.pk for each in ended}
    after = [*(each for each in standing if each.pk not in gone), *new]
    met_before = {booking.pk for booking, _ in meeting_lessons(booked, calendar, standing)}
    return [
        booking
        for booking, _ in meeting_lessons(booked, calendar, after)
        if booking.pk not in met_before
    ]
