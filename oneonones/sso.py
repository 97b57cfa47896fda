"""Which other sign-ins the environment turns on, as settings: none, Google, Microsoft, or both."""

import uuid
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

GOOGLE = "https://accounts.google.com"
MICROSOFT = "https://login.microsoftonline.com"


def apps_of(env: environ.Env) -> list[dict[str, Any]]:
    """
    The sign-ins that are configured, as django-allauth wants them.

    Raises ImproperlyConfigured for half of one, and for a Microsoft tenant that is not one
    school's: of "common" or "organizations" anybody in the world could name an address.
    """
    apps = []
    if client := env("GOOGLE_CLIENT_ID", default=""):
        apps.append(_app("google", "Google", client, env("GOOGLE_CLIENT_SECRET"), GOOGLE))
    if client := env("MICROSOFT_CLIENT_ID", default=""):
        tenant = _tenant(env("MICROSOFT_TENANT"))
        secret = env("MICROSOFT_CLIENT_SECRET")
        app = _app("microsoft", "Microsoft", client, secret, f"{MICROSOFT}/{tenant}/v2.0")
        # `sub` is another one for each registration there; this is one for each account
        app["settings"] |= {"tenant": tenant, "uid_field": "oid"}
        apps.append(app)
    return apps


def hosts_of(apps: list[dict[str, Any]]) -> list[str]:
    """Where a form of ours may lead to: the pages on which one signs in there."""
    addresses = [urlsplit(app["settings"]["server_url"]) for app in apps]
    return [f"{address.scheme}://{address.netloc}" for address in addresses]


def _app(name: str, words: str, client: str, secret: str, server: str) -> dict[str, Any]:
    return {
        "provider_id": name,
        "name": words,
        "client_id": client,
        "secret": secret,
        # What is known of somebody is in the signed answer; their profile is not asked for
        "settings": {"server_url": server, "oauth_pkce_enabled": True, "fetch_userinfo": False},
    }


def _tenant(value: str) -> str:
    try:
        return str(uuid.UUID(value))
    except ValueError:
        raise ImproperlyConfigured(
            "MICROSOFT_TENANT is the directory (tenant) ID of your school, such as "
            "3f2504e0-4f89-11d3-9a0c-0305e82c3301, and not a word for everybody."
        ) from None
