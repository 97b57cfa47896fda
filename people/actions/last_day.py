"""A last day, and where somebody goes on: said, changed and taken back while it lies ahead."""

from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import IntegrityError, transaction

from audit.models import Event

from ..departures import day_in_words
from ..ending import lasting
from ..models import Change, Departure, Person, Role, School
from ..models.departures import DAY
from ..periods import MOST_YEARS_AHEAD
from ..permissions import can_administer, require
from .persons import CannotChangePerson, keep_an_administrator, locked, note


class Onward(NamedTuple):
    """Where somebody goes on from the day after their last day, and as what."""

    school: School
    kind: str


@transaction.atomic
def set_last_day(
    person: Person,
    school: School,
    *,
    last_day: date,
    by: Person,
    at: datetime,
    onward: Onward | None = None,
) -> Change:
    """
    Say which day is somebody's last at a school; their roles end with it, all else once it is over.

    Nobody is told before that. Who goes on at another school has a role there from the day after;
    only somebody who administers both moves them, and changes it. Raises CannotChangePerson.
    """
    _lock(school, onward.school if onward else None)
    on = locked(school, by=by, at=at)
    _require_may_leave(person, school, last_day, by=by, on=on)
    departure = _unended(person, school)
    before = as_it_is(departure)
    _require_both(departure, by=by, at=at)
    wanted: dict[str, Any] = {"last_day": last_day.isoformat(), "to_school": None, "kind": ""}
    if onward is not None:
        require(can_administer(by, onward.school, on=onward.school.today(at)))
        _require_room(person, school, onward, last_day)
        wanted |= {"to_school": onward.school.pk, "kind": onward.kind}
    put(departure, wanted, on=on)
    return _changed("last_day.set", departure, before, by=by, at=at)


@transaction.atomic
def take_back_last_day(departure: Departure, *, by: Person, at: datetime) -> Change:
    """Somebody stays after all: their roles go on as before. Raises CannotChangePerson."""
    _lock(departure.school, departure.to_school)
    on = locked(departure.school, by=by, at=at)
    departure = _unended(departure.person, departure.school)
    before = as_it_is(departure)
    if before is None:
        raise CannotChangePerson("There is no last day any more.")
    _require_both(departure, by=by, at=at)
    put(departure, None, on=on, at=at)
    return _changed("last_day.take_back", departure, before, by=by, at=at)


def as_it_is(departure: Departure) -> dict[str, Any] | None:
    """What undoing a change of a last day puts back; None where there is none ahead."""
    if departure.pk is None or departure.taken_back_at or departure.ended_at:
        return None
    return {
        "last_day": departure.last_day.isoformat(),
        "to_school": departure.to_school_id,
        "kind": departure.to_kind,
    }


def put(
    departure: Departure, wanted: dict[str, Any] | None, *, on: date, at: datetime | None = None
) -> None:
    """
    Let a departure be as wanted, None for none, and the roles with it.

    Raises CannotChangePerson where roles have changed in between so that they cannot go on.
    """
    _put_roles_back(departure)
    if wanted is None:
        departure.taken_back_at = at
    else:
        departure.last_day = date.fromisoformat(wanted["last_day"])
        departure.to_school_id, departure.to_kind = wanted["to_school"], wanted["kind"]
        departure.taken_back_at = None
        _end_roles(departure, on=on)
        _begin_elsewhere(departure)
    departure.save()


def administers_both(departure: Departure, person: Person, *, at: datetime) -> bool:
    """Whether somebody may change a last day: that of who changes school belongs to two schools."""
    to = departure.to_school
    return to is None or can_administer(person, to, on=to.today(at))


def _lock(*schools: School | None) -> None:
    """Take turns with whoever changes the people of these schools, in an order all agree on."""
    keys = [school.pk for school in schools if school is not None]
    list(School.objects.select_for_update().filter(pk__in=keys).order_by("pk"))


def _unended(person: Person, school: School) -> Departure:
    """Their departure that is not carried out, even one that was taken back; else a new one."""
    rows = Departure.objects.filter(school=school, person=person, ended_at=None)
    found = rows.select_related("school", "person", "to_school").first()
    return found or Departure(school=school, person=person)


def _require_both(departure: Departure, *, by: Person, at: datetime) -> None:
    if as_it_is(departure) is not None and not administers_both(departure, by, at=at):
        raise CannotChangePerson(
            "They go on at another school. Only somebody who administers both can change this."
        )


def _require_room(person: Person, school: School, onward: Onward, last_day: date) -> None:
    """That somebody can go on at another school as what was chosen."""
    if onward.school.pk == school.pk or onward.school.is_demo != school.is_demo:
        raise CannotChangePerson("Choose another school.", "to_school")
    held = Role.objects.filter(lasting(last_day + DAY), person=person, school=onward.school)
    mine = _unended(person, school).roles_given
    if onward.kind not in Role.STAFF or held.filter(kind=Role.Kind.STUDENT).exists():
        raise CannotChangePerson("Choose what they are there.", "kind")
    if held.filter(kind=onward.kind).exclude(pk__in=mine).exists():
        raise CannotChangePerson("They hold this role there already.", "kind")


def _begin_elsewhere(departure: Departure) -> None:
    if departure.to_school_id is None:
        return
    role = Role.objects.create(
        person=departure.person,
        school_id=departure.to_school_id,
        kind=departure.to_kind,
        starts_on=departure.first_day_without,
    )
    departure.roles_given = [role.pk]


def _require_may_leave(
    person: Person, school: School, last_day: date, *, by: Person, on: date
) -> None:
    if person.pk == by.pk:
        raise CannotChangePerson("Somebody else has to enter your own last day.")
    if last_day < on:
        raise CannotChangePerson("This day is over. Enter today or a day ahead.", "last_day")
    if last_day.year - on.year > MOST_YEARS_AHEAD:
        raise CannotChangePerson(
            f"Choose a day within the next {MOST_YEARS_AHEAD} years.", "last_day"
        )
    roles = list(Role.objects.filter(lasting(on), person=person, school=school))
    if not roles:
        raise CannotChangePerson("They are not at the school any more.")
    if any(role.kind == Role.Kind.DISTRICT_ADMIN for role in roles):
        raise CannotChangePerson(
            "They administer the district. Whoever runs this server ends that first."
        )
    if later := [role.starts_on for role in roles if role.starts_on > last_day]:
        raise CannotChangePerson(
            f"A role of theirs begins on {day_in_words(min(later))}. Take it back first.",
            "last_day",
        )
    keep_an_administrator(person, school, on=on)


def _put_roles_back(departure: Departure) -> None:
    """
    Let the roles that end with the last day go on as they were, and those elsewhere not begin; not
    those changed since.
    """
    given = Role.objects.filter(pk__in=departure.roles_given)
    if departure.roles_given:
        given.filter(starts_on=departure.first_day_without).delete()  # never was: no history
    departure.roles_given = []
    before = departure.roles_before
    roles = Role.objects.filter(pk__in=before, ends_on=departure.last_day)
    try:
        with transaction.atomic():
            for role in roles:
                ends_on = before[str(role.pk)]
                role.ends_on = ends_on and date.fromisoformat(ends_on)
                role.save(update_fields=["ends_on"])
    except IntegrityError as error:
        raise CannotChangePerson(
            "They were given such a role again. End that one first."
        ) from error
    departure.roles_before = {}


def _end_roles(departure: Departure, *, on: date) -> None:
    last = departure.last_day
    held = Role.objects.filter(lasting(on), person=departure.person, school=departure.school)
    roles = [role for role in held if role.ends_on is None or role.ends_on > last]
    departure.roles_before = {
        str(role.pk): role.ends_on and role.ends_on.isoformat() for role in roles
    }
    Role.objects.filter(pk__in=[role.pk for role in roles]).update(ends_on=last)


def _changed(
    verb: str,
    departure: Departure,
    before: dict[str, Any] | None,
    *,
    by: Person,
    at: datetime,
) -> Change:
    after = as_it_is(departure)
    there = {state["to_school"] for state in (before, after) if state} - {None}
    for school in (departure.school, *School.objects.filter(pk__in=there).order_by("pk")):
        note(Event.Act.ROLE_CHANGE, school, departure.person, by=by, at=at, basis=verb)
    refs = {"departure": departure.pk, "before": before, "after": after}
    return Change.objects.create(by=by, verb=verb, refs=refs, at=at)
