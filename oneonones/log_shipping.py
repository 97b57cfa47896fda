"""Log lines to another machine as well: syslog (RFC 5424) over TLS, in RFC 5425's frames."""

import logging
import os
import queue
import socket
import ssl
import threading
from contextlib import suppress
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

from django.core.exceptions import ImproperlyConfigured

FACILITY = 16  # local0
SEVERITIES = {"DEBUG": 7, "INFO": 6, "WARNING": 4, "ERROR": 3, "CRITICAL": 2}
MAY_WAIT = 10_000  # lines, while the server is away
TRY_AGAIN = (1, 2, 5, 15, 60)  # seconds
ANSWERS_WITHIN = 10  # seconds
ENDS_WITHIN = 3  # seconds: a process that ends waits no longer for what is not sent
FORKS_WITHIN = 1  # second: nor does one that forks for a server that does not answer

logger = logging.getLogger(__name__)


class Place(NamedTuple):
    """Where lines go, and by which certificates both sides prove who they are ("" for none)."""

    host: str
    port: int
    ca: str
    cert: str
    key: str


def place_of(url: str) -> Place:
    """Read `syslog+tls://HOST[:PORT][?ca=FILE&cert=FILE&key=FILE]`; raises ImproperlyConfigured."""
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    if parts.scheme != "syslog+tls" or not parts.hostname or set(query) - {"ca", "cert", "key"}:
        raise ImproperlyConfigured(
            f"LOG_TO is {url!r}: write syslog+tls://HOST:PORT, if need be with ?ca=FILE, or leave "
            "it out."
        )
    files = (query.get(name, [""])[-1] for name in ("ca", "cert", "key"))
    return Place(parts.hostname, parts.port or 6514, *files)


class ShippingHandler(logging.Handler):
    """
    Hands lines to a thread that sends them: nobody waits for the other machine.

    While it is away they wait here, the newest 10,000 at most; how many were lost is then said
    there and here. A process that forks begins with none.
    """

    def __init__(self, to: str) -> None:
        super().__init__()
        self.place = place_of(to)
        self._begin()
        os.register_at_fork(
            before=self._pause, after_in_parent=self._go_on, after_in_child=self._begin
        )

    def _begin(self) -> None:
        self._talks = threading.Lock()  # the sender's, while it is in the libraries of TLS and DNS
        self._is_paused = False
        self._lines: queue.Queue[bytes | None] = queue.Queue(MAY_WAIT)
        self._lost = 0
        self._ends = threading.Event()
        self._sender: threading.Thread | None = None

    def _pause(self) -> None:
        """A child would find the locks of those libraries held by a thread that it has not."""
        self._is_paused = self._talks.acquire(timeout=FORKS_WITHIN)

    def _go_on(self) -> None:
        if self._is_paused:
            self._talks.release()

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._keep(self._framed(record))
        except Exception:  # as every handler of Python's
            self.handleError(record)
        if self._sender is None:  # under the handler's lock
            self._sender = threading.Thread(target=self._send_all, name="log", daemon=True)
            self._sender.start()

    def _keep(self, line: bytes | None) -> None:
        while True:
            try:
                return self._lines.put_nowait(line)
            except queue.Full:
                with suppress(queue.Empty):
                    self._lines.get_nowait()
                    self._lines.task_done()
                    self._lost += 1

    def _framed(self, record: logging.LogRecord) -> bytes:
        priority = FACILITY * 8 + SEVERITIES.get(record.levelname, 6)
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        head = f"<{priority}>1 {at} {socket.gethostname()} one-on-ones {record.process} - - "
        line = (head + self.format(record)).encode()
        return b"%d %s" % (len(line), line)

    # --- in the thread ---

    def _send_all(self) -> None:
        connection: ssl.SSLSocket | None = None
        failed = 0
        line = self._lines.get()
        while line is not None:
            try:
                with self._talks:
                    connection = connection or self._connect()
                    _see_that_it_is_open(connection)
                    connection.sendall(line)
            except OSError as error:
                if connection:
                    connection.close()
                connection = None
                if not failed:
                    kind = type(error).__name__
                    logger.warning("The log's other machine is away (%s): lines wait here", kind)
                if self._ends.wait(TRY_AGAIN[min(failed, len(TRY_AGAIN) - 1)]):
                    break
                failed += 1
                continue
            self._lines.task_done()
            if lost := self._take_lost():
                logger.warning("%d lines did not reach the log's other machine", lost)
            failed = 0
            line = self._lines.get()
        if connection:
            _part(connection)

    def _take_lost(self) -> int:
        lost, self._lost = self._lost, 0
        return lost

    def _connect(self) -> ssl.SSLSocket:
        context = ssl.create_default_context(cafile=self.place.ca or None)
        if self.place.cert:
            context.load_cert_chain(self.place.cert, self.place.key or None)
        address = (self.place.host, self.place.port)
        plain = socket.create_connection(address, ANSWERS_WITHIN)
        try:
            return context.wrap_socket(plain, server_hostname=self.place.host)
        except BaseException:
            plain.close()
            raise

    # --- at the end of a process ---

    def flush(self) -> None:
        """Wait for what is not sent yet, a few seconds at most."""
        if self._sender is None or not self._sender.is_alive():
            return
        waiting = threading.Thread(target=self._lines.join, daemon=True)
        waiting.start()
        waiting.join(ENDS_WITHIN)

    def close(self) -> None:
        self._ends.set()
        if self._sender is not None and self._sender.is_alive():
            self._keep(None)
            self._sender.join(ENDS_WITHIN)
        super().close()


def _see_that_it_is_open(connection: ssl.SSLSocket) -> None:
    """Raise OSError where the other side has hung up: what one writes then is lost unseen."""
    connection.settimeout(0)
    try:
        if not connection.recv(4096):
            raise ConnectionResetError
    except ssl.SSLWantReadError:
        pass  # it has nothing to say, as it should
    finally:
        connection.settimeout(ANSWERS_WITHIN)


def _part(connection: ssl.SSLSocket) -> None:
    """Hang up once the other side has read all: one that is only closed may lose what is on it."""
    connection.settimeout(ENDS_WITHIN)
    with suppress(OSError):
        connection.unwrap()
    connection.close()
