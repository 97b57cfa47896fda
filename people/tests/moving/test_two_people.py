"""A login moves when one administrator asks and another says yes."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse

from audit.actions import record
from audit.models import Event
from conftest import NOW
from people import actions, jobs
from people.delivery import deliver_due
from people.models import LoginMove, OutgoingMail, Person, User
from people.models.moves import LASTS, WAIT
from people.tests.factories import PersonFactory, RoleFactory
from people.tests.signing_in import events, show_factor
from scheduling.actions import make_feed
from scheduling.models import CalendarFeed

from .moves import (
    ENDING,
    NEW,
    OLD,
    TOLD,
    WAITS,
    address_of,
    administrator_of,
    asked,
    ended,
    page_of,
    press,
    sent,
    signs_in,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


def test_one_administrator_alone_moves_no_login(
    ruth, ines, elena, mailoutbox, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        page = press(ruth, "person_invite", elena)

    assert "another administrator says yes" in page.text
    assert "You asked for it, so somebody else has to say yes." in page.text
    assert "Yes, move it" not in page.text
    assert address_of(elena) == OLD
    assert elena.client.get(reverse("people:account")).status_code == 200
    assert sorted(sent(mailoutbox)) == sorted([(OLD, TOLD), (ines.user.email, WAITS)])
    move = LoginMove.objects.get()
    assert (move.address, move.asked_by, move.moves_at) == (NEW, ruth, None)
    assert not press(ruth, "move_agree", elena, move).context.get("move")
    assert address_of(elena) == OLD
    with time_machine.travel(NOW + timedelta(days=13), tick=False):
        jobs.move_logins()
    assert address_of(elena) == OLD


def test_second_administrator_says_yes_and_it_is_done(
    ruth, ines, elena, mailoutbox, django_capture_on_commit_callbacks
):
    make_feed(by=elena, at=NOW, shows_names=True)
    move = asked(elena, ruth)
    assert "Yes, move it" in ines.client.get(page_of(elena)).text

    with django_capture_on_commit_callbacks(execute=True):
        page = press(ines, "move_agree", elena, move)

    assert "Done. The old address and the new one are told" in page.text
    user = User.objects.get(person=elena)
    assert (user.email, user.has_usable_password(), user.is_active) == (NEW, False, True)
    assert elena.client.get(reverse("people:account")).status_code == 302
    assert not CalendarFeed.objects.exists()
    assert (ended(move), move.ended_by, move.address) == (ENDING.MOVED, ines, "")
    assert set(sent(mailoutbox)) == {
        (OLD, "The address you sign in with was changed"),
        (NEW, "You can sign in now"),
    }
    objects = [f"person:{elena.pk}", f"user:{elena.user_id}"]
    assert events(Event.Act.PERSON_CHANGE)[-2:] == [
        (ruth.pk, objects, "login-address.ask"),
        (ines.pk, objects, "login-address"),
    ]


def test_yes_needs_a_fresh_second_step(ruth, ines, elena):
    move = asked(elena, ruth)
    show_factor(ines.client, ines, ago=600)

    assert "Is it still you?" in press(ines, "move_agree", elena, move).text
    show_factor(ruth.client, ruth, ago=600)
    assert "Is it still you?" in press(ruth, "person_invite", elena).text

    assert address_of(elena) == OLD


@pytest.mark.parametrize("who", ["asked", "owner", "leader", "stranger", "one of two schools"])
def test_whose_yes_does_not_count(school, ruth, ines, elena, who):
    if who == "owner":
        RoleFactory(person=elena, school=school, administrator=True)
    by = {
        "asked": lambda: ruth,
        "owner": lambda: elena,
        "leader": lambda: PersonFactory(leader=True, school=school),
        "stranger": lambda: PersonFactory(administrator=True),
        "one of two schools": lambda: ines,
    }[who]()
    move = asked(elena, ruth)
    if who == "one of two schools":
        RoleFactory(person=elena, teacher=True)

    with pytest.raises(PermissionDenied):
        actions.agree_to_move(move, by=by, at=NOW)

    assert address_of(elena) == OLD


@pytest.mark.parametrize("touched", ["role", "added", "login", "address", "second step"])
def test_administrator_who_was_made_up_just_now_does_not_count(school, ruth, elena, touched):
    """Else one administrator could make a second one, and say yes as that one."""
    puppet = administrator_of(school)
    act, basis = {
        "role": (Event.Act.ROLE_CHANGE, "give.school_admin"),
        "added": (Event.Act.PERSON_CHANGE, "add.school_admin"),
        "login": (Event.Act.PERSON_CHANGE, "login.open"),
        "address": (Event.Act.PERSON_CHANGE, "login-address"),
        "second step": (Event.Act.PERSON_CHANGE, "second-step.off:known"),
    }[touched]
    record(act, chain=school.pk, by=ruth.pk, objects=[f"person:{puppet.pk}"], basis=basis, at=NOW)
    move = asked(elena, ruth)
    assert move.moves_at is None  # there is somebody, who has to wait as well

    with pytest.raises(PermissionDenied):
        actions.agree_to_move(move, by=puppet, at=NOW + WAIT - timedelta(minutes=1))
    assert "Until three days have gone by" in puppet.client.get(page_of(elena)).text
    actions.agree_to_move(move, by=puppet, at=NOW + WAIT)

    assert address_of(elena) == NEW


def test_a_role_that_was_given_by_hand_counts_only_after_three_days(school, ruth, elena):
    """The same, by the actions that the pages use, with a first day that lies far back."""
    tom = signs_in(PersonFactory(teacher=True, school=school))
    actions.give_role(
        tom, school, kind="school_admin", by=ruth, at=NOW, starts_on=NOW.date() - timedelta(days=90)
    )
    move = asked(elena, ruth)

    with pytest.raises(PermissionDenied):
        actions.agree_to_move(move, by=tom, at=NOW)


def test_an_office_that_an_undo_gives_back_counts_only_after_three_days(school, ruth, ines, elena):
    tom = signs_in(PersonFactory(teacher=True, school=school))
    office = RoleFactory(person=tom, school=school, administrator=True)
    ended = actions.end_role(office, by=ruth, at=NOW - timedelta(days=30))
    actions.undo(ended, by=ruth, at=NOW)
    move = asked(elena, ruth)

    with pytest.raises(PermissionDenied):
        actions.agree_to_move(move, by=tom, at=NOW)
    actions.agree_to_move(move, by=tom, at=NOW + WAIT)

    assert address_of(elena) == NEW


@pytest.mark.parametrize("by", ["ines", "ruth"])
def test_administrators_say_no(ruth, ines, elena, by):
    move = asked(elena, ruth)

    page = press({"ines": ines, "ruth": ruth}[by], "move_end", elena, move)

    assert "They sign in with the old address, as before." in page.text
    assert ended(move) == {"ines": ENDING.DECLINED, "ruth": ENDING.TAKEN_BACK}[by]
    assert "This is over" in press(ines, "move_agree", elena, move).text
    assert "This is over" in press(ines, "move_end", elena, move).text
    assert address_of(elena) == OLD


def test_nobody_else_takes_it_back(school, ruth, ines, elena):
    move = asked(elena, ruth)

    for by in (PersonFactory(leader=True, school=school), PersonFactory(administrator=True)):
        with pytest.raises(PermissionDenied):
            actions.take_back_move(move, by=by, at=NOW)

    assert ended(move) == ""


# What ends, and what is refused


def test_what_nobody_answers_ends_after_two_weeks(ruth, ines, elena):
    move = asked(elena, ruth)
    after = NOW + LASTS

    with pytest.raises(actions.CannotMove):
        actions.agree_to_move(move, by=ines, at=after)  # counted as ended, whatever the clock did
    assert actions.refuse_move(by=elena, at=after) is False
    assert "Somebody’s sign-in" in ruth.client.get(reverse("people:person_list")).text
    with time_machine.travel(after, tick=False):
        jobs.move_logins()
    assert ended(move) == ENDING.LAPSED

    assert actions.ask_to_move(elena, by=ruth, at=after).pk != move.pk


def test_other_address_on_the_record_is_another_question(ruth, ines, elena):
    first = asked(elena, ruth)
    Person.objects.filter(pk=elena.pk).update(email="third@school.example")
    second = asked(elena, ruth)

    assert ended(first) == ENDING.LAPSED
    assert "This is over" in press(ines, "move_agree", elena, first).text
    assert second.address == "third@school.example"
    assert address_of(elena) == OLD


def test_nothing_is_asked_twice_or_for_nothing(ruth, ines, elena):
    asked(elena, ruth)
    with pytest.raises(actions.CannotMove, match="asked for this already"):
        asked(elena, ines)
    for email, sentence in (("", "no e-mail address"), (OLD, "already"), (ines.user.email, "else")):
        Person.objects.filter(pk=elena.pk).update(email=email)
        with pytest.raises(actions.CannotMove, match=sentence):
            asked(elena, ruth)
    assert LoginMove.objects.count() == 1


def test_only_who_may_move_a_login_asks(school, ruth, elena):
    for by in (
        PersonFactory(leader=True, school=school),
        PersonFactory(administrator=True),
        elena,
    ):
        with pytest.raises(PermissionDenied):
            asked(elena, by)
    with pytest.raises(PermissionDenied):  # not by the way that asks nobody
        actions.invite_user(elena, by=ruth, at=NOW, moves_login=True)
    with pytest.raises(PermissionDenied):
        actions.invite_user(elena, by=None, at=NOW, moves_login=True)
    assert address_of(elena) == OLD


def test_ended_login_that_comes_back_asks_as_well(school, ruth, ines, elena):
    """Ending somebody's time and letting them come back is no way around it."""
    User.objects.filter(pk=elena.user_id).update(is_active=False)
    elena.user.refresh_from_db()

    press(ruth, "person_invite", elena)

    deliver_due(at=NOW)
    assert address_of(elena) == OLD
    assert OutgoingMail.objects.get(kind="signin_move_asked").sent_at is not None


def test_who_never_signed_in_needs_no_second(ruth, ines, school):
    tom = PersonFactory(teacher=True, school=school, email="tom@school.example")
    User.objects.filter(pk=tom.user_id).update(email="tmo@school.example")

    page = press(ruth, "person_invite", tom)

    assert "They can sign in now" in page.text
    assert address_of(tom) == "tom@school.example"
    assert not LoginMove.objects.exists()


def test_lists_show_whose_sign_in_waits(ruth, ines, elena):
    people = reverse("people:person_list")
    assert "is to move to another address" not in ines.client.get(people).text
    asked(elena, ruth)

    assert "Somebody’s sign-in is to move" in ines.client.get(people).text
    assert page_of(elena) in ines.client.get(people, {"show": "moving"}).text
    assert page_of(ruth) not in ines.client.get(people, {"show": "moving"}).text


def test_mails_that_come_too_late_are_not_sent(ruth, ines, elena, mailoutbox):
    move = asked(elena, ruth)
    actions.agree_to_move(move, by=ines, at=NOW)

    deliver_due(at=NOW)

    assert TOLD not in [mail.subject for mail in mailoutbox]  # NEW is not its old address
    assert WAITS not in [mail.subject for mail in mailoutbox]


def test_database_keeps_one_open_and_no_address_of_what_is_over(ruth, ines, elena):
    move = asked(elena, ruth)
    for change in (
        lambda: LoginMove.objects.create(person=elena, address=NEW, asked_by=ruth, asked_at=NOW),
        lambda: LoginMove.objects.filter(pk=move.pk).update(ended_at=NOW, ending=ENDING.MOVED),
        lambda: LoginMove.objects.filter(pk=move.pk).update(address=""),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
