"""Who has opened these notes: what the two of a meeting read of the log, and what they do not."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from conftest import NOW
from notes import vault
from notes.models import AgreementVersion, Part
from notes.tests.factories import agree, draft, finished, part_row, school_with_lead
from notes.tests.notes_page import CANARY, address, page
from people.models import Pairing
from people.tests.factories import LineFactory, PairingFactory, PersonFactory
from scheduling.tests.factories import MeetingFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

READING = 11


@pytest.fixture
def coaching():
    """A talk of a coach and a teacher; the teacher's line manager may see headings."""
    pairing = PairingFactory(
        school=school_with_lead(),
        kind=Pairing.Kind.COACHING,
        attendee__given_name="Priya",
        attendee__family_name="Nair",
    )
    LineFactory(
        person=pairing.attendee,
        manager=PersonFactory(
            leader=True, school=pairing.school, given_name="Ada", family_name="Hall"
        ),
    )
    agree(pairing)
    return MeetingFactory(pairing=pairing)


def ledger(client, meeting, person):
    client.force_login(person.user)
    main = BeautifulSoup(client.get(address("meeting_ledger", meeting)).text, "html.parser").main
    return [" ".join(item.get_text().split()) for item in main.select("li")], " ".join(
        main.get_text().split()
    )


def test_it_says_who_opened_what_when_and_on_what_ground(client, coaching):
    host, priya = coaching.pairing.host, coaching.pairing.attendee
    finished(coaching, host, CANARY)
    finished(coaching, host, CANARY, field="memory", chosen=1)
    page(client, coaching, priya)

    assert ledger(client, coaching, host)[0] == [
        "Priya Nair, teacher, opened “How are you?”, shared with them. Monday 12 October at 3:00 AM"
    ]
    own, text = ledger(client, coaching, priya)
    assert own == ["“How are you?” Monday 12 October at 3:00 AM"]
    assert "For my memory" not in text
    assert CANARY not in text


def test_it_names_the_line_manager_as_they_were_then(client, coaching):
    version = AgreementVersion.objects.get()
    manager = version.line_manager
    part = part_row(
        coaching, coaching.pairing.host, CANARY,
        kind="topic", field="well", written_aud=7, aud=7, line=manager, agreement=version,
    )  # fmt: skip
    vault.read([part], by=manager, at=NOW, page=f"meeting:{coaching.uid}")
    manager.roles.update(ends_on=NOW.date() + timedelta(days=1))
    manager.roles.create(
        school=coaching.school, kind="teacher", starts_on=NOW.date() + timedelta(days=2)
    )

    for person in (coaching.pairing.host, coaching.pairing.attendee):
        [entry] = ledger(client, coaching, person)[0]
        assert entry.startswith("Ada Hall, leader, opened “Going well”, as the line manager whom ")


def test_what_one_keeps_for_oneself_the_other_does_not_learn_of(client, coaching):
    host, priya = coaching.pairing.host, coaching.pairing.attendee
    finished(coaching, host, CANARY, field="memory", chosen=1)
    draft(coaching, host, CANARY, field="heavy")

    entries, text = ledger(client, coaching, priya)
    assert entries == []
    assert "No note of this talk is finished yet" in text  # as if there were none
    assert "Nobody but you." in ledger(client, coaching, host)[1]


def test_nobody_opened_it_yet(client, coaching):
    finished(coaching, coaching.pairing.host, CANARY)

    assert "Priya has not opened yours." in ledger(client, coaching, coaching.pairing.host)[1]


def test_other_talks_are_not_in_it(client, coaching):
    host, priya = coaching.pairing.host, coaching.pairing.attendee
    other = MeetingFactory(pairing=coaching.pairing, starts_at=NOW + timedelta(days=9))
    for meeting in (coaching, other):
        finished(meeting, host, CANARY)
    page(client, other, priya)

    assert ledger(client, coaching, host)[0] == []
    assert len(ledger(client, other, host)[0]) == 1


@pytest.mark.parametrize("count", [1, 4])
def test_ledger_query_count(client, coaching, count, django_assert_num_queries):
    host, priya = coaching.pairing.host, coaching.pairing.attendee
    for number in range(count):
        part = finished(coaching, host, CANARY, at=NOW + timedelta(hours=number))
        [part] = Part.objects.visible_to(priya, at=NOW).filter(pk=part.pk)
        vault.read(
            [part], by=priya, at=NOW + timedelta(hours=number), page=f"meeting:{coaching.uid}"
        )
    client.force_login(host.user)

    with django_assert_num_queries(READING):
        response = client.get(address("meeting_ledger", coaching))

    assert len(response.context["ledger"].by_others) == count


def test_notes_lead_to_it(client, coaching):
    finished(coaching, coaching.pairing.host, CANARY)

    response = page(client, coaching, coaching.pairing.host)

    assert reverse("notes:meeting_ledger", args=[coaching.uid]) in response.text
