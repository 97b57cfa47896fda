"""Keeping a school's people by hand: what is known of them, and who is new."""

from datetime import date, datetime
from typing import Any

from django.db import transaction

from audit.actions import record
from audit.models import Event

from ..directory import at_other_schools, is_called, namesakes
from ..ending import end, lasting, share_no_school
from ..models import Line, Person, Role, School
from ..periods import check_period
from ..permissions import can_administer, require


class CannotChangePerson(Exception):
    """Why somebody's facts or roles stay as they are, in words; `field` is where it was typed."""

    def __init__(self, sentence: str, field: str | None = None) -> None:
        super().__init__(sentence)
        self.field = field


class MaybeKnown(CannotChangePerson):
    """Somebody with this name or address is on the record; `people` are those."""

    def __init__(self, people: list[Person]) -> None:
        super().__init__("Somebody like this is on the record already.")
        self.people = people


@transaction.atomic
def add_person(
    school: School,
    *,
    kind: str,
    starts_on: date,
    is_somebody_else: bool = False,
    by: Person,
    at: datetime,
    **facts: Any,
) -> Person:
    """
    Put somebody on the school's record by hand, with their first role; no login is made.

    Who is at another school by this name and address is that person, who gets a role here too;
    what is known of them stays. Raises MaybeKnown unless `is_somebody_else`, and
    CannotChangePerson for an address in use.
    """
    on = locked(school, by=by, at=at)
    email = facts["email"] = facts["email"].strip().lower()
    check_period(starts_on, None, on=on, refusal=CannotChangePerson)
    _require_own_address(email, school)
    names = {name: facts[name] for name in ("given_name", "family_name")}
    known = [] if is_somebody_else else list(namesakes(school, email=email, on=on, **names))
    if known:
        raise MaybeKnown(known)
    person = _of_another_school(school, email, names, on=on) or Person.objects.create(**facts)
    Role.objects.create(person=person, school=school, kind=kind, starts_on=starts_on)
    note(Event.Act.PERSON_CHANGE, school, person, by=by, at=at, basis=f"add.{kind}")
    return person


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
    on = locked(school, by=by, at=at)
    facts["email"] = facts["email"].lower()
    _require_own_address(facts["email"], school, person)
    _set_manager(person, line_manager, school, on=on)
    for name, value in facts.items():
        setattr(person, name, value)
    person.save(update_fields=list(facts))
    note(Event.Act.PERSON_CHANGE, school, person, by=by, at=at, basis="facts")
    return person


def locked(school: School, *, by: Person, at: datetime) -> date:
    """Take turns with others who change this school's people; its date."""
    School.objects.select_for_update().get(pk=school.pk)
    on = school.today(at)
    require(can_administer(by, school, on=on))
    return on


def note(
    act: Event.Act, school: School, person: Person, *, by: Person, at: datetime, basis: str
) -> None:
    """Write down that somebody on the record was changed."""
    record(act, chain=school.pk, by=by.pk, objects=[f"person:{person.pk}"], basis=basis, at=at)


def keep_an_administrator(person: Person, school: School, *, on: date) -> None:
    """That somebody else administers the school without a last day, if this person does."""
    administrators = Role.objects.in_force(on).filter(
        school=school, kind=Role.Kind.SCHOOL_ADMIN, person__is_active=True
    )
    mine = administrators.filter(person=person)
    lasting = administrators.filter(ends_on__isnull=True).exclude(person=person)
    if mine.exists() and not lasting.exists():
        raise CannotChangePerson(
            "They are the last administrator. Give the role to somebody else first."
        )


def _of_another_school(
    school: School, email: str, names: dict[str, str], *, on: date
) -> Person | None:
    found = at_other_schools(school, [email], on=on).order_by("pk")
    return next((each for each in found if is_called(each, **names)), None)


def _require_own_address(email: str, school: School, person: Person | None = None) -> None:
    namesakes = Person.objects.active().filter(email__iexact=email, roles__school=school)
    if person is not None:
        namesakes = namesakes.exclude(pk=person.pk)
    if email and namesakes.exists():
        raise CannotChangePerson("Somebody else at this school has this e-mail address.", "email")


def _set_manager(person: Person, manager: Person | None, school: School, *, on: date) -> None:
    """Let somebody answer to somebody of the school; a manager of another school is not touched."""
    lines = Line.objects.filter(lasting(on)).order_by("starts_on", "pk")
    managers = dict(lines.values_list("person", "manager"))  # the last word counts
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
    mine.filter(starts_on__gt=on).delete()  # what was to come is not history
    end(mine, on=on)
    if manager is not None:
        Line.objects.create(person=person, manager=manager, starts_on=on)
