"""The cover: nothing of a page is left to see, hear, find or print, and nothing typed is lost."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from people.models import Pairing, Person

from .conftest import LOOKS, violations

pytestmark = pytest.mark.usefixtures("demo")

COVER = (
    "One-on-Ones is covered "
    "Press any key or the button to go on. What you typed is still there. Go on"
)


@pytest.fixture
def principal():
    return Person.objects.get(external_id="EM")


@pytest.fixture
def path():
    """A page with a name and a form."""
    pairing = Pairing.objects.get(attendee__external_id="PN", host__external_id="EM")
    return reverse("scheduling:talk_log", args=[pairing.uid])


def words_on(page):
    """What can be seen of a page, by eye or by Ctrl+F."""
    return " ".join(page.locator("body").inner_text().split())


def is_covered(page):
    expect(page.locator("#cover")).to_be_visible()
    return words_on(page) == COVER and page.title() == "One-on-Ones"


def is_open(page):
    expect(page.locator("#cover")).to_have_count(0)
    return "Priya" in words_on(page) and page.title() == "Log a talk - One-on-Ones"


def test_page_left_alone_is_covered_and_keeps_what_was_typed(open_page, principal, path):
    page = open_page(principal.user, width=390)
    page.set_viewport_size({"width": 390, "height": 300})
    page.clock.install()
    page.goto(path)
    field = page.locator("main input:not([type=hidden])").first
    typed = field.input_value().replace("2026", "2025")
    field.fill(typed)
    assert is_open(page)

    page.clock.fast_forward("04:00")
    page.mouse.move(200, 200)
    page.clock.fast_forward("04:00")
    assert is_open(page)
    scrolled = page.evaluate("scrollY")
    assert scrolled  # by the field, which is below
    page.clock.fast_forward("01:05")

    assert is_covered(page)
    assert page.locator("body").aria_snapshot().count("\n") < 5  # nothing to be read aloud either
    expect(page.get_by_role("button", name="Go on")).to_be_focused()
    page.emulate_media(media="print")
    assert "Priya" not in words_on(page)
    page.emulate_media(media="screen")
    page.mouse.move(10, 10)
    page.keyboard.press("Control")
    assert is_covered(page)
    page.keyboard.press("x")
    assert is_open(page)
    expect(field).to_be_focused()
    expect(field).to_have_value(typed)
    assert page.evaluate("scrollY") == scrolled
    page.clock.fast_forward("04:00")
    assert is_open(page)  # the time begins anew


def test_cover_itself_is_a_good_page(open_page, principal, path):
    page = open_page(principal.user)
    page.goto(path)
    page.keyboard.press(".")
    assert is_covered(page)

    for theme, width in LOOKS:
        page.set_viewport_size({"width": width, "height": 800})
        page.evaluate("theme => document.documentElement.dataset.bsTheme = theme", theme)
        assert violations(page) == []
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")


def test_one_key_covers_every_window(open_page, principal, path):
    page = open_page(principal.user)
    page.goto(reverse("people:find"))
    other = page.context.new_page()
    other.goto(path)

    field = page.get_by_label("Name", exact=True)
    field.press(".")
    expect(field).to_have_value(".")
    expect(page.locator("#cover")).to_have_count(0)
    field.press("Control+.")
    assert is_covered(page)
    assert is_covered(other)
    page.get_by_role("button", name="Go on").click()
    expect(field).to_have_value(".")
    expect(field).to_be_focused()
    assert is_covered(other)  # each is shown where somebody asks for it
    other.keyboard.press(" ")
    assert is_open(other)

    other.keyboard.press(".")
    assert is_covered(page)


def test_single_key_can_be_turned_off(open_page, principal, path):
    principal.uses_shortcuts = False
    principal.save()
    page = open_page(principal.user)
    page.goto(path)

    page.keyboard.press(".")
    assert is_open(page)
    page.keyboard.press("Control+.")
    assert is_covered(page)


def test_phone_covers_from_the_menu(open_page, principal, path):
    page = open_page(principal.user, width=390, has_touch=True)
    page.goto(path)

    page.locator("details.me summary").tap()
    page.get_by_role("button", name="Cover this screen").tap()
    assert is_covered(page)
    page.get_by_role("button", name="Go on").tap()
    assert is_open(page)
    expect(page.get_by_role("button", name="Cover this screen")).to_be_hidden()
