from datetime import UTC, date, datetime, time, timedelta

import pytest

from conftest import NOW
from people import outbox
from people.actions import open_pairing
from people.models import OutgoingMail, Person
from people.tests.factories import PairingFactory, PersonFactory
from scheduling import actions
from scheduling.calendar_files import title_for
from scheduling.models import Meeting, OverdueFlag
from scheduling.templatetags.times import person_name
from scheduling.tests.factories import MeetingFactory, school_with_calendar
from scheduling.wall_time import instant

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


@pytest.fixture
def meeting():
    return MeetingFactory(  # Tuesday at 10:40
        pairing__school=school_with_calendar(at=NOW),
        pairing__cadence="weekly",
        place="Library corner",
    )


def monday(hour, minute=0):
    return datetime(2026, 10, 12, hour + 4, minute, tzinfo=UTC)  # New York in summer


def queued(meeting, at):
    actions.queue_reminders(meeting.school, by=None, at=at)
    return OutgoingMail.objects.filter(kind="reminder")


def test_rows_are_as_if_made_one_by_one(meeting):
    MeetingFactory(pairing__school=meeting.school, sequence=3)
    queued(meeting, monday(15))

    one, other = OutgoingMail.objects.filter(kind="reminder").order_by("pk")
    talk = Meeting.objects.get(sequence=3)
    [host, _] = OutgoingMail.objects.filter(kind="host_reminder").order_by("person")

    assert one.key == f"reminder:{meeting.uid}:{meeting.pairing.attendee_id}:day:0"
    assert other.key == f"reminder:{talk.uid}:{talk.pairing.attendee_id}:day:3"
    assert host.key == f"host_reminder:{meeting.pairing.host_id}:2026-10-13"
    assert (other.subject_uid, host.subject_uid) == (talk.uid, None)
    assert len({one.uid, other.uid, host.uid}) == 3
    for mail in (one, other, host):
        assert (mail.due_at, mail.attempts, mail.error) == (monday(15), 0, "")
        assert OutgoingMail.objects.due(monday(15)).filter(uid=mail.uid).exists()


def rendered(mail, at=None):
    return outbox.render(mail, at=at or monday(15, 1))


def test_reminder_is_queued_once_from_three_the_day_before(meeting):
    assert list(queued(meeting, monday(14, 59))) == []
    assert len(queued(meeting, monday(15))) == 1
    [mail] = queued(meeting, monday(15, 1))

    message = rendered(mail)

    assert message.subject == "Tomorrow, 10:40, Library corner"
    assert message.to == [meeting.pairing.attendee.email]
    assert "30 minutes tomorrow, Tuesday 13 October, at 10:40" in message.body
    assert f"/meetings/{meeting.uid}/" in message.body


def test_stopped_clock_catches_up_in_the_morning(meeting):
    [mail] = queued(meeting, monday(15) + timedelta(hours=16))

    assert rendered(mail, at=monday(15) + timedelta(hours=16)).subject.startswith("Today, 10:40")
    assert rendered(mail, at=meeting.starts_at) is None


@pytest.mark.parametrize(
    "change",
    [
        {"status": Meeting.Status.SKIPPED},
        {"status": Meeting.Status.CANCELLED},
        {"starts_at": NOW + timedelta(days=9)},
    ],
)
def test_what_changed_since_is_not_reminded_of(meeting, change):
    [mail] = queued(meeting, monday(15))

    Meeting.objects.update(**change, ends_at=NOW + timedelta(days=10))

    assert rendered(mail) is None


def test_moved_meeting_is_reminded_of_at_its_new_time_only(meeting):
    [first] = queued(meeting, monday(15))
    actions.move(
        meeting,
        by=meeting.pairing.host,
        at=monday(16),
        starts_at=meeting.starts_at + timedelta(days=7),
    )
    assert rendered(first, at=monday(17)) is None

    [_, second] = queued(meeting, monday(15) + timedelta(days=7)).order_by("pk")

    assert rendered(second, at=second.due_at).subject.startswith("Tomorrow, 10:40")


def test_nobody_is_reminded_of_news(meeting):
    Meeting.objects.update(agreed_at=monday(15, 30))

    assert list(queued(meeting, monday(15, 31))) == []


@pytest.mark.parametrize(
    "fields", [{"reminder": Person.Reminder.NONE}, {"email": ""}, {"is_active": False}]
)
def test_some_get_none(meeting, fields):
    Person.objects.filter(pk=meeting.pairing.attendee_id).update(**fields)

    assert list(queued(meeting, monday(15))) == []


def test_host_gets_one_list_without_students(meeting):
    host = meeting.pairing.host
    student = PairingFactory(counseling=True, school=meeting.school, host=host)
    MeetingFactory(
        pairing=student, starts_at=meeting.starts_at + timedelta(hours=1), place="Quiet room"
    )
    queued(meeting, monday(15))
    queued(meeting, monday(15, 1))

    [mail] = OutgoingMail.objects.filter(kind="host_reminder")
    message = rendered(mail)

    assert message.subject == "Tomorrow: 2 talks"
    assert f"10:40 to 11:10, {meeting.pairing.attendee.name}, Library corner" in message.body
    assert "11:40 to 12:10, a student" in message.body
    assert student.attendee.family_name not in message.body
    assert "Quiet room" not in message.body  # where counseling is, says what it is


def test_a_student_is_one_whatever_the_talks_are_for(meeting):
    student = PersonFactory(student=True, school=meeting.school)
    pairing = open_pairing(
        meeting.school,
        host=meeting.pairing.host,
        attendee=student,
        kind="mentoring",
        by=None,
        on=NOW.date(),
    )
    talk = MeetingFactory(pairing=pairing, starts_at=meeting.starts_at + timedelta(hours=1))
    queued(meeting, monday(15))

    message = rendered(OutgoingMail.objects.get(kind="host_reminder"))
    assert "11:40 to 12:10, a student" in message.body
    assert student.family_name not in message.body
    assert title_for(pairing, pairing.host) == "One-on-one"
    assert person_name(student, talk.pairing) == student.short_name


def test_a_reminder_of_counseling_names_no_place(meeting):
    counseling = PairingFactory(counseling=True, school=meeting.school)
    counseling.attendee.email = "student@school.example"
    counseling.attendee.save()
    MeetingFactory(
        pairing=counseling, starts_at=meeting.starts_at + timedelta(hours=1), place="Quiet room"
    )
    queued(meeting, monday(15))

    message = rendered(OutgoingMail.objects.get(kind="reminder", person=counseling.attendee))
    assert "Quiet room" not in message.subject + message.body


def test_evening_meeting_belongs_to_the_date_of_the_school(meeting):
    late = instant(date(2026, 10, 13), time(21, 0), meeting.school.zone)  # the 14th in UTC
    evening = MeetingFactory(pairing__school=meeting.school, starts_at=late)

    assert set(queued(meeting, monday(15)).values_list("subject_uid", flat=True)) == {
        meeting.uid,
        evening.uid,
    }


@pytest.mark.parametrize("count", [1, 30])
def test_reminders_ask_the_same_number_of_questions(meeting, count, django_assert_num_queries):
    for _ in range(count):
        MeetingFactory(pairing__school=meeting.school)

    # Two statements for today, two for tomorrow, one for the day after, for those an hour before
    # and in the morning one each, and the savepoint
    with django_assert_num_queries(9):
        made = actions.queue_reminders(meeting.school, by=None, at=monday(15))

    assert made == 2 * (count + 1)


def test_digest_goes_to_hosts_on_monday_only_if_there_is_somebody(meeting):
    pairing = meeting.pairing
    other = PersonFactory(leader=True, school=meeting.school)
    PairingFactory(school=meeting.school, host=other)
    OverdueFlag.objects.create(
        pairing=pairing, since_week=5, due_on=date(2026, 10, 5), raised_at=NOW
    )
    for at in (monday(7, 29), monday(7, 30), monday(9), monday(9) + timedelta(days=1)):
        actions.queue_digests(meeting.school, by=None, at=at)

    [mail] = OutgoingMail.objects.filter(kind="digest")
    message = rendered(mail, at=monday(9))

    assert mail.person == pairing.host
    assert message.subject == "One person you have not seen for a while"
    assert f"{pairing.attendee.name}, not met yet" in message.body
    OverdueFlag.objects.update(cleared_at=NOW)
    assert rendered(mail, at=monday(9)) is None


@pytest.mark.parametrize(
    ("kind", "act"),
    [
        (
            "meeting_moved",
            lambda m, by: actions.move(m, by=by, at=NOW, starts_at=m.starts_at + timedelta(days=1)),
        ),
        ("meeting_cancelled", lambda m, by: actions.cancel(m, by=by, at=NOW)),
        ("meeting_skipped", lambda m, by: actions.skip(m, by=by, at=NOW)),
    ],
)
@pytest.mark.parametrize("who", ["host", "attendee"])
def test_the_other_is_told_in_neutral_words(meeting, kind, act, who):
    by = getattr(meeting.pairing, who)
    act(meeting, by)

    [mail] = OutgoingMail.objects.exclude(kind="for_calendar")
    message = rendered(mail, at=NOW + timedelta(minutes=2))

    assert (mail.kind, mail.person) == (kind, meeting.pairing.other(by))
    assert message.to == [mail.person.email]
    assert f"/meetings/{meeting.uid}/" in message.body
    if kind == "meeting_moved":
        day = meeting.original_starts_at
        assert f"talk of {day:%A} {day.day} {day:%B}" in message.body
