"""What browsers report of the content security policy: which rule broke, and on which page."""

import json
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import Resolver404, resolve

LONGEST = 16 * 1024  # bytes of one message
MOST = 10  # reports of one message that are looked at
KINDS = ("", "-elem", "-attr")  # script-src is also broken as script-src-elem and script-src-attr


class UnreadableReport(ValueError):
    """What was sent is no report of a browser."""


def violations(body: bytes) -> list[tuple[str, str]]:
    """
    The directive and the name of the view of each violation, of either format: `report-uri` sends
    one object, `report-to` a list.

    Everything else stays behind. An address may hold a key or what somebody searched for, a sample
    what somebody wrote, and any of it can be made up: both names answered are our own.
    """
    try:
        message = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise UnreadableReport from error
    found = [_told(each) for each in (message if isinstance(message, list) else [message])[:MOST]]
    return [each for each in found if each is not None]


def _told(report):
    if not isinstance(report, dict):
        raise UnreadableReport
    if report.get("type", "csp-violation") != "csp-violation":
        return None  # a browser may tell of other things at the same address
    body = report.get("csp-report", report.get("body"))
    if not isinstance(body, dict):
        raise UnreadableReport
    directive = body.get("effective-directive", body.get("effectiveDirective"))
    address = body.get("document-uri", body.get("documentURL"))
    return _directive(directive), _view(address)


def _directive(name):
    ours = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    known = {f"{each}{kind}" for each in ours for kind in KINDS}
    return name if isinstance(name, str) and name in known else "another directive"


def _view(address):
    try:
        return resolve(urlsplit(address).path).view_name if isinstance(address, str) else "no page"
    except (Resolver404, ValueError):
        return "no page"
