"""How the tests of the pages with notes ask and read."""

import re

from bs4 import BeautifulSoup
from django.urls import reverse

from notes.models import AgreementVersion

CANARY = "zanzibar-nougat-4711"

HTMX = {"HX-Request": "true"}


def address(name, thing):
    return reverse(f"notes:{name}", args=[thing.uid])


def page(client, meeting, person, **kwargs):
    client.force_login(person.user)
    return client.get(address("meeting_notes", meeting), **kwargs)


def soup(response):
    # Browsers leave out a line break right at the start of a field, this parser does not
    page = re.sub(r"(<textarea\b[^>]*>)\r?\n", r"\1", response.text)
    return BeautifulSoup(page, "html.parser")


def who_sees(response):
    rows = soup(response).select("#who-sees-what dl.sees > div")
    return {row.dt.get_text(strip=True): row.dd.get_text(strip=True) for row in rows}


def post_note(client, meeting, person, verb="note_finish", headers=None, **fields):
    client.force_login(person.user)
    version = AgreementVersion.objects.of(meeting.pairing).in_force().first()
    shown = str(version.uid) if version else "none"
    return client.post(address(verb, meeting), {"shown": shown, **fields}, headers=headers or {})
