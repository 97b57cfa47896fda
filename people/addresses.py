"""Addresses that a browser names, such as the page to go to afterwards: which of them are ours."""

from urllib.parse import urlsplit

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def own_page(request: HttpRequest, address: str) -> str:
    """The path and query of an address, if that is a page of this site; empty otherwise."""
    is_ours = url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    if not is_ours:
        return ""
    parts = urlsplit(address)
    if not parts.path.startswith("/"):  # a word, which `redirect` would take for a page's name
        return ""
    return parts.path + (f"?{parts.query}" if parts.query else "")
