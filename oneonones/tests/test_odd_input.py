"""
Nothing that anybody sends is an error of ours: every form on every page of the table of access and
of signing in, and every address with odd words in it or behind it, as each of those who get there.

Hypothesis chooses what is sent, the same each time; ODD_INPUT=100 has it choose anew, so many of
each.
"""

import logging
import os

import pytest
from django.db import connection, transaction
from django.http.cookie import SimpleCookie
from django.test import Client
from django.urls import NoReverseMatch, reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from people.tests.oneroster.bundles import UNTIDY, zipped

from . import odd
from .test_access import ACCESS, LIKE, OTHERWISE, POST_ONLY, VISITORS
from .test_allauth import ADDRESSES, ARGUMENTS
from .world import arguments, made_world

pytestmark = pytest.mark.django_db

MANY = os.environ.get("ODD_INPUT")
# A good file for each page that takes one
SAMPLES = {
    "people:oneroster_import": zipped(UNTIDY),
    "people:roster_import": b"role,given name,family name,id\nteacher,Vera,Lind,1\n",
    "scheduling:bell_import": b"schedule,period,start,end\nDrill,Period 1,9:00,9:30\n",
    "scheduling:closure_import": b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Planning Day"
    b"\r\nDTSTART;VALUE=DATE:20261201\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
    "scheduling:district_schools_import": b"name,number\nCreek Bay School,10\n",
    "scheduling:lesson_import": b"day,period,teachers,subject\n1,Period 1,LH,English\n",
}


# Those who see most come first
WHO = ["host", "admin", "attendee", "counselor", "district", "elsewhere", "itinerant"]
WHO += [each for each in VISITORS if each not in WHO]


def tried(examples):
    """How Hypothesis is to choose: a few and always the same, or as many as one asks for."""
    return settings(
        database=None,
        deadline=None,
        derandomize=not MANY,
        max_examples=int(MANY or examples),
        suppress_health_check=list(HealthCheck),
    )


def who_tries(row):
    """The first two who are let in, or sent on; all of them where much is asked for."""
    if row not in ACCESS:
        return ["anonymous", "host"]
    let_in = [each for each in WHO if expected_of(each, row) in (200, 302)]
    if row[0] == "readyz":  # says 503 in the suite, and rightly: no worker runs
        return []
    return let_in if MANY else let_in[:2] or ["anonymous"]


def expected_of(visitor, row):
    """What the table of access says that a visitor is answered."""
    other = LIKE.get(visitor, visitor)
    return OTHERWISE.get(visitor, {}).get(row, ACCESS[row][VISITORS.index(other)])


ROWS = [*ACCESS, *((each, None) for each in ADDRESSES)]
TRIED = {each: [row for row in ROWS if each in who_tries(row)] for each in WHO}
TRIED = {visitor: rows for visitor, rows in TRIED.items() if rows}


class Site:
    """The site and its people; nothing that is asked of it stays."""

    def __init__(self, world):
        self.world = world
        self.cookies = {}
        for visitor, user in world.people.items():
            client = Client()
            client.force_login(user)
            self.cookies[visitor] = client.cookies.output()
        self.addresses = {
            row: reverse(
                row[0], args=arguments(world, row[1]) if row in ACCESS else ARGUMENTS.get(row[0])
            )
            for row in ROWS
        }

    def asked(self, visitor, method, address, *, before=None, by_htmx=False, **options):
        """What a visitor is answered, maybe after a post somewhere else."""
        client = Client(headers={"HX-Request": "true"} if by_htmx else {})
        client.cookies = SimpleCookie(self.cookies.get(visitor, "").replace("Set-Cookie: ", ""))
        start = transaction.savepoint()
        try:
            if before:
                place, (body, content_type) = before
                client.generic("POST", place, body, content_type)
            response = client.generic(method, address, **options)
        finally:
            connection.needs_rollback = False
            transaction.savepoint_rollback(start)
        return response

    def posted(self, visitor, address, post, **options):
        body, content_type = post
        return self.asked(visitor, "POST", address, data=body, content_type=content_type, **options)

    def pages(self, visitor):
        """Each page that a visitor may open."""
        for row in TRIED[visitor]:
            if row[0] not in POST_ONLY:
                response = self.asked(visitor, "GET", self.addresses[row])
                if response.status_code == 200 and "html" in response["Content-Type"]:
                    yield self.addresses[row], response.text

    def forms(self, visitor):
        """Each kind of form once, with what is posted before it stands on a page."""
        found = {}
        for address, page in self.pages(visitor):
            for form in odd.forms_of(page, address):
                found.setdefault(form.kind, (form, None))
        for form, _ in list(found.values()):
            if sample := SAMPLES.get(form.view):
                files = [(name, "a.csv", sample) for name in form.files]
                before = (form.address, odd.uploaded([*form.pairs, *form.others[-1:]], files))
                place = self.posted(visitor, *before).url
                preview = self.asked(visitor, "GET", place, before=before)
                for each in odd.forms_of(preview.text, place):
                    found.setdefault(each.kind, (each, before))
        return list(found.values())


@pytest.fixture
def site(now):
    logging.disable()  # thousands of refusals are not news
    yield Site(made_world())
    logging.disable(logging.NOTSET)


def answered(response):
    """Whether it is an answer: no error of ours, and something to read or somewhere to go."""
    if response.content or response.status_code in (204, 302, 304, 405):
        return response.status_code < 500
    return response.resolver_match.view_name == "csp_report"  # browsers read no pages


@pytest.mark.parametrize("visitor", TRIED)
def test_forms(site, visitor):
    each_of(lambda form, before: fill_in(site, visitor, form, before), site.forms(visitor))


@pytest.mark.any_database  # forms are what writes; they are tried on both
@pytest.mark.parametrize("visitor", TRIED)
def test_addresses(site, visitor):
    each_of(lambda *row: ask(site, visitor, row), TRIED[visitor])


def each_of(test, cases):
    """Try each, and tell of all that failed."""
    errors = []
    for case in cases:
        try:
            test(*case)
        except Exception as error:
            error.add_note(str(case)[:300])
            errors.append(error)
    if errors:
        raise ExceptionGroup("odd input", errors)


def fill_in(site, visitor, form, before):
    names = odd.names_read_by(form.address)

    @tried(4)
    @given(odd.posts(form, names, SAMPLES.get(form.view, b"")), st.booleans())
    def filled_in(post, by_htmx):
        if form.method == "post":
            response = site.posted(visitor, form.address, post, before=before, by_htmx=by_htmx)
        else:
            address = f"{form.address}?{post.body.decode()}"
            response = site.asked(visitor, "GET", address, by_htmx=by_htmx)

        assert answered(response)

    filled_in()


def ask(site, visitor, row):
    """Odd words in an address where it has room for words, behind it, and in a body."""
    name, address = row[0], site.addresses[row]
    names = odd.names_read_by(address)
    nothing = odd.Form(address, "post", (), (), ())
    words = arguments(site.world, row[1]) if row in ACCESS else []

    @tried(3)
    @given(st.data(), st.booleans())
    def asked(data, by_htmx):
        place = odd_address(data, name, words) or address
        place += "?" + odd.quoted(data.draw(odd.pairs_of(nothing, names)))
        if name in POST_ONLY:
            response = site.posted(
                visitor, place, data.draw(odd.posts(nothing, names)), by_htmx=by_htmx
            )
        else:
            response = site.asked(visitor, "GET", place, by_htmx=by_htmx)

        assert answered(response)

    asked()


def odd_address(data, name, words):
    """The address with another word in place of one of its own, where it has any."""
    places = [place for place, word in enumerate(words) if isinstance(word, str)]
    if not places:
        return None
    at, word = data.draw(st.sampled_from(places)), data.draw(odd.VALUES)
    try:
        return reverse(name, args=[*words[:at], word, *words[at + 1 :]])
    except NoReverseMatch:
        return None


ODD_HEADERS = {
    "Accept-Language": ["", "xx-" + "y" * 3_000, "en;q=9e99", "\xff", "de,,;;"],
    "Cookie": ["session=\x00", "session=" + "x" * 5_000, "csrf=;;=,", "session", "\xff=\xff"],
    "Host": ["", "elsewhere.example", "localhost:99999999", "local host", "[::1", "\xff"],
    "HX-Current-URL": ["", "http://[", "javascript:1", "\xff", "x" * 5_000],
    "Referer": ["http://[", "//", "\xff"],
    "User-Agent": ["", "\x00", "\xff", "Mozilla/5.0 (" * 900],
    "X-Forwarded-For": ["", "1.2.3", "\xff", "1," * 2_000, "::1%eth0"],
}


def test_headers(site):
    for name, values in ODD_HEADERS.items():
        for value in values:
            for address in (reverse("account_login"), reverse("scheduling:today")):
                for method in ("GET", "POST"):
                    response = site.asked("host", method, address, headers={name: value})

                    assert answered(response), (name, value)
