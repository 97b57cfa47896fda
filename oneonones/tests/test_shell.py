"""The frame of every page: navigation by role, undo, error pages, signing in."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpResponse
from django.shortcuts import render
from django.template import engines
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.urls import include, path, reverse

from oneonones.context_processors import shell
from people import undo, undo_bar
from people.models import Change
from people.tests.factories import (
    PASSWORD,
    PairingFactory,
    PersonFactory,
    RoleFactory,
    SchoolFactory,
    UserFactory,
)
from scheduling.tests.factories import InvitationFactory, SignUpFactory


def names(person, school, *, at):
    """The navigation of somebody, by its names."""
    request = RequestFactory().get("/")
    request.person, request.school, request.now = person, school, at
    request.roles = list(person.roles.select_related("school"))
    request.today = school.today(at)
    request.session, request.is_invited = {}, None
    request.resolver_match = None
    return [item["name"] for item in shell(request)["nav"]]


@pytest.fixture(autouse=True)
def _stand_ins(settings):
    """Pages of the navigation, whatever else exists."""
    settings.ROOT_URLCONF = __name__


def show(request, **_):
    return render(request, "base.html")


def fragment(request):
    template = engines["django"].from_string("piece")
    return HttpResponse(template.render({}, request))


def refuse(request):
    raise PermissionDenied


def mangle(request):
    raise SuspiciousOperation


def fail(request):
    raise ZeroDivisionError


_people = (
    [
        path("find/", show, name="find"),
        path("account/", show, name="account"),
        path("names/", show, name="names_switch"),
        path("account/browsers/", show, name="session_list"),
        path("undo/<uuid:uid>/", show, name="undo"),
        path("setup/", show, name="setup"),
        path("persons/", show, name="person_list"),
    ],
    "people",
)
_scheduling = (
    [
        path("today/", show, name="today"),
        path("schedule/", show, name="schedule"),
        path("people/", show, name="people"),
        path("pick/", show, name="pick"),
        path("calendar/", show, name="calendar"),
    ],
    "scheduling",
)
urlpatterns = [
    path("", show, name="home"),
    path("fragment/", fragment),
    path("refuse/", refuse),
    path("mangle/", mangle),
    path("fail/", fail),
    path("accounts/", include("allauth.urls")),
    path("", include(_people)),
    path("", include(_scheduling)),
    path("notes/", include(([path("", show, name="note_list")], "notes"))),
]
handler500 = "oneonones.views.server_error"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        (["leader"], ["Today", "Schedule", "People"]),
        (["teacher"], ["Today", "My one-on-ones"]),
        (["support_staff"], ["Today", "My one-on-ones"]),
        (["counselor"], ["Today", "Students", "Notes", "Schedule"]),
        (["school_admin"], ["Set-up", "Calendar", "People"]),
        (["teacher", "school_admin"], ["Today", "My one-on-ones", "Set-up", "Calendar", "People"]),
        (["leader", "school_admin"], ["Today", "Schedule", "People", "Set-up", "Calendar"]),
        (["guardian"], []),
        ([], []),
    ],
)
def test_navigation_is_what_the_roles_need(kinds, expected, now):
    school, person = SchoolFactory(), PersonFactory()
    for kind in kinds:
        RoleFactory(person=person, school=school, kind=kind)
    assert names(person, school, at=now) == expected


@pytest.mark.django_db
def test_pick_a_time_shows_only_while_a_sign_up_is_open(now):
    school = SchoolFactory()
    host, teacher, other = (PersonFactory(teacher=True, school=school) for _ in range(3))
    sign_up = SignUpFactory(school=school, host=host, opens_at=now - timedelta(days=1))
    InvitationFactory(sign_up=sign_up, pairing__attendee=teacher)
    PairingFactory(school=school, host=host, attendee=other)
    assert "Pick a time" in names(teacher, school, at=now)
    assert "Pick a time" not in names(other, school, at=now)
    sign_up.closes_at = now
    sign_up.save(update_fields=["closes_at"])
    assert "Pick a time" not in names(teacher, school, at=now)


@pytest.mark.django_db
def test_page_tells_where_one_is(client, now):
    client.force_login(PersonFactory(teacher=True).user)
    page = client.get("/people/").content.decode()
    assert page.count('aria-current="page"') == 2  # the bar and the tabs
    assert '<html lang="en-US"' in page
    assert page.count('<main id="main"') == 1


@pytest.mark.django_db
def test_frame_costs_one_query_and_a_fragment_none(client, now, django_assert_num_queries):
    client.force_login(PersonFactory(teacher=True).user)
    with django_assert_num_queries(3) as bare:  # session, login with person, roles
        client.get("/fragment/")
    with django_assert_num_queries(len(bare) + 1):  # is there an open sign-up
        client.get("/today/")


@pytest.mark.django_db
def test_login_without_a_person_gets_a_plain_page(client, now):
    client.force_login(UserFactory(superuser=True))
    page = client.get("/").content.decode()
    assert 'class="mainnav"' not in page
    assert "Sign out" in page


@pytest.mark.django_db
def test_undo_bar_is_shown_once_and_not_taken_by_a_fragment(client, now, monkeypatch):
    monkeypatch.setitem(
        undo._inverses,
        "trial",
        undo.Inverse(lambda change, by, at: None, lambda change: "Lunch <cleared>."),
    )
    person = PersonFactory(teacher=True)
    change = Change.objects.create(by=person, verb="trial", at=now)
    client.force_login(person.user)
    session = client.session
    session[undo_bar.KEY] = str(change.uid)
    session.save()
    client.get("/fragment/")
    page = client.get("/").content.decode()
    assert "Lunch &lt;cleared&gt;." in page
    assert f'action="{reverse("people:undo", args=[change.uid])}"' in page
    assert "undo-bar" not in client.get("/").content.decode()


@pytest.mark.django_db
def test_page_keeps_the_content_security_policy(client, now):
    client.force_login(PersonFactory(teacher=True).user)
    response = client.get("/")
    nonce = response.headers["Content-Security-Policy"].split("'nonce-")[1].split("'")[0]
    page = response.content.decode()
    assert page.count("<script") == page.count(f'nonce="{nonce}"') == 4


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/nowhere/", 404, "There is nothing here for you"),
        ("/refuse/", 403, "That is not yours to do"),
        ("/mangle/", 400, "We could not read that"),
        ("/fail/", 500, "Something went wrong on our side"),
    ],
)
def test_error_page_says_it_in_words_and_leads_back(client, now, address, status, words):
    client.force_login(PersonFactory(teacher=True).user)
    client.raise_request_exception = False
    response = client.get(address)
    assert response.status_code == status
    assert words in response.content.decode()
    assert "Back to the start" in response.content.decode()


@pytest.mark.parametrize("page", ["400.html", "500.html"])
def test_last_resort_needs_neither_context_nor_database(page):
    shown = render_to_string(page, {"pressed": False})  # Django takes what is not there for this

    assert "Nothing was changed" in shown or "lost" in shown


@pytest.mark.django_db
def test_forged_form_is_told_that_nothing_is_lost(client, now):
    client.handler.enforce_csrf_checks = True
    response = client.post(reverse("account_login"), {"login": "a@school.example"})
    assert response.status_code == 403
    assert "Nothing was changed" in response.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("account_login", "Send me a six-digit code"),
        ("account_request_login_code", "We mail you six digits"),
        ("account_signup", "By invitation"),
        ("account_reset_password", "A new password"),
        ("account_reset_password_done", "Look in your mail"),
        ("account_reset_password_from_key_done", "Your password is changed"),
        ("account_inactive", "This account is closed"),
    ],
)
def test_door_is_in_our_words_for_strangers(client, now, name, words):
    page = client.get(reverse(name)).content.decode()
    assert words in page
    assert "/static/css/tokens.css" in page


@pytest.mark.django_db
def test_old_reset_link_says_so(client, now):
    page = client.get(reverse("account_reset_password_from_key", args=["abc", "def"]))
    assert "This link no longer works" in page.content.decode()


@pytest.mark.django_db
def test_wrong_password_keeps_the_address_and_names_the_problem(client, now):
    page = client.post(
        reverse("account_login"), {"login": "someone@school.example", "password": ""}
    ).content.decode()
    assert "<title>Error: Sign in" in page
    assert "There is a problem" in page
    assert '<a href="#id_password">“Password” is still empty</a>' in page
    assert 'value="someone@school.example"' in page
    assert 'aria-invalid="true"' in page


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("mfa_index", "How you sign in"),
        ("mfa_list_webauthn", "No passkeys yet"),
        ("mfa_add_webauthn", "Add a passkey"),
        ("mfa_activate_totp", "Let it read this picture"),
        ("account_change_password", "Change your password"),
        ("account_email", "school&#x27;s roster"),
        ("account_logout", "Drafts are kept"),
        ("account_reauthenticate", "Is it still you?"),
    ],
)
def test_own_account_is_in_our_words(client, now, name, words):
    person = PersonFactory(teacher=True)
    client.post(reverse("account_login"), {"login": person.user.email, "password": PASSWORD})
    page = client.get(reverse(name), follow=True).content.decode()
    assert words.replace("&#x27;", "'") in page
    assert "/static/css/tokens.css" in page
