"""A scratch site: its folder, its database, its servers, its visitors; all gone at the end."""

import gzip
import http.client
import os
import re
import secrets
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode, urljoin, urlsplit

ROOT = Path(__file__).resolve().parent.parent
EMPTY = "/benchmark/empty/"
PASSWORD = "only-for-benchmarks"
ROLES = ("owner", "app", "keeper")
LOCAL = ("", "localhost", "127.0.0.1", "::1")


class Site:
    """
    A site of its own to measure: `with Site(database=URL) as site:`.

    On SQLite a file in a temporary folder. On PostgreSQL a new database named `bench_...` beside
    the one of the address, with the three roles of production; its user must be allowed to make
    both. Django is set up in this process too, to make rows and to check them.
    """

    def __init__(self, *, database: str = "") -> None:
        self.address = database
        self.stack = ExitStack()
        self.servers: list[Server] = []
        self.name = f"bench_{os.getpid()}_{secrets.token_hex(3)}"

    def __enter__(self) -> "Site":
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        try:
            self._set_up()
        except BaseException:
            self.stack.close()
            raise
        return self

    def __exit__(self, *_) -> None:
        self.stack.close()

    @property
    def is_postgresql(self) -> bool:
        return bool(self.address)

    @property
    def kind(self) -> str:
        return "PostgreSQL" if self.is_postgresql else "SQLite"

    def _set_up(self) -> None:
        folder = self.stack.enter_context(tempfile.TemporaryDirectory(prefix="one-on-ones-bench-"))
        self.folder = Path(folder)
        self.port = free_port()
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
            "ENV_FILE": os.devnull,
            "SECRET_KEY": secrets.token_urlsafe(50),
            "VAR_DIR": folder,
            "SITE_URL": f"http://127.0.0.1:{self.port}",
            "LOG_FORMAT": "text",
            "DEMO": "0",
            "DATABASE_URL": "",
            "DATABASE_OWNER_URL": "",
            "KEEPER_DATABASE_URL": "",
            "PYTHONWARNINGS": "ignore",
        }
        os.environ.setdefault("REDIS_URL", "")
        if self.is_postgresql:
            self._make_database()
        owner = dict(os.environ, DATABASE_ROLE="owner" if self.is_postgresql else "app")
        prepare = [sys.executable, "manage.py", "prepare", "--static"]
        subprocess.run(prepare, check=True, cwd=ROOT, env=owner, stdout=subprocess.DEVNULL)
        import django  # noqa: PLC0415 -- its settings are made above

        django.setup()
        from django.db import connections  # noqa: PLC0415

        self.stack.callback(connections.close_all)

    def _make_database(self) -> None:
        import psycopg2  # noqa: PLC0415 -- only where it is asked for

        session = psycopg2.connect(self.address)
        session.autocommit = True
        self.session = session
        self.stack.callback(self._drop_database)
        place = urlsplit(self.address)
        at = f"{place.hostname or ''}{f':{place.port}' if place.port else ''}"
        with session.cursor() as cursor:
            cursor.execute(f"CREATE ROLE {self.name}_owner LOGIN PASSWORD '{PASSWORD}'")
            cursor.execute(f"CREATE DATABASE {self.name} OWNER {self.name}_owner")
        variables = ("DATABASE_OWNER_URL", "DATABASE_URL", "KEEPER_DATABASE_URL")
        for variable, role in zip(variables, ROLES, strict=True):
            os.environ[variable] = f"postgres://{self.name}_{role}:{PASSWORD}@{at}/{self.name}"
        from oneonones.management.commands.database_roles import RIGHTS, make_role  # noqa: PLC0415

        inside = psycopg2.connect(self.address, dbname=self.name)
        with inside, inside.cursor() as cursor:
            for role, rights in RIGHTS.items():
                make_role(
                    cursor, f"{self.name}_{role}", PASSWORD, rights, owner=f"{self.name}_owner"
                )
        inside.close()

    def _drop_database(self) -> None:
        with self.session.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")
            for role in ROLES:
                cursor.execute(f"DROP ROLE IF EXISTS {self.name}_{role}")
        self.session.close()

    # --- what it serves with, and what that costs ---

    def serve(self, workers: int) -> "Server":
        """Start gunicorn with this many sync workers, in place of what was serving before."""
        for server in self.servers:
            server.stop()
        server = Server(self, workers)
        self.servers = [server]
        self.stack.callback(server.stop)
        server.wait()
        return server

    def database_pids(self) -> list[int]:
        """The database's processes that serve this site, where they run on this machine."""
        if not self.is_postgresql or (urlsplit(self.address).hostname or "") not in LOCAL:
            return []
        with self.session.cursor() as cursor:
            cursor.execute("SELECT pid FROM pg_stat_activity WHERE datname = %s", [self.name])
            return [pid for (pid,) in cursor.fetchall()]

    def cpu(self) -> float:
        """CPU seconds so far of the server's workers and, on this machine, of PostgreSQL's."""
        pids = [pid for server in self.servers for pid in server.worker_pids()]
        return sum(cpu_seconds(pid) for pid in (*pids, *self.database_pids()))


class Server:
    """gunicorn on a loopback port, a child of this process."""

    def __init__(self, site: Site, workers: int) -> None:
        self.site, self.workers = site, workers
        self.log = site.folder / "gunicorn.log"
        command = [sys.executable, "-m", "gunicorn", "oneonones.wsgi", "-k", "sync"]
        command += ["-w", str(workers), "-b", f"127.0.0.1:{site.port}", "--log-level", "warning"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "--timeout", "120", "--graceful-timeout", "5"],
                cwd=ROOT,
                stdout=log,
                stderr=log,
            )

    def wait(self) -> None:
        ends = time.monotonic() + 60
        while len(self.worker_pids()) < self.workers or not answers(self.site.port):
            if self.process.poll() is not None or time.monotonic() > ends:
                raise SystemExit(f"gunicorn did not start:\n{self.log.read_text()[-2000:]}")
            time.sleep(0.05)

    def worker_pids(self) -> list[int]:
        pid = self.process.pid
        try:
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
        except OSError:
            return []
        return [int(each) for each in children.split()]

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def cpu_seconds(pid: int) -> float:
    """CPU seconds that a process has used, to the nanosecond where the kernel says it."""
    spent = 0.0
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            spent += int((task / "schedstat").read_text().split()[0]) / 1e9
    except OSError:  # ended meanwhile, or no such file here
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            return 0.0
        spent = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return spent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


# --- visitors ---


@dataclass
class Answer:
    """What came back, after redirects, and what it cost."""

    status: int
    path: str
    text: str
    size: int  # bytes of the body, as sent
    seconds: float
    queries: int
    cpu: float  # seconds of the worker, without the database's
    hops: list["Answer"] = field(default_factory=list, repr=False)  # the redirects before

    @property
    def compressed(self) -> int:
        return len(gzip.compress(self.text.encode(), 6))

    @property
    def is_trouble(self) -> bool:
        return self.status >= 500


class Visitor:
    """
    A browser without a screen: a session, cookies, forms; one connection for each request.

    The session is made directly in the database, as if the person had signed in before: signing in
    is argon2 and mail, and not what is measured.
    """

    def __init__(self, site: Site, person) -> None:
        self.site, self.person = site, person
        self.cookies = {"session": session_key(person), "csrf": secrets.token_hex(16)}
        self.token = self.cookies["csrf"]

    def get(self, path: str) -> Answer:
        return self._ask("GET", path, None)

    def post(self, path: str, fields: Iterable[tuple[str, str]]) -> Answer:
        fields = [(name, value) for name, value in fields if name != "csrfmiddlewaretoken"]
        token = self.cookies["csrf"]
        return self._ask("POST", path, [*fields, ("csrfmiddlewaretoken", token)])

    def _ask(self, method: str, path: str, fields: list[tuple[str, str]] | None) -> Answer:
        hops: list[Answer] = []
        while True:
            answer, location = self._once(method, path, fields)
            if location is None or len(hops) == 5:
                answer.hops = hops
                return answer
            hops.append(answer)
            target = urlsplit(urljoin(path, location))
            method, fields = "GET", None
            path = target.path + (f"?{target.query}" if target.query else "")

    def _once(self, method, path, fields) -> tuple[Answer, str | None]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        body = None
        if fields is not None:
            body = urlencode(fields)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        began = time.perf_counter()
        connection = http.client.HTTPConnection("127.0.0.1", self.site.port, timeout=120)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            content = response.read()
        finally:
            connection.close()
        seconds = time.perf_counter() - began
        for cookie in response.headers.get_all("Set-Cookie") or []:
            for name, morsel in SimpleCookie(cookie).items():
                self.cookies[name] = morsel.value
        answer = Answer(
            status=response.status,
            path=path,
            text=content.decode("utf-8", "replace"),
            size=len(content),
            seconds=seconds,
            queries=int(response.headers.get("X-Queries", 0)),
            cpu=int(response.headers.get("X-CPU", 0)) / 1e6,
        )
        is_redirect = response.status in (301, 302, 303)
        return answer, response.headers.get("Location") if is_redirect else None


def session_key(person) -> str:
    """A new session of somebody who has a login, as signing in would leave it."""
    from django.conf import settings  # noqa: PLC0415 -- after django.setup()
    from django.contrib import auth  # noqa: PLC0415
    from django.contrib.sessions.backends.db import SessionStore  # noqa: PLC0415

    session = SessionStore()
    session[auth.SESSION_KEY] = str(person.user.pk)
    session[auth.BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[auth.HASH_SESSION_KEY] = person.user.get_session_auth_hash()
    session.save()
    return session.session_key


def say(text: str, words: int = 300) -> str:
    """What a page says, without its tags: for telling what went wrong."""
    main = re.search(r"<main.*?</main>", text, re.S)
    plain = re.sub(r"<[^>]+>", " ", main[0] if main else text)
    return " ".join(plain.split())[:words]


# --- figures ---


@dataclass
class Cost:
    """What one request of a page costs: medians over rounds, CPU with the database's."""

    name: str
    queries: int
    cpu: float
    times_empty: float
    spread: tuple[float, float]
    size: int
    compressed: int


def compare(
    site: Site, pages: Sequence[tuple[str, Visitor, str]], *, rounds: int = 7, each: int = 12
) -> list[Cost]:
    """
    Each page's CPU as a multiple of the same visitor's empty page; the two take turns.

    CPU seconds are those of the workers and, on this machine, of the database's own processes.
    """
    costs = []
    for name, visitor, path in pages:
        answer = visitor.get(path)  # warms templates and connections
        if answer.status != 200:
            raise SystemExit(f"{name}: {answer.status} at {answer.path}\n{say(answer.text)}")
        for _ in range(4):
            visitor.get(path), visitor.get(EMPTY)
        ratios, spent = [], []
        for _ in range(rounds):
            page = _burst(site, visitor, path, each)
            empty = _burst(site, visitor, EMPTY, each)
            ratios.append(page / empty)
            spent.append(page)
        costs.append(
            Cost(
                name,
                answer.queries,
                statistics.median(spent),
                statistics.median(ratios),
                (min(ratios), max(ratios)),
                answer.size,
                answer.compressed,
            )
        )
    return costs


def _burst(site: Site, visitor: Visitor, path: str, count: int) -> float:
    began = site.cpu()
    for _ in range(count):
        visitor.get(path)
    return (site.cpu() - began) / count


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Rows as text in columns, numbers to the right."""
    lines = [[str(cell) for cell in row] for row in [head, *rows]]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if i == 0 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


class Checks:
    """What has to be true at the end; the exit status of a program."""

    def __init__(self) -> None:
        self.failed = 0

    def expect(self, sentence: str, problems: Sequence[object]) -> None:
        """Say whether something holds: it does when there are no problems."""
        print(f"  {'ok ' if not problems else 'NOT'} {sentence}", flush=True)
        for problem in list(problems)[:5]:
            print(f"      {problem}")
        if len(problems) > 5:
            print(f"      and {len(problems) - 5} more")
        self.failed += bool(problems)

    @property
    def status(self) -> int:
        print("All checks hold." if not self.failed else f"{self.failed} checks failed.")
        return 1 if self.failed else 0


def machine() -> str:
    """What this machine is and how busy it is with other things: figures are of this run only."""
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} cores, load {load:.1f} before the start, Python {sys.version.split()[0]}"
    )
