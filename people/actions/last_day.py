"""Somebody's last day at a school: said beforehand, changed, and taken back while it lies ahead."""

from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from audit.models import Event

from ..departures import day_in_words
from ..ending import lasting
from ..models import Change, Departure, Person, Role, School
from ..periods import MOST_YEARS_AHEAD
from .persons import CannotChangePerson, keep_an_administrator, locked, note


@transaction.atomic
def set_last_day(
    person: Person, school: School, *, last_day: date, by: Person, at: datetime
) -> Change:
    """
    Say which day is somebody's last at a school; their roles end with it, all else once it is over.

    Nobody is told before that. Raises CannotChangePerson.
    """
    on = locked(school, by=by, at=at)
    _require_may_leave(person, school, last_day, by=by, on=on)
    departure = Departure.objects.filter(school=school, person=person, ended_at=None).first()
    before = as_it_is(departure) if departure else None
    if departure is None:
        departure = Departure(school=school, person=person, last_day=last_day)
    put(departure, {"last_day": last_day.isoformat()}, on=on)
    return _changed("last_day.set", departure, before, by=by, at=at)


@transaction.atomic
def take_back_last_day(departure: Departure, *, by: Person, at: datetime) -> Change:
    """Somebody stays after all: their roles go on as before. Raises CannotChangePerson."""
    on = locked(departure.school, by=by, at=at)
    departure = Departure.objects.select_related("school", "person").get(pk=departure.pk)
    before = as_it_is(departure)
    if before is None:
        raise CannotChangePerson("There is no last day any more.")
    put(departure, None, on=on, at=at)
    return _changed("last_day.take_back", departure, before, by=by, at=at)


def as_it_is(departure: Departure) -> dict[str, Any] | None:
    """What undoing a change of a last day puts back; None where there is none ahead."""
    if departure.taken_back_at is not None or departure.ended_at is not None:
        return None
    return {"last_day": departure.last_day.isoformat()}


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
        departure.taken_back_at = None
        _end_roles(departure, on=on)
    departure.save()


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
    """Let the roles that end with the last day go on as they were; not those changed since."""
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
    note(Event.Act.ROLE_CHANGE, departure.school, departure.person, by=by, at=at, basis=verb)
    refs = {"departure": departure.pk, "before": before, "after": as_it_is(departure)}
    return Change.objects.create(by=by, verb=verb, refs=refs, at=at)
