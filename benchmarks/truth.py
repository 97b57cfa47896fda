"""What has to be true of bookings and meetings, worked out anew from plain rows of the tables."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from scheduling.models import (
    Attendance,
    BellSchedule,
    BellTime,
    Booking,
    Commitment,
    Meeting,
    SchoolDay,
    SchoolWeek,
    Seat,
    Slot,
    Term,
)

Row = Mapping[str, object]


class Truth:
    """The rows of one term, read once; nothing here uses what the product works out from them."""

    def __init__(self, term: Term) -> None:
        self.zone = ZoneInfo(term.school.time_zone)
        self.rotation = term.school.rotation_days
        self.ends_on = term.ends_on
        self.weeks = list(SchoolWeek.objects.filter(term=term).order_by("starts_on").values())
        self.all_days = list(SchoolDay.objects.filter(term=term).order_by("date").values())
        self.days = {row["date"]: row for row in self.all_days if row["is_open"]}
        self.bells = {
            (row["bell_schedule_id"], row["period_id"]): (row["starts_at"], row["ends_at"])
            for row in BellTime.objects.values()
        }
        self.regular = {
            column: row["id"]
            for row in BellSchedule.objects.filter(school=term.school).values()
            for column in row["weekdays"]
        }
        self.slots = {row["id"]: row for row in Slot.objects.filter(term=term).values()}
        self.seats = {
            row["id"]: row for row in Seat.objects.filter(slot__term=term).order_by("pk").values()
        }
        self.bookings = list(
            Booking.objects.filter(term=term)
            .order_by("pk")
            .values(
                "id",
                "seat_id",
                "pairing_id",
                "starts_on",
                "ends_on",
                "released_at",
                "booked_at",
                "pairing__attendee_id",
                "pairing__host_id",
            )
        )
        self.meetings: dict[int, list[dict]] = defaultdict(list)
        for row in Meeting.objects.filter(booking__term=term).order_by("starts_at").values():
            self.meetings[row["booking_id"]].append(row)
        self.presence: dict[int, list[dict]] = defaultdict(list)
        for row in Attendance.objects.filter(blocks=True).order_by("starts_at").values():
            self.presence[row["person_id"]].append(row)
        self.lessons: dict[int, list[dict]] = defaultdict(list)
        for row in Commitment.objects.filter(term=term).values():
            self.lessons[row["person_id"]].append(row)

    @property
    def live(self) -> list[dict]:
        return [row for row in self.bookings if row["released_at"] is None]

    def clock(self, slot: Row, schedule: int | None) -> tuple[time, time] | None:
        """From when to when a talk of a cell is, under a bell schedule."""
        bells = self.bells.get((schedule, slot["period_id"]))
        if bells is None:
            return None
        begins = datetime.combine(date.min, bells[0])
        begins += timedelta(minutes=slot["minutes"] * (slot["half"] - 1))
        ends = begins + timedelta(minutes=slot["minutes"])
        return begins.time(), min(ends.time(), bells[1])

    def moments(self, slot: Row, on: date) -> tuple[datetime, datetime]:
        schedule = self.days[on]["bell_schedule_id"] if on in self.days else None
        clock = self.clock(slot, schedule or self.regular.get(slot["column"]))
        return tuple(datetime.combine(on, each, tzinfo=self.zone) for each in clock)

    def pattern(
        self, seat: Row, *, since: date, after: datetime, until: date | None = None
    ) -> Iterator[tuple[date, datetime, datetime]]:
        """Every date of a seat's pattern that has not begun: open weeks, and its weeks of four."""
        slot = self.slots[seat["slot_id"]]
        for on in self.dates_of(seat, slot):
            begins, ends = self.moments(slot, on)
            if since <= on <= (until or self.ends_on) and begins > after:
                yield on, begins, ends

    def dates_of(self, seat: Row, slot: Row) -> Iterator[date]:
        """
        The days of a seat, by the weeks; in a rotation by the days that are counted.

        A rotation is counted here by hand: a pass is so many days that have school.
        """
        if self.rotation:
            for number, day in enumerate(self.all_days):
                passes, column = divmod(number, self.rotation)
                if str(column + 1) == slot["column"] and seat["weeks"] >> passes % 4 & 1:
                    yield day["date"]
            return
        for week in self.weeks:
            if week["cycle_week"] is None or not seat["weeks"] >> (week["cycle_week"] - 1) & 1:
                continue
            on = week["starts_on"]
            while str(on.isoweekday()) != slot["column"]:
                on += timedelta(days=1)
            yield on

    def is_taken(
        self, person: int, begins: datetime, ends: datetime, *, but: Sequence[int] = ()
    ) -> bool:
        return any(
            row["starts_at"] < ends and begins < row["ends_at"] and row["meeting_id"] not in but
            for row in self.presence[person]
        )

    def teaches(self, person: int, seat: Row) -> bool:
        slot = self.slots[seat["slot_id"]]
        begins, ends = self.clock(slot, self.regular.get(slot["column"]))
        return any(
            row["column"] == slot["column"]
            and row["weeks"] & seat["weeks"]
            and row["starts_at"] < ends
            and begins < row["ends_at"]
            for row in self.lessons[person]
        )

    # --- what must not be ---

    def two_in_one_seat(self) -> list[str]:
        """Seats with two live bookings, and pairings with two."""
        problems = []
        for name in ("seat_id", "pairing_id"):
            seen = set()
            for row in self.live:
                if row[name] in seen:
                    problems.append(f"{name} {row[name]} is booked twice")
                seen.add(row[name])
        return problems

    def in_two_places(self) -> list[str]:
        """Persons whose talks overlap: neighbours in time, and all that the longest reaches."""
        problems = []
        for person, rows in self.presence.items():
            latest = rows[0]
            for row in rows[1:]:
                if row["starts_at"] < latest["ends_at"]:
                    problems.append(f"person {person} at {row['starts_at']}")
                if row["ends_at"] > latest["ends_at"]:
                    latest = row
        return problems

    def in_a_lesson(self) -> list[str]:
        """Talks that people booked into their own lessons."""
        problems = []
        for booking in self.live:
            seat = self.seats[booking["seat_id"]]
            if self.teaches(booking["pairing__attendee_id"], seat):
                problems.append(f"booking {booking['id']} is in a lesson")
        return problems

    def missing_meetings(self) -> list[str]:
        """
        Series that lack a date of their pattern, have one too many, or one at a wrong time.

        A date may be left out (cancelled, closed) only for a reason that stands in the rows: no
        school that day, or one of the two is elsewhere; a talk that was pushed by a closure is on
        the same weekday of the next open week.
        """
        problems = []
        for booking in self.live:
            seat = self.seats[booking["seat_id"]]
            dates = list(self.pattern(seat, since=booking["starts_on"], after=booking["booked_at"]))
            rows = {row["original_starts_at"]: row for row in self.meetings[booking["id"]]}
            if rows.keys() != {begins for _, begins, _ in dates}:
                problems.append(
                    f"booking {booking['id']}: {len(rows)} meetings, {len(dates)} dates"
                )
                continue
            for on, begins, ends in dates:
                wrong = self._wrong(booking, seat, rows[begins], on, begins, ends)
                if wrong:
                    problems.append(f"booking {booking['id']} on {on}: {wrong}")
        return problems

    def _wrong(self, booking, seat, row, on, begins, ends) -> str:
        slot = self.slots[seat["slot_id"]]
        if row["status"] != "planned":
            others = any(
                self.is_taken(booking[who], begins, ends)
                for who in ("pairing__host_id", "pairing__attendee_id")
            )
            return "" if on not in self.days or others else f"{row['status']} without a reason"
        if on in self.days:
            kept = (row["starts_at"], row["ends_at"]) == (begins, ends)
            return "" if kept else "planned at another time"
        if slot["cadence"] == "weekly":
            return "planned on a day without school"
        week = next(
            (each for each in self.weeks if each["starts_on"] > on and each["is_open"]), None
        )
        if week is None:
            return "pushed beyond the term"
        next_on = on
        while next_on < week["starts_on"]:
            next_on += timedelta(days=7)
        return "" if row["starts_at"] == self.moments(slot, next_on)[0] else "pushed wrongly"

    def would_fit(
        self, attendee: int, host: int, cadences: Sequence[str], *, now: datetime
    ) -> list[str]:
        """Free seats that somebody without a place could have, at a cadence they accept."""
        taken = {row["seat_id"] for row in self.live}
        found = []
        for seat in self.seats.values():
            slot = self.slots[seat["slot_id"]]
            if (
                seat["id"] in taken
                or slot["host_id"] != host
                or slot["removed_at"] is not None
                or slot["cadence"] not in cadences
                or self.teaches(attendee, seat)
            ):
                continue
            today = now.astimezone(self.zone).date()
            free = busy = 0
            for on, begins, ends in self.pattern(seat, since=today, after=now):
                if on not in self.days:
                    continue
                away = any(self.is_taken(each, begins, ends) for each in (host, attendee))
                free, busy = free + (not away), busy + away
            if free > busy:
                found.append(f"person {attendee} fits seat {seat['id']} ({slot['cadence']})")
        return found

    def planned_on(self, on: date) -> list[dict]:
        """The talks that are planned on a day."""
        return [
            row
            for rows in self.meetings.values()
            for row in rows
            if row["status"] == "planned" and row["starts_at"].astimezone(self.zone).date() == on
        ]
