"""A last day: said, changed, taken back; and who takes over once it is over."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from audit.models import Event
from conftest import NOW
from people import actions
from people.cadence import Cadence
from people.models import Departure, Handover, Line, Membership, Pairing, Role
from people.tests.factories import (
    LineFactory,
    MembershipFactory,
    PairingFactory,
    PersonFactory,
    RoleFactory,
    SchoolFactory,
)
from people.undo import CannotUndo

pytestmark = pytest.mark.django_db

FRIDAY = date(2026, 10, 16)
SATURDAY = FRIDAY + timedelta(days=1)
AFTER = NOW + timedelta(days=5)  # that Saturday


@pytest.fixture
def school():
    school = SchoolFactory(safeguarding_phone="555 0100")
    school.safeguarding_lead = PersonFactory(safeguarding_lead=True, school=school)
    school.save()
    return school


@pytest.fixture
def admin(school):
    return PersonFactory(administrator=True, school=school)


@pytest.fixture
def hall(school):
    """A leader who is to leave on Friday."""
    return PersonFactory(leader=True, school=school)


@pytest.fixture
def ode(school):
    return PersonFactory(leader=True, school=school)


def leaves(person, school, admin, on=FRIDAY):
    actions.set_last_day(person, school, last_day=on, by=admin, at=NOW)
    return Departure.objects.get(person=person)


def choose(departure, admin, *, pairings=None, groups=None, successor=None):
    actions.hand_over(
        departure,
        by=admin,
        at=NOW,
        successor=successor,
        pairings=pairings or {},
        groups=groups or {},
    )


def over():
    return actions.end_those_who_left(by=None, at=AFTER)


# The day


def test_last_day_ends_the_roles_and_nothing_else_yet(school, admin, hall):
    sooner = RoleFactory(
        person=hall, school=school, kind="teacher", ends_on=FRIDAY - timedelta(days=1)
    )
    pairing = PairingFactory(school=school, host=hall)

    leaves(hall, school, admin)

    assert hall.roles.get(kind="leader").ends_on == FRIDAY
    sooner.refresh_from_db()
    assert sooner.ends_on == FRIDAY - timedelta(days=1)
    pairing.refresh_from_db()
    hall.refresh_from_db()
    assert (pairing.ends_on, hall.is_active, hall.user.is_active) == (None, True, True)
    assert Event.objects.get().basis == "last_day.set"


def test_last_day_taken_back_lets_roles_go_on_as_before(school, admin, hall):
    RoleFactory(person=hall, school=school, kind="teacher", ends_on=date(2026, 12, 18))
    departure = leaves(hall, school, admin)
    leaves(hall, school, admin, on=FRIDAY + timedelta(days=7))

    actions.take_back_last_day(departure, by=admin, at=NOW)

    ends = dict(hall.roles.values_list("kind", "ends_on"))
    assert ends == {"leader": None, "teacher": date(2026, 12, 18)}
    assert not Departure.objects.ahead().exists()
    assert over() == 0


def test_undo_of_a_last_day_and_of_taking_it_back(school, admin, hall):
    first = actions.set_last_day(hall, school, last_day=FRIDAY, by=admin, at=NOW)
    later = actions.set_last_day(
        hall, school, last_day=FRIDAY + timedelta(days=7), by=admin, at=NOW
    )
    with pytest.raises(CannotUndo, match="changed again"):
        actions.undo(first, by=admin, at=NOW)

    actions.undo(later, by=admin, at=NOW)
    assert hall.roles.get().ends_on == FRIDAY
    back = actions.take_back_last_day(Departure.objects.get(), by=admin, at=NOW)
    assert hall.roles.get().ends_on is None
    actions.undo(back, by=admin, at=NOW)
    assert hall.roles.get().ends_on == FRIDAY
    actions.undo(first, by=admin, at=NOW)
    assert hall.roles.get().ends_on is None
    assert not Departure.objects.ahead().exists()


def test_nothing_is_undone_once_they_have_left(school, admin, hall):
    change = actions.set_last_day(hall, school, last_day=FRIDAY, by=admin, at=NOW)
    actions.end_person(hall, school, by=admin, at=NOW)

    with pytest.raises(CannotUndo):
        actions.undo(change, by=admin, at=NOW)

    assert hall.roles.get().ends_on < NOW.date()


@pytest.mark.parametrize(
    ("role", "on", "words"),
    [
        ({}, NOW.date() - timedelta(days=1), "This day is over"),
        ({}, date(2032, 1, 1), "within the next 5 years"),
        (
            {"starts_on": date(2026, 11, 2), "kind": "counselor"},
            FRIDAY,
            "begins on 2 November 2026",
        ),
        ({"district_administrator": True}, FRIDAY, "administer the district"),
    ],
)
def test_last_day_that_cannot_be_is_refused(school, admin, hall, role, on, words):
    if role:
        RoleFactory(person=hall, school=school, **role)

    with pytest.raises(actions.CannotChangePerson, match=words):
        leaves(hall, school, admin, on=on)

    assert not Departure.objects.exists()
    assert hall.roles.get(kind="leader").ends_on is None


def test_neither_oneself_nor_the_last_administrator_nor_somebody_gone(school, admin, hall):
    gone = RoleFactory(school=school, ended=True).person
    other = PersonFactory(administrator=True, school=school)
    other.roles.update(ends_on=date(2026, 12, 18))

    for person, by in ((admin, admin), (admin, other), (gone, admin)):
        with pytest.raises(actions.CannotChangePerson):
            leaves(person, school, by)


def test_only_administrators_of_the_school_enter_it(school, admin, hall, ode):
    elsewhere = PersonFactory(administrator=True)

    for by in (ode, elsewhere):
        with pytest.raises(PermissionDenied):
            leaves(hall, school, by)


def test_a_role_beyond_the_last_day_is_refused(school, admin, hall):
    leaves(hall, school, admin)

    with pytest.raises(actions.CannotChangePerson, match="Their last day is 16 October 2026"):
        actions.give_role(hall, school, kind="teacher", by=admin, at=NOW)
    actions.give_role(hall, school, kind="teacher", by=admin, at=NOW, ends_on=FRIDAY)

    assert hall.roles.filter(ends_on=FRIDAY).count() == 2


# What happens once it is over


def test_everything_ends_by_the_clock_and_once(school, admin, hall):
    hosted = PairingFactory(school=school, host=hall)
    attended = PairingFactory(school=school, attendee=hall)
    other = PairingFactory(school=school)
    leaves(hall, school, admin)

    assert actions.end_those_who_left(by=None, at=NOW + timedelta(days=4)) == 0
    assert over() == 1
    assert over() == 0

    hall.refresh_from_db()
    assert (hall.is_active, hall.user.is_active) == (False, False)
    ends = dict(Pairing.objects.values_list("pk", "ends_on"))
    assert ends == {hosted.pk: FRIDAY, attended.pk: FRIDAY, other.pk: None}
    assert Departure.objects.get().ended_at == AFTER


def test_who_takes_over_has_a_new_pairing_with_the_same_rhythm(school, admin, hall, ode):
    old = PairingFactory(
        school=school, host=hall, cadence=Cadence.BIWEEKLY, minutes=20, ownership="attendee"
    )
    departure = leaves(hall, school, admin)
    choose(departure, admin, pairings={old.pk: ode})

    over()

    new = Pairing.objects.get(host=ode)
    assert (new.attendee, new.kind, new.starts_on, new.ends_on) == (
        old.attendee,
        old.kind,
        SATURDAY,
        None,
    )
    assert (new.cadence, new.minutes, new.ownership) == (Cadence.BIWEEKLY, 20, "attendee")
    assert Handover.objects.get().opened == new


def test_nobody_takes_over_where_nobody_was_chosen(school, admin, hall, ode):
    for decided in ({}, None):
        pairing = PairingFactory(school=school, host=hall)
        if decided is None:
            choose(leaves(hall, school, admin), admin, pairings={pairing.pk: None})

    over()

    assert not Pairing.objects.filter(ends_on=None).exists()
    assert Handover.objects.get().to is None


def test_talks_the_two_have_already_go_on_as_they_are(school, admin, hall, ode):
    old = PairingFactory(school=school, host=hall)
    theirs = PairingFactory(school=school, host=ode, attendee=old.attendee, weekly=True)
    choose(leaves(hall, school, admin), admin, pairings={old.pk: ode})

    over()

    assert Pairing.objects.get(ends_on=None) == theirs
    assert Handover.objects.get().opened == theirs


def test_who_left_too_takes_over_nothing(school, admin, hall, ode):
    old = PairingFactory(school=school, host=hall)
    choose(leaves(hall, school, admin), admin, pairings={old.pk: ode})
    leaves(ode, school, admin)

    over()

    assert not Pairing.objects.filter(ends_on=None).exists()
    assert Handover.objects.get().opened is None


def test_who_may_not_host_it_any_more_takes_over_nothing(school, admin, hall, ode):
    old = PairingFactory(school=school, host=hall)
    RoleFactory(person=ode, school=school, kind="teacher")
    choose(leaves(hall, school, admin), admin, pairings={old.pk: ode})
    ode.roles.filter(kind="leader").update(ends_on=FRIDAY)

    over()

    assert not Pairing.objects.filter(ends_on=None).exists()


def test_groups_get_a_new_adult_and_people_a_new_manager(school, admin, hall, ode):
    group = MembershipFactory(group__school=school, person=hall, is_adult=True).group
    tom = PersonFactory(teacher=True, school=school)
    LineFactory(person=tom, manager=hall)
    departure = leaves(hall, school, admin)
    choose(departure, admin, groups={group.pk: ode}, successor=ode)

    over()

    adults = Membership.objects.filter(group=group, is_adult=True, ends_on=None)
    assert [(each.person, each.starts_on) for each in adults] == [(ode, SATURDAY)]
    line = Line.objects.get(ends_on=None)
    assert (line.person, line.manager, line.starts_on) == (tom, ode, SATURDAY)


def test_who_goes_on_elsewhere_keeps_signing_in_and_loses_talks_here(school, admin, hall):
    there = SchoolFactory()
    RoleFactory(person=hall, school=there, leader=True)
    here = PairingFactory(school=school, host=hall)
    elsewhere = PairingFactory(school=there, host=hall)
    leaves(hall, school, admin)

    over()

    hall.refresh_from_db()
    assert (hall.is_active, hall.user.is_active) == (True, True)
    assert set(Pairing.objects.filter(ends_on=None)) == {elsewhere}
    here.refresh_from_db()
    assert here.ends_on == FRIDAY
    assert Role.objects.filter(person=hall, ends_on=None).get().school == there


def test_leaving_at_once_keeps_what_was_chosen(school, admin, hall, ode):
    old = PairingFactory(school=school, host=hall)
    tom = PersonFactory(teacher=True, school=school)
    LineFactory(person=tom, manager=hall)
    choose(leaves(hall, school, admin), admin, pairings={old.pk: ode}, successor=ode)

    actions.end_person(hall, school, by=admin, at=NOW)

    assert Pairing.objects.get(ends_on=None).host == ode
    assert Line.objects.get(ends_on=None).manager == ode
    assert over() == 0


def test_a_second_leaving_is_another_one(school, admin, hall):
    leaves(hall, school, admin)
    over()
    RoleFactory(person=hall, school=school, teacher=True, starts_on=SATURDAY)
    type(hall).objects.filter(pk=hall.pk).update(is_active=True)

    actions.end_person(hall, school, by=admin, at=AFTER)

    assert Departure.objects.count() == 2
    assert not Departure.objects.ahead().exists()


# Who may be chosen, and who may choose


def test_only_those_who_may_host_it_take_over(school, admin, hall, ode):
    check_in = PairingFactory(school=school, host=hall)
    mentoring = PairingFactory(school=school, host=hall, kind=Pairing.Kind.MENTORING)
    teacher = PersonFactory(teacher=True, school=school)
    departure = leaves(hall, school, admin)

    choose(departure, admin, pairings={mentoring.pk: teacher, check_in.pk: ode})
    for pairings in (
        {check_in.pk: teacher},  # has no grid
        {check_in.pk: hall},
        {check_in.pk: PersonFactory(leader=True)},  # of another school
        {mentoring.pk: mentoring.attendee},
    ):
        with pytest.raises(actions.CannotHandOver):
            choose(departure, admin, pairings=pairings)

    chosen = set(Handover.objects.values_list("pairing", "to"))
    assert chosen == {(mentoring.pk, teacher.pk), (check_in.pk, ode.pk)}


def test_what_is_left_open_is_forgotten(school, admin, hall, ode):
    first, second = PairingFactory.create_batch(2, school=school, host=hall)
    departure = leaves(hall, school, admin)
    choose(departure, admin, pairings={first.pk: ode, second.pk: ode})

    choose(departure, admin, pairings={second.pk: None})

    assert set(Handover.objects.values_list("pairing", "to")) == {(second.pk, None)}


def test_counseling_is_the_counselors_own_to_hand_over(school, admin, ode):
    counseling = PairingFactory(school=school, counseling=True)
    counselor, other = counseling.host, PersonFactory(counselor=True, school=school)
    departure = leaves(counselor, school, admin)

    with pytest.raises(PermissionDenied):
        choose(departure, admin, pairings={counseling.pk: other})
    with pytest.raises(PermissionDenied):
        actions.hand_over_own(departure, by=admin, at=NOW, pairings={counseling.pk: other})
    with pytest.raises(actions.CannotHandOver):
        actions.hand_over_own(departure, by=counselor, at=NOW, pairings={counseling.pk: ode})
    actions.hand_over_own(departure, by=counselor, at=NOW, pairings={counseling.pk: other})
    choose(departure, admin)  # says nothing of it
    over()

    new = Pairing.objects.get(ends_on=None)
    assert (new.host, new.attendee, new.kind) == (other, counseling.attendee, "counseling")


def test_pairings_of_others_cannot_be_handed_over(school, admin, hall, ode):
    theirs = PairingFactory(school=school)
    attended = PairingFactory(school=school, attendee=hall)
    departure = leaves(hall, school, admin)

    for pairing in (theirs, attended):
        with pytest.raises(PermissionDenied):
            choose(departure, admin, pairings={pairing.pk: ode})
    with pytest.raises(PermissionDenied):
        choose(departure, PersonFactory(administrator=True))


def test_nothing_is_chosen_once_there_is_no_last_day(school, admin, hall, ode):
    departure = leaves(hall, school, admin)
    actions.take_back_last_day(departure, by=admin, at=NOW)

    with pytest.raises(actions.CannotHandOver, match="no last day"):
        choose(departure, admin)
