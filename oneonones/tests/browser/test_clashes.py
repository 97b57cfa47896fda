"""What may meet a lesson is looked at before a word of it stands on the page."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from conftest import NOW
from people.tests.factories import PersonFactory
from scheduling import actions
from scheduling.tests.booking.series import booked
from scheduling.tests.clashing.test_clashes import lesson
from scheduling.tests.factories import school_with_calendar

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("now")]

TODAY = reverse("scheduling:today")
CHANGED = "The timetable has changed"


@pytest.fixture
def booking():
    school = school_with_calendar(at=NOW, is_demo=True)
    return booked(PersonFactory(leader=True, school=school)).booking


def test_nothing_is_said_of_times_that_fit_after_all(open_page, booking):
    lesson(booking)
    host = booking.pairing.host
    actions.keep_despite_lesson(booking, by=host, at=NOW)
    page = open_page(host.user)
    asked = []

    def hold_back(route):
        asked.append(route)

    page.route("**/clashes/", hold_back)
    with page.expect_request("**/clashes/"):
        page.goto(TODAY)
    alone = page.locator(".today > .day").bounding_box()
    expect(page.get_by_text(CHANGED)).not_to_be_visible()

    with page.expect_response("**/clashes/"):
        asked.pop().continue_()

    expect(page.locator(".clashes > #clash-list")).to_be_attached()
    expect(page.get_by_text(CHANGED)).not_to_be_visible()
    assert page.locator(".today > .day").bounding_box() == alone  # nothing moves, nothing beside it
    assert alone["width"] > 1000
    page.goto(reverse("scheduling:person_page", args=[booking.pairing.attendee.uid]))
    second = page.locator(".stack > .clashes + *")
    assert second.evaluate("element => getComputedStyle(element).marginTop") == "0px"


def test_what_meets_a_lesson_comes_by_itself(open_page, booking):
    lesson(booking)
    page = open_page(booking.pairing.host.user)
    page.goto(TODAY)
    expect(page.get_by_role("heading", name=CHANGED)).to_be_visible()
    expect(page.get_by_role("button", name="Keep it as it is")).to_be_visible()


def test_without_scripts_a_link_leads_there(open_page, booking):
    lesson(booking)
    page = open_page(booking.pairing.host.user, javascript=False)
    page.goto(TODAY)
    page.get_by_role("link", name="See whether a time meets a lesson").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Times that meet a lesson")
