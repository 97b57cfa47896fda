"""What this app keeps of people, read for one of them."""

from datetime import datetime

from people.models import Person
from people.own_data import Chapter, Row, leave_out, name_for, register

from .models import (
    Booking,
    CalendarFeed,
    Commitment,
    Invitation,
    Meeting,
    SignUp,
    Slot,
    TeacherCode,
)
from .models.meetings import Attendance, OverdueFlag


def _meetings(person: Person, at: datetime) -> list[Row]:
    meetings = Meeting.objects.visible_to(person).with_people().in_order()
    roles = dict(Attendance.objects.filter(person=person).values_list("meeting", "role"))
    labels = dict(Attendance.Role.choices)
    return [
        {
            "begins": each.starts_at,
            "ends": each.ends_at,
            "with": _others(each, person),
            "kind": each.pairing.get_kind_display(),
            "you": labels[roles[each.pk]],
            "status": each.get_status_display(),
            "why": each.status_reason,
            "ended by": name_for(person, each.ended_by),
            "place": each.place,
            "online": each.online_link,
            "written down afterwards": each.was_logged,
            "times moved": each.moved_count,
            "moved by": name_for(person, each.moved_by),
        }
        for each in meetings.select_related("ended_by", "moved_by")
    ]


def _others(meeting: Meeting, person: Person) -> str:
    two = (meeting.pairing.host, meeting.pairing.attendee)
    return " and ".join(each.name for each in two if each.pk != person.pk)


def _bookings(person: Person, at: datetime) -> list[Row]:
    bookings = Booking.objects.visible_to(person).with_place().select_related("booked_by")
    return [
        {
            "term": each.term.name,
            "with": each.pairing.other(person).name,
            "column": each.seat.slot.column,
            "place in the cell": each.seat.label,
            "how often": each.seat.slot.get_cadence_display(),
            "from": each.starts_on,
            "until": each.ends_on,
            "booked by": name_for(person, each.booked_by),
            "booked": each.booked_at,
            "given back": each.released_at,
        }
        for each in bookings.order_by("booked_at", "pk")
    ]


def _grid(person: Person, at: datetime) -> list[Row]:
    slots = Slot.objects.visible_to(person).select_related("term", "period")
    return [
        {
            "term": each.term.name,
            "column": each.column,
            "period": each.period.name if each.period else "",
            "from": each.starts_at,
            "until": each.ends_at,
            "minutes": each.minutes,
            "how often": each.get_cadence_display(),
            "place": each.place,
            "online": each.online_link,
            "removed": each.removed_at,
        }
        for each in slots.order_by("term__starts_on", "pk")
    ]


def _sign_ups(person: Person, at: datetime) -> list[Row]:
    rows = SignUp.objects.filter(host=person).select_related("term").order_by("opens_at", "pk")
    return [
        {
            "term": each.term.name,
            "opens": each.opens_at,
            "closes": each.closes_at,
            "letter": each.letter,
        }
        for each in rows
    ]


def _invitations(person: Person, at: datetime) -> list[Row]:
    rows = Invitation.objects.of(person).with_people().select_related("sign_up__term")
    return [
        {
            "from": each.pairing.host.name,
            "term": each.sign_up.term.name,
            "invited": each.invited_at,
            "your answer": each.get_answer_display(),
            "answered": each.answered_at,
        }
        for each in rows.order_by("invited_at", "pk")
    ]


def _past_due(person: Person, at: datetime) -> list[Row]:
    """Only hosts are told of it."""
    rows = OverdueFlag.objects.filter(pairing__host=person).select_related("pairing__attendee")
    return [
        {
            "with": each.pairing.attendee.name,
            "due": each.due_on,
            "raised": each.raised_at,
            "cleared": each.cleared_at,
        }
        for each in rows.order_by("raised_at", "pk")
    ]


def _lessons(person: Person, at: datetime) -> list[Row]:
    rows = Commitment.objects.filter(person=person).select_related("term")
    return [
        {
            "term": each.term.name,
            "column": each.column,
            "weeks": each.weeks,
            "begins": each.starts_at,
            "ends": each.ends_at,
            "from": each.starts_on,
            "until": each.ends_on,
            "what": each.label,
            "kind": "lesson" if each.is_lesson else "duty",
            "came with": each.source,
        }
        for each in rows.order_by("term__starts_on", "column", "starts_at", "pk")
    ]


def _codes(person: Person, at: datetime) -> list[Row]:
    rows = TeacherCode.objects.filter(person=person).select_related("school").order_by("pk")
    return [{"school": each.school.name, "kind": each.kind, "code": each.code} for each in rows]


def _calendar(person: Person, at: datetime) -> list[Row]:
    return [
        {"made": each.made_at, "says names": each.shows_names, "last read": each.read_on}
        for each in CalendarFeed.objects.visible_to(person)
    ]


def register_rows() -> None:
    register(
        Chapter(40, "meetings", "Talks", ("scheduling.Attendance.person",), _meetings),
        Chapter(41, "bookings", "Times that are booked", (), _bookings),
        Chapter(42, "grid", "Your grid", ("scheduling.Slot.host",), _grid),
        Chapter(43, "sign_ups", "Your letters", ("scheduling.SignUp.host",), _sign_ups),
        Chapter(44, "invitations", "Invitations to you", (), _invitations),
        Chapter(45, "past_due", "Past due", (), _past_due),
        Chapter(46, "lessons", "Lessons and duties", ("scheduling.Commitment.person",), _lessons),
        Chapter(
            47, "codes", "Your codes in timetables", ("scheduling.TeacherCode.person",), _codes
        ),
        Chapter(
            48,
            "calendar",
            "The address for your own calendar",
            ("scheduling.CalendarFeed.person",),
            _calendar,
        ),
    )
    other_two = "Times that you booked, moved or ended for two other people are theirs."
    leave_out(
        {
            "scheduling.Booking.booked_by": other_two,
            "scheduling.Meeting.ended_by": other_two,
            "scheduling.Meeting.moved_by": other_two,
        }
    )
