"""A district's schools from a list, by page and by command."""

from io import StringIO

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse, reverse_lazy

from conftest import NOW
from people import actions
from people.models import School
from people.tests.factories import PersonFactory, SchoolFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

IMPORT = reverse_lazy("scheduling:district_schools_import")
PREVIEW = reverse_lazy("scheduling:district_schools_preview")

LIST = (
    b"school_id,name,grades\n"
    b"11,Alder Creek,6|7\n"  # here, and has no number yet
    b"12,Bay High,9\n"
    b"13,Cove Elementary,1\n"
    b"14,,1\n"
    b"12,Bay High again,9\n"
)
SENTENCES = [
    "Line 5: The name of the school is missing.",
    "Line 6: This school stands in line 3 already.",
]


@pytest.fixture
def school():
    return SchoolFactory(name="Alder Creek", slug="alder", demo=True, time_zone="America/Chicago")


@pytest.fixture
def office(client, school, settings, tmp_path):
    settings.VAR_DIR = tmp_path
    person = PersonFactory(district_administrator=True, school=school)
    client.force_login(person.user)
    return person


def send(client, content=LIST):
    file = SimpleUploadedFile("schools.csv", content)
    return client.post(IMPORT, {"file": file}, follow=True)


def test_a_list_adds_schools_once(client, office, school, tmp_path):
    preview = send(client)

    assert preview.redirect_chain == [(PREVIEW, 302)]
    assert "Cove Elementary" in preview.text
    assert f'<a href="{reverse("scheduling:district")}" aria-current="true">' in preview.text
    assert School.objects.count() == 1
    done = client.post(PREVIEW, follow=True)

    assert [str(each) for each in done.context["messages"]] == [
        "2 schools added. Name an administrator for each."
    ]
    assert done.text.count("Name an administrator<span") == 3
    schools = School.objects.order_by("external_id").values_list("external_id", "name")
    assert list(schools) == [
        ("11", "Alder Creek"),
        ("12", "Bay High"),
        ("13", "Cove Elementary"),
    ]
    bay = School.objects.get(external_id="12")
    assert (bay.time_zone, bay.is_demo) == ("America/Chicago", True)
    assert list((tmp_path / "imports").iterdir()) == []
    assert "This list adds nothing" in send(client).text
    client.post(PREVIEW)
    assert School.objects.count() == 3


def test_two_schools_of_one_name_are_told_apart_by_their_numbers(office):
    twins = b"name,number\nAlder Creek,1\nAlder Creek,2\n"

    plan = actions.add_schools(twins, by=office, at=NOW)

    assert [number for _, number in plan.numbered] == ["1"]
    assert [row.number for row in plan.new] == ["2"]
    assert actions.plan_schools(twins, by=office, at=NOW).changes_nothing


def test_a_row_without_a_number_is_the_school_of_that_name(office, school):
    School.objects.filter(pk=school.pk).update(external_id="11")

    plan = actions.plan_schools(b"name,number\nALDER CREEK,\nAlder Creek,12\n", by=office, at=NOW)

    assert plan.same == 1
    assert [row.number for row in plan.new] == ["12"]


def test_a_form_without_a_file_asks_for_one(client, office):
    assert "Choose a file." in client.post(IMPORT).text


def test_only_the_district_adds_schools(school):
    for person in (PersonFactory(administrator=True, school=school), PersonFactory(leader=True)):
        for act in (actions.plan_schools, actions.add_schools):
            with pytest.raises(PermissionDenied):
                act(LIST, by=person, at=NOW)
    assert School.objects.filter(external_id="12").count() == 0


def test_invented_schools_are_not_known_to_a_real_list_nor_take_its_numbers(school):
    actions.add_schools(LIST, by=None, at=NOW)

    invented = PersonFactory(district_administrator=True, school=school)
    actions.add_schools(LIST, by=invented, at=NOW)

    assert set(School.objects.filter(is_demo=False).values_list("external_id", flat=True)) == {
        "11",
        "12",
        "13",
    }
    assert set(School.objects.filter(is_demo=True).values_list("external_id", flat=True)) == {""}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty."),
        (b"PK\x03\x04", "This is a workbook or a zip file."),
        (b"number,grades\n1,2", "The first row has to name the columns. Not found: name."),
        (b"name,number\n", "The file has a header and no schools."),
    ],
)
def test_a_file_that_is_no_list_is_refused_in_a_sentence(client, office, content, sentence):
    assert sentence in send(client, content).text
    assert School.objects.count() == 1


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (b'"A\nB",1', "There is a line break or a control character in it."),
        (b"A" * 121 + b",1", "The name or the number is longer than 120 characters."),
        (b"A,1,2,3", "This row has more columns than the header."),
    ],
)
def test_a_row_is_refused_and_the_others_go_in(office, row, sentence):
    plan = actions.plan_schools(b"name,number\n" + row + b"\nB,2\n", by=office, at=NOW)

    assert [each.sentence for each in plan.problems] == [sentence]
    assert [each.name for each in plan.new] == ["B"]


def test_a_preview_without_a_file_asks_for_one(client, office):
    response = client.post(PREVIEW, follow=True)

    assert response.redirect_chain == [(IMPORT, 302)]
    assert "This file is no longer here." in response.text


def test_import_schools_shows_and_then_adds(tmp_path):
    file, out = tmp_path / "schools.csv", StringIO()
    file.write_bytes(LIST)

    call_command("import_schools", str(file), stdout=out)
    assert out.getvalue().splitlines() == [
        "New: 3",
        "  Alder Creek",
        "  Bay High",
        "  Cove Elementary",
        "Refused: 2",
        *(f"  {sentence}" for sentence in SENTENCES),
        "Here already: 0",
        "Nothing was changed. Add --apply to do it.",
    ]
    assert School.objects.count() == 0
    call_command("import_schools", str(file), "--apply", stdout=out)
    assert School.objects.count() == 3
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        call_command("import_schools", str(tmp_path / "none.csv"))


def test_district_links_to_the_list(client, office):
    assert (
        reverse("scheduling:district_schools_import")
        in client.get(reverse("scheduling:district")).text
    )
