"""
The thin floor: for each page the thinnest honest Django view over the same rows.

It loads the rows that the page tells of, in the plainest queries, and shows them as a table in the
frame of every page: no words, no marks, no working out of anything. Its booking checks every date
and makes the same rows: no rule about who may, no mail, no undo, no log.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from people.models import Pairing
from scheduling.models import (
    Attendance,
    BellTime,
    Booking,
    Commitment,
    Meeting,
    SchoolDay,
    SchoolWeek,
    Seat,
    Slot,
)

NAMES = ("given_name", "preferred_name", "family_name", "job")
MEETING = ("uid", "starts_at", "ends_at", "place", "status")


def of_attendee(prefix=""):
    return [f"{prefix}attendee__{name}" for name in NAMES]


def pairings(request):
    mine = Pairing.objects.filter(host=request.person, ends_on=None)
    return mine.values_list("uid", "cadence", "last_met_on", *of_attendee())


def meetings(request):
    mine = Meeting.objects.filter(attendances__person=request.person)
    return mine.values_list(*MEETING, *of_attendee("pairing__"))


def today(request):
    """Two weeks back, for what nobody has said, and a week to come."""
    week = timedelta(days=7)
    near = meetings(request).filter(
        starts_at__gt=request.now - 2 * week, starts_at__lt=request.now + week
    )
    return [near.order_by("starts_at")[:40], pairings(request)[:6]]


def people(request):
    return [pairings(request)]


def person(request):
    other = Pairing.objects.filter(host=request.person).values("attendee")[:1]
    return [meetings(request).filter(pairing__attendee=other).order_by("starts_at"), other]


def bell_times():
    return BellTime.objects.values_list("period__name", "starts_at", "ends_at")


def grid(request):
    seats = Seat.objects.filter(slot__host=request.person).values_list(
        "uid",
        "number",
        "slot__column",
        "slot__cadence",
        "slot__period__name",
        *of_attendee("bookings__pairing__"),
    )
    own = Commitment.objects.filter(person=request.person).values_list("column", "label")
    return [bell_times(), seats, own, pairings(request)]


def calendar(request):
    """What working out dates needs: weeks, days, and when people are not free."""
    busy = Attendance.objects.filter(person=request.person, starts_at__gt=request.now, blocks=True)
    return [
        SchoolWeek.objects.values_list("starts_on", "cycle_week"),
        SchoolDay.objects.values_list("date", "column", "pass_number"),
        busy.values_list("starts_at", "ends_at"),
        Commitment.objects.filter(person=request.person).values_list("column", "starts_at"),
    ]


def placing(request):
    return [*grid(request), *calendar(request)]


def meeting(request):
    return [meetings(request)[:1]]


def moving(request):
    cells = Slot.objects.filter(host=request.person).values_list("column", "period__name")
    return [meetings(request)[:1], cells, bell_times(), *calendar(request)]


def sign_up(request):
    free = Seat.objects.filter(bookings=None).values_list(
        "uid", "slot__column", "slot__cadence", "slot__period__name"
    )
    return [free, bell_times(), *calendar(request)]


PAGES = {
    each.__name__: each for each in (today, people, person, grid, placing, meeting, moving, sign_up)
}


def thin(request, page):
    """The rows of a page as a table."""
    tables = [list(rows) for rows in PAGES[page](request)]
    return render(request, "thin.html", {"tables": tables})


@require_POST
@transaction.atomic
def thin_booking(request, uid):
    """A seat for the rest of the term: the dates of its pattern on which both are free."""
    seat = Seat.objects.select_for_update(of=("self",)).select_related("slot__term__school")
    seat = seat.get(uid=request.POST["seat"])
    slot, term, zone = seat.slot, seat.slot.term, seat.slot.term.school.zone
    pairing = Pairing.objects.get(uid=uid)
    both = pairing.host_id, pairing.attendee_id
    bells = BellTime.objects.get(period=slot.period_id)
    if Commitment.objects.filter(
        person=pairing.attendee_id,
        term=term,
        column=slot.column,
        starts_at__lt=bells.ends_at,
        ends_at__gt=bells.starts_at,
    ).exists():
        return HttpResponse("You teach then", status=409)
    busy = list(
        Attendance.objects.filter(
            person__in=both, blocks=True, ends_at__gt=request.now
        ).values_list("starts_at", "ends_at")
    )
    booking = Booking.objects.create(
        seat=seat,
        pairing=pairing,
        term=term,
        starts_on=request.now.date(),
        ends_on=term.ends_on,
        booked_by=request.person,
        booked_at=request.now,
    )
    days = SchoolDay.objects.filter(
        term=term, column=slot.column, is_open=True, date__gte=request.now.date()
    )
    meetings = []
    for day in days:
        begins = datetime.combine(day.date, bells.starts_at, tzinfo=zone)
        ends = begins + timedelta(minutes=slot.minutes)
        if begins > request.now and seat.weeks >> (day.pass_number - 1) % 4 & 1:
            free = not any(since < ends and begins < until for since, until in busy)
            meetings.append(
                Meeting(
                    school_id=pairing.school_id,
                    pairing=pairing,
                    booking=booking,
                    starts_at=begins,
                    ends_at=ends,
                    original_starts_at=begins,
                    agreed_at=request.now,
                    status="planned" if free else "cancelled",
                    status_reason="" if free else "clash",
                )
            )
    Attendance.objects.bulk_create(
        Attendance(
            meeting=meeting,
            person_id=person,
            role=role,
            starts_at=meeting.starts_at,
            ends_at=meeting.ends_at,
            blocks=meeting.status == "planned",
        )
        for meeting in Meeting.objects.bulk_create(meetings)
        for person, role in zip(both, ("host", "attendee"), strict=True)
    )
    return redirect("scheduling:booked", booking.uid)
