"""The first page, the way into the demo school, and its mails: on this computer only."""

from datetime import timedelta

import pytest
from django.core.mail import EmailMessage, get_connection
from django.urls import reverse

from audit.models import Event
from conftest import NOW
from people.demo import demo_school
from people.models import Person
from people.tests.factories import PersonFactory, RoleFactory, SchoolFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

WELCOME = reverse("people:welcome")
ENTER = reverse("people:enter")
MAILS = reverse("people:mail_list")
LOCAL = {"HTTP_HOST": "localhost:8000", "REMOTE_ADDR": "127.0.0.1"}


@pytest.fixture
def demo(settings):
    settings.DEMO = True
    school = SchoolFactory(demo=True)
    return {
        "principal": PersonFactory(leader=True, school=school),
        "teacher": PersonFactory(teacher=True, school=school),
        "counselor": PersonFactory(counselor=True, school=school),
        "administrator": PersonFactory(administrator=True, school=school),
    }


@pytest.fixture
def mail_folder(settings, tmp_path):
    settings.EMAIL_FILE_PATH = tmp_path

    def write(*messages):
        backend = get_connection("django.core.mail.backends.filebased.EmailBackend")
        backend.send_messages(messages)

    return write


def test_welcome_offers_four_ways_in(client, demo):
    response = client.get("/", follow=True, **LOCAL)

    assert response.redirect_chain == [(WELCOME, 302)]
    assert [(entry["role"], entry["name"]) for entry in response.context["entries"]] == [
        (role, person.name) for role, person in demo.items()
    ]


@pytest.mark.parametrize("role", ["principal", "teacher", "counselor", "administrator"])
def test_entering_signs_in_and_leads_to_ones_own_page(client, demo, role):
    client.post(ENTER, {"role": "teacher"}, **LOCAL)
    response = client.post(ENTER, {"role": role}, **LOCAL)

    assert response.url == reverse("home")
    assert client.session["_auth_user_id"] == str(demo[role].user_id)
    event = Event.objects.filter(act=Event.Act.SIGNIN_DEMO).last()
    assert event.about == [f"person:{demo[role].pk}"]
    assert client.get(reverse("people:account"), **LOCAL).status_code == 200


def test_who_has_more_than_one_role_is_not_the_administrator_of_the_welcome_page(client, demo):
    school = demo["principal"].roles.get().school
    RoleFactory(person=demo["principal"], administrator=True, school=school, id=1_000)
    demo["administrator"].roles.update(id=2_000)

    client.post(ENTER, {"role": "administrator"}, **LOCAL)

    assert client.session["_auth_user_id"] == str(demo["administrator"].user_id)


@pytest.mark.parametrize(
    "detour",
    [
        {"REMOTE_ADDR": "192.0.2.7"},
        {"HTTP_X_FORWARDED_FOR": "127.0.0.1"},
        {"HTTP_FORWARDED": "for=127.0.0.1"},
        {"HTTP_HOST": "one.school.example"},
    ],
)
def test_demo_is_closed_to_who_comes_from_elsewhere(client, demo, detour, settings):
    settings.ALLOWED_HOSTS = ["*"]
    somewhere = LOCAL | detour

    assert client.get("/", **somewhere).url == reverse("account_login")
    assert client.get(WELCOME, **somewhere).status_code == 404
    assert client.post(ENTER, {"role": "principal"}, **somewhere).status_code == 404
    assert client.get(MAILS, **somewhere).status_code == 404
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("missing", ["setting", "school"])
def test_demo_is_closed_without_demo_school_or_setting(client, demo, settings, missing):
    if missing == "setting":
        settings.DEMO = False
    else:
        demo["principal"].roles.get().school.__class__.objects.update(is_demo=False)

    assert client.get("/", **LOCAL).url == reverse("account_login")
    assert client.get(WELCOME, **LOCAL).status_code == 404
    assert client.post(ENTER, {"role": "principal"}, **LOCAL).status_code == 404
    assert client.get(MAILS, **LOCAL).status_code == 404


def test_nobody_enters_as_a_real_person(client, demo):
    Person.objects.exclude(pk=demo["principal"].pk).update(is_active=False)
    demo["principal"].roles.update(starts_on=NOW.date() - timedelta(days=1))
    RoleFactory(person=demo["principal"], ended=True)  # of a real school, even once

    assert client.post(ENTER, {"role": "principal"}, **LOCAL).status_code == 404


@pytest.mark.parametrize("role", ["", "superuser", "principal\x00"])
def test_unknown_entrance_is_not_there(client, demo, role):
    assert client.post(ENTER, {"role": role}, **LOCAL).status_code == 404


def test_first_page_of_a_stranger_is_signing_in(client):
    assert client.get("/").url == reverse("account_login")


def test_mails_of_the_demo_can_be_read(client, demo, mail_folder):
    teacher = demo["teacher"]
    real = PersonFactory(teacher=True)
    mail_folder(
        EmailMessage("First", "Look at http://localhost:8000/find/", to=[teacher.email]),
        EmailMessage("Real", "secret", to=[real.email]),
        EmailMessage("Second", "<b>Words</b>", to=[f"{teacher.name} <{teacher.email}>"]),
    )

    page = client.get(MAILS, **LOCAL)
    assert [mail.subject for mail in page.context["mails"]] == ["Second", "First"]

    second, first = (
        client.get(reverse("people:mail_detail", args=[mail.key]), **LOCAL).text
        for mail in page.context["mails"]
    )
    assert "&lt;b&gt;Words" in second
    assert 'href="http://localhost:8000/find/"' in first


def test_mail_of_a_real_person_or_nowhere_is_not_there(client, demo, mail_folder, tmp_path):
    mail_folder(EmailMessage("Real", "secret", to=[PersonFactory(teacher=True).email]))
    [file] = tmp_path.glob("*.log")
    (tmp_path / "torn.log").write_bytes(b"\x00\xff no mail")

    for key in (f"{file.stem}-0", "nothing-0"):
        address = reverse("people:mail_detail", args=[key])
        assert client.get(address, **LOCAL).status_code == 404


def test_no_mails_says_so(client, demo, settings):
    del settings.EMAIL_FILE_PATH

    assert "No mail yet" in client.get(MAILS, **LOCAL).text


@pytest.mark.parametrize(
    ("kinds", "page"),
    [
        (["leader"], "scheduling:today"),
        (["school_admin"], "people:setup"),
        (["school_admin", "teacher"], "scheduling:today"),
    ],
)
def test_first_page_leads_to_ones_own(client, kinds, page):
    person = PersonFactory()
    for kind in kinds:
        RoleFactory(person=person, kind=kind)
    client.force_login(person.user)

    assert client.get("/").url == reverse(page)


@pytest.mark.parametrize("host", ["localhost:8731", "127.0.0.1:8731"])
def test_links_of_mails_lead_to_where_the_demo_runs(client, demo, mail_folder, settings, host):
    settings.SITE_URL = "http://localhost:8000"
    words = "Look at http://localhost:8000/find/ and http://elsewhere.example/"
    mail_folder(EmailMessage("First", words, to=[demo["teacher"].email]))
    key = client.get(MAILS, **LOCAL).context["mails"][0].key

    shown = client.get(reverse("people:mail_detail", args=[key]), **(LOCAL | {"HTTP_HOST": host}))

    assert f'href="http://{host}/find/"' in shown.text
    assert 'href="http://elsewhere.example/"' in shown.text
    assert "localhost:8000" not in shown.text


def test_mails_are_timed_as_the_demo_school_counts(client, demo, mail_folder):
    school = demo_school()
    school.time_zone = "America/Los_Angeles"
    school.save()
    headers = {"Date": "Mon, 12 Oct 2026 07:05:00 -0000"}
    mail_folder(EmailMessage("First", "Words", to=[demo["teacher"].email], headers=headers))

    page = client.get(MAILS, **LOCAL)
    assert "Monday 12 October, 12:05 AM" in page.text
    one = reverse("people:mail_detail", args=[page.context["mails"][0].key])
    assert "Monday 12 October, 12:05 AM" in client.get(one, **LOCAL).text
