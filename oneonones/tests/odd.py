"""Forms as they stand on a page, and what nobody would put into them."""

import inspect
import json
import re
from typing import NamedTuple
from urllib.parse import quote_plus, urlsplit

from bs4 import BeautifulSoup
from django import forms
from django.urls import resolve
from hypothesis import strategies as st

BOUNDARY = "odd-input"
ASKED_FOR = re.compile(r'\b(?:GET|POST)(?:\.get|\.getlist)?[(\[]"(\w+)"')
KEYS = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+")

# What a person would type where the page has nothing yet
PLAUSIBLE = {
    "date": "2026-10-20",
    "datetime-local": "2026-10-20T09:00",
    "email": "vera.lind@school.example",
    "number": "1",
    "tel": "555 0100",
    "time": "09:00",
    "url": "https://school.example/days.ics",
}

TEXTS = [
    "", " ", "\0", "a\0b", "\r\n", "\t=1+1", "x" * 300, "x" * 70_000, "%00", "%", "\\", "%s%n",
    b"\xff", b"\xed\xa0\x80", b"\xc3", b"\xf4\x90\x80\x80", "'\"><b>", "{{ 7 }}", "İıſß", "\ufffe",
    "\u202egnp.exe", "\u2066\u200f\ufeff", "\u2028", "e\u0301" * 40, "\U0001f469\u200d\U0001f3eb",
]  # fmt: skip
NUMBERS = [
    "0", "-1", "1.5", "1e9", "NaN", "Infinity", "-0", "+1", " 1 ", "1_0", "٣", "²", "½", "0x10",
    "32768", "2147483648", "9223372036854775807", "9223372036854775808", "9" * 30, "9" * 5_000,
]  # fmt: skip
TIMES = [
    "0000-01-01", "0001-01-01", "9999-12-31", "10000-01-01", "1900-01-01", "2026-10-20",
    "2026-02-29", "2024-02-29", "2026-13-45", "20/10/2026", "2026-W43-2", "2026-10-20T09:00",
    "0001-01-01T00:00", "9999-12-31T23:59", "2026-10-25T01:30", "2026-10-20T09:00+99:99",
    "00:00", "23:59", "24:00", "25:61", "99:99", "9", "00:00:00.000001",
]  # fmt: skip
WORDS = [
    "on", "true", "None", "null", "[]", "{}", '{"a": [1]}', "[" * 2_000, "1,2,3", "1-1",
    "@", "a@b@c", "a@" + "b" * 300, "vera@school.example", "//elsewhere.example/", "http://[",
    "https://:99999/", "javascript:alert(1)", "../../etc/passwd", "Pacific/Apia",
    "00000000-0000-0000-0000-000000000000", "weekly", "monthly", "teacher", "apply", "preview",
]  # fmt: skip
VALUES = st.one_of(
    st.sampled_from(TEXTS),
    st.sampled_from(NUMBERS),
    st.sampled_from(TIMES),
    st.sampled_from(WORDS),
    st.text(max_size=30),
    st.integers().map(str),
    st.dates().map(str),
)
FILES = [
    b"", b"\0", b'"', b"\xef\xbb\xbf", b"\xff\xfe\0\0", b"\x89PNG\r\n\x1a\n\0\xff", b"\n" * 5_000,
    b"PK\x05\x06" + bytes(18), b"PK\x03\x04\x14\0" + bytes(900), "Ünïcode;\n".encode("utf-16"),
    b"a," * 20_000, b"role\n" + b"x" * 200_000,
    b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:99999999T999999\r\nRRULE:FREQ=SECONDLY\r\nEND:",
]  # fmt: skip
FILE_NAMES = ["a.csv", "", "a\0b.csv", "../../a.zip", "x" * 300, "\u202evsc.exe"]
TYPES = [
    "text/plain",
    "application/json",
    "multipart/form-data",
    "multipart/form-data; boundary=",
    "application/x-www-form-urlencoded; charset=utf-7",
    "application/x-www-form-urlencoded; charset=no-such-thing",
]


class Post(NamedTuple):
    """What is sent; said in short, for it may be large."""

    body: bytes
    content_type: str

    def __repr__(self):
        return f"Post({self.body[:1000]}, {self.content_type!r})"


class Form(NamedTuple):
    """Where a form leads, and what a browser would send with it."""

    address: str
    method: str
    pairs: tuple  # name and value, as the page stands, gaps filled
    others: tuple  # name and value of what is not chosen, buttons among them
    files: tuple  # names

    @property
    def view(self):
        return resolve(urlsplit(self.address).path).view_name

    @property
    def kind(self):
        """What two forms have in common that differ only in whom or what they are about."""
        names = {name for name, _ in self.pairs + self.others} | set(self.files)
        return self.view, self.method, frozenset(KEYS.sub("#", name) for name in names)


def forms_of(page, address):
    """Every form of a page, and every element that sends something by itself."""
    soup = BeautifulSoup(page, "html.parser")
    for form in soup("form"):
        elsewhere = soup.select(f'[form="{form["id"]}"]') if form.get("id") else []
        yield _read(
            form.get("action") or address,
            form.get("method", "get").lower(),
            [*form(["input", "select", "textarea", "button"]), *elsewhere],
        )
    for element in soup.select(":not(form)[hx-post]"):
        sent = json.loads(element.get("hx-vals", "{}"))
        yield Form(element["hx-post"], "post", tuple((k, str(v)) for k, v in sent.items()), (), ())


def _read(address, method, controls):
    pairs, others, files = [], [], []
    for control in controls:
        name, kind = control.get("name"), control.get("type", control.name)
        if not name or name == "csrfmiddlewaretoken":
            continue
        if kind == "file":
            files.append(name)
        elif control.name == "select":
            options = control("option")
            chosen = [each for each in options if each.has_attr("selected")] or options[:1]
            for option in options:
                (pairs if option in chosen else others).append((name, option.get("value", "")))
        elif kind in ("checkbox", "radio"):
            pair = (name, control.get("value", "on"))
            (pairs if control.has_attr("checked") else others).append(pair)
        elif control.name == "button" or kind == "submit":
            others.append((name, control.get("value", "")))
        else:
            text = control.text if control.name == "textarea" else control.get("value")
            gap = PLAUSIBLE.get(kind, "Vera") if control.has_attr("required") else ""
            pairs.append((name, text or gap))
    return Form(address, method, tuple(pairs), tuple(others), tuple(files))


def names_read_by(address):
    """What the module of a view takes from a request, by its words and by its forms."""
    module = inspect.getmodule(inspect.unwrap(resolve(urlsplit(address).path).func))
    names = set(ASKED_FOR.findall(inspect.getsource(module)))
    for thing in vars(module).values():
        if isinstance(thing, type) and issubclass(thing, forms.BaseForm):
            names |= set(thing.base_fields)
    return sorted(names)


@st.composite
def pairs_of(draw, form, more=()):
    """What the form would send, with up to three of its fields missing, doubled or odd."""
    pairs = list(form.pairs)
    if form.others:
        pairs += draw(st.lists(st.sampled_from(form.others), max_size=2))
    names = sorted({name for name, _ in (*pairs, *form.others)} | set(more)) or ["page"]
    if draw(st.integers(0, 9)) == 0:
        return [(name, draw(VALUES)) for name in names[: draw(st.integers(0, 20))]]
    for name in draw(st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True)):
        how = draw(st.sampled_from(["odd", "odd", "odd", "missing", "doubled"]))
        if how != "doubled":
            pairs = [pair for pair in pairs if pair[0] != name]
        if how != "missing":
            pairs.append((name, draw(VALUES)))
    return pairs


@st.composite
def files_of(draw, form, sample=b""):
    """A file for each place of the form that takes one: odd, or a good one cut or changed."""
    files = []
    for name in form.files:
        content = draw(st.sampled_from(FILES))
        if sample and draw(st.booleans()):
            at = draw(st.integers(0, len(sample)))
            content = sample[:at] + draw(st.sampled_from([b"", b"\0", b"\xff", b'"', b"," * 99]))
            content += draw(st.sampled_from([b"", sample[at:], sample]))
        if draw(st.integers(0, 5)):
            files.append((name, draw(st.sampled_from(FILE_NAMES)), content))
    return files


@st.composite
def posts(draw, form, more=(), sample=b""):
    """All of a form, sent in the manner of browsers or in another."""
    pairs = draw(pairs_of(form, more))
    files = draw(files_of(form, sample))
    if draw(st.integers(0, 19)) == 0:
        return Post(quoted(pairs).encode(), draw(st.sampled_from(TYPES)))
    if form.files:
        return uploaded(pairs, files)
    return Post(quoted(pairs).encode(), "application/x-www-form-urlencoded")


def quoted(pairs):
    return "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in pairs)


def uploaded(pairs, files):
    """As a browser sends it, but that any byte may stand in it: Django's own encodes text only."""
    lines = []
    for name, value in pairs:
        lines += [f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n'.encode()]
        lines += [value if isinstance(value, bytes) else value.encode()]
    for name, title, content in files:
        heads = f'Content-Disposition: form-data; name="{name}"; filename="{title}"'
        lines += [f"--{BOUNDARY}\r\n{heads}\r\nContent-Type: text/plain\r\n".encode(), content]
    body = b"\r\n".join([*lines, f"--{BOUNDARY}--\r\n".encode()])
    return Post(body, f"multipart/form-data; boundary={BOUNDARY}")
