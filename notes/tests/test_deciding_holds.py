"""Who asks for a hold, who agrees and who ends it; and what cannot be one."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from audit.actions import verify
from audit.models import Event
from conftest import NOW
from notes import actions
from notes.models import Hold
from notes.tests.factories import (
    school_with_lead,
)
from notes.tests.nights import pair
from people.tests.factories import PersonFactory

NEXT_YEAR = date(2027, 10, 1)

pytestmark = pytest.mark.django_db


@pytest.fixture
def school():
    return school_with_lead()


@pytest.fixture
def leaders(school):
    """Two who meet nobody."""
    return [PersonFactory(leader=True, school=school) for _ in range(2)]


def place(school, by, person=None, other=None, **more):
    scope = actions.Scope(person, other, more.pop("first", None), more.pop("last", None))
    wanted = {"ground": "court", "reference": "2026-114", "until": NEXT_YEAR, **more}
    return actions.place_hold(school, scope, by=by, at=NOW, **wanted)


def test_one_asks_a_second_agrees_and_two_end_it(school, leaders):
    first, second = leaders
    ana = pair(school).host

    hold = place(school, first, ana)
    with pytest.raises(actions.CannotHold, match="second person"):
        actions.agree_to_hold(hold, by=first, at=NOW)
    actions.agree_to_hold(hold, by=second, at=NOW)
    for late in (actions.agree_to_hold, actions.refuse_hold, actions.keep_hold):
        with pytest.raises(actions.CannotHold):
            late(hold, by=second, at=NOW)
    with pytest.raises(actions.CannotHold):
        actions.release_hold(hold, by=second, at=NOW)
    actions.ask_release(hold, by=second, at=NOW)
    for wrong in (actions.ask_release, actions.release_hold):
        with pytest.raises(actions.CannotHold):
            wrong(hold, by=second, at=NOW)
    actions.keep_hold(hold, by=first, at=NOW)
    actions.ask_release(hold, by=second, at=NOW)
    actions.release_hold(hold, by=first, at=NOW)
    for late in (actions.release_hold, actions.ask_release, actions.refuse_hold):
        with pytest.raises(actions.CannotHold):
            late(hold, by=first, at=NOW)

    events = Event.objects.filter(act="hold.change").order_by("pk")
    assert [each.basis.removeprefix("hold.") for each in events] == [
        "place", "agree", "ask_release", "keep", "ask_release", "release",
    ]  # fmt: skip
    assert {tuple(each.about) for each in events} == {(f"hold:{hold.uid}", f"person:{ana.pk}")}
    assert verify().is_sound


def test_only_leaders_and_safeguarding_leads_who_are_not_named(school, leaders):
    first, second = leaders
    ana = pair(school).host
    strangers = [
        PersonFactory(administrator=True, school=school),
        PersonFactory(counselor=True, school=school),
        PersonFactory(leader=True),
        ana if ana.roles.filter(kind="leader").exists() else PersonFactory(teacher=True),
    ]
    hold = place(school, first, ana)
    for stranger in strangers[:3]:
        with pytest.raises(PermissionDenied):
            place(school, stranger, ana)
    for act in (actions.agree_to_hold, actions.refuse_hold, actions.ask_release):
        for stranger in strangers:
            with pytest.raises(PermissionDenied):
                act(hold, by=stranger, at=NOW)
    named = place(school, first, second)
    with pytest.raises(PermissionDenied):
        actions.agree_to_hold(named, by=second, at=NOW)
    with pytest.raises(actions.CannotHold, match="yours"):
        place(school, first, ana, first)
    assert set(Hold.objects.visible_to(second, school, on=NOW.date())) == {hold}
    assert not Hold.objects.visible_to(strangers[0], school, on=NOW.date()).exists()


def test_who_met_with_them_neither_refuses_nor_ends_it(school, leaders):
    first, second = leaders
    ana = pair(school, host=first).attendee
    hold = place(school, second, ana)

    with pytest.raises(actions.CannotHold, match="met with them"):
        actions.refuse_hold(hold, by=first, at=NOW)
    actions.agree_to_hold(hold, by=first, at=NOW)
    with pytest.raises(actions.CannotHold, match="met with them"):
        actions.ask_release(hold, by=first, at=NOW)
    actions.ask_release(hold, by=second, at=NOW)
    with pytest.raises(actions.CannotHold, match="met with them"):
        actions.release_hold(hold, by=first, at=NOW)
    actions.release_hold(hold, by=school.safeguarding_lead, at=NOW)
    assert not Hold.objects.open().exists()


def test_what_cannot_be_held(school, leaders):
    first, _ = leaders
    ana = pair(school).host
    place(school, first, ana)
    today = NOW.date()
    for wrong in (
        {"person": ana},  # twice
        {"person": ana, "until": today + timedelta(days=9)},  # for less than it is held already
        {"person": ana, "reference": "2026-115", "until": today},
        {"person": ana, "reference": "2026-115", "until": date(2029, 10, 1)},
        {"person": ana, "last": today},
        {"person": ana, "first": today + timedelta(days=1)},
        {"person": ana, "first": today, "last": today - timedelta(days=1)},
        {"person": ana, "other": ana},
        {"first": today},
        {},
    ):
        with pytest.raises(actions.CannotHold):
            place(school, first, **wrong)
    assert Hold.objects.count() == 1
    place(school, first, ana, until=NEXT_YEAR + timedelta(days=9))  # longer
    place(school, first, ana, pair(school).host)


def test_without_a_second_person_there_is_no_hold(school):
    alone = PersonFactory(leader=True)
    there = alone.roles.get().school

    with pytest.raises(actions.CannotHold, match="there is none"):
        place(there, alone, PersonFactory(teacher=True, school=there))
