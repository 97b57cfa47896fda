"""Everything by keys alone: what has focus is always in sight, and never lost."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from people.models import Pairing, Person
from people.tests.factories import PASSWORD
from scheduling.models import Meeting

from .conftest import LOOKS, TUESDAY

pytestmark = pytest.mark.usefixtures("demo")

MOST_STOPS = 400


def one(key):
    return Person.objects.get(external_id=key)


def talk_of(key):
    return Meeting.objects.filter(pairing__attendee=one(key)).upcoming(TUESDAY).in_order().first()


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def tab_to(page, target):
    """Press Tab until the element has focus."""
    handle = target.element_handle()
    for _ in range(MOST_STOPS):
        press(page, "Tab")
        if handle.evaluate("element => element === document.activeElement"):
            return
    pytest.fail(f"Tab does not reach {target}")


def open_as(open_page, key, path):
    page = open_page(one(key).user)
    page.goto(path)
    return page


def test_signing_in_and_skipping_to_the_page(page):
    user = one("LH").user
    user.set_password(PASSWORD)
    user.save()
    page.goto("/people/")

    press(page, "Tab")
    expect(page.get_by_role("link", name="Skip to the page")).to_be_focused()
    expect(page.get_by_role("link", name="Skip to the page")).to_be_in_viewport()
    press(page, "Enter")
    expect(page.locator("#main")).to_be_focused()
    tab_to(page, page.get_by_label("Email"))
    page.keyboard.type(user.email)
    tab_to(page, page.get_by_label("Password"))
    page.keyboard.type(PASSWORD)
    press(page, "Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("My one-on-ones")


def test_slash_finds_a_person(open_page):
    page = open_as(open_page, "EM", reverse("scheduling:today"))

    press(page, "/")
    field = page.get_by_label("Name", exact=True)
    expect(field).to_be_focused()
    page.wait_for_load_state()  # what is typed before the scripts are there is found by Enter only
    page.keyboard.type("pri/")
    expect(field).to_have_value("pri/")
    press(page, "Backspace")
    result = page.locator("#results").get_by_role("link", name=re.compile("Priya Nair"))
    expect(result).to_be_visible()
    expect(field).to_be_focused()
    tab_to(page, result)
    press(page, "Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Priya Nair")


def test_signing_up_by_arrows(open_page):
    pairing = Pairing.objects.get(attendee=one("LH"))
    page = open_as(open_page, "LH", reverse("scheduling:sign_up", args=[pairing.uid]))

    often = page.locator("[name=often]:checked")
    tab_to(page, often)
    with page.expect_response("**/book/**"):
        press(page, "ArrowRight")
    expect(page.locator("[name=often]:checked")).to_be_focused()
    expect(page.locator("#say")).to_contain_text(re.compile("times? fits? your timetable"))
    press(page, "ArrowLeft")
    expect(page.locator("#times [name=often]")).to_have_value("weekly")

    tab_to(page, page.locator("[name=seat]").first)
    press(page, "Space", "ArrowDown", "ArrowUp")
    expect(page.locator("[name=seat]").first).to_be_focused()
    expect(page.locator("#bookbar")).to_contain_text("First time")
    tab_to(page, page.get_by_role("button", name="Book this time"))
    press(page, "Enter")
    expect(page.locator("#undo")).to_contain_text("Booked")
    expect(page.get_by_role("button", name="Close this message")).to_be_visible()
    press(page, "Control+z")
    expect(page.get_by_text("Undone.")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("Pick a time with Elena")


def test_a_note_and_who_can_see_it(open_page):
    page = open_as(open_page, "EM", talk_of("PN").get_absolute_url())

    field = page.get_by_label("Going well", exact=True)
    expect(field).to_be_visible()
    line = page.locator(".nf", has=field)
    before = page.locator(".nf", has=page.get_by_label("How are you?", exact=True))
    tab_to(page, before.locator("textarea"))
    press(page, "Tab")
    expect(line.locator("summary")).to_be_focused()
    press(page, "Enter")
    expect(line.locator("fieldset")).to_be_visible()
    press(page, "Tab")
    expect(line.locator("input:checked")).to_be_focused()
    with page.expect_response("**/notes/save/"):
        press(page, "ArrowUp")
    expect(page.locator("#well-chip")).to_contain_text("Only you")
    press(page, "Escape")
    expect(line.locator("fieldset")).to_be_hidden()
    expect(line.locator("summary")).to_be_focused()
    press(page, "Tab")
    expect(field).to_be_focused()
    page.keyboard.type("The choir")
    expect(page.locator("#saved")).to_contain_text("Saved")
    expect(field).to_be_focused()
    press(page, "Control+z")  # the field's own
    expect(field).not_to_have_value("The choir")
    expect(page.locator("#undo")).not_to_contain_text("Undone")


def test_skipping_a_talk_and_taking_it_back(open_page):
    page = open_as(open_page, "TF", talk_of("TF").get_absolute_url())

    tab_to(page, page.get_by_role("button", name=re.compile("Skip this one")))
    press(page, "Enter")
    expect(page.get_by_role("button", name="Close this message")).to_be_visible()
    press(page, "Control+z")
    expect(page.get_by_text("Undone.")).to_be_visible()

    tab_to(page, page.locator("details.me summary"))
    press(page, "Enter", "Tab")
    expect(page.locator("details.me")).to_have_attribute("open", "")
    press(page, "Escape")
    expect(page.locator("details.me")).not_to_have_attribute("open", "")
    expect(page.locator("details.me summary")).to_be_focused()


WHERE_FOCUS_IS = """() => {
    const element = document.activeElement;
    if (!element || element === document.body) return null;
    const shown = element.closest("label") || element;
    const found = [...shown.getClientRects()].some(box => {
        const points = [[0.5, 0.5], [0.1, 0.1], [0.9, 0.1], [0.1, 0.9], [0.9, 0.9]];
        return points.some(([x, y]) => {
            const [left, top] = [box.left + box.width * x, box.top + box.height * y];
            const hit = document.elementFromPoint(left, top);
            return hit && shown.contains(hit);
        });
    });
    return {found, words: shown.outerHTML.slice(0, 200)};
}"""

PAGES = [
    ("EM", "scheduling:today", None),
    ("EM", "scheduling:people", None),
    ("EM", "scheduling:schedule", None),
    ("EM", "scheduling:invite", None),
    ("EM", "scheduling:meeting", lambda: talk_of("PN").uid),
    ("EM", "scheduling:meeting_move", lambda: talk_of("PN").uid),
    ("LH", "scheduling:sign_up", lambda: Pairing.objects.get(attendee=one("LH")).uid),
    ("RC", "people:person_list", None),
    ("RC", "scheduling:bell_schedule_edit", None),
]


WIDTHS = {width for _, width in LOOKS}


@pytest.mark.parametrize("width", [min(WIDTHS), max(WIDTHS)])
def test_focus_is_always_in_sight(open_page, width):
    unseen = []
    for key, name, of in PAGES:
        page = open_page(one(key).user, width=width)
        page.goto(reverse(name, args=[of()] if of else []))
        page.wait_for_load_state("networkidle")
        for direction in ("Tab", "Shift+Tab"):
            unseen += [f"{name} by {direction}: {each}" for each in stops_unseen(page, direction)]
        page.context.close()

    assert unseen == []


def stops_unseen(page, key):
    """What has focus and cannot be seen, on the way through a page and out of it."""
    press(page, key)
    for stop in range(MOST_STOPS):
        here = page.evaluate(WHERE_FOCUS_IS)
        if here is None and stop == 0:
            yield "nothing can have focus"
        if here is None:
            return
        if not here["found"]:
            yield here["words"]
        press(page, key)
    yield "no end"


def test_what_covers_focus_is_found(page):
    page.goto(reverse("account_login"))
    page.evaluate(
        """() => {
            const cover = document.body.appendChild(document.createElement("div"));
            Object.assign(cover.style, {position: "fixed", inset: "0"});
        }"""
    )

    assert list(stops_unseen(page, "Tab"))
