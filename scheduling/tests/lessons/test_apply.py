"""Taking a timetable over, on the page and by the command."""

from datetime import time

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command

from audit.models import Event
from conftest import NOW
from people.sheets import CannotRead
from people.tests.factories import PersonFactory
from scheduling import actions
from scheduling.lessons import Kind
from scheduling.models import Commitment, TeacherCode
from scheduling.tests.factories import BELLS, CommitmentFactory
from scheduling.tests.lessons.timetable import planned, sheet

pytestmark = pytest.mark.django_db


def apply(school, term, *rows, by=None):
    return actions.apply_lessons(school, by=by, at=NOW, term=term, content=sheet(*rows))


def test_apply_replaces_what_it_brought(school, term, ingrid):
    typed = CommitmentFactory(term=term, person=ingrid, duty=True)
    apply(school, term, "1,Lunch,,Band,T031,", "2,Lunch,,Choir,T031,")
    kept = Commitment.objects.get(label="Choir")

    done = apply(school, term, "2,Lunch,,Choir,T031,", "3,Lunch,,Band,T031,")

    assert (len(done.new), done.unchanged_count, len(done.ended)) == (1, 1, 1)
    assert set(Commitment.objects.values_list("column", "label", "source")) == {
        ("2", "Choir", "lessons"),
        ("3", "Band", "lessons"),
        (typed.column, typed.label, ""),
    }
    assert Commitment.objects.get(label="Choir") == kept


def test_apply_twice_changes_nothing(school, term, ingrid):
    rows = "1,Lunch,,Band,T031,", "1,Lunch,,Band,T031,", "2,Period 1,2,Choir,T031,"
    apply(school, term, *rows)
    before = list(Commitment.objects.values()), Event.objects.count()

    done = apply(school, term, *rows)

    assert done.changes_nothing
    assert (list(Commitment.objects.values()), Event.objects.count()) == before


def test_apply_leaves_other_sources_alone(school, term, ingrid):
    other = CommitmentFactory(term=term, person=ingrid, source="untis")

    done = apply(school, term, "1,Lunch,,Band,T031,")

    assert not done.ended
    assert Commitment.objects.filter(pk=other.pk).exists()


def test_remove_takes_one_source_out_of_one_term(school, term, ingrid):
    apply(school, term, "1,Lunch,,Band,T031,")
    kept = {
        CommitmentFactory(term=term, person=ingrid, source="untis"),
        CommitmentFactory(term=term, person=ingrid, duty=True),
        CommitmentFactory(source="lessons"),
    }
    administrator = PersonFactory(administrator=True, school=school)

    count = actions.remove_lessons(term, "lessons", by=administrator, at=NOW)

    assert count == 1
    assert set(Commitment.objects.all()) == kept
    assert Event.objects.filter(act="lessons.remove", by=administrator.pk).count() == 1


def test_remove_never_takes_what_was_typed(school, term, ingrid):
    typed = CommitmentFactory(term=term, person=ingrid, duty=True)

    assert actions.remove_lessons(term, "", by=None, at=NOW) == 0
    assert Commitment.objects.get() == typed


def test_remove_is_for_administrators(school, term, ingrid):
    apply(school, term, "1,Lunch,,Band,T031,")

    with pytest.raises(PermissionDenied):
        actions.remove_lessons(term, "lessons", by=ingrid, at=NOW)

    assert Commitment.objects.exists()


def test_teachers_once_named_are_known(school, term, ingrid):
    named = {"BeIn": ingrid, "XX": None}
    actions.name_teachers(school, by=None, at=NOW, kind=Kind.LESSONS, people=named)

    done = apply(school, term, "1,Lunch,,Band,bein,")

    assert Commitment.objects.get().person == ingrid
    assert done.said == {"BeIn": ingrid}


def test_teachers_are_named_for_one_kind_of_file_and_can_be_named_anew(school, term, ingrid):
    other = PersonFactory(teacher=True, school=school)
    for kind, person in ((Kind.UNTIS, other), (Kind.LESSONS, other), (Kind.LESSONS, ingrid)):
        actions.name_teachers(school, by=None, at=NOW, kind=kind, people={"BE": person})

    apply(school, term, "1,Lunch,,Band,BE,")
    actions.name_teachers(school, by=None, at=NOW, kind=Kind.LESSONS, people={"BE": None})

    assert Commitment.objects.get().person == ingrid
    with pytest.raises(CannotRead, match="No row"):
        apply(school, term, "1,Lunch,,Band,BE,")


def test_naming_teachers_is_for_administrators(school, term, ingrid):
    with pytest.raises(PermissionDenied):
        actions.name_teachers(school, by=ingrid, at=NOW, kind=Kind.LESSONS, people={"BE": ingrid})

    assert not TeacherCode.objects.exists()


def test_apply_leaves_other_terms_alone(school, term, ingrid):
    other = CommitmentFactory(source="lessons")

    apply(school, term, "1,Lunch,,Band,T031,")

    assert Commitment.objects.filter(pk=other.pk).exists()


def test_apply_refuses_a_file_that_would_leave_nothing(school, term, ingrid):
    apply(school, term, "1,Lunch,,Band,T031,")

    with pytest.raises(CannotRead, match="No row of this file can be used"):
        apply(school, term, "1,Lunch,,Band,T999,")

    assert Commitment.objects.count() == 1


def test_apply_is_recorded(school, term, ingrid):
    administrator = PersonFactory(administrator=True, school=school)

    apply(school, term, "1,Lunch,,Band,T031,", by=administrator)

    event = Event.objects.filter(chain=school.pk).latest("seq")
    assert (event.act, event.by) == ("lessons.apply", administrator.pk)
    assert event.about == [f"school:{school.pk}", f"term:{term.pk}"]


def test_apply_is_for_administrators(school, term, ingrid):
    with pytest.raises(PermissionDenied):
        apply(school, term, "1,Lunch,,Band,T031,", by=PersonFactory(leader=True, school=school))

    assert not Commitment.objects.exists()


def test_plan_says_when_much_would_end(school, term, ingrid):
    rows = [f"{day},{period},,Band,T031," for day in range(1, 6) for period in BELLS]
    apply(school, term, *rows)

    assert not planned(school, term, *rows[:45]).shrinks
    assert planned(school, term, *rows[:44]).shrinks


@pytest.fixture
def week_file(tmp_path):
    path = tmp_path / "week.csv"
    path.write_bytes(
        sheet(
            "Monday,Period 2,2,Art,T031,1",
            "Monday,Period 10,1,Art,T031,1",
            "Tuesday,Period 1/Break,1,Art,,1",
        )
    )
    return path


def test_command_shows_and_changes_nothing(school, ingrid, tmp_path, capsys, now):
    path = tmp_path / "week.csv"
    path.write_bytes(sheet("1,Lunch,,Band,T031,", "1,Lunch,,Band,T999,"))

    call_command("import_lessons", path, "--school", "harbor-view")

    told = capsys.readouterr().out
    assert "2 rows read, 1 used, 0 without a teacher, 0 refused." in told
    assert "Line 3: Nobody on the staff is known as T999. 1 lessons." in told
    assert "Nothing was changed." in told
    assert not Commitment.objects.exists()


def test_command_applies(school, ingrid, tmp_path, capsys, now):
    path = tmp_path / "week.csv"
    path.write_bytes(sheet("1,Lunch,,Band,T031,"))

    call_command("import_lessons", path, "--school", "harbor-view", "--apply")

    assert "Lessons: 1 new, 0 unchanged, 0 ended." in capsys.readouterr().out
    assert Commitment.objects.get().person == ingrid


def test_command_makes_periods_for_a_school_without_any(school, ingrid, week_file, now):
    actions.delete_bell_schedule(school.bell_schedules.get(), by=None, at=NOW)
    options = ["import_lessons", week_file, "--school", "harbor-view", "--make-periods"]

    call_command(*options)
    assert not school.periods.exists()
    call_command(*options, "--apply")

    assert [period.name for period in school.periods.order_by("ordinal")] == [
        "Period 1/Break",
        "Period 2",
        "Period 10",
    ]
    assert set(Commitment.objects.values_list("starts_at", "ends_at")) == {
        (time(8, 50), time(10, 25)),
        (time(9, 40), time(10, 25)),
    }


def test_command_remembers_whom_a_code_means(school, ingrid, tmp_path, capsys, now):
    path = tmp_path / "week.csv"
    path.write_bytes(sheet("1,Lunch,,Band,BE,"))
    options = ["import_lessons", path, "--school", "harbor-view"]

    call_command(*options, "--teacher", "BE=Ingrid Berg", "--apply")
    call_command(*options)

    assert "Lessons: 0 new, 1 unchanged, 0 ended." in capsys.readouterr().out
    with pytest.raises(CommandError, match="Nobody on the staff is known as Nobody"):
        call_command(*options, "--teacher", "BE=Nobody")
    with pytest.raises(CommandError, match="CODE=WHO"):
        call_command(*options, "--teacher", "BE")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--school", "nowhere"], "no school called nowhere"),
        (["--school", "harbor-view", "--term", "Winter"], "no such term"),
        (["--school", "harbor-view", "--make-periods"], "has periods already"),
    ],
)
def test_command_refuses(school, week_file, options, sentence, now):
    with pytest.raises(CommandError, match=sentence):
        call_command("import_lessons", week_file, *options)


def test_command_refuses_a_file_that_is_not_there(school, tmp_path, now):
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        call_command("import_lessons", tmp_path / "gone.csv", "--school", "harbor-view")


def test_command_refuses_a_file_it_cannot_use(school, tmp_path, now):
    path = tmp_path / "empty.csv"
    path.touch()

    with pytest.raises(CommandError, match=r"The file is empty\."):
        call_command("import_lessons", path, "--school", "harbor-view", "--apply")
