"""
The thin floor: for each page the thinnest honest Django view over the same rows.

It loads the rows that the page tells of, in the plainest queries, and shows them as a table in the
frame of every page: no words, no marks, no working out of anything.
"""

from datetime import timedelta

from django.shortcuts import render

from people.models import Pairing
from scheduling.models import (
    Attendance,
    BellTime,
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
