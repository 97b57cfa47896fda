"""How somebody is reminded, and the hours in which mail that can wait waits."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.urls import reverse

from conftest import NOW
from people import actions, outbox, quiet
from people.delivery import deliver_due
from people.models import Change, OutgoingMail, Person
from people.tests.factories import ChangeFactory, OutgoingMailFactory, PersonFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

PAGE = reverse("people:reminders")
CHOSEN = {"reminder": "hour", "quiet_from": "19", "quiet_until": "7"}


@pytest.fixture
def person():
    return PersonFactory(teacher=True, quiet_from=19, quiet_until=7)


@pytest.fixture(autouse=True)
def _kinds(monkeypatch):
    for kind in ("patient", "code"):
        monkeypatch.setitem(
            outbox._renderers, kind, lambda mail, at: EmailMessage("A", "b", to=[mail.person.email])
        )
    monkeypatch.setitem(outbox._patience, "patient", outbox.always)


def at_school(day, hour, minute=0):
    return datetime(2026, 10, day, 4, minute, tzinfo=UTC) + timedelta(hours=hour)  # in New York


# The hours


@pytest.mark.parametrize(
    ("hours", "at", "ends"),
    [
        ((19, 7), at_school(13, 18, 59), None),
        ((19, 7), at_school(13, 19), at_school(14, 7)),
        ((19, 7), at_school(14, 6, 59), at_school(14, 7)),
        ((19, 7), at_school(14, 7), None),
        ((12, 13), at_school(14, 12, 30), at_school(14, 13)),
        ((12, 13), at_school(14, 13), None),
        ((0, 6), at_school(14, 0), at_school(14, 6)),
        ((None, None), at_school(14, 3), None),
        # The night in which clocks go back is an hour longer
        ((19, 7), datetime(2026, 11, 1, 3, tzinfo=UTC), datetime(2026, 11, 1, 12, tzinfo=UTC)),
        ((19, 7), datetime(2027, 3, 14, 4, tzinfo=UTC), datetime(2027, 3, 14, 11, tzinfo=UTC)),
    ],
)
def test_quiet_hours_end_by_the_clock_of_the_school(person, hours, at, ends):
    person.quiet_from, person.quiet_until = hours

    assert quiet.ends(person, at) == ends


@pytest.mark.parametrize("hours", [(None, 7), (19, None), (7, 7), (24, 7), (7, 24)])
def test_the_database_keeps_both_hours_or_none(person, hours):
    begins, until = hours

    with pytest.raises(IntegrityError), transaction.atomic():
        Person.objects.filter(pk=person.pk).update(quiet_from=begins, quiet_until=until)


# What waits


def test_mail_that_can_wait_does_and_counts_as_no_attempt(person, mailoutbox):
    patient = OutgoingMailFactory(kind="patient", person=person, due_at=NOW)
    OutgoingMailFactory(kind="code", person=person, due_at=NOW)
    night = at_school(13, 22)

    assert deliver_due(at=night) == 2

    assert len(mailoutbox) == 1  # the code
    patient.refresh_from_db()
    assert (patient.hold_until, patient.attempts) == (at_school(14, 7), 0)
    assert not OutgoingMail.objects.late(night).exists()
    deliver_due(at=at_school(14, 6, 59))
    assert len(mailoutbox) == 1
    deliver_due(at=at_school(14, 7))
    assert len(mailoutbox) == 2


def test_mail_of_others_goes_on(person, mailoutbox):
    OutgoingMailFactory(kind="patient", person=person, due_at=NOW)
    OutgoingMailFactory(kind="patient", due_at=NOW)

    deliver_due(at=at_school(13, 22))

    assert len(mailoutbox) == 1


def test_undo_reaches_what_waits_for_the_morning(person, mailoutbox, monkeypatch):
    host = PersonFactory()
    change = ChangeFactory(by=host)
    OutgoingMailFactory(kind="patient", person=person, due_at=NOW, change=change)
    deliver_due(at=at_school(13, 22))

    Change.objects.get().outgoing_mails.open().update(dropped_at=at_school(13, 23))

    assert deliver_due(at=at_school(14, 8)) == 0
    assert mailoutbox == []


# The page


def test_page_keeps_what_is_chosen_and_shows_it(client):
    person = PersonFactory(teacher=True)
    client.force_login(person.user)

    response = client.post(PAGE, CHOSEN, follow=True)

    assert response.redirect_chain == [(PAGE, 302)]
    assert "Saved." in response.text
    person.refresh_from_db()
    assert (person.reminder, person.quiet_from, person.quiet_until) == ("hour", 19, 7)
    page = client.get(PAGE).context["form"]
    assert page.initial == {
        "reminder": "hour",
        "quiet_from": 19,
        "quiet_until": 7,
        "calendar_by_mail": False,  # its box was not ticked
    }
    account = client.get(reverse("people:account")).text
    assert "An hour before each talk." in account
    assert "No mail from 7:00 PM to 7:00 AM." in account
    wants = {"reminder": "none", "quiet_from": "", "quiet_until": "", "calendar_by_mail": "on"}
    client.post(PAGE, wants)
    person.refresh_from_db()
    assert person.calendar_by_mail
    assert (person.reminder, person.quiet) == ("none", None)


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"reminder": ""}, "reminder"),
        ({"reminder": "hourly"}, "reminder"),
        ({"reminder": "day\x00"}, "reminder"),
        ({"reminder": "x" * 10_000}, "reminder"),
        ({"quiet_until": ""}, "quiet_until"),
        ({"quiet_from": ""}, "quiet_from"),
        ({"quiet_until": "19"}, "quiet_until"),
        ({"quiet_from": "24"}, "quiet_from"),
        ({"quiet_from": "-1"}, "quiet_from"),
        ({"quiet_from": "7:30"}, "quiet_from"),
    ],
)
def test_page_refuses_what_is_no_choice(client, typed, field):
    person = PersonFactory(teacher=True)
    client.force_login(person.user)

    response = client.post(PAGE, CHOSEN | typed)

    assert response.status_code == 200
    assert list(response.context["form"].errors) == [field]
    person.refresh_from_db()
    assert (person.reminder, person.quiet) == ("day", None)


def test_page_says_so_where_there_is_no_address(client):
    person = PersonFactory(teacher=True)
    client.force_login(person.user)
    assert "no e-mail address" not in client.get(PAGE).text

    Person.objects.filter(pk=person.pk).update(email="")

    assert "There is no e-mail address on your record" in client.get(PAGE).text


def test_reminders_are_ones_own():
    with pytest.raises(PermissionDenied):
        actions.change_reminders(
            PersonFactory(),
            by=PersonFactory(),
            at=NOW,
            reminder="none",
            quiet_from=None,
            quiet_until=None,
            calendar_by_mail=True,
        )
