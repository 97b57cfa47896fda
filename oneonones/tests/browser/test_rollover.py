"""Series are carried into the next term by keyboard, and Undo stands where they went."""

from datetime import date

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from conftest import NOW
from people.models import Pairing
from people.tests.factories import PersonFactory
from scheduling import actions
from scheduling.models import Booking
from scheduling.tests.booking.series import pair, seat_of, slot_of
from scheduling.tests.factories import TermFactory, school_with_calendar

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("now")]


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 390)])
def test_ticked_series_go_along(open_page, axe, theme, width):
    school = school_with_calendar(at=NOW, is_demo=True)
    host = PersonFactory(leader=True, school=school)
    for column in "234":
        seat = seat_of(slot_of(host, column=column))
        actions.book(pair(host), seat, by=host, at=NOW)
    Pairing.objects.filter(pk=Booking.objects.latest("pk").pairing_id).update(is_paused=True)
    spring = TermFactory(
        school=school, name="Spring 2027", starts_on=date(2027, 1, 4), ends_on=date(2027, 5, 28)
    )
    actions.rebuild_calendar(school, by=None, at=NOW)
    page = open_page(host.user, theme=theme, width=width)
    page.goto(reverse("scheduling:carry_over"))
    expect(page.get_by_role("group", name="2 can go along")).to_be_visible()
    expect(page.get_by_role("heading", name="1 cannot")).to_be_visible()
    axe(page)

    page.get_by_role("checkbox").first.focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Carry those ticked into Spring 2027").press("Enter")

    expect(page.get_by_text("1 series goes on in Spring 2027.")).to_be_visible()
    axe(page)
    assert Booking.objects.filter(term=spring).count() == 1
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("group", name="2 can go along")).to_be_visible()
    assert not Booking.objects.filter(term=spring).exists()
