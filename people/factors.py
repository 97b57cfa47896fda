"""Second factors: which of them are one, and whether somebody has any."""

from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef

# Recovery codes stand in for one of these; alone they are none
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def has_factor(user: str) -> Exists:
    """That the login of a row has a second factor; `user` is the way to it, as in a filter."""
    return Exists(Authenticator.objects.filter(user=OuterRef(user), type__in=FACTORS))
