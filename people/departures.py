"""What ends when somebody leaves: apps say what of theirs it is, and end it in one transaction."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.utils.formats import date_format

from .ending import lasting
from .models import Departure, Group, Handover, Line, Membership, Pairing, Person, Role, School
from .models.pairings import PairingQuerySet
from .models.persons import RoleQuerySet, in_force

WITHIN = timedelta(days=366)  # later nobody looks for a new host any more


class Leaving(NamedTuple):
    """Who leaves which school after which day, and who looks at it."""

    person: Person
    school: School
    last_day: date
    viewer: Person
    at: datetime
    says_takers: bool = False  # beside it stands who takes over the groups and the line
    roles: Sequence[Role] = ()  # of the leaver, everywhere; asked for where they are not known

    @property
    def is_own(self) -> bool:
        """Whether it is the leaver who looks; others learn nothing of counseling (DECISIONS 15)."""
        return self.viewer.pk == self.person.pk


class Ending(NamedTuple):
    """One thing that ends, in a word and a sentence, and where to look at it."""

    order: int
    title: str
    words: str
    action: str = ""
    url: str = ""


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


def attended(person: Person, school: School, *, on: date) -> PairingQuerySet:
    """The pairings of an attendee that would go on into a date; nobody takes these over."""
    mine = Pairing.objects.filter(lasting(on), attendee=person, school=school).with_people()
    return mine.order_by("kind", "host__family_name", "host__given_name", "pk")


def without_host(school: School, *, on: date) -> PairingQuerySet:
    """
    The pairings whose host has left within a year while the other is still here, and nobody has
    taken over: by choice, or by meeting them for the same. Never counseling (DECISIONS 15).
    """
    roles = Role.objects.filter(school=school)
    here = roles.filter(in_force(on))
    hosts = roles.filter(person=OuterRef("host"))
    left_on = hosts.order_by("-ends_on").values("ends_on")[:1]
    of_attendee = Pairing.objects.in_force(on).filter(
        attendee=OuterRef("attendee"), kind=OuterRef("kind"), school=school
    )
    decided = Q(handover__to=None) | Q(handover__opened__isnull=False)
    return (
        Pairing.objects.filter(school=school, starts_on__lte=on)
        .without_counseling()
        .filter(
            Exists(here.filter(person=OuterRef("attendee"))),
            ~Exists(hosts.filter(lasting(on))),
            ~Exists(of_attendee.exclude(pk=OuterRef("pk")).exclude(host=OuterRef("host"))),
            attendee__is_active=True,
        )
        .exclude(Q(handover__isnull=False) & decided)
        .annotate(left_on=Subquery(left_on))
        .filter(
            Q(ends_on__isnull=True) | Q(ends_on__gte=F("left_on")),
            left_on__gt=on - WITHIN,
        )
        .with_people()
        .select_related("handover__to")
        .order_by("kind", "attendee__family_name", "attendee__given_name", "pk")
    )


def staff_roles(school: School, *, on: date) -> RoleQuerySet:
    """The roles of a school's staff on a date, with their people by name: who can take over."""
    roles = Role.objects.in_force(on).filter(
        school=school, kind__in=Role.STAFF, person__is_active=True
    )
    by_name = roles.order_by("person__family_name", "person__given_name", "person")
    return by_name.select_related("person")


def adult_groups(person: Person, school: School, *, on: date) -> models.QuerySet[Group]:
    """
    The groups of which somebody would still be an adult on a date, by name.

    With what was chosen for them: `is_decided`, and `taker_id`, the key of who takes over.
    """
    mine = Membership.objects.filter(lasting(on), person=person, is_adult=True)
    chosen = Handover.objects.filter(group=OuterRef("pk"), leaver=person)
    groups = Group.objects.filter(lasting(on), school=school, pk__in=mine.values("group"))
    return groups.annotate(
        is_decided=Exists(chosen), taker_id=Subquery(chosen.values("to")[:1])
    ).order_by("name", "pk")


def people_endings(leaving: Leaving) -> Iterable[Ending]:
    """Roles, groups, who answers to them, and signing in."""
    person, school, on = leaving.person, leaving.school, leaving.last_day
    roles = _roles_on(leaving)
    here = [role.label for role in roles if role.school_id == school.pk and role.is_in_force(on)]
    if here:
        yield Ending(10, "Roles", f"{_row(here)}.")
    if not leaving.says_takers:
        yield from _group_endings(person, school, on)
    if school.safeguarding_lead_id == person.pk:
        words = "Counseling with students stops until somebody else is named."
        yield Ending(35, "Safeguarding lead", words)
    if _is_of_another(roles, leaving):
        yield Ending(90, "Signing in", "Goes on, because of another school.")
    else:
        yield Ending(90, "Signing in", "Ends, and every session with it.")


def goes_on_elsewhere(leaving: Leaving) -> bool:
    """Whether somebody still signs in after their last day, because of another school."""
    return _is_of_another(_roles_on(leaving), leaving)


def _roles_on(leaving: Leaving) -> list[Role]:
    known = leaving.roles or Role.objects.filter(person=leaving.person).order_by("starts_on", "pk")
    return [role for role in known if not role.is_over(leaving.last_day)]


def _is_of_another(roles: Iterable[Role], leaving: Leaving) -> bool:
    return any(
        role.school_id != leaving.school.pk and role.ends_on != leaving.last_day for role in roles
    )


def _group_endings(person: Person, school: School, on: date) -> Iterable[Ending]:
    groups = person.memberships.filter(lasting(on), group__school=school)
    names = list(groups.order_by("group__name").values_list("group__name", flat=True))
    if names:
        yield Ending(20, "Groups", f"{_row(names)}.")
    lines = person.managed_lines.filter(lasting(on), person__is_active=True)
    answering = Person.objects.filter(pk__in=lines.values("person")).by_name()
    if people := [each.name for each in answering]:
        yield Ending(30, "Line manager", f"Of {_row(people)}.")


class LastDay(NamedTuple):
    """When somebody's own time at a school ends, and the departure that says so, if one does."""

    school: School
    on: date
    departure: Departure | None


def last_days_of(person: Person, roles: Iterable[Role], *, at: datetime) -> list[LastDay]:
    """Where all of somebody's roles have a last day, that is; `roles` are all they ever had."""
    by_school: dict[School, list[Role]] = {}
    for role in roles:
        if not role.is_over(role.school.today(at)):
            by_school.setdefault(role.school, []).append(role)
    answering = Line.objects.filter(
        in_force(at.date()), manager=OuterRef("person"), person__is_active=True
    )
    ahead = Departure.objects.ahead().filter(person=person).select_related("successor", "school")
    departures = {each.school_id: each for each in ahead.annotate(leads=Exists(answering))}
    found = []
    for school, held in by_school.items():
        departure = departures.get(school.pk)
        ends = [role.ends_on for role in held if role.ends_on is not None]
        if departure is not None:
            found.append(LastDay(school, departure.last_day, departure))
        elif len(ends) == len(held):
            found.append(LastDay(school, max(ends), None))
    return sorted(found, key=lambda each: each.on)


def leaves_on(roles: Iterable[Role]) -> date | None:
    """
    The first day with which all roles in force at a school end; None without one.

    Without a question, to offer the page `before_you_go`, which looks at roles to come as well.
    """
    ends: dict[int, list[date | None]] = {}
    for role in roles:
        ends.setdefault(role.school_id, []).append(role.ends_on)
    return min((max(some) for some in ends.values() if None not in some), default=None)  # type: ignore[type-var]


def day_in_words(on: date) -> str:
    return date_format(on, "j F Y")


def _row(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def register_endings() -> None:
    register(people_endings)
