"""Pairings are opened once, by those who may, and change and end for both."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from audit.models import Event
from conftest import NOW
from people import actions
from people.cadence import Cadence
from people.models import Assistance, Pairing
from people.tests.factories import (
    TERM_STARTS_ON,
    PairingFactory,
    PersonFactory,
    SchoolFactory,
)

pytestmark = pytest.mark.django_db

TODAY = NOW.date()
Kind = Pairing.Kind


@pytest.fixture
def school():
    return SchoolFactory()


@pytest.fixture
def host(school):
    return PersonFactory(leader=True, school=school)


@pytest.fixture
def teacher(school):
    return PersonFactory(teacher=True, school=school)


def open_pairing(school, host, attendee, kind=Kind.STAFF_CHECK_IN, by="host", **fields):
    return actions.open_pairing(
        school,
        host=host,
        attendee=attendee,
        kind=kind,
        by=host if by == "host" else by,
        on=TODAY,
        **fields,
    )


def test_pairing_is_opened_once(school, host, teacher):
    pairing = open_pairing(school, host, teacher, cadence=Cadence.WEEKLY, minutes=20)
    again = open_pairing(school, host, teacher, cadence=Cadence.MONTHLY)

    assert again == pairing
    assert (again.cadence, again.minutes, again.starts_on) == ("weekly", 20, TODAY)
    event = Event.objects.get()
    assert (event.chain, event.by, event.basis) == (school.pk, host.pk, "open")


def test_other_kind_is_another_pairing(school, host, teacher):
    assert open_pairing(school, host, teacher) != open_pairing(school, host, teacher, Kind.COACHING)


def test_peers_have_one_pairing_whoever_hosts(school, teacher):
    peer = PersonFactory(teacher=True, school=school)

    pairing = open_pairing(school, teacher, peer, Kind.PEER_SUPPORT)

    assert open_pairing(school, peer, teacher, Kind.PEER_SUPPORT) == pairing


def test_pairing_that_ends_or_begins_later_goes_on_from_today(school, host, teacher):
    ending = PairingFactory(school=school, host=host, attendee=teacher, ends_on=TODAY)
    later = PairingFactory(school=school, host=host, starts_on=TODAY + timedelta(days=30))

    assert open_pairing(school, host, teacher) == ending
    assert open_pairing(school, host, later.attendee) == later

    ending.refresh_from_db()
    later.refresh_from_db()
    assert (ending.starts_on, ending.ends_on) == (TERM_STARTS_ON, None)
    assert (later.starts_on, later.ends_on) == (TODAY, None)


def test_ended_pairing_is_not_opened_again_but_a_new_one(school, host, teacher):
    ended = PairingFactory(school=school, host=host, attendee=teacher, ended=True)

    assert open_pairing(school, host, teacher) != ended


def test_pairing_needs_two_people_of_the_school(school, host):
    with pytest.raises(actions.CannotPair, match="needs two people"):
        open_pairing(school, host, host)
    with pytest.raises(actions.CannotPair, match="Both need to be at the school"):
        open_pairing(school, host, PersonFactory(teacher=True))
    with pytest.raises(actions.CannotPair, match="Both need to be at the school"):
        open_pairing(school, host, PersonFactory(teacher=True, school=school, is_active=False))


def test_counseling_waits_for_a_safeguarding_lead(school, teacher):
    counselor = PersonFactory(counselor=True, school=school)
    student = PersonFactory(student=True, school=school)

    with pytest.raises(actions.CannotPair, match="safeguarding lead"):
        open_pairing(school, counselor, student, Kind.COUNSELING)

    school.safeguarding_lead = PersonFactory(safeguarding_lead=True, school=school)
    school.safeguarding_phone = "555 0100"
    school.save()
    assert open_pairing(school, counselor, student, Kind.COUNSELING).host == counselor
    with pytest.raises(actions.CannotPair, match="only counselors"):
        open_pairing(school, teacher, student, Kind.COUNSELING)


def test_nobody_opens_or_finds_anothers_counseling(school):
    pairing = PairingFactory(school=school, counseling=True)
    administrator = PersonFactory(administrator=True, school=school)

    with pytest.raises(PermissionDenied):
        open_pairing(school, pairing.host, pairing.attendee, Kind.COUNSELING, by=administrator)


@pytest.mark.parametrize(
    ("who", "may"),
    [
        ("administrator", True),
        ("assistant", True),
        ("former assistant", False),
        ("teacher", False),
        ("attendee", False),
        ("administrator elsewhere", False),
        ("the clock", True),
    ],
)
def test_who_may_pair_for_a_host(school, host, teacher, who, may):
    assistant, former = PersonFactory.create_batch(2, support_staff=True, school=school)
    Assistance.objects.create(host=host, assistant=assistant, starts_on=TERM_STARTS_ON)
    Assistance.objects.create(
        host=host, assistant=former, starts_on=TERM_STARTS_ON, ends_on=TERM_STARTS_ON
    )
    by = {
        "administrator": PersonFactory(administrator=True, school=school),
        "assistant": assistant,
        "former assistant": former,
        "teacher": PersonFactory(teacher=True, school=school),
        "attendee": teacher,
        "administrator elsewhere": PersonFactory(administrator=True),
        "the clock": None,
    }[who]

    if may:
        assert open_pairing(school, host, teacher, by=by).host == host
    else:
        with pytest.raises(PermissionDenied):
            open_pairing(school, host, teacher, by=by)


def test_either_pauses_and_resumes():
    pairing = PairingFactory()

    actions.pause_pairing(pairing, by=pairing.host, on=TODAY)
    pairing.refresh_from_db()
    assert pairing.is_paused

    actions.pause_pairing(pairing, by=pairing.host, on=TODAY)
    actions.resume_pairing(pairing, by=pairing.attendee, on=TODAY)
    actions.resume_pairing(pairing, by=pairing.attendee, on=TODAY)
    pairing.refresh_from_db()
    assert not pairing.is_paused
    assert list(Event.objects.values_list("basis", flat=True)) == ["pause", "resume"]


def test_ended_pairing_is_not_changed():
    pairing = PairingFactory(ended=True)

    with pytest.raises(actions.CannotPair, match="have ended"):
        actions.pause_pairing(pairing, by=pairing.host, on=TODAY)


def test_pairing_ends_once_and_rights_with_it():
    pairing = PairingFactory()

    actions.end_pairing(pairing, by=pairing.attendee, on=TODAY)
    actions.end_pairing(pairing, by=None, on=TODAY + timedelta(days=1))

    pairing.refresh_from_db()
    assert pairing.ends_on == TODAY
    assert not Pairing.objects.in_force(TODAY + timedelta(days=1)).exists()
    assert Event.objects.count() == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda pairing, by: actions.end_pairing(pairing, by=by, on=TODAY),
        lambda pairing, by: actions.pause_pairing(pairing, by=by, on=TODAY),
        lambda pairing, by: actions.resume_pairing(pairing, by=by, on=TODAY),
    ],
)
def test_strangers_change_nothing(change):
    pairing = PairingFactory()

    with pytest.raises(PermissionDenied):
        change(pairing, PersonFactory(teacher=True, school=pairing.school))
