"""Taking the second step off for somebody who has lost it."""

from datetime import datetime

from allauth.mfa.models import Authenticator
from django.db import models, transaction

from audit.actions import record
from audit.models import Event

from ..home import chain_of
from ..models import Person, Session, User
from ..permissions import can_move_login, require
from .outgoing import queue_sign_in_mail


class Proof(models.TextChoices):
    """How it was made sure who asks; a mail, a chat or a phone call alone is none."""

    KNOWN = "known", "I know them, and they stand in front of me"
    PAPERS = "papers", "They stand in front of me, and I have seen their school card or passport"
    VOUCHED = (
        "vouched",
        "We see each other in a video call, and a colleague who knows them is in it",
    )


class CannotTakeOff(Exception):
    """Why the second step stays, in words for whoever would take it off."""


@transaction.atomic
def take_off_second_step(
    person: Person, *, by: Person | None, at: datetime, proof: str = "command"
) -> None:
    """
    Let somebody who has lost phone, passkey and recovery codes set them up anew; tells them.

    Their password and their sessions end as well: who knows the one, or has the other, must not
    be the first to set up a second step. They come back by a code in their mail, and are asked
    for a second step as on the first day. Never for oneself. Raises CannotTakeOff.
    """
    require(by is None or (by.pk != person.pk and can_move_login(by, person, at=at)))
    user = User.objects.select_for_update().filter(person=person, is_active=True).first()
    if user is None:
        raise CannotTakeOff("They cannot sign in at all.")
    if not Authenticator.objects.filter(user=user).exists():
        raise CannotTakeOff("They have no second step.")
    Authenticator.objects.filter(user=user).delete()
    user.set_unusable_password()
    user.save(update_fields=["password"])
    Session.objects.filter(user=user).delete()
    record(
        Event.Act.PERSON_CHANGE,
        chain=chain_of(person),
        by=by.pk if by else None,
        objects=[f"person:{person.pk}", f"user:{user.pk}"],
        basis=f"second-step.off:{proof}",
        at=at,
    )
    queue_sign_in_mail(person, by=by, kind="signin_factor_lost", at=at)
