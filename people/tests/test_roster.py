"""The one-sheet roster as offices write it: read, checked against the school, compared."""

import codecs
from datetime import date

import pytest

from people import roster, sheets
from people.models import Person, Role
from people.roster.sheet import FACTS

TODAY = date(2026, 10, 12)
HEADER = (
    "External ID,Role,Given name,Family name,E-mail,Title,Groups,Line manager,Students,Started on,"
    "Ends on,Status"
)
COLUMNS = HEADER.count(",") + 1


def sheet(*rows, header=HEADER):
    lines = [header, *(row + "," * (header.count(",") - row.count(",")) for row in rows)]
    return "\r\n".join(lines).encode()


def read(content, *, month_first=True):
    return roster.read(content, month_first=month_first)


def compare(content, known=(), *, by=None):
    checked = roster.check(read(content), known, on=TODAY)
    return roster.compare(checked, by=by)


def known(pk, external_id="", *, roles=("teacher",), email="", is_on_roster=True, **more):
    facts = dict.fromkeys(roster.FIELDS, "") | {
        "given_name": f"Given{pk}",
        "family_name": "Known",
        "email": email,
        "started_on": None,
    }
    return roster.KnownPerson(
        pk,
        external_id,
        facts,
        is_active=True,
        is_on_roster=is_on_roster,
        roles={kind: roster.Held("") for kind in roles},
        **more,
    )


UNTIDY = [["T1", "Teacher", "Zoë", "Núñez"], ["S1", "student", "Łukasz", "Ó Briain"]]


def untidy(rows, *, mark=",", end="\r\n"):
    header = ["EXTERNAL_ID", " role(s)", "Given Name ", "FAMILY-NAME"]
    return end.join(mark.join(cells) for cells in [header, *rows]) + end


@pytest.mark.parametrize(
    "content",
    [
        untidy(UNTIDY).encode(),
        untidy(UNTIDY).encode("utf-8-sig"),
        untidy(UNTIDY, mark=";", end="\n").encode(),
        untidy(UNTIDY, mark="\t", end="\r").encode(),
        codecs.BOM_UTF16_LE + untidy(UNTIDY).encode("utf-16-le"),
        codecs.BOM_UTF16_BE + untidy(UNTIDY, mark="\t").encode("utf-16-be"),
        ("\n\nsep=;\n" + untidy(UNTIDY, mark=";")).encode(),
        (untidy(UNTIDY, mark=",") + ",,,\n , ,,\n\n").encode(),
        untidy([[*row, "", ""] for row in UNTIDY]).replace("NAME\r", "NAME,,\r").encode(),
    ],
    ids=[
        "utf-8",
        "bom",
        "semicolon",
        "tab and CR",
        "utf-16-le",
        "utf-16-be",
        "sep",
        "blank",
        "wide",
    ],
)
def test_read_takes_what_offices_save(content):
    found = read(content)

    assert [(one.external_id, one.roles, one.name) for one in found.entries] == [
        ("T1", ("teacher",), "Zoë Núñez"),
        ("S1", ("student",), "Łukasz Ó Briain"),
    ]
    assert found.problems == []


def test_read_takes_windows_1252():
    content = untidy([["T1", "teacher", "Zoë", "Brontë"]]).encode("cp1252")

    assert read(content).entries[0].name == "Zoë Brontë"


def test_read_composes_letters_and_spaces():
    found = read(sheet("T1,Teacher | Safeguarding  lead,Zoe\u0308,van\u00a0 der  Berg"))

    assert found.entries[0].name == "Zoë van der Berg"
    assert found.entries[0].roles == ("teacher", "safeguarding_lead")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty."),
        (b" \r\n\r\n", "The file is empty."),
        (codecs.BOM_UTF8 + b"\n", "The file is empty."),
        (HEADER.encode(), "The file has a header and no people."),
        (b"x" * (sheets.MAX_BYTES + 1), "The file is larger than 5 MB."),
        (b"PK\x03\x04\x14\x00" + bytes(900), "This is a workbook or a zip file."),
        (b"%PDF-1.7\n", "This is a PDF."),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "cannot be read as text"),
        (b"role,given name\x00,family name,id\nteacher,A,B,1", "This is not a text file."),
        (untidy(UNTIDY).encode()[:50] + "é".encode() * 9 + b"\xc3", "damaged or cut off"),
        (codecs.BOM_UTF16_LE + untidy(UNTIDY).encode("utf-16-le")[:-1], "damaged or cut off"),
        (b"name,mail\nA,a@b.example", "Not found: given name, family name, role"),
        (b"role,given name,family name\nteacher,A,B", "Not found: external id."),
        (b"id,external id,role,given name,family name\n", 'Two columns are called "external id"'),
        (sheet('T1,teacher,"A,B', "T2,teacher,C,D"), "A quotation mark in line 2 is never closed"),
        (sheet("T1,teacher,A," + "B" * 200_000), "Line 2 cannot be read"),
        (b"id,role,given name,family name\n" + b"1,teacher,A,B\n" * 50_001, "more than 50,000"),
    ],
)
def test_read_refuses_a_file_in_a_sentence(content, sentence):
    with pytest.raises(sheets.CannotRead) as refused:
        read(content)

    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("X,teacher,,Berg", "The given name is missing."),
        ("X,teacher,Ann,", "The family name is missing."),
        (",teacher,Ann,Berg", "Give an external id or an e-mail address"),
        ("T1,teacher,Ann,Berg", "The external id T1 stands in line 2 already."),
        ("X,teacher,Ann,Berg,TOM@school.example", "tom@school.example stands in line 2 already."),
        ("X,headteacher,Ann,Berg", '"headteacher" is not a role.'),
        ("X,,Ann,Berg", "The role is missing."),
        ("X,student|teacher,Ann,Berg", "A student cannot hold another role."),
        ("X,teacher,Ann,Berg,ann at school", '"ann at school" is not an e-mail address.'),
        ("X,teacher,Ann,Berg,,,,X", "Nobody is their own line manager."),
        ("X,teacher,Ann,Berg,,,,nobody", 'The line manager "nobody" is not known.'),
        ("X,teacher,Ann,Berg,,,,S1", 'The line manager "S1" is not on the staff.'),
        ("X,student,Ann,Berg,,,,T1", "Only staff have a line manager."),
        ("X,guardian,Ann,Berg,,,,,X", "Nobody is their own guardian."),
        ("X,guardian,Ann,Berg,,,,,S9", 'The student "S9" is not known.'),
        ("X,guardian,Ann,Berg,,,,,T1", '"T1" is not a student.'),
        ("X,teacher,Ann,Berg,,,,,S1", "Only a guardian has students."),
        ("X,guardian,Ann,Berg,,,Advisory 7B", "A guardian cannot be in a group."),
        ("X,teacher,Ann,Berg,,,,,,31/31/2026", '"31/31/2026" in started on is not a date'),
        ("X,teacher,Ann,Berg,,,,,,soon", '"soon" in started on is not a date'),
        ("X,teacher,Ann,Berg,,,,,,0001-01-01", "is not a date such as"),
        ("X,teacher,Ann,Berg,,,,,,9/2/2026,9/1/2026", "The end lies before the start."),
        ("X,teacher,Ann,Berg,,,,,,,,gone fishing", '"gone fishing" is not a status.'),
        (f"X,teacher,{'A' * 81},Berg", "The given name is longer than 80 characters."),
        (f"{'X' * 121},teacher,Ann,Berg", "The external id is longer than 120 characters."),
        (f"X,teacher,Ann,Berg,,,{'G' * 81}", "The name of a group is longer than 80 characters."),
        ("X,teacher,A\x07nn,Berg", "a control character in given name"),
        ("X,teacher,Ann,\u202egreB", "a control character in family name"),
        ('X,teacher,"Ann\nMarie",Berg', "There is a line break"),
        ("X,teacher,Ann,Berg,,,,,,,,,more", "This row has more columns than the header."),
    ],
)
def test_row_is_refused_with_its_line_and_a_sentence(row, sentence):
    content = sheet("T1,teacher,Tom,Ash,tom@school.example", "S1,student,Sue,Elm", "", row)
    diff = compare(content)

    assert [step.name for step in diff.new] == ["Tom Ash", "Sue Elm"]
    [problem] = diff.refused
    assert problem.line == 5
    assert sentence in problem.sentence


def test_row_that_breaks_off_is_refused():
    content = sheet("T1,teacher,Tom,Ash") + b"\r\nT2,teacher,An"

    [problem] = compare(content).refused

    assert problem == (
        3,
        f"This row has 3 of {COLUMNS} columns; the file may have been cut off here.",
    )


def test_managers_in_a_circle_are_refused_and_those_who_lean_on_them():
    diff = compare(
        sheet(
            "A,teacher,Ann,Ash,,,,B",
            "B,teacher,Bob,Birch,,,,C",
            "C,teacher,Cat,Cedar,,,,A",
            "D,teacher,Dan,Dogwood,,,,A",
            "E,teacher,Eve,Elm",
        )
    )

    assert [step.name for step in diff.new] == ["Eve Elm"]
    assert [problem.line for problem in diff.refused] == [2, 3, 4, 5]
    assert "line managers in a circle" in diff.refused[0].sentence
    assert diff.refused[3].sentence == 'The line manager "A" is not known.'


def test_circle_through_somebody_who_is_not_in_the_sheet_is_refused():
    by_hand = known(1, email="ann@school.example", is_on_roster=False)
    by_hand.manager = roster.Held(2)

    diff = compare(sheet("B,teacher,Given2,Known,,,,ann@school.example"), [by_hand, known(2, "B")])

    assert [problem.line for problem in diff.refused] == [2]
    assert diff.changed == diff.ended == []


@pytest.mark.parametrize(
    ("text", "month_first", "expected"),
    [
        ("2026-09-01", True, date(2026, 9, 1)),
        ("2026-09-01T00:00:00Z", True, date(2026, 9, 1)),
        ("9/1/2026", True, date(2026, 9, 1)),
        ("1/9/2026", False, date(2026, 9, 1)),
        ("1.9.2026", True, date(2026, 9, 1)),
    ],
)
def test_dates_as_schools_write_them(text, month_first, expected):
    content = sheet(f"T1,teacher,Tom,Ash,,,,,,{text}")

    assert read(content, month_first=month_first).entries[0].facts["started_on"] == expected


def test_unknown_columns_are_left_out_with_a_notice():
    diff = compare(b"id,role,given name,family name,Password\nT1,teacher,Tom,Ash,secret\n")

    assert diff.notices == ["Columns that are not used: Password."]
    assert "secret" not in repr(diff)


def test_column_that_is_missing_changes_nothing_and_a_blank_cell_empties():
    tom = known(1, "T1", email="tom@school.example")
    tom.facts |= {"given_name": "Tom", "family_name": "Ash", "job": "Science"}

    diff = compare(b"id,role,given name,family name,e-mail\nT1,teacher,Tom,Ash,\n", [tom])

    [step] = diff.changed
    assert step.changes == [("E-mail", "tom@school.example", "")]


def test_known_by_address_until_there_is_an_id():
    tom = known(1, email="Tom@school.example", is_on_roster=False, roles=("school_admin",))

    diff = compare(sheet("T1,administrator,Given1,Known,tom@school.example"), [tom])

    [step] = diff.changed
    assert (step.known, step.external_id) == (tom, "T1")
    assert diff.new == diff.ended == []


def test_address_of_somebody_else_is_refused_and_ends_nobody():
    diff = compare(
        sheet("T2,teacher,Ann,Berg,tom@school.example"),
        [known(1, "T1", email="tom@school.example")],
    )

    assert diff.refused == [(2, "Somebody else is known by tom@school.example.")]
    assert diff.ended == []


def test_two_people_may_swap_addresses():
    diff = compare(
        sheet("1,teacher,Given1,Known,b@x.example", "2,teacher,Given2,Known,a@x.example"),
        [known(1, "1", email="a@x.example"), known(2, "2", email="b@x.example")],
    )

    assert diff.refused == []
    assert len(diff.changed) == 2


def test_missing_and_left_people_end_but_not_those_entered_by_hand():
    people = [known(1, "1"), known(2, "2"), known(3, "3"), known(4, is_on_roster=False)]

    diff = compare(
        sheet(
            "1,teacher,Given1,Known",
            "2,teacher,Given2,Known,,,,,,,,inactive",
            "9,teacher,Nobody,Knows,,,,,,,2026-10-01",
        ),
        people,
    )

    assert [person.pk for person in diff.ended] == [2, 3]
    assert diff.new == []
    assert diff.ends_many


def test_row_in_error_ends_nobody():
    diff = compare(sheet("1,teacher,,Known"), [known(1, "1")])

    assert (diff.ended, len(diff.refused)) == ([], 1)


def test_whoever_imports_and_the_last_administrator_stay():
    admin = known(1, "1", roles=("school_admin", "teacher"))
    other = known(2, "2", roles=("school_admin",))

    both_missing = compare(sheet("3,teacher,New,Person"), [admin, other], by=1)
    demoted = compare(sheet("1,teacher,Given1,Known"), [admin], by=None)

    assert [person.pk for person in both_missing.ended] == [2]
    assert both_missing.notices == [
        "Given1 Known stays an administrator, because you are importing."
    ]
    assert demoted.ended == demoted.changed == []
    assert demoted.notices == ["Given1 Known stays an administrator, because a school needs one."]


def test_manager_who_is_missing_from_the_file_has_left():
    diff = compare(sheet("1,teacher,Given1,Known,,,,2"), [known(1, "1"), known(2, "2")])

    assert diff.refused == [(2, 'The line manager "2" has left.')]


def test_digest_changes_with_what_would_happen():
    content = sheet("1,teacher,Given1,Known,one@x.example")

    first = compare(content, [known(1, "1")]).digest

    assert first == compare(content, [known(1, "1")]).digest
    assert first != compare(content, [known(1, "1", email="two@x.example")]).digest
    assert first != compare(content, [known(1, "1"), known(2, "2")]).digest


def test_format_agrees_with_the_models():
    assert set(roster.ROLE_WORDS.values()) == set(Role.Kind.values) - {"district_admin"}
    for name, length in FACTS.values():
        assert Person._meta.get_field(name).max_length == length
