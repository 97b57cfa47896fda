"""People of two schools: one day, each time by its school's clock, and never in two places."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.urls import reverse

from conftest import NOW
from people.models import Role
from people.tests.factories import OutgoingMailFactory, PairingFactory, PersonFactory, RoleFactory
from scheduling import actions, clock_emails, emails
from scheduling.availability import free_times, openings
from scheduling.models import Attendance, Meeting
from scheduling.wall_time import instant

from .factories import (
    CommitmentFactory,
    InvitationFactory,
    MeetingFactory,
    SignUpFactory,
    SlotFactory,
    school_with_calendar,
)

pytestmark = pytest.mark.django_db

MONDAY, TUESDAY = date(2026, 10, 12), date(2026, 10, 13)
MORNING = datetime(2026, 10, 13, 13, 0, tzinfo=UTC)  # 9:00 in New York, 8:00 in Chicago


@pytest.fixture
def east():
    return school_with_calendar(at=NOW, demo=True, name="Harbor View")


@pytest.fixture
def west():
    return school_with_calendar(at=NOW, demo=True, name="Bayside", time_zone="America/Chicago")


@pytest.fixture
def teacher(east, west):
    """Teaches at both."""
    person = PersonFactory(teacher=True, school=east, given_name="Ida")
    RoleFactory(person=person, school=west, teacher=True)
    return person


@pytest.fixture
def talks(east, west, teacher):
    """One at each school on Tuesday, both when the clock there says 10:40: an hour apart."""
    return [
        MeetingFactory(
            pairing__school=school,
            pairing__attendee=teacher,
            starts_at=instant(TUESDAY, time(10, 40), school.zone),
        )
        for school in (east, west)
    ]


@pytest.fixture
def on_tuesday(client, teacher, time_machine_at):
    time_machine_at(MORNING)
    client.force_login(teacher.user)
    return client


@pytest.fixture
def time_machine_at():
    stopped = []

    def stop(moment):
        traveller = time_machine.travel(moment, tick=False)
        traveller.start()
        stopped.append(traveller)

    yield stop
    for each in stopped:
        each.stop()


def text_of(client, name, *args):
    return client.get(reverse(f"scheduling:{name}", args=args)).text


# --- one day ---


def test_today_has_the_talks_of_both_schools_by_their_clocks(on_tuesday, talks):
    response = on_tuesday.get(reverse("scheduling:today"))

    assert response.context["talks"] == talks
    assert response.text.count("10:40<small>30 min</small>") == 2
    for words in ("Harbor View", "Bayside", "New York time", "Chicago time"):
        assert words in response.text
    assert ", in 1 hour 40 minutes" in response.text
    assert "10:40 New York time" in response.text


def test_schools_in_one_zone_do_not_name_it(client, east, teacher, talks, time_machine_at):
    other = talks[1].school
    other.time_zone = east.time_zone
    other.save()
    time_machine_at(MORNING)
    client.force_login(teacher.user)

    text = text_of(client, "today")

    assert "Bayside" in text
    assert " time</small>" not in text
    assert "New York time" not in text


def test_somebody_of_one_school_reads_neither_its_name_nor_its_zone(client, talks, time_machine_at):
    time_machine_at(MORNING)
    client.force_login(talks[1].pairing.host.user)

    for text in (
        text_of(client, "today"),
        text_of(client, "meeting", talks[1].uid),
        text_of(client, "people"),
    ):
        assert "Chicago time" not in text
        assert text.count("Bayside") == 1  # in the head


def test_a_talk_late_in_the_west_is_of_its_own_day(client, west, teacher, time_machine_at):
    at = instant(TUESDAY, time(23, 30), west.zone)  # half past midnight in New York
    evening = MeetingFactory(pairing__school=west, pairing__attendee=teacher, starts_at=at)
    time_machine_at(at - timedelta(minutes=20))
    client.force_login(teacher.user)

    assert client.get(reverse("scheduling:today")).context["talks"] == [evening]


def test_the_next_day_is_named_by_the_school_of_its_talk(client, west, teacher, time_machine_at):
    at = instant(TUESDAY, time(23, 30), west.zone)
    MeetingFactory(pairing__school=west, pairing__attendee=teacher, starts_at=at)
    time_machine_at(instant(MONDAY, time(12, 0), west.zone))
    client.force_login(teacher.user)

    assert "Tomorrow, Tuesday 13 October" in text_of(client, "today")


@pytest.mark.parametrize("name", ["meeting", "meeting_move", "meeting_move_following"])
def test_pages_of_a_talk_are_by_its_school(on_tuesday, talks, name):
    text = text_of(on_tuesday, name, talks[1].uid)

    assert "Chicago time" in text
    assert "Tuesday 13 October" in text
    assert "11:40" not in text


def test_lists_are_by_the_school_of_each(on_tuesday, talks):
    for text in (
        text_of(on_tuesday, "people"),
        text_of(on_tuesday, "person_page", talks[1].pairing.host.uid),
    ):
        assert "10:40" in text
        assert "Bayside" in text
        assert "11:40" not in text


def test_notes_are_by_the_school_of_the_talk(on_tuesday, talks):
    text = on_tuesday.get(reverse("notes:meeting_notes", args=[talks[1].uid])).text

    assert "10:40 to 11:10 Chicago time" in text
    assert "Bayside" in text


# --- signing up, booking, files, mails ---


@pytest.fixture
def host(east, west):
    """Leads both schools, and has painted Tuesday, Period 4 at each."""
    person = PersonFactory(leader=True, school=east, given_name="Hugo", family_name="Both")
    RoleFactory(person=person, school=west, leader=True)
    return person


def paint(host, school, column="2", period="Period 4"):
    return SlotFactory(
        term=school.terms.get(),
        host=host,
        column=column,
        period=school.periods.get(name=period),
    )


def test_sign_up_and_the_booked_page_are_by_the_school(client, teacher, host, west, now):
    slot = paint(host, west)
    sign_up = SignUpFactory(host=host, term=west.terms.get())
    pairing = InvitationFactory(
        sign_up=sign_up, pairing__attendee=teacher, pairing__cadence="weekly"
    ).pairing
    client.force_login(teacher.user)

    page = text_of(client, "sign_up", pairing.uid)
    response = client.post(
        reverse("scheduling:sign_up", args=[pairing.uid]), {"seat": slot.seats.get().uid}
    )
    booked = client.get(response["Location"]).text
    file = client.get(
        reverse("scheduling:booking_calendar", args=[pairing.bookings.get().uid])
    ).content.decode()

    assert "Bayside" in page
    assert "all times are Chicago time" in page
    assert "10:40 to 11:10 Chicago time" in booked
    assert "Bayside" in booked
    assert "11:40" not in page + booked
    assert "DTSTART;TZID=America/Chicago:20261013T104000" in file


def test_mails_name_the_zone_to_those_who_have_two(talks, teacher, now):
    mail = queued("meeting_restored", teacher, talks[1])

    assert "10:40 to 11:10 (Chicago time)" in emails.meeting_restored(mail, NOW).body
    other = queued("meeting_restored", talks[1].pairing.host, talks[1])
    assert "10:40 to 11:10." in emails.meeting_restored(other, NOW).body


def test_a_host_of_two_schools_gets_one_list_with_both(host, east, west, now):
    for school in (east, west):
        MeetingFactory(
            pairing__school=school,
            pairing__host=host,
            starts_at=instant(TUESDAY, time(10, 40), school.zone),
        )
    due = instant(MONDAY, time(15, 0), east.zone)
    for school in (east, west):
        actions.queue_reminders(school, by=None, at=due + timedelta(hours=1))

    [mail] = host.outgoing_mails.filter(kind="host_reminder")
    message = clock_emails.host_reminder(mail, due)

    assert message.subject == "Tomorrow: 2 talks"
    assert "10:40 to 11:10 (New York time)" in message.body
    assert "10:40 to 11:10 (Chicago time)" in message.body
    assert "Harbor View" in message.body
    assert "Bayside" in message.body


def queued(kind, person, meeting):
    return OutgoingMailFactory(kind=kind, person=person, subject_uid=meeting.uid)


# --- never in two places ---


def test_nobody_is_at_two_schools_at_once_in_the_database(talks, teacher, east):
    taken = talks[1]

    with pytest.raises(IntegrityError), transaction.atomic():
        MeetingFactory(pairing__school=east, pairing__attendee=teacher, starts_at=taken.starts_at)

    assert Attendance.objects.filter(person=teacher, blocks=True).count() == 2


def test_a_host_who_is_taken_elsewhere_is_not_free_and_nothing_says_why(
    client, host, east, west, now
):
    """At Bayside Period 4 begins when Period 5 is about to at Harbor View: 11:40 there."""
    term = west.terms.get()
    slot = paint(host, west)
    at_east = PairingFactory(school=east, host=host)
    for week in range(12):
        starts_at = instant(TUESDAY + timedelta(days=7 * week), time(11, 40), east.zone)
        if starts_at.astimezone(east.zone).date() <= date(2026, 12, 18):
            MeetingFactory(pairing=at_east, starts_at=starts_at)
    pairing = InvitationFactory(
        sign_up=SignUpFactory(host=host, term=term), pairing__cadence="weekly"
    ).pairing
    client.force_login(pairing.attendee.user)

    page = text_of(client, "sign_up", pairing.uid)
    response = client.post(
        reverse("scheduling:sign_up", args=[pairing.uid]), {"seat": slot.seats.get().uid}
    )

    assert "No time fits" in page
    assert response.status_code == 200
    assert "No date is left at that time this term." in response.text
    assert not Meeting.objects.filter(pairing=pairing).exists()
    for words in ("Harbor View", at_east.attendee.family_name, "elsewhere"):
        assert words not in page + response.text


@pytest.mark.parametrize("who", ["host", "attendee"])
def test_lessons_at_another_school_take_the_time_by_its_clock(host, teacher, east, west, who):
    term = west.terms.get()
    fits, taken = paint(host, west, "3"), paint(host, west)
    busy = {"host": host, "attendee": teacher}[who]
    CommitmentFactory(  # 11:30 to 12:15 in New York is 10:30 to 11:15 in Chicago
        term=east.terms.get(), person=busy, column="2", starts_at=time(11, 30), ends_at=time(12, 15)
    )

    found = openings(host, teacher, term, cadences=["weekly"], now=NOW)
    times = free_times(host, teacher, term, now=NOW)

    assert [each.seat.slot for each in found] == [fits]
    assert {each.slot for each in times} == {fits}
    assert taken not in {each.slot for each in times}


def test_lessons_elsewhere_stop_nothing_on_days_without_school_there(host, teacher, east, west):
    actions.save_closure(
        east,
        by=None,
        at=NOW,
        name="Fair",
        starts_on=TUESDAY,
        ends_on=TUESDAY,
        stops_meetings=True,
        stops_clock=True,
    )
    paint(host, west)
    CommitmentFactory(
        term=east.terms.get(),
        person=teacher,
        column="2",
        starts_at=time(11, 30),
        ends_at=time(12, 15),
    )

    times = free_times(host, teacher, west.terms.get(), now=NOW)

    assert [each.starts_at.astimezone(west.zone).date() for each in times] == [TUESDAY]


# --- dates ---


def test_a_pairing_is_in_force_by_the_date_of_its_school(
    client, teacher, east, west, time_machine_at
):
    """At 22:30 of the 12th in Chicago it is the 13th in New York."""
    over = PairingFactory(school=east, attendee=teacher, ends_on=MONDAY)
    last_day = PairingFactory(school=west, attendee=teacher, ends_on=MONDAY)
    not_yet = PairingFactory(school=west, attendee=teacher, starts_on=TUESDAY)
    begun = PairingFactory(school=east, attendee=teacher, starts_on=TUESDAY)
    time_machine_at(instant(MONDAY, time(23, 30), west.zone))
    client.force_login(teacher.user)

    rows = client.get(reverse("scheduling:people")).context["rows"]

    assert {row["pairing"] for row in rows} == {last_day, begun}
    plan = "scheduling:talk_plan"
    assert client.get(reverse(plan, args=[over.uid])).status_code == 404
    assert client.get(reverse(plan, args=[not_yet.uid])).status_code == 404
    assert client.get(reverse(plan, args=[last_day.uid])).status_code == 200


def test_roles_of_the_two_schools_add_up(client, teacher, east, west, now):
    teacher.roles.filter(school=west).update(kind=Role.Kind.SCHOOL_ADMIN)
    client.force_login(teacher.user)

    text = text_of(client, "today")

    for words in ("Today", "My one-on-ones", "Set-up", "Calendar"):
        assert words in text
