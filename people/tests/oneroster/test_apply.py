"""OneRoster comes in: who is what at which school, the same twice, changes, leavers, districts."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from audit.models import Event
from conftest import NOW
from people import actions, oneroster
from people.models import (
    Group,
    Guardianship,
    Membership,
    Person,
    Role,
    RosterSource,
    School,
    User,
)
from people.sheets import CannotRead
from people.tests.factories import PersonFactory, RoleFactory, SchoolFactory
from people.tests.test_roster import sheet
from scheduling.models import Term

from .bundles import DISTRICT, changed, manifest, without, write

TODAY = date(2026, 10, 12)
TOMORROW = NOW + timedelta(days=1)

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "oneroster"


@pytest.fixture
def bring_in(folder):
    def bring_in(files=DISTRICT, *, school=None, by=None, at=NOW, month_first=True, **more):
        read = oneroster.read(write(folder, files), month_first=month_first)
        shown = actions.preview_oneroster(read, school=school, by=by, at=at)
        more = {"digest": shown.digest} | more
        done = actions.apply_oneroster(read, school=school, by=by, at=at, **more)
        assert done.totals() == shown.totals()
        return done

    return bring_in


def roles(on=TODAY):
    held = Role.objects.in_force(on).exclude(kind=Role.Kind.DISTRICT_ADMIN)
    return set(held.values_list("person__external_id", "school__name", "kind"))


def members(on=TODAY):
    held = Membership.objects.filter(starts_on__lte=on).exclude(ends_on__lt=on)
    return set(held.values_list("person__external_id", "group__name", "is_adult"))


EVERYBODY = {
    ("P1", "Bay High", "leader"),
    ("T1", "Bay High", "teacher"),
    ("T1", "Bay Middle", "teacher"),
    ("T2", "Bay High", "teacher"),
    ("S1", "Bay High", "student"),
    ("S2", "Bay Middle", "student"),
    ("G1", "Bay High", "guardian"),
    ("G1", "Bay Middle", "guardian"),
}


def test_district_fills_each_school_and_makes_the_one_that_is_not_there(bring_in, dora):
    logins = User.objects.count()

    done = bring_in(by=dora)

    assert [(each.name, each.is_new) for each in done.schools] == [
        ("Bay High", False),
        ("Bay Middle", True),
    ]
    assert roles() == EVERYBODY
    assert members() == {
        ("T1", "Algebra 1, period 1", True),
        ("S1", "Algebra 1, period 1", False),
        ("T2", "Algebra 1, period 2", True),
        ("T1", "Room 7", True),
    }
    assert members(date(2026, 11, 2)) - members() == {("S2", "Room 7", False)}
    assert members(date(2026, 12, 19)) == members()
    assert Group.objects.get(name="Room 7").kind == Group.Kind.HOMEROOM
    assert set(
        Guardianship.objects.values_list("guardian__external_id", "student__external_id")
    ) == {
        ("G1", "S1"),
        ("G1", "S2"),
    }
    assert Person.objects.filter(external_id="T1").count() == 1
    assert Person.objects.get(external_id="T1").first_name == "Tom"
    assert Person.objects.get(external_id="S1").grade == "09"
    assert list(RosterSource.objects.values_list("school", "name")) == [(None, "roster")]
    assert set(School.objects.values_list("name", "external_id")) == {
        ("Bay High", "HS"),
        ("Bay Middle", "MS"),
    }
    assert User.objects.count() == logins
    assert "hunter2" not in repr(list(Person.objects.values()) + list(Event.objects.values()))


def test_same_files_twice_change_nothing(bring_in, dora):
    bring_in(by=dora)
    rows = [list(model.objects.order_by("pk").values()) for model in (Person, Role, Membership)]
    events = Event.objects.count()

    again = bring_in(by=dora, at=TOMORROW)

    assert again.is_empty
    assert [
        list(model.objects.order_by("pk").values()) for model in (Person, Role, Membership)
    ] == rows
    assert Event.objects.count() == events


def test_terms_come_in_with_the_people(bring_in, dora):
    done = bring_in(by=dora)

    assert done.schools[0].terms == [
        "Fall 2026, 7 September to 18 December 2026.",
        "Spring 2027, 5 January to 18 June 2027.",
    ]
    assert set(Term.objects.values_list("school__name", "name", "school_year")) == {
        (school, name, 2027)
        for school in ("Bay High", "Bay Middle")
        for name in ("Fall 2026", "Spring 2027")
    }


def test_school_administrator_changes_only_their_own_school(bring_in):
    ada = PersonFactory(administrator=True, school=SchoolFactory(name="Bay High"))
    school = ada.roles.get().school

    done = bring_in(school=school, by=ada)

    assert [each.name for each in done.schools] == ["Bay High"]
    assert roles() - {("", "Bay High", "school_admin")} == {
        each for each in EVERYBODY if each[1] == "Bay High"
    }
    assert "1 person of other schools left out." in done.notices
    assert RosterSource.objects.get().school == school


@pytest.mark.parametrize("trait", ["teacher", "leader", "counselor"])
def test_only_administrators_bring_files_in(bring_in, trait):
    school = SchoolFactory(name="Bay High")
    colleague = PersonFactory(school=school, **{trait: True})
    stranger = PersonFactory(administrator=True)
    ada = PersonFactory(administrator=True, school=school)

    for person, at in ((colleague, school), (stranger, school), (ada, None)):
        with pytest.raises(PermissionDenied):
            bring_in(school=at, by=person)

    assert Person.objects.filter(external_id="T1").count() == 0


def test_who_is_missing_has_left_and_comes_back(bring_in, dora):
    bring_in(by=dora)
    gone = without("S1,", "E2,")

    done = bring_in(gone, by=dora, at=TOMORROW, ends_many=True)

    assert [each.ended for each in done.schools] == [["Sue Elm", "Gus Elm"], []]
    sue = Person.objects.get(external_id="S1")
    assert not sue.is_active
    assert EVERYBODY - roles(TODAY + timedelta(days=1)) == {("S1", "Bay High", "student")} | {
        ("G1", "Bay High", "guardian")
    }
    bring_in(by=dora, at=TOMORROW + timedelta(days=1))
    assert roles(TODAY + timedelta(days=2)) == EVERYBODY


def test_more_than_a_tenth_of_a_school_asks_first(bring_in, dora):
    bring_in(by=dora)

    with pytest.raises(actions.CannotImport, match="At Bay High 2 of 5 people would end"):
        bring_in(without("S1,", "E2,"), by=dora, at=TOMORROW)

    assert roles(TODAY + timedelta(days=1)) == EVERYBODY


def test_who_changes_school_ends_here_and_goes_on_there(bring_in, dora):
    bring_in(by=dora)
    tom = Person.objects.get(external_id="T2")
    tom.user = User.objects.create_user("noor@bay.example", "a password of hers")
    tom.save()
    moved = changed("T2,,1,MATH,", "T2,,1,MS,")

    bring_in(
        {**moved, "enrollments": without("E3")["enrollments"]}, by=dora, at=TOMORROW, ends_many=True
    )

    tom.refresh_from_db()
    on = TODAY + timedelta(days=1)
    assert {each for each in roles(on) if each[0] == "T2"} == {("T2", "Bay Middle", "teacher")}
    assert (tom.is_active, tom.user.is_active) == (True, True)
    assert tom.user.check_password("a password of hers")


def test_hand_given_roles_and_groups_stay(bring_in, dora):
    bring_in(by=dora)
    noor = Person.objects.get(external_id="T2")
    school = School.objects.get(name="Bay High")
    RoleFactory(person=noor, school=school, counselor=True)
    group = Group.objects.create(school=school, name="Advisory 9")
    noor.memberships.create(group=group, is_adult=True, starts_on=TODAY)

    assert bring_in(by=dora, at=TOMORROW).is_empty
    bring_in(changed("T2,,1,MATH,teacher", "T2,,1,MATH,aide"), by=dora, at=TOMORROW)

    on = TODAY + timedelta(days=1)
    assert {kind for who, _, kind in roles(on) if who == "T2"} == {"counselor", "support_staff"}
    assert ("T2", "Advisory 9", True) in members(on)


def test_administrator_who_began_is_taken_up_and_stays_one(bring_in, dora):
    school = School.objects.get()
    ada = PersonFactory(administrator=True, school=school, email="noor@bay.example")

    bring_in(by=dora)

    ada.refresh_from_db()
    assert ada.external_id == "T2"
    assert {kind for who, _, kind in roles() if who == "T2"} == {"teacher", "school_admin"}


def test_changed_facts_of_somebody_at_two_schools_are_told_and_written_once(bring_in, dora):
    bring_in(by=dora)

    done = bring_in(changed("Thomas,Ash", "Thomas,Ashe"), by=dora, at=TOMORROW)

    assert [[name for name, _ in each.changed] for each in done.schools] == [["Tom Ashe"], []]
    assert Person.objects.get(external_id="T1").family_name == "Ashe"


def test_changes_end_only_what_they_say_is_to_be_deleted(bring_in, dora):
    bring_in(by=dora)
    head = {name: text.split("\n")[0] + "\n" for name, text in DISTRICT.items()}
    delta = {
        "manifest": manifest(
            absent=("orgs", "academicSessions", "courses", "classes"),
            users="delta",
            enrollments="delta",
        ),
        "users": head["users"] + "S2,tobedeleted,,MS,student,,Oz,Elm,,,07,,\n"
        "S3,,,HS,student,,Ned,New,,,9,,\n",
        "enrollments": head["enrollments"]
        + "E3,tobedeleted,A2,T2,teacher,,,\nE6,,A2,S3,student,,,\n",
    }

    done = bring_in(delta, by=dora, at=TOMORROW, ends_many=True)

    on = TODAY + timedelta(days=1)
    assert {each.name: (each.counts["new"], each.ended) for each in done.schools} == {
        "Bay High": (1, []),
        "Bay Middle": (0, ["Oz Elm"]),
    }
    assert roles(on) == EVERYBODY - {("S2", "Bay Middle", "student")} | {
        ("S3", "Bay High", "student")
    }
    assert ("T2", "Algebra 1, period 2", True) not in members(on)
    assert ("S3", "Algebra 1, period 2", False) in members(on)
    assert ("T1", "Algebra 1, period 1", True) in members(on)


def test_one_two_takes_roles_from_their_own_file(bring_in, dora):
    users = (
        "sourcedId,status,enabledUser,username,givenName,familyName,email,agentSourcedIds,grades,"
        "preferredGivenName,pronouns\n"
        "T1,active,TRUE,x,Thomas,Ash,,,,Tom,he/him\n"
        "S1,active,TRUE,x,Sue,Elm,,,09,,\n"
    )
    roles_file = (
        "sourcedId,status,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId\n"
        "R1,active,T1,primary,teacher,,,HS\n"
        "R2,active,T1,secondary,counselor,2026-11-02,2027-01-29,HS\n"
        "R3,tobedeleted,T1,secondary,aide,,,HS\n"
        "R4,active,S1,primary,student,,,HS\n"
        "R5,active,T1,secondary,districtAdministrator,,,HS\n"
    )
    profiles = "sourcedId,userSourcedId,username,password\nU1,T1,tom,hunter2\n"
    files = {
        "orgs": DISTRICT["orgs"],
        "users": users,
        "roles": roles_file,
        "userProfiles": profiles,
    }

    done = bring_in(files, by=dora)

    assert roles() == {("T1", "Bay High", "teacher"), ("S1", "Bay High", "student")}
    assert ("T1", "Bay High", "counselor") in roles(date(2026, 11, 2))
    assert ("T1", "Bay High", "counselor") not in roles(date(2027, 1, 30))
    assert Person.objects.get(external_id="T1").pronouns == "he/him"
    assert "userProfiles.csv is left out." in done.notices
    assert bring_in(files, by=dora, at=TOMORROW).is_empty


def test_class_is_renamed_ends_and_its_name_is_free_again(bring_in, dora):
    bring_in(by=dora)
    renamed = changed("H7,,Room 7", "H7,,Room 8")

    done = bring_in(renamed, by=dora, at=TOMORROW)

    assert done.schools[1].groups == ["Room 7 becomes Room 8."]
    assert ("T1", "Room 8", True) in members(TODAY + timedelta(days=1))
    ended = changed("H7,,Room 7", "H8,,Room 8")
    ended = {**ended, "enrollments": ended["enrollments"].replace("H7", "H8")}
    done = bring_in(ended, by=dora, at=TOMORROW + timedelta(days=1))
    assert done.schools[1].groups == ["1 new class.", "Room 8 ends."]
    assert Group.objects.filter(name="Room 8", ends_on=None).get().external_id == "H8"


def test_two_schools_with_files_of_their_own_keep_their_ids_apart(bring_in):
    one, other = SchoolFactory(), SchoolFactory()
    files = {
        "users": "sourcedId,orgSourcedIds,role,givenName,familyName\nT001,S,teacher,{},Berg\n",
        "orgs": "sourcedId,name,type\nS,School,school\n",
    }

    for school, name in ((one, "Ann"), (other, "Bea")):
        bring_in({**files, "users": files["users"].format(name)}, school=school)

    assert set(Person.objects.values_list("external_id", "given_name")) == {
        ("T001", "Ann"),
        ("T001", "Bea"),
    }


def test_school_goes_over_from_its_own_roster_to_the_districts(bring_in, dora):
    school = School.objects.get()
    actions.apply_roster(
        school, sheet("T2,teacher,Noor,Bakker", "X9,teacher,Old,Hand"), by=None, at=NOW
    )

    done = bring_in(by=dora, at=TOMORROW, ends_many=True)

    assert done.schools[0].ended == ["Old Hand"]
    noor = Person.objects.get(external_id="T2")
    assert noor.source.school is None
    assert dict(done.schools[0].changed)["Noor Bakker"][-2] == (
        "Kept by",
        "the school's roster",
        "the district's",
    )
    assert bring_in(by=dora, at=TOMORROW).is_empty


def test_preview_that_is_not_true_any_more_is_not_applied(bring_in, dora, folder):
    read = oneroster.read(write(folder, DISTRICT), month_first=True)
    shown = actions.preview_oneroster(read, school=None, by=dora, at=NOW)
    bring_in(changed("Sue,Elm", "Susan,Elm"), by=dora)

    with pytest.raises(actions.CannotImport, match="Something changed since this was shown"):
        actions.apply_oneroster(read, school=None, by=dora, at=NOW, digest=shown.digest)

    assert Person.objects.get(external_id="S1").given_name == "Susan"


def test_files_of_an_unknown_school_are_refused_in_words(bring_in):
    school = SchoolFactory(name="Elsewhere")

    with pytest.raises(CannotRead, match="The files hold Bay High, Bay Middle, and none of them"):
        bring_in(school=school)

    school.external_id = "HS"
    school.save()
    assert bring_in(school=school).total("new") == 5


def test_apply_records_numbers_and_offices_and_no_names(bring_in, dora):
    bring_in(by=dora)

    elena = Person.objects.get(external_id="P1")
    high = School.objects.get(name="Bay High")
    events = Event.objects.filter(chain=high.pk)
    assert [(each.act, each.basis) for each in events.order_by("seq")][:2] == [
        (Event.Act.ROLE_CHANGE, "roster"),
        (Event.Act.ROSTER_APPLY, "new:5.changed:0.ended:0"),
    ]
    assert f"person:{elena.pk}" in events.get(basis="roster").about
    assert "Elena" not in repr(list(Event.objects.values()))
