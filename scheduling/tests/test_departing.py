"""When a last day is over: places and talks are given back, and everybody is told once."""

from datetime import date, timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.urls import reverse

from audit.models import Event
from conftest import NOW
from people import outbox
from people.actions import end_person, end_those_who_left, hand_over, set_last_day
from people.models import Departure, OutgoingMail, Pairing
from people.tests.factories import MembershipFactory, PairingFactory, PersonFactory
from scheduling import actions
from scheduling.models import Attendance, Booking, Invitation, Meeting, SignUp, Slot
from scheduling.tests.factories import (
    InvitationFactory,
    MeetingFactory,
    SignUpFactory,
    SlotFactory,
    school_with_calendar,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

FRIDAY = date(2026, 10, 16)
AFTER = NOW + timedelta(days=5)


@pytest.fixture
def school():
    return school_with_calendar(at=NOW)


@pytest.fixture
def admin(school):
    return PersonFactory(administrator=True, school=school)


def leader(school, given, family):
    return PersonFactory(leader=True, school=school, given_name=given, family_name=family)


@pytest.fixture
def hall(school):
    return leader(school, "Ida", "Hall")


@pytest.fixture
def ode(school):
    return leader(school, "Ben", "Ode")


def standing(school, host, column="2", **fields):
    """A pairing with a time of its host's grid."""
    pairing = PairingFactory(school=school, host=host, **fields)
    slot = SlotFactory(term=school.terms.get(), host=host, column=column, cadence=pairing.cadence)
    return actions.book(pairing, slot.seats.order_by("number").first(), by=host, at=NOW).booking


def leaves(school, admin, person, **chosen):
    set_last_day(person, school, last_day=FRIDAY, by=admin, at=NOW)
    departure = Departure.objects.get(person=person)
    asked = {"successor": None, "pairings": {}, "groups": {}} | chosen
    hand_over(departure, by=admin, at=NOW, **asked)
    return departure


def over():
    return end_those_who_left(by=None, at=AFTER)


def written(at=AFTER):
    """The mails of leaving, as they would be sent: subject and words by the key of who gets one."""
    mails = OutgoingMail.objects.filter(kind__in=("farewell", "handed_over")).order_by("pk")
    rendered = [(mail.person_id, outbox.render(mail, at=at)) for mail in mails]
    return {pk: (each.subject, each.body) for pk, each in rendered if each is not None}


def planned(pairing):
    return Meeting.objects.filter(pairing=pairing, status=Meeting.Status.PLANNED)


def test_places_and_talks_after_the_last_day_are_given_back(school, admin, hall):
    hosted = standing(school, hall)
    attended = standing(school, leader(school, "Eve", "Ash"), "3", attendee=hall)
    other = standing(school, leader(school, "Uma", "Vane"))
    single = MeetingFactory(pairing=hosted.pairing, starts_at=NOW + timedelta(days=9))
    before = MeetingFactory(pairing=hosted.pairing, starts_at=NOW + timedelta(days=2))
    leaves(school, admin, hall)
    assert planned(hosted.pairing).filter(starts_at__gt=AFTER).exists()  # nothing yet

    over()

    assert set(Booking.objects.live()) == {other}
    left = planned(hosted.pairing) | planned(attended.pairing)
    assert not left.filter(starts_at__gt=AFTER).exists()
    single.refresh_from_db()
    before.refresh_from_db()
    assert (single.status, before.status) == (Meeting.Status.CANCELLED, Meeting.Status.PLANNED)
    late = Attendance.objects.filter(blocks=True, starts_at__gt=AFTER)
    assert set(late.values_list("meeting__pairing", flat=True)) == {other.pairing_id}
    released = Event.objects.filter(act=Event.Act.BOOKING_RELEASE, by=None)
    assert released.count() == 2


def test_the_grid_and_open_invitations_end(school, admin, hall, ode):
    term = school.terms.get()
    slot = SlotFactory(term=term, host=hall)
    kept = SlotFactory(term=term, host=ode)
    InvitationFactory(sign_up=SignUpFactory(term=term, host=hall))
    InvitationFactory(sign_up=SignUpFactory(term=term, host=ode))
    leaves(school, admin, hall)

    over()

    assert set(Slot.objects.standing()) == {kept}
    slot.refresh_from_db()
    assert slot.removed_at == AFTER
    assert SignUp.objects.open(AFTER).get().host == ode
    assert Invitation.objects.open(AFTER, AFTER.date()).count() == 1


def test_those_they_met_are_told_once_without_a_reason(school, admin, hall, ode):
    first = standing(school, hall).pairing
    second = PairingFactory(
        school=school, host=hall, attendee=first.attendee, kind=Pairing.Kind.MENTORING
    )
    leaves(school, admin, hall, pairings={first.pk: ode, second.pk: None})

    over()
    over()

    mails = written()
    assert set(mails) == {first.attendee_id, ode.pk}
    subject, body = mails[first.attendee_id]
    assert subject == "Your talks with Ida Hall"
    assert "Ida Hall is no longer your host from Saturday 17 October." in body
    assert "Ben Ode takes over: choose a time when Ben invites you." in body
    subject, body = mails[ode.pk]
    assert subject == "You take over from a colleague"
    assert f"you are the host of {first.attendee.name}, who met Ida Hall before" in body


def test_nobody_is_told_before_the_day_is_over(school, admin, hall, ode):
    pairing = standing(school, hall).pairing
    leaves(school, admin, hall, pairings={pairing.pk: ode})

    assert not OutgoingMail.objects.filter(kind__in=("farewell", "handed_over")).exists()


def test_host_of_somebody_who_left_learns_that_the_place_is_free(school, admin, hall, ode):
    standing(school, ode, attendee=hall)
    leaves(school, admin, hall)

    over()

    subject, body = written()[ode.pk]
    assert subject == "Your talks with Ida Hall"
    assert "Your talks with Ida Hall have ended. From Saturday 17 October" in body
    assert "host from" not in body


def test_mail_names_no_student_and_counts_them(school, admin, hall, ode):
    students = PersonFactory.create_batch(2, student=True, school=school)
    advisory = [
        PairingFactory(school=school, host=hall, attendee=each, kind=Pairing.Kind.ADVISORY)
        for each in students
    ]
    group = MembershipFactory(group__school=school, person=hall, is_adult=True).group
    leaves(
        school,
        admin,
        hall,
        pairings={each.pk: ode for each in advisory},
        groups={group.pk: ode},
    )

    over()

    _, body = written()[ode.pk]
    assert "you are the host of 2 students" in body
    assert f"You are the adult of {group.name}." in body
    assert not [each for each in students if each.family_name in body]


def test_student_who_left_is_not_named_to_their_host(school, admin, hall):
    student = PersonFactory(student=True, school=school)
    standing(school, hall, attendee=student)
    end_person(student, school, by=admin, at=NOW)

    subject, body = written(at=NOW)[hall.pk]

    assert "Your talks with a student have ended." in body
    assert student.family_name not in f"{subject} {body}"


def test_those_without_an_address_and_those_who_left_too_get_no_mail(school, admin, hall, ode):
    without = PersonFactory(teacher=True, school=school, email="")
    PairingFactory(school=school, host=hall, attendee=without)
    PairingFactory(school=school, host=hall, attendee=ode)
    leaves(school, admin, hall)
    leaves(school, admin, ode)

    over()

    assert written() == {}


def test_new_host_finds_them_to_place_and_to_invite(client, school, admin, hall, ode):
    pairing = standing(school, hall, weekly=True).pairing
    SlotFactory(term=school.terms.get(), host=ode, column="4")
    leaves(school, admin, hall, pairings={pairing.pk: ode})
    over()
    Authenticator.objects.create(user=ode.user, type=Authenticator.Type.TOTP, data={})

    with time_machine.travel(AFTER, tick=False):
        client.force_login(ode.user)
        schedule = client.get(reverse("scheduling:schedule"))
        rows = client.get(reverse("scheduling:invite")).context["form"].rows

    new = Pairing.objects.get(host=ode)
    assert f"?place={new.uid}" in schedule.text
    [row] = [each for each in rows if each.person == pairing.attendee]
    assert (row.cadence, row.is_ticked) == ("weekly", True)
