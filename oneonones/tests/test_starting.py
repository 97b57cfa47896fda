"""How the processes of production start: what they refuse, and what gunicorn writes down."""

import json
import os
import socket
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from oneonones import database

URLS = {"app": "sqlite:///x", "owner": "", "keeper": ""}
BROKEN = """
def application(environ, start_response):
    raise ValueError("she told me about the divorce")
"""
OPENS = "Ab1_" * 11  # as long as the token of a feed


@pytest.mark.parametrize(
    ("role", "sentence"),
    [
        ("owner", "DATABASE_ROLE is owner, and DATABASE_OWNER_URL is not set"),
        ("keeper", "DATABASE_ROLE is keeper, and KEEPER_DATABASE_URL is not set"),
        ("admin", "DATABASE_ROLE is 'admin': write app, owner or keeper"),
    ],
)
def test_role_without_an_address_is_refused(role, sentence):
    with pytest.raises(ImproperlyConfigured, match=sentence):
        database.url_of(role, URLS)


def test_role_has_its_own_address():
    urls = {"app": "sqlite:///a", "owner": "sqlite:///b", "keeper": "sqlite:///c"}

    assert [database.url_of(role, urls) for role in urls] == list(urls.values())


def test_nothing_starts_as_a_role_without_an_address():
    env = os.environ | {"DATABASE_ROLE": "keeper", "KEEPER_DATABASE_URL": ""}

    done = subprocess.run(
        [sys.executable, "manage.py", "migrate", "--settings", "oneonones.settings"],
        check=False, cwd=settings.BASE_DIR, env=env, capture_output=True, text=True,
    )  # fmt: skip

    assert done.returncode == 1
    assert "DATABASE_ROLE is keeper, and " in done.stderr.splitlines()[-1]


def test_gunicorn_writes_json_without_what_was_asked(tmp_path):
    (tmp_path / "broken.py").write_text(BROKEN)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port, door = listening.getsockname()[1], listening.fileno()
        command = [sys.executable, "-m", "gunicorn", "broken", "-w", "1", "-b", f"fd://{door}"]
        env = os.environ | {"PYTHONPATH": str(tmp_path), "LOG_FORMAT": "json"}
        with subprocess.Popen(
            command, cwd=settings.BASE_DIR, env=env, pass_fds=[door],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        ) as gunicorn:  # fmt: skip
            answers = [
                ask(port, f"GET /feeds/{OPENS}.ics?token={OPENS} HTTP/1.1"),
                ask(port, f"GET /feeds/{OPENS}?token={OPENS} NONSENSE/9"),
            ]
            gunicorn.terminate()
            written, _ = gunicorn.communicate()

    lines = [json.loads(line) for line in written.splitlines()]
    assert [answer.split()[1] for answer in answers] == ["500", "400"]
    assert [line["message"] for line in lines] == [
        "Error handling request GET /feeds/(secret).ics",
        "A request that is not HTTP was refused",
    ]
    assert lines[0]["exception"]["type"] == "ValueError"
    for word in ("divorce", OPENS, "token", "127.0.0.1"):
        assert word not in written


def ask(port, line):
    with socket.create_connection(("127.0.0.1", port), timeout=30) as browser:
        browser.sendall(f"{line}\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        return browser.makefile("rb").read().decode()
