"""Inviting and picking a time in a browser: two taps, by keyboard, on a phone, without script."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from conftest import NOW
from people.models import Pairing
from people.tests.factories import PairingFactory, PersonFactory
from scheduling import actions
from scheduling.models import Booking, Seat
from scheduling.tests.factories import (
    CommitmentFactory,
    InvitationFactory,
    MeetingFactory,
    SignUpFactory,
    SlotFactory,
    school_with_calendar,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("now")]

BUSY = [("1", "Period 1"), ("1", "Period 4"), ("2", "Period 3"), ("4", "Period 6"), ("5", "Lunch")]


@pytest.fixture
def school():
    return school_with_calendar(name="Alder Creek School", is_demo=True)


@pytest.fixture
def term(school):
    return school.terms.get()


@pytest.fixture
def host(school, term):
    host = PersonFactory(
        leader=True,
        school=school,
        given_name="Elena",
        family_name="Marsh",
        role__title="Principal",
    )
    for column, name, cadence in (
        ("3", "Before", "weekly"),
        ("4", "Period 4", "weekly"),
        ("5", "Period 7", "weekly"),
        ("3", "Period 3", "biweekly"),
        ("1", "Period 6", "monthly"),
    ):
        period = school.periods.get(name=name)
        SlotFactory(host=host, term=term, column=column, period=period, cadence=cadence)
    return host


@pytest.fixture
def pairing(host, school, term):
    leila = PersonFactory(teacher=True, school=school, given_name="Leila", family_name="Haddad")
    for column, name in BUSY:
        times = school.periods.get(name=name).times.get()
        CommitmentFactory(
            person=leila, term=term, column=column, starts_at=times.starts_at, ends_at=times.ends_at
        )
    sign_up = SignUpFactory(host=host, term=term, letter="You do not have to prepare.")
    return InvitationFactory(
        sign_up=sign_up, pairing__attendee=leila, pairing__cadence="weekly"
    ).pairing


def address(name, *uids):
    return reverse(f"scheduling:{name}", args=uids)


def no_sideways(page, look):
    assert page.evaluate("document.documentElement.scrollWidth") <= look["width"]


def test_picking_a_time(open_page, look, axe, pairing):
    page = open_page(pairing.attendee.user, **look)
    page.goto(address("pick"))
    assert page.get_by_role("heading", level=1).inner_text() == "Pick a time with Elena"
    assert not page.get_by_role("button", name="Book this time").is_visible()
    axe(page)

    time = page.get_by_role("radio", name="Thursday, Period 4")
    time.check(force=True)
    bar = page.locator("#bookbar")
    assert bar.inner_text().startswith(
        "Thursday, Period 4, 10:40 to 11:10, every week. First time: Thursday 15 October."
    )
    no_sideways(page, look)
    axe(page)
    page.get_by_role("button", name="Book this time").click()

    page.wait_for_url("**/booked/**")
    assert page.get_by_role("heading", level=1).inner_text() == "Thursdays, Period 4"
    page.get_by_role("button", name="Yes, that is how we keep it").wait_for()
    no_sideways(page, look)
    axe(page)


def test_how_often_keeps_its_focus(open_page, pairing):
    page = open_page(pairing.attendee.user)
    page.goto(address("sign_up", pairing.uid))

    page.get_by_role("radio", name="Weekly Every week").focus()
    with page.expect_response("**often=biweekly"):
        page.keyboard.press("ArrowRight")
    page.get_by_role("radio", name="Wednesday, Period 3").first.wait_for()

    expect(page.locator(":focus")).to_have_value("biweekly")
    assert page.url.endswith("?often=biweekly")
    expect(page.locator("#say")).to_have_text("2 times fit your timetable")


def test_booking_by_keyboard(open_page, pairing):
    page = open_page(pairing.attendee.user)
    page.goto(address("sign_up", pairing.uid))

    page.get_by_role("radio", name="Wednesday, Before").focus()
    page.keyboard.press("ArrowDown")
    assert "Thursday" in page.locator("#bookbar").inner_text()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    page.wait_for_url("**/booked/**")
    assert Booking.objects.get().seat.slot.column == "4"


def test_booking_without_javascript(open_page, pairing):
    page = open_page(pairing.attendee.user, width=390, javascript=False)
    page.goto(address("sign_up", pairing.uid))

    page.get_by_role("radio", name="Biweekly").check(force=True)
    page.get_by_role("button", name="Show these times").click()
    page.get_by_role("radio", name="Wednesday, Period 3").first.check(force=True)
    assert page.get_by_text("First time: Wednesday 14 October.").is_visible()
    page.get_by_role("button", name="Book this time").click()

    assert page.get_by_role("heading", level=1).inner_text() == "Wednesdays, Period 3"
    assert page.get_by_role("link", name="Read how we keep notes").is_visible()
    assert Pairing.objects.get().cadence == "biweekly"


def test_somebody_was_quicker(open_page, look, axe, pairing, host, school):
    page = open_page(pairing.attendee.user, **look)
    page.goto(address("sign_up", pairing.uid))
    page.get_by_role("radio", name="Thursday, Period 4").check(force=True)
    take("4", host, school)

    page.get_by_role("button", name="Book this time").click()

    summary = page.locator("[data-error-summary]")
    summary.get_by_text("was taken a moment ago").wait_for()
    expect(summary).to_be_focused()
    axe(page)
    summary.get_by_role("button").first.click()
    page.wait_for_url("**/booked/**")
    assert page.get_by_role("heading", level=1).inner_text() == "Fridays, Period 7"


def take(column, host, school):
    seat = Seat.objects.get(slot__column=column, slot__cadence="weekly")
    other = PairingFactory(school=school, host=host)
    actions.book(other, seat, by=host, at=NOW)


def test_inviting(open_page, look, axe, host, school):
    for given, family, job in (("Ingrid", "Solberg", "Art"), ("Owen", "Price", "Grade 5")):
        PersonFactory(teacher=True, school=school, given_name=given, family_name=family, job=job)
    page = open_page(host.user, **look)
    page.goto(address("invite"))
    no_sideways(page, look)
    axe(page)

    page.get_by_label("How often, Owen Price").select_option("weekly")
    page.get_by_label("Your words").fill("Bring something or bring nothing.")
    page.get_by_role("button", name="See it as they do").click()
    page.locator("#preview").get_by_text("each week to begin with").wait_for()
    axe(page)
    page.get_by_role("checkbox", name="Ingrid Solberg").uncheck()
    page.get_by_role("button", name="Invite 1 person").click()

    page.wait_for_url("**/agreement/standing/**")
    assert "1 person is invited." in page.locator("#undo").inner_text()
    assert Pairing.objects.get().cadence == "weekly"


@pytest.mark.parametrize("width", [1280, 390])
def test_invite_says_how_many_and_covers_nobody(open_page, host, school, width):
    for _each in range(20):
        PersonFactory(teacher=True, school=school)
    page = open_page(host.user, width=width)
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(address("invite"))
    button, boxes = page.locator("[data-invite]"), page.locator('input[name="person"]')
    expect(button).to_have_text("Invite 20 people")
    for row in range(20):
        boxes.nth(row).focus()
        box, bar = boxes.nth(row).bounding_box(), page.locator(".invite-send").bounding_box()
        assert box["y"] + box["height"] <= bar["y"], row

    for row in range(19):
        boxes.nth(row).uncheck()
    expect(button).to_have_text("Invite 1 person")
    boxes.nth(19).uncheck()
    expect(button).to_have_text("Invite those ticked")


def test_links_are_tall_enough_for_a_thumb(open_page, host, school):
    MeetingFactory(pairing__school=school, pairing__host=host)
    page = open_page(host.user, width=390)
    for name, links in (
        ("invite", [".eyebrow a", ".invite-list .tap >> nth=0"]),
        ("schedule", [".tap"]),
        ("today", [".meet h3 a"]),
    ):
        page.goto(address(name))
        for link in links:
            assert page.locator(link).bounding_box()["height"] >= 24, link


def test_inviting_without_scripts_promises_no_number(open_page, host, school):
    PersonFactory(teacher=True, school=school)
    page = open_page(host.user, javascript=False)
    page.goto(address("invite"))
    page.get_by_role("button", name="Invite those ticked").click()
    page.wait_for_url("**/agreement/standing/**")


def test_nothing_to_pick(open_page, look, axe, school):
    page = open_page(PersonFactory(teacher=True, school=school).user, **look)
    page.goto(address("pick"))

    assert page.get_by_text("Nothing to pick right now").is_visible()
    axe(page)
