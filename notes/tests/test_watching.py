"""Unusually many notes opened in a short time: said once, to the right people, without words."""

from datetime import timedelta

import pytest
from django.urls import reverse

from audit.actions import verify
from audit.models import Event
from conftest import NOW
from notes import actions, finding, vault, watching
from notes.models import AgreementVersion, LogKeeper, Part
from notes.tests.factories import part_row
from people import outbox
from people.models import OutgoingMail
from people.tests.factories import PersonFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("now")]

MINUTE = timedelta(minutes=1)


@pytest.fixture
def priya(meeting):
    return meeting.pairing.attendee


@pytest.fixture
def elena(meeting):
    return meeting.pairing.host


@pytest.fixture
def parts(meeting, elena):
    """What Elena wrote and both may read: some more than a person opens in ten minutes."""
    version = AgreementVersion.objects.of(meeting.pairing).get()
    return [
        part_row(meeting, elena, "the words", agreement=version, aud=3, written_aud=3)
        for _ in range(5)
    ]


@pytest.fixture(autouse=True)
def few(monkeypatch):
    monkeypatch.setattr(watching, "MOST", 3)


@pytest.fixture
def keepers(meeting):
    leader = PersonFactory(leader=True, school=meeting.school)
    two = [PersonFactory(teacher=True, school=meeting.school) for _ in range(2)]
    for person in two:
        actions.name_keeper(meeting.school, person, by=leader, at=NOW)
    OutgoingMail.objects.all().delete()
    return two


def read(parts, by, at=NOW, page="meeting:1"):
    visible = Part.objects.visible_to(by, at=at).filter(pk__in=[each.pk for each in parts])
    return vault.read(visible.select_related("agreement"), by=by, at=at, page=page)


def said():
    return Event.objects.filter(act="part.many").order_by("pk")


def test_one_more_than_the_limit_is_said_once_a_day(meeting, priya, parts, keepers):
    read(parts[:3], priya)
    assert not said().exists()
    read(parts[:4], priya, NOW + MINUTE)
    read(parts, priya, NOW + 2 * MINUTE)
    [event] = said()
    assert (event.chain, event.by, event.basis) == (meeting.school_id, priya.pk, "page.4")
    assert event.about == [f"person:{priya.pk}"]
    told = OutgoingMail.objects.filter(kind="many_opened").select_related("person")
    assert {mail.person for mail in told} == {priya, *keepers}
    assert len(told) == 3
    assert verify().is_sound
    tomorrow = NOW + timedelta(days=1)
    read(parts, priya, tomorrow, page="meeting:2")
    assert said().count() == 2


def test_the_same_again_and_what_is_long_ago_do_not_count(priya, parts):
    for minutes in (0, 31, 62):
        read(parts[:3], priya, NOW + minutes * MINUTE)
    read(parts[3:4], priya, NOW + 73 * MINUTE, page="meeting:3")
    assert not said().exists()
    read(parts[:3], priya, NOW + 82 * MINUTE, page="meeting:4")
    assert said().count() == 1  # the fourth was nine minutes before


def test_ones_own_notes_do_not_count(elena, parts):
    read(parts, elena)
    finding.find("words", elena, at=NOW)
    assert not said().exists()


def test_a_search_counts_talks_and_not_fields(priya, parts):
    hits, _ = finding.find("words", priya, at=NOW)
    assert len(hits) == 1
    assert Event.objects.filter(act="part.read", by=priya.pk).exists()
    assert not said().exists()


def test_a_copy_of_ones_data_counts_and_says_so(meeting, priya, parts, keepers):
    visible = Part.objects.visible_to(priya, at=NOW).select_related("agreement", "meeting")
    vault.read_for_copy(visible, by=priya, at=NOW)
    assert said().get().basis == "copy.5"
    [alert] = watching.alerts(meeting.school, most=5)
    assert (alert.person, alert.number, alert.is_copy) == (priya, 5, True)


def test_mails_say_who_when_how_many_and_no_word_more(priya, elena, parts, keepers):
    read(parts, priya)
    mails = OutgoingMail.objects.filter(kind="many_opened").select_related("person")
    for mail in mails:
        body = outbox.render(mail, at=NOW).body
        assert "5 within ten minutes" in body
        assert "the words" not in body
        assert elena.family_name not in body
        assert (priya.name in body) == (mail.person != priya)
    LogKeeper.objects.all().delete()
    assert [mail.person for mail in mails if outbox.render(mail, at=NOW)] == [priya]


def test_a_student_is_not_named_in_a_mail(counseling, keepers, monkeypatch):
    leader = PersonFactory(leader=True, school=counseling.school)
    keeper = PersonFactory(teacher=True, school=counseling.school)
    actions.name_keeper(counseling.school, keeper, by=leader, at=NOW)
    monkeypatch.setattr(watching, "MOST", -1)
    watching.watch(counseling.school_id, by=counseling.pairing.attendee, at=NOW)
    mail = OutgoingMail.objects.get(kind="many_opened", person=keeper)
    body = outbox.render(mail, at=NOW).body
    assert "somebody who is not staff" in body
    assert "Elias" not in body
    assert "Kaya" not in body


def test_keepers_see_it_and_administrators_do_not(client, meeting, priya, parts, keepers):
    read(parts, priya)
    client.force_login(keepers[0].user)
    page = client.get(reverse("notes:log")).text
    assert priya.name in page
    assert "5 within ten minutes" in page
    admin = PersonFactory(administrator=True, school=meeting.school)
    client.force_login(admin.user)
    page = client.get(reverse("notes:log")).text
    assert "within ten minutes" not in page
    assert priya.name not in page.replace(f">{priya.name}</option>", "")
