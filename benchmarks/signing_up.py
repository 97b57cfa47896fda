"""The sign-up page as somebody reads it: which times it offers, what it says went wrong."""

import html
import re

from .forms import Choice, Form, forms_of
from .visitors import Answer, say


class Times:
    """A form of the sign-up page with the times it offers."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self.seats = form.named("seat")
        self.often = dict(form.texts).get("often", "")

    def sent(self, seat: Choice) -> list[tuple[str, str]]:
        return self.form.sent(seat)


def offers(page: Answer) -> list[Times]:
    """The forms with times on a page, those that still fit after a refusal first."""
    return [
        Times(each)
        for each in forms_of(page.text)
        if each.method == "post" and "often" in dict(each.texts)
    ]


def problem_of(page: Answer) -> str:
    """What the page says went wrong, in its own words; empty when it says nothing."""
    found = re.search(r'<div class="error-summary".*?</div>', page.text, re.S)
    return html.unescape(say(found[0], 120)) if found else ""


def told(page: Answer) -> str:
    """What the page says in place of times."""
    found = re.search(r'<fieldset class="when">(.*?)<div class="pick">', page.text, re.S)
    return html.unescape(say(found[1])) if found else ""


def elsewhere(page: Answer) -> list[str]:
    """At which other rhythms a page without times says that something is free."""
    return re.findall(r'href="\?often=(\w+)"', page.text)
