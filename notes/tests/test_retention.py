"""How long notes are kept: who decides, within which bounds, and where people read it."""

from datetime import date

import pytest
from bs4 import BeautifulSoup
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse

from audit.models import Event
from conftest import NOW
from notes import actions
from notes.models import RetentionRule
from notes.retention import Periods, year_end
from notes.tests.factories import draft, finished, school_with_lead
from people.models import Pairing
from people.tests.factories import PersonFactory
from scheduling.tests.factories import TermFactory

pytestmark = pytest.mark.django_db

DEFAULTS = Periods()
SHORT = Periods(memory_months=3, talk_years=0, record_years=1)
CANARY = "zanzibar-nougat-4711"


@pytest.fixture
def school():
    return school_with_lead()


@pytest.fixture
def admin(school):
    return PersonFactory(administrator=True, school=school)


@pytest.mark.parametrize(
    ("met_on", "years", "last"),
    [
        (date(2026, 7, 31), 1, date(2027, 7, 31)),
        (date(2026, 8, 1), 1, date(2028, 7, 31)),
        (date(2026, 8, 1), 0, date(2027, 7, 31)),
        (date(2026, 2, 3), 0, date(2026, 12, 11)),  # south of the equator
        (date(2026, 12, 11), 0, date(2026, 12, 11)),
        (date(2026, 12, 12), 0, date(2027, 12, 10)),
        (date(2026, 2, 3), 1, date(2027, 12, 10)),
    ],
)
def test_what_was_talked_about_is_kept_for_whole_school_years(met_on, years, last):
    ends = {2026: date(2026, 12, 11), 2027: date(2027, 12, 10)} if last.month == 12 else {}

    assert Periods(talk_years=years).talk_until(met_on, ends) == last


def test_a_calendar_that_is_half_typed_in_ends_nothing_early():
    assert year_end(2027, {2027: date(2026, 12, 18)}) == date(2027, 7, 31)


def test_what_keeps_longer_is_in_force_at_once(school, admin):
    rule = actions.propose_retention(school, Periods(24, 3, 7), by=admin, at=NOW)

    assert rule.in_force_at == NOW
    assert RetentionRule.objects.decided(school).periods == (24, 3, 7)
    assert list(Event.objects.values_list("act", "basis")) == [("retention.change", "rule.2.force")]


def test_what_deletes_sooner_waits_and_what_held_goes_on(school, admin):
    actions.propose_retention(school, SHORT, by=admin, at=NOW)

    assert RetentionRule.objects.decided(school).periods == DEFAULTS
    with pytest.raises(actions.CannotDecide, match="not tried yet"):
        actions.confirm_retention(school, number=2, by=admin, at=NOW)
    with pytest.raises(actions.CannotDecide, match="waits already"):
        actions.propose_retention(school, SHORT, by=admin, at=NOW)
    actions.propose_retention(school, SHORT._replace(talk_years=1), by=admin, at=NOW)
    with pytest.raises(actions.CannotDecide, match="meanwhile"):
        actions.confirm_retention(school, number=2, by=admin, at=NOW)
    actions.drop_retention(school, by=admin, at=NOW)
    assert RetentionRule.objects.decided(school).waiting is None
    with pytest.raises(actions.CannotDecide, match="already"):
        actions.propose_retention(school, DEFAULTS, by=admin, at=NOW)


def test_only_administrators_of_the_school_decide(school, admin):
    actions.propose_retention(school, SHORT, by=admin, at=NOW)
    for other in (PersonFactory(leader=True, school=school), PersonFactory(administrator=True)):
        with pytest.raises(PermissionDenied):
            actions.propose_retention(school, DEFAULTS, by=other, at=NOW)
        with pytest.raises(PermissionDenied):
            actions.confirm_retention(school, number=2, by=other, at=NOW)
        with pytest.raises(PermissionDenied):
            actions.drop_retention(school, by=other, at=NOW)


@pytest.mark.parametrize("field", Periods._fields)
def test_database_knows_floor_and_ceiling(school, field):
    for value in (0 if field != "talk_years" else 4, 99):
        wrong = DEFAULTS._replace(**{field: value})._asdict()
        with pytest.raises(IntegrityError), transaction.atomic():
            RetentionRule.objects.create(school=school, number=1, at=NOW, **wrong)


def test_page_shows_what_would_go_and_puts_it_in_force(client, now, school, admin):
    client.force_login(admin.user)
    page = reverse("notes:retention")
    sent = {name: str(value) for name, value in SHORT._asdict().items()}

    answer = client.post(page, sent, follow=True).text
    assert "It is tried in the coming night." in answer
    rule = RetentionRule.objects.decided(school).waiting
    rule.would_go, rule.rehearsed_at = {"memory": 1312, "talk": None}, NOW
    rule.save()
    answer = client.get(page).text
    assert "1,312 notes" in answer
    assert "Some, of fewer than five people" in answer
    assert "A change was tried and waits for a yes." in client.get(reverse("people:setup")).text
    client.post(reverse("notes:retention_confirm"), {"number": rule.number})

    assert RetentionRule.objects.decided(school).periods == SHORT
    assert "until the end of the same school year" in client.get(page).text


@pytest.mark.parametrize(
    "typed",
    [{}, {"memory_months": "1"}, {"talk_years": "x"}, {"record_years": "8"}, {"talk_years": "-1"}],
)
def test_page_says_what_is_wrong_and_changes_nothing(client, now, school, admin, typed):
    client.force_login(admin.user)
    sent = {**{name: str(value) for name, value in SHORT._asdict().items()}, **typed}

    answer = client.post(reverse("notes:retention"), sent if typed else {})

    assert answer.status_code == 200
    assert "Choose one of the times in the list." in answer.text
    assert not RetentionRule.objects.exists()


@pytest.mark.parametrize("number", ["", "x", "0", "9" * 30, "1"])
def test_yes_to_what_is_not_there_is_answered_in_words(client, now, school, admin, number):
    client.force_login(admin.user)

    answer = client.post(reverse("notes:retention_confirm"), {"number": number}, follow=True)

    assert "Look again." in answer.text
    assert not RetentionRule.objects.exists()


def test_notes_page_says_until_when(client, now, meeting):
    elena, priya = meeting.pairing.host, meeting.pairing.attendee
    finished(meeting, elena, CANARY)
    finished(meeting, elena, CANARY, field="memory", chosen=1)
    page = reverse("notes:meeting_notes", args=[meeting.uid])

    client.force_login(elena.user)
    assert said(client.get(page).text) == {
        "“How are you?”": "Until 31 July 2028.",
        "“For my memory”": "Until 12 October 2027, "
        "or 90 days after you two stop meeting if sooner.",
    }
    client.force_login(priya.user)
    assert said(client.get(page).text)["“For my memory”"] == (
        "12 months from when it is written, or 90 days after you two stop meeting if sooner."
    )
    Pairing.objects.filter(pk=meeting.pairing_id).update(ends_on=date(2026, 10, 9))
    client.force_login(elena.user)
    assert said(client.get(page).text)["“For my memory”"] == "Until 7 January 2027."


def test_counselors_read_how_long_goals_are_kept(client, now, counseling):
    client.force_login(counseling.pairing.host.user)
    page = reverse("notes:meeting_notes", args=[counseling.uid])

    assert said(client.get(page).text)["“What they would like to happen”"] == (
        "As long as you two meet, and 3 years after."
    )
    Pairing.objects.filter(pk=counseling.pairing_id).update(ends_on=date(2026, 10, 9))
    assert said(client.get(page).text)["“What they would like to happen”"] == (
        "Until 9 October 2029."
    )
    RetentionRule.objects.create(school=counseling.school, number=1, at=NOW, **DEFAULTS._asdict())
    assert list(said(client.get(page).text).values()) == [
        "Your school has not decided yet; until then it stays."
    ]


def test_what_is_not_finished_is_kept_like_a_memory_aid(client, now, meeting):
    draft(meeting, meeting.pairing.host, CANARY)
    client.force_login(meeting.pairing.host.user)

    answer = said(client.get(reverse("notes:meeting_notes", args=[meeting.uid])).text)

    assert any(labels.endswith("What is not finished") for labels in answer)


def said(page):
    """The rows of "How long it is kept"."""
    card = BeautifulSoup(page, "html.parser").find(attrs={"aria-labelledby": "kept-h"})
    return {row.dt.text: row.dd.text for row in card.find_all("div")}


def test_terms_of_the_calendar_move_the_end(client, now, meeting):
    TermFactory(
        school=meeting.school, starts_on=date(2028, 2, 1), ends_on=date(2028, 8, 25),
        school_year=2028,
    )  # fmt: skip
    finished(meeting, meeting.pairing.host, CANARY)
    client.force_login(meeting.pairing.host.user)

    answer = said(client.get(reverse("notes:meeting_notes", args=[meeting.uid])).text)

    assert answer["“How are you?”"] == "Until 25 August 2028."
