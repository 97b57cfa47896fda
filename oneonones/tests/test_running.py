"""What `/metrics`, `manage.py status` and the page say of how it runs, and what they keep quiet."""

import re
from datetime import timedelta
from io import StringIO

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.urls import reverse
from prometheus_client.parser import text_string_to_metric_families

from audit.actions import record
from conftest import NOW
from oneonones import health, jobs, running
from people.models import OutgoingMail
from people.tests.factories import PersonFactory, RoleFactory, SchoolFactory, SessionFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

TOKEN = "only-for-tests"
HOUR = timedelta(hours=1)
NEW = re.compile(r'(nonce="|"X-CSRFToken": "|name="csrfmiddlewaretoken" value=")[^"]*')


@pytest.fixture
def school():
    return SchoolFactory(is_demo=True, time_zone="Europe/London")  # asks for no second factor


@pytest.fixture
def administrator(school, client):
    person = PersonFactory(administrator=True, school=school)
    client.force_login(person.user)
    return person


def mail(person, **fields):
    row = {"key": f"k{OutgoingMail.objects.count()}", "kind": "reminder", "due_at": NOW - HOUR}
    return OutgoingMail.objects.create(person=person, **(row | fields))


def refused(person, **fields):
    return mail(person, **({"error": "SMTPRecipientsRefused", "attempts": 3} | fields))


def status():
    """What the command says, and whether it is content."""
    out, err = StringIO(), StringIO()
    try:
        call_command("status", stdout=out, stderr=err)
    except CommandError:
        return out.getvalue(), err.getvalue(), False
    return out.getvalue(), err.getvalue(), True


# --- /metrics ---


def scrape(client, said=f"Bearer {TOKEN}"):
    return client.get("/metrics", headers={"Authorization": said} if said else {})


def figures(response):
    return {
        (sample.name.removeprefix("oneonones_"), *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }


@pytest.mark.parametrize(
    "said", ["", "Bearer ", "Bearer wrong", f"Bearer {TOKEN}x", "Bearer \u00e9"]
)
def test_metrics_are_not_there_without_the_token(client, settings, said):
    settings.METRICS_TOKEN = TOKEN

    refused, made_up = scrape(client, said), client.get("/made-up")

    assert refused.status_code == made_up.status_code == 404
    assert NEW.sub("", refused.text) == NEW.sub("", made_up.text)


@pytest.mark.parametrize("said", ["", "Bearer ", "Bearer x"])
def test_metrics_are_not_there_where_no_token_is_set(client, said):
    assert scrape(client, said).status_code == 404


def test_metrics_of_an_empty_installation(client, settings):
    settings.METRICS_TOKEN = TOKEN

    response = scrape(client)

    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/plain; version=0.0.4")
    found = figures(response)
    assert found["ready", "database"] == 1
    assert (found["ready", "worker"], found["ready", "beat"]) == (1, 0)
    assert found["heartbeat_age_seconds",] == float("inf")
    assert found["outbox_oldest_seconds",] == found["log_events",] == found["sessions",] == 0


def test_metrics_count_what_there_is(client, settings, school):
    settings.METRICS_TOKEN = TOKEN
    jobs.heartbeat()
    cache.set(health.HEARTBEAT, NOW - timedelta(seconds=30), timeout=None)
    person = PersonFactory(teacher=True, school=school)
    SessionFactory(user=person.user)
    mail(person)
    mail(person, due_at=NOW - 2 * HOUR, hold_until=NOW - timedelta(minutes=90))
    mail(person, due_at=NOW - HOUR, hold_until=NOW + HOUR)
    mail(person, due_at=NOW + HOUR)
    mail(person, error="TimeoutError", locked_until=NOW + HOUR)
    mail(person, error="TimeoutError", dropped_at=NOW - HOUR)
    mail(person, error="gaierror", dropped_at=NOW - timedelta(days=8))
    mail(person, dropped_at=NOW)  # became pointless
    mail(person, sent_at=NOW)
    for number in (1, 2, 3):
        record("role.change", chain=number % 2, by=None, objects=["person:1"])

    found = figures(scrape(client))

    states = {state: found["outbox_mails", state] for state in ("scheduled", "due", "tried")}
    assert states == {"scheduled": 2, "due": 2, "tried": 1}
    assert found["outbox_mails", "given_up"] == 1
    assert found["outbox_failures", "TimeoutError"] == 2
    assert ("outbox_failures", "gaierror") not in found
    assert found["outbox_oldest_seconds",] == 90 * 60
    assert found["heartbeat_age_seconds",] == 30
    assert found["log_events",] == 3
    assert found["sessions",] == 1
    assert found["broker_messages",] == found["imports_under_way",] == 0


def test_metrics_ask_as_much_of_many_mails(client, settings, django_assert_max_num_queries):
    settings.METRICS_TOKEN = TOKEN
    for _ in range(30):
        mail(PersonFactory(), error="TimeoutError")
    scrape(client)

    with django_assert_max_num_queries(15):
        scrape(client)


def test_metrics_name_nobody(client, settings, school):
    settings.METRICS_TOKEN = TOKEN
    person = PersonFactory(given_name="Wilhelmina", email="wilhelmina@alder.example", school=school)
    refused(person)

    text = scrape(client).text

    assert "ilhelmina" not in text
    assert "alder" not in text.lower()
    assert "reminder" not in text


# --- the command ---


def test_status_when_all_is_well():
    jobs.heartbeat()

    said, complained, is_content = status()

    assert is_content
    assert not complained
    assert "Worker: seen 0\xa0minutes ago" in said
    assert "0 to send now" in said
    assert said.endswith("All is well.\n")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("ConnectionRefusedError", "1 x nothing answers at the mail server's address"),
        ("SMTPAuthenticationError", "1 x the mail server refuses the user name or password"),
        ("ZeroDivisionError", "1 x ZeroDivisionError, which the worker's log tells more about"),
    ],
)
def test_status_says_why_mail_fails(error, words):
    jobs.heartbeat()
    mail(PersonFactory(), error=error, locked_until=NOW + HOUR)

    said, complained, is_content = status()

    assert not is_content
    assert words in said
    assert "Mail: 1 mail is late. Why stands below." in complained


def test_status_without_a_clock():
    _, complained, is_content = status()

    assert not is_content
    assert complained == (
        "Clock: Nothing was asked for yet, and none waits. Start beat, and read its log.\n"
    )


def test_status_without_a_broker(settings, monkeypatch):
    monkeypatch.setattr(health.celery_app.conf, "broker_read_url", "redis://127.0.0.1:1/0")

    said, complained, _ = status()

    assert "Jobs waiting: not known." in said
    assert "and the broker does not answer. Begin with the broker (REDIS_URL)." in complained


def test_status_shows_staff_only(school):
    jobs.heartbeat()
    refused(PersonFactory(teacher=True, school=school, email="teacher@alder.example"))
    refused(PersonFactory(student=True, school=school, email="student@alder.example"))

    said, _, is_content = status()

    assert is_content  # an address is the school's to mend
    assert "Refused by the mail server: teacher@alder.example" in said
    assert "Refused as well: 1 of people who are not staff." in said
    assert "student@" not in said
    assert "reminder" not in said


# --- the page ---


def test_page_when_nothing_is_wrong(client, administrator):
    jobs.heartbeat()

    page = client.get("/status/").text

    assert "Every part works." in page
    assert "Nothing waits to be sent." in page
    assert "<p>None.</p>" in page


def test_page_when_much_is_wrong(client, administrator, school):
    mail(administrator, error="ConnectionRefusedError", due_at=NOW - 2 * HOUR)

    page = client.get("/status/").text

    assert "2 parts need a look" in page
    assert "Nothing was asked for yet, and none waits." in page
    assert "1 mail: nothing answers at the mail server&#x27;s address" in page
    assert "the oldest waits for 2\xa0hours" in page


def test_page_shows_the_addresses_of_ones_own_staff_only(client, administrator, school):
    teacher = PersonFactory(teacher=True, school=school, email="teacher@alder.example")
    refused(teacher, dropped_at=NOW - HOUR)
    refused(PersonFactory(student=True, school=school, email="student@alder.example"))
    refused(PersonFactory(teacher=True, email="teacher@elsewhere.example"))

    page = client.get("/status/").text

    assert "teacher@alder.example" in page
    assert reverse("people:person_edit", args=[teacher.uid]) in page
    assert "student@" not in page
    assert "elsewhere.example" not in page
    assert "2 more of people who are not shown here" in page


@pytest.mark.parametrize(
    "row",
    [
        {"dropped_at": NOW - timedelta(days=8)},  # long ago
        {"error": "TimeoutError"},
        {"sent_at": NOW, "error": ""},
    ],
)
def test_page_lists_no_address_that_is_good(client, administrator, row):
    refused(administrator, **row)

    assert running.refused(at=NOW).count() == 0


def test_address_is_good_again_once_it_took_a_mail(administrator):
    refused(administrator, dropped_at=NOW - 2 * HOUR)
    assert list(running.refused(at=NOW)) == [administrator]

    mail(administrator, sent_at=NOW - HOUR)

    assert list(running.refused(at=NOW)) == []


def test_page_of_the_district_shows_no_address(client, school):
    person = PersonFactory(teacher=True, school=school)
    RoleFactory(person=person, school=school, district_administrator=True)
    client.force_login(person.user)
    refused(person)

    page = client.get("/status/").text

    assert person.email not in page
    assert "1 of people who are not shown here" in page


def test_page_asks_as_much_of_many(client, administrator, school, django_assert_max_num_queries):
    for number in range(20):
        refused(PersonFactory(teacher=True, school=school, email=f"t{number}@alder.example"))
    client.get("/status/")

    with django_assert_max_num_queries(26):
        client.get("/status/")
