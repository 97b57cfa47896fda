"""What is done on a page before it is looked at."""

import re

from allauth.mfa.totp.internal import auth as totp
from playwright.sync_api import expect

from scheduling.models import Booking


def wrong(page):
    """Send the form with nothing in it."""
    with page.expect_navigation():
        page.evaluate(
            """() => {
                const fields = "input:not([type=hidden]), textarea, select";
                const forms = [...document.querySelectorAll("main form[method=post]")];
                const form = forms.find(form => form.querySelector(fields));
                form.noValidate = true;
                for (const field of form.querySelectorAll(fields)) {
                    if (field.tagName === "SELECT") field.selectedIndex = -1;
                    else if (/^(checkbox|radio)$/.test(field.type)) field.checked = false;
                    else field.value = "";
                }
                form.requestSubmit();
            }"""
        )
    has_problem(page)


def has_problem(page):
    expect(page.locator("[data-error-summary]")).to_be_focused()


def press(name):
    """Press a button."""

    def act(page):
        with page.expect_navigation():
            page.get_by_role("button", name=name, exact=True).click()

    act.__doc__ = f"Press {name}."
    return act


def fill(button, **typed):
    """Type into fields, by their names, and press a button."""

    def act(page):
        for name, words in typed.items():
            page.locator(f"main [name='{name}']").first.fill(words)
        press(button)(page)

    act.__doc__ = f"Fill in and press {button}."
    return act


def in_turn(*acts):
    """Do one thing after the other."""

    def act(page):
        for each in acts:
            each(page)

    return act


def upload(content):
    """Choose a file and send it."""

    def act(page):
        buffer = content.encode() if isinstance(content, str) else content
        file = {"name": "file.csv", "mimeType": "text/csv", "buffer": buffer}
        page.locator("input[type=file]").set_input_files(file)
        with page.expect_navigation():
            page.locator("main form [type=submit]").click()

    return act


def more(page):
    """Open whatever is folded."""
    page.evaluate("document.querySelectorAll('main details').forEach(each => each.open = true)")


def menu(page):
    """Open one's own menu."""
    page.locator("details.me summary").click()


def undo_bar(page):
    """Do something that can be undone."""
    press("Nothing to talk about? Skip this one")(page)
    expect(page.get_by_role("button", name="Undo", exact=True)).to_be_visible()


def shift(page):
    """Let the day be another."""
    page.get_by_role("radio", name="Day 4", exact=True).check()
    press("Save")(page)


def choose(page):
    """Choose a time."""
    page.locator(".pick-slot").first.click()
    expect(page.locator("#bookbar")).to_have_class(re.compile("is-chosen"))


def book_nothing(page):
    """Send the form before a time is chosen, which only works without script."""
    with page.expect_navigation():
        page.evaluate("document.querySelector('#times').requestSubmit()")
    has_problem(page)


def late(page):
    """Book a place that another has."""
    taken = Booking.objects.live().get(pairing__attendee__external_id="TF")
    choose(page)
    page.locator("[name=seat]:checked").evaluate(
        "(radio, uid) => { radio.value = uid; }", str(taken.seat.uid)
    )
    press("Book this time")(page)
    has_problem(page)


def book(page):
    """Book the first time."""
    choose(page)
    press("Book this time")(page)


def saved_note(page):
    """Write a line and wait until it is kept."""
    page.get_by_label("Going well", exact=True).fill("The science corner.")
    expect(page.locator("#saved")).to_contain_text("Saved")
    more(page)


def type_name(page):
    """Find somebody while typing."""
    page.get_by_label("Name", exact=True).fill("ca")
    expect(page.locator("#results a").first).to_be_visible()


def theirs(page):
    """Look at the letter as they see it."""
    page.get_by_role("button", name="See it as they do").click()
    expect(page.locator("#preview .letter").first).to_be_visible()


def code_of_app(page):
    """Enter what the app shows."""
    secret = page.locator("code.secret").text_content()
    counter = next(totp.yield_hotp_counters_from_time())
    page.locator("[name=code]").fill(totp.format_hotp_value(totp.hotp_value(secret, counter)))
    with page.expect_navigation():
        page.locator("main form [type=submit]").first.click()


def without_token(page):
    """Send a form that was made elsewhere."""
    page.evaluate(
        "document.querySelectorAll('[name=csrfmiddlewaretoken]').forEach(each => each.remove())"
    )
    press("Sign in")(page)


def device_of(page):
    """Give a browser a device that keeps passkeys; answers what sends it more commands."""
    cdp = page.context.new_cdp_session(page)
    cdp.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    added = cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})

    def send(command, **more):
        return cdp.send(f"WebAuthn.{command}", added | more)

    return send


def passkeys(page):
    """Add a passkey, and see it listed."""
    device_of(page)
    page.get_by_role("link", name="Add a passkey").click()
    with page.expect_navigation():
        page.get_by_role("button", name="Add a passkey").click()
    page.get_by_role("link", name="Your passkeys").click()
    expect(page.get_by_role("link", name="Remove")).to_be_visible()
