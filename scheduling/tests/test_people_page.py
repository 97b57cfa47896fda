"""The list of those one meets, in words and names, and writing down a talk nobody planned."""

from datetime import date, timedelta

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from conftest import NOW
from people.models import Pairing
from people.tests.factories import PairingFactory, PersonFactory
from scheduling.forms.meetings import LogForm
from scheduling.models import Meeting
from scheduling.tests.factories import MeetingFactory, school_with_calendar

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

TODAY = NOW.date()


@pytest.fixture
def school():
    return school_with_calendar(at=NOW, is_demo=True)  # no second factor is asked for


@pytest.fixture
def host(school):
    return PersonFactory(leader=True, school=school)


@pytest.fixture
def counselor(school):
    return PersonFactory(counselor=True, school=school)


def at(hour, minute, days=0):
    return NOW + timedelta(days=days, hours=hour - 3, minutes=minute)  # 07:00 UTC is 3:00 here


def listed(client, person, **query):
    client.force_login(person.user)
    return BeautifulSoup(client.get(reverse("scheduling:people"), query).content, "html.parser")


@pytest.mark.parametrize(
    ("next_at", "last_met_on", "words"),
    [
        (None, None, "Not met yet"),
        (at(10, 10), None, "First talk: today at 10:10"),
        (at(10, 10), date(2026, 10, 1), "Next: today at 10:10 Last met 1 October"),
        (at(13, 5, days=1), TODAY, "Next: tomorrow at 1:05 Met today"),
        (at(10, 10, days=2), None, "First talk: Wednesday 14 October, 10:10"),
        (None, date(2026, 10, 1), "No next time yet Last met 1 October"),
    ],
)
def test_the_list_says_each_thing_once(client, school, host, next_at, last_met_on, words):
    pairing = PairingFactory(school=school, host=host, last_met_on=last_met_on)
    if next_at:
        MeetingFactory(pairing=pairing, starts_at=next_at)

    for person in (host, pairing.attendee):
        [state] = listed(client, person).select(".state")
        assert " ".join(state.text.split()) == words


def test_students_are_shortened_and_staff_are_not(client, school, counselor):
    student = PersonFactory(student=True, school=school, given_name="Jada", family_name="Wynn")
    PairingFactory(school=school, host=counselor, attendee=student, kind=Pairing.Kind.COUNSELING)
    colleague = PairingFactory(school=school, host=counselor, is_with_student=False).attendee

    names = [each.text for each in listed(client, counselor).select(".plist b")]

    assert sorted(names) == sorted(["Jada W.", colleague.name])


@pytest.mark.parametrize(
    ("hour", "minute", "minutes", "on", "starts_at"),
    [
        (10, 7, 10, TODAY, "9:45"),
        (10, 10, 10, TODAY, "10:00"),
        (13, 20, 20, TODAY, "1:00 pm"),
        (0, 5, 10, date(2026, 10, 11), "11:45 pm"),
    ],
)
def test_a_talk_is_proposed_as_just_over(school, hour, minute, minutes, on, starts_at):
    moment = at(hour, minute)

    proposed = LogForm.just_over(moment, minutes, school.zone)

    assert proposed == {"on": on, "starts_at": starts_at, "minutes": minutes}
    form = LogForm(proposed, zone=school.zone, at=moment)
    assert form.is_valid()
    assert form.moment() + timedelta(minutes=minutes) <= moment


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"on": "2026-10-12", "starts_at": "10:40"}, "starts_at", "This time is still to come."),
        ({"on": "2026-10-13", "starts_at": "2:00 am"}, "on", "This day is still to come."),
    ],
)
def test_a_talk_that_is_to_come_is_not_logged(client, school, host, typed, field, words):
    pairing = PairingFactory(school=school, host=host)
    client.force_login(host.user)

    response = client.post(
        reverse("scheduling:talk_log", args=[pairing.uid]), {**typed, "minutes": "10"}
    )

    [problem] = response.context["form"].errors[field]
    assert problem == f"{words} Write a talk down once it has begun."
    assert problem in response.text
    assert not Meeting.objects.exists()


def test_the_form_opens_with_a_talk_that_is_over(client, school, host):
    pairing = PairingFactory(school=school, host=host)
    client.force_login(host.user)

    form = client.get(reverse("scheduling:talk_log", args=[pairing.uid])).context["form"]

    assert form.initial == LogForm.just_over(NOW, 10, school.zone)


def test_skipping_is_offered_beside_a_talk_and_not_behind_anything(client, school, host):
    pairing = PairingFactory(school=school, host=host)
    meeting = MeetingFactory(pairing=pairing, starts_at=at(10, 10, days=2))
    client.force_login(host.user)

    page = BeautifulSoup(client.get(meeting.get_absolute_url()).content, "html.parser")

    [skip] = page.select(f'form[action="{reverse("scheduling:meeting_skip", args=[meeting.uid])}"]')
    assert skip.find_parent("details") is None
    assert skip.button.text == "Nothing to talk about? Skip this one"
