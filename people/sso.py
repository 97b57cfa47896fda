"""Google and Microsoft: who has a login signs in by an address they vouch for, nobody else."""

from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp
from django.conf import settings
from django.shortcuts import render
from django.utils import timezone

from . import actions
from .models import User

FREE_MAIL = ("@gmail.com", "@googlemail.com")  # whose addresses are Google's own to give


class SingleSignOnAdapter(DefaultSocialAccountAdapter):
    """Nobody gets a login by it, nothing is connected to one, and no token or profile is kept."""

    def list_apps(self, request, provider=None, client_id=None):
        """By settings only: a row in the database turns nothing on."""
        apps = [SocialApp(provider="openid_connect", **app) for app in settings.SINGLE_SIGN_ON]
        return [
            app
            for app in apps
            if provider in (None, app.provider_id) and client_id in (None, app.client_id)
        ]

    def pre_social_login(self, request, sociallogin):
        app = sociallogin.provider.app
        claims = sociallogin.account.extra_data.get("id_token") or {}
        address = confirmed_address(app, claims)
        user = _login_of(address) if address else None
        if user is None or sociallogin.state.get("process") != "login":
            self.on_authentication_error(request, sociallogin.provider)
            raise ImmediateHttpResponse(_refused(request, app, address))
        sociallogin.user = user

    def on_authentication_error(self, request, provider, error=None, exception=None, **kwargs):
        actions.record_failed_sign_in(
            None, by=None, at=timezone.now(), method=provider.app.provider_id
        )


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


def _login_of(address: str) -> User | None:
    return User.objects.filter(email=address, person__is_active=True).first()


def _refused(request, app, address):
    return render(
        request,
        "account/single_sign_on_refused.html",
        {"provider": app.name, "address": address},
        status=403,
    )
