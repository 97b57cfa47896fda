"""Agreeing, declining and ending on a page."""

import pytest
from django.urls import reverse

from conftest import NOW
from notes import actions
from notes.models import AgreementVersion, StandingAcceptance
from notes.tests.factories import agree, finished
from notes.tests.notes_page import CANARY, address, page, soup
from people.models import Line, Pairing
from people.tests.factories import PASSWORD, LineFactory, PersonFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


def test_agreement_asks_with_two_buttons_and_takes_a_yes(client, asked):
    client.force_login(asked.attendee.user)
    shown = client.get(address("agreement", asked))
    assert [button.get_text(strip=True) for button in soup(shown).select("main form button")] == [
        "Yes, that is how we keep it", "Not now",
    ]  # fmt: skip
    assert "I must tell Sam Whitlock." in shown.text

    words = soup(shown).select_one("[name=words]")["value"]
    client.post(address("agreement_accept", asked), {"words": words})
    waiting = client.get(address("agreement", asked))
    assert "Elena has not answered yet" in waiting.text
    assert "Your yes is kept. It holds once you have both said yes." in waiting.text

    client.force_login(asked.host.user)
    assert "said yes to these words" in client.get(address("agreement", asked)).text
    client.post(address("agreement_accept", asked), {"words": words})
    assert "You both said yes on Monday 12 October." in client.get(address("agreement", asked)).text


def test_agreement_takes_not_now(client, asked):
    client.force_login(asked.attendee.user)

    response = client.post(address("agreement_decline", asked), {"next": "/today/"})

    assert response.url == "/today/"
    assert "Yes, that is how we keep it" in client.get(address("agreement", asked)).text


def test_agreement_says_by_the_rule_who_reads_what(client, counseling):
    counseling.pairing.kind = Pairing.Kind.COACHING
    counseling.pairing.save()
    line = LineFactory(person=counseling.pairing.attendee, manager__given_name="Jo")
    line.manager.roles.create(school=counseling.school, kind="leader", starts_on="2026-09-07")
    client.force_login(counseling.pairing.host.user)

    page = soup(client.get(address("agreement", counseling.pairing)))
    rows = page.select("dl.sees > div")

    host, student = counseling.pairing.host, counseling.pairing.attendee
    assert {row.dt.get_text(): row.dd.get_text() for row in rows} == {
        f"{host.name}, {student.name} and {line.manager.name}": "Headings (“Heading”)",
        f"{host.name} and {student.name}": "What we talked about (“How are you?”, “Going well”, "
        "“Heavy or stuck”), action points (“Action points”), goals and wishes, what to talk about, "
        "summaries that both have signed",
        "Only its writer": "“For my memory”",
    }
    back = reverse("scheduling:person_page", args=[student.uid])
    assert page.select_one(".page-head a")["href"] == back


def test_yes_to_words_that_name_a_manager_is_given_by_oneself(client, asked):
    asked.kind = Pairing.Kind.COACHING
    asked.save()
    asked.school.is_demo = False
    asked.school.save()
    LineFactory(person=asked.attendee)
    client.force_login(asked.attendee.user)
    shown = soup(client.get(address("agreement", asked)))
    yes = {"words": shown.select_one("[name=words]")["value"], "next": "/today/"}

    again = client.post(address("agreement_accept", asked), yes)
    assert "Is it still you?" in again.text
    assert not AgreementVersion.objects.exists()
    held = {each["name"]: each["value"] for each in soup(again).select("main [type=hidden][value]")}
    assert {name: held[name] for name in yes} == yes
    response = client.post(address("agreement_accept", asked), yes | {"again-password": PASSWORD})

    assert response.url == "/today/"
    assert AgreementVersion.objects.get().line_manager is not None


@pytest.mark.parametrize("words", ["", "nonsense", "\0", "0" * 64, "0" * 5000])
def test_agreement_refuses_a_yes_to_other_words(client, asked, words):
    client.force_login(asked.attendee.user)

    response = client.post(address("agreement_accept", asked), {"words": words})

    assert response.status_code == 200
    assert "There is a problem" in response.text
    assert not AgreementVersion.objects.exists()


def test_agreement_is_ended_by_either(client, asked):
    agree(asked)
    client.force_login(asked.attendee.user)

    client.post(address("agreement_withdraw", asked))
    twice = client.post(address("agreement_withdraw", asked))

    assert not AgreementVersion.objects.in_force().exists()
    assert "Nothing is agreed at the moment." in twice.text


def test_standing_is_accepted_once_and_leads_on(client, asked):
    client.force_login(asked.host.user)
    url = reverse("notes:standing")
    shown = client.get(url, {"next": "/invite/"})
    words = soup(shown).select_one("[name=words]")["value"]

    response = client.post(url, {"words": words, "kind": "staff_check_in", "next": "/invite/"})

    assert response.url == "/invite/"
    assert StandingAcceptance.objects.get().host == asked.host
    assert "You said yes to these words." in client.get(url).text
    client.force_login(asked.attendee.user)
    client.post(address("agreement_accept", asked), {"words": words})
    assert AgreementVersion.objects.get().is_in_force


@pytest.mark.parametrize(
    "next_page", ["https://elsewhere.example/", "//elsewhere.example/", "Ann\0 Lee"]
)
def test_standing_leads_to_our_own_pages_only(client, asked, next_page):
    client.force_login(asked.host.user)

    response = client.get(reverse("notes:standing"), {"next": next_page})

    assert "elsewhere" not in response.text


@pytest.mark.parametrize("words", ["", "nonsense", "0" * 64])
def test_standing_refuses_other_words(client, asked, words):
    client.force_login(asked.host.user)

    response = client.post(reverse("notes:standing"), {"words": words, "kind": "staff_check_in"})

    assert "There is a problem" in response.text
    assert not StandingAcceptance.objects.exists()


def test_standing_is_for_hosts_and_for_kinds_that_are(client, asked):
    client.force_login(asked.host.user)
    assert client.get(reverse("notes:standing"), {"kind": "nonsense"}).status_code == 404
    assert "you agree with each person" in client.get(
        reverse("notes:standing"), {"kind": "coaching"}
    ).text  # fmt: skip

    client.force_login(asked.attendee.user)
    assert client.get(reverse("notes:standing")).status_code == 403


def test_standing_of_a_counselor_is_about_counseling(client, counseling):
    client.force_login(counseling.pairing.host.user)

    assert "What you tell me stays with me." in client.get(reverse("notes:standing")).text


def read(client, pairing, person, query=""):
    client.force_login(person.user)
    return soup(client.get(address("agreement", pairing) + query)).select_one("main")


def said(page, button):
    """What a form of the page sends."""
    form = page.find("button", string=button).find_parent("form")
    return {each["name"]: each.get("value", "") for each in form.select("input[name]")}


def test_other_words_are_looked_at_proposed_and_agreed(client, managed):
    pairing, line = managed.pairing, managed.pairing.attendee
    version = AgreementVersion.objects.get()

    now = read(client, pairing, pairing.host)
    assert [each.get_text() for each in now.select(".dots a")] == [
        "Between us", "Headings and action points go to a line manager",
    ]  # fmt: skip
    offer = read(client, pairing, pairing.host, "?words=actions_up")
    assert "These words would take the place of what you two agreed on 12 October." in (
        offer.get_text(" ", strip=True)
    )
    assert AgreementVersion.objects.get() == version
    sent = said(offer, f"Propose these words to {line.first_name}")
    client.post(address("agreement_accept", pairing), sent)
    mine = read(client, pairing, pairing.host).get_text(" ", strip=True)
    assert "You propose other words." in mine
    assert "Priya has not answered yet." in mine

    theirs = read(client, pairing, pairing.attendee)
    assert "Elena proposes other words." in theirs.get_text(" ", strip=True)
    notes = page(client, managed, pairing.attendee)
    assert "Elena proposes other words." in notes.text
    assert "Jo Hall sees what the two of you agreed." in notes.text
    client.post(address("agreement_accept", pairing), said(theirs, "Yes, that is how we keep it"))

    assert AgreementVersion.objects.in_force().get().protocol == "actions_up"


def test_proposed_words_are_declined_and_the_old_hold(client, managed):
    pairing = managed.pairing
    offer = read(client, pairing, pairing.attendee, "?words=between_us")
    client.post(address("agreement_accept", pairing), said(offer, "Propose these words to Elena"))
    client.force_login(pairing.host.user)

    client.post(address("agreement_decline", pairing))

    assert AgreementVersion.objects.in_force().get().protocol == "topics_up"
    assert "You both said yes on" in read(client, pairing, pairing.host).get_text(" ", strip=True)


@pytest.mark.parametrize("words", ["counseling", "perf_support", "private", "", "x" * 3000, "%00"])
def test_words_that_are_not_for_these_two_are_not_shown(client, managed, words):
    shown = read(client, managed.pairing, managed.pairing.host, f"?words={words}")

    assert "Jo Hall, line manager of Priya Nair, can see the headings" in shown.get_text()


@pytest.mark.parametrize("protocol", ["counseling", "private", "nonsense", "\0"])
def test_a_yes_to_a_protocol_that_is_not_for_these_two_is_refused(client, managed, protocol):
    client.force_login(managed.pairing.host.user)

    response = client.post(
        address("agreement_accept", managed.pairing), {"words": "0" * 64, "protocol": protocol}
    )

    assert "This page is out of date. Open it again." in response.text
    assert AgreementVersion.objects.count() == 1


def test_a_new_line_manager_is_asked_about_and_sees_nothing_before(client, managed):
    pairing = managed.pairing
    finished(managed, pairing.host, CANARY, field="heading", chosen=7)
    Line.objects.all().delete()
    new = PersonFactory(leader=True, school=pairing.school, given_name="Ina")
    LineFactory(person=pairing.attendee, manager=new)

    for person in (pairing.host, pairing.attendee):
        asks = read(client, pairing, person)
        assert f"{new.name} is Priya’s line manager now" in asks.get_text(" ", strip=True)
        assert f"The line manager is {new.name} now" in page(client, managed, person).text
        sent = said(asks, "Yes, that is how we keep it")
        client.post(address("agreement_accept", pairing), sent)

    assert AgreementVersion.objects.in_force().get().line_manager == new
    client.force_login(new.user)
    assert client.get(address("heading_detail", pairing)).status_code == 404


def test_a_note_survives_the_end_of_the_agreement(client, meeting):
    finished(meeting, meeting.pairing.host, CANARY)
    actions.withdraw(meeting.pairing, by=meeting.pairing.attendee, at=NOW)

    assert CANARY in page(client, meeting, meeting.pairing.attendee).text
