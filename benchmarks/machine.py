"""A scratch site: its folder, its database, its servers; all gone at the end."""

import http.client
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
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
            "CHANGES_PER_MINUTE": "1000000",  # these visitors are quicker than people
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
        import psycopg2  # noqa: PLC0415 -- as above

        self.session.close()  # the server may have been restarted since
        self.session = psycopg2.connect(self.address)
        self.session.autocommit = True
        with self.session.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")
            for role in ROLES:
                cursor.execute(f"DROP ROLE IF EXISTS {self.name}_{role}")
        self.session.close()

    def settle(self) -> None:
        """Let PostgreSQL know its rows, as it does by itself within minutes of real use."""
        if self.is_postgresql:
            import psycopg2  # noqa: PLC0415

            inside = psycopg2.connect(self.address, dbname=self.name)
            with inside, inside.cursor() as cursor:
                cursor.execute("ANALYZE")
            inside.close()

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

    def cpu(self) -> dict[int, float]:
        """CPU seconds so far of the server's workers and, on this machine, of PostgreSQL's."""
        pids = [pid for server in self.servers for pid in server.worker_pids()]
        return {pid: cpu_seconds(pid) for pid in (*pids, *self.database_pids())}

    def spent(self) -> float:
        """
        CPU seconds so far of this process and of PostgreSQL's, for work that is done in it.

        Where PostgreSQL is on another machine, seconds of the clock.
        """
        if self.is_postgresql and not self.database_pids():
            return time.perf_counter()
        return time.process_time() + sum(self.cpu().values())

    def cpu_since(self, before: dict[int, float]) -> float:
        """CPU seconds since then, of the processes that are there now."""
        return sum(spent - before.get(pid, 0.0) for pid, spent in self.cpu().items())


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
