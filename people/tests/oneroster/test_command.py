"""`manage.py import_oneroster` prints the same preview as the page, and applies it when told."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from people.models import Person, School
from people.tests.factories import SchoolFactory

from .bundles import DISTRICT, changed, without, write

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


@pytest.fixture
def run(tmp_path):
    SchoolFactory(slug="bay-high", name="Bay High")

    def run(*options, files=DISTRICT):
        out = StringIO()
        folder = write(tmp_path / "oneroster", files)
        call_command("import_oneroster", str(folder), *options, stdout=out)
        return out.getvalue()

    return run


def test_command_shows_and_changes_nothing(run):
    out = run(files=changed("oe,Oz", "oe,"))

    lines = out.splitlines()
    assert "Bay Middle (this school is new)" in lines
    assert "  users.csv line 6: The givenName is missing." in lines
    assert "  Fall 2026, 7 September to 18 December 2026." in lines
    assert lines[-2:] == [
        "Together: 5 new, 1 changed, 0 ended, 0 unchanged, 2 refused",
        "Nothing was changed. Add --apply to do it.",
    ]
    assert Person.objects.count() == 0
    assert "hunter2" not in out


def test_command_applies_for_all_schools_or_for_one(run):
    assert run("--apply").splitlines()[-1] == "Applied."
    assert School.objects.count() == 2
    again = run("--school", "bay-high", "--apply")
    assert "Together: 0 new, 0 changed, 0 ended, 5 unchanged, 0 refused" in again


def test_command_asks_before_it_ends_many(run):
    run("--apply")
    cut = without("S1,", "E2,")

    with pytest.raises(CommandError, match=r"would end.*Nothing was changed.*--yes-end-many"):
        run("--apply", files=cut)

    assert "Ended: 2" in run("--apply", "--yes-end-many", files=cut)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--school", "nowhere"], "There is no school nowhere. There is: bay-high"),
    ],
)
def test_command_says_what_is_wrong(run, options, sentence):
    with pytest.raises(CommandError, match=sentence):
        run(*options)


def test_command_says_what_is_wrong_with_the_files(run):
    with pytest.raises(CommandError, match=r"There is no users\.csv"):
        run(files={"orgs": DISTRICT["orgs"]})
