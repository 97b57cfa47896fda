"""What people are at a school, from when to when: giving, changing and ending a role."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from audit.models import Event

from ..ending import end, lasting
from ..models import Change, Departure, Person, Role, School
from ..models.persons import LIFETIME
from ..periods import check_period
from ..permissions import require
from .persons import CannotChangePerson, keep_an_administrator, locked, note


@transaction.atomic
def give_role(
    person: Person,
    school: School,
    *,
    kind: str,
    by: Person,
    at: datetime,
    title: str = "",
    starts_on: date | None = None,
    ends_on: date | None = None,
) -> Change:
    """
    Let somebody on the school's record be something there, from today on or from a later day.

    Who had left is back, without a login until they are invited. Raises CannotChangePerson.
    """
    on = locked(school, by=by, at=at)
    starts_on = starts_on or on
    require(kind != Role.Kind.DISTRICT_ADMIN)  # the district's own to give: `name_for_district`
    # Others come with the roster or are added by hand
    require(Role.objects.filter(person=person, school=school).exists())
    check_period(starts_on, ends_on, on=on, refusal=CannotChangePerson)
    if Person.objects.filter(pk=person.pk, erased_at__isnull=False).exists():
        raise CannotChangePerson("What was theirs is erased. Add them as somebody new.")
    _require_room(person, school, kind, starts_on, ends_on)
    role = Role.objects.create(
        person=person, school=school, kind=kind, title=title, starts_on=starts_on, ends_on=ends_on
    )
    Person.objects.filter(pk=person.pk, is_active=False).update(is_active=True)
    return _changed("role.give", role, by=by, at=at, basis=f"give.{kind}")


@transaction.atomic
def change_role(
    role: Role,
    *,
    by: Person,
    at: datetime,
    title: str,
    starts_on: date,
    ends_on: date | None,
) -> Change:
    """
    Keep another title, first or last day of a role that is not over. Raises CannotChangePerson.

    The last administrator gets no last day, and what has begun does not begin later.
    """
    school, person = role.school, role.person
    on = locked(school, by=by, at=at)
    require(role.kind != Role.Kind.DISTRICT_ADMIN)
    role = Role.objects.get(pk=role.pk)
    if role.is_over(on):
        raise CannotChangePerson("This role is over. Give it again.")
    check_period(starts_on, ends_on, on=on, refusal=CannotChangePerson)
    if role.starts_on <= on < starts_on:
        raise CannotChangePerson(
            "It has begun already. End it, and give it again from the later day.", "starts_on"
        )
    _require_room(person, school, role.kind, starts_on, ends_on, besides=role)
    if role.kind == Role.Kind.SCHOOL_ADMIN and role.is_in_force(on) and ends_on is not None:
        keep_an_administrator(person, school, on=on)
    before = as_it_is(role)
    role.title, role.starts_on, role.ends_on = title, starts_on, ends_on
    role.save(update_fields=["title", "starts_on", "ends_on"])
    return _changed("role.change", role, by=by, at=at, basis=f"dates.{role.kind}", before=before)


@transaction.atomic
def end_role(role: Role, *, by: Person, at: datetime) -> Change:
    """
    Take a role away, now; one that has not begun is taken back.

    Raises CannotChangePerson for the last administrator, and for the only role of somebody.
    """
    school, person = role.school, role.person
    on = locked(school, by=by, at=at)
    require(role.kind != Role.Kind.DISTRICT_ADMIN)
    role = Role.objects.get(pk=role.pk)
    if role.is_over(on):
        raise CannotChangePerson("This role is over already.")
    if role.kind == Role.Kind.SCHOOL_ADMIN and role.is_in_force(on):
        keep_an_administrator(person, school, on=on)
    others = Role.objects.filter(lasting(on), person=person, school=school).exclude(pk=role.pk)
    if not others.exists():
        raise CannotChangePerson(
            "This is their only role. If they leave the school, end their time here."
        )
    before = as_it_is(role)
    if role.starts_on > on:
        role.delete()  # what never was is not history
        role.pk = None
    else:
        end(Role.objects.filter(pk=role.pk), on=on)
    return _changed("role.end", role, by=by, at=at, basis=f"end.{role.kind}", before=before)


def as_it_is(role: Role) -> dict[str, Any]:
    """What undoing a change of a role puts back."""
    return {
        "person_id": role.person_id,
        "school_id": role.school_id,
        "kind": role.kind,
        "title": role.title,
        "starts_on": role.starts_on.isoformat(),
        "ends_on": role.ends_on and role.ends_on.isoformat(),
    }


def _require_room(
    person: Person,
    school: School,
    kind: str,
    starts_on: date,
    ends_on: date | None,
    besides: Role | None = None,
) -> None:
    """That this role can stand beside what they are at the school in these days."""
    departure = Departure.objects.of(person, school)
    if departure is not None and (ends_on is None or ends_on > departure.last_day):
        raise CannotChangePerson(
            f"Their last day is {_day(departure.last_day)}. Change that first, or let the role end "
            "by then.",
            "ends_on",
        )
    theirs = Role.objects.filter(LIFETIME | Q(ends_on__gte=starts_on), person=person, school=school)
    if ends_on is not None:
        theirs = theirs.filter(starts_on__lte=ends_on)
    if besides is not None:
        theirs = theirs.exclude(pk=besides.pk)
    for role in theirs.order_by(F("starts_on").asc()):
        if role.kind == kind:
            since = f"since {_day(role.starts_on)}"
            raise CannotChangePerson(f"They hold this role already, {since}.", "kind")
        if Role.Kind.STUDENT in (kind, role.kind):
            raise CannotChangePerson("A student cannot hold another role.", "kind")


def _day(on: date) -> str:
    return f"{on.day} {on:%B %Y}"


def _changed(
    verb: str,
    role: Role,
    *,
    by: Person,
    at: datetime,
    basis: str,
    before: dict[str, Any] | None = None,
) -> Change:
    note(Event.Act.ROLE_CHANGE, role.school, role.person, by=by, at=at, basis=basis)
    if role.pk is not None:
        role.refresh_from_db()
    refs = {"role": role.pk, "before": before, "after": as_it_is(role)}
    return Change.objects.create(by=by, verb=verb, refs=refs, at=at)
