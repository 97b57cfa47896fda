"""Logins: who is given one, how it ends, what is logged about signing in; one's settings."""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction

from audit.actions import record
from audit.models import Event

from .. import tasks
from ..home import chain_of
from ..models import OutgoingMail, Person, School, User
from ..moving import needs_a_second
from ..permissions import can_give_login, can_move_login, require
from .moving import TAKEN, CannotMove, move_login


class CannotInvite(Exception):
    """Why somebody cannot be given a login, in words for the person who tried."""


@transaction.atomic
def invite_user(
    person: Person,
    *,
    by: Person | None,
    at: datetime,
    with_letter: bool = False,
    moves_login: bool = False,
) -> User:
    """
    Give a person a login without a password, under their e-mail address; once, however often asked.

    A login that was ended opens again. One that exists keeps its address, unless `moves_login`:
    where nobody has ever signed in, administrators may move it to the person's address, which the
    old one is told of; any other by `ask_to_move`. `with_letter` tells the person, where no
    invitation does. Raises CannotInvite with a sentence.
    """
    person = Person.objects.select_for_update().get(pk=person.pk)
    require(by is None or can_give_login(by, person, at=at))
    require(not moves_login or by is None or can_move_login(by, person, at=at))
    if not person.is_active:
        raise CannotInvite("This person is not at the school any more.")
    email = _address_of(person)
    if not email:
        raise CannotInvite("There is no e-mail address for this person yet. Add one first.")

    user = person.user
    moves = moves_login and user is not None and user.email != email
    if user is not None and user.is_active and not moves:
        return user
    require(not moves or not needs_a_second(person))
    try:
        user = _open_login(person, email, moves=moves, by=by, at=at)
    except CannotMove as error:
        raise CannotInvite(str(error)) from None
    if with_letter:
        OutgoingMail.objects.queue(
            key=f"signin_invited:{person.uid}:{uuid.uuid4()}",
            kind="signin_invited",
            person=person,
            at=at,
        )
        tasks.deliver_soon()
    record(
        Event.Act.PERSON_CHANGE,
        chain=chain_of(person),
        by=by.pk if by else None,
        objects=[f"person:{person.pk}", f"user:{user.pk}"],
        basis="login-address" if moves else "login.open",
        at=at,
    )
    return user


@transaction.atomic
def invite_users(
    school: School, people: Collection[Person], *, by: Person | None, at: datetime
) -> set[int]:
    """
    Give logins to many at a school, as `invite_user` does to one; answers whom a letter reaches.

    Somebody whose address another uses is left out. As many queries for one as for a hundred, and
    one event tells of them all.
    """
    require(by is None or can_give_login(by, *people, at=at))
    locked = Person.objects.select_for_update(of=("self",)).select_related("user")
    rows = locked.filter(pk__in=[each.pk for each in people], is_active=True).order_by("pk")
    invited = [person for person in rows if _address_of(person)]
    ended = [each for each in invited if each.user and not each.user.is_active]
    if ended:
        User.objects.filter(pk__in=[each.user_id for each in ended]).update(is_active=True)
    opened = [*ended, *_give_logins([each for each in invited if each.user is None])]
    if opened:
        record(
            Event.Act.PERSON_CHANGE,
            chain=school.pk,
            by=by.pk if by else None,
            objects=[
                name
                for person in opened
                for name in (f"person:{person.pk}", f"user:{person.user_id}")
            ],
            basis="login.open",
            at=at,
        )
    return {person.pk for person in invited if person.user_id}


def _give_logins(people: Sequence[Person]) -> list[Person]:
    """A new login for each of these, but for those whose address has one; who has one now."""
    wanted: dict[str, Person] = {}
    for person in people:
        wanted.setdefault(_address_of(person), person)  # of two with one address, the first
    new = {email: User(email=email, password=make_password(None)) for email in wanted}
    # Somebody may sign in with it already, or have been given it a moment ago: then it is theirs
    User.objects.bulk_create(new.values(), ignore_conflicts=True)
    found = {user.email: user for user in User.objects.filter(email__in=wanted)}
    given = []
    for email, person in wanted.items():
        if found[email].password == new[email].password:  # random, so it is the one made here
            person.user = found[email]
            given.append(person)
    Person.objects.bulk_update(given, ["user"])
    return given


def _address_of(person: Person) -> str:
    return person.email.strip().lower()


def _open_login(
    person: Person, email: str, *, moves: bool, by: Person | None, at: datetime
) -> User:
    if person.user is None:
        try:
            with transaction.atomic():
                person.user = User.objects.create_user(email)
        except IntegrityError:
            raise CannotMove(TAKEN) from None
        person.save(update_fields=["user"])
    elif moves:
        move_login(person, email, by=by, at=at)
    else:
        person.user.is_active = True
        person.user.save(update_fields=["is_active"])
    return person.user


@transaction.atomic
def change_settings(
    person: Person,
    *,
    by: Person,
    at: datetime,
    uses_shortcuts: bool,
    hides_names: bool,
    is_nudged: bool,
) -> Person:
    """Keep what somebody wants to see."""
    require(by.pk == person.pk)
    person.uses_shortcuts = uses_shortcuts
    person.hides_names = hides_names
    person.is_nudged = is_nudged
    person.save(update_fields=["uses_shortcuts", "hides_names", "is_nudged"])
    _record_settings(person, "settings", at)
    return person


@transaction.atomic
def change_reminders(
    person: Person,
    *,
    by: Person,
    at: datetime,
    reminder: str,
    quiet_from: int | None,
    quiet_until: int | None,
    calendar_by_mail: bool,
) -> Person:
    """
    Keep when somebody wants to be reminded, between which hours they want no mail, and whether
    changes come as invitations that a calendar takes over.
    """
    require(by.pk == person.pk)
    person.reminder = reminder
    person.quiet_from = quiet_from
    person.quiet_until = quiet_until
    person.calendar_by_mail = calendar_by_mail
    person.save(update_fields=["reminder", "quiet_from", "quiet_until", "calendar_by_mail"])
    _record_settings(person, "reminders", at)
    return person


def _record_settings(person: Person, which: str, at: datetime) -> None:
    record(
        Event.Act.PERSON_CHANGE,
        chain=chain_of(person),
        by=person.pk,
        objects=[f"person:{person.pk}"],
        basis=which,
        at=at,
    )


@transaction.atomic
def record_sign_in(user: User, *, by: Person, at: datetime, method: str) -> None:
    """Write down that somebody signed in and how: "password", "code-mfa"."""
    record(
        Event.Act.SIGNIN_OK,
        chain=chain_of(by),
        by=by.pk,
        objects=[f"user:{user.pk}"],
        basis=method,
        at=at,
    )


@transaction.atomic
def record_failed_sign_in(
    user: User | None, *, by: Person | None, at: datetime, method: str
) -> None:
    """Write down that a password or code was wrong; for which login, if there is one."""
    person = Person.objects.filter(user=user).first() if user else None
    record(
        Event.Act.SIGNIN_FAIL,
        chain=chain_of(person),
        by=by.pk if by else None,
        objects=[f"user:{user.pk}"] if user else [],
        basis=method,
        at=at,
    )


@transaction.atomic
def record_demo_entry(person: Person, *, by: Person, at: datetime) -> None:
    """Write down that somebody entered the demo school as one of its people."""
    record(
        Event.Act.SIGNIN_DEMO,
        chain=chain_of(person),
        by=by.pk,
        objects=[f"person:{person.pk}"],
        at=at,
    )
