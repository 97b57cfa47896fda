"""A person's week: seen and kept by themselves and by administrators, by nobody else."""

from datetime import time

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from audit.models import Event
from conftest import NOW
from people.tests.factories import PersonFactory
from scheduling import actions
from scheduling.models import Commitment
from scheduling.tests.factories import BELLS, CommitmentFactory, school_with_calendar

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

MINE = reverse("scheduling:timetable")
DUTY = actions.Duty("1", time(11, 30), time(12, 10), "Lunch duty")


@pytest.fixture
def school():
    return school_with_calendar(at=NOW, is_demo=True)


@pytest.fixture
def term(school):
    return school.terms.get()


@pytest.fixture
def teacher(school):
    return PersonFactory(teacher=True, school=school)


@pytest.fixture
def administrator(school):
    return PersonFactory(administrator=True, school=school)


def theirs(person):
    return reverse("scheduling:person_timetable", args=[person.uid])


def look(client, person, path):
    client.force_login(person.user)
    return client.get(path)


def test_a_person_and_administrators_see_the_week(client, term, teacher, administrator):
    CommitmentFactory(term=term, person=teacher, label="Science", weeks=0b0101, source="untis")
    CommitmentFactory(term=term, person=teacher, duty=True)
    CommitmentFactory(term=term, label="Of somebody else")

    for page in (look(client, teacher, MINE), look(client, administrator, theirs(teacher))):
        assert "Science, week A" in page.text
        assert page.text.count("Remove<") == 1  # what was typed
        assert "Of somebody else" not in page.text


def test_others_see_nothing(client, school, term, teacher):
    CommitmentFactory(term=term, person=teacher, label="Science")
    far = PersonFactory(administrator=True, school=school_with_calendar(at=NOW, is_demo=True))

    for person, status in (
        (PersonFactory(leader=True, school=school), 403),
        (PersonFactory(teacher=True, school=school), 403),
        (far, 404),
    ):
        page = look(client, person, theirs(teacher))
        assert page.status_code == status
        assert "Science" not in page.text


def test_labels_are_visible_to_the_person_and_their_administrators(
    school, term, teacher, administrator
):
    lesson = CommitmentFactory(term=term, person=teacher)
    far = PersonFactory(administrator=True, school=school_with_calendar(at=NOW))
    leader = PersonFactory(leader=True, school=school)

    def seen_by(viewer):
        return list(Commitment.objects.visible_to(viewer, on=NOW.date()))

    assert seen_by(teacher) == seen_by(administrator) == [lesson]
    assert seen_by(far) == seen_by(leader) == []


def test_a_duty_is_added_by_period_or_by_the_clock_and_undone(client, school, teacher):
    lunch = school.periods.get(name="Lunch").uid
    client.force_login(teacher.user)

    shown = client.post(
        MINE, {"column": "1", "period": lunch, "weeks": "5", "label": "Lunch  duty"}, follow=True
    )
    assert "Lunch duty, week A" in shown.text
    client.post(MINE, {"column": "3", "starts_at": "3:00 pm", "ends_at": "4:00 pm", "weeks": "15"})

    made = Commitment.objects.order_by("column")
    assert [(each.starts_at, each.ends_at) for each in made] == [
        BELLS["Lunch"],
        (time(15), time(16)),
    ]
    assert {each.source for each in made} == {""}
    assert Event.objects.filter(act="duty.change", by=teacher.pk).count() == 2
    client.post(reverse("people:undo", args=[teacher.changes.latest("pk").uid]))
    assert Commitment.objects.count() == 1


def test_an_administrator_adds_and_removes_for_others(client, teacher, administrator):
    client.force_login(administrator.user)
    added = client.post(
        theirs(teacher),
        {"column": "1", "starts_at": "7:00", "ends_at": "7:30", "weeks": "15", "is_lesson": "on"},
        follow=True,
    )
    assert added.redirect_chain == [(theirs(teacher), 302)]
    duty = Commitment.objects.get(person=teacher)

    client.post(reverse("scheduling:duty_remove", args=[duty.uid]))

    assert not Commitment.objects.exists()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({}, "Choose a day."),
        ({"column": "6"}, "Choose one of these days."),
        ({"column": "1"}, "Choose a period, or type from when to when."),
        ({"column": "1", "starts_at": "9:00"}, "Choose a period, or type from when to when."),
        ({"column": "1", "starts_at": "9:00", "ends_at": "8:00"}, "It ends before it starts."),
        ({"column": "1", "starts_at": "late", "ends_at": "8:00"}, "enter a time, such as 8:10"),
        ({"column": "1", "period": "x"}, "Choose one of these periods."),
        ({"column": "1", "weeks": "77"}, "Choose one of these."),
    ],
)
def test_a_duty_is_refused_in_words_and_stays_typed(client, teacher, typed, sentence):
    client.force_login(teacher.user)

    page = client.post(MINE, {"weeks": "15", "label": "Gate duty"} | typed)

    assert sentence in page.text
    assert 'value="Gate duty"' in page.text
    assert not Commitment.objects.exists()


def test_a_period_that_is_not_rung_that_day(client, school, teacher):
    lunch = school.periods.get(name="Lunch")
    lunch.times.all().delete()
    client.force_login(teacher.user)

    page = client.post(MINE, {"column": "1", "period": lunch.uid, "weeks": "15"})

    assert "Choose one of these periods." in page.text


def test_adding_twice_and_without_end_is_refused(term, teacher, monkeypatch):
    how = {"by": teacher, "at": NOW}
    actions.add_duty(teacher, term, duty=DUTY, **how)

    with pytest.raises(actions.CannotAddDuty, match="already"):
        actions.add_duty(teacher, term, duty=DUTY, **how)
    with pytest.raises(actions.CannotAddDuty, match="not a school day"):
        actions.add_duty(teacher, term, duty=DUTY._replace(column="7"), **how)
    with pytest.raises(actions.CannotAddDuty, match="ends before"):
        actions.add_duty(teacher, term, duty=DUTY._replace(ends_at=time(1)), **how)
    monkeypatch.setattr("scheduling.actions.duties.MOST", 1)
    with pytest.raises(actions.CannotAddDuty, match="Import a timetable"):
        actions.add_duty(teacher, term, duty=DUTY._replace(column="2"), **how)


def test_nobody_else_adds_or_removes(school, term, teacher):
    leader = PersonFactory(leader=True, school=school)
    duty = CommitmentFactory(term=term, person=teacher, duty=True)

    with pytest.raises(PermissionDenied):
        actions.add_duty(teacher, term, by=leader, at=NOW, duty=DUTY)
    with pytest.raises(PermissionDenied):
        actions.remove_duty(duty, by=leader, at=NOW)
    assert Commitment.objects.get() == duty


def test_what_a_file_brought_is_not_removed_by_hand(client, term, teacher):
    lesson = CommitmentFactory(term=term, person=teacher, source="lessons")
    client.force_login(teacher.user)

    page = client.post(reverse("scheduling:duty_remove", args=[lesson.uid]), follow=True)

    assert "This came from the timetable." in page.text
    assert Commitment.objects.exists()


def test_a_school_without_a_term_says_so(client):
    teacher = PersonFactory(teacher=True)
    teacher.roles.get().school.__class__.objects.update(is_demo=True)

    assert "No term yet" in look(client, teacher, MINE).text


@pytest.mark.parametrize("count", [1, 5])
def test_the_page_asks_the_same_for_any_number(
    client, term, teacher, count, django_assert_max_num_queries
):
    for column in "12345"[:count]:
        CommitmentFactory(term=term, person=teacher, column=column)
    client.force_login(teacher.user)

    with django_assert_max_num_queries(12):
        page = client.get(MINE)

    assert sum(len(entries) for _, entries in page.context["days"]) == count
