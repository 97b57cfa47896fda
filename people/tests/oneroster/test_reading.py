"""Files as they come: any encoding, any header, rows in error, and zips that mean no good."""

import io
import os
import stat
import struct
import zipfile
from datetime import date

import pytest

from people import oneroster
from people.oneroster import bundle
from people.sheets import CannotRead

from .bundles import DISTRICT, changed, manifest, without, write, zipped


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "oneroster"


def read(folder, files=DISTRICT, *, month_first=True):
    return oneroster.read(write(folder, files), month_first=month_first)


def read_zip(tmp_path, content):
    path = tmp_path / "files.zip"
    path.write_bytes(content)
    return oneroster.read(path, month_first=True)


def sentences(found):
    return [(each.file, each.line, each.sentence) for each in found.problems]


def names(found):
    return {key: user.facts["family_name"] for key, user in found.users.items()}


def wide(text):
    return {name: each.encode(text) for name, each in DISTRICT.items()}


@pytest.mark.parametrize(
    "files",
    [
        DISTRICT,
        wide("utf-8-sig"),
        wide("utf-16"),
        wide("utf-16-le"),
        wide("utf-16-be"),
        {name: text.replace("\n", "\r\n") for name, text in DISTRICT.items()},
        {name: text.replace("\n", "\r") for name, text in DISTRICT.items()},
        {name: text.rstrip("\n") for name, text in DISTRICT.items()},
        {name.upper(): text for name, text in DISTRICT.items()},
        {name: text.replace("sourcedId", "SOURCED_ID", 1) for name, text in DISTRICT.items()},
        {name: text.replace("\n", ",,\n") for name, text in DISTRICT.items()},
        {name: text + "\n\n" for name, text in DISTRICT.items()},
    ],
    ids=[
        "utf-8",
        "bom",
        "utf-16",
        "utf-16-le",
        "utf-16-be",
        "CRLF",
        "CR",
        "no end",
        "upper",
        "header",
        "wider",
        "blank",
    ],
)
def test_files_are_read_as_systems_write_them(folder, files):
    found = read(folder, files)

    assert found.counts == {
        "orgs": 4,
        "academicSessions": 3,
        "courses": 1,
        "classes": 4,
        "users": 6,
        "enrollments": 5,
    }
    assert (found.problems, found.troubles) == ([], [])
    assert found.users["T1"].facts["preferred_name"] == "Tom"


def test_password_is_in_no_record(folder):
    found = read(folder)

    assert "hunter2" not in repr(found)
    assert found.notices == []


def test_another_encoding_in_the_middle_is_taken_and_an_unreadable_letter_refused(folder):
    users = DISTRICT["users"].encode()
    users = users.replace(b"Bakker", "Bäkker".encode("cp1252")).replace(b"Sue", b"S\x81ue")

    found = read(folder, {**DISTRICT, "users": users})

    assert names(found)["T2"] == "Bäkker"
    assert sentences(found) == [
        (
            "users.csv",
            5,
            "A letter in givenName cannot be read; the file changes its encoding here.",
        )
    ]
    assert found.refused == {"S1"}


@pytest.mark.parametrize(
    ("old", "new", "file", "sentence"),
    [
        ("T2,,1", ",,1", "users", "The sourcedId is missing."),
        ("T2,,1", "T1,,1", "users", "The sourcedId T1 stands in line 3 already."),
        ("T2,,1", "T2,asleep,1", "users", '"asleep" is not a status.'),
        ("nb,Noor", "nb,", "users", "The givenName is missing."),
        ("MATH,teacher,", "MATH,wizard,", "users", '"wizard" is not a role of OneRoster.'),
        ("MATH,teacher,", "MATH,,", "users", "The role is missing."),
        ("Bakker", "B" * 81, "users", "The familyName is longer than 80 characters."),
        ("Bakker", '"Bak\nker"', "users", "There is a line break or a control character"),
        ("T2,,1", "T" * 121 + ",,1", "users", "The sourcedId is longer than 120 characters."),
        ("noor@bay.example,,,hunter2,", "", "users", "This row has not as many columns"),
        ("hunter2,Tom", "hunter2,Tom,x", "users", "This row has not as many columns"),
        ("2026-12-18,Y,2027", "31/31/2026,Y,2027", "academicSessions", "is not a date such as"),
        ("2026-12-18,Y,2027", ",Y,2027", "academicSessions", "has a startDate and an endDate."),
        ("2026-12-18,Y,2027", "2026-01-18,Y,2027", "academicSessions", "lies before the start."),
        ("2026-12-18,Y,2027", "2026-12-18,Y,soon", "academicSessions", "is not a school year."),
        ("Room 7", "", "classes", "The title is missing."),
        ("H7,S2,student", "H7,S2,proctor", "enrollments", '"proctor" has no place in a class.'),
        ("H7,S2,student", "H7,,student", "enrollments", "The userSourcedId is missing."),
    ],
)
def test_row_in_error_is_refused_with_its_file_and_line(folder, old, new, file, sentence):
    found = read(folder, changed(old, new))

    [problem] = found.problems
    assert problem.file == f"{file}.csv"
    assert old in DISTRICT[file].splitlines()[problem.line - 1]
    assert sentence in problem.sentence
    assert sum(found.counts.values()) == 23


@pytest.mark.parametrize(
    ("text", "month_first", "day"),
    [
        ("2026-12-01", True, date(2026, 12, 1)),
        ("2026-12-01T18:25:43.511Z", True, date(2026, 12, 1)),
        ("12/1/2026", True, date(2026, 12, 1)),
        ("1/12/2026", False, date(2026, 12, 1)),
        ("01/12/2026", False, date(2026, 12, 1)),
    ],
)
def test_dates_are_read_as_the_school_writes_them(folder, text, month_first, day):
    files = changed("2026-12-18,Y", f"{text},Y")

    assert read(folder, files, month_first=month_first).sessions["F"].ends_on == day


def test_address_that_is_none_is_left_out_and_the_person_taken(folder):
    found = read(folder, changed("noor@bay.example", "noor at bay"))

    assert "email" not in found.users["T2"].facts
    assert [each.sentence for each in found.remarks] == [
        '"noor at bay" is not an e-mail address. Taken without it.'
    ]


def test_quotation_mark_that_is_never_closed_loses_the_rest_and_says_so(folder):
    found = read(
        folder,
        changed(
            'oe,Oz,Elm,,,07,hunter2,\nG1,,,D,parent,ge,Gus,Elm,gus@home.example,"S1,S2"',
            'oe,"Oz,Elm',
        ),
    )

    assert set(found.users) == {"P1", "T1", "T2", "S1"}
    assert found.troubles == [
        "users.csv cannot be read after line 6; a quotation mark may be open."
    ]
    assert found.modes["users"] == "delta"


def test_row_that_swallows_others_lets_nobody_be_taken_for_missing(folder):
    found = read(folder, changed("nb,Noor", 'nb,"Noor'))

    assert [each.line for each in found.problems] == [4]
    assert "S1" not in found.users
    assert found.hides_users


def test_header_that_lacks_a_column_leaves_the_file_out(folder):
    found = read(folder, {**DISTRICT, "courses": "HR00000,HOMEROOM KG,FY\nHR00001,ROOM 1,FY\n"})

    assert found.troubles == [
        "courses.csv: The first row has to name the columns. Not found: sourcedId, title."
    ]


def test_manifest_says_what_is_whole(folder):
    files = {**DISTRICT, "manifest": manifest(users="delta", courses="absent", roles="bulk")}

    found = read(folder, files)

    assert (found.modes["users"], found.modes["enrollments"]) == ("delta", "bulk")
    assert found.modes["courses"] == found.modes["roles"] == "absent"
    assert found.notices == ["The manifest calls courses.csv absent, so it is not read."]
    assert found.troubles == ["The manifest promises roles.csv, and it is not there."]


def test_columns_that_nobody_knows_are_named(folder):
    found = read(folder, changed("password,", "password,shoe size,metadata.x,"))

    assert "users.csv: not used are shoe size." in found.notices


def test_what_is_kept_out_is_counted_as_left_out(folder):
    found = read(folder, {**DISTRICT, "demographics": "sourcedId,birthDate\nS1,2010-01-01\n"})

    assert found.notices == ["demographics.csv is left out."]
    assert "2010" not in repr(found)


def test_circle_of_organizations_is_refused_and_the_rest_goes_on(folder):
    found = read(
        folder,
        changed(
            "MATH,,,Mathematics,department,,HS",
            "MATH,,,Maths,department,,SCI\nSCI,,,Science,department,,MATH",
        ),
    )

    places = oneroster.place(found, known=[])

    assert [each.sentence for each in found.problems] == [
        "Maths, Science would stand inside each other in a circle."
    ]
    assert places.users["HS"].keys() >= {"P1", "T1", "S1"}


def test_somebody_who_is_their_own_parent_is_taken_without(folder):
    found = read(folder, changed('"S1,S2"', '"G1,S1,S2"'))

    assert found.users["G1"].agents == ("S1", "S2")
    assert [each.sentence for each in found.remarks] == [
        "This person is named as their own parent. That is left out."
    ]


def test_an_address_is_one_persons(folder):
    found = read(folder, changed("oe,Oz,Elm,", "oe,Oz,Elm,gus@home.example"))

    oneroster.place(found, known=[])

    assert found.users["G1"].facts["email"] == "gus@home.example"
    assert "email" not in found.users["S2"].facts
    assert found.remarks[0].sentence.startswith("The e-mail address of line 7 stands here too.")


# --- whole files and zips ---


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        (without("", files={"x": "y"}) and {"orgs": DISTRICT["orgs"]}, "There is no users.csv"),
        ({"readme": "hello"}, "There is no file of OneRoster in it"),
        ({}, "There is no file of OneRoster in it"),
        ({"users": ""}, "users.csv: The file is empty."),
        ({"users": DISTRICT["users"].split("\n")[0]}, "The files have headers and no rows."),
        ({"users": b"sourcedId,givenName,familyName\n" + b"x" * (1 << 21)}, "longer than 1 MB"),
    ],
)
def test_folder_that_is_no_roster_is_refused(folder, files, sentence):
    with pytest.raises(CannotRead, match=sentence):
        read(folder, files)


def test_zip_is_read_like_a_folder_also_in_a_folder_of_its_own(tmp_path):
    for content in (zipped(), zipped(into="export/")):
        assert read_zip(tmp_path, content).counts["users"] == 6


def member(name, content=b"x", *, mode=stat.S_IFREG | 0o644):
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    return info, content


def of(*members):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for info, text in members:
            archive.writestr(info, text, zipfile.ZIP_DEFLATED)
    return content.getvalue()


USERS = ("users.csv", DISTRICT["users"].encode())


def with_password():
    """Zips say so by a bit, in both of their tables."""
    content = bytearray(of(member(*USERS)))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + place] |= 1
    return bytes(content)


def cut():
    """A zip whose only file is damaged inside."""
    content = bytearray(of(member(*USERS)))
    content[60:90] = bytes(30)
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty."),
        (b"sourcedId,givenName\n" * 9, "This is not a zip file"),
        (b"PK\x03\x04" + bytes(900), "This is not a zip file"),
        (zipped()[:-40], "This is not a zip file"),
        (of(member("../users.csv")), "names a place outside itself"),
        (of(member("/etc/users.csv")), "names a place outside itself"),
        (of(member("C:\\users.csv")), "names a place outside itself"),
        (of(member("a\\..\\..\\users.csv")), "names a place outside itself"),
        (of(member("users.csv", b"/etc/passwd", mode=stat.S_IFLNK | 0o777)), "holds a link"),
        (with_password(), "has a password"),
        (of(member("inner.zip", zipped())), "a zip inside the zip"),
        (of(member(*USERS), member("USERS.CSV", USERS[1])), "users.csv is there twice"),
        (of(member("a/orgs.csv"), member("b/users.csv")), "in several folders"),
        (of(*(member(f"{n}.txt") for n in range(1001))), "more than 1,000 files"),
        (of(*(member(f"{n:0200}.txt") for n in range(9000))), "more than 1,000 files"),
        (cut(), "damaged"),
    ],
    ids=lambda each: each if isinstance(each, str) else f"{len(each)} bytes",
)
def test_zip_that_means_no_good_is_refused(tmp_path, content, sentence):
    with pytest.raises(CannotRead, match=sentence):
        read_zip(tmp_path, content)


def test_bomb_is_refused_while_it_is_read_whatever_its_header_says(tmp_path):
    content = bytearray(of(member("users.csv", USERS[1] + b"," * 99 + b"\n" * (30 << 20))))
    for mark, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = content.index(mark) + place
        content[at : at + 4] = struct.pack("<I", 20 << 20)  # less than there is

    with pytest.raises(CannotRead, match="packed more tightly"):
        read_zip(tmp_path, bytes(content))


def test_line_without_an_end_is_not_held_in_memory(tmp_path):
    found = read_zip(tmp_path, of(member("users.csv", USERS[1] + b"," * (40 << 20))))

    assert found.troubles == ["users.csv: A line is longer than 1 MB; this is not a sheet."]
    assert (len(found.users), found.modes["users"]) == (6, "delta")


def test_whole_of_a_bundle_is_limited(folder, monkeypatch):
    monkeypatch.setattr(bundle, "MAX_BYTES", 700)

    with pytest.raises(CannotRead, match="larger than 2 GB"):
        read(folder)


def test_links_in_a_folder_are_not_followed(folder, tmp_path):
    write(folder, {"orgs": DISTRICT["orgs"]})
    (tmp_path / "secret.csv").write_text(DISTRICT["users"])
    os.symlink(tmp_path / "secret.csv", folder / "users.csv")

    with pytest.raises(CannotRead, match=r"There is no users\.csv"):
        oneroster.read(folder, month_first=True)


def test_path_that_is_not_there_is_said(tmp_path):
    with pytest.raises(CannotRead, match=r"There is no such file or folder\."):
        oneroster.read(tmp_path / "nowhere", month_first=True)
