"""
How heavy pages are on the way to a slow phone: every address, and all that a first visit fetches.

Counted as gzip makes it. Files are served like that; pages only where a proxy compresses them.
"""

import gzip
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.urls import reverse

from .test_access import ACCESS, POST_ONLY, sent
from .world import made_world

pytestmark = [pytest.mark.django_db, pytest.mark.any_database, pytest.mark.usefixtures("now")]

FIRST_VISIT = 100_000  # bytes: the page and every file that it names
LATER = 15_000
VISITORS = ("host", "attendee", "admin", "counselor")
IN_SHEET = re.compile(r"""url\(["']?([^"')?#:]+)["']?\)""")
FILE = re.compile(r'(?:href|src)="/static/([^"?#]+)')


@pytest.fixture
def world():
    return made_world()


def weight(content):
    return len(gzip.compress(content, compresslevel=6))


def test_every_page_is_light(world):
    weights = {
        (name, argument, visitor): weight(sent(world, visitor, name, argument).content)
        for name, argument in ACCESS
        if name not in POST_ONLY
        for visitor in VISITORS
    }

    assert {page: size for page, size in weights.items() if size > LATER} == {}
    assert max(weights.values()) > 2_000  # pages, not only refusals


@pytest.mark.parametrize(
    ("visitor", "name"),
    [("anonymous", "account_login"), ("host", "scheduling:today"), ("host", "scheduling:schedule")],
)
def test_first_visit_is_light(world, client, visitor, name):
    page = (
        client.get(reverse(name)) if visitor == "anonymous" else sent(world, visitor, name, None)
    ).content
    files = [Path(finders.find(each)) for each in set(FILE.findall(page.decode()))]
    files += [
        (sheet.parent / name).resolve()
        for sheet in files
        if sheet.suffix == ".css"
        for name in IN_SHEET.findall(sheet.read_text())
    ]

    total = weight(page) + sum(weight(each.read_bytes()) for each in files)
    assert {each.suffix for each in files} >= {".css", ".js"}
    assert total <= FIRST_VISIT
