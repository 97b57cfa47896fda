"""Google and Microsoft: who has a login signs in by the account they vouch for, nobody else."""

from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialApp
from django.conf import settings
from django.shortcuts import render
from django.utils import timezone

from . import actions
from .models import User
from .openid import NonceProvider, check_nonce

FREE_MAIL = ("@gmail.com", "@googlemail.com")  # whose addresses are Google's own to give


class SingleSignOnAdapter(DefaultSocialAccountAdapter):
    """Nobody gets a login by it, none is connected by hand, and no token or profile is kept."""

    def get_provider(self, request, provider, client_id=None):
        app = self.get_app(request, provider=provider, client_id=client_id)
        return NonceProvider(request, app=app)

    def list_apps(self, request, provider=None, client_id=None):
        """By settings only: a row in the database turns nothing on."""
        apps = [SocialApp(provider="openid_connect", **app) for app in settings.SINGLE_SIGN_ON]
        return [
            app
            for app in apps
            if provider in (None, app.provider_id) and client_id in (None, app.client_id)
        ]

    def pre_social_login(self, request, sociallogin):
        """
        Say whose sign-in it is: theirs who came by this account before, whatever its address is
        by now; for one that is new here, theirs who has its address and no other account yet.
        """
        check_nonce(sociallogin)
        app, account = sociallogin.provider.app, sociallogin.account
        address = confirmed_address(app, sociallogin.claims)
        user = _login_of(account, address) if address else None
        if user is None or sociallogin.state.get("process") != "login":
            raise ImmediateHttpResponse(_refused(request, app, address))
        if _has_other(user, account):
            raise ImmediateHttpResponse(_refused(request, app, address, user=user))
        sociallogin.user = user

    def on_authentication_error(self, request, provider, error=None, exception=None, **kwargs):
        _record_failure(None, provider.app)


def confirmed_address(app: SocialApp, claims: dict[str, Any]) -> str:
    """
    The address that somebody is said to have, in lower case; "" where nobody vouches for it.

    Google vouches for its own addresses and for those of a domain that it keeps (claim `hd`), once
    confirmed; Microsoft for those whose domain the tenant has proved to own (claim `xms_edov`).
    Any other address may have become somebody else's since.
    """
    address = claims.get("email")
    if not isinstance(address, str):
        return ""
    address = address.strip().lower()
    if app.provider_id == "microsoft":
        is_ours = claims.get("tid") == app.settings["tenant"]
        vouched = is_ours and claims.get("xms_edov") in (True, 1, "1", "true")
    else:
        is_theirs = bool(claims.get("hd")) or address.endswith(FREE_MAIL)
        vouched = is_theirs and claims.get("email_verified") is True
    return address if vouched else ""


def _login_of(account: SocialAccount, address: str) -> User | None:
    users = User.objects.filter(person__is_active=True)
    if account.pk is not None:
        return users.filter(pk=account.user_id).first()
    return users.filter(email=address).first()


def _has_other(user: User, account: SocialAccount) -> bool:
    theirs = SocialAccount.objects.filter(user=user, provider=account.provider)
    return theirs.exclude(pk=account.pk).exists()


def _record_failure(user: User | None, app: SocialApp) -> None:
    actions.record_failed_sign_in(user, by=None, at=timezone.now(), method=app.provider_id)


def _refused(request, app, address, *, user=None):
    """The page that says why; `user` is whose address it is, if they have another account."""
    _record_failure(user, app)
    return render(
        request,
        "account/single_sign_on_refused.html",
        {"provider": app.name, "address": address, "has_other": user is not None},
        status=403,
    )
