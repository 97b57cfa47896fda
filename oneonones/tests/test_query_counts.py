"""How many questions the pages of docs/performance.md ask: few, for one row and for many."""

from datetime import date, timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.urls import reverse

from conftest import NOW
from people.tests.factories import PairingFactory, PersonFactory
from scheduling import actions
from scheduling.models import Meeting, OverdueFlag
from scheduling.tests.factories import (
    CommitmentFactory,
    InvitationFactory,
    MeetingFactory,
    SignUpFactory,
    SlotFactory,
    school_with_calendar,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

MOST = 12
COLUMNS = "2345"  # no Monday, which is today
PERIODS = ("Period 4", "Period 2", "Period 5", "Period 6", "Period 7")


@pytest.fixture
def school():
    return school_with_calendar(at=NOW, closures=[(date(2026, 11, 25), date(2026, 11, 27))])


@pytest.fixture
def host(school):
    """A principal who has a second factor: a real school asks for one."""
    person = PersonFactory(leader=True, school=school)
    Authenticator.objects.create(user=person.user, type=Authenticator.Type.TOTP, data={})
    return person


def paint(host, term, count):
    """Cells of every cadence, in the whole week."""
    periods = {each.name: each for each in host.roles.get().school.periods.all()}
    return [
        SlotFactory(
            host=host,
            term=term,
            column=COLUMNS[number % 4],
            period=periods[PERIODS[number // 4]],
            cadence=("weekly", "monthly", "biweekly")[number % 3],
        )
        for number in range(count)
    ]


def fill(host, school, count):
    """
    A host's cells and people, `count` of each: placed, waiting and past due, with talks held and to
    come, asked for another talk themselves. Answers a pairing with a series and one without.
    """
    term = school.terms.get()
    slots = paint(host, term, 2 * count + 2)
    sign_up = SignUpFactory(term=term, host=host)
    for number, slot in enumerate(slots[:count]):
        placed = PairingFactory(school=school, host=host, cadence=slot.cadence)
        actions.book(placed, slot.seats.first(), by=host, at=NOW)
        waiting = PairingFactory(school=school, host=host, cadence="monthly")
        invitation = InvitationFactory(sign_up=sign_up, pairing=waiting)
        OverdueFlag.objects.create(
            pairing=waiting, since_week=4, due_on=date(2026, 9, 28), raised_at=NOW
        )
        for person in (host, placed.attendee, waiting.attendee):
            CommitmentFactory(term=term, person=person, column=COLUMNS[number % 4])
        InvitationFactory(sign_up__term=term, pairing__school=school, pairing__attendee=host)
        InvitationFactory(
            sign_up__term=term, pairing__school=school, pairing__attendee=waiting.attendee
        )
        MeetingFactory(
            pairing=placed, past=True, starts_at=NOW - timedelta(days=7, minutes=30 * number)
        )
        MeetingFactory(pairing=waiting, starts_at=NOW - timedelta(days=6, minutes=30 * number))
    return placed, invitation.pairing


PAGES = {
    # page, whose: how many questions
    ("today", "host"): 12,
    ("today", "attendee"): 11,
    ("people", "host"): 6,
    ("person_page", "host"): 12,
    ("schedule", "host"): 11,
    ("placing", "host"): 12,
    ("meeting", "host"): 7,
    ("meeting_move", "host"): 10,
    ("meeting_move_following", "host"): 10,
    ("sign_up", "waiting"): 11,
}


BOOKED = 11  # with dates that clash


@pytest.mark.parametrize("count", [1, 4])
@pytest.mark.parametrize(("name", "whose"), PAGES)
def test_page_asks_few_questions_whatever_there_is(
    client, school, host, django_assert_num_queries, name, whose, count
):
    placed, waiting = fill(host, school, count)
    meeting = placed.meetings.filter(starts_at__gt=NOW).order_by("starts_at").first()
    uids = {
        "person_page": [placed.attendee.uid],
        "sign_up": [waiting.uid],
        "meeting": [meeting.uid],
        "meeting_move": [meeting.uid],
        "meeting_move_following": [meeting.uid],
    }
    people = {"host": host, "attendee": placed.attendee, "waiting": waiting.attendee}
    address = reverse(
        f"scheduling:{'schedule' if name == 'placing' else name}", args=uids.get(name, [])
    )
    query = {"place": str(waiting.uid)} if name == "placing" else {}
    client.force_login(people[whose].user)

    with django_assert_num_queries(PAGES[name, whose]):
        response = client.get(address, query)

    assert response.status_code == 200


@pytest.mark.parametrize("count", [1, 4])
def test_booked_place_asks_few_questions_however_many_dates_clash(
    client, school, host, django_assert_num_queries, count
):
    placed, _waiting = fill(host, school, 1)
    coming = placed.meetings.filter(starts_at__gt=NOW).order_by("starts_at")[:count]
    Meeting.objects.filter(pk__in=[each.pk for each in coming]).update(
        status=Meeting.Status.CANCELLED, status_reason="clash"
    )
    booking = placed.bookings.get()
    client.force_login(placed.attendee.user)

    with django_assert_num_queries(BOOKED):
        response = client.get(reverse("scheduling:booked", args=[booking.uid]))

    assert len(response.context["undecided"]) == count


@pytest.mark.parametrize("count", [1, 4])
def test_today_asks_no_more_however_many_dates_clash(
    client, school, host, django_assert_num_queries, count
):
    fill(host, school, count)
    for pairing in host.hosted_pairings.filter(bookings__isnull=False):
        pairing.meetings.filter(starts_at__gt=NOW).update(
            status=Meeting.Status.CANCELLED, status_reason="clash"
        )
    client.force_login(host.user)

    with django_assert_num_queries(PAGES["today", "host"]):
        response = client.get(reverse("scheduling:today"))

    assert len(response.context["undecided"]) == count


def test_no_page_asks_more_than_the_goal_allows():
    assert max(BOOKED, *PAGES.values()) <= MOST
