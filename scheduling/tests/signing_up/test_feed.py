"""The secret address: what a calendar program reads there, whose it is, and how it ends."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse
from icalendar import Calendar
from recurring_ical_events import of

from audit.models import Event
from conftest import NOW
from people.actions import end_person
from people.models import Person
from people.tests.factories import PairingFactory, PersonFactory, RoleFactory
from scheduling import actions
from scheduling.models import CalendarFeed, Meeting
from scheduling.models.feeds import sha256_of
from scheduling.tests.factories import MeetingFactory, SlotFactory
from scheduling.tests.signing_up.signup_page import seat_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

READING = 5


@pytest.fixture
def booking(pairing, slot):
    return actions.book(pairing, seat_of(slot), by=pairing.attendee, at=NOW).booking


def made(client, person, **fields):
    """A new address, as the page shows it; its path."""
    client.force_login(person.user)
    response = client.post(reverse("scheduling:feed_make"), fields)
    [address] = BeautifulSoup(response.text, "html.parser").select("main #address")
    assert address["value"].startswith("http://testserver/feed/")
    return address["value"].removeprefix("http://testserver")


def read(client, path):
    client.logout()
    response = client.get(path)
    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/calendar")
    assert "no-store" in response["Cache-Control"]
    return Calendar.from_ical(response.content)


def on_its_dates(calendar):
    """Every event on each of its dates: when, and its title."""
    found = of(calendar).between(NOW - timedelta(days=90), NOW + timedelta(days=200))
    return sorted((each.start, str(each["SUMMARY"])) for each in found)


def test_a_calendar_reads_every_talk_as_it_stands(client, booking, pairing, host):
    alone = MeetingFactory(
        pairing=pairing, starts_at=NOW + timedelta(days=3, hours=5), place="Garden"
    )
    skipped, moved = Meeting.objects.filter(booking=booking).in_order()[2:4]
    actions.skip(skipped, by=host, at=NOW)
    actions.move(moved, by=host, at=NOW, starts_at=moved.starts_at + timedelta(hours=3))
    cancelled = MeetingFactory(pairing=pairing, starts_at=NOW + timedelta(days=9), cancelled=True)
    path = made(client, pairing.attendee)

    calendar = read(client, path)

    standing = Meeting.objects.exclude(pk__in=[skipped.pk, cancelled.pk])
    assert on_its_dates(calendar) == [
        (each.starts_at, "One-on-one") for each in standing.in_order()
    ]
    assert {str(each["UID"]) for each in calendar.walk("VEVENT")} == {
        str(booking.uid),
        str(alone.uid),
    }
    assert calendar["X-WR-CALNAME"] == "One-on-ones"


def test_names_are_said_only_if_wanted_and_never_a_student_or_counseling(client, booking, pairing):
    person = pairing.attendee
    RoleFactory(person=person, school=pairing.school, counselor=True)
    for number, kind in enumerate(("advisory", "counseling")):
        student = PersonFactory(student=True, school=pairing.school, family_name="Zanzibar")
        MeetingFactory(
            pairing=PairingFactory(school=pairing.school, host=person, attendee=student, kind=kind),
            starts_at=NOW + timedelta(days=2, hours=number),
            place="Room 4",
        )

    plain = read(client, made(client, person))
    named = read(client, made(client, person, shows_names="on"))

    titles = {title for _, title in on_its_dates(plain)}
    assert titles == {"One-on-one", "Busy"}
    assert {title for _, title in on_its_dates(named)} == titles | {"One-on-one with E. Marsh"}
    for calendar in (plain, named):
        text = calendar.to_ical().decode()
        assert "Zanzibar" not in text
        [busy] = [each for each in calendar.walk("VEVENT") if each["SUMMARY"] == "Busy"]
        assert "LOCATION" not in busy


def test_what_is_long_over_is_left_out_but_a_series_stays_whole(client, booking, pairing):
    MeetingFactory(pairing=pairing, starts_at=NOW - timedelta(days=61), held=True)
    MeetingFactory(pairing=pairing, starts_at=NOW - timedelta(days=59), held=True)

    calendar = read(client, made(client, pairing.attendee))

    dates = [start for start, _ in on_its_dates(calendar)]
    assert dates[0] == NOW - timedelta(days=59)
    assert len(dates) == 1 + Meeting.objects.filter(booking=booking).count()


def test_only_a_hash_is_kept_and_a_new_address_ends_the_old(client, booking, pairing):
    first = made(client, pairing.attendee)
    token = first.removeprefix("/feed/").removesuffix(".ics")
    kept = CalendarFeed.objects.get()
    assert kept.token_sha256 == sha256_of(token)
    assert len(token) == 43
    page = client.get(reverse("scheduling:feed_edit"))
    assert token not in page.text
    assert "No calendar has read it yet." in page.text
    read(client, first)
    client.force_login(pairing.attendee.user)
    page = client.get(reverse("scheduling:feed_edit"))
    assert "Last read by a calendar on Monday 12 October." in page.text

    second = made(client, pairing.attendee)

    assert client.get(first).status_code == 404
    assert client.get(second).status_code == 200
    assert CalendarFeed.objects.count() == 1
    done = Event.objects.filter(act=Event.Act.FEED_CHANGE)
    assert [event.basis for event in done] == ["new", "new"]


def test_it_ends_by_hand_and_with_the_time_at_school(client, booking, pairing, host):
    path = made(client, pairing.attendee)
    client.post(reverse("scheduling:feed_end"))
    assert client.get(path).status_code == 404
    assert client.post(reverse("scheduling:feed_end"), follow=True).status_code == 200

    path = made(client, pairing.attendee)
    administrator = PersonFactory(administrator=True, school=pairing.school)
    end_person(pairing.attendee, pairing.school, by=administrator, at=NOW)

    assert client.get(path).status_code == 404
    assert not CalendarFeed.objects.exists()


def test_it_opens_nothing_once_its_person_is_not_here(client, booking, pairing):
    path = made(client, pairing.attendee)
    Person.objects.filter(pk=pairing.attendee_id).update(is_active=False)

    assert client.get(path).status_code == 404


@pytest.mark.parametrize("token", ["x", "A" * 43, "a" * 500, "../../etc"])
def test_a_guess_is_answered_like_any_address_that_is_not(client, token):
    answers = [client.get(f"/feed/{token}.ics"), client.get("/nothing/here/")]

    assert {each.status_code for each in answers} == {404}


def test_somebody_without_talks_reads_an_empty_calendar(client, school):
    person = PersonFactory(teacher=True, school=school)

    assert read(client, made(client, person)).walk("VEVENT") == []


@pytest.mark.parametrize("count", [1, 3])
def test_feed_query_count(client, host, term, count, django_assert_num_queries):
    for column in "234"[:count]:
        pairing = PairingFactory(school=term.school, host=host, cadence="weekly")
        slot = SlotFactory(host=host, term=term, column=column)
        actions.book(pairing, seat_of(slot), by=host, at=NOW)
        MeetingFactory(pairing=pairing, starts_at=NOW + timedelta(days=2, hours=int(column)))
    path = made(client, host)
    client.logout()

    with django_assert_num_queries(READING):
        calendar = Calendar.from_ical(client.get(path).content)

    assert len({str(each["UID"]) for each in calendar.walk("VEVENT")}) == 2 * count
