"""People are told that somebody tries to sign in as them: seldom, and nobody else learns."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from conftest import NOW
from people import actions, jobs
from people.models import OutgoingMail
from people.tests.factories import PASSWORD, PersonFactory, UserFactory
from people.tries import suspicious

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

MINUTE = timedelta(minutes=1)
TRIED = ["signin_tried"]
GOT_IN = ["signin_got_in"]


@pytest.fixture
def priya():
    return PersonFactory(teacher=True)


def fail(person, *, times, at=NOW, method="password"):
    for _ in range(times):
        actions.record_failed_sign_in(person.user, by=None, at=at, method=method)


def told(person):
    mails = OutgoingMail.objects.filter(person=person).order_by("pk")
    return list(mails.values_list("kind", flat=True))


def a_minute_later(minutes=1):
    with time_machine.travel(NOW + minutes * MINUTE, tick=False):
        jobs.warn_of_tries()
        jobs.sweep_outbox()


def test_somebody_is_told_that_their_login_is_tried(priya, mailoutbox):
    for _ in range(6):
        Client().post(reverse("account_login"), {"login": priya.email, "password": "wrong"})
    assert told(priya) == []

    a_minute_later()

    [mail] = mailoutbox
    assert mail.to == [priya.user.email]
    assert mail.subject == "Somebody tried to sign in as you"
    assert "None of them got in." in mail.body
    assert reverse("account_reset_password") in mail.body


def test_somebody_is_told_of_a_sign_in_after_wrong_ones(priya, mailoutbox):
    for password in ("wrong", "wronger", "wrongest", PASSWORD):
        Client().post(reverse("account_login"), {"login": priya.email, "password": password})

    a_minute_later()

    [mail] = mailoutbox
    assert mail.subject == "Signed in as you after several wrong tries"
    assert reverse("people:session_list") in mail.body


def test_a_slip_of_the_fingers_is_not_told(priya):
    fail(priya, times=2)
    actions.record_sign_in(priya.user, by=priya, at=NOW, method="password")
    fail(priya, times=2, at=NOW + MINUTE)

    a_minute_later(2)

    assert told(priya) == []


def test_wrong_ones_after_the_right_one_are_no_way_in(priya):
    actions.record_sign_in(priya.user, by=priya, at=NOW, method="password")
    fail(priya, times=4, at=NOW + MINUTE)

    a_minute_later(2)

    assert told(priya) == []


@pytest.mark.parametrize("method", ["mfa", "passkey"])
def test_three_at_the_second_step_are_enough(priya, method):
    fail(priya, times=3, method=method)

    a_minute_later()

    assert told(priya) == TRIED


def test_nobody_is_told_again_for_six_hours(priya):
    for hour in range(6):
        fail(priya, times=5, at=NOW + hour * 60 * MINUTE)
        a_minute_later(hour * 60 + 1)
        a_minute_later(hour * 60 + 2)
    assert told(priya) == TRIED

    fail(priya, times=5, at=NOW + 365 * MINUTE)
    a_minute_later(366)

    assert told(priya) == TRIED * 2


def test_getting_in_is_told_though_trying_was(priya):
    fail(priya, times=5)
    a_minute_later()
    actions.record_sign_in(priya.user, by=priya, at=NOW + 2 * MINUTE, method="password")

    a_minute_later(3)

    assert told(priya) == TRIED + GOT_IN


def test_what_is_an_hour_old_is_not_told(priya):
    fail(priya, times=5, at=NOW - 60 * MINUTE)

    a_minute_later()

    assert told(priya) == []


def test_only_whose_login_it_is_is_told(priya):
    other = PersonFactory(teacher=True)
    nobody = UserFactory()
    left = PersonFactory(teacher=True, is_active=False)
    fail(priya, times=5)
    fail(left, times=5)
    for _ in range(5):
        actions.record_failed_sign_in(None, by=None, at=NOW, method="password")
        actions.record_failed_sign_in(nobody, by=None, at=NOW, method="password")
    actions.record_sign_in(other.user, by=other, at=NOW + MINUTE, method="password")

    a_minute_later(2)

    assert [told(priya), told(other), told(left)] == [TRIED, [], []]


def test_it_is_seen_by_few_questions(priya, django_assert_num_queries):
    with django_assert_num_queries(1):  # where nobody was tried
        suspicious(NOW)
    people = [PersonFactory(teacher=True) for _ in range(3)]
    for person in people:
        fail(person, times=5)

    with django_assert_num_queries(3):
        suspicious(NOW)
