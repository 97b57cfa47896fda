"""Logins: who is given one, how it ends, what is logged about signing in; one's settings."""

from datetime import datetime

from django.db import IntegrityError, transaction

from audit.actions import record
from audit.models import Event

from .. import tasks
from ..home import chain_of
from ..models import OutgoingMail, Person, User
from ..permissions import can_end_login, can_give_login, require


class CannotInvite(Exception):
    """Why somebody cannot be given a login, in words for the person who tried."""


@transaction.atomic
def invite_user(
    person: Person, *, by: Person | None, at: datetime, with_letter: bool = False
) -> User:
    """
    Give a person a login without a password, under their e-mail address; once, however often asked.

    A login that was ended opens again. `with_letter` tells them, where no invitation does.
    Raises CannotInvite with a sentence.
    """
    person = Person.objects.select_for_update().get(pk=person.pk)
    require(by is None or can_give_login(by, person, at=at))
    if not person.is_active:
        raise CannotInvite("This person is not at the school any more.")
    email = person.email.strip().lower()
    if not email:
        raise CannotInvite("There is no e-mail address for this person yet. Add one first.")

    user = person.user
    if user is not None and user.is_active and user.email == email:
        return user
    try:
        with transaction.atomic():
            user = _open_login(person, email)
    except IntegrityError:
        raise CannotInvite(
            "Somebody else signs in with this e-mail address. Everybody needs an address of "
            "their own."
        ) from None
    if with_letter:
        OutgoingMail.objects.queue(
            key=f"signin_invited:{person.uid}:{email}", kind="signin_invited", person=person, at=at
        )
        tasks.deliver_soon()
    record(
        Event.Act.PERSON_CHANGE,
        chain=chain_of(person),
        by=by.pk if by else None,
        objects=[f"person:{person.pk}", f"user:{user.pk}"],
        basis="login.open",
        at=at,
    )
    return user


def _open_login(person: Person, email: str) -> User:
    if person.user is None:
        person.user = User.objects.create_user(email)
        person.save(update_fields=["user"])
        return person.user
    person.user.email = email
    person.user.is_active = True
    person.user.save(update_fields=["email", "is_active"])
    return person.user


@transaction.atomic
def end_access(person: Person, *, by: Person | None, at: datetime) -> None:
    """End a person's login and all sessions, now; they leave, or should not sign in any more."""
    require(by is None or can_end_login(by, person, at=at))
    user = User.objects.select_for_update().filter(person=person).first()
    if user is None or not user.is_active:
        return
    user.is_active = False
    user.set_unusable_password()  # sessions are bound to the password and do not come back
    user.save(update_fields=["is_active", "password"])
    waiting = OutgoingMail.objects.open().filter(person=person, kind__startswith="signin_")
    waiting.update(dropped_at=at, sealed=None)
    record(
        Event.Act.PERSON_CHANGE,
        chain=chain_of(person),
        by=by.pk if by else None,
        objects=[f"person:{person.pk}", f"user:{user.pk}"],
        basis="login.end",
        at=at,
    )


@transaction.atomic
def change_settings(
    person: Person,
    *,
    by: Person,
    at: datetime,
    reminder: str,
    uses_shortcuts: bool,
    hides_names: bool,
) -> Person:
    """Keep how somebody wants to be reminded and what they want to see."""
    require(by.pk == person.pk)
    person.reminder = reminder
    person.uses_shortcuts = uses_shortcuts
    person.hides_names = hides_names
    person.save(update_fields=["reminder", "uses_shortcuts", "hides_names"])
    record(
        Event.Act.PERSON_CHANGE,
        chain=chain_of(person),
        by=by.pk,
        objects=[f"person:{person.pk}"],
        basis="settings",
        at=at,
    )
    return person


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
