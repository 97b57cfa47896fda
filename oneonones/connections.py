"""What `manage.py check` says about who is at the other end: a server, or a proxy of a visitor."""

import os
from ipaddress import ip_address
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.core import checks

PROVEN = ("verify-ca", "verify-full")  # PostgreSQL's words for: whose certificate was looked at
UNPROVEN = ("none", "cert_none", "optional", "cert_optional")
HINTS = {
    "database": "Set PGSSLMODE=verify-full and PGSSLROOTCERT, as .env.example has them.",
    "broker": "Let REDIS_URL begin with rediss:// and name ssl_ca_certs, as .env.example has it.",
    "mail server": "Let EMAIL_URL begin with smtp+tls:// or smtp+ssl://.",
}


def check_connections(**_: object) -> list[checks.CheckMessage]:
    """Warn of a server in the network that is believed without TLS, or without its certificate."""
    found = {
        "database": _is_bare_database(),
        "broker": _is_bare_broker(),
        "mail server": _is_bare_mail_server(),
    }
    return [
        checks.Warning(
            f"The {name} is reached over a network without TLS, or without proof of who answers.",
            hint=HINTS[name],
            id=f"oneonones.W00{number}",
        )
        for number, (name, is_bare) in enumerate(found.items(), 2)
        if is_bare
    ]


def check_proxies(**_: object) -> list[checks.CheckMessage]:
    """Warn where a proxy is believed about HTTPS, but not about who asks."""
    is_behind_one = getattr(settings, "SECURE_PROXY_SSL_HEADER", None) is not None
    if not is_behind_one or settings.ALLAUTH_TRUSTED_PROXY_COUNT > 0:
        return []
    message = "BEHIND_PROXY is set and TRUSTED_PROXY_COUNT is 0: all people share one rate limit."
    hint = "Say how many proxies stand before the site."
    return [checks.Warning(message, hint=hint, id="oneonones.W005")]


def _is_bare_database() -> bool:
    chosen = settings.DATABASES["default"]
    if "postgresql" not in chosen["ENGINE"]:
        return False
    options = chosen.get("OPTIONS", {})
    host = chosen["HOST"] or options.get("host", "") or os.environ.get("PGHOST", "")
    mode = options.get("sslmode") or os.environ.get("PGSSLMODE", "")
    return _is_elsewhere(host) and mode not in PROVEN


def _is_bare_broker() -> bool:
    place = urlsplit(settings.REDIS_URL)
    if place.scheme not in ("redis", "rediss") or not _is_elsewhere(place.hostname or "localhost"):
        return False
    asked = parse_qs(place.query).get("ssl_cert_reqs", ["required"])
    return place.scheme != "rediss" or asked[-1].lower() in UNPROVEN


def _is_bare_mail_server() -> bool:
    if not settings.EMAIL_BACKEND.endswith("smtp.EmailBackend"):
        return False
    is_encrypted = settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL
    return _is_elsewhere(settings.EMAIL_HOST) and not is_encrypted


def _is_elsewhere(host: str) -> bool:
    """Whether the way to a host leaves this machine; a path is a socket on its disk."""
    if host in ("", "localhost") or host.startswith(("/", "@")):
        return False
    try:
        return not ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return True
