"""How tests sign in, and show once more who they are."""

import time

from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.totp.internal import auth as totp

from audit.models import Event


def show_factor(client, person, *, ago=0):
    """Let a session be one whose person has just, or seconds ago, shown their second factor."""
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "mfa", "at": time.time() - ago}]
    session["account_authentication_methods_user"] = str(person.user_id)
    session.save()


def totp_code(secret):
    """What an app shows now."""
    counter = next(totp.yield_hotp_counters_from_time())
    return totp.format_hotp_value(totp.hotp_value(secret, counter))


def is_signed_in(client):
    return "_auth_user_id" in client.session


def events(act):
    return list(Event.objects.filter(act=act).values_list("by", "about", "basis"))
