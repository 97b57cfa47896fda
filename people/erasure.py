"""Erasing what is one person's own: apps say what of it goes, what stays and why, and erase it."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import NamedTuple

from .models import Person, Role, School
from .permissions import can_administer

# Until then leaving can be undone by whoever ended it, within a day, anywhere on the globe
SETTLED = timedelta(days=3)


class Fate(NamedTuple):
    """What becomes of one kind of thing; the same words for everybody, so they tell nothing."""

    order: int
    title: str
    words: str


Eraser = Callable[[Person, datetime], None]
# Why nothing of somebody's may be erased now, in a sentence; empty where it may
Refuser = Callable[[Person], str]

_going: list[Fate] = []
_staying: list[Fate] = []
_erasers: list[Eraser] = []
_refusers: list[Refuser] = []


def register(
    *, going: list[Fate], staying: list[Fate], erase: Eraser, refuse: Refuser | None = None
) -> None:
    """Say what an app erases, what it keeps, and what may forbid it; in `AppConfig.ready()`."""
    if erase not in _erasers:
        _going.extend(going)
        _staying.extend(staying)
        _erasers.append(erase)
        _refusers.extend([refuse] if refuse else [])


def going() -> list[Fate]:
    return sorted(_going)


def staying() -> list[Fate]:
    return sorted(_staying)


def erase_all(person: Person, *, at: datetime) -> None:
    """Let every app erase what it keeps of somebody; in the transaction of whoever asks."""
    for erase in _erasers:
        erase(person, at)


def refusal(person: Person, *, by: Person, at: datetime) -> str:
    """Why what is somebody's cannot be erased now, in a sentence; empty where it can."""
    if person.erased_at is not None:
        return "What was theirs is erased already."
    roles = list(Role.objects.filter(person=person).select_related("school"))
    schools = {role.school for role in roles}
    if any(not role.is_over(role.school.today(at)) for role in roles):
        return "They still have a role, or will have one. Their time has to end first."
    if not all(can_administer(by, school, on=school.today(at)) for school in schools):
        return (
            "They were at another school as well. Only somebody who administers all of their "
            "schools can erase what is theirs."
        )
    settled = _settled_on(roles)
    if settled is not None and any(school.today(at) < settled for school in schools):
        return (
            "They have only just left, and that can still be undone. Come back on "
            f"{settled.day} {settled:%B %Y}."
        )
    if person.is_active:
        return "Not all of theirs has ended yet. That happens by itself within the hour."
    return next(filter(None, (refuse(person) for refuse in _refusers)), "")


def schools_of(person: Person) -> list[School]:
    """Every school at which somebody ever was, in the order in which they are locked."""
    return list(School.objects.filter(roles__person=person).distinct().order_by("pk"))


def _settled_on(roles: list[Role]) -> date | None:
    ends = [role.ends_on for role in roles if role.ends_on is not None]
    return max(ends) + SETTLED if ends else None
