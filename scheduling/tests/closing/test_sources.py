"""The address of the school's calendar: kept as a secret, looked at by night, never obeyed."""

import logging
from datetime import date, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.urls import reverse

from audit import keyring
from audit.models import Event
from conftest import NOW
from people.fetching import CannotFetch
from people.models import OutgoingMail
from people.sealed import key_of
from people.sheets import CannotRead
from people.tests.factories import PersonFactory
from people.tests.file_server import Server
from scheduling import actions, jobs, keeping, looking
from scheduling.models import CalendarSource
from scheduling.tests.calendar_pages.calendar_page import CALENDAR, enter, told, url
from scheduling.tests.calendar_pages.test_closure_files import fields, text_of

from .ics import BREAK, SNOW, calendar, day

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

IMPORT, PREVIEW = url("closure_import"), url("closure_preview")
LOOK, FORGET = url("closure_look"), url("closure_forget")
SECRET = "private-0123456789abcdef"
PATH = f"/calendar/{SECRET}/basic.ics"
FRIDAY = date(2026, 10, 16)
NIGHT = NOW + timedelta(days=1, hours=3)  # six in the morning in New York


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.VAR_DIR = tmp_path


@pytest.fixture
def server(settings):
    settings.FETCH_ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
    with Server() as server:
        server.answers[PATH] = (200, {}, calendar(day("Thanksgiving Break", *BREAK)))
        yield server
        server.shutdown()


@pytest.fixture
def client(client, administrator):
    return enter(client, administrator)


@pytest.fixture
def source(school, server):
    return actions.keep_address(school, by=None, at=NOW, address=server.address(PATH))


def publish(server, *events, status=200):
    server.answers[PATH] = (status, {}, calendar(*events))


def night(at=NIGHT):
    with time_machine.travel(at, tick=False):
        jobs.look_at_calendars()


def test_an_address_is_shown_first_and_kept_sealed(client, school, server):
    shown = client.post(IMPORT, {"address": f"  {server.address(PATH)} "}, follow=True)

    assert shown.redirect_chain == [(PREVIEW, 302)]
    assert "Thanksgiving Break" in shown.text
    assert not school.closures.exists()
    source = CalendarSource.objects.get()
    assert (source.host, source.error, source.has_news) == ("127.0.0.1", "", False)
    assert SECRET not in source.sealed
    assert keeping.open_address(source) == server.address(PATH)
    done = client.post(PREVIEW, fields(shown), follow=True)
    assert [each.name for each in school.closures.all()] == ["Thanksgiving Break"]
    for page in (shown, done, client.get(CALENDAR), client.get(IMPORT)):
        assert SECRET not in page.text
    assert "127.0.0.1" in client.get(CALENDAR).text
    assert all(SECRET not in str(each.about) + each.basis for each in Event.objects.all())
    assert Event.objects.filter(act="calendar.change", basis="address.keep").exists()
    assert SECRET not in str(dict(client.session))


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ((404, {}, b""), "has nothing at this address any more."),
        ((401, {}, b""), "asks for a sign-in."),
        ((500, {}, b""), "answers with error 500."),
        ((200, {}, b"<html>Sign in to see this calendar</html>"), "This is a web page"),
        ((200, {}, b""), "The file is empty."),
        ((200, {}, calendar()), "This calendar has no events."),
        ((302, {"Location": "http://10.0.0.7/x.ics"}, b""), "inside a network of its own"),
        ((200, {"Content-Length": "9999"}, b"BEGIN:VCALENDAR"), "breaks off in the middle"),
    ],
)
def test_an_address_that_gives_no_calendar_is_not_kept(client, school, server, answer, sentence):
    server.answers[PATH] = answer

    response = client.post(IMPORT, {"address": server.address(PATH)})

    assert sentence in text_of(response)
    assert server.address(PATH) in response.text  # as it was typed, to be mended
    assert not CalendarSource.objects.exists()


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({}, "Choose a file, or enter an address."),
        ({"address": "not an address"}, "This is not an address"),
        ({"address": "ftp://school.example/x.ics"}, "has to begin with https://"),
        ({"address": "file:///etc/passwd"}, "has to begin with https://"),
        ({"address": "https://me:secret@school.example/x.ics"}, "user name or password"),
        ({"address": "https://school.example/" + "x" * 2000}, "too long"),
        ({"address": "https://127.0.0.1/x.ics"}, "inside a network of its own"),
        ({"address": "webcal://[::1]/x.ics"}, "inside a network of its own"),
    ],
)
def test_what_is_no_address_is_refused_in_words(client, school, sent, sentence):
    assert sentence in text_of(client.post(IMPORT, sent))
    assert not CalendarSource.objects.exists()


def test_the_night_tells_what_has_changed_and_changes_nothing(client, school, server, source):
    client.post(PREVIEW, fields(client.post(LOOK, follow=True)))
    publish(server, day("Snow day", SNOW), day("PD day", FRIDAY), day("Picture Day", SNOW))
    before = list(school.closures.values())

    night()

    source.refresh_from_db()
    assert (source.news, source.looked_at, source.news_since) == ("2 new, 1 gone", NIGHT, NIGHT)
    assert list(school.closures.values()) == before
    assert not OutgoingMail.objects.exists()
    page = text_of(client.get(CALENDAR))
    assert "It has changed since 13 October: 2 new, 1 gone." in page
    assert "See what has changed" in page
    setup = text_of(client.get(reverse("people:setup")))
    assert "Your calendar has changed: 2 new, 1 gone." in setup

    shown = client.post(LOOK, follow=True)
    client.post(PREVIEW, fields(shown))
    source.refresh_from_db()
    assert not source.has_news
    assert source.news_since is None
    night(NIGHT + timedelta(days=1))
    source.refresh_from_db()
    assert not source.has_news


def test_news_keep_their_day_until_somebody_looks(school, server, source):
    publish(server, day("Snow day", SNOW + timedelta(days=2)))
    night()
    publish(server, day("Snow day", SNOW + timedelta(days=2)), day("PD day", BREAK[1]))
    night(NIGHT + timedelta(days=1))

    source.refresh_from_db()
    assert (source.news, source.news_since) == ("2 new", NIGHT)


def test_a_calendar_is_looked_at_once_a_night_by_the_schools_clock(school, server, source):
    for hours in (-30, -4.5, 0, 1, 20):  # 13 October, half past one, six, seven; 14 October, two
        night(NIGHT + timedelta(hours=hours))
    assert len(server.asked) == 1

    night(NIGHT + timedelta(hours=22))
    assert len(server.asked) == 2


def test_a_message_that_comes_twice_is_one_look(school, server, source):
    with time_machine.travel(NIGHT, tick=False):
        jobs.look_at_calendar(source.pk)
        jobs.look_at_calendar(source.pk)
        jobs.look_at_calendar(source.pk + 1)  # forgotten in between

    assert len(server.asked) == 1


def test_a_calendar_that_cannot_be_fetched_says_since_when(client, school, server, source):
    publish(server, status=404)
    night()
    night(NIGHT + timedelta(days=1))

    source.refresh_from_db()
    assert (source.failed_since, source.tried_at) == (NIGHT, NIGHT + timedelta(days=1))
    words = "127.0.0.1 has nothing at this address any more."
    assert source.error == words
    assert f"It could not be fetched since 13 October: {words}" in text_of(client.get(CALENDAR))
    setup = text_of(client.get(reverse("people:setup")))
    assert f"could not be fetched since 13 October: {words}" in setup

    publish(server, day("Thanksgiving Break", *BREAK))
    client.post(LOOK)
    source.refresh_from_db()
    assert (source.failed_since, source.error, source.news) == (None, "", "1 new")


def test_an_emptied_calendar_is_a_failure_and_not_all_gone(client, school, server, source):
    client.post(PREVIEW, fields(client.post(LOOK, follow=True)))
    publish(server)
    night()

    source.refresh_from_db()
    assert (source.error, source.has_news) == ("This calendar has no events.", False)
    assert school.closures.exists()


def test_trouble_is_on_the_set_up_page_with_holidays_in_the_calendar(
    client, school, server, source
):
    client.post(PREVIEW, fields(client.post(LOOK, follow=True)))
    publish(server, status=500)
    night()

    page = text_of(client.get(reverse("people:setup")))
    assert "Holidays of Fall 2026 are in the calendar. Your calendar could not be fetched" in page


def test_without_a_term_the_calendar_itself_is_well(school, server, source):
    school.terms.update(ends_on=date(2026, 10, 1))
    night()

    source.refresh_from_db()
    assert (source.error, source.failed_since, source.has_news) == ("", None, False)
    assert source.looked_at == NIGHT


def test_one_school_does_not_keep_the_others_from_being_looked_at(school, server, source):
    other = PersonFactory(leader=True).roles.get().school
    CalendarSource.objects.create(school=other, sealed="damaged", host="x", tried_at=NOW)

    night()

    source.refresh_from_db()
    assert source.looked_at == NIGHT
    broken = CalendarSource.objects.get(school=other)
    assert broken.error == "The address cannot be opened any more. Enter it again."


def test_an_address_of_one_school_opens_for_no_other(school, server, source):
    other = PersonFactory(leader=True).roles.get().school
    source.pk, source.school = None, other
    source.save()

    with pytest.raises(CannotFetch, match="cannot be opened"):
        looking.look(source, by=None, at=NOW)


def test_looking_fails_in_words(client, school, server, source):
    publish(server, status=403)

    response = client.post(LOOK, follow=True)

    assert response.redirect_chain == [(CALENDAR, 302)]
    assert told(response) == ["127.0.0.1 asks for a sign-in. Use an address that needs none."]


def test_an_address_is_forgotten_and_the_days_stay(client, school, server, source):
    client.post(PREVIEW, fields(client.post(LOOK, follow=True)))

    done = client.post(FORGET, follow=True)

    assert "Days that came from there stay closed." in done.text
    assert not CalendarSource.objects.exists()
    assert school.closures.count() == 1
    assert Event.objects.filter(act="calendar.change", basis="address.forget").count() == 1
    for address in (LOOK, FORGET):
        assert client.post(address).status_code == 404


def test_another_address_takes_the_place_of_the_first(client, school, server, source):
    source.error, source.failed_since, source.new_count = "Broken.", NOW, 3
    source.save()
    server.answers["/other.ics"] = (200, {}, calendar(day("PD day", SNOW)))

    client.post(IMPORT, {"address": server.address("/other.ics", host="localhost")})

    now = CalendarSource.objects.get()
    assert (now.host, now.error, now.has_news) == ("localhost", "", False)
    assert actions.note_look(source, by=None, at=NIGHT, error="Too late.") is None


def test_a_file_leaves_the_news_of_the_address(client, school, server, source):
    publish(server, day("Snow day", BREAK[1]))
    night()

    client.post(IMPORT, {"address": ""})
    source.refresh_from_db()
    assert source.news == "1 new"


def test_only_administrators_keep_and_forget(school, server, source):
    leader = PersonFactory(leader=True, school=school)
    with pytest.raises(PermissionDenied):
        actions.keep_address(school, by=leader, at=NOW, address="https://school.example/x.ics")
    with pytest.raises(PermissionDenied):
        actions.forget_address(school, by=leader, at=NOW)
    with pytest.raises(PermissionDenied):
        actions.note_look(source, by=leader, at=NOW, error="No.")


def test_nothing_of_the_address_is_logged(school, server, source, caplog):
    caplog.set_level(logging.DEBUG)
    for answer in (
        (404, {}, b""),
        (200, {}, b"<html>"),
        (302, {"Location": "http://10.0.0.1"}, b""),
    ):
        server.answers[PATH] = answer
        with pytest.raises((CannotFetch, CannotRead)) as refused:
            looking.look(source, by=None, at=NOW)
        assert SECRET not in str(refused.value)

    night()
    assert SECRET not in caplog.text


def test_addresses_go_under_a_new_key(settings, tmp_path, school, server):
    settings.KEYRING_PATH = tmp_path / "keys" / "ring.json"
    keyring.create(settings.KEYRING_PATH, on=NOW.date())
    actions.keep_address(school, by=None, at=NOW, address=server.address(PATH))
    old = keyring.current_key_id("tokens")

    call_command("keys", "add", "tokens", verbosity=0)
    call_command("keys", "rewrap", "tokens", verbosity=0)
    call_command("keys", "retire", old, verbosity=0)

    source = CalendarSource.objects.get()
    assert key_of(source.sealed) == keyring.current_key_id("tokens")
    assert keeping.open_address(source) == server.address(PATH)
    assert keeping.addresses_under(key_of(source.sealed)) == 1
