"""The word beside a note that starts to read like an evaluation: it comes, goes, and stays here."""

import pytest
from playwright.sync_api import expect

from people.models import Person
from scheduling.models import Meeting

from .conftest import TUESDAY

pytestmark = pytest.mark.usefixtures("demo")


@pytest.fixture
def talk():
    host = Person.objects.get(external_id="EM")
    talks = Meeting.objects.filter(pairing__host=host).upcoming(TUESDAY).in_order()
    return talks.select_related("pairing__host__user").first()


@pytest.mark.parametrize(
    ("words", "reads"),
    [
        ("Her lesson was unsatisfactory.", True),
        ("Rated 3 of 4, component 2b", True),
        ("Exceeds expectations", True),
        ("A score of 4", True),
        ("We talked about her garden, 3 to 4 times a week.", False),
        ("Room 12b is too cold for grade 3, on 5/9 too.", False),
        ("Glad that the class met us halfway.", False),
    ],
)
def test_a_word_comes_beside_what_reads_like_an_evaluation(open_page, axe, talk, words, reads):
    page = open_page(talk.pairing.host.user, width=390)
    page.goto(talk.get_absolute_url())
    word = page.locator("#how ~ .nudge")
    expect(page.locator("#how")).to_be_visible()
    expect(word).to_be_hidden()
    sent = []
    page.on("request", lambda request: sent.append(request.post_data or ""))

    page.locator("#how").fill(words)
    page.locator("#how").blur()
    expect(page.locator("#saved")).to_contain_text("Saved")

    expect(word).to_be_visible() if reads else expect(word).to_be_hidden()
    assert not any("nudge" in each for each in sent)
    if reads:
        expect(page.locator("#say")).to_have_text("This starts to read like an evaluation, and "
        "this is not the place for one.")  # fmt: skip
        axe(page)
        page.locator("#how").fill("We talked about her garden.")
        expect(word).to_be_hidden()
