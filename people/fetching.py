"""Files from addresses that a school has entered: http and https, never into our own network."""

import http.client
import ipaddress
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from typing import NamedTuple
from urllib.parse import SplitResult, urljoin, urlsplit

from django.conf import settings

MAX_BYTES = 5 * 1024 * 1024
MAX_HOPS = 5  # from one address to the next
SECONDS = 10  # for one answer of a server
PATIENCE = 30  # seconds for all of it
LONGEST = 2000  # letters of an address
PORTS = {"http": 80, "https": 443}
MOVED = (301, 302, 303, 307, 308)
NAT64 = ipaddress.ip_network("64:ff9b::/96")  # carries an address of the old kind

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class CannotFetch(Exception):
    """Why a file could not be fetched, in words for the person who entered its address."""


class Place(NamedTuple):
    """Where an address leads: checked before anybody connects."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def header(self) -> str:
        """As the server is told whom we mean."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


def check(url: str) -> str:
    """An address as we would fetch it; webcal:// is https://. Raises CannotFetch."""
    place(url)
    return _https(url.strip())


def place(url: str) -> Place:
    """The parts of an address. Raises CannotFetch for one that we do not fetch."""
    url = _https(url.strip())
    if len(url) > LONGEST or not url.isascii() or any(each <= " " for each in url):
        raise CannotFetch("This is not an address such as https://calendar.example/school.ics.")
    try:
        parts: SplitResult = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise CannotFetch("This is not an address. Check it for typing mistakes.") from error
    if parts.scheme not in PORTS or not host:
        raise CannotFetch("The address has to begin with https://.")
    if "@" in parts.netloc:
        raise CannotFetch("The address has a user name or password in it. Use one without.")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Place(parts.scheme, host.rstrip("."), port or PORTS[parts.scheme], path)


def fetch(url: str) -> bytes:
    """
    The file at an address, at most 5 MB, within half a minute.

    Redirects are followed by hand: each host is resolved once, all its addresses are checked, and
    the connection goes to one that was checked, so that no name can mean something else in
    between. Addresses of our own network are refused, unless FETCH_ALLOWED_HOSTS lists the host.
    Raises CannotFetch with a sentence.
    """
    ends_at = time.monotonic() + PATIENCE
    url = _https(url.strip())
    for _ in range(MAX_HOPS + 1):
        here = place(url)
        with _connected(here, ends_at) as answer:
            if answer.status not in MOVED:
                return _body(answer, here, ends_at)
            onwards = urljoin(url, answer.getheader("Location") or "")
        if here.scheme == "https" and place(onwards).scheme != "https":
            raise CannotFetch(f"{here.host} leads on to an address without https.")
        url = onwards
    raise CannotFetch("The address leads on and on. Enter the one where it ends.")


def _https(url: str) -> str:
    scheme, _, rest = url.partition("://")
    return f"https://{rest}" if scheme.lower() in ("webcal", "webcals") else url


@contextmanager
def _connected(here: Place, ends_at: float) -> Iterator[http.client.HTTPResponse]:
    """A server's answer, its body not read yet."""
    connection = http.client.HTTPConnection(here.host, here.port)
    lines: list[socket.socket] = []
    try:
        lines.append(_dial(here, ends_at))
        with _hung_up(lines, ends_at):
            if here.scheme == "https":
                secured = _secured(lines[0], here)
                lines.append(secured)
                secured.do_handshake()
            connection.sock = lines[-1]
            _ask(connection, here)
            with closing(connection.getresponse()) as answer:  # it holds on to the line
                yield answer
    except ssl.SSLCertVerificationError as error:
        raise CannotFetch(
            f"The certificate of {here.host} is not valid, so nothing was fetched."
        ) from error
    except TimeoutError as error:
        raise CannotFetch(f"{here.host} did not answer in time. Try again later.") from error
    except (OSError, http.client.HTTPException) as error:
        if time.monotonic() >= ends_at:
            raise CannotFetch(f"{here.host} did not answer in time. Try again later.") from error
        raise CannotFetch(
            f"{here.host} cannot be reached, or breaks off. Try again later."
        ) from error
    finally:
        connection.close()
        for line in lines:
            line.close()


def _ask(connection: http.client.HTTPConnection, here: Place) -> None:
    connection.putrequest("GET", here.path, skip_host=True, skip_accept_encoding=True)
    connection.putheader("Host", here.header)
    connection.putheader("Accept", "text/calendar, text/csv, */*;q=0.5")
    connection.putheader("Accept-Encoding", "identity")
    connection.putheader("User-Agent", "One-on-Ones")
    connection.putheader("Connection", "close")
    connection.endheaders()


@contextmanager
def _hung_up(lines: Sequence[socket.socket], ends_at: float) -> Iterator[None]:
    """Hang up the last line when the time is over, however slowly the other side goes on."""

    def hang_up() -> None:
        with suppress(OSError):  # the other side may have hung up itself
            lines[-1].shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(max(0.0, ends_at - time.monotonic()), hang_up)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _dial(here: Place, ends_at: float) -> socket.socket:
    """A connection to an address of the host that was checked."""
    trouble: OSError | None = None
    for address in _addresses(here):
        try:
            patience = min(SECONDS, ends_at - time.monotonic())
            if patience <= 0:
                raise TimeoutError
            return socket.create_connection((address, here.port), timeout=patience)
        except OSError as error:
            trouble = error
    raise trouble or OSError("no address")


def _secured(line: socket.socket, here: Place) -> ssl.SSLSocket:
    context = ssl.create_default_context()
    return context.wrap_socket(line, server_hostname=here.host, do_handshake_on_connect=False)


def _addresses(here: Place) -> list[str]:
    """All addresses of a host. Raises CannotFetch if one of them is not for us to ask."""
    try:
        found = socket.getaddrinfo(here.host, here.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise CannotFetch(f"There is no server called {here.host}.") from error
    addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
    allowed = {each.lower() for each in settings.FETCH_ALLOWED_HOSTS}
    if not {here.host, f"{here.host}:{here.port}"} & allowed:
        for address in addresses:
            if not is_public(ipaddress.ip_address(address.partition("%")[0])):
                raise CannotFetch(
                    f"{here.host} is inside a network of its own, which is not fetched from. "
                    "Who runs this server can allow it."
                )
    return addresses


def is_public(address: Address) -> bool:
    """Whether an address is one that anybody on the internet could ask."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
        if address.is_site_local:
            return False
    return address.is_global and not address.is_multicast


def _body(answer: http.client.HTTPResponse, here: Place, ends_at: float) -> bytes:
    _require_a_file(answer, here)
    unpack = _unpacking(answer, here)
    content = bytearray()
    while piece := answer.read1(64 * 1024):
        try:
            content += unpack(piece, MAX_BYTES + 1 - len(content)) if unpack else piece
        except zlib.error as error:
            raise CannotFetch(f"{here.host} sends a damaged file.") from error
        if len(content) > MAX_BYTES:
            raise CannotFetch("The file is larger than 5 MB.")
    if time.monotonic() >= ends_at:
        raise CannotFetch(f"{here.host} did not answer in time. Try again later.")
    if answer.length:
        raise CannotFetch(f"{here.host} breaks off in the middle of the file. Try again later.")
    return bytes(content)


def _require_a_file(answer: http.client.HTTPResponse, here: Place) -> None:
    if answer.status in (401, 403):
        raise CannotFetch(f"{here.host} asks for a sign-in. Use an address that needs none.")
    if answer.status in (404, 410):
        raise CannotFetch(f"{here.host} has nothing at this address any more.")
    if answer.status != 200:
        raise CannotFetch(f"{here.host} answers with error {answer.status}. Try again later.")


def _unpacking(
    answer: http.client.HTTPResponse, here: Place
) -> Callable[[bytes, int], bytes] | None:
    """What unpacks a piece of the file, to so many bytes at most; None where nothing is packed."""
    encoding = (answer.getheader("Content-Encoding") or "identity").strip().lower()
    if encoding == "identity":
        return None
    if encoding not in ("gzip", "x-gzip"):
        raise CannotFetch(f"{here.host} sends the file packed in a way that cannot be read.")
    return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress
