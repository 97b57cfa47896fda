"""Where there is one administrator a login waits for three days, and its owner can say no."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from audit.models import Event
from conftest import NOW
from people import actions, jobs
from people.models import LoginMove, Person, Session
from people.models.moves import WAIT
from people.tests.factories import PersonFactory, UserFactory
from people.tests.signing_in import events

from .moves import (
    ENDING,
    NEW,
    OLD,
    TOLD,
    address_of,
    asked,
    ended,
    page_of,
    press,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


# The owner


def test_owner_says_no_with_one_press(
    ruth, ines, elena, mailoutbox, django_capture_on_commit_callbacks
):
    move = asked(elena, ruth)
    account = reverse("people:account")
    assert "No, keep my address" in elena.client.get(account).text

    with django_capture_on_commit_callbacks(execute=True):
        page = elena.client.post(reverse("people:move_refuse"), follow=True)

    assert "Your address stays." in page.text
    assert "No, keep my address" not in page.text
    assert (ended(move), move.ended_by) == (ENDING.REFUSED, elena)
    assert {mail.to[0] for mail in mailoutbox} == {ruth.user.email, ines.user.email}
    assert "said no to another address on 12 October" in ruth.client.get(page_of(elena)).text
    with pytest.raises(actions.CannotMove):
        actions.agree_to_move(move, by=ines, at=NOW)
    assert (
        "Nothing was waiting." in elena.client.post(reverse("people:move_refuse"), follow=True).text
    )


def test_nobody_says_no_for_another(ruth, ines, elena):
    move = asked(elena, ruth)

    ines.client.post(reverse("people:move_refuse"))

    assert ended(move) == ""


# One administrator


def test_where_there_is_one_it_waits_three_days(
    ruth, elena, mailoutbox, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        page = press(ruth, "person_invite", elena)

    assert "It happens by itself in three days" in page.text
    [mail] = mailoutbox
    assert (mail.to, mail.subject) == ([OLD], TOLD)
    assert "by itself on Thursday 15 October" in mail.body
    assert reverse("people:account") in mail.body
    assert NEW not in mail.body
    with time_machine.travel(NOW + WAIT - timedelta(seconds=1), tick=False):
        jobs.move_logins()
    assert address_of(elena) == OLD
    with (
        time_machine.travel(NOW + WAIT, tick=False),
        django_capture_on_commit_callbacks(execute=True),
    ):
        jobs.move_logins()
        jobs.move_logins()
    assert address_of(elena) == NEW
    assert not Session.objects.filter(user=elena.user, expire_date__gt=NOW + WAIT).exists()
    assert ended(LoginMove.objects.get()) == ENDING.MOVED
    assert {mail.to[0] for mail in mailoutbox[1:]} == {OLD, NEW}
    assert events(Event.Act.PERSON_CHANGE)[-1][::2] == (None, "login-address")


def test_administrator_alone_waits_for_their_own_as_well(ruth):
    Person.objects.filter(pk=ruth.pk).update(email=NEW)

    assert asked(ruth, ruth).moves_at == NOW + WAIT


@pytest.mark.parametrize("says", ["owner", "ruth"])
def test_no_within_the_wait_is_the_end(ruth, elena, says):
    move = asked(elena, ruth)
    if says == "owner":
        actions.refuse_move(by=elena, at=NOW)
    else:
        actions.take_back_move(move, by=ruth, at=NOW)

    with time_machine.travel(NOW + WAIT, tick=False):
        jobs.move_logins()

    assert not actions.move_after_wait(move, by=None, at=NOW + WAIT)
    assert address_of(elena) == OLD


@pytest.mark.parametrize("why", ["no office", "address taken", "another address", "left"])
def test_wait_comes_to_nothing_where_things_have_changed(ruth, elena, why):
    move = asked(elena, ruth)
    if why == "no office":
        ruth.roles.update(ends_on=NOW.date())
    if why == "address taken":
        UserFactory(email=NEW)
    if why == "another address":
        Person.objects.filter(pk=elena.pk).update(email="third@school.example")
    if why == "left":
        Person.objects.filter(pk=elena.pk).update(is_active=False)

    with time_machine.travel(NOW + WAIT, tick=False):
        jobs.move_logins()

    assert address_of(elena) == OLD
    assert (ended(move), move.address) == (ENDING.LAPSED, "")


def test_second_who_never_signed_in_is_none(school, ruth, elena):
    PersonFactory(administrator=True, school=school)

    assert asked(elena, ruth).moves_at is not None


def test_ending_the_role_of_the_second_shortens_no_wait(ruth, ines, elena):
    move = asked(elena, ruth)
    ines.roles.update(ends_on=NOW.date() - timedelta(days=1))

    with time_machine.travel(NOW + WAIT, tick=False):
        jobs.move_logins()

    assert address_of(elena) == OLD
    assert ended(move) == ""
