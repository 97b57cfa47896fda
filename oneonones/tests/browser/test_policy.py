"""What a browser may keep and run: after signing out, Back shows nothing to whoever is next."""

import pytest
from playwright.sync_api import expect

from people.models import Person
from scheduling.views import people as people_views

from .conftest import CHROMIUMS, chromium, sign_in

SHOWN = "Priya Nair"


@pytest.fixture
def open_as_people_do(demo, browser_type, browser_type_launch_args, live_server, playwright):
    """Open the principal's people in a Chromium that keeps pages; Playwright's forgets them."""
    path = {"executable_path": chromium(playwright, *CHROMIUMS)}
    browser = browser_type.launch(
        **browser_type_launch_args | path, ignore_default_args=["--disable-back-forward-cache"]
    )

    def open_page(*, init_script="", **options):
        context = browser.new_context(base_url=live_server.url, **options)
        principal = Person.objects.get(external_id="EM")
        context.add_cookies([sign_in(principal.user, live_server.url)])
        page = context.new_page()
        page.add_init_script(init_script)
        page.goto("/people/")
        expect(page.get_by_text(SHOWN)).to_be_visible()
        return page

    yield open_page
    browser.close()


def sign_out_and_go_back(page):
    page.locator("details.me summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.go_back(wait_until="commit")


@pytest.mark.parametrize("javascript", [True, False])
def test_back_after_signing_out_shows_nothing(open_as_people_do, javascript):
    page = open_as_people_do(java_script_enabled=javascript)

    sign_out_and_go_back(page)

    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert SHOWN not in page.content()


@pytest.fixture
def keeps_pages(monkeypatch):
    """Without `no-store` on the principal's people."""
    render = people_views.render

    def keep(*args, **kwargs):
        response = render(*args, **kwargs)
        response["Cache-Control"] = "private"
        return response

    monkeypatch.setattr(people_views, "render", keep)


def test_back_shows_a_page_that_browsers_may_keep(open_as_people_do, keeps_pages):
    page = open_as_people_do(java_script_enabled=False)

    sign_out_and_go_back(page)

    expect(page.get_by_text(SHOWN)).to_be_visible()  # so it is the header that hides it


# What can be seen of a page when it comes out of the browser's memory, before anything else is done
AT_ONCE = """addEventListener("pageshow", event => {
    if (event.persisted) sessionStorage.setItem("at once", document.body.innerText);
}, true)"""


def test_what_a_browser_kept_comes_back_covered(open_as_people_do, keeps_pages):
    page = open_as_people_do(init_script=AT_ONCE)

    page.get_by_role("link", name="Today").first.click()
    page.wait_for_url("**/today/")
    page.go_back(wait_until="commit")
    page.wait_for_url("**/people/")
    expect(page.get_by_text(SHOWN)).to_be_visible()  # fetched anew

    at_once = page.evaluate("sessionStorage.getItem('at once')")
    assert "One-on-Ones is covered" in at_once
    assert SHOWN not in at_once


def test_browser_reports_a_broken_policy(page, complaints, caplog):
    page.goto("/accounts/login/")

    with page.expect_response("**/csp-report") as report:
        page.evaluate("document.body.append(document.createElement('style'))")
        page.evaluate("document.querySelector('body style').textContent = 'p { color: red }'")

    assert report.value.status == 204
    assert complaints  # so the ear of every other browser test hears it too
    complaints.clear()
    assert "style-src-elem broken on account_login" in caplog.text
