"""Ahead by a day or two, by an hour, in the morning: each person as they chose."""

from datetime import UTC, datetime, timedelta

import pytest

from conftest import NOW
from people import outbox
from people.models import OutgoingMail, Pairing, Person
from people.tests.factories import LeaveFactory, PairingFactory
from scheduling import actions
from scheduling.models import Meeting
from scheduling.reminding import in_words
from scheduling.tests.factories import MeetingFactory, school_with_calendar

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def school():
    return school_with_calendar(at=NOW)


@pytest.fixture
def meeting(school):
    return MeetingFactory(  # Tuesday at 10:40
        pairing__school=school, pairing__cadence="weekly", place="Library corner"
    )


def at_school(day, hour, minute=0):
    return datetime(2026, 10, day, 4, minute, tzinfo=UTC) + timedelta(hours=hour)  # in New York


def choose(person, reminder, **fields):
    Person.objects.filter(pk=person.pk).update(reminder=reminder, **fields)


def queued(school, at):
    """Kinds and people of the mails that the clock makes at a moment."""
    known = set(OutgoingMail.objects.values_list("pk", flat=True))
    actions.queue_reminders(school, by=None, at=at)
    new = OutgoingMail.objects.exclude(pk__in=known).order_by("pk")
    return [(each.kind, each.person) for each in new]


def rendered(kind, person, at):
    return outbox.render(OutgoingMail.objects.get(kind=kind, person=person), at=at)


# Ahead


@pytest.mark.parametrize(
    ("cadence", "day"), [("weekly", 12), ("biweekly", 12), ("monthly", 11), ("termly", 11)]
)
def test_who_meets_seldom_is_reminded_a_day_earlier(school, meeting, cadence, day):
    Pairing.objects.update(cadence=cadence)
    Meeting.objects.update(agreed_at=NOW - timedelta(days=9))
    guest = ("reminder", meeting.pairing.attendee)

    assert guest not in queued(school, at_school(day, 15) - MINUTE)
    assert guest in queued(school, at_school(day, 15))
    assert guest not in queued(school, at_school(12, 15))
    message = rendered(*guest, at=at_school(day, 15))
    if day == 11:
        assert message.subject == "Tuesday, 10:40, Library corner"
        assert "We have 30 minutes on Tuesday 13 October, at 10:40" in message.body
    else:
        assert message.subject.startswith("Tomorrow, 10:40")


def test_what_was_agreed_too_late_for_two_days_is_reminded_of_the_day_before(school, meeting):
    Pairing.objects.update(cadence="monthly")
    Meeting.objects.update(agreed_at=at_school(11, 20))

    assert queued(school, at_school(12, 9)) == []
    assert ("reminder", meeting.pairing.attendee) in queued(school, at_school(12, 15))


@pytest.mark.parametrize(
    ("ownership", "is_asked"), [("host", False), ("shared", True), ("attendee", True)]
)
def test_who_leads_is_asked_what_to_talk_about(school, meeting, ownership, is_asked):
    Pairing.objects.update(ownership=ownership)
    queued(school, at_school(12, 15))

    message = rendered("reminder", meeting.pairing.attendee, at_school(12, 15))

    assert ("something you want to talk about" in message.body) == is_asked
    assert "you can move it" in message.body


# An hour before


@pytest.mark.parametrize("role", ["host", "attendee"])
def test_an_hour_before_each_talk(school, meeting, role):
    person = getattr(meeting.pairing, role)
    choose(person, "hour")
    assert person not in [who for _, who in queued(school, at_school(12, 15))]

    assert queued(school, meeting.starts_at - HOUR - MINUTE) == []
    assert queued(school, meeting.starts_at - HOUR) == [("reminder", person)]
    assert queued(school, meeting.starts_at - MINUTE) == []

    message = rendered("reminder", person, meeting.starts_at - HOUR)
    other = meeting.pairing.other(person)
    assert message.subject == "Today, 10:40, Library corner"
    begins = f"You have 30 minutes with {other.name}" if role == "host" else "We have 30 minutes"
    assert f"{begins} today, Tuesday 13 October, at 10:40" in message.body
    assert message.body.rstrip().endswith(other.first_name) == (role == "attendee")


def test_an_hour_before_a_student_is_not_named(school):
    pairing = PairingFactory(counseling=True, school=school)
    talk = MeetingFactory(pairing=pairing, place="Quiet room")
    LeaveFactory(person=pairing.attendee, starts_on=NOW.date(), ends_on=talk.starts_at.date())
    choose(pairing.host, "hour")
    queued(school, talk.starts_at - HOUR)

    message = rendered("reminder", pairing.host, talk.starts_at - HOUR)

    said = message.subject + message.body
    assert "with a student today" in said
    for word in (pairing.attendee.first_name, pairing.attendee.family_name, "Quiet", "away"):
        assert word not in said


def test_a_stopped_clock_is_late_and_silent_once_the_talk_has_begun(school, meeting):
    choose(meeting.pairing.attendee, "hour")
    assert len(queued(school, meeting.starts_at - MINUTE)) == 2  # and the host's list

    mail = ("reminder", meeting.pairing.attendee)
    assert rendered(*mail, at=meeting.starts_at - MINUTE) is not None
    assert rendered(*mail, at=meeting.starts_at) is None


def test_nobody_is_reminded_of_what_was_agreed_within_the_hour(school, meeting):
    choose(meeting.pairing.attendee, "hour")
    Meeting.objects.update(agreed_at=meeting.starts_at - HOUR + MINUTE)

    assert queued(school, meeting.starts_at - 5 * MINUTE) == []


def test_a_moved_talk_is_reminded_of_an_hour_before_its_new_time(school, meeting):
    choose(meeting.pairing.attendee, "hour")
    before = meeting.starts_at - HOUR
    queued(school, before)
    later = meeting.starts_at + 3 * HOUR
    actions.move(meeting, by=meeting.pairing.host, at=before + MINUTE, starts_at=later)
    mail = OutgoingMail.objects.get(kind="reminder")
    assert outbox.render(mail, at=before + MINUTE) is None

    assert ("reminder", meeting.pairing.attendee) in queued(school, later - HOUR)


@pytest.mark.parametrize("change", ["choice", "place"])
def test_who_was_reminded_of_a_time_is_not_reminded_of_it_again(school, meeting, change):
    guest = meeting.pairing.attendee
    assert ("reminder", guest) in queued(school, at_school(12, 15))

    if change == "choice":
        choose(guest, "hour")
    else:  # is told with a sequence of its own, and is no new time
        Meeting.objects.update(place="Room 4", sequence=1)

    assert queued(school, meeting.starts_at - HOUR) == []


# In the morning


def test_each_morning_one_mail_with_all_talks_hosted_or_not(school, meeting):
    host = meeting.pairing.host
    choose(host, "morning")
    asked = PairingFactory(school=school, attendee=host)
    MeetingFactory(pairing=asked, starts_at=meeting.starts_at + 3 * HOUR)
    MeetingFactory(pairing=asked, starts_at=meeting.starts_at + timedelta(days=1))
    assert host not in [who for _, who in queued(school, at_school(12, 16))]

    assert queued(school, at_school(13, 7) - MINUTE) == []
    assert queued(school, at_school(13, 7)) == [("day_list", host)]
    assert queued(school, at_school(13, 8)) == []

    message = rendered("day_list", host, at_school(13, 7))
    assert message.subject == "Today: 2 talks"
    assert f"10:40 to 11:10, {meeting.pairing.attendee.name}, Library corner" in message.body
    assert f"1:40 to 2:10, {asked.host.name}" in message.body
    actions.cancel(meeting, by=host, at=at_school(13, 7))
    assert rendered("day_list", host, at_school(13, 7)).subject == "Today: one talk"
    assert rendered("day_list", host, at_school(13, 14)) is None


def test_a_morning_without_talks_brings_no_mail(school, meeting):
    for person in (meeting.pairing.host, meeting.pairing.attendee):
        choose(person, "morning")

    assert queued(school, at_school(14, 7)) == []


def test_who_is_away_gets_no_list(school, meeting):
    host = meeting.pairing.host
    choose(host, "morning")
    queued(school, at_school(13, 7))
    LeaveFactory(person=host, starts_on=NOW.date(), ends_on=NOW.date() + timedelta(days=1))

    assert rendered("day_list", host, at_school(13, 7)) is None


@pytest.mark.parametrize("kind", ["reminder", "day_list", "host_reminder"])
def test_who_wants_none_any_more_gets_none(school, meeting, kind):
    person = meeting.pairing.attendee if kind == "reminder" else meeting.pairing.host
    choose(person, "morning" if kind == "day_list" else "day")
    at = at_school(13, 7) if kind == "day_list" else at_school(12, 15)
    queued(school, at)
    assert rendered(kind, person, at) is not None

    choose(person, "none")

    assert rendered(kind, person, at) is None


# Quiet hours, and what is said of it


@pytest.mark.parametrize(
    ("kind", "hour", "waits"),
    [
        ("reminder", 8, True),
        ("reminder", 6, False),  # it begins before the quiet hours end
        ("digest", 6, True),
    ],
)
def test_only_what_is_about_a_talk_soon_comes_in_quiet_hours(meeting, kind, hour, waits):
    mail = OutgoingMail(
        kind=kind,
        person=meeting.pairing.attendee,
        subject_uid=meeting.uid,
        due_at=at_school(12, 22),
    )
    begins = at_school(13, hour)
    meeting.attendances.update(starts_at=begins, ends_at=begins + HOUR)

    assert outbox.can_wait(mail, at_school(13, 7)) == waits


def test_that_an_early_talk_is_moved_is_told_before_it(meeting):
    early = at_school(13, 6)
    Meeting.objects.update(original_starts_at=early)  # now later that day
    mail = OutgoingMail(
        kind="meeting_moved", person=meeting.pairing.attendee, due_at=at_school(12, 22)
    )

    assert not outbox.can_wait(mail, at_school(13, 7))


@pytest.mark.parametrize(
    ("role", "reminder", "cadence", "words"),
    [
        ("attendee", "day", "weekly", "A reminder the day before"),
        ("attendee", "day", "monthly", "A reminder two days before"),
        ("host", "day", "monthly", "A reminder the day before"),
        ("attendee", "hour", "monthly", "A reminder an hour before"),
        ("host", "morning", "weekly", "A reminder in the morning of the day"),
        ("attendee", "none", "weekly", ""),
    ],
)
def test_how_one_is_reminded_is_said_in_words(meeting, role, reminder, cadence, words):
    pairing = meeting.pairing
    pairing.cadence = cadence
    person = getattr(pairing, role)
    person.reminder = reminder

    assert in_words(person, pairing) == words
    person.email = ""
    assert in_words(person, pairing) == ""
