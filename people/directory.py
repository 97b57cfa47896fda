"""The people of a school as its administrators look through them: search, filters, states."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from allauth.socialaccount.models import SocialAccount
from django.db.models import Count, Exists, OuterRef, Prefetch, Q, TextChoices

from .ending import lasting
from .models import Leave, Line, LoginMove, Membership, Person, Role, School
from .models.persons import LIFETIME, PersonQuerySet, RoleQuerySet, in_force


class Show(TextChoices):
    """Which of the people are looked at."""

    HERE = "", "Here now"
    NO_LOGIN = "no_login", "Staff who cannot sign in yet"
    NO_MANAGER = "no_manager", "Staff without a line manager"
    NO_EMAIL = "no_email", "Staff without an e-mail address"
    AWAY = "away", "Away today"
    LEAVING = "leaving", "With a last day"
    MOVING = "moving", "Whose sign-in is to move"
    COMING = "coming", "Begin later"
    LEFT = "left", "Have left"


class Login(TextChoices):
    """How far somebody is with signing in."""

    NONE = "none", "Cannot sign in yet"
    INVITED = "invited", "Invited, has not signed in yet"
    SIGNS_IN = "signs_in", "Signs in"


def login_of(person: Person) -> Login:
    """How far somebody is with signing in; needs their user."""
    if person.user is None or not person.user.is_active:
        return Login.NONE
    return Login.SIGNS_IN if person.user.last_login else Login.INVITED


def other_accounts(person: Person) -> list[str]:
    """Where somebody has the account by which they sign in here: "Google", "Microsoft"."""
    accounts = SocialAccount.objects.filter(user__isnull=False, user=person.user_id)
    return [
        name.title() for name in accounts.order_by("provider").values_list("provider", flat=True)
    ]


@dataclass(frozen=True)
class Listed:
    """Somebody on the record as a list shows them on a date; needs what `people_of` fetches."""

    person: Person
    on: date

    @property
    def roles(self) -> list[Role]:
        """Those of today; without any, those to come; without these, the last one."""
        every: list[Role] = self.person.roles_ever  # type: ignore[attr-defined]
        return (
            [role for role in reversed(every) if role.is_in_force(self.on)]
            or [role for role in reversed(every) if role.starts_on > self.on]
            or every[:1]
        )

    @property
    def state(self) -> str:
        """The one thing to say: that they left, begin later, are away, leave, or their login."""
        roles, person = self.roles, self.person
        if all(role.is_over(self.on) for role in roles) or not person.is_active:
            return f"Left {_day(max(filter(None, (role.ends_on for role in roles))))}"
        if all(role.starts_on > self.on for role in roles):
            return f"Begins {_day(min(role.starts_on for role in roles))}"
        leaves: list[Leave] = person.leaves_here  # type: ignore[attr-defined]
        if leaves:
            return f"Away until {_day(leaves[0].ends_on)}"
        ends = [role.ends_on for role in roles]
        if None not in ends and not any(
            role.starts_on > self.on
            for role in person.roles_ever  # type: ignore[attr-defined]
        ):
            return f"Until {_day(max(filter(None, ends)))}"
        if not any(role.kind in Role.STAFF for role in roles):
            return Login.SIGNS_IN.label if login_of(person) != Login.NONE else ""
        return str(login_of(person).label)


def _day(on: date) -> str:
    return f"{on.day} {on:%B %Y}"


def people_of(
    school: School, *, on: date, words: str = "", kinds: Iterable[str] = (), show: str = ""
) -> PersonQuerySet:
    """
    Those on a school's record, by name, with what `Listed` says of each.

    `kinds` are roles, all if there are none; `words` are looked for in names, e-mail addresses,
    jobs and groups, and each has to be found.
    """
    every = Role.objects.filter(school=school)
    return _on_list(school, on=on).filter(
        _shown(show, every, list(kinds), on=on), _said(words, school, on=on)
    )


def counts_of(
    school: School,
    groups: Mapping[str, Iterable[str]],
    *,
    on: date,
    words: str = "",
    show: str = "",
) -> dict[str, int]:
    """How many `people_of` finds of each group of roles, in one question."""
    every = Role.objects.filter(school=school)
    people = Person.objects.on_record_at(school).filter(_said(words, school, on=on))
    found: dict[str, int] = people.aggregate(
        **{
            f"group_{number}": Count("pk", filter=_shown(show, every, list(kinds), on=on))
            for number, kinds in enumerate(groups.values())
        }
    )
    return dict(zip(groups, found.values(), strict=True))


def namesakes(
    school: School, *, given_name: str, family_name: str, email: str, on: date
) -> PersonQuerySet:
    """Those on a school's record with this name or this address: the same person, perhaps."""
    alike = Q(given_name__iexact=given_name) | Q(preferred_name__iexact=given_name)
    alike &= Q(family_name__iexact=family_name)
    if email:
        alike |= Q(email__iexact=email)
    return _on_list(school, on=on).filter(alike)


def at_other_schools(school: School, emails: Iterable[str], *, on: date) -> PersonQuerySet:
    """
    Those at work at other schools of the installation, but not at this one, by their addresses.

    Staff and families only: who teaches at two schools, or has children at both, is one person
    with one Today. A student's address is not asked about.
    """
    roles = Role.objects.filter(lasting(on), kind__in=[*Role.STAFF, Role.Kind.GUARDIAN])
    return Person.objects.active().filter(
        Exists(roles.filter(person=OuterRef("pk")).exclude(school=school)),
        ~Exists(Role.objects.filter(lasting(on), person=OuterRef("pk"), school=school)),
        email__in=[each.lower() for each in emails if each],
    )


def is_called(person: Person, *, given_name: str, family_name: str) -> bool:
    """Whether a name that somebody typed is theirs: an address alone may be a family's."""
    mine = {person.given_name.casefold(), person.preferred_name.casefold()} - {""}
    return given_name.casefold() in mine and family_name.casefold() == person.family_name.casefold()


def answering_to(manager: Person, *, on: date) -> PersonQuerySet:
    """Those whose line manager somebody is on a date, by name."""
    lines = Line.objects.filter(in_force(on), manager=manager, person=OuterRef("pk"))
    return Person.objects.active().filter(Exists(lines)).by_name()


def _on_list(school: School, *, on: date) -> PersonQuerySet:
    """Those on a school's record, by name, with what `Listed` says of each."""
    every = Role.objects.filter(school=school).order_by("-starts_on", "-pk")
    return (
        Person.objects.on_record_at(school)
        .select_related("user")
        .prefetch_related(
            Prefetch("roles", every, to_attr="roles_ever"),
            Prefetch("leaves", Leave.objects.covering(on), to_attr="leaves_here"),
        )
        .by_name()
    )


def listed(people: Iterable[Person], *, on: date) -> Iterator[Listed]:
    return (Listed(person, on) for person in people)


def _said(words: str, school: School, *, on: date) -> Q:
    found = Q()
    for word in words.split():
        groups = Membership.objects.filter(
            in_force(on),
            person=OuterRef("pk"),
            group__school=school,
            group__name__icontains=word,
        )
        found &= (
            Q(given_name__icontains=word)
            | Q(family_name__icontains=word)
            | Q(preferred_name__icontains=word)
            | Q(email__icontains=word)
            | Q(job__icontains=word)
            | Q(Exists(groups))
        )
    return found


def _shown(show: str, every: RoleQuerySet, kinds: list[str], *, on: date) -> Q:
    every = every.filter(person=OuterRef("pk"))
    wanted = every.filter(kind__in=kinds) if kinds else every
    now, later = Q(Exists(wanted.filter(in_force(on)))), Q(Exists(wanted.filter(starts_on__gt=on)))
    here = now & Q(is_active=True)
    staff = here & Q(Exists(every.filter(in_force(on), kind__in=Role.STAFF)))
    lines = Line.objects.filter(in_force(on), person=OuterRef("pk"))
    stays = every.filter(LIFETIME | Q(starts_on__gt=on))
    gone = ~Q(Exists(every.filter(LIFETIME | Q(ends_on__gte=on)))) | Q(is_active=False)
    return {
        Show.NO_LOGIN: staff & (Q(user__isnull=True) | Q(user__is_active=False)),
        Show.NO_MANAGER: staff & ~Q(Exists(lines)),
        Show.NO_EMAIL: staff & Q(email=""),
        Show.AWAY: here & Q(Exists(Leave.objects.covering(on).filter(person=OuterRef("pk")))),
        Show.MOVING: here & Q(Exists(LoginMove.objects.open().filter(person=OuterRef("pk")))),
        Show.LEAVING: here & ~Q(Exists(stays)),
        Show.COMING: later & ~Q(Exists(every.filter(in_force(on)))),
        Show.LEFT: Q(Exists(wanted)) & gone,
    }.get(Show(show) if show in Show.values else Show.HERE, here)
