"""That holes in what is installed are told, with the day by which they have to be closed."""

import json
import re
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from oneonones.management.commands.advisories import for_browsers, installed

ROOT = Path(settings.BASE_DIR)
HOLES = {
    "OSV-1": {"aliases": ["CVE-2026-1"], "summary": "Says too much"},
    "OSV-2": {"withdrawn": "2026-10-01T00:00:00Z"},
}


class Service(BaseHTTPRequestHandler):
    """What OSV answers: the same holes in Django, and none in anything else."""

    asked: list[dict]

    def do_POST(self):
        self.server.asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        names = [each["package"]["name"] for each in self.server.asked["queries"]]
        vulns = {"vulns": [{"id": each} for each in HOLES]}
        self.say({"results": [vulns if name == "django" else {} for name in names]})

    def do_GET(self):
        name = self.path.rpartition("/")[2]
        self.say({"id": name, "published": self.server.published} | HOLES[name])

    def say(self, words):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(words).encode())

    def log_message(self, *_):
        pass


@pytest.fixture
def service():
    with ThreadingHTTPServer(("127.0.0.1", 0), Service) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def ask(server):
    out = StringIO()
    service = f"http://127.0.0.1:{server.server_port}"
    try:
        call_command("advisories", "--service", service, stdout=out)
    except CommandError as error:
        return out.getvalue(), str(error), error.returncode
    return out.getvalue(), "", 0


def test_hole_is_told_with_the_day_by_which_it_is_to_be_closed(service, now):
    service.published = "2026-10-01T08:00:00Z"

    said, complained, code = ask(service)

    first, last = said.splitlines()
    assert re.fullmatch(
        r"django 5\.2\.\d+: OSV-1, CVE-2026-1, known since 2026-10-01, is to be closed by "
        r"2026-10-15\. Says too much",
        first,
    )
    assert last.endswith("packages: 1 known holes, none of them late.")
    assert (complained, code) == ("", 0)


def test_hole_that_is_open_for_too_long_fails(service, now):
    service.published = "2026-09-27T08:00:00Z"

    said, complained, code = ask(service)

    assert "was to be closed by 2026-10-11" in said
    assert (complained, code) == ("1 of 1 known holes should be closed by now.", 1)


def test_service_is_told_names_and_versions_and_nothing_else(service, now):
    service.published = "2026-10-11T08:00:00Z"
    ask(service)

    told = service.asked["queries"]

    assert {name for each in told for name in each} == {"package", "version"}
    named = {(each["package"]["ecosystem"], each["package"]["name"]) for each in told}
    assert named >= {("PyPI", "django"), ("PyPI", "cryptography"), ("npm", "bootstrap")}


def test_nobody_asked_is_not_clean(now):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(CommandError, match="that says nothing about the packages") as error:
        call_command("advisories", "--service", f"http://127.0.0.1:{port}")

    assert error.value.returncode == 77


def test_what_is_asked_about_is_what_production_has():
    pinned = dict(re.findall(r"^([\w-]+)==(.+)$", _text("requirements-prod.txt"), re.MULTILINE))
    asked = {name: version for _, name, version in installed()}

    for name in ("django", "cryptography", "prometheus-client", "typing-extensions"):
        assert asked[name] == pinned[name]
    assert {name for _, name, _ in for_browsers()} == {"bootstrap", "htmx.org"}


@pytest.mark.parametrize(
    "name", ["requirements-prod.txt", "requirements.txt", "requirements-dev.txt"]
)
def test_every_package_is_pinned(name):
    lines = [line.split("#")[0].strip() for line in _text(name).splitlines()]

    assert [line for line in lines if line and not re.fullmatch(r"[\w.-]+==[\w.]+", line)] == []


def _text(name):
    return (ROOT / name).read_text()
