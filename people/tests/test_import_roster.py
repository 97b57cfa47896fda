"""`manage.py import_roster` prints the same preview as the page, and applies it only when told."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from people.models import Person, User

from .factories import SchoolFactory
from .test_roster import sheet

CONTENT = sheet("L1,leader,Elena,Marsh", "T1,teacher,Tom,Ash", "X,teacher,,Nameless")

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


@pytest.fixture
def run(tmp_path):
    school = SchoolFactory(slug="harbor-view")

    def run(content, *options, slug=school.slug):
        file, out = tmp_path / "roster.csv", StringIO()
        if content is not None:
            file.write_bytes(content)
        call_command("import_roster", str(file), "--school", slug, *options, stdout=out)
        return out.getvalue()

    return run


def test_import_roster_shows_and_changes_nothing(run):
    out = run(CONTENT)

    assert out.splitlines() == [
        "New: 2",
        "  Elena Marsh",
        "  Tom Ash",
        "Changed: 0",
        "Ended: 0",
        "Refused: 1",
        "  Line 4: The given name is missing.",
        "Unchanged: 0",
        "Nothing was changed. Add --apply to do it.",
    ]
    assert Person.objects.count() == 0


def test_import_roster_applies_once(run):
    assert run(CONTENT, "--apply").endswith("Applied.\n")
    again = run(CONTENT.replace(b"Tom,Ash", b"Tom,Birch"), "--apply")

    assert "  Tom Birch: Family name: Ash -> Birch\n" in again
    assert Person.objects.count() == 2
    assert User.objects.count() == 0


def test_import_roster_ends_many_only_when_told(run):
    run(CONTENT, "--apply")
    part = sheet("L1,leader,Elena,Marsh")

    with pytest.raises(CommandError, match=r"If they have left, add --yes-end-many\."):
        run(part, "--apply")
    assert Person.objects.active().count() == 2
    run(part, "--apply", "--yes-end-many")
    assert Person.objects.active().count() == 1


@pytest.mark.parametrize(
    ("content", "slug", "sentence"),
    [
        (CONTENT, "nowhere", "There is no school nowhere. There is: harbor-view"),
        (None, "harbor-view", "cannot be read: No such file"),
        (b"", "harbor-view", "The file is empty."),
        (b"PK\x03\x04", "harbor-view", "This is a workbook"),
    ],
)
def test_import_roster_refuses_in_words(run, content, slug, sentence):
    with pytest.raises(CommandError, match=sentence):
        run(content, slug=slug)
