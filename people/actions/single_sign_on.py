"""Which account at Google or Microsoft is somebody's: the first that signs in, until let go."""

from datetime import datetime

from allauth.socialaccount.models import SocialAccount
from django.db import transaction

from audit.actions import record
from audit.models import Event

from ..home import chain_of
from ..models import Person, User
from ..permissions import can_move_login, require
from .outgoing import queue_sign_in_mail


@transaction.atomic
def tie_account(user: User, *, by: Person, at: datetime, provider: str, number: str) -> None:
    """
    Keep by which account somebody signs in: from then on no other one of that provider does.

    `number` is what the provider calls it, for good; nothing else is kept of it.
    """
    require(by.user_id == user.pk)
    User.objects.select_for_update().get(pk=user.pk)
    known = SocialAccount.objects.filter(user=user, provider=provider).first()
    if known is None:
        SocialAccount.objects.create(user=user, provider=provider, uid=number)
        _record(by, by=by, basis="account.tie", at=at)
    else:
        require(known.uid == number)


@transaction.atomic
def untie_accounts(person: Person, *, by: Person, at: datetime) -> bool:
    """
    Let the next account with somebody's address be theirs, and tell them; whether any was tied.

    For those who may move their login: whoever holds that address at the provider gets in by it.
    """
    require(can_move_login(by, person, at=at))
    count, _ = SocialAccount.objects.filter(user__person=person).delete()
    if count:
        _record(person, by=by, basis="account.untie", at=at)
        queue_sign_in_mail(person, by=by, kind="signin_untied", at=at)
    return bool(count)


def _record(person: Person, *, by: Person, basis: str, at: datetime) -> None:
    record(
        Event.Act.PERSON_CHANGE,
        chain=chain_of(person),
        by=by.pk,
        objects=[f"person:{person.pk}", f"user:{person.user_id}"],
        basis=basis,
        at=at,
    )
