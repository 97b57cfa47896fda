"""Moving somebody's login to another address: two people, or one and a wait of three days."""

import uuid
from datetime import datetime

from allauth.socialaccount.models import SocialAccount
from django.db import IntegrityError, transaction

from audit.actions import record
from audit.models import Event

from .. import moving, tasks
from ..emails import WORKS_FOR
from ..home import chain_of
from ..models import LoginMove, OutgoingMail, Person, User
from ..models.moves import WAIT
from ..permissions import can_move_login, require
from .outgoing import queue_sign_in_mail

TAKEN = "Somebody else signs in with this e-mail address. Everybody needs an address of their own."


class CannotMove(Exception):
    """Why a login stays where it is, in words for the person who tried."""


@transaction.atomic
def ask_to_move(person: Person, *, by: Person, at: datetime) -> LoginMove:
    """
    Ask that somebody who has signed in before signs in with the address on their record instead.

    Their old address is told at once, and whoever can say yes. Without a second administrator of
    all their schools it happens by itself after three days. Raises CannotMove.
    """
    person = _locked(person)
    require(can_move_login(by, person, at=at) and moving.needs_a_second(person))
    address = person.email.strip().lower()
    if not person.is_active or not address:
        raise CannotMove("There is no e-mail address for this person yet. Add one first.")
    if person.user is not None and person.user.email == address:
        raise CannotMove("They sign in with this address already.")
    if User.objects.filter(email=address).exists():
        raise CannotMove(TAKEN)
    if LoginMove.objects.waiting(at).filter(person=person).exists():
        raise CannotMove("Somebody has asked for this already.")
    for stale in LoginMove.objects.open().filter(person=person):
        _end(stale, LoginMove.Ending.LAPSED, by=None, at=at)
    seconds = moving.seconds(person, by=by, at=at)
    move = LoginMove.objects.create(
        person=person,
        address=address,
        asked_by=by,
        asked_at=at,
        moves_at=None if seconds else at + WAIT,
    )
    _record(move, "ask", by=by, at=at)
    queue_sign_in_mail(person, by=by, kind="signin_move_asked", at=at, about=move.uid)
    _tell(move, seconds, "signin_move_waits", at=at)
    return move


@transaction.atomic
def agree_to_move(move: LoginMove, *, by: Person, at: datetime) -> None:
    """Say yes to a move that somebody else asked for: it is done. Raises CannotMove."""
    move = _still_waiting(move, at=at)
    require(not moving.refusal(move, by=by, at=at))
    _carry_out(move, by=by, at=at)


@transaction.atomic
def refuse_move(*, by: Person, at: datetime) -> bool:
    """Keep one's own address; tells those who ask and say yes. Whether a move was waiting."""
    person = _locked(by)
    move = LoginMove.objects.waiting(at).filter(person=person).select_related("asked_by").first()
    if move is None:
        return False
    _end(move, LoginMove.Ending.REFUSED, by=by, at=at)
    asker = [] if move.asked_by_id == person.pk else [move.asked_by]
    others = moving.seconds(person, by=move.asked_by, at=at)
    _tell(move, [*asker, *others], "signin_move_refused", at=at)
    return True


@transaction.atomic
def take_back_move(move: LoginMove, *, by: Person, at: datetime) -> None:
    """Say no to a move, as who asked or as another administrator. Raises CannotMove."""
    move = _still_waiting(move, at=at)
    require(can_move_login(by, move.person, at=at))
    is_own = by.pk == move.asked_by_id
    ending = LoginMove.Ending.TAKEN_BACK if is_own else LoginMove.Ending.DECLINED
    _end(move, ending, by=by, at=at)


@transaction.atomic
def move_after_wait(move: LoginMove, *, by: Person | None, at: datetime) -> bool:
    """
    Do what has waited for three days, for the clock; whether it was done.

    It ends without being done if who asked does not administer all the person's schools any more,
    or somebody else has the address by now.
    """
    require(by is None)
    _locked(move.person)
    due = LoginMove.objects.due(at).select_related("person__user", "asked_by")
    found = due.filter(pk=move.pk).first()
    if found is None:
        return False
    try:
        if can_move_login(found.asked_by, found.person, at=at):
            _carry_out(found, by=None, at=at)
            return True
    except CannotMove:
        pass
    _end(found, LoginMove.Ending.LAPSED, by=None, at=at)
    return False


@transaction.atomic
def end_stale_moves(*, by: Person | None, at: datetime) -> int:
    """End what nobody has answered within two weeks, or cannot happen any more; how many."""
    require(by is None)
    count = 0
    for stale in LoginMove.objects.came_to_nothing(at).select_for_update(of=("self",)):
        _end(stale, LoginMove.Ending.LAPSED, by=None, at=at)
        count += 1
    return count


def move_login(person: Person, address: str, *, by: Person | None, at: datetime) -> None:
    """
    Let somebody sign in with another address, and with that alone; the old one is told.

    In the transaction of whoever asks, who has made sure that it may be. Raises CannotMove.
    """
    user = person.user
    assert user is not None  # noqa: S101 -- there is something to move
    before = user.email
    user.is_active = True
    user.email = address
    user.set_unusable_password()  # sessions are bound to the password and do not come back
    try:
        with transaction.atomic():
            user.save(update_fields=["is_active", "email", "password"])
    except IntegrityError:
        raise CannotMove(TAKEN) from None
    SocialAccount.objects.filter(user=user).delete()  # those of the old address
    moving.end_what_hangs_on(person)
    # What was on its way under the old address is void; it hears that another is used now
    waiting = OutgoingMail.objects.open().filter(person=person, kind__in=list(WORKS_FOR))
    waiting.update(dropped_at=at, sealed=None)
    queue_sign_in_mail(person, by=by, kind="signin_address", secret=before, at=at)


def _locked(person: Person) -> Person:
    return Person.objects.select_for_update(of=("self",)).select_related("user").get(pk=person.pk)


def _still_waiting(move: LoginMove, *, at: datetime) -> LoginMove:
    _locked(move.person)
    waiting = LoginMove.objects.waiting(at).select_related("person__user", "asked_by")
    found = waiting.filter(pk=move.pk).first()
    if found is None:
        raise CannotMove("This is over: it was done, refused or taken back, or two weeks are over.")
    return found


def _carry_out(move: LoginMove, *, by: Person | None, at: datetime) -> None:
    person = move.person
    move_login(person, move.address, by=by, at=at)
    _end(move, LoginMove.Ending.MOVED, by=by, at=at)
    OutgoingMail.objects.queue(
        key=f"signin_invited:{person.uid}:{uuid.uuid4()}",
        kind="signin_invited",
        person=person,
        at=at,
    )


def _end(move: LoginMove, ending: LoginMove.Ending, *, by: Person | None, at: datetime) -> None:
    move.address, move.ending = "", ending
    move.ended_at, move.ended_by = at, by
    move.save(update_fields=["address", "ending", "ended_at", "ended_by"])
    _record(move, ending, by=by, at=at)


def _tell(move: LoginMove, people: list[Person], kind: str, *, at: datetime) -> None:
    """Mail administrators at the addresses with which they sign in, at once."""
    for person in people:
        OutgoingMail.objects.queue(
            key=f"{kind}:{move.uid}:{person.uid}",
            kind=kind,
            person=person,
            at=at,
            about=move.uid,
        )
    tasks.deliver_soon()


def _record(move: LoginMove, what: str, *, by: Person | None, at: datetime) -> None:
    person = move.person
    done = what == LoginMove.Ending.MOVED
    record(
        Event.Act.PERSON_CHANGE,
        chain=chain_of(person),
        by=by.pk if by else None,
        objects=[f"person:{person.pk}", f"user:{person.user_id}"],
        basis="login-address" if done else f"login-address.{what}",
        at=at,
    )
