"""
"Hide names": with it on, no page names anybody but whoever looks, whatever address they open.

The factories' names are told apart by their numbers: Given12, Family12, person12@school.example.
"""

import re

import pytest
from django.test import Client
from django.urls import reverse

from conftest import NOW
from people import names, outbox
from people.models import OutgoingMail, Person
from people.tests.factories import PersonFactory
from people.words import words_for
from scheduling.calendar_files import title_for
from scheduling.lessons.entries import Kind
from scheduling.lessons.staff import Staff

from .test_access import ACCESS, VISITORS, sent
from .world import arguments, made_world, session_of, standing

pytestmark = [pytest.mark.django_db, pytest.mark.any_database, pytest.mark.usefixtures("now")]

NAME = re.compile(r"\b(?:Given|Family|person)(\d+)\b", re.IGNORECASE)
SWITCH = "/names/"

# Where somebody is named all the same. The safeguarding lead is on every page that says whom to
# tell when somebody could be hurt: no screen hides that.
NAMED_ALL_THE_SAME = {
    ("admin", "people:person_edit"): "the form that changes a name and an address",
}

# What the table of access has no row for: lists that were asked for something, a cell, a fragment
ASKED = [
    ("host", "people:find", None, "?q=family"),
    ("host", "scheduling:people", None, "?show=past_due"),
    ("host", "scheduling:people", None, "?show=without"),
    ("host", "scheduling:invite", None, ""),
    ("host", "scheduling:schedule", None, "?show=all"),
    ("host", "scheduling:schedule", None, "?about={cell}"),
    ("host", "scheduling:schedule", None, "?place={invited}"),
    ("admin", "people:find", None, "?q=family"),
    ("admin", "people:person_list", None, "?q=family"),
    ("counselor", "people:find", None, "?q=family"),
    ("confidant", "notes:meeting_ledger", "session", ""),
    ("confidant", "notes:meeting_notes", "session", ""),
    ("confidant", "notes:note_list", None, ""),
    ("confidant", "scheduling:meeting", "session", ""),
    ("confidant", "scheduling:people", None, ""),
]


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with standing(django_db_blocker):
        made = made_world()
        made.people["confidant"] = made.counseling.host.user  # who sees a student
        made.sessions["confidant"] = session_of(made.counseling.host.user)
        yield made


def named(text, *, but):
    """Whose names stand in a text, but for some: by their numbers."""
    known = NAME.findall(" ".join(f"{each.full_name} {each.email}" for each in but))
    return set(NAME.findall(text)) - set(known)


def said(response):
    return response.text + str(response.headers)


@pytest.mark.parametrize("visitor", ["host", "attendee", "leader", "admin", "counselor"])
def test_hidden_names_are_nowhere(world, visitor):
    Person.objects.update(hides_names=True)
    but = [world.people[visitor].person, world.school.safeguarding_lead]
    column = VISITORS.index(visitor)
    opened = [row for row, statuses in ACCESS.items() if statuses[column] == 200]

    found = {
        (visitor, name)
        for name, argument in opened
        if named(said(sent(world, visitor, name, argument)), but=but)
    }

    assert found == {each for each in NAMED_ALL_THE_SAME if each[0] == visitor}
    assert len(opened) > 15


@pytest.mark.parametrize(("visitor", "name", "argument", "query"), ASKED)
def test_hidden_names_are_not_in_what_was_asked_for(world, client, visitor, name, argument, query):
    user = world.people[visitor]
    but = [user.person, world.school.safeguarding_lead]
    slot = world.booking.seat.slot
    path = reverse(name, args=arguments(world, argument))
    path += query.format(cell=f"{slot.column}-{slot.period.uid}", invited=world.invited.uid)
    client.force_login(user)

    shown = client.get(path)
    client.post(SWITCH, {"names": "hide"})
    hidden = client.get(path)

    assert shown.status_code == hidden.status_code == 200
    assert named(said(shown), but=but) or "show=" in query
    assert not named(said(hidden), but=but)


@pytest.mark.parametrize(
    ("name", "argument"),
    [
        ("notes:agreement", "pairing"),
        ("notes:meeting_ledger", "meeting"),
        ("notes:meeting_notes", "meeting"),
        ("notes:note_list", None),
        ("scheduling:booked", "booking"),
        ("scheduling:meeting", "meeting"),
        ("scheduling:meeting_move", "meeting"),
        ("scheduling:people", None),
        ("scheduling:person_page", "colleague"),
        ("scheduling:schedule", None),
        ("scheduling:talk_log", "pairing"),
        ("scheduling:today", None),
    ],
)
def test_switch_turns_names_into_initials_and_back(world, client, name, argument):
    host, attendee = world.people["host"], world.pairing.attendee
    path = reverse(name, args=arguments(world, argument))
    client.force_login(host)

    shown = client.get(path).text
    answer = client.post(SWITCH, {"names": "hide"}, headers={"referer": f"http://testserver{path}"})
    hidden = client.get(answer.url).text
    client.post(SWITCH, {"names": "show"})

    assert attendee.first_name in shown
    assert answer.url == f"http://testserver{path}"
    assert attendee.hidden_name in hidden
    assert not named(hidden, but=[host.person, world.school.safeguarding_lead])
    assert host.person.name in hidden  # one's own name is no secret from oneself
    assert "Names are hidden" in hidden
    assert attendee.first_name in client.get(path).text


def test_account_says_how_it_begins_and_the_switch_how_it_goes_on(client):
    person = PersonFactory(teacher=True, hides_names=True)
    client.force_login(person.user)
    assert "Names are hidden" in client.get("/find/").text

    client.post(SWITCH, {"names": "show"})
    assert "Names are hidden" not in client.get("/find/").text

    client.post(reverse("people:account"), {"hides_names": "on"})
    assert "Names are hidden" in client.get("/find/").text

    other = Client()
    other.force_login(PersonFactory(teacher=True).user)
    other.post(SWITCH, {"names": "who knows"})
    assert "Names are hidden" not in other.get("/find/").text


def test_what_leaves_the_screen_has_names(world):
    host, attendee = world.pairing.host, world.pairing.attendee
    invited = world.invited
    mail = OutgoingMail(kind="invitation", person=invited.attendee, subject_uid=invited.uid)
    people = {"host": host, "attendee": attendee, "manager": world.people["leader"].person}
    agreed = words_for("topics_up", **people).sha256

    with names.hidden_from(attendee.pk):
        assert host.name == host.hidden_name
        assert f"\n{host.given_name}\n" in outbox.render(mail, at=NOW).body
        assert host.family_name in title_for(world.pairing, attendee)
        assert words_for("topics_up", **people).sha256 == agreed
        staff = Staff(world.school, world.term, Kind.LESSONS)
        assert staff.find(staff.word_for(host)) == host.pk
        assert staff.find(f"{host.given_name} {host.family_name}") == host.pk
    assert host.name == host.full_name
