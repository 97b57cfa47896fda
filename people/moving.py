"""Who says yes to moving somebody's login, and what else ends once it has moved."""

from collections.abc import Callable
from datetime import datetime

from django.db.models import Q

from audit.models import Event

from .models import LoginMove, Person
from .models.moves import WAIT
from .permissions import administrators_of_all, can_move_login

# What gives somebody a say, or lets somebody else sign in as them
TOUCHES = Q(act=Event.Act.ROLE_CHANGE) | Q(
    Q(basis__in=("login.open", "login-address", "account.untie"))
    | Q(basis__startswith="add.")
    | Q(basis__startswith="second-step.off"),
    act=Event.Act.PERSON_CHANGE,
)

Ender = Callable[[Person], None]

_enders: list[Ender] = []


def register(end: Ender) -> None:
    """Say what of somebody ends with their old address; called in `AppConfig.ready()`."""
    if end not in _enders:
        _enders.append(end)


def end_what_hangs_on(person: Person) -> None:
    """Let every app end what whoever had the old address could still read by."""
    for end in _enders:
        end(person)


def needs_a_second(person: Person) -> bool:
    """Whether there is an account to take over: somebody has signed in to it."""
    return person.user is not None and person.user.last_login is not None


def is_to_move(person: Person) -> bool:
    """Whether there is such an account, and the record has another address than it."""
    address = person.email.strip().lower()
    return needs_a_second(person) and bool(address) and person.user.email != address  # type: ignore[union-attr]


def seconds(person: Person, *, by: Person, at: datetime) -> list[Person]:
    """Who can say yes when `by` asks: other administrators of all their schools, who sign in."""
    return [
        each
        for each in administrators_of_all(person, at=at)
        if each.pk not in (by.pk, person.pk)
        and each.user is not None
        and each.user.is_active
        and each.user.last_login is not None
    ]


def refusal(move: LoginMove, *, by: Person, at: datetime) -> str:
    """Why somebody's yes to a move does not count, in a sentence; empty where it does."""
    if not can_move_login(by, move.person, at=at):
        return "Only somebody who administers all of their schools can say yes."
    if by.pk == move.asked_by_id:
        return "You asked for it, so somebody else has to say yes."
    if by.pk == move.person_id:
        return "It is your own, so somebody else has to say yes."
    if not _is_settled(by, at=at):
        return (
            "Your role or your way to sign in changed less than three days ago. Until three days "
            "have gone by your yes does not count."
        )
    return ""


def _is_settled(person: Person, *, at: datetime) -> bool:
    """
    Whether somebody's role and login are older than the wait.

    Else one administrator could make a second one up, and say yes as that one.
    """
    lately = Event.objects.filter(TOUCHES, at__gt=at - WAIT).naming(f"person:{person.pk}")
    return not lately.exists()
