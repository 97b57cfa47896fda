"""People who look at pages over HTTP: a session, cookies, redirects, and what each answer cost."""

import gzip
import http.client
import re
import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urljoin, urlsplit

from .machine import Site


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

    headers: dict[str, str] = {}

    def __init__(self, site: Site, person) -> None:
        self.site, self.person = site, person
        self.cookies = {"session": session_key(person), "csrf": secrets.token_hex(16)}
        self.token = self.cookies["csrf"]

    def get(self, path: str) -> Answer:
        return self._ask("GET", path, None)

    def post(self, path: str, fields: Iterable[tuple[str, str]], *, follow: bool = True) -> Answer:
        fields = [(name, value) for name, value in fields if name != "csrfmiddlewaretoken"]
        token = self.cookies["csrf"]
        return self._ask("POST", path, [*fields, ("csrfmiddlewaretoken", token)], follow=follow)

    def upload(
        self, path: str, fields: Iterable[tuple[str, str]], name: str, content: bytes
    ) -> Answer:
        """Send a form with a file in it."""
        mark = secrets.token_hex(16)
        parts = [
            f'--{mark}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
            for key, value in [*fields, ("csrfmiddlewaretoken", self.cookies["csrf"])]
        ]
        about = f'Content-Disposition: form-data; name="{name}"; filename="file"'
        parts.append(f"--{mark}\r\n{about}\r\n\r\n".encode() + content + b"\r\n")
        body = b"".join(parts) + f"--{mark}--\r\n".encode()
        return self._ask("POST", path, (f"multipart/form-data; boundary={mark}", body))

    def _ask(self, method: str, path: str, fields, *, follow: bool = True) -> Answer:
        hops: list[Answer] = []
        while True:
            answer, location = self._once(method, path, fields)
            if location is None or not follow or len(hops) == 5:
                answer.hops = hops
                return answer
            hops.append(answer)
            target = urlsplit(urljoin(path, location))
            method, fields = "GET", None
            path = target.path + (f"?{target.query}" if target.query else "")

    def _once(self, method, path, fields) -> tuple[Answer, str | None]:
        return self._at(self.site.port, method, path, fields)

    def _at(self, port: int, method, path, fields) -> tuple[Answer, str | None]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        headers |= self.headers
        body = None
        if isinstance(fields, tuple):
            headers["Content-Type"], body = fields
        elif fields is not None:
            body = urlencode(fields)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        began = time.perf_counter()
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
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


class Stranger(Visitor):
    """Somebody who has not signed in, at a network address of their choice."""

    def __init__(self, site: Site, address: str) -> None:
        self.site, self.token = site, secrets.token_hex(16)
        self.cookies = {"csrf": self.token}
        self.headers = {"X-Forwarded-For": address}

    @property
    def is_signed_in(self) -> bool:
        return "session" in self.cookies and self.get("/account/").status == 200


def session_key(person) -> str:
    """A new session of somebody who has a login, as signing in would leave it."""
    from django.conf import settings  # noqa: PLC0415 -- after django.setup()
    from django.contrib import auth  # noqa: PLC0415

    from people.models.sessions import SessionStore  # noqa: PLC0415

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
