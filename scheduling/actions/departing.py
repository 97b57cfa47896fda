"""When people leave: their places and talks are given back, and those they met are told once."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q

from audit.actions import record
from audit.models import Event
from people.actions import choose_hosts
from people.departures import Parting
from people.ending import batches
from people.models import Handover, OutgoingMail, Person, School
from people.models.outgoing import Letter
from people.permissions import require

from ..models import Attendance, Booking, CalendarFeed, Meeting, SignUp, Slot
from .booking import free
from .telling import tell_calendars


@transaction.atomic
def release_what_ended(*, by: Person | None, at: datetime) -> int:
    """
    Give back the places of people who have left and of pairings that ended, and cancel their
    single talks; how many of both.
    """
    require(by is None)
    ended = (
        Q(pairing__host__is_active=False)
        | Q(pairing__attendee__is_active=False)
        | Q(pairing__ends_on__lt=at.date())
    )
    return _give_back(ended, by=by, at=at)


@transaction.atomic
def give_hosts(
    school: School, *, by: Person, at: datetime, pairings: Mapping[int, Person | None]
) -> int:
    """
    Give new hosts, from today on, to those whose host has left, and tell the hosts; how many.

    None as a host says that nobody is to take over. Raises people.actions.CannotHandOver.
    """
    hosts = choose_hosts(school, by=by, at=at, pairings=pairings)
    OutgoingMail.objects.queue_all(
        [
            Letter(f"handed_over:{school.uid}:{host.pk}:{at.isoformat()}", host, school.uid)
            for host in hosts
            if host.email
        ],
        kind="handed_over",
        at=at,
        by=by,
    )
    return len(pairings)


def part(parting: Parting) -> None:
    """End what those who left have in times, take their grids down, and tell those they met."""
    for keys in batches(each.pk for each in parting.pairings):
        _give_back(Q(pairing__in=keys), by=parting.by, at=parting.at)
    for keys in batches(each.person_id for each in parting.departures):
        slots = Slot.objects.standing().filter(host__in=keys, school=parting.school)
        slots.filter(term__ends_on__gte=parting.on).update(removed_at=parting.at)
        sign_ups = SignUp.objects.filter(host__in=keys, school=parting.school)
        sign_ups.open(parting.at).update(closes_at=parting.at)
        CalendarFeed.objects.filter(person__in=keys, person__is_active=False).delete()
    _tell(parting)


def _give_back(ended: Q, *, by: Person | None, at: datetime) -> int:
    bookings = list(
        Booking.objects.live()
        .select_for_update(of=("self",))
        .filter(ended, ends_on__gte=at.date())
        .select_related("pairing__host", "pairing__attendee", "term__school")
        .order_by("pk")
    )
    for booking in bookings:
        on = booking.term.school.today(at)
        free(booking, since=None, ends_on=on, at=at)
        record(
            Event.Act.BOOKING_RELEASE,
            chain=booking.pairing.school_id,
            by=by.pk if by else None,
            objects=[f"pairing:{booking.pairing.uid}", f"booking:{booking.uid}"],
            basis="ended",
            at=at,
        )
    left = list(
        Meeting.objects.filter(
            ended, status=Meeting.Status.PLANNED, starts_at__gt=at
        ).select_related("pairing__host", "pairing__attendee", "booking")
    )
    keys = [each.pk for each in left]
    Attendance.objects.filter(meeting__in=keys).update(blocks=False)
    Meeting.objects.filter(pk__in=keys).update(
        status=Meeting.Status.CANCELLED, ended_at=at, sequence=F("sequence") + 1
    )
    series: dict[Person, set[UUID]] = {}
    gone = [(each.pairing, each.uid) for each in bookings]
    for pairing, uid in (*gone, *((each.pairing, each.series_uid) for each in left)):
        for person in (pairing.host, pairing.attendee):
            series.setdefault(person, set()).add(uid)
    tell_calendars(series, why=f"ended:{at.isoformat()}", by=by, at=at)
    return len(bookings) + len(left)


def _tell(parting: Parting) -> None:
    """One mail to each of those they met, and one to each who takes over."""
    others: dict[int, set[int]] = {}  # by the key of who left
    for pairing in parting.pairings:
        others.setdefault(pairing.host_id, set()).add(pairing.attendee_id)
        others.setdefault(pairing.attendee_id, set()).add(pairing.host_id)
    new: dict[int, set[int]] = {}
    for keys in batches(each.person_id for each in parting.departures):
        taken = Handover.objects.filter(leaver__in=keys, to__isnull=False)
        for leaver, to in taken.values_list("leaver", "to"):
            new.setdefault(leaver, set()).add(to)
    people = _reached({pk for some in (*others.values(), *new.values()) for pk in some})
    for kind, found in (("farewell", others), ("handed_over", new)):
        OutgoingMail.objects.queue_all(
            [
                Letter(f"{kind}:{departure.uid}:{pk}", people[pk], departure.uid)
                for departure in parting.departures
                for pk in sorted(found.get(departure.person_id, ()))
                if pk in people
            ],
            kind=kind,
            at=parting.at,
            by=parting.by,
        )


def _reached(keys: Iterable[int]) -> dict[int, Person]:
    """Those of these people who are still here and have an address."""
    found: dict[int, Person] = {}
    for some in batches(keys):
        found |= Person.objects.active().filter(pk__in=some).exclude(email="").in_bulk()
    return found
