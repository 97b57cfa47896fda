"""Those whose host has left: listed until somebody takes over, or nobody is to."""

from datetime import date, timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from audit.models import Event
from conftest import NOW
from people import outbox
from people.actions import end_person
from people.departures import without_host
from people.ending import end_people
from people.models import Handover, OutgoingMail, Pairing
from people.tests.factories import PairingFactory, PersonFactory, RoleFactory, SchoolFactory
from scheduling import actions

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

TODAY = NOW.date()
PAGE = reverse("scheduling:host_choose")
LIST = reverse("people:person_list")


@pytest.fixture
def school():
    return SchoolFactory(safeguarding_phone="555 0100")


@pytest.fixture
def admin(client, school):
    person = PersonFactory(administrator=True, school=school)
    Authenticator.objects.create(user=person.user, type=Authenticator.Type.TOTP, data={})
    client.force_login(person.user)
    return person


@pytest.fixture
def ode(school):
    return PersonFactory(leader=True, school=school, given_name="Ben", family_name="Ode")


def left(school, admin, **fields):
    """A pairing whose host has left, by hand."""
    pairing = PairingFactory(school=school, **fields)
    end_person(pairing.host, school, by=admin, at=NOW)
    return pairing


def listed(school, on=TODAY):
    return set(without_host(school, on=on))


def test_those_whose_host_left_are_listed_however_that_was(school, admin):
    by_hand = left(school, admin)
    by_roster = PairingFactory(school=school)
    end_people(school, [by_roster.host_id], on=TODAY)
    itinerant = PairingFactory(school=school)
    RoleFactory(person=itinerant.host, leader=True)
    end_people(school, [itinerant.host_id], on=TODAY)
    PairingFactory(school=school)  # goes on

    assert listed(school) == {by_hand, by_roster, itinerant}


def test_counseling_is_never_listed(school, admin):
    left(school, admin, counseling=True)

    assert listed(school) == set()


def test_who_is_hosted_for_the_same_again_or_left_too_is_not_listed(school, admin, ode):
    again = left(school, admin)
    PairingFactory(school=school, host=ode, attendee=again.attendee)
    for_something_else = left(school, admin, kind=Pairing.Kind.MENTORING)
    PairingFactory(school=school, host=ode, attendee=for_something_else.attendee)
    gone = left(school, admin)
    end_person(gone.attendee, school, by=admin, at=NOW)

    assert listed(school) == {for_something_else}


def test_talks_that_had_ended_before_the_host_left_are_not_listed(school, admin):
    left(school, admin, ends_on=date(2026, 9, 30))

    assert listed(school) == set()


def test_after_a_year_nobody_looks_for_a_host(school, admin):
    pairing = left(school, admin)

    assert listed(school, TODAY + timedelta(days=364)) == {pairing}
    assert listed(school, TODAY + timedelta(days=400)) == set()


def test_one_step_gives_a_host_and_tells_them(client, school, admin, ode):
    first = left(school, admin, weekly=True)
    second = left(school, admin)
    third = left(school, admin)
    student = PersonFactory(student=True, school=school)
    advisory = left(school, admin, attendee=student, kind=Pairing.Kind.ADVISORY)
    asked = {
        f"pairing-{first.uid}": ode.pk,
        f"pairing-{second.uid}": "nobody",
        f"pairing-{advisory.uid}": ode.pk,
    }

    response = client.post(PAGE, asked, follow=True)

    assert [str(each) for each in response.context["messages"]] == [
        "Saved. New hosts are told whom they host now."
    ]
    new = Pairing.objects.get(host=ode, kind=first.kind)
    assert (new.attendee, new.cadence, new.starts_on) == (first.attendee, "weekly", TODAY)
    assert listed(school) == {third}
    [mail] = OutgoingMail.objects.filter(kind="handed_over")
    body = outbox.render(mail, at=NOW).body
    assert f"you are the host of {first.attendee.name} and one student, who met" in body
    assert student.family_name not in body
    assert Event.objects.filter(basis="hand_over.after", by=admin.pk).count() == 1
    assert client.post(PAGE).status_code == 302  # nothing chosen: nothing done


def test_only_who_may_host_and_only_those_on_the_list(school, admin, ode):
    pairing = left(school, admin)
    theirs = PairingFactory(school=school)
    stranger = PersonFactory(administrator=True)

    with pytest.raises(PermissionDenied):
        actions.give_hosts(school, by=stranger, at=NOW, pairings={pairing.pk: ode})
    with pytest.raises(PermissionDenied):
        actions.give_hosts(school, by=admin, at=NOW, pairings={theirs.pk: ode})

    assert not Handover.objects.exists()


def test_page_refuses_who_has_no_grid(client, school, admin):
    pairing = left(school, admin)
    teacher = PersonFactory(teacher=True, school=school)
    field = f"pairing-{pairing.uid}"

    response = client.post(PAGE, {field: teacher.pk})

    assert list(response.context["form"].errors) == [field]
    assert listed(school) == {pairing}


def test_list_of_people_counts_them_and_leads_there(client, school, admin):
    assert PAGE not in client.get(LIST).text

    left(school, admin)
    text = client.get(LIST).text
    assert "1 person has no host any more" in text
    assert PAGE in text
    left(school, admin)
    assert "2 people have no host any more" in client.get(LIST).text


def test_page_says_when_everybody_has_a_host(client, admin):
    assert "Everybody has a host" in client.get(PAGE).text


@pytest.mark.parametrize("count", [1, 6])
def test_pages_ask_few_questions(client, school, admin, count, django_assert_num_queries):
    for _ in range(count):
        left(school, admin)

    with django_assert_num_queries(5):
        assert client.get(PAGE).status_code == 200
    with django_assert_num_queries(10):
        assert client.get(LIST).status_code == 200
