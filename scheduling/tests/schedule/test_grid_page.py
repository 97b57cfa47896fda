"""The schedule as a host reads it, on a screen, on a phone and on paper."""

from datetime import date, timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test.utils import CaptureQueriesContext

from conftest import NOW
from people.models import Pairing
from people.tests.factories import PairingFactory, PersonFactory, SchoolFactory
from scheduling import actions
from scheduling.models import OverdueFlag, Period
from scheduling.tests.factories import (
    BELLS,
    BookingFactory,
    CommitmentFactory,
    InvitationFactory,
    SignUpFactory,
    SlotFactory,
    TermFactory,
)
from scheduling.tests.schedule.schedule_page import CELLS, PLACE, SCHEDULE, button, soup, words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


def test_only_hosts_have_a_schedule(client, school):
    for person in (
        PersonFactory(teacher=True, school=school),
        PersonFactory(administrator=True, school=school),
        PersonFactory(without_login=False),
    ):
        client.force_login(person.user)
        assert client.get(SCHEDULE).status_code == 403
        assert client.post(CELLS).status_code == 403
        assert client.post(PLACE).status_code == 403


def test_a_former_host_has_no_schedule(client, host):
    host.is_active = False
    host.save()

    assert client.get(SCHEDULE).status_code == 403


def test_head_says_which_week_it_is(client, host):
    text = words(soup(client.get(SCHEDULE)).find(class_="page-head"))

    assert "Fall 2026, 7 September to 18 December" in text
    assert "now week B, week 2 of 4" in text


def test_a_new_host_meets_three_steps(client, host):
    page = soup(client.get(SCHEDULE))

    assert "Three steps to begin" in words(page.find(id="people"))
    assert page.find(class_="supply") is None


def test_a_cell_says_when_it_is_and_who_sits_there(client, host, school, term):
    booking = BookingFactory(slot=SlotFactory(host=host, term=term, biweekly=True))

    cell = button(client.get(SCHEDULE), school, "Period 4")
    name = booking.pairing.attendee.name
    assert "Tuesday, Period 4, 10:40 to 11:25" in words(cell)
    assert "Biweekly . 1 open" in words(cell)
    assert f"Week A: {name}. Week B: open." in words(cell)


def test_paper_has_no_names(client, host, school, term):
    booking = BookingFactory(slot=SlotFactory(host=host, term=term))

    page = soup(client.get(SCHEDULE))
    for screen_only in page.select(".screen-only"):
        screen_only.decompose()
    sheet = words(page.find("main"))
    assert booking.pairing.attendee.family_name not in sheet
    assert "taken" in words(page.find(id="term"))


def test_hidden_names_are_not_in_the_page(client, host, term):
    host.hides_names = True
    host.save()
    booking = BookingFactory(slot=SlotFactory(host=host, term=term))

    for query in ("", "?show=all"):
        assert booking.pairing.attendee.family_name not in client.get(SCHEDULE + query).text


def test_busy_cells_say_why(client, host, school, term):
    CommitmentFactory(person=host, term=term, label="Leadership team")
    CommitmentFactory(person=host, term=term, label="Duty", column="3", weeks=0b0101)
    CommitmentFactory(term=term, label="Somebody else's", column="4")

    response = client.get(SCHEDULE)
    assert "You have Leadership team . Not offered." in words(button(response, school, "Period 1"))
    assert "Duty, week A" in words(button(response, school, "Period 1", "3"))
    assert "Somebody else" not in response.text


def test_another_hosts_grid_is_not_mine(client, host, school, term):
    other = BookingFactory(slot=SlotFactory(term=term))

    response = client.get(f"{SCHEDULE}?show=all")
    assert other.pairing.attendee.name not in response.text
    assert "Not offered." in words(button(response, school, "Period 4"))


def test_places_against_people_in_words(client, host, school, term):
    BookingFactory(slot=SlotFactory(host=host, term=term))
    SlotFactory(host=host, term=term, monthly=True, column="3")
    PairingFactory(host=host, school=school, weekly=True)
    PairingFactory(host=host, school=school)
    PairingFactory(host=host, school=school, paused=True)

    panel = soup(client.get(SCHEDULE)).find(class_="supply")
    assert [words(each) for each in panel.find_all(role="listitem")] == [
        "Weekly 1 short",
        "Biweekly None offered",
        "Monthly 3 spare",
    ]
    assert len(panel.select(".c-m .pip")) == 4


def listed(client, show=""):
    page = soup(client.get(f"{SCHEDULE}?show={show}"))
    return [words(each) for each in page.select(".plist .person")]


def test_people_longest_wait_first(client, host, school, term):
    sign_up = SignUpFactory(host=host, term=term)

    def person(family_name, **invitation):
        attendee = PersonFactory(
            teacher=True, school=school, given_name="A", family_name=family_name
        )
        attendee.job = "Math"
        attendee.save()
        pairing = PairingFactory(host=host, school=school, attendee=attendee)
        if invitation:
            InvitationFactory(sign_up=sign_up, pairing=pairing, **invitation)
        return pairing

    person("Unasked")
    person("Recent", invited_at=NOW - timedelta(days=1))
    person("Long", invited_at=NOW - timedelta(days=9))
    person("Nonefit", invited_at=NOW - timedelta(days=2), answer=Pairing.Answer.NONE_FIT)
    late = person("Late", invited_at=NOW)
    OverdueFlag.objects.create(pairing=late, since_week=4, due_on=date(2026, 9, 28), raised_at=NOW)
    placed = person("Placed")
    BookingFactory(slot=SlotFactory(host=host, term=term, monthly=True), pairing=placed)

    assert listed(client) == [
        "AL A Late Math , monthly 6 days past",
        "AL A Long Math , monthly Asked 9 days ago",
        "AN A Nonefit Math , monthly None of your times fit",
        "AR A Recent Math , monthly Asked yesterday",
        "AU A Unasked Math , monthly Not asked yet",
    ]
    assert listed(client, "past") == ["AL A Late Math , monthly 6 days past"]
    assert len(listed(client, "all")) == 6
    assert listed(client, "all")[-1] == "AP A Placed Math , monthly Tuesday, Period 4, week 1"
    assert listed(client, "nonsense") == listed(client)


def test_a_school_without_calendar_says_what_is_missing(client):
    school = SchoolFactory(demo=True)
    host = PersonFactory(leader=True, school=school)
    client.force_login(host.user)
    response = client.get(SCHEDULE)
    assert "Your school has no term yet." in response.text
    assert soup(response).find(id="term") is None
    assert client.post(CELLS, {}).status_code == 200

    TermFactory(school=school)
    assert "Your school has no bell times yet." in client.get(SCHEDULE).text


@pytest.mark.parametrize("query", ["?day=9", "?day=", "?brush=zz", "?about=zz", "?show=<b>"])
def test_nonsense_in_the_address_shows_the_schedule(client, host, query):
    assert client.get(SCHEDULE + query).status_code == 200


def test_a_phone_shows_the_day_that_is_asked_for(client, host):
    for query, day in (("", "1"), ("?day=4", "4")):
        page = soup(client.get(SCHEDULE + query))
        assert {cell["data-day"] for cell in page.select("td.day-on")} == {day}
        assert page.select_one(".daypick [aria-current]")["data-day"] == day


def fill(host, school, term, numbers):
    """For each number a booked cell, an open one, a duty, and somebody past due."""
    periods = list(school.periods.order_by("ordinal"))
    for number in numbers:
        row, column = divmod(number, 5)
        column = str(column + 1)
        BookingFactory(
            slot=SlotFactory(host=host, term=term, column=column, period=periods[row], monthly=True)
        )
        cells = [(column, periods[-1 - row].pk)]
        actions.paint(host, school, term, cells, "monthly", by=host, at=NOW)
        CommitmentFactory(person=host, term=term, column=column)
        OverdueFlag.objects.create(
            pairing=PairingFactory(host=host, school=school),
            since_week=4,
            due_on=date(2026, 9, 28),
            raised_at=NOW,
        )


@pytest.mark.parametrize(("query", "most"), [("", 15), ("?show=all", 15), ("?place=", 24)])
def test_queries_do_not_grow(client, host, school, term, query, most):
    fill(host, school, term, range(1))
    before = {"starts_at": BELLS["Before"][0], "ends_at": BELLS["Before"][1]}
    CommitmentFactory(person=host, term=term, column="1", **before)  # a time meets a lesson
    if query == "?place=":
        query += str(Pairing.objects.get(bookings__isnull=True).uid)
    # A real school asks for a second factor, which is a query too
    school.is_demo = False
    school.save()
    Authenticator.objects.create(user=host.user, type=Authenticator.Type.TOTP, data={})

    counts = []
    for numbers in (range(1, 1), range(1, 12)):
        fill(host, school, term, numbers)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(SCHEDULE + query).status_code == 200
        counts.append(len(queries))

    assert counts[0] == counts[1] <= most


HOSTILE = '"><script>alert("\'&")</script>'


@pytest.mark.parametrize("placing", [False, True])
def test_whatever_people_typed_stays_text(client, host, school, term, placing):
    Period.objects.filter(name="Lunch").update(name=HOSTILE[:40])
    slot = SlotFactory(host=host, term=term, period=Period.objects.get(name=HOSTILE[:40]))
    CommitmentFactory(term=term, person=host, column="1", label=HOSTILE)
    names = {"given_name": HOSTILE, "family_name": "<b>bold</b>", "job": HOSTILE}
    taken = BookingFactory(
        slot=slot,
        pairing__attendee=PersonFactory(teacher=True, school=school, **names),
    )
    waiting = PairingFactory(
        school=school,
        host=host,
        cadence="weekly",
        attendee=PersonFactory(teacher=True, school=school, **names),
    )

    response = client.get(SCHEDULE, {"place": str(waiting.uid)} if placing else {})

    page = soup(response)
    assert HOSTILE not in response.text
    assert not page.find(id="grid").find_all("script")
    assert not page.find(id="people").find_all("script")
    cell = page.find(id=f"cell-2-{slot.period.uid}")
    assert cell["data-where"] == f"Tuesday, {HOSTILE[:40]}"
    assert f"Every week: {taken.pairing.attendee.name}" in words(cell)
    assert HOSTILE in words(page.find(id=f"cell-1-{school.periods.get(name='Period 1').uid}"))
    [name, *_] = page.find(id="people").select(".plist b")
    assert name.get_text() == waiting.attendee.name
    assert not page.find(id="people").select("b b")
