"""The administrator's pages: set-up, the school, the roster, people and their roles."""

from datetime import date, timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from audit.models import Event
from conftest import NOW
from people import uploads
from people.models import Line, OutgoingMail, Person, Role, School

from .factories import LineFactory, PersonFactory, RoleFactory, SchoolFactory, UserFactory
from .test_roster import sheet

TODAY = date(2026, 10, 12)
SETUP, SCHOOL, LIST = (
    reverse(f"people:{name}") for name in ("setup", "school_edit", "person_list")
)
IMPORT, PREVIEW = reverse("people:roster_import"), reverse("people:roster_preview")
STAFF = sheet(
    "L1,leader,Elena,Marsh,elena@school.example,Principal",
    "T1,teacher,Tom,Ash,tom@school.example",
    "X,teacher,,Nameless",
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.VAR_DIR = tmp_path


@pytest.fixture
def admin(client):
    person = PersonFactory(administrator=True, school=SchoolFactory(), given_name="Ada")
    return enter(client, person)


@pytest.fixture
def school(admin):
    return admin.roles.get().school


def enter(client, person):
    """Sign in, with the second factor that some roles ask for."""
    Authenticator.objects.create(user=person.user, type=Authenticator.Type.TOTP, data={})
    client.force_login(person.user)
    return person


def send(client, content, name="roster.csv"):
    return client.post(IMPORT, {"file": SimpleUploadedFile(name, content)}, follow=True)


def said(response):
    return [str(message) for message in response.context["messages"]]


def kinds(person, on=TODAY):
    return set(Role.objects.live(person, on=on).values_list("kind", flat=True))


def page(name, person, *more):
    return reverse(f"people:{name}", args=[person.uid, *more])


@pytest.mark.parametrize("trait", ["leader", "teacher", "counselor", "student", "guardian"])
def test_setup_pages_are_for_administrators(client, school, trait):
    visitor = PersonFactory(school=school, **{trait: True})
    visitor.user = visitor.user or UserFactory()
    visitor.save()
    enter(client, visitor)
    someone = PersonFactory(school=school, teacher=True)

    for url in (SETUP, SCHOOL, LIST, IMPORT, PREVIEW, page("person_edit", someone)):
        assert client.get(url).status_code == 403
    for name in ("person_end", "person_invite", "role_give"):
        assert client.post(page(name, someone)).status_code == 403
    assert client.post(page("role_end", someone, "teacher")).status_code == 403


def test_people_of_another_school_are_not_found(client, admin):
    stranger = PersonFactory(teacher=True)

    assert client.get(page("person_edit", stranger)).status_code == 404
    assert client.post(page("person_end", stranger)).status_code == 404
    assert client.post(page("role_end", stranger, "teacher")).status_code == 404
    assert client.post(page("person_invite", stranger)).status_code == 404
    assert stranger.name not in client.get(LIST).text


def test_setup_says_what_is_missing_in_order(client, school):
    response = client.get(SETUP)

    titles = [step["title"] for step in response.context["steps"]]
    assert titles[:2] == ["School", "People"]
    assert response.context["upcoming"]["title"] == "People"
    assert "One sheet with the staff is enough to begin." in response.text
    assert "Counseling waits for a safeguarding lead with a phone number." in response.text


def test_setup_tells_a_leader_who_can_sign_in(client, school):
    elena = PersonFactory(leader=True, school=school)

    assert f"{elena.name} can sign in." in client.get(SETUP).text


@pytest.mark.parametrize("count", [1, 30])
def test_setup_query_count(client, school, count, django_assert_max_num_queries):
    PersonFactory.create_batch(count, teacher=True, school=school)

    with django_assert_max_num_queries(14):
        assert client.get(SETUP).status_code == 200


def school_form(**changes):
    return {
        "name": "Alder Creek",
        "time_zone": "Europe/London",
        "locale": "en-gb",
        "policy": "uk",
        "safeguarding_lead": "",
        "safeguarding_phone": "",
    } | changes


def test_school_edit_saves_and_is_recorded(client, school):
    sam = PersonFactory(safeguarding_lead=True, school=school)

    response = client.post(
        SCHOOL, school_form(safeguarding_lead=sam.pk, safeguarding_phone="555 0134"), follow=True
    )

    school.refresh_from_db()
    assert (school.name, school.locale, school.can_counsel) == ("Alder Creek", "en-gb", True)
    assert said(response) == ["Saved."]
    assert Event.objects.get(chain=school.pk).act == Event.Act.SCHOOL_CHANGE


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "A" * 121}, "name"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"locale": "xx"}, "locale"),
        ({"policy": "none"}, "policy"),
        ({"safeguarding_lead": "0"}, "safeguarding_lead"),
        ({"safeguarding_lead": "x"}, "safeguarding_lead"),
        ({"safeguarding_phone": "ask Sam"}, "safeguarding_phone"),
        ({"safeguarding_phone": "5" * 41}, "safeguarding_phone"),
    ],
)
def test_school_edit_refuses(client, school, changes, field):
    response = client.post(SCHOOL, school_form(**changes))

    assert list(response.context["form"].errors) == [field]
    assert School.objects.get().name == school.name


def test_school_edit_offers_no_stranger_as_lead(client, school):
    stranger = PersonFactory(safeguarding_lead=True)

    response = client.post(SCHOOL, school_form(safeguarding_lead=stranger.pk))

    assert "safeguarding_lead" in response.context["form"].errors
    assert stranger.name not in response.text


def test_roster_goes_from_file_through_preview_to_school(client, school, tmp_path):
    preview = send(client, STAFF)

    assert preview.redirect_chain == [(PREVIEW, 302)]
    assert "Elena Marsh" in preview.text
    assert "The given name is missing." in preview.text
    assert Person.objects.count() == 1
    digest = preview.context["form"]["digest"].value()
    response = client.post(PREVIEW, {"digest": digest}, follow=True)
    assert response.redirect_chain == [(SETUP, 302)]
    assert said(response)[0].startswith("Done: 2 new, 0 changed, 0 ended.")
    assert Person.objects.filter(external_id__in=["L1", "T1"]).count() == 2
    assert list((tmp_path / "imports").iterdir()) == []
    assert Person.objects.get(external_id="L1").user is None


def test_roster_session_holds_a_key_and_no_name(client, school):
    send(client, STAFF)

    assert "Elena" not in repr(dict(client.session))


def test_roster_preview_shows_old_and_new(client, school):
    preview = send(client, STAFF)
    client.post(PREVIEW, {"digest": preview.context["form"]["digest"].value()})

    preview = send(client, STAFF.replace(b"Tom,Ash", b"Tom,Birch"))

    assert "<del>Ash</del>" in preview.text
    assert "<ins>Birch</ins>" in preview.text


def test_roster_applies_only_what_was_shown(client, school):
    preview = send(client, STAFF)
    digest = preview.context["form"]["digest"].value()
    RoleFactory(person=PersonFactory(email="tom@school.example"), school=school)

    response = client.post(PREVIEW, {"digest": digest}, follow=True)

    assert said(response) == ["The school changed since this was shown. Read it once more."]
    assert not Person.objects.filter(external_id="L1").exists()


def test_roster_asks_before_it_ends_many(client, school):
    preview = send(client, STAFF)
    client.post(PREVIEW, {"digest": preview.context["form"]["digest"].value()})

    preview = send(client, sheet("L1,leader,Elena,Marsh,elena@school.example,Principal"))
    digest = preview.context["form"]["digest"].value()
    refused = client.post(PREVIEW, {"digest": digest}, follow=True)
    assert "Yes, these 1 of 2 people have left" in preview.text
    assert "1 of 2 people would end." in said(refused)[0]
    client.post(PREVIEW, {"digest": digest, "ends_many": "on"})

    assert not Person.objects.get(external_id="T1").is_active


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty."),
        (b"PK\x03\x04" + bytes(99), "This is a workbook or a zip file."),
        (b"\x89PNG\r\n\x1a\n\x00\xff", "This"),
        (b"a" * (5 * 1024 * 1024 + 1), "The file is larger than 5 MB."),
        (b"name\nAnn", "Not found: given name"),
    ],
)
def test_roster_import_refuses_a_file_in_words(client, school, content, sentence):
    response = send(client, content)

    assert response.status_code == 200
    assert sentence in response.context["form"].errors["file"][0]


def test_roster_import_without_a_file(client, school):
    assert client.post(IMPORT).context["form"].errors["file"] == ["Choose a file."]


@pytest.mark.parametrize("method", ["get", "post"])
def test_roster_preview_without_a_file(client, school, method):
    response = getattr(client, method)(PREVIEW, follow=True)

    assert response.redirect_chain == [(IMPORT, 302)]
    assert said(response) == [str(uploads.UploadGone())]


def test_roster_offers_to_close_the_demo(client, school):
    invented = PersonFactory(leader=True, school=SchoolFactory(demo=True))
    preview = send(client, STAFF)

    digest = preview.context["form"]["digest"].value()
    client.post(PREVIEW, {"digest": digest, "close_demo": "on"})

    invented.refresh_from_db()
    assert (invented.is_active, invented.user.is_active) == (False, False)
    assert not Role.objects.live(invented, on=TODAY).exists()
    assert "close_demo" not in send(client, STAFF + b"\r\n").context["form"].fields


def test_roster_preview_says_that_this_is_the_demo(client, school):
    School.objects.update(is_demo=True)

    preview = send(client, STAFF)

    assert "This is the demo school." in preview.text
    assert "close_demo" not in preview.context["form"].fields


def test_person_list_searches_and_filters(client, school, admin):
    elena = PersonFactory(leader=True, school=school, given_name="Elena", family_name="Marsh")
    student = PersonFactory(student=True, school=school, given_name="Jada")
    RoleFactory(person=elena, school=school, kind=Role.Kind.TEACHER)

    def found(**query):
        return set(client.get(LIST, query).context["page"])

    assert found() == {admin, elena, student}
    assert found(q="mar ele") == {elena}
    assert found(role="staff") == {admin, elena}
    assert found(role="student") == {student}
    assert found(role="nonsense", q="jada") == {student}
    assert found(q="%") == set()
    assert found(q="x" * 500) == {admin, elena, student}
    assert found(page="999") == {admin, elena, student}


def test_person_list_partial_is_part_of_page(client, school):
    whole = client.get(LIST).text
    part = client.get(LIST, headers={"HX-Request": "true"}).text

    assert part.strip() in whole


@pytest.mark.parametrize("count", [1, 60])
def test_person_list_query_count(client, school, count, django_assert_max_num_queries):
    PersonFactory.create_batch(count, teacher=True, school=school)

    with django_assert_max_num_queries(9):
        response = client.get(LIST)

    assert len(response.context["page"]) == min(count + 1, 50)


def person_form(**changes):
    return {
        "given_name": "Tom",
        "family_name": "Ash",
        "preferred_name": "",
        "pronouns": "he",
        "email": "Tom@School.example",
        "job": "Science",
        "started_on": "2024-09-01",
        "line_manager": "",
    } | changes


def test_person_edit_saves_facts_and_manager(client, school, admin):
    tom = PersonFactory(teacher=True, school=school)

    client.post(page("person_edit", tom), person_form(line_manager=admin.pk))

    tom.refresh_from_db()
    assert (tom.name, tom.email, tom.job) == ("Tom Ash", "tom@school.example", "Science")
    assert tom.lines.get().manager == admin
    assert Event.objects.get(chain=school.pk).act == Event.Act.PERSON_CHANGE
    client.post(page("person_edit", tom), person_form())
    assert tom.lines.get().ends_on < TODAY


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"given_name": ""}, "given_name"),
        ({"family_name": "A" * 81}, "family_name"),
        ({"email": "nowhere"}, "email"),
        ({"email": "taken@school.example"}, "email"),
        ({"started_on": "soon"}, "started_on"),
        ({"line_manager": "0"}, "line_manager"),
    ],
)
def test_person_edit_refuses(client, school, changes, field):
    tom = PersonFactory(teacher=True, school=school)
    PersonFactory(teacher=True, school=school, email="taken@school.example")

    response = client.post(page("person_edit", tom), person_form(**changes))

    assert list(response.context["form"].errors) == [field]
    assert Person.objects.get(pk=tom.pk).given_name == tom.given_name


def test_person_edit_refuses_managers_in_a_circle(client, school):
    tom = PersonFactory(teacher=True, school=school)
    elena = PersonFactory(leader=True, school=school)
    LineFactory(person=elena, manager=tom)

    response = client.post(page("person_edit", tom), person_form(line_manager=elena.pk))

    assert response.context["form"].errors["line_manager"] == [
        "That would make somebody their own manager's manager."
    ]


def test_person_edit_of_a_student_has_a_grade_and_no_manager(client, school):
    jada = PersonFactory(student=True, school=school)

    client.post(page("person_edit", jada), {"given_name": "Jada", "family_name": "W", "grade": "8"})

    jada.refresh_from_db()
    assert (jada.given_name, jada.grade) == ("Jada", "8")


@pytest.mark.parametrize(("kind", "signs_in"), [("counselor", True), ("support_staff", False)])
def test_role_give_makes_a_login_for_those_who_need_one(client, school, kind, signs_in):
    tom = PersonFactory(teacher=True, school=school, user=None)

    client.post(page("role_give", tom), {"kind": kind, "title": "", "ends_on": "2026-12-18"})

    tom.refresh_from_db()
    assert kinds(tom) == {"teacher", kind}
    assert (tom.user is not None) is signs_in
    assert OutgoingMail.objects.filter(person=tom).exists() is signs_in
    assert Event.objects.filter(act=Event.Act.ROLE_CHANGE, basis=f"give.{kind}").exists()


def test_role_give_says_when_nobody_can_sign_in(client, school):
    tom = PersonFactory(teacher=True, school=school, user=None, email="")

    response = client.post(page("role_give", tom), {"kind": "counselor"}, follow=True)

    assert any("cannot sign in yet" in words for words in said(response))


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"kind": ""}, "kind"),
        ({"kind": "king"}, "kind"),
        ({"kind": "student"}, "kind"),
        ({"kind": "teacher"}, "kind"),
        ({"kind": "leader", "title": "A" * 81}, "title"),
        ({"kind": "leader", "ends_on": "2026-10-11"}, "ends_on"),
        ({"kind": "leader", "ends_on": "never"}, "ends_on"),
    ],
)
def test_role_give_refuses(client, school, given, field):
    tom = PersonFactory(teacher=True, school=school)

    response = client.post(page("role_give", tom), given)

    assert list(response.context["form"].errors) == [field]
    assert kinds(tom) == {"teacher"}


def test_role_end_takes_the_right_away_at_once(client, school):
    tom = PersonFactory(teacher=True, school=school)
    RoleFactory(person=tom, school=school, counselor=True)

    client.post(page("role_end", tom, "counselor"))

    assert kinds(tom) == {"teacher"}
    assert Event.objects.filter(act=Event.Act.ROLE_CHANGE, basis="end.counselor").exists()


def test_role_end_refuses_the_only_role(client, school):
    tom = PersonFactory(teacher=True, school=school)

    response = client.post(page("role_end", tom, "teacher"), follow=True)

    assert "This is their only role." in said(response)[0]
    assert kinds(tom) == {"teacher"}


def test_last_administrator_cannot_leave(client, school, admin):
    RoleFactory(person=admin, school=school, leader=True)

    response = client.post(page("role_end", admin, "school_admin"), follow=True)

    assert "They are the last administrator." in said(response)[0]
    assert "school_admin" in kinds(admin)
    ended = client.post(page("person_end", admin))
    assert "Somebody else has to end your own time here." in ended.text


def test_administrator_may_leave_when_there_is_another(client, school, admin):
    PersonFactory(administrator=True, school=school)
    RoleFactory(person=admin, school=school, leader=True)

    client.post(page("role_end", admin, "school_admin"))

    assert kinds(admin) == {"leader"}


def test_person_end_ends_access_and_hands_over(client, school, admin):
    tom = PersonFactory(leader=True, school=school)
    ann = PersonFactory(teacher=True, school=school)
    bob = PersonFactory(teacher=True, school=school)
    for person in (ann, bob):
        LineFactory(person=person, manager=tom)
    LineFactory(person=tom, manager=admin)

    client.post(page("person_end", tom), {"successor": ann.pk})

    tom.refresh_from_db()
    assert (tom.is_active, tom.user.is_active, kinds(tom)) == (False, False, set())
    in_force = Line.objects.filter(ends_on=None).values_list("person", "manager")
    assert set(in_force) == {(bob.pk, ann.pk), (ann.pk, admin.pk)}
    assert client.get(page("person_edit", tom)).status_code == 404


def test_person_end_refuses_a_stranger_as_successor(client, school):
    tom = PersonFactory(leader=True, school=school)

    response = client.post(page("person_end", tom), {"successor": PersonFactory(leader=True).pk})

    assert list(response.context["form"].errors) == ["successor"]
    assert Person.objects.get(pk=tom.pk).is_active


def test_ended_login_is_signed_out(client, school, admin):
    tom = PersonFactory(leader=True, school=school)
    theirs = type(client)()
    theirs.force_login(tom.user)

    client.post(page("person_end", tom))

    assert theirs.get(reverse("people:account")).status_code == 302


def test_person_invite_lets_somebody_sign_in(client, school):
    tom = PersonFactory(leader=True, school=school, user=None)

    response = client.post(page("person_invite", tom), follow=True)

    tom.refresh_from_db()
    assert tom.user.email == tom.email
    assert said(response) == [f"{tom.name} can sign in now, and is told so by mail."]


@pytest.mark.parametrize("name", ["person_edit", "role_give", "person_end"])
def test_person_pages_query_count(client, school, name, django_assert_max_num_queries):
    tom = PersonFactory(leader=True, school=school)
    PersonFactory.create_batch(20, teacher=True, school=school)
    RoleFactory(person=tom, school=school, kind="teacher", ends_on=NOW - timedelta(days=9))

    with django_assert_max_num_queries(12):
        assert client.get(page(name, tom)).status_code == 200
