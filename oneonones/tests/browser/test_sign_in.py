"""The first page that anybody meets."""


def test_sign_in_page(open_page, look, axe):
    page = open_page(**look)

    page.goto("/accounts/login/")

    assert page.get_by_role("heading", level=1).count() == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= look["width"]
    axe(page)


def test_sign_in_page_without_javascript(open_page):
    page = open_page(javascript=False)

    page.goto("/accounts/login/")

    assert page.get_by_role("heading", level=1).count() == 1
