"""Bell times, special days and terms from files: read tolerantly, shown, applied once."""

from datetime import date, time
from io import StringIO

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command

from conftest import NOW
from people.sheets import CannotRead
from people.tests.factories import PersonFactory, SchoolFactory
from scheduling import actions
from scheduling.bell_files import plan
from scheduling.models import BellSchedule
from scheduling.tests.booking.series import booked
from scheduling.tests.calendar_pages.calendar_page import CALENDAR, enter, told, url

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

BELLS = b"""schedule,name,period,start,end
regular,Regular,0,07:25,08:22
regular,Regular,1,08:30,09:27
latestart,Late Start,1,09:46,10:31
latestart,Late Start,0,8.55 am,9:40
minimum,Minimum Day,1,08:30:00,09:12:00
"""
DAYS = b"date,schedule\n2026-10-13,latestart\n10/14/2026,minimum\n"
TERMS = b"session,school_id,begin,end,term\nSpring 2027,7,2027-01-04,2027-05-28,Spring Semester\n"
PERIODS = b"school_id,period,start,end\n1,A,8:00,8:45\n1,B,8:50,9:35\n2,A,9:00,9:45\n"
CHOSEN = b"school_id,bell_schedule,periods,dates\n1,Short,B|A,2026-10-15\n2,Short,A,\n"


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.VAR_DIR = tmp_path


@pytest.fixture
def bare():
    return SchoolFactory(slug="bare")


def bring(school, content, **how):
    return actions.apply_bells(school, by=None, at=NOW, content=content, **how)


def times(school, name):
    schedule = BellSchedule.objects.get(school=school, name=name)
    return [(each.period.name, each.starts_at) for each in schedule.times.order_by("starts_at")]


def test_bell_times_come_in_and_the_usual_one_is_for_all_days(bare):
    done = bring(bare, BELLS)

    assert sorted(done.plan.schedules) == ["Late Start", "Minimum Day", "Regular"]
    assert times(bare, "Late Start") == [("0", time(8, 55)), ("1", time(9, 46))]
    assert bare.bell_schedules.get(name="Regular").weekdays == "12345"
    assert bare.bell_schedules.get(name="Minimum Day").weekdays == ""
    assert [each.name for each in bare.periods.order_by("ordinal")] == ["0", "1"]


def test_the_same_file_twice_changes_nothing(bare):
    for content in (BELLS, DAYS, TERMS):
        bring(bare, content)
    before = [list(each.values()) for each in (bare.bell_schedules, bare.special_days, bare.terms)]

    for content in (BELLS, DAYS, TERMS):
        assert bring(bare, content).plan.changes_nothing

    after = [list(each.values()) for each in (bare.bell_schedules, bare.special_days, bare.terms)]
    assert after == before


def test_a_file_leaves_what_it_does_not_name(school):
    bring(school, b"schedule,period,start,end\nAssembly,Period 1,9:00,9:30\n")

    assert sorted(each.name for each in school.bell_schedules.all()) == ["Assembly", "Regular"]
    assert len(times(school, "Regular")) == 10
    assert school.bell_schedules.get(name="Regular").weekdays == "12345"


def test_special_days_find_their_schedule_by_how_it_begins(bare):
    bring(bare, BELLS)

    done = bring(bare, DAYS)

    assert done.plan.days == {
        date(2026, 10, 13): "Late Start",
        date(2026, 10, 14): "Minimum Day",
    }
    assert bare.special_days.count() == 2


def test_terms_come_in_with_their_school_year(bare):
    bring(bare, TERMS)

    term = bare.terms.get()
    assert (term.name, term.ends_on, term.school_year) == ("Spring 2027", date(2027, 5, 28), 2027)
    assert bare.weeks.exists()


def test_a_term_that_overlaps_another_is_refused_whole(school):
    with pytest.raises(actions.CannotChangeCalendar, match="overlap Fall 2026"):
        bring(school, b"session,begin,end\nLong,2026-12-01,2027-02-01\n")

    assert school.terms.count() == 1


def test_one_school_of_several_is_chosen(bare):
    with pytest.raises(CannotRead, match=r"rows of 2 schools\. Say which is yours: 1, 2"):
        bring(bare, PERIODS)
    with pytest.raises(CannotRead, match="no rows of a school with the number 3"):
        bring(bare, PERIODS, number="3")

    bring(bare, PERIODS, number="1")
    bring(bare, CHOSEN, number="1")

    assert times(bare, "Regular") == times(bare, "Short") == [("A", time(8)), ("B", time(8, 50))]
    assert bare.special_days.get().bell_schedule.name == "Short"
    assert bring(bare, CHOSEN, number="1").plan.changes_nothing


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("a,A,1,25:00,9:00", '"25:00" is not a time such as 8:10.'),
        ("a,A,1,,9:00", "The start is missing."),
        ("a,A,,8:00,9:00", "The period is missing."),
        ("a,A,1,9:00,9:00", "1 ends before it starts."),
        ("regular,Regular,1,11:00,12:00", "1 stands twice in this bell schedule."),
        ("regular,Regular,2,9:00,9:30", "2 overlaps 1."),
        ("a,A,1,8:00", "This row has 4 of 5 columns; the file may have been cut off here."),
        ("a,A,\x07,8:00,9:00", "The period has characters that cannot be read."),
    ],
)
def test_a_row_that_cannot_be_used_leaves_the_others(bare, row, sentence):
    found = plan(bare, BELLS + row.encode())

    assert [(each.line, each.sentence) for each in found.problems] == [(7, sentence)]
    assert len(found.schedules["Regular"]) == 2


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"date,schedule\n2026-13-01,regular\n", "is not a date such as 2026-09-07."),
        (b"date,schedule\n2026-10-13,gala\n", "There is no bell schedule called gala."),
        (b"date,schedule\n2026-10-13,\n", "The schedule is missing."),
        (b"session,begin,end\nX,2027-01-04,2027-01-04\n", "X ends before it begins."),
        (b"session,begin,end\nX,2027-01-04,2029-01-04\n", "X is longer than a year."),
        (b"schedule,periods\nX,Z\n", "There is no period called Z yet."),
    ],
)
def test_other_rows_that_cannot_be_used(bare, content, sentence):
    [problem] = plan(bare, content).problems

    assert sentence in problem.sentence
    with pytest.raises(CannotRead, match="No row of this file can be used"):
        bring(bare, content)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty."),
        (b"a,b\n1,2\n", "The first row has to name the columns"),
        (b"date,schedule\n", "The file has no rows below its header."),
        (b"PK\x03\x04...", "a workbook or a zip file"),
    ],
)
def test_a_file_that_cannot_be_read(bare, content, sentence):
    with pytest.raises(CannotRead, match=sentence):
        plan(bare, content)


def test_the_same_day_twice_with_two_schedules_is_refused(bare):
    bring(bare, BELLS)

    found = plan(bare, DAYS + b"2026-10-13,regular\n2026-10-13,latestart\n")

    [problem] = found.problems
    assert problem == (4, "This day stands in line 2 already, with Late Start.")


def test_changed_times_move_meetings_after_a_question(school):
    host = PersonFactory(leader=True, school=school)
    booking = booked(host).booking
    content = b"schedule,period,start,end\nRegular,Period 4,10:45,11:25\n"

    with pytest.raises(actions.NeedsConfirmation) as question:
        bring(school, content, is_confirmed=False)

    assert question.value.effect.moved == 10
    bring(school, content)
    assert {each.sequence for each in booking.meetings.all() if each.is_planned} == {1}


def test_files_are_brought_in_by_administrators_only(school):
    with pytest.raises(PermissionDenied):
        actions.apply_bells(
            school, by=PersonFactory(leader=True, school=school), at=NOW, content=BELLS
        )


# --- by page and by command ---


@pytest.fixture
def keeper(client, school):
    return enter(client, PersonFactory(administrator=True, school=school))


def upload(client, content, **fields):
    file = StringIO(content.decode())
    file.name = "bells.csv"
    return client.post(url("bell_import"), {"file": file, **fields}, follow=True)


def test_a_file_is_shown_then_imported(keeper, school):
    shown = upload(keeper, BELLS + b"x,X,1,2,\n")
    assert "Nothing has changed yet." in shown.text
    assert "The end is missing." in shown.text
    assert school.bell_schedules.count() == 1

    done = keeper.post(url("bell_preview"), {"step": "confirm"}, follow=True)

    assert told(done) == ["New or changed: 3 bell schedules."]
    assert school.bell_schedules.count() == 3
    assert done.request["PATH_INFO"] == CALENDAR


def test_the_page_asks_before_meetings_move(keeper, school):
    booked(PersonFactory(leader=True, school=school))
    upload(keeper, b"schedule,period,start,end\nRegular,Period 4,10:45,11:25\n")

    asked = keeper.post(url("bell_preview"))

    assert "10 planned one-on-ones move with the bell" in " ".join(asked.text.split())
    back = keeper.post(url("bell_preview"), {"step": "back"})
    assert "Before this is saved" not in back.text


def test_what_cannot_be_read_is_said_at_the_file(keeper):
    assert "The first row has to name the columns" in upload(keeper, b"a,b\n1,2\n").text
    assert "Say which is yours" in upload(keeper, PERIODS).text
    assert "Choose a file." in keeper.post(url("bell_import")).text


def test_what_cannot_be_applied_is_said_and_loses_nothing(keeper, school):
    upload(keeper, b"session,begin,end\nLong,2026-12-01,2027-02-01\n")

    response = keeper.post(url("bell_preview"), follow=True)

    assert "overlap Fall 2026" in told(response)[0]
    assert school.terms.count() == 1


def test_a_preview_without_a_file_leads_to_the_form(keeper):
    response = keeper.get(url("bell_preview"), follow=True)

    assert "Choose it again" in told(response)[0]


def test_the_same_file_twice_says_so(keeper):
    for _ in range(2):
        upload(keeper, BELLS)
        done = keeper.post(url("bell_preview"), {"step": "confirm"}, follow=True)

    assert told(done) == ["Everything was as in this file already. Nothing was changed."]


def run(*arguments):
    out = StringIO()
    call_command("import_bells", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_shows_and_applies_several_files(bare, tmp_path):
    for name, content in (("bells.csv", BELLS), ("days.csv", DAYS)):
        (tmp_path / name).write_bytes(content)
    files = [str(tmp_path / "bells.csv"), str(tmp_path / "days.csv")]

    shown = run(*files, "--school", "bare")
    assert "bells.csv: 5 rows read, 0 refused." in shown
    assert "Days: 2 new or changed, 0 unchanged." in shown
    assert "Nothing was changed." in shown
    assert not bare.bell_schedules.exists()

    assert "Applied." in run(*files, "--school", "bare", "--apply")
    assert bare.special_days.count() == 2
    assert "Bell schedules: 0 new or changed, 3 unchanged." in run(*files, "--school", "bare")


def test_the_command_says_what_is_wrong(bare, tmp_path):
    (tmp_path / "days.csv").write_bytes(b"a,b\n1,2\n")

    for arguments, sentence in (
        ((str(tmp_path / "days.csv"), "--school", "none"), "no school called none"),
        ((str(tmp_path / "gone.csv"), "--school", "bare"), "cannot be read"),
        ((str(tmp_path / "days.csv"), "--school", "bare"), "The first row has to name"),
    ):
        with pytest.raises(CommandError, match=sentence):
            run(*arguments)
