"""Leaving, by hand or by date: it ends what one is and has there, and nothing elsewhere."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.urls import reverse

from audit.models import Event
from conftest import NOW
from people import actions, jobs
from people.models import Assistance, Guardianship, Line, Person, Role
from people.tests.factories import (
    PASSWORD,
    TERM_STARTS_ON,
    GroupFactory,
    LineFactory,
    MembershipFactory,
    PersonFactory,
    RoleFactory,
    SchoolFactory,
)

pytestmark = pytest.mark.django_db

TODAY = NOW.date()
FACTS = {"given_name": "Tom", "family_name": "Ash", "email": "tom@school.example"}


@pytest.fixture
def school():
    return SchoolFactory()


@pytest.fixture
def elsewhere():
    return SchoolFactory()


@pytest.fixture
def administrator(school):
    return PersonFactory(administrator=True, school=school)


@pytest.fixture
def both(school, elsewhere):
    """A leader of two schools."""
    person = PersonFactory(leader=True, school=school)
    RoleFactory(person=person, school=elsewhere, leader=True)
    return person


def running(rows):
    return set(rows.filter(ends_on=None).values_list("pk", flat=True))


def test_lines_of_the_other_school_go_on(school, elsewhere, administrator, both):
    here = LineFactory(person=PersonFactory(teacher=True, school=school), manager=both)
    there = LineFactory(person=PersonFactory(teacher=True, school=elsewhere), manager=both)

    actions.end_person(both, school, by=administrator, at=NOW, successor=administrator)

    new = Line.objects.get(manager=administrator)
    assert new.person == here.person
    assert running(Line.objects) == {there.pk, new.pk}


def test_families_assistants_and_groups_of_the_other_school_go_on(
    school, elsewhere, administrator, both
):
    kept = set()
    for place in (school, elsewhere):
        child = PersonFactory(student=True, school=place)
        helper = PersonFactory(support_staff=True, school=place)
        group = GroupFactory(school=place)
        rows = [
            Guardianship.objects.create(guardian=both, student=child, starts_on=TERM_STARTS_ON),
            Assistance.objects.create(host=both, assistant=helper, starts_on=TERM_STARTS_ON),
            MembershipFactory(group=group, person=both, is_adult=True),
        ]
        if place == elsewhere:
            kept = {(type(row), row.pk) for row in rows}

    actions.end_person(both, school, by=administrator, at=NOW)

    models = {model for model, _ in kept}
    assert {(model, pk) for model in models for pk in running(model.objects)} == kept
    both.refresh_from_db()
    assert both.is_active
    assert both.user.is_active


def test_who_begins_at_another_school_later_stays(school, elsewhere, administrator):
    teacher = PersonFactory(teacher=True, school=school)
    Role.objects.create(
        person=teacher, school=elsewhere, kind=Role.Kind.TEACHER, starts_on="2026-11-02"
    )

    actions.end_person(teacher, school, by=administrator, at=NOW)

    teacher.refresh_from_db()
    assert teacher.is_active


def test_manager_of_the_other_school_is_not_touched_here(school, elsewhere, administrator):
    tom = PersonFactory(teacher=True, school=school)
    RoleFactory(person=tom, school=elsewhere)
    line = LineFactory(person=tom, manager=PersonFactory(leader=True, school=elsewhere))

    actions.change_person(tom, school, by=administrator, at=NOW, line_manager=None, **FACTS)
    with pytest.raises(actions.CannotChangePerson, match="Another school"):
        actions.change_person(
            tom, school, by=administrator, at=NOW, line_manager=administrator, **FACTS
        )

    assert running(Line.objects) == {line.pk}


def test_manager_who_is_at_no_school_with_them_is_replaced(school, administrator):
    tom = PersonFactory(teacher=True, school=school)
    LineFactory(person=tom)

    actions.change_person(
        tom, school, by=administrator, at=NOW, line_manager=administrator, **FACTS
    )

    assert Line.objects.get(ends_on=None).manager == administrator


# By the clock


@pytest.fixture
def leaver(school):
    """A teacher whose last day was the school day before today."""
    return RoleFactory(school=school, ended=True).person


@pytest.mark.parametrize("role", [None, {"leader": True, "ended": True}])
@pytest.mark.parametrize("name", ["people:account", "mfa_activate_totp"])
def test_session_of_somebody_without_a_role_today_opens_nothing(client, now, role, name):
    person = PersonFactory()
    if role:
        RoleFactory(person=person, **role)
    client.force_login(person.user)

    refused = client.get(reverse(name))

    assert (refused.status_code, refused.templates[0].name) == (403, "403.html")
    assert client.post(reverse("account_logout")).status_code == 302
    assert client.get(reverse(name)).url.startswith(reverse("account_login"))


def test_last_day_ends_login_sessions_and_groups(client, now, school, leaver):
    row = MembershipFactory(group=GroupFactory(school=school), person=leaver)
    client.force_login(leaver.user)

    jobs.end_those_who_left()
    jobs.end_those_who_left()

    leaver.refresh_from_db()
    row.refresh_from_db()
    assert (leaver.is_active, leaver.user.is_active) == (False, False)
    assert row.ends_on < TODAY
    account = reverse("people:account")
    assert client.get(account).url.startswith(reverse("account_login"))
    event = Event.objects.get()
    assert (event.act, event.chain, event.by) == ("person.change", school.pk, None)
    assert (event.about, event.basis) == ([f"person:{leaver.pk}"], "end.date")


def test_old_session_does_not_come_back_with_the_person(client, now, school, leaver):
    client.force_login(leaver.user)
    jobs.end_those_who_left()

    Person.objects.update(is_active=True)
    type(leaver.user).objects.update(is_active=True)
    RoleFactory(person=leaver, school=school, leader=True)

    assert client.get(reverse("people:account")).url.startswith(reverse("account_login"))
    leaver.user.refresh_from_db()
    assert not leaver.user.check_password(PASSWORD)


@pytest.mark.parametrize(
    "role",
    [
        {"ends_on": TODAY},
        {"starts_on": TODAY + timedelta(days=9)},
        {"ends_on": TODAY + timedelta(days=9)},
        {},
    ],
)
def test_who_has_a_role_today_or_later_anywhere_stays(now, leaver, elsewhere, role):
    RoleFactory(person=leaver, school=elsewhere, **role)

    jobs.end_those_who_left()

    leaver.refresh_from_db()
    assert leaver.is_active
    assert not Event.objects.exists()


def test_last_day_is_over_when_it_is_over_at_the_school(school):
    school.time_zone = "Pacific/Honolulu"
    school.save()
    role = RoleFactory(school=school, ends_on=TODAY - timedelta(days=1))

    assert actions.end_those_who_left(by=None, at=NOW) == 0  # nine in the evening there
    assert actions.end_those_who_left(by=None, at=NOW + timedelta(hours=3)) == 1
    role.person.refresh_from_db()
    assert not role.person.is_active


def test_clock_asks_every_hour_for_those_who_left():
    entry = settings.CELERY_BEAT_SCHEDULE["end_those_who_left"]

    assert entry["task"] == jobs.end_those_who_left.name
    assert len(entry["schedule"].hour) == 24
