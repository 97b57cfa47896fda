"""Changing school within the district: the same leaving, and a role that begins elsewhere."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from audit.models import Event
from conftest import NOW
from people import actions
from people.models import Departure, Pairing, Role
from people.tests.factories import PairingFactory, PersonFactory, RoleFactory, SchoolFactory
from people.tests.setting_up.setup_page import enter, page
from people.undo import CannotUndo

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

FRIDAY = date(2026, 10, 16)
SATURDAY = FRIDAY + timedelta(days=1)
AFTER = NOW + timedelta(days=5)


@pytest.fixture
def school():
    return SchoolFactory()


@pytest.fixture
def bayside():
    return SchoolFactory(name="Bayside School")


@pytest.fixture
def both(school, bayside):
    """Administers both schools."""
    person = PersonFactory(administrator=True, school=school)
    RoleFactory(person=person, school=bayside, administrator=True)
    return person


@pytest.fixture
def hall(school):
    return PersonFactory(leader=True, school=school)


def moves(person, school, to, by, kind="teacher", on=FRIDAY):
    onward = actions.Onward(to, kind)
    return actions.set_last_day(person, school, last_day=on, onward=onward, by=by, at=NOW)


def periods(person):
    return {
        (role.school, role.kind): (role.starts_on, role.ends_on)
        for role in person.roles.select_related("school")
    }


def test_role_begins_there_the_day_after_and_all_else_ends_here(school, bayside, both, hall):
    pairing = PairingFactory(school=school, host=hall)
    since = hall.roles.get().starts_on

    moves(hall, school, bayside, both)
    actions.end_those_who_left(by=None, at=AFTER)

    assert periods(hall) == {
        (school, "leader"): (since, FRIDAY),
        (bayside, "teacher"): (SATURDAY, None),
    }
    hall.refresh_from_db()
    assert (hall.is_active, hall.user.is_active) == (True, True)
    pairing.refresh_from_db()
    assert pairing.ends_on == FRIDAY
    told = Event.objects.filter(basis="last_day.set").values_list("chain", flat=True)
    assert set(told) == {school.pk, bayside.pk}


def test_another_day_another_school_and_staying(school, bayside, both, hall):
    since = hall.roles.get().starts_on
    first = moves(hall, school, bayside, both)
    later = moves(hall, school, bayside, both, "support_staff", on=FRIDAY + timedelta(days=7))
    assert periods(hall)[bayside, "support_staff"][0] == SATURDAY + timedelta(days=7)
    assert len(periods(hall)) == 2

    actions.undo(later, by=both, at=NOW)
    assert periods(hall)[bayside, "teacher"] == (SATURDAY, None)
    back = actions.take_back_last_day(Departure.objects.get(), by=both, at=NOW)
    assert periods(hall) == {(school, "leader"): (since, None)}
    actions.undo(back, by=both, at=NOW)
    assert periods(hall)[bayside, "teacher"] == (SATURDAY, None)
    actions.undo(first, by=both, at=NOW)
    assert periods(hall) == {(school, "leader"): (since, None)}


def test_who_administers_one_school_touches_nothing_of_the_other(school, bayside, both, hall):
    here = PersonFactory(administrator=True, school=school)
    there = PersonFactory(administrator=True, school=bayside)

    for by in (here, there):
        with pytest.raises(PermissionDenied):
            moves(hall, school, bayside, by)
    moves(hall, school, bayside, both)
    with pytest.raises(actions.CannotChangePerson, match="administers both"):
        actions.set_last_day(hall, school, last_day=FRIDAY, by=here, at=NOW)
    with pytest.raises(actions.CannotChangePerson, match="administers both"):
        actions.take_back_last_day(Departure.objects.get(), by=here, at=NOW)
    with pytest.raises(PermissionDenied):
        actions.take_back_last_day(Departure.objects.get(), by=there, at=NOW)

    assert periods(hall)[bayside, "teacher"] == (SATURDAY, None)


def test_undo_asks_again_whether_one_administers_both(school, bayside, both, hall):
    change = moves(hall, school, bayside, both)
    both.roles.filter(school=bayside).update(ends_on=NOW.date() - timedelta(days=1))

    with pytest.raises(CannotUndo, match="Only administrators"):
        actions.undo(change, by=both, at=NOW)

    assert periods(hall)[bayside, "teacher"] == (SATURDAY, None)


@pytest.mark.parametrize("kind", ["student", "district_admin", ""])
def test_only_a_role_of_the_staff_begins_there(school, bayside, both, hall, kind):
    with pytest.raises(actions.CannotChangePerson):
        moves(hall, school, bayside, both, kind)

    assert not Departure.objects.exists()


def test_what_they_are_there_already_and_the_same_school_are_refused(school, bayside, both, hall):
    RoleFactory(person=hall, school=bayside, teacher=True)

    with pytest.raises(actions.CannotChangePerson, match="already"):
        moves(hall, school, bayside, both)
    with pytest.raises(actions.CannotChangePerson, match="another school"):
        moves(hall, school, school, both)


def test_nobody_moves_between_the_demo_and_a_real_school(school, both, hall):
    demo = SchoolFactory(demo=True)
    RoleFactory(person=both, school=demo, administrator=True)

    with pytest.raises(actions.CannotChangePerson, match="another school"):
        moves(hall, school, demo, both)


def test_roles_that_end_at_one_school_end_talks_there_by_the_clock(school, bayside, hall):
    RoleFactory(person=hall, school=bayside, teacher=True)
    here = PairingFactory(school=school, host=hall)
    there = PairingFactory(school=bayside, host=hall)
    hall.roles.filter(school=school).update(ends_on=FRIDAY)

    assert actions.end_those_who_left(by=None, at=NOW) == 0
    assert actions.end_those_who_left(by=None, at=AFTER) == 1
    assert actions.end_those_who_left(by=None, at=AFTER) == 0

    assert set(Pairing.objects.filter(ends_on=None)) == {there}
    here.refresh_from_db()
    assert here.ends_on == FRIDAY
    assert Departure.objects.get().last_day == FRIDAY


# The page


def test_page_moves_somebody_for_whoever_administers_both(client, school, bayside, both, hall):
    enter(client, both)
    address = page("last_day", hall)
    asked = {"last_day": FRIDAY.isoformat(), "to_school": bayside.uid, "kind": "teacher"}
    made_for = {"made_for": school.uid}

    assert client.post(address, asked | made_for).status_code == 302
    form = client.get(address).context["form"]

    assert periods(hall)[bayside, "teacher"] == (SATURDAY, None)
    assert (form["to_school"].value(), form["kind"].value()) == (str(bayside.uid), "teacher")
    assert client.post(address, asked | made_for | {"to_school": ""}).status_code == 302
    assert len(periods(hall)) == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"kind": ""}, "kind"), ({"to_school": "elsewhere"}, "to_school"), ({"kind": "king"}, "kind")],
)
def test_page_refuses_half_a_move(client, school, bayside, both, hall, changes, field):
    enter(client, both)
    asked = {"last_day": FRIDAY.isoformat(), "to_school": bayside.uid, "kind": "teacher"}

    response = client.post(page("last_day", hall), asked | {"made_for": school.uid} | changes)

    assert list(response.context["form"].errors) == [field]
    assert not Role.objects.filter(person=hall, school=bayside).exists()


def test_page_of_one_school_names_no_other(client, school, bayside, both, hall):
    moves(hall, school, bayside, both)
    enter(client, PersonFactory(administrator=True, school=school))

    response = client.get(page("last_day", hall))
    refused = client.post(page("last_day", hall), {"last_day": "2026-12-18"})
    stays = client.post(page("last_day_take_back", hall), follow=True)

    assert "to_school" not in response.context["form"].fields
    for each in (response, refused, stays):
        assert "Bayside" not in each.text
        assert reverse("people:workplace_list") not in each.text.split("<main")[1]
    assert "administers both" in refused.text
    assert "administers both" in stays.text
