"""Nobody changes things faster than people can; what was sent is kept, and says when to go on."""

from datetime import timedelta

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse

from conftest import NOW
from oneonones import settings as real_settings  # noqa: TID251 -- what is set where it runs
from people.models import Person, User
from people.tests.factories import PersonFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

ACCOUNT = reverse("people:account")
SETTINGS = {"uses_shortcuts": "on", "is_nudged": "on"}


@pytest.fixture
def priya(client):
    priya = PersonFactory(teacher=True)
    client.force_login(priya.user)
    return priya


@pytest.fixture
def limit(settings):
    settings.CHANGES_PER_MINUTE = 3


def change(client, times=1, *, seconds=0, **fields):
    """The last answer to saving one's settings so many times."""
    with time_machine.travel(NOW + timedelta(seconds=seconds), tick=False):
        for _ in range(times):
            answer = client.post(ACCOUNT, SETTINGS | fields)
    return answer


def test_too_many_changes_have_to_wait_and_lose_nothing(client, priya, limit):
    assert change(client, 3).status_code == 302

    refused = change(client, seconds=20, hides_names="on")

    assert refused.status_code == 429
    assert refused["Retry-After"] == "40"
    assert "Wait a minute, then send it again. It is kept" in refused.text
    assert not Person.objects.get(pk=priya.pk).hides_names
    kept = BeautifulSoup(refused.text, "html.parser").main.find_all("input", type="hidden")
    again = {each["name"]: each["value"] for each in kept} | {"csrfmiddlewaretoken": ""}
    assert again == SETTINGS | {"hides_names": "on", "csrfmiddlewaretoken": ""}
    assert change(client, seconds=60, hides_names="on").status_code == 302
    assert Person.objects.get(pk=priya.pk).hides_names


def test_it_counts_over_all_browsers_of_one_person(client, priya, limit):
    other, colleague = Client(), Client()
    other.force_login(priya.user)
    colleague.force_login(PersonFactory(teacher=True).user)
    change(client, 3)

    assert change(other).status_code == 429
    assert change(colleague).status_code == 302


def test_each_minute_begins_anew(client, priya, limit):
    for minute in range(3):
        assert change(client, 3, seconds=60 * minute).status_code == 302


def test_looking_is_not_counted(client, priya, limit):
    for _ in range(5):
        client.get(ACCOUNT)

    assert change(client, 3).status_code == 302


def test_piece_of_a_page_is_told_by_its_status(client, priya, limit):
    change(client, 3)

    answer = client.post(ACCOUNT, SETTINGS, headers={"HX-Request": "true"})

    assert (answer.status_code, answer.content) == (429, b"")
    assert answer["Retry-After"] == "60"


def test_signing_out_always_works(client, priya, limit):
    change(client, 4)

    client.post(reverse("account_logout"))

    assert "_auth_user_id" not in client.session


def test_a_file_is_to_be_chosen_again(client, settings, tmp_path):
    settings.CHANGES_PER_MINUTE = 0
    administrator = PersonFactory(administrator=True)
    client.force_login(administrator.user)
    User.objects.update(changes=1, changing_since=NOW)
    from_disk = tmp_path / "sheet.csv"
    from_disk.write_text("a,b")

    with from_disk.open() as sheet:
        answer = client.post(reverse("people:welcome"), {"file": sheet})

    assert answer.status_code == 429
    assert "a file cannot wait here" in answer.text


def test_quick_check_ins_are_far_from_it(client, priya, settings):
    """A press every two seconds of two minutes, and what is typed saved every three."""
    settings.CHANGES_PER_MINUTE = real_settings.CHANGES_PER_MINUTE
    presses = [*range(0, 120, 2), *range(0, 120, 3)]

    assert {change(client, seconds=each).status_code for each in sorted(presses)} == {302}
