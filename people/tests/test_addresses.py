"""Which addresses that a browser names are pages of this site."""

import pytest

from people.addresses import own_page

OURS = [
    "/today/",
    "/find/?q=a",
    "http://testserver/account/",
    "http://testserver//elsewhere.example/",
]
NOT_OURS = [
    "",
    "home",
    "today/",
    "Ann\0 Lee",
    "?q=a",
    "#top",
    "//elsewhere.example/",
    "///elsewhere.example/",
    "/\\elsewhere.example/",
    "http:///elsewhere.example/",
    "https://elsewhere.example/today/",
    "http://testserver@elsewhere.example/",
    "http://[/",
    "javascript:alert(1)",
    "\t/today/",
]


@pytest.mark.parametrize("address", OURS)
def test_a_page_of_ours_stays_as_it_was_asked_for(rf, address):
    assert own_page(rf.get("/"), address) == address


@pytest.mark.parametrize("address", NOT_OURS)
def test_nothing_else_is_a_page_of_ours(rf, address):
    assert own_page(rf.get("/"), address) == ""


def test_where_pages_are_encrypted_no_other_is_ours(rf):
    request = rf.get("/", secure=True)

    assert own_page(request, "http://testserver/today/") == ""
    assert own_page(request, "https://testserver/today/") == "https://testserver/today/"
