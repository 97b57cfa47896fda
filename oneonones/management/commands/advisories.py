"""`manage.py advisories`: which holes are known in what is installed here, and since when."""

import json
import re
from datetime import datetime, timedelta
from importlib import metadata
from urllib.error import URLError
from urllib.request import Request, urlopen

from django.contrib.staticfiles import finders
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

OSV = "https://api.osv.dev"
CLOSED_WITHIN = timedelta(days=14)  # as docs/security.md (Packages) promises
NOBODY_ASKED = 77  # neither clean nor not
ANSWERS_WITHIN = 20  # seconds
# What browsers are given, and where it says its version
FOR_BROWSERS = {
    "bootstrap": ("vendor/bootstrap.min.css", r"Bootstrap\s+v([\d.]+)"),
    "htmx.org": ("django_htmx/htmx-2.min.js", r'version:"([\d.]+)"'),
}


class Command(BaseCommand):
    help = (
        "Asks OSV (osv.dev) for known holes in the packages that are installed here: their names "
        "and versions are all that it is told. Exit status 1: one is known for longer than two "
        "weeks; 77: nobody could be asked."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser):
        parser.add_argument("--service", default=OSV, help="another address with the same answers")

    def handle(self, *, service, **options):
        packages = [*installed(), *for_browsers()]
        try:
            found = list(holes(packages, service))
        except (URLError, OSError, ValueError, KeyError) as error:
            raise CommandError(
                f"Nobody was asked ({type(error).__name__}): that says nothing about the packages.",
                returncode=NOBODY_ASKED,
            ) from error
        late = 0
        for name, version, hole in found:
            since = datetime.fromisoformat(hole["published"])
            until = since + CLOSED_WITHIN
            is_late = until < timezone.now()
            late += is_late
            self.stdout.write(
                f"{name} {version}: {', '.join([hole['id'], *hole.get('aliases', [])])}, known "
                f"since {since:%Y-%m-%d}, {'was' if is_late else 'is'} to be closed by "
                f"{until:%Y-%m-%d}. {hole.get('summary', '')}".rstrip()
            )
        if late:
            raise CommandError(f"{late} of {len(found)} known holes should be closed by now.")
        known = f"{len(found)} known holes, none of them late" if found else "no known hole"
        self.stdout.write(f"{len(packages)} packages: {known}.")


def installed():
    """Ecosystem, name and version of each Python package, as this process would import it."""
    found = {
        re.sub(r"[-_.]+", "-", each.metadata["Name"]).lower(): each.version
        for each in metadata.distributions()
    }
    return [("PyPI", *each) for each in sorted(found.items())]


def for_browsers():
    for name, (place, words) in FOR_BROWSERS.items():
        with open(finders.find(place), encoding="utf-8") as file:
            yield "npm", name, re.search(words, file.read())[1]


def holes(packages, service):
    """Package, version and what OSV says of each hole in it; what was withdrawn is none."""
    queries = [
        {"package": {"ecosystem": ecosystem, "name": name}, "version": version}
        for ecosystem, name, version in packages
    ]
    results = answer(f"{service}/v1/querybatch", {"queries": queries})["results"]
    for (_, name, version), result in zip(packages, results, strict=True):
        for each in result.get("vulns", []):
            hole = answer(f"{service}/v1/vulns/{each['id']}")
            if "withdrawn" not in hole:
                yield name, version, hole


def answer(url, asked=None):
    data = None if asked is None else json.dumps(asked).encode()
    request = Request(url, data, {"Content-Type": "application/json"})  # noqa: S310
    # The operator's own word, or ours
    with urlopen(request, timeout=ANSWERS_WITHIN) as response:  # noqa: S310  # nosec B310
        return json.load(response)
