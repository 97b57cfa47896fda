"""Keeping a school's people by hand: what is known of them, their roles, and when they leave."""

from datetime import date, datetime
from typing import Any

from django.db import transaction

from audit.actions import record
from audit.models import Event

from ..ending import end, end_people, last_day, lasting, share_no_school
from ..models import Line, Person, Role, School
from ..models.persons import in_force
from ..permissions import can_administer, require


class CannotChangePerson(Exception):
    """Why somebody's facts or roles stay as they are, in words; `field` is where it was typed."""

    def __init__(self, sentence: str, field: str | None = None) -> None:
        super().__init__(sentence)
        self.field = field


@transaction.atomic
def change_person(
    person: Person,
    school: School,
    *,
    by: Person,
    at: datetime,
    line_manager: Person | None,
    **facts: Any,
) -> Person:
    """
    Keep what the school knows of somebody. The next roster wins over what is typed here.

    Raises CannotChangePerson for an address that somebody else has, for managers in a circle, and
    for one where another school has named one.
    """
    on = _locked(school, by=by, at=at)
    email = facts["email"] = facts["email"].lower()
    namesakes = Person.objects.active().filter(email__iexact=email, roles__school=school)
    if email and namesakes.exclude(pk=person.pk).exists():
        raise CannotChangePerson("Somebody else at this school has this e-mail address.", "email")
    _set_manager(person, line_manager, school, on=on)
    for name, value in facts.items():
        setattr(person, name, value)
    person.save(update_fields=list(facts))
    _record(Event.Act.PERSON_CHANGE, school, person, by=by, at=at, basis="facts")
    return person


@transaction.atomic
def give_role(
    person: Person,
    school: School,
    *,
    kind: str,
    by: Person,
    at: datetime,
    title: str = "",
    ends_on: date | None = None,
) -> Role:
    """Let somebody be something at the school, from today on. Raises CannotChangePerson."""
    on = _locked(school, by=by, at=at)
    held = list(Role.objects.in_force(on).filter(person=person, school=school))
    require(kind != Role.Kind.DISTRICT_ADMIN)  # the district's own to give: `name_for_district`
    require(bool(held))  # only those who are at the school already: others come with the roster
    if any(role.kind == kind for role in held):
        raise CannotChangePerson("They hold this role already.", "kind")
    if Role.Kind.STUDENT in (kind, *(role.kind for role in held)):
        raise CannotChangePerson("A student cannot hold another role.", "kind")
    if ends_on is not None and ends_on < on:
        raise CannotChangePerson("The last day is in the past.", "ends_on")
    role = Role.objects.create(
        person=person, school=school, kind=kind, title=title, starts_on=on, ends_on=ends_on
    )
    _record(Event.Act.ROLE_CHANGE, school, person, by=by, at=at, basis=f"give.{kind}")
    return role


@transaction.atomic
def end_role(role: Role, *, by: Person, at: datetime) -> None:
    """
    Take a role away, now.

    Raises CannotChangePerson for the last administrator, and for the only role of somebody.
    """
    school, person = role.school, role.person
    on = _locked(school, by=by, at=at)
    require(role.kind != Role.Kind.DISTRICT_ADMIN)
    if role.kind == Role.Kind.SCHOOL_ADMIN:
        _require_another_administrator(person, school, on=on)
    others = Role.objects.in_force(on).filter(person=person, school=school).exclude(pk=role.pk)
    if not others.exists():
        raise CannotChangePerson(
            "This is their only role. If they leave the school, end their time here."
        )
    end(Role.objects.filter(pk=role.pk), on=on)
    _record(Event.Act.ROLE_CHANGE, school, person, by=by, at=at, basis=f"end.{role.kind}")


@transaction.atomic
def end_person(
    person: Person, school: School, *, by: Person, at: datetime, successor: Person | None = None
) -> None:
    """
    Somebody leaves: their roles, lines, groups and sign-in end now; nothing is deleted.

    A `successor` becomes the line manager of those who answered to them. Raises
    CannotChangePerson for the last administrator and for oneself.
    """
    on = _locked(school, by=by, at=at)
    if person.pk == by.pk:
        raise CannotChangePerson("Somebody else has to end your own time here.")
    if successor is not None and successor.pk == person.pk:
        raise CannotChangePerson("Choose somebody else to hand over to.", "successor")
    _require_another_administrator(person, school, on=on)
    answering = Line.objects.filter(in_force(on), manager=person, person__is_active=True)
    before = list(answering.values_list("person", flat=True))
    end_people(school, [person.pk], on=on)
    if successor is not None:
        kept = set(answering.values_list("person", flat=True))  # at another school
        _hand_over([pk for pk in before if pk not in kept], person, successor, on=on)
    _record(Event.Act.ROLE_CHANGE, school, person, by=by, at=at, basis="end.person")


def _locked(school: School, *, by: Person, at: datetime) -> date:
    """Take turns with others who change this school's people; its date."""
    School.objects.select_for_update().get(pk=school.pk)
    on = school.today(at)
    require(can_administer(by, school, on=on))
    return on


def _require_another_administrator(person: Person, school: School, *, on: date) -> None:
    administrators = Role.objects.in_force(on).filter(
        school=school, kind=Role.Kind.SCHOOL_ADMIN, person__is_active=True
    )
    mine = administrators.filter(person=person)
    lasting = administrators.filter(ends_on__isnull=True).exclude(person=person)
    if mine.exists() and not lasting.exists():
        raise CannotChangePerson(
            "They are the last administrator. Give the role to somebody else first."
        )


def _set_manager(person: Person, manager: Person | None, school: School, *, on: date) -> None:
    """Let somebody answer to somebody of the school; a manager of another school is not touched."""
    lines = Line.objects.filter(lasting(on))
    managers = dict(lines.values_list("person", "manager"))
    if managers.get(person.pk) == (manager.pk if manager else None):
        return
    here = Role.objects.filter(lasting(on), school=school).values("person")
    mine = lines.filter(person=person)
    apart = share_no_school("person", "manager", on=on)
    if mine.exclude(apart).exclude(manager__in=here).exists():
        if manager is None:
            return
        raise CannotChangePerson("Another school has named their line manager.", "line_manager")
    above, seen = manager.pk if manager else None, set()
    while above is not None and above not in seen:
        if above == person.pk:
            raise CannotChangePerson(
                "That would make somebody their own manager's manager.", "line_manager"
            )
        seen.add(above)
        above = managers.get(above)
    end(mine, on=on)
    if manager is not None:
        Line.objects.create(person=person, manager=manager, starts_on=on)


def _hand_over(answering: list[int], leaver: Person, successor: Person, *, on: date) -> None:
    """The successor answers to whoever the leaver answered to, if they answered to the leaver."""
    Line.objects.bulk_create(
        Line(person_id=pk, manager=successor, starts_on=on)
        for pk in answering
        if pk != successor.pk
    )
    above = (
        Line.objects.filter(person=leaver, ends_on=last_day(on), manager__is_active=True)
        .exclude(manager=successor)
        .order_by("-starts_on", "-pk")
        .first()
    )
    if successor.pk in answering and above is not None:
        Line.objects.create(person=successor, manager_id=above.manager_id, starts_on=on)


def _record(
    act: Event.Act, school: School, person: Person, *, by: Person, at: datetime, basis: str
) -> None:
    record(act, chain=school.pk, by=by.pk, objects=[f"person:{person.pk}"], basis=basis, at=at)
