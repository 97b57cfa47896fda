"""What ends when somebody leaves: apps say what of theirs it is, and end it in one transaction."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

from django.db import models
from django.db.models import Q
from django.utils.formats import date_format

from .ending import lasting
from .models import Departure, Group, Membership, Pairing, Person, Role, School
from .models.pairings import PairingQuerySet
from .models.persons import in_force


class Leaving(NamedTuple):
    """Who leaves which school after which day, and who looks at it."""

    person: Person
    school: School
    last_day: date
    viewer: Person
    at: datetime

    @property
    def is_own(self) -> bool:
        """Whether it is the leaver who looks; others learn nothing of counseling (DECISIONS 15)."""
        return self.viewer.pk == self.person.pk


class Ending(NamedTuple):
    """One thing that ends, in a word and a sentence."""

    order: int
    title: str
    words: str


class Parting(NamedTuple):
    """What has ended at a school: whose time there, and the pairings that went with it."""

    school: School
    departures: Sequence[Departure]
    pairings: Sequence[Pairing]
    on: date  # the first day without them
    by: Person | None
    at: datetime


# Looks at the rows with a constant number of questions
Chapter = Callable[[Leaving], Iterable[Ending]]
Parter = Callable[[Parting], None]

_chapters: list[Chapter] = []
_parters: list[Parter] = []


def register(chapter: Chapter, part: Parter | None = None) -> None:
    """Say what of an app's ends, and who ends it; called in `AppConfig.ready()`."""
    if chapter not in _chapters:
        _chapters.append(chapter)
    if part is not None and part not in _parters:
        _parters.append(part)


def what_ends(leaving: Leaving) -> list[Ending]:
    """Everything that ends with somebody's last day."""
    return sorted(ending for chapter in _chapters for ending in chapter(leaving))


def part(parting: Parting) -> None:
    """End what other apps keep of those who have left, in the same transaction."""
    for each in _parters:
        each(parting)


def hosted(person: Person, school: School, *, on: date) -> PairingQuerySet:
    """The pairings of a host that would go on into a date, with who takes them over, in order."""
    return (
        Pairing.objects.hosted_by(person)
        .filter(lasting(on), school=school)
        .with_people()
        .select_related("handover__to")
        .order_by("kind", "attendee__family_name", "attendee__given_name", "pk")
    )


def adult_groups(person: Person, school: School, *, on: date) -> models.QuerySet[Group]:
    """The groups of which somebody would still be an adult on a date, by name."""
    mine = Membership.objects.filter(lasting(on), person=person, is_adult=True)
    groups = Group.objects.filter(lasting(on), school=school, pk__in=mine.values("group"))
    return groups.order_by("name", "pk")


def people_endings(leaving: Leaving) -> Iterable[Ending]:
    """Roles, groups, who answers to them, and signing in."""
    person, school, on = leaving.person, leaving.school, leaving.last_day
    roles = list(Role.objects.filter(in_force(on), person=person).order_by("starts_on", "pk"))
    here = [role.label for role in roles if role.school_id == school.pk]
    if here:
        yield Ending(10, "Roles", f"{_row(here)}.")
    groups = person.memberships.filter(lasting(on), group__school=school)
    names = list(groups.order_by("group__name").values_list("group__name", flat=True))
    if names:
        yield Ending(20, "Groups", f"{_row(names)}.")
    lines = person.managed_lines.filter(lasting(on), person__is_active=True)
    answering = Person.objects.filter(pk__in=lines.values("person")).by_name()
    if people := [each.name for each in answering]:
        yield Ending(30, "Line manager", f"Of {_row(people)}.")
    if school.safeguarding_lead_id == person.pk:
        words = "Counseling with students stops until somebody else is named."
        yield Ending(35, "Safeguarding lead", words)
    goes_on = Role.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=on), person=person)
    if goes_on.exclude(school=school).exists():
        yield Ending(90, "Signing in", "Goes on, because of another school.")
    else:
        yield Ending(90, "Signing in", "Ends, and every session with it.")


def day_in_words(on: date) -> str:
    return date_format(on, "j F Y")


def _row(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def register_endings() -> None:
    register(people_endings)
