"""Who works at several schools is one person, however the second school comes to know them."""

from datetime import timedelta

import pytest

from conftest import NOW
from people import actions
from people.models import Person, Role

from .factories import PersonFactory, SchoolFactory
from .test_roster import sheet

pytestmark = pytest.mark.django_db

TOMORROW = NOW + timedelta(days=1)
ROW = "B7,teacher,Tom,Ash,Tom@school.example,Music"


@pytest.fixture
def here():
    return SchoolFactory()


@pytest.fixture
def tom():
    """A teacher of another school, who came with its roster."""
    return PersonFactory(
        teacher=True, given_name="Tom", family_name="Ash", email="tom@school.example"
    )


@pytest.fixture
def admin(here):
    return PersonFactory(administrator=True, school=here)


def kinds_at(school, person):
    held = Role.objects.in_force(NOW.date()).filter(school=school, person=person)
    return set(held.values_list("kind", flat=True))


def test_a_row_for_somebody_of_another_school_gives_them_a_role_here(here, tom):
    before = Person.objects.count()

    diff = actions.apply_roster(here, sheet(ROW), by=None, at=NOW)

    assert (len(diff.new), len(diff.changed)) == (0, 1)
    assert Person.objects.count() == before
    assert kinds_at(here, tom) == {"teacher"}
    assert tom.roles.count() == 2


@pytest.mark.parametrize("is_on_a_roster", [True, False])
def test_what_another_school_knows_of_them_stays(here, tom, is_on_a_roster):
    if is_on_a_roster:
        other = tom.roles.get().school
        row = "A1,teacher,Tom,Ash,tom@school.example,Strings"
        actions.apply_roster(other, sheet(row), by=None, at=NOW)
    tom.refresh_from_db()
    facts = tom.job, tom.external_id, tom.source_id

    actions.apply_roster(here, sheet(ROW), by=None, at=NOW)
    again = actions.preview_roster(here, sheet(ROW), by=None, at=TOMORROW)

    tom.refresh_from_db()
    assert (tom.job, tom.external_id, tom.source_id) == facts
    assert again.is_empty


def test_a_row_that_is_gone_ends_them_here_and_nowhere_else(here, tom):
    rows = [f"B{each},teacher,Tay,Row{each},t{each}@school.example" for each in range(20)]
    actions.apply_roster(here, sheet(ROW, *rows), by=None, at=NOW)

    actions.apply_roster(here, sheet(*rows), by=None, at=TOMORROW)

    tom.refresh_from_db()
    on = TOMORROW.date()
    schools = set(tom.roles.in_force(on).values_list("school", flat=True))
    assert schools == set(tom.roles.exclude(school=here).values_list("school", flat=True))
    assert tom.is_active


@pytest.mark.parametrize(
    "row",
    [
        "B7,teacher,Thea,Ash,tom@school.example",
        "B7,teacher,Tom,Ashe,tom@school.example",
        "B7,teacher,Tom,Ash,",
    ],
)
def test_another_name_or_no_address_is_another_person(here, tom, row):
    diff = actions.apply_roster(here, sheet(row), by=None, at=NOW)

    assert len(diff.new) == 1
    assert kinds_at(here, tom) == set()


def test_somebody_who_left_the_other_school_is_not_found_there(here, tom):
    tom.roles.update(ends_on=NOW.date() - timedelta(days=1))

    diff = actions.apply_roster(here, sheet(ROW), by=None, at=NOW)

    assert len(diff.new) == 1


def test_a_student_of_another_school_is_not_asked_about(here):
    PersonFactory(student=True, given_name="Tom", family_name="Ash", email="tom@school.example")

    diff = actions.apply_roster(here, sheet(ROW), by=None, at=NOW)

    assert len(diff.new) == 1


def add(here, admin, **more):
    names = {"given_name": "Tom", "family_name": "Ash"} | more
    return actions.add_person(
        here,
        kind=Role.Kind.TEACHER,
        starts_on=NOW.date(),
        email="Tom@School.example",
        by=admin,
        at=NOW,
        **names,
    )


def test_adding_somebody_of_another_school_by_hand_makes_no_twin(here, tom, admin):
    before = Person.objects.count()

    assert add(here, admin, job="Music") == tom

    tom.refresh_from_db()
    assert Person.objects.count() == before
    assert kinds_at(here, tom) == {"teacher"}
    assert tom.job != "Music"


def test_adding_a_namesake_by_hand_is_another_person(here, tom, admin):
    assert add(here, admin, given_name="Thea") != tom


def test_their_own_school_still_asks_whether_it_is_them(tom):
    here = tom.roles.get().school
    admin = PersonFactory(administrator=True, school=here)

    with pytest.raises(actions.CannotChangePerson):
        add(here, admin)
    assert tom.roles.count() == 1
