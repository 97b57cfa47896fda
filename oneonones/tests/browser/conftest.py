"""What every browser test needs: a browser, pages of any width and theme, and a strict ear."""

import os
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from io import StringIO
from itertools import product

import pytest
import time_machine
from axe_playwright_python.base import AXE_SCRIPT
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from playwright.sync_api import expect

# Of the suite; `.ci/run` looks at all six
LOOKS = [("light", 1280), ("dark", 390)]
if os.environ.get("ALL_LOOKS"):
    LOOKS = [(theme, width) for width, theme in product((1280, 390, 320), ("light", "dark"))]
HEIGHTS = {1280: 900, 390: 844, 320: 568}
expect.set_options(timeout=10_000)
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
# The same without windows: it takes a quarter less of the processor, and keeps no page for Back
WINDOWLESS = "chromium-headless-shell"
NO_CHROMIUM = (
    "no Chromium: apt install chromium-headless-shell, or chromium, or "
    ".venv/bin/playwright install chromium, or set CHROMIUM_PATH"
)


def pytest_collection_modifyitems(items):
    for item in items:
        if ".browser." in item.module.__name__:
            item.add_marker("browser")


def chromium(playwright, *names):
    """
    Where the first of these is, or Chromium as CHROMIUM_PATH and Playwright have it, None for the
    latter; without any, skip here and fail in CI.
    """
    names = filter(None, (os.environ.get("CHROMIUM_PATH"), *names))
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None and not os.path.exists(playwright.chromium.executable_path):
        (pytest.fail if os.environ.get("CI") else pytest.skip)(NO_CHROMIUM)
    return found


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args, playwright):
    """Debian's Chromium before Playwright's own."""
    found = chromium(playwright, WINDOWLESS, *CHROMIUMS)
    arguments = [
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-gpu",
        "--disable-quic",
        "--disable-sync",
        "--no-first-run",
    ]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")
    return {**browser_type_launch_args, "executable_path": found, "args": arguments}


@pytest.fixture(scope="session", autouse=True)
def _django_beside_playwright():
    """Playwright's sync API runs an event loop, in which Django would refuse the database."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"


@pytest.fixture(params=LOOKS, ids=lambda look: f"{look[0]}-{look[1]}")
def look(request):
    """A theme and a width, for `open_page(theme=..., width=...)`: `open_page(**look)`."""
    return dict(zip(("theme", "width"), request.param, strict=True))


@pytest.fixture
def complaints():
    """What the browser's console complained of; a test that expects something removes it."""
    heard = []
    yield heard
    assert heard == []


@pytest.fixture
def open_page(browser, live_server, complaints):
    """
    Make a browser page: `open_page(user, theme="dark", width=390, javascript=False)`.

    Every call is a browser of its own, with its own cookies. The test fails on any error in the
    console, a violated content security policy and a missing file among them.
    """
    contexts = []

    def open_page(user=None, *, theme="light", width=1280, javascript=True, **options):
        context = browser.new_context(
            base_url=live_server.url,
            color_scheme=theme,
            java_script_enabled=javascript,
            reduced_motion="reduce",
            viewport={"width": width, "height": HEIGHTS.get(width, 900)},
            **options,
        )
        contexts.append(context)
        context.set_default_timeout(10_000)
        if user is not None:
            context.add_cookies([sign_in(user, live_server.url)])
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda message: message.type == "error" and complaints.append(message.text),
        )
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def page(open_page):
    return open_page()


@pytest.fixture
def axe():
    """Examine a page as it stands now; no violation of any rule is accepted."""

    def examine(page):
        assert violations(page) == []

    return examine


OF_COLOR = ["color-contrast", "link-in-text-block"]  # the rules to which a theme matters
OF_SIZE = ["scrollable-region-focusable", "target-size"]  # and a width, where the layout is one


def violations(page, *, rules=(), within=None):
    """
    What axe, or some rules of it, has against a page as it is now, or against what is `within` a
    selector: a line for each element.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    options = {"resultTypes": ["violations"], "preload": False}  # no rule of ours reads styles
    if rules:
        options["runOnly"] = {"type": "rule", "values": list(rules)}
    run = "([within, options]) => axe.run(within || document, options)"
    found = page.evaluate(run, [within, options])["violations"]
    return [f"{each['id']}: {node['html']}" for each in found for node in each["nodes"]]


def sign_in(user, url):
    """The cookie of a session in which a user is signed in."""
    client = Client()
    client.force_login(user)
    session = client.cookies[settings.SESSION_COOKIE_NAME]
    return {"name": session.key, "value": session.value, "url": url}


TUESDAY = datetime(2026, 10, 13, 14, 12, tzinfo=UTC)  # 10:12 in New York, a school day


@pytest.fixture(scope="session")
def _copy_of_demo():
    with closing(sqlite3.connect(":memory:", check_same_thread=False)) as copy:
        yield copy


@pytest.fixture
def demo(transactional_db, _copy_of_demo):
    """
    The demo school on a Tuesday morning; answers its clock, which stands still until it is moved.

    Making it takes seconds: it is made once, and a copy of the database is put back for each test.
    """
    with time_machine.travel(TUESDAY, tick=False) as clock:
        connection.ensure_connection()
        if _copy_of_demo.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,):
            call_command("seed_demo", stdout=StringIO())
            connection.connection.backup(_copy_of_demo)
        else:
            _copy_of_demo.backup(connection.connection)
        yield clock
