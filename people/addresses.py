"""Addresses that a browser names, such as the page to go to afterwards: which of them are ours."""

from urllib.parse import urlsplit

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def own_page(request: HttpRequest, address: str) -> str:
    """
    An address, if it is that of a page of this site; empty otherwise.

    It stays as it is: of http://ours//elsewhere, the path alone would lead elsewhere.
    """
    is_ours = url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    # A bare word passes for ours, and `redirect` would take it for the name of a view
    return address if is_ours and (address.startswith("/") or urlsplit(address).netloc) else ""


def page_before(request: HttpRequest) -> str:
    """Where a form says to go afterwards, else the page it stood on; home, if neither is ours."""
    asked = (request.POST.get("next", ""), request.headers.get("Referer", ""))
    return next(filter(None, (own_page(request, address) for address in asked)), "home")
