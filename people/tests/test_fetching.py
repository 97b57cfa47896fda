"""What is fetched, what is refused, and what goes wrong: on real servers on this machine."""

import gzip
import ipaddress
import socket
import ssl
import time
from pathlib import Path

import pytest

from people import fetching
from people.fetching import CannotFetch, check, fetch, is_public
from people.tests.file_server import FILE, Server

CERTIFICATE = Path(__file__).with_name("localhost.pem")


@pytest.fixture
def server(settings):
    settings.FETCH_ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
    with Server() as server:
        yield server
        server.shutdown()


def test_a_file_is_fetched(server):
    assert fetch(server.address()) == FILE

    [(path, headers)] = server.asked
    assert path == "/school.ics"
    assert headers["Host"] == f"127.0.0.1:{server.server_port}"
    assert "Cookie" not in headers
    assert "Authorization" not in headers


def test_what_the_address_asks_for_is_kept(server):
    server.answers["/a?term=1&x=%20"] = (200, {}, b"yes")

    assert fetch(server.address("/a?term=1&x=%20#part")) == b"yes"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed(server, status):
    server.answers["/old"] = (status, {"Location": "/school.ics"}, b"")

    assert fetch(server.address("/old")) == FILE


def test_redirects_that_never_end_are_left(server):
    server.answers["/old"] = (302, {"Location": "/old"}, b"")

    with pytest.raises(CannotFetch, match="leads on and on"):
        fetch(server.address("/old"))
    assert len(server.asked) == 6


@pytest.mark.parametrize(
    ("location", "sentence"),
    [
        ("http://10.0.0.7/", "inside a network of its own"),
        ("http://169.254.169.254/latest/meta-data/", "inside a network of its own"),
        ("http://[::1]/", "inside a network of its own"),
        ("file:///etc/passwd", "begin with https://"),
        ("http://me:secret@127.0.0.1/", "user name or password"),
    ],
)
def test_redirects_are_checked_like_the_first_address(server, location, sentence):
    server.answers["/old"] = (302, {"Location": location}, b"")

    with pytest.raises(CannotFetch, match=sentence):
        fetch(server.address("/old"))


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://localhost/",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f.0.0.1/",
        "http://[::ffff:127.0.0.1]/",
        "http://0.0.0.0/",
        "http://10.1.2.3/",
        "http://172.16.0.1/",
        "http://192.168.1.1/",
        "http://100.64.0.1/",
        "http://169.254.169.254/",
        "http://[fe80::1]/",
        "http://[fc00::1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[2002:7f00:1::]/",
        "http://224.0.0.1/",
        "http://[ff02::1]/",
    ],
)
def test_our_own_network_is_not_fetched_from(url):
    with pytest.raises(CannotFetch, match="network of its own"):
        fetch(url)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("1.1.1.1", True),
        ("2606:4700:4700::1111", True),
        ("64:ff9b::101:101", True),
        ("2002:101:101::", True),
        ("198.18.0.1", False),
        ("255.255.255.255", False),
        ("fec0::1", False),
        ("2001:db8::1", False),
    ],
)
def test_what_anybody_could_ask(address, expected):
    assert is_public(ipaddress.ip_address(address)) is expected


def test_only_the_listed_port_of_a_host_is_allowed(server, settings):
    settings.FETCH_ALLOWED_HOSTS = [f"127.0.0.1:{server.server_port}"]
    assert fetch(server.address()) == FILE

    settings.FETCH_ALLOWED_HOSTS = ["127.0.0.1:1"]
    with pytest.raises(CannotFetch, match="network of its own"):
        fetch(server.address())


def test_a_name_is_resolved_once_and_its_checked_address_is_used(server, settings, monkeypatch):
    """A name that means something else the second time is never asked a second time."""
    settings.FETCH_ALLOWED_HOSTS = ["calendar.example"]
    asked = []

    def resolve(host, port, *args, **kwargs):
        asked.append(host)
        assert asked == ["calendar.example"]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *rest, **how: (
            resolve(host, *rest, **how) if host == "calendar.example" else real(host, *rest, **how)
        ),
    )

    assert fetch(server.address(host="calendar.example")) == FILE


def test_one_inner_address_among_outer_ones_is_enough_to_refuse(monkeypatch):
    found = [(socket.AF_INET, 1, 6, "", (each, 80)) for each in ("1.1.1.1", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: found)

    with pytest.raises(CannotFetch, match="network of its own"):
        fetch("http://mixed.example/")


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("", "begin with https"),
        ("school.ics", "begin with https"),
        ("ftp://example.org/a", "begin with https"),
        ("file:///etc/passwd", "begin with https"),
        ("https://", "begin with https"),
        ("https://user@example.org/", "user name or password"),
        ("https://user:word@example.org/", "user name or password"),
        ("https://exa mple.org/", "not an address"),
        ("https://example.org/a\r\nX: y", "not an address"),
        ("https://example.org:99999/", "typing mistakes"),
        ("https://[::1/", "typing mistakes"),
        ("https://exämple.org/", "not an address"),
        ("https://example.org/" + "a" * 2000, "not an address"),
    ],
)
def test_what_is_no_address_is_refused_in_words(url, sentence):
    with pytest.raises(CannotFetch, match=sentence):
        check(url)
    with pytest.raises(CannotFetch, match=sentence):
        fetch(url)


def test_calendar_addresses_are_known():
    assert check(" webcal://example.org/a.ics ") == "https://example.org/a.ics"


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (401, "asks for a sign-in"),
        (403, "asks for a sign-in"),
        (404, "nothing at this address"),
        (410, "nothing at this address"),
        (204, "answers with error 204"),
        (500, "answers with error 500"),
    ],
)
def test_answers_without_a_file_are_said_in_words(server, status, sentence):
    server.answers["/school.ics"] = (status, {}, b"")

    with pytest.raises(CannotFetch, match=sentence):
        fetch(server.address())


def test_too_large_files_are_left(server):
    server.answers["/school.ics"] = (200, {"Content-Length": None}, b"x" * (5 * 1024 * 1024 + 1))

    with pytest.raises(CannotFetch, match="larger than 5 MB"):
        fetch(server.address())


def test_packed_files_are_unpacked_as_far_as_allowed(server):
    server.answers["/school.ics"] = (200, {"Content-Encoding": "gzip"}, gzip.compress(FILE))
    assert fetch(server.address()) == FILE

    bomb = gzip.compress(b"x" * (50 * 1024 * 1024))
    server.answers["/school.ics"] = (200, {"Content-Encoding": "gzip"}, bomb)
    with pytest.raises(CannotFetch, match="larger than 5 MB"):
        fetch(server.address())

    server.answers["/school.ics"] = (200, {"Content-Encoding": "gzip"}, b"not packed")
    with pytest.raises(CannotFetch, match="damaged"):
        fetch(server.address())

    server.answers["/school.ics"] = (200, {"Content-Encoding": "br"}, b"x")
    with pytest.raises(CannotFetch, match="packed in a way"):
        fetch(server.address())


def test_a_server_that_breaks_off(server):
    server.answers["/school.ics"] = (200, {"Content-Length": "1000"}, b"half")

    with pytest.raises(CannotFetch, match="breaks off"):
        fetch(server.address())


@pytest.mark.parametrize("slowly", ["body", "headers"])
def test_a_server_that_goes_on_for_ever_is_hung_up_on(server, monkeypatch, slowly):
    """Each piece comes in time; all of it does not."""
    monkeypatch.setattr(fetching, "PATIENCE", 0.4)
    if slowly == "body":
        server.answers["/school.ics"] = (200, {"Content-Length": "1000"}, [b"x"] * 100)
    else:
        server.answers["/school.ics"] = (302, {"Location": "/school.ics"}, [b""] * 4)
    begins = time.monotonic()

    with pytest.raises(CannotFetch, match=r"in time|leads on"):
        fetch(server.address())

    assert time.monotonic() - begins < 3


def test_a_server_that_says_nothing(settings, monkeypatch):
    settings.FETCH_ALLOWED_HOSTS = ["127.0.0.1"]
    monkeypatch.setattr(fetching, "SECONDS", 0.2)
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        pytest.raises(CannotFetch, match="did not answer in time"),
    ):
        fetch(f"http://127.0.0.1:{silent.getsockname()[1]}/")


def test_a_server_that_is_not_there(settings):
    settings.FETCH_ALLOWED_HOSTS = ["127.0.0.1"]
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

    with pytest.raises(CannotFetch, match="cannot be reached"):
        fetch(f"http://127.0.0.1:{port}/")


def test_a_name_that_is_not_there(monkeypatch):
    def nobody(*args, **kwargs):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)

    with pytest.raises(CannotFetch, match=r"no server called calendar\.example"):
        fetch("https://calendar.example/")


@pytest.fixture
def secure(server):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    return server


def test_certificates_are_checked(secure, monkeypatch):
    with pytest.raises(CannotFetch, match="certificate of localhost is not valid"):
        fetch(secure.address(host="localhost", scheme="https"))

    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))  # as whoever runs the server trusts it
    assert fetch(secure.address(host="localhost", scheme="https")) == FILE


def test_https_does_not_lead_to_http(secure, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    secure.answers["/old"] = (302, {"Location": "http://localhost/"}, b"")

    with pytest.raises(CannotFetch, match="without https"):
        fetch(secure.address("/old", host="localhost", scheme="https"))


def test_a_plain_server_where_https_is_expected(server):
    with pytest.raises(CannotFetch, match="cannot be reached"):
        fetch(server.address(host="localhost", scheme="https"))
