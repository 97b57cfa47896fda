"""When somebody leaves: by hand today, or by the clock when their last day is over."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q

from audit.actions import record
from audit.models import Event

from ..departures import Parting, part
from ..ending import batches, end, end_people, last_day, lasting
from ..models import Departure, Line, Membership, Pairing, Person, Role, School
from ..models.persons import RoleQuerySet, in_force
from ..permissions import require
from .persons import CannotChangePerson, keep_an_administrator, locked, note
from .taking_over import take_over

DAY = timedelta(days=1)


@transaction.atomic
def end_person(
    person: Person, school: School, *, by: Person, at: datetime, successor: Person | None = None
) -> None:
    """
    Somebody leaves: their roles, lines, groups, talks and sign-in end now; nothing is deleted.

    A `successor` becomes the line manager of those who answered to them. What was chosen for a last
    day ahead holds. Raises CannotChangePerson for the last administrator and for oneself.
    """
    on = locked(school, by=by, at=at)
    if person.pk == by.pk:
        raise CannotChangePerson("Somebody else has to end your own time here.")
    if successor is not None and successor.pk == person.pk:
        raise CannotChangePerson("Choose somebody else to hand over to.", "successor")
    keep_an_administrator(person, school, on=on)
    [departure] = _departures(school, {person.pk: last_day(on)})
    departure.successor = successor or departure.successor
    _part(school, [departure], on=on, by=by, at=at)
    note(Event.Act.ROLE_CHANGE, school, person, by=by, at=at, basis="end.person")


@transaction.atomic
def end_those_who_left(*, by: Person | None, at: datetime) -> int:
    """
    End everybody whose last day is over, and who holds no role and will hold none; how many.

    A role that has only a last day takes rights away with that day; this ends their login,
    sessions, groups and talks as well, and lets others take over.
    """
    require(by is None)
    schools = list(School.objects.select_for_update().order_by("pk"))
    if not schools:
        return 0
    ended: set[int] = set()
    for school in schools:
        for departures in _by_day(_due(school, school.today(at))):
            ended |= _end_by_date(school, departures, at=at)
    # The day must be over at every school, wherever on the globe
    over = min(school.today(at) for school in schools)
    staying = Role.objects.filter(lasting(over)).values("person")
    left: dict[int, dict[int, date]] = defaultdict(dict)
    roles = Role.objects.filter(person__is_active=True)
    gone = roles.exclude(person__in=staying)
    for rows in (gone, _left_one_school(roles, over)):
        last = rows.order_by().values_list("school", "person").annotate(Max("ends_on"))
        for school_id, person_id, ends_on in last:
            left[school_id][person_id] = ends_on
    for school in schools:
        for departures in _by_day(_departures(school, left[school.pk])):
            ended |= _end_by_date(school, departures, at=at)
    return len(ended)


def _left_one_school(roles: RoleQuerySet, over: date) -> RoleQuerySet:
    """Roles at schools where all of somebody's are over, and talks or groups of theirs are not."""
    lasting_there = Role.objects.filter(
        lasting(over), person=OuterRef("person"), school=OuterRef("school")
    )
    pairings = Pairing.objects.filter(lasting(over), school=OuterRef("school"))
    groups = Membership.objects.filter(
        lasting(over), person=OuterRef("person"), group__school=OuterRef("school")
    )
    return roles.filter(
        Exists(pairings.filter(host=OuterRef("person")))
        | Exists(pairings.filter(attendee=OuterRef("person")))
        | Exists(groups),
        ~Exists(lasting_there),
        ends_on__lt=over,
    )


def _due(school: School, today: date) -> Iterable[Departure]:
    """The departures of a school whose last day is over."""
    due = Departure.objects.ahead().filter(school=school, last_day__lt=today)
    return due.select_related("person", "successor").order_by("pk")


def _by_day(departures: Iterable[Departure]) -> list[list[Departure]]:
    """Those of one last day together, the earliest first."""
    by_day: dict[date, list[Departure]] = defaultdict(list)
    for departure in departures:
        by_day[departure.last_day].append(departure)
    return [by_day[day] for day in sorted(by_day)]


def _departures(school: School, last_days: dict[int, date]) -> list[Departure]:
    """The departure that carries the leaving of each of these people: one ahead, or a new one."""
    found: list[Departure] = []
    for keys in batches(last_days):
        unended = Departure.objects.filter(school=school, person__in=keys, ended_at=None)
        known = {each.person_id: each for each in unended.select_related("successor")}
        Departure.objects.bulk_create(
            Departure(school=school, person_id=pk, last_day=last_days[pk])
            for pk in keys
            if pk not in known
        )
        for each in known.values():
            if each.taken_back_at is not None:
                each.successor = None  # that was for another day
            each.last_day, each.taken_back_at = last_days[each.person_id], None
        Departure.objects.bulk_update(known.values(), ["last_day", "taken_back_at", "successor"])
        made = Departure.objects.filter(school=school, person__in=keys, ended_at=None)
        found += made.select_related("person", "successor").order_by("pk")
    return found


def _end_by_date(school: School, departures: Sequence[Departure], *, at: datetime) -> set[int]:
    _part(school, departures, on=departures[0].first_day_without, by=None, at=at)
    keys = {each.person_id for each in departures}
    record(
        Event.Act.PERSON_CHANGE,
        chain=school.pk,
        by=None,
        objects=[f"person:{pk}" for pk in sorted(keys)],
        basis="end.date",
        at=at,
    )
    return keys


def _part(
    school: School, departures: Sequence[Departure], *, on: date, by: Person | None, at: datetime
) -> None:
    """End all that people have at a school on a day, and let others take over what they may."""
    keys = {each.person_id for each in departures}
    answering = {each.pk: _answering(each, on) for each in departures if each.successor_id}
    pairings = _pairings(school, keys, on=on)
    end_people(school, keys, on=on)
    for some in batches(each.pk for each in pairings):
        end(Pairing.objects.filter(pk__in=some), on=on)
    for departure in departures:
        if departure.pk in answering:
            _hand_over_lines(departure, answering[departure.pk], on=on)
        departure.ended_at = at
    Departure.objects.bulk_update(departures, ["ended_at", "successor"])
    take_over(school, keys, pairings, by=by, on=on)
    part(Parting(school, departures, pairings, on, by, at))
    if pairings:
        record(
            Event.Act.PAIRING_CHANGE,
            chain=school.pk,
            by=by.pk if by else None,
            objects=[f"pairing:{each.pk}" for each in pairings],
            basis="leave",
            at=at,
        )


def _pairings(school: School, keys: Iterable[int], *, on: date) -> list[Pairing]:
    """The pairings of these people at a school that would go on, locked."""
    found: dict[int, Pairing] = {}
    for some in batches(keys):
        theirs = Q(host__in=some) | Q(attendee__in=some)
        rows = Pairing.objects.select_for_update().filter(theirs, lasting(on), school=school)
        found |= {each.pk: each for each in rows.order_by("pk")}
    return [found[pk] for pk in sorted(found)]


def _answering(departure: Departure, on: date) -> list[int]:
    """The keys of those who answer to the one who leaves."""
    lines = Line.objects.filter(in_force(on), manager=departure.person_id)
    return list(lines.filter(person__is_active=True).values_list("person", flat=True))


def _hand_over_lines(departure: Departure, answering: list[int], *, on: date) -> None:
    """The successor answers to whoever the leaver answered to, if they answered to the leaver."""
    successor = departure.successor
    if successor is None or not Role.objects.live(successor, on=on).exists():
        return
    kept = set(_answering(departure, on))  # at another school
    answering = [pk for pk in answering if pk not in kept]
    Line.objects.bulk_create(
        Line(person_id=pk, manager=successor, starts_on=on)
        for pk in answering
        if pk != successor.pk
    )
    above = (
        Line.objects.filter(
            person=departure.person_id, ends_on=last_day(on), manager__is_active=True
        )
        .exclude(manager=successor)
        .order_by("-starts_on", "-pk")
        .first()
    )
    if successor.pk in answering and above is not None:
        Line.objects.create(person=successor, manager_id=above.manager_id, starts_on=on)
