"""Saving and finishing a note, with and without JavaScript; nothing typed is lost."""

from uuid import uuid4

import pytest

from conftest import NOW
from notes import actions
from notes.models import AgreementVersion, Part
from notes.tests.factories import agree, finished, written_by
from notes.tests.notes_page import CANARY, HTMX, address, page, post_note, soup, who_sees
from people.words import words_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

# Writing


def test_note_save_answers_htmx_with_what_changed(client, meeting):
    response = post_note(
        client, meeting, meeting.pairing.host, "note_save", headers=HTMX,
        how=CANARY, **{"how-see": "1"},
    )  # fmt: skip

    [part] = Part.objects.visible_to(meeting.pairing.host, at=NOW)
    tree = soup(response)
    assert tree.select_one("#saved").get_text(strip=True) == "Saved 3:00"
    assert tree.select_one("#how-seen")["value"] == f"{part.uid}:1"
    assert tree.select_one("#how-chip").get_text(strip=True) == "Only you"
    assert who_sees(response)["Priya"] == (
        "“Going well”, “Heavy or stuck”. Not “How are you?”, “For my memory”."
    )
    assert CANARY not in response.text


def test_note_save_without_script_comes_back(client, meeting):
    response = post_note(client, meeting, meeting.pairing.host, "note_save", how=CANARY)

    assert response.url == address("meeting_notes", meeting)
    shown = page(client, meeting, meeting.pairing.host)
    assert soup(shown).select_one("#how").get_text() == CANARY
    assert "Not finished: only you can open it" in shown.text


@pytest.mark.parametrize(
    "next_page",
    ["https://elsewhere.example/", "//elsewhere.example", "nonsense:", "Ann\0 Lee", "home"],
)
def test_note_finish_leads_to_our_own_pages_only(client, meeting, next_page):
    response = post_note(client, meeting, meeting.pairing.host, how="a", next=next_page)

    assert response.url == address("meeting_notes", meeting)


@pytest.mark.parametrize("verb", ["note_save", "note_finish"])
@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"how": "x" * 20_001}, "“How are you?” is longer than 20,000 characters."),
        ({"how": "a\0b"}, "“How are you?” holds a character that cannot be kept."),
        ({"how": "a", "how-see": "7"}, "Choose who can see “How are you?” from the list."),
        ({"how": "a", "how-see": "both"}, "Choose who can see “How are you?” from the list."),
        ({"memory": "a", "memory-see": "3"}, "Choose who can see “For my memory” from the list."),
        ({"how": "a", "how-seen": "x" * 2001}, "Ensure this value has at most 2000 characters"),
    ],
)
def test_notes_refuse_in_words_and_keep_what_was_typed(client, meeting, verb, fields, words):
    response = post_note(client, meeting, meeting.pairing.host, verb, well=CANARY, **fields)
    fragment = post_note(
        client, meeting, meeting.pairing.host, "note_save", headers=HTMX, well=CANARY, **fields
    )

    assert response.status_code == fragment.status_code == 200
    assert words in response.text.replace("&quot;", '"')
    assert soup(response).select_one("#well").get_text() == CANARY
    assert "Not saved." in fragment.text
    assert written_by(meeting.pairing.host) == []


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"how": ""},
        {"shown": "nonsense"},
        {"how": "a", "how-seen": "nonsense"},
        {"how": "a", "how-seen": f"{uuid4()}:1"},
        {"how": "a", "confirmed": "\0", "next": "\0"},
        {"how": "\U0001f600 é \u202e"},
    ],
)
def test_notes_take_odd_forms(client, meeting, fields):
    for verb in ("note_save", "note_finish"):
        for headers in ({}, HTMX):
            response = post_note(
                client, meeting, meeting.pairing.host, verb, headers=headers, **fields
            )
            assert response.status_code in (200, 302)


def test_note_finish_asks_again_when_the_agreement_has_changed(client, counseling):
    host = counseling.pairing.host
    before = agree(counseling.pairing)
    choice = {"wish": CANARY, "wish-see": "3", "shown": str(before.uid)}
    post_note(client, counseling, host, "note_save", **choice)
    actions.withdraw(counseling.pairing, by=counseling.pairing.attendee, at=NOW)
    now = agree(counseling.pairing)
    seen = soup(page(client, counseling, host)).select_one("#wish-seen")["value"]

    asked = post_note(client, counseling, host, **choice, **{"wish-seen": seen})

    assert "What you both agreed has changed since you began to write." in asked.text
    row = soup(asked).find("th", string="What they would like to happen").parent
    assert [cell.get_text(strip=True) for cell in row.find_all("td")] == ["You and Elias"] * 2
    assert soup(asked).select_one("#wish").get_text() == CANARY
    assert not Part.objects.visible_to(counseling.pairing.attendee, at=NOW).exists()

    button = soup(asked).find("button", attrs={"name": "confirmed"})
    seen = soup(asked).select_one("#wish-seen")["value"]
    again = post_note(
        client, counseling, host, confirmed=button["value"], **choice, **{"wish-seen": seen}
    )
    assert again.status_code == 302
    [part] = Part.objects.visible_to(counseling.pairing.attendee, at=NOW)
    assert part.agreement == now


def test_note_finish_does_not_share_what_was_typed_before_an_agreement(client, counseling):
    host = counseling.pairing.host
    post_note(client, counseling, host, "note_save", wish=CANARY)
    agree(counseling.pairing)
    seen = soup(page(client, counseling, host)).select_one("#wish-seen")["value"]

    asked = post_note(client, counseling, host, wish=CANARY, **{"wish-seen": seen})

    row = soup(asked).find("th", string="What they would like to happen").parent
    assert [cell.get_text(strip=True) for cell in row.find_all("td")] == ["Only you"] * 2
    button = soup(asked).find("button", attrs={"name": "confirmed"})
    post_note(
        client, counseling, host,
        wish=CANARY, confirmed=button["value"], **{"wish-seen": seen},
    )  # fmt: skip
    assert not Part.objects.visible_to(counseling.pairing.attendee, at=NOW).exists()
    [part] = Part.objects.visible_to(host, at=NOW)
    assert not part.is_draft


def test_two_windows_lose_nothing(client, meeting):
    host = meeting.pairing.host
    post_note(client, meeting, host, "note_save", how="one")
    [part] = Part.objects.visible_to(host, at=NOW)
    seen = {"how-seen": f"{part.uid}:1", "how-see": "3"}
    post_note(client, meeting, host, "note_save", how="one, and more", **seen)

    other = post_note(client, meeting, host, "note_save", headers=HTMX, how="else", **seen)
    assert "Another window has other words: both are kept." in other.text
    asked = post_note(client, meeting, host, how="else, too", **seen)

    assert "Both are kept, one above the other" in asked.text
    field = soup(asked).select_one("#how").get_text()
    assert field == "one, and more\n\nelse\n\nelse, too"
    tree = soup(asked)
    post_note(
        client, meeting, host, how="all of it",
        **{"how-see": "3", "how-seen": tree.select_one("#how-seen")["value"]},
    )  # fmt: skip
    assert "all of it" in page(client, meeting, meeting.pairing.attendee).text


def test_pages_without_a_key_ring_lose_nothing(client, meeting, settings, tmp_path):
    finished(meeting, meeting.pairing.host, "a")
    path, settings.KEYRING_PATH = settings.KEYRING_PATH, tmp_path / "away.json"
    host = meeting.pairing.host

    shown = page(client, meeting, host)
    assert "Notes cannot be opened right now. Nothing is lost." in shown.text
    assert not soup(shown).select("textarea")
    for verb in ("note_save", "note_finish"):
        response = post_note(client, meeting, host, verb, well=CANARY)
        assert response.status_code == 200
        assert soup(response).select_one("#well").get_text() == CANARY
        assert "Not saved. Your words are still here." in response.text
    fragment = post_note(client, meeting, host, "note_save", headers=HTMX, well=CANARY)
    assert "Not saved. Your words are still here." in fragment.text
    for name in ("agreement_accept", "agreement_decline", "agreement_withdraw"):
        words = words_of(meeting.pairing, on=NOW.date()).sha256
        answer = client.post(address(name, meeting.pairing), {"words": words})
        assert answer.status_code == 200
    settings.KEYRING_PATH = path
    assert AgreementVersion.objects.get().is_in_force
