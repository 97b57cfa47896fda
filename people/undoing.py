"""How changes of people are undone and told: the inverses of this app's verbs."""

from datetime import date, datetime

from django.db import IntegrityError, transaction

from audit.models import Event

from . import undo
from .actions import last_day
from .actions.persons import CannotChangePerson, keep_an_administrator, note
from .actions.roles import as_it_is
from .models import Change, Departure, Leave, Membership, Person, Role, School
from .permissions import can_administer
from .undo import CannotUndo

CHANGED = "This has changed again since. Nothing was undone."


def _administered(school_id: int, by: Person, at: datetime) -> None:
    """Take turns with others who change the school's people; only its administrators undo."""
    school = School.objects.select_for_update().get(pk=school_id)
    if not can_administer(by, school, on=school.today(at)):
        raise CannotUndo("Only administrators of the school can undo this.")


def undo_role(change: Change, by: Person, at: datetime) -> None:
    """Put a role back to what it was; one that was given goes, one that was taken back comes."""
    before, after = change.refs["before"], change.refs["after"]
    _administered(after["school_id"], by, at)
    role = Role.objects.filter(pk=change.refs["role"]).first()
    if (as_it_is(role) if role else None) != (after if change.refs["role"] else None):
        raise CannotUndo(CHANGED)
    try:
        with transaction.atomic():
            _put_back(role, before, at)
            # Whoever has an office again has it since now, whatever its first day
            school = School.objects.get(pk=after["school_id"])
            person = Person.objects.get(pk=after["person_id"])
            note(Event.Act.ROLE_CHANGE, school, person, by=by, at=at, basis="undo")
    except IntegrityError as error:
        raise CannotUndo(CHANGED) from error
    except CannotChangePerson as error:
        raise CannotUndo(str(error)) from error


def _put_back(role: Role | None, before: dict | None, at: datetime) -> None:
    if before is None and role is not None:
        if role.kind == Role.Kind.SCHOOL_ADMIN:
            keep_an_administrator(role.person, role.school, on=role.school.today(at))
        role.delete()
        return
    if before is None:
        return
    dates = {name: before[name] and date.fromisoformat(before[name]) for name in PERIOD}
    if role is None:
        Role.objects.create(**{**before, **dates})
        return
    Role.objects.filter(pk=role.pk).update(title=before["title"], **dates)


PERIOD = ("starts_on", "ends_on")


def describe_role(change: Change) -> str:
    after = change.refs["after"]
    person = Person.objects.get(pk=after["person_id"])
    label = after["title"] or Role.Kind(after["kind"]).label
    if change.verb == "role.end":
        return f"{person.name} is no longer {label}."
    period = f"from {_day(after['starts_on'])}"
    if after["ends_on"]:
        period += f" until {_day(after['ends_on'])}"
    return f"{person.name}: {label} {period}."


def undo_join(change: Change, by: Person, at: datetime) -> None:
    row = Membership.objects.select_related("group").get(pk=change.refs["membership"])
    _administered(row.group.school_id, by, at)
    row.delete()


def undo_leave_group(change: Change, by: Person, at: datetime) -> None:
    refs = change.refs
    row = Membership.objects.select_related("group").get(pk=refs["membership"])
    _administered(row.group.school_id, by, at)
    try:
        with transaction.atomic():
            Membership.objects.filter(pk=refs["membership"]).update(
                **{name: refs[name] and date.fromisoformat(refs[name]) for name in PERIOD}
            )
    except IntegrityError as error:
        raise CannotUndo("They are in this group again already.") from error


def describe_group(change: Change) -> str:
    row = Membership.objects.select_related("group", "person").get(pk=change.refs["membership"])
    verb = "is in" if change.verb == "group.join" else "is no longer in"
    return f"{row.person.name} {verb} {row.group.name}."


def undo_leave(change: Change, by: Person, at: datetime) -> None:
    """Put somebody's days away back to what they were before."""
    refs = change.refs
    _administered(refs["school"], by, at)
    dates = {name: date.fromisoformat(refs[name]) for name in PERIOD}
    if refs["leave"] is not None:
        gone, _ = Leave.objects.filter(pk=refs["leave"], **dates).delete()
        if not gone:
            raise CannotUndo(CHANGED)
    for first, last in refs["before"]:
        Leave.objects.create(
            person_id=refs["person"],
            starts_on=date.fromisoformat(first),
            ends_on=date.fromisoformat(last),
        )


def describe_leave(change: Change) -> str:
    refs = change.refs
    person = Person.objects.get(pk=refs["person"])
    if change.verb == "leave.take_back":
        return f"{person.name} is not away after all."
    together = ", together with days written down before" if refs["before"] else ""
    days = f"{_day(refs['starts_on'])} to {_day(refs['ends_on'])}"
    return f"{person.name} is away from {days}{together}."


def undo_last_day(change: Change, by: Person, at: datetime) -> None:
    """Put somebody's last day back to what it was, with the roles that end with it."""
    departure = Departure.objects.select_related("school", "person").get(
        pk=change.refs["departure"]
    )
    states = (change.refs["before"], change.refs["after"])
    there = {state["to_school"] for state in states if state} - {None}
    for school_id in sorted({departure.school_id, *there}):
        _administered(school_id, by, at)
    departure.refresh_from_db()
    before, on = change.refs["before"], departure.school.today(at)
    is_changed = last_day.as_it_is(departure) != change.refs["after"]
    if is_changed or departure.ended_at is not None:
        raise CannotUndo(CHANGED)
    if before is not None and date.fromisoformat(before["last_day"]) < on:
        raise CannotUndo("That day is over. Nothing was undone.")
    try:
        last_day.put(departure, before, on=on, at=at)
    except CannotChangePerson as error:
        raise CannotUndo(str(error)) from error


def describe_last_day(change: Change) -> str:
    departure = Departure.objects.select_related("person").get(pk=change.refs["departure"])
    after = change.refs["after"]
    if after is None:
        return f"{departure.person.name} stays."
    return f"{departure.person.name} leaves: {_day(after['last_day'])} is the last day."


def _day(iso: str) -> str:
    on = date.fromisoformat(iso)
    return f"{on.day} {on:%B %Y}"


def register_inverses() -> None:
    for verb in ("role.give", "role.change", "role.end"):
        undo.register(verb, undo=undo_role, describe=describe_role)
    undo.register("group.join", undo=undo_join, describe=describe_group)
    undo.register("group.leave", undo=undo_leave_group, describe=describe_group)
    for verb in ("last_day.set", "last_day.take_back"):
        undo.register(verb, undo=undo_last_day, describe=describe_last_day)
    for verb in ("leave.give", "leave.take_back"):
        undo.register(verb, undo=undo_leave, describe=describe_leave)
