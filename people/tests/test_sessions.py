"""Where one is signed in: seen in words, ended by hand, by a new password and by the clock."""

from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.totp.internal import auth as totp
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from audit.models import Event
from conftest import NOW
from people import actions
from people.adapters import factors_of
from people.devices import describe
from people.models import Session
from people.models.sessions import SessionStore
from people.tests.factories import PASSWORD, PersonFactory
from people.tests.signing_in import show_factor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

LOGIN = reverse("account_login")
ACCOUNT = reverse("people:account")
LIST = reverse("people:session_list")
END_OTHERS = reverse("people:session_end_others")
CHANGE = reverse("account_change_password")
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/19.1 Mobile/15E148 Safari/604.1"
)
EDGE = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0"
)
NEW = "a new and long sentence"


@pytest.fixture
def teacher():
    return PersonFactory(teacher=True)


def browser_of(person, user_agent=PHONE):
    """A browser in which somebody has signed in."""
    client = Client(headers={"user-agent": user_agent})
    client.post(LOGIN, {"login": person.email, "password": PASSWORD})
    assert is_signed_in(client)
    return client


def is_signed_in(client):
    return client.get(ACCOUNT).status_code == 200


def sessions_of(person):
    return Session.objects.filter(user=person.user).order_by("device")


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (PHONE, "Safari on iPhone"),
        (EDGE, "Edge on Windows"),
        ("Mozilla/5.0 (X11; CrOS x86_64 1) Chrome/140.0 Safari/537.36", "Chrome on Chromebook"),
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Firefox on Linux",
        ),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)", "A browser on Mac"),
        ("Firefox/140.0", "Firefox"),
        ("curl/8", "A browser"),
        ("", "A browser"),
    ],
)
def test_device_in_words(user_agent, words):
    assert describe(user_agent) == words


def test_page_says_with_what_and_since_when(teacher):
    with time_machine.travel(NOW - timedelta(hours=2), tick=False):
        browser_of(teacher)
    here = browser_of(teacher, EDGE)

    page = here.get(LIST).text

    assert "Safari on iPhone" in page
    assert "Since Monday 12 October, 1:00 AM; last used Monday 12 October, 1:00 AM." in page
    assert page.count("Sign out there<") == page.count("Here, now") == 1


@pytest.mark.parametrize("has_password", [True, False])
def test_page_says_what_to_do_about_a_browser_that_is_not_ones_own(teacher, has_password):
    browser = browser_of(teacher)
    if not has_password:
        teacher.user.set_unusable_password()
        teacher.user.save()
        browser.force_login(teacher.user)

    page = browser.get(LIST).text

    assert ("then change your password" in page) == has_password
    assert ("whoever reads your mail" in page) != has_password


def test_nothing_says_where_in_the_world(teacher):
    client = Client(headers={"user-agent": PHONE}, REMOTE_ADDR="203.0.113.77")
    client.post(LOGIN, {"login": teacher.email, "password": PASSWORD})

    row = Session.objects.values().get(user=teacher.user)

    assert "203.0.113.77" not in str(row) + str(dict(client.session))
    assert PHONE not in str(row) + str(dict(client.session))


def test_others_sessions_are_not_seen(teacher):
    browser_of(PersonFactory(teacher=True), EDGE)

    assert "Edge" not in browser_of(teacher).get(LIST).text


@pytest.mark.parametrize("count", [1, 3])
def test_page_asks_as_often_for_one_as_for_three(teacher, count, django_assert_num_queries):
    here = browser_of(teacher)
    for _ in range(count - 1):
        browser_of(teacher)
    here.get(LIST)

    with django_assert_num_queries(5):
        here.get(LIST)


def test_one_is_ended_from_another(teacher):
    there, here = browser_of(teacher), browser_of(teacher, EDGE)
    other = sessions_of(teacher).get(device="Safari on iPhone")

    response = here.post(reverse("people:session_end", args=[other.uid]), follow=True)

    assert "You are signed out there." in response.text
    assert not is_signed_in(there)
    assert is_signed_in(here)
    event = Event.objects.get(act=Event.Act.SIGNIN_END)
    assert (event.by, event.about, event.basis) == (teacher.pk, [f"user:{teacher.user_id}"], "one")


def test_this_one_is_ended_by_signing_out(teacher):
    here = browser_of(teacher)

    response = here.post(
        reverse("people:session_end", args=[sessions_of(teacher).get().uid]), follow=True
    )

    assert "That is this browser" in response.text
    assert is_signed_in(here)


def test_nobody_ends_the_session_of_another(teacher):
    there = browser_of(teacher)
    stranger = PersonFactory(teacher=True)
    session = sessions_of(teacher).get()

    refused = browser_of(stranger).post(reverse("people:session_end", args=[session.uid]))
    with pytest.raises(PermissionDenied):
        actions.end_session(session, by=stranger, at=NOW)

    assert refused.status_code == 404
    assert is_signed_in(there)


def test_all_others_are_ended(teacher):
    there = [browser_of(teacher), browser_of(teacher)]
    stranger = browser_of(PersonFactory(teacher=True))
    here = browser_of(teacher, EDGE)

    assert "signed out everywhere but here" in here.post(END_OTHERS, follow=True).text
    assert "signed in nowhere else" in here.post(END_OTHERS, follow=True).text

    assert [is_signed_in(each) for each in (*there, here, stranger)] == [False, False, True, True]
    assert Event.objects.filter(act=Event.Act.SIGNIN_END).count() == 1


def test_ending_them_asks_again_after_five_minutes(teacher):
    there, here = browser_of(teacher), browser_of(teacher, EDGE)
    other = sessions_of(teacher).get(device="Safari on iPhone")

    with time_machine.travel(NOW + timedelta(minutes=6), tick=False):
        asked = [
            here.post(reverse("people:session_end", args=[other.uid])),
            here.post(END_OTHERS),
        ]
        assert all("again-password" in each.text for each in asked)
        assert is_signed_in(there)
        answer = {"again-password": PASSWORD}
        assert "You are signed out there." in here.post(
            reverse("people:session_end", args=[other.uid]), answer, follow=True
        ).text  # fmt: skip

    assert not is_signed_in(there)


def test_an_administrator_ends_those_of_somebody_at_their_school(teacher):
    school = teacher.roles.get().school
    there = browser_of(teacher)
    office = PersonFactory(administrator=True, school=school)
    elsewhere = PersonFactory(administrator=True)
    page = reverse("people:person_sign_out", args=[teacher.uid])

    for person in (elsewhere, PersonFactory(leader=True, school=school)):
        with pytest.raises(PermissionDenied):
            actions.end_sessions_of(teacher, school, by=person, at=NOW)
    with pytest.raises(PermissionDenied):  # nobody of theirs
        actions.end_sessions_of(teacher, elsewhere.roles.get().school, by=elsewhere, at=NOW)
    assert is_signed_in(there)
    client = Client()
    with factors_of(office.user):
        totp.TOTP.activate(office.user, totp.generate_totp_secret())
    client.force_login(office.user)
    assert "again-code" in client.post(page).text
    assert is_signed_in(there)
    show_factor(client, office)
    said = [client.post(page, follow=True).text for _ in range(2)]

    assert "is signed out everywhere" in said[0]
    assert "was signed in nowhere" in said[1]
    assert not is_signed_in(there)
    event = Event.objects.get(act=Event.Act.SIGNIN_END)
    assert (event.by, event.basis) == (office.pk, "office")


def test_new_password_ends_the_others_and_keeps_this_one(teacher):
    there, here = browser_of(teacher), browser_of(teacher, EDGE)

    here.post(CHANGE, {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})

    assert [each.device for each in sessions_of(teacher)] == ["Edge on Windows"]
    assert not is_signed_in(there)
    assert is_signed_in(here)
    teacher.user.refresh_from_db()
    assert teacher.user.check_password(NEW)


def test_unused_session_ends(teacher):
    client = browser_of(teacher)

    with time_machine.travel(NOW + timedelta(hours=3, minutes=59), tick=False):
        assert is_signed_in(client)
    with time_machine.travel(NOW + timedelta(hours=7, minutes=58), tick=False):
        assert is_signed_in(client)  # it was used in between
    with time_machine.travel(NOW + timedelta(hours=11, minutes=59), tick=False):
        assert not is_signed_in(client)


def test_no_session_outlives_the_day(teacher):
    client = browser_of(teacher)

    for hours in (3, 6, 9, 11.9):
        with time_machine.travel(NOW + timedelta(hours=hours), tick=False):
            assert is_signed_in(client)
    with time_machine.travel(NOW + timedelta(hours=12), tick=False):
        assert not is_signed_in(client)


def test_use_is_noted_every_five_minutes_and_not_for_each_page(teacher):
    client = browser_of(teacher)
    client.get(ACCOUNT)

    with time_machine.travel(NOW + timedelta(minutes=4), tick=False):
        client.get(ACCOUNT)
    assert sessions_of(teacher).get().last_seen_at == NOW
    with time_machine.travel(NOW + timedelta(minutes=5), tick=False):
        client.get(ACCOUNT)
    assert sessions_of(teacher).get().last_seen_at == NOW + timedelta(minutes=5)


def test_session_that_is_over_is_not_shown_and_forgotten_at_night(teacher):
    with time_machine.travel(NOW - timedelta(hours=5), tick=False):
        browser_of(teacher)
    here = browser_of(teacher, EDGE)

    assert "iPhone" not in here.get(LIST).text
    SessionStore.clear_expired()
    assert [each.device for each in sessions_of(teacher)] == ["Edge on Windows"]
