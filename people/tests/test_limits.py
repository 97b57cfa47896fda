"""Guessing is stopped for one login and not for a school, in words that say when to try again."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from audit.models import Event
from conftest import NOW
from people.tests.factories import PASSWORD, PersonFactory
from people.tests.signing_in import is_signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

LOGIN = reverse("account_login")
ASK_FOR_CODE = reverse("account_request_login_code")
RESET = reverse("account_reset_password")
SCHOOL = "203.0.113.7"  # everybody behind one address
NOBODY = "nobody@school.example"


@pytest.fixture
def teacher():
    return PersonFactory(teacher=True)


def guess(email, password="wrong", *, address=SCHOOL):
    client = Client(REMOTE_ADDR=address)
    return client, client.post(LOGIN, {"login": email, "password": password})


def looked_at():
    """How many passwords came as far as being compared."""
    return Event.objects.filter(act__in=[Event.Act.SIGNIN_FAIL, Event.Act.SIGNIN_OK]).count()


@pytest.mark.parametrize("spread", [False, True], ids=["from one address", "from many"])
def test_five_guesses_at_one_login_pass_the_door(teacher, spread):
    for number in range(40):
        address = f"203.0.113.{number}" if spread else SCHOOL
        guess(teacher.email, address=address)
    client, answer = guess(teacher.email, PASSWORD, address="198.51.100.1")

    assert looked_at() == 5
    assert not is_signed_in(client)
    assert (
        "That was tried too often. Try again in 5 minutes, or use a code from your mail."
        in answer.text
    )


def test_wait_gets_shorter_and_ends(teacher):
    for _ in range(6):
        guess(teacher.email)

    with time_machine.travel(NOW + timedelta(minutes=3, seconds=30), tick=False):
        assert "Try again in 2 minutes" in guess(teacher.email)[1].text
    with time_machine.travel(NOW + timedelta(minutes=4, seconds=10), tick=False):
        assert "Try again in a minute" in guess(teacher.email)[1].text
    with time_machine.travel(NOW + timedelta(minutes=5), tick=False):
        assert is_signed_in(guess(teacher.email, PASSWORD)[0])


def test_guesses_at_one_login_do_not_stop_another(teacher):
    for _ in range(6):
        guess(teacher.email)

    assert is_signed_in(guess(PersonFactory(teacher=True).email, PASSWORD)[0])


def test_a_school_signs_in_from_one_address_and_some_mistype():
    """Seventy in one minute, as fast as `benchmarks/doors.py` lets three hundred in in five."""
    people = PersonFactory.create_batch(70, teacher=True)

    for number, person in enumerate(people):
        if number % 3 == 0:
            guess(person.email)
        assert is_signed_in(guess(person.email, PASSWORD)[0])


def test_signing_in_often_is_no_guessing(teacher):
    assert all(is_signed_in(guess(teacher.email, PASSWORD)[0]) for _ in range(12))


@pytest.mark.parametrize("known", [True, False])
def test_codes_are_not_asked_for_without_end(teacher, known):
    email = teacher.email if known else NOBODY
    answers = [Client().post(ASK_FOR_CODE, {"email": email}) for _ in range(6)]
    with time_machine.travel(NOW + timedelta(minutes=45), tick=False):
        later = Client().post(ASK_FOR_CODE, {"email": email})

    assert [answer.status_code for answer in answers] == [302] * 5 + [200]
    assert "Use the newest, or ask again in 60 minutes." in answers[-1].text
    assert "Use the newest, or ask again in 15 minutes." in later.text
    assert f'value="{email}"' in later.text


@pytest.mark.parametrize("known", [True, False])
def test_new_passwords_are_not_asked_for_without_end(teacher, known):
    email = teacher.email if known else NOBODY
    answers = [Client().post(RESET, {"email": email}) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [302, 302, 302, 429]
    assert "Wait 60 minutes, then go back and try again" in answers[-1].text
    assert answers[-1]["Retry-After"] == "3600"


def test_no_address_hammers_at_the_door(settings):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"login": "3/m/ip"}

    answers = [guess(NOBODY)[1] for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert "Wait a minute, then go back and try again" in answers[-1].text
    assert answers[-1]["Retry-After"] == "60"
    assert guess(NOBODY, address="198.51.100.1")[1].status_code == 200


def test_limits_outlive_the_process_and_redis(settings):
    assert settings.CACHES["default"]["BACKEND"].endswith("db.DatabaseCache")
