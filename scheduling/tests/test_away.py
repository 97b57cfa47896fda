"""Somebody is away: their talks are shown to both, with what can be done; nothing moves."""

from datetime import date, datetime, timedelta

import pytest
from django.urls import reverse

from conftest import NOW
from people import actions, outbox
from people.models import Change, Leave, OutgoingMail
from people.tests.factories import LeaveFactory, PairingFactory, PersonFactory
from scheduling.actions import queue_digests, queue_reminders
from scheduling.models import Meeting, OverdueFlag
from scheduling.tests.factories import MeetingFactory, school_with_calendar
from scheduling.wall_time import instant

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

TODAY = NOW.date()
TUESDAY = date(2026, 10, 13)
UNTIL = date(2026, 11, 20)


@pytest.fixture
def school():
    return school_with_calendar(at=NOW, is_demo=True)  # no second factor is asked for


@pytest.fixture
def admin(school):
    return PersonFactory(administrator=True, school=school)


@pytest.fixture
def meeting(school):
    """On Tuesday at 10:40, of Elena with Tom."""
    host = PersonFactory(leader=True, school=school, given_name="Elena")
    attendee = PersonFactory(teacher=True, school=school, given_name="Tom")
    return MeetingFactory(pairing=PairingFactory(school=school, host=host, attendee=attendee))


def page(client, person, name, *uids):
    client.force_login(person.user)
    return client.get(reverse(f"scheduling:{name}", args=uids))


@pytest.mark.parametrize(
    ("viewer", "other", "words"),
    [
        ("host", "attendee", "Tom is away until 20 November."),
        ("attendee", "host", "You are away until 20 November."),
    ],
)
def test_both_see_the_talk_and_choose(client, meeting, viewer, other, words):
    LeaveFactory(person=meeting.pairing.attendee, starts_on=TODAY, ends_on=UNTIL)
    viewer, other = getattr(meeting.pairing, viewer), getattr(meeting.pairing, other)
    skip = reverse("scheduling:meeting_skip", args=[meeting.uid])

    for shown in (
        page(client, viewer, "today"),
        page(client, viewer, "person_page", other.uid),
        page(client, viewer, "meeting", meeting.uid),
    ):
        assert words in shown.text
        assert skip in shown.text
        assert reverse("scheduling:meeting_move", args=[meeting.uid]) in shown.text
    meeting.refresh_from_db()
    assert meeting.is_planned
    client.post(skip, {"back": "today"})
    assert words not in page(client, viewer, "today").text


def test_hosts_see_until_when_in_the_list(client, meeting):
    LeaveFactory(person=meeting.pairing.attendee, starts_on=TODAY, ends_on=UNTIL)

    assert "Away until 20 November" in page(client, meeting.pairing.host, "people").text
    assert "Away until" not in page(client, meeting.pairing.attendee, "people").text
    stranger = PersonFactory(leader=True, school=meeting.school)
    shown = page(client, stranger, "person_page", meeting.pairing.attendee.uid)
    assert "Away until" not in shown.text


@pytest.mark.parametrize(
    ("first", "last", "is_shown"),
    [
        (TUESDAY, TUESDAY, True),
        (TODAY, TODAY, False),
        (TUESDAY + timedelta(days=1), UNTIL, False),
    ],
)
def test_only_talks_on_days_away_are_shown(client, meeting, first, last, is_shown):
    LeaveFactory(person=meeting.pairing.attendee, starts_on=first, ends_on=last)

    shown = page(client, meeting.pairing.host, "today").context["away"]

    assert [each.pk for each in shown] == [meeting.pk][:is_shown]


def test_days_away_are_days_of_the_school(client, meeting):
    late = instant(TUESDAY, datetime.min.time().replace(hour=22), meeting.school.zone)
    Meeting.objects.update(starts_at=late, ends_at=late + timedelta(minutes=30))
    LeaveFactory(person=meeting.pairing.attendee, starts_on=TUESDAY, ends_on=TUESDAY)

    assert late.date() > TUESDAY  # in UTC it is Wednesday already
    assert len(page(client, meeting.pairing.host, "today").context["away"]) == 1


@pytest.mark.parametrize("count", [1, 3])
def test_today_asks_the_same_of_many_days_away(
    client, meeting, count, django_assert_max_num_queries
):
    LeaveFactory(person=meeting.pairing.host, starts_on=TUESDAY, ends_on=UNTIL)
    MeetingFactory(pairing=meeting.pairing, starts_at=NOW + timedelta(hours=8))
    for number in range(1, count):
        starts_at = meeting.starts_at + timedelta(days=number)
        MeetingFactory(
            pairing=PairingFactory(school=meeting.school, host=meeting.pairing.host),
            starts_at=starts_at,
        )
    client.force_login(meeting.pairing.host.user)

    with django_assert_max_num_queries(12):
        response = client.get(reverse("scheduling:today"))

    assert len(response.context["away"]) == count


def test_who_is_away_is_not_on_the_list_of_a_while(client, meeting):
    OverdueFlag.objects.create(
        pairing=meeting.pairing, since_week=4, due_on=date(2026, 9, 28), raised_at=NOW
    )
    assert len(page(client, meeting.pairing.host, "today").context["past_due"]) == 1

    LeaveFactory(person=meeting.pairing.attendee, starts_on=TODAY, ends_on=UNTIL)

    assert page(client, meeting.pairing.host, "today").context["past_due"] == []


# Mails: decided when they are sent


def reminders(meeting):
    at = instant(TODAY, datetime.min.time().replace(hour=15), meeting.school.zone)
    queue_reminders(meeting.school, by=None, at=at)
    mails = {each.kind: each for each in OutgoingMail.objects.all()}
    return [outbox.render(mails[kind], at=at) for kind in ("reminder", "host_reminder")]


def test_nobody_is_reminded_of_a_talk_on_their_days_away(meeting):
    LeaveFactory(person=meeting.pairing.attendee, starts_on=TUESDAY, ends_on=UNTIL)

    to_attendee, to_host = reminders(meeting)

    assert to_attendee is None
    assert f"{meeting.pairing.attendee.name} (away that day)" in to_host.body


def test_the_other_hears_that_the_host_is_away(meeting):
    LeaveFactory(person=meeting.pairing.host, starts_on=TUESDAY, ends_on=UNTIL)

    to_attendee, to_host = reminders(meeting)

    assert to_host is None
    assert "Elena is written down as away that day. You can skip it" in to_attendee.body


def test_reminders_come_again_once_the_days_are_taken_back(meeting, admin, school):
    leave = LeaveFactory(person=meeting.pairing.attendee, starts_on=TODAY, ends_on=UNTIL)
    assert reminders(meeting)[0] is None
    actions.take_back_leave(leave, school, by=admin, at=NOW)

    assert reminders(meeting)[0] is not None


@pytest.mark.parametrize("role", ["host", "attendee"])
def test_digest_is_silent_about_days_away(meeting, role):
    OverdueFlag.objects.create(
        pairing=meeting.pairing, since_week=4, due_on=date(2026, 9, 28), raised_at=NOW
    )
    at = instant(TODAY, datetime.min.time().replace(hour=8), meeting.school.zone)
    queue_digests(meeting.school, by=None, at=at)
    mail = OutgoingMail.objects.get(kind="digest")
    assert outbox.render(mail, at=at) is not None

    LeaveFactory(person=getattr(meeting.pairing, role), starts_on=TODAY, ends_on=UNTIL)

    assert outbox.render(mail, at=at) is None


# Writing the days down


def days(person):
    return sorted(person.leaves.values_list("starts_on", "ends_on"))


def give(person, school, admin, first, last):
    return actions.give_leave(
        person,
        school,
        by=admin,
        at=NOW,
        starts_on=date.fromisoformat(first),
        ends_on=date.fromisoformat(last),
    )


@pytest.mark.parametrize(
    ("first", "last", "together"),
    [
        ("2026-10-20", "2026-11-20", [("2026-10-12", "2026-11-20")]),
        ("2026-10-01", "2026-10-11", [("2026-10-01", "2026-10-23")]),  # touches
        ("2026-10-24", "2026-10-24", [("2026-10-12", "2026-10-24")]),
        ("2026-10-01", "2026-12-01", [("2026-10-01", "2026-12-01")]),
        (
            "2026-10-25",
            "2026-10-30",
            [("2026-10-12", "2026-10-23"), ("2026-10-25", "2026-10-30")],
        ),
    ],
)
def test_days_that_touch_become_one_leave_and_undo_parts_them(
    meeting, school, admin, first, last, together
):
    tom = meeting.pairing.attendee
    LeaveFactory(person=tom)
    before = days(tom)

    change = give(tom, school, admin, first, last)

    assert [(str(a), str(b)) for a, b in days(tom)] == together
    actions.undo(change, by=admin, at=NOW)
    assert days(tom) == before


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ("2026-11-20", "2026-11-19", "before the first"),
        ("2026-10-13", "2026-10-14", "written down already"),
        ("2020-01-01", "2020-01-02", "more than a year ago"),
        ("2026-11-01", "2036-11-02", "more than 3 years"),
        ("2036-11-01", "2036-11-02", "within the next 3 years"),
    ],
)
def test_days_that_cannot_be_meant_are_refused(meeting, school, admin, first, last, words):
    tom = meeting.pairing.attendee
    LeaveFactory(person=tom)

    with pytest.raises(actions.CannotGiveLeave, match=words):
        give(tom, school, admin, first, last)

    assert len(days(tom)) == 1


def test_back_earlier_keeps_the_days_that_were(meeting, school, admin):
    tom = meeting.pairing.attendee
    leave = LeaveFactory(person=tom, starts_on=date(2026, 10, 5), ends_on=UNTIL)

    change = actions.take_back_leave(leave, school, by=admin, at=NOW)

    assert days(tom) == [(date(2026, 10, 5), date(2026, 10, 11))]
    actions.undo(change, by=admin, at=NOW)
    assert days(tom) == [(date(2026, 10, 5), UNTIL)]


def test_administrator_writes_days_down_on_the_page(client, meeting, admin):
    tom = meeting.pairing.attendee
    client.force_login(admin.user)
    address = reverse("people:leave_give", args=[tom.uid])

    wrong = client.post(address, {"starts_on": "", "ends_on": "soon"})
    assert set(wrong.context["form"].errors) == {"starts_on", "ends_on"}
    kept = client.post(address, {"starts_on": "2026-11-02", "ends_on": "2026-11-01"})
    assert 'value="2026-11-02"' in kept.text
    done = client.post(address, {"starts_on": "2026-11-02", "ends_on": "2026-11-20"}, follow=True)

    assert "is away from 2 November 2026 to 20 November 2026." in done.text
    leave = Leave.objects.get()
    taken = client.post(reverse("people:leave_take_back", args=[tom.uid, leave.uid]), follow=True)
    assert "is not away after all." in taken.text
    assert not Leave.objects.exists()
    client.post(reverse("people:undo", args=[Change.objects.latest("pk").uid]))
    assert days(tom) == [(date(2026, 11, 2), date(2026, 11, 20))]
