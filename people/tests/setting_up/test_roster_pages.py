"""The roster from a file, through the preview, to the school."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from people import uploads
from people.models import Person, Role, School
from people.tests.factories import PersonFactory, RoleFactory, SchoolFactory
from people.tests.setting_up.setup_page import IMPORT, PREVIEW, SETUP, TODAY, said
from people.tests.test_roster import sheet

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

STAFF = sheet(
    "L1,leader,Elena,Marsh,elena@school.example,Principal",
    "T1,teacher,Tom,Ash,tom@school.example",
    "X,teacher,,Nameless",
)


def send(client, content, name="roster.csv"):
    return client.post(IMPORT, {"file": SimpleUploadedFile(name, content)}, follow=True)


def test_roster_goes_from_file_through_preview_to_school(client, school, tmp_path):
    preview = send(client, STAFF)

    assert preview.redirect_chain == [(PREVIEW, 302)]
    assert "Elena Marsh" in preview.text
    assert "The given name is missing." in preview.text
    assert Person.objects.count() == 1
    digest = preview.context["form"]["digest"].value()
    response = client.post(PREVIEW, {"digest": digest}, follow=True)
    assert response.redirect_chain == [(SETUP, 302)]
    assert said(response)[0].startswith("Done: 2 new, 0 changed, 0 ended.")
    assert Person.objects.filter(external_id__in=["L1", "T1"]).count() == 2
    assert list((tmp_path / "imports").iterdir()) == []
    assert Person.objects.get(external_id="L1").user is None


def test_roster_session_holds_a_key_and_no_name(client, school):
    send(client, STAFF)

    assert "Elena" not in repr(dict(client.session))


def test_roster_preview_shows_old_and_new(client, school):
    preview = send(client, STAFF)
    client.post(PREVIEW, {"digest": preview.context["form"]["digest"].value()})

    preview = send(client, STAFF.replace(b"Tom,Ash", b"Tom,Birch"))

    assert "<del>Ash</del>" in preview.text
    assert "<ins>Birch</ins>" in preview.text


def test_roster_applies_only_what_was_shown(client, school):
    preview = send(client, STAFF)
    digest = preview.context["form"]["digest"].value()
    RoleFactory(person=PersonFactory(email="tom@school.example"), school=school)

    response = client.post(PREVIEW, {"digest": digest}, follow=True)

    assert said(response) == ["The school changed since this was shown. Read it once more."]
    assert not Person.objects.filter(external_id="L1").exists()


def test_roster_asks_before_it_ends_many(client, school):
    preview = send(client, STAFF)
    client.post(PREVIEW, {"digest": preview.context["form"]["digest"].value()})

    preview = send(client, sheet("L1,leader,Elena,Marsh,elena@school.example,Principal"))
    digest = preview.context["form"]["digest"].value()
    refused = client.post(PREVIEW, {"digest": digest}, follow=True)
    assert "Yes, these 1 of 2 people have left" in preview.text
    assert "If the file is only a part, choose one with everybody." in preview.text
    assert "1 of 2 people would end." in said(refused)[0]
    client.post(PREVIEW, {"digest": digest, "ends_many": "on"})

    assert not Person.objects.get(external_id="T1").is_active


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty."),
        (b"PK\x03\x04" + bytes(99), "This is a workbook or a zip file."),
        (b"\x89PNG\r\n\x1a\n\x00\xff", "This"),
        (b"a" * (5 * 1024 * 1024 + 1), "The file is larger than 5 MB."),
        (b"name\nAnn", "Not found: given name"),
    ],
)
def test_roster_import_refuses_a_file_in_words(client, school, content, sentence):
    response = send(client, content)

    assert response.status_code == 200
    assert sentence in response.context["form"].errors["file"][0]


def test_roster_import_without_a_file(client, school):
    assert client.post(IMPORT).context["form"].errors["file"] == ["Choose a file."]


@pytest.mark.parametrize("method", ["get", "post"])
def test_roster_preview_without_a_file(client, school, method):
    response = getattr(client, method)(PREVIEW, follow=True)

    assert response.redirect_chain == [(IMPORT, 302)]
    assert said(response) == [str(uploads.UploadGone())]


def test_roster_offers_to_close_the_demo(client, school):
    invented = PersonFactory(leader=True, school=SchoolFactory(demo=True))
    preview = send(client, STAFF)

    digest = preview.context["form"]["digest"].value()
    client.post(PREVIEW, {"digest": digest, "close_demo": "on"})

    invented.refresh_from_db()
    assert (invented.is_active, invented.user.is_active) == (False, False)
    assert not Role.objects.live(invented, on=TODAY).exists()
    assert "close_demo" not in send(client, STAFF + b"\r\n").context["form"].fields


def test_roster_preview_says_that_this_is_the_demo(client, school):
    School.objects.update(is_demo=True)

    preview = send(client, STAFF)

    assert "This is the demo school." in preview.text
    assert "close_demo" not in preview.context["form"].fields
