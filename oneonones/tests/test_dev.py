"""That `./dev` starts the site, keeps it alive and leaves nothing behind."""

import http.client
import importlib.machinery
import importlib.util
import os
import shutil
import signal
import socket
import stat
import subprocess
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
NOT_COPIED = shutil.ignore_patterns(".*", "var", "__pycache__", "node_modules")
PATIENCE = 60


@pytest.fixture(scope="module")
def dev():
    """The script as a module."""
    loader = importlib.machinery.SourceFileLoader("dev_script", str(ROOT / "dev"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("dev_script", loader))
    loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A copy of the project that has its packages but has never been started."""
    if not (ROOT / ".venv").is_dir():
        pytest.skip("the packages are not in .venv")
    copy = tmp_path_factory.mktemp("house") / "site"
    shutil.copytree(ROOT, copy, ignore=NOT_COPIED)
    (copy / ".venv").symlink_to(ROOT / ".venv")
    yield copy
    for pid in processes(copy):
        os.kill(pid, signal.SIGKILL)


@pytest.fixture
def port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start(checkout, port):
    unset = {"DATABASE_URL", "DJANGO_SETTINGS_MODULE", "ENV_FILE", "LOG_FORMAT", "REDIS_URL",
             "SECRET_KEY", "VAR_DIR"}  # fmt: skip
    return subprocess.Popen(
        ["./dev", "up", "--real", "--bind", f"127.0.0.1:{port}"],
        cwd=checkout,
        env={name: value for name, value in os.environ.items() if name not in unset},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        bufsize=1,
    )


def processes(checkout, what="_child"):
    """The processes of a site, by what stands on their command lines."""
    listed = subprocess.check_output(["ps", "-ww", "-eo", "pid,args"], text=True)
    lines = [line.split(maxsplit=1) for line in listed.splitlines()]
    mine = [(pid, args) for pid, args in lines if str(checkout) in args and "_child" in args]
    return [int(pid) for pid, args in mine if what in args]


def read_until(site, words):
    too_late = threading.Timer(PATIENCE, site.terminate)
    too_late.start()
    lines = []
    try:
        for line in site.stdout:
            lines.append(line)
            if words in line:
                return line
    finally:
        too_late.cancel()
    return pytest.fail(f"never said {words!r}: {''.join(lines[-20:])}")


def waited_for(happens, seconds=PATIENCE):
    until = time.monotonic() + seconds
    while not happens() and time.monotonic() < until:
        time.sleep(0.05)
    return happens()


def status(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()


@contextmanager
def running_site(checkout, port):
    with start(checkout, port) as site:
        try:
            yield site
        finally:
            site.terminate()


@pytest.mark.process
def test_site_starts_revives_its_worker_and_dies_with_its_supervisor(checkout, port):
    with running_site(checkout, port) as site:
        assert f"http://localhost:{port}" in read_until(site, "first page after")
        assert status(port, "/healthz") == 200
        assert stat.S_IMODE((checkout / ".env").stat().st_mode) == 0o600
        assert stat.S_IMODE((checkout / "var" / "keys").stat().st_mode) == 0o700

        [worker] = processes(checkout, "worker -P")
        os.kill(worker, signal.SIGKILL)
        read_until(site, "worker was killed by signal 9; starting it again")
        assert waited_for(lambda: processes(checkout, "worker -P") not in ([], [worker]))

        site.kill()
        assert waited_for(lambda: processes(checkout) == [])


@pytest.mark.process
def test_site_says_that_a_port_is_taken_and_ends_when_asked(checkout, port):
    with running_site(checkout, port) as site:
        read_until(site, "first page after")
        began = time.monotonic()
        second = start(checkout, port)
        said, _ = second.communicate(timeout=10)
        assert second.returncode == 1
        assert said.startswith(f"Port {port} is taken")

        began = time.monotonic()
        site.terminate()

        site.communicate(timeout=PATIENCE)
        assert site.returncode == 0
        assert time.monotonic() - began < 10
        assert processes(checkout) == []


def test_env_is_written_once(dev, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    dev.write_env()
    first = Path(".env").read_text()
    dev.write_env()

    assert Path(".env").read_text() == first
    assert "KEYRING" not in first
    assert len(first.split("SECRET_KEY=")[1].strip()) > 50
    assert stat.S_IMODE(Path(".env").stat().st_mode) == 0o600


@pytest.mark.parametrize("bind", ["8000", "localhost:", "localhost:http", ":8000", "a:99999"])
def test_bind_wants_host_and_port(dev, capsys, bind):
    with pytest.raises(SystemExit) as stopped:
        dev.up(["--bind", bind])

    assert stopped.value.code == 2
    assert "--bind wants HOST:PORT" in capsys.readouterr().err


def test_taken_port_is_noticed(dev, capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(SystemExit):
        dev.refuse_taken_port("localhost", taken.getsockname()[1])

    assert "is taken" in capsys.readouterr().err


def test_browser_line_counts_and_says_why(dev, tmp_path):
    report = tmp_path / "report.xml"
    report.write_text(
        """<testsuites><testsuite>
        <testcase classname="oneonones.tests.browser.test_sign_in" name="a"/>
        <testcase classname="oneonones.tests.browser.test_sign_in" name="b">
            <skipped message="no Chromium"/></testcase>
        <testcase classname="oneonones.tests.test_health" name="c"><skipped message="x"/></testcase>
        </testsuite></testsuites>"""
    )

    line = dev.browser_line([str(report), str(tmp_path / "missing.xml")])

    assert line == "Browser tests: 1 ran, 1 skipped: no Chromium"
