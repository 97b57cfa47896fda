"""Lists of people who all are one thing: a file of staff and one of students, without roles."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from conftest import NOW
from people import actions, roster
from people.models import Person, Role, RosterSource

from .factories import PersonFactory, RoleFactory, SchoolFactory
from .setting_up.setup_page import IMPORT, PREVIEW, enter
from .test_roster import sheet

TOMORROW = NOW + timedelta(days=1)

STAFF = sheet(
    "207,Mr,Tom,Ash,tom@school.example",
    "208,Dr,Amy,Oak,amy@school.example",
    header="staff_id,title,first,last,email",
)
STUDENTS = sheet(
    "601,Sue,Ann,Elm,Susie,2014-11-13",
    "602,Max,,Fir,,2013-01-30",
    header="student_id,first,middle,last,preferred_first,birth_date",
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def school():
    return SchoolFactory(slug="harbor-view")


@pytest.fixture
def bring_in(school):
    def bring_in(content, everyone, *, at=NOW, **more):
        return actions.apply_roster(school, content, by=None, at=at, everyone=everyone, **more)

    return bring_in


def counts(diff):
    return len(diff.new), len(diff.changed), len(diff.ended), len(diff.refused)


def roles_of(external_id):
    held = Role.objects.in_force(TOMORROW.date()).filter(person__external_id=external_id)
    return sorted(held.values_list("kind", "title"))


def test_a_list_of_staff_and_one_of_students_stand_beside_each_other(bring_in):
    assert counts(bring_in(STAFF, "teacher")) == (2, 0, 0, 0)

    students = bring_in(STUDENTS, "student")

    assert counts(students) == (2, 0, 0, 0)
    assert students.notices == [
        (
            "This is a list of students. Whoever is missing from it and came only as that has "
            "left; nobody else ends."
        ),
        "Columns that are not used: middle, birth_date.",
    ]
    assert roles_of("207") == [("teacher", "")]  # "Mr" is no title of an office
    assert Person.objects.get(external_id="601").preferred_name == "Susie"
    for content, everyone in ((STAFF, "teacher"), (STUDENTS, "student")):
        again = bring_in(content, everyone, at=TOMORROW)
        assert (again.is_empty, again.unchanged) == (True, 2)


def test_who_is_missing_from_a_list_has_left_and_nobody_of_another_list(bring_in):
    bring_in(STAFF, "teacher")
    bring_in(STUDENTS, "student")

    shorter = sheet("601,Sue,Ann,Elm,Susie,", header=STUDENTS.splitlines()[0].decode())
    diff = bring_in(shorter, "student", at=TOMORROW, ends_many=True)

    assert [person.name for person in diff.ended] == ["Max Fir"]
    assert diff.on_roster == 2  # of the staff, nobody stands in question
    assert Person.objects.filter(is_active=True).count() == 3


def test_a_list_takes_no_role_and_ends_nobody_with_more_than_its_own(bring_in, school):
    bring_in(
        sheet("207,teacher,Tom,Ash,tom@school.example", "209,counselor,Cy,Yew,c@y.example"), ""
    )
    tom = Person.objects.get(external_id="207")
    RoleFactory(person=tom, school=school, kind="safeguarding_lead")

    everybody = STAFF.replace(b"208,Dr,Amy,Oak,amy@school", b"209,,Cy,Yew,c@y")
    assert bring_in(everybody, "teacher", at=TOMORROW).is_empty
    assert roles_of("209") == [("counselor", "")]
    assert ("safeguarding_lead", "") in roles_of("207")
    only_tom = b"\r\n".join(everybody.splitlines()[:2])
    assert bring_in(only_tom, "teacher", at=TOMORROW).ended == []


def test_a_guardian_who_teaches_gets_both_roles(bring_in):
    bring_in(STAFF, "guardian")

    diff = bring_in(STAFF, "teacher", at=TOMORROW)

    assert counts(diff) == (0, 2, 0, 0)
    assert roles_of("207") == [("guardian", ""), ("teacher", "")]


@pytest.mark.parametrize(
    ("first", "then", "sentence"),
    [
        ("student", "teacher", "This is Sue Elm, who is a student here."),
        ("teacher", "student", "This is Sue Elm, who is no student here."),
    ],
)
def test_nobody_becomes_a_student_or_stops_being_one_by_a_list(bring_in, first, then, sentence):
    row = sheet("1,Sue,Elm", header="id,first,last")
    bring_in(row, first)

    diff = bring_in(row, then, at=TOMORROW)

    assert [problem.sentence for problem in diff.refused] == [sentence]
    assert roles_of("1") == [(first, "")]


def test_what_everybody_is_does_not_matter_where_the_file_has_roles():
    row = sheet("1,student,Sue,Elm", header="id,role,first,last")

    (entry,) = roster.read(row, month_first=True, everyone="teacher").entries

    assert entry.roles == ("student",)


@pytest.mark.usefixtures("now")
def test_a_file_without_roles_is_asked_about_and_does_not_have_to_be_chosen_again(client, school):
    enter(client, PersonFactory(administrator=True, school=school))

    asked = client.post(IMPORT, {"file": SimpleUploadedFile("students.csv", STUDENTS)})

    sentence = "The file has no column for roles. Say who is in it, or add the column."
    assert asked.context["form"].errors == {"everyone": [sentence]}
    assert "Your file is here." in asked.text
    preview = client.post(IMPORT, {"is_kept": "on", "everyone": "student"}, follow=True)
    assert preview.redirect_chain == [(PREVIEW, 302)]
    client.post(PREVIEW, {"digest": preview.context["form"]["digest"].value()})
    assert roles_of("601") == [("student", "")]
    assert RosterSource.objects.get().applied_at == NOW


@pytest.mark.usefixtures("now")
def test_what_an_earlier_list_was_is_not_taken_for_the_next(client, school):
    enter(client, PersonFactory(administrator=True, school=school))
    file = SimpleUploadedFile("staff.csv", STAFF)
    client.post(IMPORT, {"file": file, "everyone": "teacher"})

    client.post(IMPORT, {"file": SimpleUploadedFile("students.csv", STUDENTS)})

    shown = client.get(PREVIEW, follow=True)
    assert shown.redirect_chain == [(IMPORT, 302)]
    assert "The file has no column for roles." in shown.text


def test_a_kept_file_that_is_gone_is_asked_for_again(client, school):
    enter(client, PersonFactory(administrator=True, school=school))

    response = client.post(IMPORT, {"is_kept": "on", "everyone": "student"})

    sentence = "This file is no longer here. Choose it again; nothing was changed."
    assert response.context["form"].errors == {"file": [sentence]}


@pytest.mark.usefixtures("now", "school")
def test_import_roster_asks_what_everybody_is(tmp_path):
    file = tmp_path / "students.csv"
    file.write_bytes(STUDENTS)

    with pytest.raises(CommandError, match=r"no column for roles.*Add --everyone\."):
        call_command("import_roster", str(file), "--school", "harbor-view")
    call_command(
        "import_roster", str(file), "--school", "harbor-view", "--apply", "--everyone", "student"
    )

    assert roles_of("602") == [("student", "")]
