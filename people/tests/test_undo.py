"""Undo: the inverse runs once, for the one who did it, and the mail about it stays here."""

import uuid
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from audit.models import Event
from conftest import NOW
from people import actions, undo
from people.models import Change
from people.tests.factories import ChangeFactory, OutgoingMailFactory, PersonFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def undone(monkeypatch):
    """The changes whose inverse ran; `taken` is one whose place was taken meanwhile."""
    ran = []

    def take_back(change, by, at):
        if change.refs.get("taken"):
            raise undo.CannotUndo("Somebody has this place now.")
        ran.append((change, by, at))

    monkeypatch.setitem(
        undo._inverses, "trial", undo.Inverse(take_back, lambda change: "Tried it.")
    )
    return ran


def address(change):
    return reverse("people:undo", args=[change.uid])


def test_undo_runs_the_inverse_and_drops_its_mail(undone):
    change = ChangeFactory(by__teacher=True)
    held = OutgoingMailFactory(change=change, hold_until=NOW + timedelta(seconds=60))
    sent = OutgoingMailFactory(change=change, sent_at=NOW)
    other = OutgoingMailFactory()

    actions.undo(change, by=change.by, at=NOW)

    assert undone == [(change, change.by, NOW)]
    for mail in (held, sent, other):
        mail.refresh_from_db()
    assert (held.dropped_at, sent.dropped_at, other.dropped_at) == (NOW, None, None)
    assert Change.objects.get().undone_at == NOW
    event = Event.objects.get(act=Event.Act.CHANGE_UNDO)
    assert (event.by, event.about) == (change.by_id, [f"change:{change.uid}"])


def test_undo_refuses_a_second_time(undone):
    change = ChangeFactory(undone_at=NOW)

    with pytest.raises(actions.CannotUndo, match="undone already"):
        actions.undo(change, by=change.by, at=NOW)

    assert undone == []


def test_undo_refuses_others(undone):
    with pytest.raises(PermissionDenied):
        actions.undo(ChangeFactory(), by=PersonFactory(), at=NOW)

    assert undone == []


def test_undo_leaves_all_as_it_was_when_the_place_is_taken(undone):
    change = ChangeFactory(refs={"taken": True})
    held = OutgoingMailFactory(change=change)

    with pytest.raises(actions.CannotUndo, match="Somebody has this place now"):
        actions.undo(change, by=change.by, at=NOW)

    held.refresh_from_db()
    change.refresh_from_db()
    assert (held.dropped_at, change.undone_at) == (None, None)


@pytest.mark.parametrize(
    ("where", "then"),
    [
        ({"next": "/find/"}, "/find/"),
        ({}, "/account/"),
        ({"next": "https://elsewhere.example/"}, "/account/"),
        ({"next": "Ann\0 Lee"}, "/account/"),
    ],
)
def test_undo_page_leads_back(client, now, undone, where, then):
    change = ChangeFactory()
    client.force_login(change.by.user)

    response = client.post(
        address(change), where, headers={"Referer": "http://testserver/account/"}
    )

    assert response.status_code == 302
    assert response.url.removeprefix("http://testserver") == then
    assert "Undone." in client.get("/account/").text


def test_undo_page_leads_home_from_elsewhere(client, now, undone):
    change = ChangeFactory()
    client.force_login(change.by.user)

    response = client.post(address(change), headers={"Referer": "https://elsewhere.example/"})

    assert response.url == reverse("home")


def test_undo_page_refreshes_for_htmx(client, now, undone):
    change = ChangeFactory()
    client.force_login(change.by.user)

    response = client.post(address(change), headers={"HX-Request": "true"})

    assert (response.status_code, response.headers["HX-Refresh"]) == (204, "true")
    assert len(undone) == 1


def test_undo_page_says_why_not(client, now, undone):
    done = ChangeFactory(undone_at=NOW)
    taken = ChangeFactory(by=done.by, refs={"taken": True})
    client.force_login(done.by.user)

    client.post(address(done))
    assert "This was undone already." in client.get("/account/").text
    client.post(address(taken))
    assert "Somebody has this place now." in client.get("/account/").text


def test_undo_page_is_not_there_for_others_unknown_or_old_changes(client, now, undone):
    person = PersonFactory(teacher=True)
    client.force_login(person.user)

    for uid in (
        ChangeFactory().uid,
        uuid.uuid4(),
        ChangeFactory(by=person, at=NOW - timedelta(days=1)).uid,
    ):
        assert client.post(reverse("people:undo", args=[uid])).status_code == 404
    assert undone == []


def test_undo_page_does_nothing_by_a_link(client, now, undone):
    change = ChangeFactory()
    client.force_login(change.by.user)

    assert client.get(address(change)).status_code == 405
