"""Making Alder Creek School by doing what its people would have done, each thing in its week."""

from collections.abc import Callable
from datetime import datetime, time, timedelta

from django.db import transaction

from people.actions import apply_roster, invite_user, open_pairing
from people.models import OutgoingMail, Pairing, Person, School
from scheduling.actions import (
    Bell,
    apply_lessons,
    book,
    hold,
    log_talk,
    miss,
    move,
    paint,
    release,
    save_bell_schedule,
    save_closure,
    save_term,
    skip,
    sweep_overdue,
)
from scheduling.models import Commitment, Invitation, Meeting, Seat, SignUp

from . import notes
from .people import OFFICE, PHONE, STAFF, key_of, roster
from .times import BUSY, COUNSELOR_GRID, GRID, ONCE, PERIODS, STORY, WEEK, Around, Cell

LETTER = "You do not have to prepare. Sometimes we will just catch up."
OTHER_TIMES = (time(11, 35), time(12, 20), time(14, 0))  # for talks that were held on another day


@transaction.atomic
def seed(*, at: datetime) -> School | None:
    """
    Make the demo school as it stands at a moment; nothing if there is a demo school already.

    The same moment gives the same school, but for the uids.
    """
    if School.objects.filter(is_demo=True).exists():
        return None
    school = School.objects.create(
        name="Alder Creek School", slug="alder-creek", safeguarding_phone=PHONE, is_demo=True
    )
    around = Around.of(school.today(at))
    story = _Story(school, around, at)
    story.people()
    story.calendar()
    story.grids()
    story.bookings()
    notes.accept(story.principal, school, at=story.before_term)
    story.history()
    story.open_ends()
    notes.write(story.pairings, at=story.agreed_at)
    return school


class _Story:
    """The school while it is being made."""

    def __init__(self, school: School, around: Around, now: datetime) -> None:
        self.school = school
        self.around = around
        self.now = now
        # The weekend before term: everything is prepared then
        eve = datetime.combine(around.starts_on - timedelta(days=3), time(15), school.zone)
        self.before_term = eve
        self.agreed_at = eve + timedelta(hours=1)
        self.persons: dict[str, Person] = {}
        self.pairings: dict[str, Pairing] = {}

    @property
    def principal(self) -> Person:
        return self.persons["EM"]

    @property
    def counselor(self) -> Person:
        return self.persons["JA"]

    def people(self) -> None:
        apply_roster(
            self.school,
            roster(self.around.school_year - 1),
            by=None,
            at=self.before_term - timedelta(days=14),
        )
        self.persons = {
            person.external_id: person
            for person in Person.objects.filter(source__school=self.school)
        }
        self.school.safeguarding_lead = self.persons["SW"]
        self.school.save(update_fields=["safeguarding_lead"])
        for key in [key for key, *_ in OFFICE] + [one.key for one in STAFF]:
            person = self.persons[key]
            person.user = invite_user(person, by=None, at=self.before_term)

    def calendar(self) -> None:
        around, at = self.around, self.before_term - timedelta(days=10)
        self.term = save_term(
            self.school,
            by=None,
            at=at,
            name=around.name,
            starts_on=around.starts_on,
            ends_on=around.ends_on,
            school_year=around.school_year,
        )
        for holiday in around.holidays:
            save_closure(
                self.school,
                by=None,
                at=at,
                **holiday._asdict(),
                stops_meetings=True,
                stops_clock=True,
            )
        bells = [Bell(name, begins, ends) for name, begins, ends in PERIODS.values()]
        save_bell_schedule(
            self.school, by=None, at=at, name="Regular", weekdays="12345", bells=bells
        )
        apply_lessons(self.school, by=None, at=at, term=self.term, content=around.lessons())
        Commitment.objects.bulk_create(
            Commitment(
                person=self.principal,
                term=self.term,
                column=around.column(day),
                starts_at=PERIODS[period][1],
                ends_at=PERIODS[period][2],
                is_lesson=False,
                label=label,
            )
            for (day, period), label in BUSY.items()
        )
        self.periods = {period.name: period.pk for period in self.school.periods.all()}

    def grids(self) -> None:
        for host, cells in ((self.principal, GRID), (self.counselor, COUNSELOR_GRID)):
            for cadence in ("weekly", "biweekly", "monthly"):
                spots = [
                    (self.around.column(cell.day), self.periods[PERIODS[cell.period][0]])
                    for cell in cells
                    if cell.cadence == cadence
                ]
                paint(
                    host,
                    self.school,
                    self.term,
                    spots,
                    cadence,
                    by=host,
                    at=self.before_term,
                )
        self.sign_up = SignUp.objects.create(
            school=self.school,
            host=self.principal,
            term=self.term,
            opens_at=self.before_term,
            letter=LETTER,
        )

    def bookings(self) -> None:
        on = self.school.today(self.before_term)
        for one in STAFF:
            self._pair(one.key, self.principal, Pairing.Kind.STAFF_CHECK_IN, one.cadence, on)
        for cell in COUNSELOR_GRID:
            for name in filter(None, cell.keys):
                self._pair(name, self.counselor, Pairing.Kind.COUNSELING, cell.cadence, on)
        self._pair("Oskar Lund", self.counselor, Pairing.Kind.COUNSELING, "monthly", on)
        self.pairings[notes.COACHED] = open_pairing(
            self.school,
            host=self.persons["SW"],
            attendee=self.persons["HW"],
            kind=Pairing.Kind.COACHING,
            by=self.persons["SW"],
            on=on,
            cadence="monthly",
        )
        Invitation.objects.bulk_create(
            Invitation(sign_up=self.sign_up, pairing=pairing, invited_at=self.before_term)
            for pairing in Pairing.objects.filter(host=self.principal).exclude(
                attendee=self.persons["NP"]
            )
        )

        for host, cells in (
            (self.principal, [*GRID, *ONCE]),
            (self.counselor, COUNSELOR_GRID),
        ):
            seats = {
                (seat.slot.column, seat.slot.period_id, seat.number): seat
                for seat in Seat.objects.filter(slot__host=host).select_related("slot")
            }
            for cell in cells:
                self._book(cell, seats)

    def _pair(self, key: str, host: Person, kind: str, cadence: str, on) -> None:
        person = self.persons.get(key) or self.persons[key_of(key)]
        self.pairings[key] = open_pairing(
            self.school,
            host=host,
            attendee=person,
            kind=kind,
            by=host,
            on=on,
            cadence=cadence,
        )

    def _book(self, cell: Cell, seats: dict) -> None:
        column = self.around.column(cell.day)
        period = self.periods[PERIODS[cell.period][0]]
        for number, key in enumerate(cell.keys, start=1):
            if key:
                pairing = self.pairings[key]
                by = pairing.attendee if pairing.host == self.principal else pairing.host
                pairing.refresh_from_db()
                book(pairing, seats[column, period, number], by=by, at=self.before_term)

    def history(self) -> None:
        """Tell the weeks so far in order: each talk ends as its letter says."""
        events: list[tuple[datetime, int, Callable[[], object]]] = []
        keys = {pairing.pk: key for key, pairing in self.pairings.items()}
        meetings = Meeting.objects.filter(
            school=self.school, status=Meeting.Status.PLANNED, ends_at__lt=self.now
        ).with_people()
        moved = 0
        for meeting in meetings.in_order():
            letter = self._letter(keys[meeting.pairing_id], meeting)
            if letter == "v":
                self._move(meeting, OTHER_TIMES[moved % len(OTHER_TIMES)])
                moved += 1
            end = {"s": skip, "x": miss}.get(letter, hold)
            events.append((meeting.ends_at, meeting.pk, lambda m=meeting, e=end: self._end(e, m)))
        for _, _, tell in sorted(events, key=lambda event: event[:2]):
            tell()

    def _letter(self, key: str, meeting: Meeting) -> str:
        day = self.school.today(meeting.starts_at)
        weeks = self.around.open_weeks
        number = sum(monday + WEEK <= day for monday in weeks)
        letters = STORY[key].ljust(len(weeks) + 1, "m") if number == len(weeks) else STORY[key]
        return letters[number]

    def _end(self, end: Callable, meeting: Meeting) -> None:
        pairing = meeting.pairing
        by = pairing.attendee if end is skip and pairing.host == self.principal else pairing.host
        end(meeting, by=by, at=min(meeting.ends_at + timedelta(hours=1), self.now))

    def _move(self, meeting: Meeting, to: time) -> None:
        day = self.school.today(meeting.starts_at)
        other = day + timedelta(days=1 if day.weekday() < 4 else -1)
        starts_at = datetime.combine(other, to, self.school.zone)
        at = min(meeting.starts_at, starts_at) - timedelta(days=1)
        move(meeting, by=self.principal, at=at, starts_at=starts_at)
        meeting.refresh_from_db()

    def open_ends(self) -> None:
        """What waits for somebody: lost places, fresh invitations, a student not seen."""
        days_ago = lambda days: self.now - timedelta(days=days)  # noqa: E731
        for cell in ONCE:
            for key in filter(None, cell.keys):
                booking = self.pairings[key].bookings.live().get()
                release(booking, by=self.principal, at=days_ago(2))
                self._asked(key, days_ago(2))
        # Never met: asked, and not asked yet
        last_monday = self.around.open_weeks[-1]
        self._asked("LH", days_ago(9))
        self._touch("LH", starts_on=last_monday)
        self._touch("NP", starts_on=last_monday)
        self._touch("OP", starts_on=self.around.starts_on)
        first = datetime.combine(
            self.around.starts_on + timedelta(days=1), time(12, 20), self.school.zone
        )
        log_talk(
            self.pairings["Oskar Lund"], by=self.counselor, at=first, starts_at=first, minutes=20
        )
        coached = self.pairings[notes.COACHED]
        wednesday = self.around.open_weeks[-2] + timedelta(days=2)
        then = datetime.combine(wednesday, time(15, 10), self.school.zone)
        log_talk(coached, by=coached.host, at=then, starts_at=then, minutes=30)
        sweep_overdue(by=None, at=self.now)
        # Nobody wants the mails of seven weeks at once
        OutgoingMail.objects.open().filter(person__source__school=self.school).update(
            dropped_at=self.now
        )

    def _asked(self, key: str, at: datetime) -> None:
        self.sign_up.invitations.filter(pairing=self.pairings[key]).update(invited_at=at)

    def _touch(self, key: str, **facts) -> None:
        Pairing.objects.filter(pk=self.pairings[key].pk).update(**facts)
