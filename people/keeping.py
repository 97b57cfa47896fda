"""Sign-in secrets under the ring's keys: counted, and put under a new one."""

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import QuerySet

from audit import keyring
from audit.stores import Renew, Renewed, Store, register

from .emails import secret_of
from .models import OutgoingMail
from .sealed import factor_of, key_of, renew_text


def factors_under(key_id: str) -> int:
    """How many secrets of second factors lie under a key."""
    return sum(
        key_of(line) == key_id
        for factor in Authenticator.objects.all()
        for line in _lines(factor.data).values()
    )


@transaction.atomic
def renew_factors(after: int, size: int, how: Renew) -> Renewed | None:
    """Put the secrets of the next second factors under the current key."""
    factors = list(
        Authenticator.objects.select_for_update().filter(pk__gt=after).order_by("pk")[:size]
    )
    done = broken = 0
    for factor in factors:
        for name, line in _lines(factor.data).items():
            if key_of(line) == keyring.current_key_id("mfa"):
                continue
            try:
                factor.data[name] = renew_text(how, "mfa", line, bound=factor_of(factor.user_id))
                done += 1
            except keyring.CannotOpen:
                broken += 1
        factor.save(update_fields=["data"])
    return Renewed(factors[-1].pk, done, broken) if factors else None


def codes_under(key_id: str) -> int:
    """How many codes in mails that are not sent yet lie under a key."""
    return sum(key_of(_line(mail)) == key_id for mail in _unsent())


@transaction.atomic
def renew_codes(after: int, size: int, how: Renew) -> Renewed | None:
    """Put the codes of the next unsent mails under the current key."""
    mails = list(_unsent().select_for_update().filter(pk__gt=after).order_by("pk")[:size])
    done = broken = 0
    for mail in mails:
        line = _line(mail)
        if key_of(line) == keyring.current_key_id("tokens"):
            continue
        try:
            mail.sealed = renew_text(how, "tokens", line, bound=secret_of(mail)).encode()
            done += 1
        except keyring.CannotOpen:
            broken += 1
    OutgoingMail.objects.bulk_update(mails, ["sealed"])
    return Renewed(mails[-1].pk, done, broken) if mails else None


def _unsent() -> QuerySet[OutgoingMail]:
    return OutgoingMail.objects.filter(sealed__isnull=False)


def _line(mail: OutgoingMail) -> str:
    return bytes(mail.sealed or b"").decode()


def _lines(data: dict) -> dict[str, str]:
    """The sealed lines among what a factor holds, by name."""
    return {name: data[name] for name in ("secret", "seed") if isinstance(data.get(name), str)}


def register_stores() -> None:
    register(Store("second factors", "mfa", factors_under, renew_factors))
    register(Store("codes in unsent mails", "tokens", codes_under, renew_codes))
