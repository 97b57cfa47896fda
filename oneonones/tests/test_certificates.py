"""
That the parts of docker-compose.yml speak TLS with each other and with nobody else.

Their commands are taken from that file and their variables from .env.example, so that what runs
here is what runs there; only places, ports and host names are others. A machine without servers
that know TLS leaves these out, as those of the wheels do not.
"""

import os
import pwd
import re
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import environ
import psycopg2
import pytest
from celery import Celery
from django.conf import settings
from kombu.exceptions import OperationalError

yaml = pytest.importorskip("yaml", reason="needs requirements-dev.txt")

ROOT = Path(settings.BASE_DIR)
DEBIAN = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
IS_ROOT = os.geteuid() == 0
PASSWORD = "x" * 12

pytestmark = pytest.mark.skipif(not shutil.which("openssl"), reason="needs openssl")


@pytest.fixture(scope="module")
def services():
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]


@pytest.fixture(scope="module")
def place():
    """A folder for certificates that PostgreSQL's user may look into."""
    with tempfile.TemporaryDirectory(prefix="tls-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        make(folder)
        yield folder


def make(folder):
    server = pwd.getpwnam("postgres").pw_uid if IS_ROOT and DEBIAN else os.geteuid()
    mine = os.geteuid()
    parts = [f"db:{server}:localhost", f"redis:{mine}:localhost", f"app:{mine}:web,localhost"]
    command = ["sh", "certificates.sh", folder, *parts]
    return subprocess.check_output(command, cwd=ROOT, text=True)


def put(words, place, part):
    """The same words with this place instead of the one in a container."""
    return words.replace("/tls/own", f"{place}/{part}").replace("/tls/", f"{place}/")


@pytest.fixture
def variables(place):
    """Those of .env.example that say how the parts find and believe each other."""
    text = put((ROOT / ".env.example").read_text(), place, "app")
    return dict(re.findall(r"^(PGSSL\w+|REDIS_URL|WEB_CERTIFICATE|WEB_KEY)=(.*)$", text, re.M))


@contextmanager
def serving(command, is_ready, **more):
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd="/", **more) as server:
        try:
            ends = time.monotonic() + 30
            while not is_ready():
                assert server.poll() is None
                assert time.monotonic() < ends
                time.sleep(0.02)
            yield
        finally:
            server.terminate()


def listens(port):
    def is_ready():
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return True
        return False

    return is_ready


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


# --- what certificates.sh makes ---


def test_certificates_are_for_one_part_each_and_their_authority_is_forgotten(place):
    parts = ("db", "redis", "app")
    for part in parts:
        verify = ["openssl", "verify", "-x509_strict", "-CAfile", place / "trusted" / "ca.crt"]
        subprocess.check_call([*verify, place / part / "tls.crt"], stdout=subprocess.DEVNULL)
        assert (place / part / "tls.key").stat().st_mode & 0o777 == 0o600

    kept = {each: sorted(os.listdir(place / each)) for each in (*parts, "trusted")}
    assert kept == {each: ["tls.crt", "tls.key"] for each in parts} | {"trusted": ["ca.crt"]}


def test_certificates_stay_until_they_are_old_or_one_is_gone(tmp_path):
    make(tmp_path)
    files = {path: path.read_bytes() for path in tmp_path.rglob("tls.*")}
    before = (tmp_path / "trusted" / "ca.crt").read_text()

    assert make(tmp_path) == "The certificates are young enough.\n"
    assert {path: path.read_bytes() for path in tmp_path.rglob("tls.*")} == files
    (tmp_path / "redis" / "tls.crt").unlink()
    assert make(tmp_path).startswith("New certificates: start db, redis,")

    after = {path: path.read_bytes() for path in tmp_path.rglob("tls.*")}
    assert [path for path in files if after[path] == files[path]] == []
    trusted = (tmp_path / "trusted" / "ca.crt").read_text()
    assert trusted.endswith(before)  # who was not started again yet is believed
    assert trusted.count("BEGIN CERTIFICATE") == 2


# --- what the servers make of them ---


@pytest.fixture(scope="module")
def database(services, place):
    """The address of PostgreSQL as docker compose starts it, its owner with a password."""
    as_user = {"user": "postgres", "group": "postgres"} if IS_ROOT else {}
    cluster, hba, port = place / "cluster", place / "pg_hba.conf", free_port()
    cluster.mkdir()
    if IS_ROOT:
        shutil.chown(cluster, "postgres")
    shutil.copy(ROOT / "pg_hba.conf", hba)
    initdb = [DEBIAN[-1] / "initdb", "-D", cluster, "-U", "owner", "-A", "trust", "--no-sync"]
    subprocess.check_call(initdb, stdout=subprocess.DEVNULL, cwd="/", **as_user)
    command = put(services["db"]["command"], place, "db").replace("/etc/pg_hba.conf", str(hba))
    command = [str(DEBIAN[-1] / "postgres"), *command.split()[1:], "-c", "fsync=off"]
    command += ["-D", cluster, "-p", str(port), "-k", cluster, "-c", "listen_addresses=127.0.0.1"]
    ready = [DEBIAN[-1] / "pg_isready", "-q", "-h", cluster, "-p", str(port), "-t", "1"]
    with (
        (place / "server.log").open("wb") as log,
        serving(command, lambda: not subprocess.call(ready), stderr=log, **as_user),
    ):
        inside = psycopg2.connect(host=str(cluster), port=port, user="owner", dbname="postgres")
        with inside, inside.cursor() as cursor:
            cursor.execute("ALTER ROLE owner PASSWORD %s", [PASSWORD])
        inside.close()
        yield f"postgres://owner@localhost:{port}/postgres"


@pytest.mark.process
@pytest.mark.skipif(not DEBIAN, reason="needs a PostgreSQL server that knows TLS")
def test_database_is_reached_with_tls_certificate_and_password_only(
    database, variables, monkeypatch, tmp_path
):
    assert "no encryption" in refused(database, password=PASSWORD, sslmode="disable")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    session = psycopg2.connect(database, password=PASSWORD)

    assert session.info.ssl_in_use
    session.close()
    assert "password authentication failed" in refused(database, password="x")
    assert "certificate" in refused(database, password=PASSWORD, sslcert="", sslkey="")
    by_number = database.replace("localhost", "127.0.0.1")
    assert "does not match host name" in refused(by_number, password=PASSWORD)
    make(tmp_path)
    another = str(tmp_path / "trusted" / "ca.crt")
    assert "verify failed" in refused(database, password=PASSWORD, sslrootcert=another)


@pytest.mark.process
@pytest.mark.skipif(not DEBIAN, reason="needs a PostgreSQL server that knows TLS")
def test_database_s_own_log_has_errors_without_what_people_wrote(
    database, variables, monkeypatch, place
):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with closing(psycopg2.connect(database, password=PASSWORD)) as session:
        cursor = session.cursor()
        cursor.execute("CREATE TEMPORARY TABLE person (name text UNIQUE)")
        cursor.execute("INSERT INTO person VALUES ('Wilhelmina')")
        with pytest.raises(psycopg2.errors.UniqueViolation, match="Wilhelmina"):
            cursor.execute("INSERT INTO person VALUES ('Wilhelmina')")

    log = (place / "server.log").read_text()
    assert "duplicate key value violates unique constraint" in log
    assert "Wilhelmina" not in log


def refused(url, **more):
    with pytest.raises(psycopg2.OperationalError) as error:
        psycopg2.connect(url, **more)
    return str(error.value)


@pytest.mark.process
@pytest.mark.skipif(not shutil.which("redis-server"), reason="needs a Redis that knows TLS")
def test_redis_is_reached_with_tls_and_certificate_only(services, place, variables):
    port = free_port()
    command = put(services["redis"]["command"], place, "redis").replace('""', "''")
    command = [word.strip("'") for word in command.replace("6379", str(port)).split()]
    with serving([*command, "--bind", "127.0.0.1"], listens(port)):
        url = variables["REDIS_URL"].replace("redis:6379", f"localhost:{port}")

        assert queued(url)
        assert not queued(url.replace("rediss:", "redis:").split("?")[0])
        assert not queued(url.split("&ssl_certfile")[0])  # who has none of our certificates
        assert not queued(url.replace("localhost", "127.0.0.1"))  # who is not whom we asked for


def queued(url):
    """Whether a worker could be woken through this broker."""
    limits = {"socket_connect_timeout": 5, "socket_timeout": 5, "max_retries": 0}
    app = Celery(broker=url, set_as_current=False)
    app.conf.broker_transport_options = limits
    try:
        with app.connection_for_write() as connection:
            connection.ensure_connection(max_retries=1, interval_start=0, timeout=5)
            connection.channel().queue_declare(queue="celery")
    except (OperationalError, OSError):
        return False
    return True


@pytest.mark.process
def test_web_proves_itself_to_the_proxy(services, place, variables, tmp_path):
    (tmp_path / "hello.py").write_text(
        "def application(environ, start_response):\n"
        "    start_response('200 OK', [])\n"
        "    return [environ['wsgi.url_scheme'].encode()]\n"
    )
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "hello", "-w", "1", "-b", f"127.0.0.1:{port}"]
    command += ["-c", str(ROOT / "gunicorn.conf.py")]
    path = os.pathsep.join([str(tmp_path), str(ROOT)])
    env = os.environ | variables | {"PYTHONPATH": path, "LOG_FORMAT": "json"}
    healthy = [put(word, place, "app") for word in services["web"]["healthcheck"]["test"][1:]]
    healthy = [sys.executable, *(word.replace("8000", str(port)) for word in healthy[1:])]
    with serving(command, listens(port), env=env, stderr=subprocess.DEVNULL):
        subprocess.check_call(healthy)
        trusting = ssl.create_default_context(cafile=place / "trusted" / "ca.crt")
        page = urllib.request.urlopen(f"https://localhost:{port}/", context=trusting)
        assert page.read() == b"https"
        with pytest.raises(OSError, match="certificate verify failed"):
            urllib.request.urlopen(f"https://localhost:{port}/")


def test_examples_lead_to_the_services_with_proof(variables, services):
    database = environ.Env.db_url_config(
        re.search(r"^DATABASE_URL=(.*)$", (ROOT / ".env.example").read_text(), re.M)[1]
    )

    assert database["HOST"] in services
    assert variables["PGSSLMODE"] == "verify-full"
    assert variables["REDIS_URL"].startswith("rediss://redis:6379/0?ssl_cert_reqs=required&")
    for name in ("proxy", "web", "worker", "beat", "migrate", "nightly", "db", "redis"):
        assert "trusted:/tls/trusted:ro" in services[name]["volumes"]
    for name, own in (("web", "app"), ("db", "db"), ("redis", "redis")):
        assert f"{own}-tls:/tls/own:ro" in services[name]["volumes"]
        made = services["certificates"]["command"].split()[2:]
        assert any(word.split(":")[0] == own for word in made)
    assert (
        "tls_trust_pool file {$PROXY_TRUSTED:/tls/trusted/ca.crt}"
        in (ROOT / "Caddyfile").read_text()
    )
