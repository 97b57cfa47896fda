"""Bringing a roster in: all or nothing, the same twice changes nothing, nobody is deleted."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from audit.models import Event
from conftest import NOW
from people import actions
from people.models import (
    Group,
    Guardianship,
    Line,
    Membership,
    Person,
    Role,
    RosterSource,
    User,
)

from .factories import PersonFactory, RoleFactory, SchoolFactory
from .test_roster import sheet

TODAY = date(2026, 10, 12)
TOMORROW = NOW + timedelta(days=1)

FAMILY = sheet(
    "L1,leader,Elena,Marsh,elena@school.example,Principal",
    "T1,teacher|safeguarding lead,Tom,Ash,tom@school.example,,Advisory 7B,L1",
    "S1,student,Sue,Elm,,,advisory 7b|Class 7 math",
    "G1,guardian,Gus,Elm,gus@home.example,,,,S1",
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin():
    return PersonFactory(administrator=True, school=SchoolFactory(), given_name="Ada")


@pytest.fixture
def school(admin):
    return admin.roles.get().school


def bring_in(school, content, *, at=NOW, by=None, **more):
    return actions.apply_roster(school, content, by=by, at=at, **more)


def roles_on(school, day):
    held = Role.objects.in_force(day).filter(school=school)
    return set(held.values_list("person__external_id", "kind"))


def test_apply_makes_people_roles_groups_lines_and_families_but_no_logins(school, admin):
    logins = User.objects.count()

    diff = bring_in(school, FAMILY, by=admin)

    assert (len(diff.new), diff.changed, diff.ended, diff.refused) == (4, [], [], [])
    assert roles_on(school, TODAY) - {("", "school_admin")} == {
        ("L1", "leader"),
        ("T1", "teacher"),
        ("T1", "safeguarding_lead"),
        ("S1", "student"),
        ("G1", "guardian"),
    }
    assert Role.objects.get(person__external_id="L1").label == "Principal"
    assert set(Group.objects.values_list("name", "kind")) == {
        ("Advisory 7B", "advisory"),
        ("Class 7 math", "class"),
    }
    assert set(
        Membership.objects.values_list("person__external_id", "group__name", "is_adult")
    ) == {
        ("T1", "Advisory 7B", True),
        ("S1", "Advisory 7B", False),
        ("S1", "Class 7 math", False),
    }
    assert Line.objects.get().manager.external_id == "L1"
    assert Guardianship.objects.get().student.external_id == "S1"
    assert User.objects.count() == logins


def test_apply_twice_changes_nothing(school, admin):
    bring_in(school, FAMILY, by=admin)
    before = Event.objects.count()

    diff = bring_in(school, FAMILY, by=admin, at=TOMORROW)

    assert (diff.is_empty, diff.unchanged) == (True, 4)
    assert Event.objects.count() == before
    assert Role.objects.filter(ends_on__isnull=False).count() == 0


def test_preview_writes_nothing(school, admin):
    diff = actions.preview_roster(school, FAMILY, by=admin, at=NOW)

    assert len(diff.new) == 4
    assert list(Person.objects.all()) == [admin]
    assert Group.objects.count() == 0


def test_apply_records_counts_and_who_got_an_office(school, admin):
    bring_in(school, FAMILY, by=admin)

    changed, applied = Event.objects.filter(chain=school.pk).order_by("seq")
    offices = Person.objects.filter(external_id__in=["L1", "T1"]).order_by("pk")
    assert changed.act == Event.Act.ROLE_CHANGE
    assert changed.about == [f"school:{school.pk}", *(f"person:{one.pk}" for one in offices)]
    assert (applied.act, applied.basis) == (
        Event.Act.ROSTER_APPLY,
        "new:4.changed:0.ended:0",
    )
    assert "Elena" not in repr(list(Event.objects.values()))


def test_apply_changes_fields_groups_roles_and_managers(school):
    bring_in(school, FAMILY)

    diff = bring_in(
        school,
        sheet(
            "L1,leader,Elena,Marsh,elena@school.example,Head",
            "T1,teacher,Thomas,Ash,tom@school.example,,Advisory 8A",
            "S1,student,Sue,Elm,,,Advisory 7B",
            "G1,guardian,Gus,Elm,gus@home.example,,,,S1",
        ),
        at=TOMORROW,
    )

    words = {step.name: step.changes for step in diff.changed}
    assert words == {
        "Elena Marsh": [("Roles", "Leader (Principal)", "Leader (Head)")],
        "Thomas Ash": [
            ("Given name", "Tom", "Thomas"),
            ("Roles", "Safeguarding lead, Teacher", "Teacher"),
            ("Groups", "Advisory 7B", "Advisory 8A"),
            ("Line manager", "Elena Marsh", ""),
        ],
        "Sue Elm": [("Groups", "Advisory 7B, Class 7 math", "Advisory 7B")],
    }
    assert ("T1", "safeguarding_lead") in roles_on(school, TODAY)
    assert ("T1", "safeguarding_lead") not in roles_on(school, TODAY + timedelta(days=1))
    assert Line.objects.get().ends_on == TODAY
    tom = Person.objects.get(external_id="T1")
    assert list(tom.memberships.filter(ends_on=None).values_list("group__name", flat=True)) == [
        "Advisory 8A"
    ]


def test_apply_ends_the_missing_and_their_access_and_takes_them_back(school):
    bring_in(school, FAMILY)
    elena = Person.objects.get(external_id="L1")
    elena.user = User.objects.create_user("elena@school.example")
    elena.save()
    school.safeguarding_lead = elena
    school.save()
    rest = FAMILY.replace(b"L1,leader,Elena,Marsh,elena@school.example,Principal,,,,,,\r\n", b"")
    rest = rest.replace(b"7B,L1", b"7B,")

    bring_in(school, rest, at=TOMORROW, ends_many=True)

    elena.refresh_from_db()
    school.refresh_from_db()
    assert (elena.is_active, elena.user.is_active) == (False, False)
    assert school.safeguarding_lead is None
    assert "L1" not in {person for person, _ in roles_on(school, TODAY + timedelta(days=1))}
    assert Line.objects.filter(ends_on=None).count() == 0
    bring_in(school, FAMILY, at=TOMORROW + timedelta(days=1))
    elena.refresh_from_db()
    assert (elena.is_active, elena.user.is_active) == (True, True)
    assert Person.objects.filter(external_id="L1").count() == 1


def test_apply_on_the_day_of_a_mistake_ends_at_once(school):
    bring_in(school, FAMILY)

    bring_in(school, sheet("L1,leader,Elena,Marsh"), ends_many=True)

    assert roles_on(school, TODAY) == {("L1", "leader"), ("", "school_admin")}


def test_apply_asks_before_it_ends_many(school):
    bring_in(school, FAMILY)

    with pytest.raises(actions.CannotImport, match="3 of 4 people would end"):
        bring_in(school, sheet("L1,leader,Elena,Marsh"), at=TOMORROW)

    assert len(roles_on(school, TODAY)) == 6


def test_apply_refuses_what_is_not_what_was_shown(school, admin):
    shown = actions.preview_roster(school, FAMILY, by=admin, at=NOW)
    bring_in(school, sheet("L1,leader,Elena,Marsh"))

    with pytest.raises(actions.CannotImport, match="The school changed since this was shown"):
        bring_in(school, FAMILY, by=admin, digest=shown.digest)

    assert Person.objects.filter(external_id="T1").count() == 0


def test_apply_future_end_is_kept_and_does_not_end_now(school):
    content = sheet("T1,teacher,Tom,Ash,,,Advisory 7B,,,,2026-12-18")

    bring_in(school, content)

    assert bring_in(school, content, at=TOMORROW).is_empty
    assert ("T1", "teacher") in roles_on(school, date(2026, 12, 18))
    assert ("T1", "teacher") not in roles_on(school, date(2026, 12, 19))
    assert Membership.objects.get().ends_on == date(2026, 12, 18)


def test_apply_takes_up_the_administrator_who_began(school, admin):
    row = f"A1,administrator,Ada,{admin.family_name},{admin.email.upper()}"

    diff = bring_in(school, sheet(row), by=admin)

    admin.refresh_from_db()
    assert admin.external_id == "A1"
    assert [change.label for change in diff.changed[0].changes] == ["External id"]
    assert Person.objects.count() == 1


def test_apply_leaves_another_school_alone(school):
    other = SchoolFactory()
    bring_in(other, FAMILY)

    bring_in(school, sheet("T1,teacher,Somebody,Else,tom@school.example"))
    bring_in(school, sheet("T1,teacher,Somebody,Else"), at=TOMORROW)

    assert bring_in(other, FAMILY, at=TOMORROW).is_empty
    assert Person.objects.filter(external_id="T1").count() == 2


def test_person_of_another_school_keeps_access_when_ended_here(school):
    bring_in(school, FAMILY)
    tom = Person.objects.get(external_id="T1")
    elsewhere = RoleFactory(person=tom)

    bring_in(school, sheet("L1,leader,Elena,Marsh"), ends_many=True)

    tom.refresh_from_db()
    assert tom.is_active
    assert list(Role.objects.live(tom, on=TODAY)) == [elsewhere]


@pytest.mark.parametrize("trait", ["teacher", "leader", "counselor"])
def test_only_administrators_of_the_school_bring_a_roster_in(school, trait):
    stranger = PersonFactory(administrator=True)
    colleague = PersonFactory(school=school, **{trait: True})

    for person in (stranger, colleague):
        with pytest.raises(PermissionDenied):
            actions.preview_roster(school, FAMILY, by=person, at=NOW)
        with pytest.raises(PermissionDenied):
            bring_in(school, FAMILY, by=person)

    assert Person.objects.filter(external_id="L1").count() == 0


def large(count):
    rows = [f"S{n},student,Given{n},Family{n},,,Advisory {n % 6}" for n in range(count)]
    return sheet("L1,leader,Elena,Marsh", *rows)


def test_queries_grow_by_batches_not_by_people(school, django_assert_max_num_queries):
    with django_assert_max_num_queries(60):
        bring_in(school, large(300))
    with django_assert_max_num_queries(25):
        assert bring_in(school, large(300), at=TOMORROW).is_empty
    with django_assert_max_num_queries(12):
        actions.preview_roster(school, large(160), by=None, at=NOW)


def test_a_sheet_takes_nobody_out_of_a_class_of_another_roster(school):
    bring_in(school, sheet("S1,student,Sue,Elm,,,Advisory 7B"))
    sue = Person.objects.get(external_id="S1")
    bundle = RosterSource.objects.create(school=school, name="oneroster")
    math = Group.objects.create(school=school, name="Math 7", source=bundle, external_id="c-1")
    Membership.objects.create(group=math, person=sue, starts_on=TODAY)

    bring_in(school, sheet("S1,student,Sue,Elm,,,House Oak"), at=TOMORROW)

    held = Membership.objects.lasting(TOMORROW.date()).filter(person=sue)
    assert set(held.values_list("group__name", flat=True)) == {"Math 7", "House Oak"}
