"""Mails that go as one: the first takes the others along, once none can be undone unseen."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.core.mail import EmailMessage, EmailMultiAlternatives

from conftest import NOW
from people import outbox
from people.delivery import GATHERED, LEASE, MOST_ATTEMPTS, _claim, deliver_due
from people.models import OutgoingMail, Person
from people.tests.factories import OutgoingMailFactory, PersonFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

HOLD = timedelta(seconds=60)
TALK = UUID(int=7)


@pytest.fixture(autouse=True)
def _trial_mail(monkeypatch):
    def render(mail, at):
        keys = ", ".join(each.key for each in [mail, *mail.others])
        return EmailMessage("Trial", keys, to=[mail.person.email])

    def break_down(mail, at):
        raise ValueError

    monkeypatch.setitem(outbox._renderers, "trial", render)
    monkeypatch.setitem(outbox._renderers, "broken", break_down)
    monkeypatch.setitem(outbox._renderers, "pointless", lambda mail, at: None)


@pytest.fixture
def person():
    return PersonFactory()


def change(person, key, after=0, **fields):
    """A mail about something done so many seconds after conftest.NOW."""
    at = NOW + timedelta(seconds=after)
    row = {"due_at": at, "hold_until": at + HOLD, "together": TALK} | fields
    return OutgoingMailFactory(person=person, key=key, **row)


def words(mailoutbox):
    return [message.body for message in mailoutbox]


def test_the_first_waits_for_the_last_and_takes_all_along(person, mailoutbox):
    for key, after in (("a", 0), ("b", 30), ("c", 50)):
        change(person, key, after)

    for seconds in (60, 90, 109):
        deliver_due(at=NOW + timedelta(seconds=seconds))
    assert mailoutbox == []
    at = NOW + timedelta(seconds=110)
    deliver_due(at=at)

    assert words(mailoutbox) == ["a, b, c"]
    assert set(OutgoingMail.objects.values_list("sent_at", flat=True)) == {at}
    assert deliver_due(at=at + LEASE) == 0


def test_what_is_about_something_else_or_to_somebody_else_goes_alone(person, mailoutbox):
    change(person, "a")
    change(person, "b", together=UUID(int=8))
    change(PersonFactory(), "c")
    change(person, "d", together=None)

    deliver_due(at=NOW + HOLD)

    assert sorted(words(mailoutbox)) == ["a", "b", "c", "d"]


def test_what_was_dropped_in_time_is_not_waited_for(person, mailoutbox):
    change(person, "a")
    change(person, "b", 50, dropped_at=NOW)

    deliver_due(at=NOW + HOLD)

    assert words(mailoutbox) == ["a"]


def test_who_never_stops_changing_is_not_waited_for_for_ever(person, mailoutbox):
    for after in range(0, int(GATHERED.total_seconds()) + 1, 30):
        assert mailoutbox == []
        change(person, str(after), after)
        deliver_due(at=NOW + timedelta(seconds=after))

    assert words(mailoutbox) == ["0, 30, 60, 90, 120, 150, 180, 210, 240"]  # not the last minute


def test_two_workers_make_one_mail_of_them(person):
    change(person, "a")
    change(person, "b")

    taken = [_claim(NOW + HOLD), _claim(NOW + HOLD)]

    assert [mail and mail.key for mail in taken] == ["a", None]


def test_they_stay_together_when_one_cannot_be_sent_and_are_given_up_together(person, mailoutbox):
    change(person, "a", kind="broken", attempts=MOST_ATTEMPTS - 2)
    change(person, "b")

    deliver_due(at=NOW + HOLD)
    assert OutgoingMail.objects.open().count() == 2
    deliver_due(at=NOW + timedelta(days=1))

    assert mailoutbox == []
    assert OutgoingMail.objects.gave_up().count() == 2


def test_if_nothing_is_to_be_said_all_are_dropped(person, mailoutbox):
    change(person, "a", kind="pointless")
    change(person, "b")

    deliver_due(at=NOW + HOLD)

    assert mailoutbox == []
    assert not OutgoingMail.objects.open().exists()
    assert not OutgoingMail.objects.filter(sent_at__isnull=False).exists()


def test_what_cannot_wait_does_not_wait_for_what_can(person, mailoutbox, monkeypatch):
    """Quiet hours put the first one off; the second is of a talk before they end."""
    Person.objects.filter(pk=person.pk).update(quiet_from=0, quiet_until=23)
    monkeypatch.setitem(outbox._patience, "trial", lambda mail, until: mail.key == "a")
    change(person, "a")
    deliver_due(at=NOW + HOLD)
    [waiting] = OutgoingMail.objects.all()
    assert waiting.attempts == 0
    assert waiting.hold_until > NOW + timedelta(hours=12)
    change(person, "b", 100)

    deliver_due(at=NOW + timedelta(seconds=160))

    assert words(mailoutbox) == ["b, a"]


def test_the_mail_says_whether_a_file_went_with_it(person, monkeypatch):
    def render(mail, at):
        message = EmailMultiAlternatives("Trial", "Words", to=[mail.person.email])
        message.attach_alternative("BEGIN:VCALENDAR", "text/calendar")
        return message

    change(person, "a")
    deliver_due(at=NOW + HOLD)
    monkeypatch.setitem(outbox._renderers, "trial", render)
    change(person, "b", together=UUID(int=8))
    deliver_due(at=NOW + HOLD)

    had = dict(OutgoingMail.objects.values_list("key", "had_file"))
    assert had == {"a": False, "b": True}
