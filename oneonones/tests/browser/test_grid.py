"""The term grid by mouse, keys, finger and without JavaScript."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from people.cadence import Cadence
from people.tests.factories import PairingFactory, PersonFactory
from scheduling.models import Booking, Slot
from scheduling.tests.factories import (
    BookingFactory,
    CommitmentFactory,
    SlotFactory,
    school_with_calendar,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("now")]


@pytest.fixture
def school():
    return school_with_calendar(is_demo=True)


@pytest.fixture
def host(school):
    return PersonFactory(leader=True, school=school, given_name="Elena", family_name="Marsh")


@pytest.fixture
def term(school):
    return school.terms.get()


@pytest.fixture
def ben(host, school, term):
    """Booked on Tuesdays in Period 4."""
    attendee = PersonFactory(teacher=True, school=school, given_name="Ben", family_name="Carter")
    pairing = PairingFactory(host=host, school=school, attendee=attendee, weekly=True)
    BookingFactory(slot=SlotFactory(host=host, term=term), pairing=pairing)
    return attendee


@pytest.fixture
def leila(host, school):
    """Waits for a weekly time."""
    attendee = PersonFactory(teacher=True, school=school, given_name="Leila", family_name="Haddad")
    return PairingFactory(host=host, school=school, attendee=attendee, weekly=True)


def schedule(page, query=""):
    page.goto(reverse("scheduling:schedule") + query)
    return page


def cell(page, where):
    return page.locator(f'[data-where="{where}"]')


def is_painted(page, where, letter):
    expect(cell(page, where)).to_have_attribute("data-brush", letter)


def said(page, words):
    expect(page.locator("#say")).to_contain_text(words)


def test_the_grid_is_one_tab_stop_and_paints_by_keys(open_page, host, ben):
    page = schedule(open_page(host.user))
    assert page.locator("#term button:not([tabindex='-1'])").count() == 1

    cell(page, "Tuesday, Period 1").focus()
    page.keyboard.press("b")
    is_painted(page, "Tuesday, Period 1", "b")
    said(page, "Tuesday, Period 1: biweekly.")
    expect(cell(page, "Tuesday, Period 1")).to_be_focused()
    expect(page.locator("#inspect")).to_contain_text("Week A: open. Week B: open.")
    assert page.locator("#term button:not([tabindex='-1'])").count() == 1

    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    expect(page.locator("[aria-selected=true]")).to_have_count(4)
    page.keyboard.press("m")
    said(page, "4 periods: monthly.")
    is_painted(page, "Thursday, Period 2", "m")
    expect(cell(page, "Thursday, Period 2")).to_be_focused()

    page.keyboard.press("Control+z")
    said(page, "Undone.")
    is_painted(page, "Thursday, Period 2", "")
    page.keyboard.press("Control+y")
    said(page, "Done again.")
    is_painted(page, "Wednesday, Period 1", "m")
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+Shift+Z")
    is_painted(page, "Wednesday, Period 1", "m")

    page.keyboard.press("Home")
    expect(cell(page, "Monday, Period 2")).to_be_focused()
    page.keyboard.press("Space")  # with the brush of the last letter
    is_painted(page, "Monday, Period 2", "m")
    page.keyboard.press("x")
    is_painted(page, "Monday, Period 2", "")
    expect(page.locator("#saved")).to_contain_text("All changes saved")


def test_the_name_of_a_day_is_reached_by_keys(open_page, host):
    page = schedule(open_page(host.user))

    cell(page, "Wednesday, Before").focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("w")
    said(page, "10 periods: weekly.")
    assert Slot.objects.filter(column="3", cadence=Cadence.WEEKLY).count() == 10


def test_a_booked_cell_is_not_cleared(open_page, host, ben):
    page = schedule(open_page(host.user))

    cell(page, "Tuesday, Period 4").focus()
    page.keyboard.press("x")
    expect(page.locator("#undo")).to_contain_text(
        "Left one period as it was, because Ben Carter is booked in it."
    )
    said(page, "Left one period as it was, because Ben Carter is booked in it.")
    is_painted(page, "Tuesday, Period 4", "w")


def test_dragging_fills_a_box_and_the_first_cell_decides(open_page, host):
    page = schedule(open_page(host.user))

    def drag(start, end):
        cell(page, start).hover()
        page.mouse.down()
        cell(page, end).hover()
        page.mouse.up()

    drag("Monday, Period 1", "Wednesday, Period 3")
    said(page, "9 periods: weekly.")
    drag("Tuesday, Period 2", "Thursday, Period 2")
    said(page, "2 periods: cleared.")
    assert Slot.objects.standing().count() == 7

    cell(page, "Friday, Period 1").click()
    is_painted(page, "Friday, Period 1", "w")
    cell(page, "Friday, Period 4").click(modifiers=["Shift"])
    is_painted(page, "Friday, Period 4", "w")
    cell(page, "Friday, Period 4").click()
    is_painted(page, "Friday, Period 4", "")
    page.get_by_role("button", name="Undo").click()
    is_painted(page, "Friday, Period 4", "w")
    expect(page.get_by_role("button", name="Undo one more")).to_be_focused()
    page.get_by_role("button", name="Redo").click()
    is_painted(page, "Friday, Period 4", "")
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    expect(page.get_by_role("group", name="Last action")).to_contain_text("Done again.")


def test_quick_painting_loses_nothing(open_page, host):
    page = schedule(open_page(host.user))

    cell(page, "Monday, Before").focus()
    for letter in "wbmwbmwbmw":
        page.keyboard.press(letter)
        page.keyboard.press("ArrowDown")
    is_painted(page, "Monday, After", "w")
    assert Slot.objects.standing().count() == 10


def test_what_was_not_saved_can_be_sent_again(open_page, host, complaints):
    page = schedule(open_page(host.user))

    page.route("**/schedule/cells/", lambda route: route.abort())
    cell(page, "Monday, Lunch").click()
    expect(page.locator("#saved")).to_contain_text("Not saved.")
    is_painted(page, "Monday, Lunch", "")

    page.unroute("**/schedule/cells/")
    page.locator("[data-save-again]").click()
    is_painted(page, "Monday, Lunch", "w")
    expect(page.locator("#saved [data-save=saved]")).to_be_visible()
    complaints.clear()  # the browser's own about the request that was stopped


def test_placing_by_keys(open_page, host, school, term, ben, leila):
    SlotFactory(host=host, term=term, column="4")
    page = schedule(open_page(host.user))

    page.get_by_role("link", name=re.compile("Leila Haddad")).focus()
    page.keyboard.press("Enter")
    said(page, "Placing Leila Haddad, weekly. 1 place fits. Choose it.")
    expect(cell(page, "Thursday, Period 4")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#undo")).to_contain_text("Leila Haddad has Thursday, Period 4.")
    expect(cell(page, "Thursday, Period 4")).to_be_focused()
    page.wait_for_load_state()  # keys belong to the scripts

    page.keyboard.press("Control+z")
    expect(page.get_by_role("link", name=re.compile("Leila Haddad"))).to_be_visible()
    assert Booking.objects.live().count() == 1


def test_escape_stops_placing(open_page, host, term, leila):
    SlotFactory(host=host, term=term)
    page = schedule(open_page(host.user), f"?place={leila.uid}")
    expect(cell(page, "Tuesday, Period 4")).to_be_focused()

    page.keyboard.press("Escape")
    expect(page.locator("#placing")).to_have_count(0)


def test_a_phone_paints_a_day_at_a_time(open_page, host, ben):
    page = schedule(open_page(host.user, width=390, has_touch=True))
    expect(cell(page, "Tuesday, Period 1")).to_be_hidden()
    assert page.locator("#term").get_attribute("role") is None

    page.locator(".daypick a", has_text="Tue").tap()
    page.locator(".brush-m").tap()
    cell(page, "Tuesday, Period 1").tap()
    is_painted(page, "Tuesday, Period 1", "m")
    expect(page.locator("#pick-2")).to_have_text("4 open")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_everything_works_without_javascript(open_page, host, term, ben, leila):
    page = schedule(open_page(host.user, javascript=False))

    page.locator(".brush-w input").check(force=True)
    cell(page, "Friday, Lunch").click()
    is_painted(page, "Friday, Lunch", "w")
    page.locator("#paint-undo").click()
    is_painted(page, "Friday, Lunch", "")
    page.locator("#paint-redo").click()
    is_painted(page, "Friday, Lunch", "w")

    page.get_by_role("link", name=re.compile("Leila Haddad")).click()
    cell(page, "Friday, Lunch").click()
    expect(page.locator("#undo")).to_contain_text("Leila Haddad has Friday, Lunch.")
    page.get_by_role("button", name="Give up this place of Leila Haddad").click()
    assert Booking.objects.live().count() == 1


def test_no_violations(open_page, axe, look, host, term, ben, leila):
    SlotFactory(host=host, term=term, column="4")
    SlotFactory(host=host, term=term, column="1", monthly=True)
    CommitmentFactory(person=host, term=term, column="2", label="Verkehrssicherheitsbeauftragter")
    page = open_page(host.user, **look)
    seat = Booking.objects.get().seat.slot
    about = f"?day=2&show=all&about=2-{seat.period.uid}"
    for query in ("", f"?place={leila.uid}", about):
        axe(schedule(page, query))
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        whole = "all => all.every(each => each.scrollWidth <= each.clientWidth)"
        assert page.locator(".slot").evaluate_all(whole)  # long words stay in their cells


def test_no_violations_before_anything_is_painted(open_page, axe, look, host):
    axe(schedule(open_page(host.user, **look)))
