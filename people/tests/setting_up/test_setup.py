"""Who comes to the pages of setting up, and what they say is missing."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from audit.models import Event
from conftest import NOW
from people.actions import invite_user
from people.delivery import deliver_due
from people.models import OutgoingMail, Person, School
from people.tests.factories import OutgoingMailFactory, PersonFactory, RoleFactory, UserFactory
from people.tests.setting_up.setup_page import (
    IMPORT,
    LIST,
    PREVIEW,
    SCHOOL,
    SETUP,
    SINCE,
    enter,
    page,
)
from scheduling.actions import rebuild_calendar
from scheduling.tests.factories import (
    BellTimeFactory,
    CommitmentFactory,
    SignUpFactory,
    TermFactory,
)

MAIL, KEYS = reverse("people:test_mail"), reverse("people:keys_confirm")

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


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
    assert client.post(page("role_end", someone, "teacher", SINCE)).status_code == 403


def test_people_of_another_school_are_not_found(client, admin):
    stranger = PersonFactory(teacher=True)

    assert client.get(page("person_edit", stranger)).status_code == 404
    assert client.post(page("person_end", stranger)).status_code == 404
    assert client.post(page("role_end", stranger, "teacher", SINCE)).status_code == 404
    assert client.post(page("person_invite", stranger)).status_code == 404
    assert stranger.name not in client.get(LIST).text


def rows(client):
    shown = client.get(SETUP).context
    return {step.title: step for step in (*shown["needed"], *shown["others"])}


def upcoming(client):
    return client.get(SETUP).context["upcoming"].title


def test_setup_leads_to_the_first_sign_up_soonest(client, school, admin):
    """Each thing that is done makes the next one the next step; what cannot be begun waits."""
    shown = client.get(SETUP)
    assert [step.title for step in shown.context["needed"]] == [
        "School",
        "People",
        "Calendar",
        "Bell times",
        "Mail",
        "Hosts can sign in",
        "First sign-up",
    ]
    assert "6 of 7 steps are left" in shown.text
    assert shown.context["upcoming"].title == "People"
    steps = rows(client)
    assert steps["Bell times"].waits_for == "Waits for the first term."
    assert steps["Hosts can sign in"].waits_for == "Waits for the people."
    assert steps["Lessons"].waits_for == "Waits for the first term."

    elena = PersonFactory(leader=True, school=school, user=None)
    assert upcoming(client) == "Calendar"
    term = TermFactory(school=school)
    assert upcoming(client) == "Bell times"
    bells = BellTimeFactory(bell_schedule__school=school, bell_schedule__weekdays="12345")
    rebuild_calendar(school, by=admin, at=NOW)
    assert upcoming(client) == "Mail"
    OutgoingMailFactory(kind="test_mail", person=admin, sent_at=NOW)
    assert upcoming(client) == "Hosts can sign in"
    invite_user(elena, by=admin, at=NOW)
    assert rows(client)["Hosts can sign in"].words == "1 host can sign in."
    assert "1 of 7 steps is left" in client.get(SETUP).text
    SignUpFactory(host=elena, term=term)
    ready = client.get(SETUP)
    assert "Everything the first sign-up needs is there." in ready.text
    assert ready.context["upcoming"].title == "Days without school"
    assert bells.bell_schedule.days.exists()


def test_setup_names_the_weekdays_without_bells(client, school, admin):
    TermFactory(school=school)
    BellTimeFactory(bell_schedule__school=school, bell_schedule__weekdays="125")
    rebuild_calendar(school, by=admin, at=NOW)

    step = rows(client)["Bell times"]

    assert step.is_done
    assert "No bells yet on Wednesday and Thursday: nothing can be painted there." in step.words


def test_setup_counts_teachers_without_lessons(client, school):
    term = TermFactory(school=school)
    teachers = PersonFactory.create_batch(3, teacher=True, school=school)
    RoleFactory(person=teachers[0], school=school, leader=True)
    assert not rows(client)["Lessons"].is_done

    CommitmentFactory(person=teachers[0], term=term)
    CommitmentFactory(person=teachers[0], term=term, column="2")

    assert rows(client)["Lessons"].words.startswith("1 of 3 teachers have lessons.")


def test_setup_counts_hosts_who_cannot_sign_in_and_people_without_an_address(client, school):
    PersonFactory(leader=True, school=school)
    PersonFactory(counselor=True, school=school, user=None, email="")
    PersonFactory(student=True, school=school)

    steps = rows(client)

    assert steps["Hosts can sign in"].words == "1 host can sign in. 1 cannot yet."
    shown = client.get(steps["Hosts can sign in"].url).context["rows"]
    assert [row.person.user for row in shown] == [None]
    assert steps["E-mail addresses"].words.startswith("1 of the staff has none.")
    assert len(client.get(steps["E-mail addresses"].url).context["rows"]) == 1


def test_test_mail_goes_to_oneself_and_says_how_it_went(client, school, admin, mailoutbox):
    assert "Not tried yet." in rows(client)["Mail"].words

    client.post(MAIL)
    again = client.post(MAIL, follow=True)

    assert "on its way since 12 October at 3:00" in rows(client)["Mail"].words
    assert any("One is on its way already." in str(each) for each in again.context["messages"])
    [mail] = OutgoingMail.objects.filter(kind="test_mail")
    deliver_due(at=NOW)
    [message] = mailoutbox
    assert message.to == [admin.email]
    step = rows(client)["Mail"]
    assert (step.is_done, step.words[:34]) == (True, "A test mail left on 12 October at ")
    later = {"sent_at": None, "dropped_at": NOW, "error": "SMTPDataError"}
    OutgoingMail.objects.filter(pk=mail.pk).update(**later)
    assert "could not be sent" in rows(client)["Mail"].words


@pytest.mark.parametrize(
    ("backend", "is_demo", "words"),
    [
        ("smtp", False, "Mail goes out through smtp.school.example, from talks@school.example."),
        ("filebased", False, "No mail server is set: mail is written to files on this server"),
        ("filebased", True, "In the demo school no mail leaves this computer"),
    ],
)
def test_mail_says_what_is_configured_and_offers_a_test(
    client, school, admin, settings, backend, is_demo, words
):
    settings.EMAIL_BACKEND = f"django.core.mail.backends.{backend}.EmailBackend"
    settings.EMAIL_HOST = "smtp.school.example"
    settings.DEFAULT_FROM_EMAIL = "Talks <talks@school.example>"
    school.is_demo = is_demo
    school.save()

    page = BeautifulSoup(client.get(SETUP).content, "html.parser")
    [row] = [each for each in page.select(".todo-row") if each.b.text == "Mail"]

    assert words in row.text
    assert row.form["action"] == MAIL
    assert row.button.text == "Send a test mail to me"


def test_every_step_that_can_be_begun_has_its_action_in_its_row(client, school, admin):
    shown = client.get(SETUP)
    page = BeautifulSoup(shown.content, "html.parser")

    for step in (*shown.context["needed"], *shown.context["others"]):
        [row] = [each for each in page.select(".todo-row") if each.b.text == step.title]
        assert bool(row.select("a, button")) == step.can_be_pressed, step.title


def test_slow_test_mail_says_whom_to_ask(client, school, admin):
    OutgoingMailFactory(kind="test_mail", person=admin, due_at=NOW - timedelta(minutes=9))

    assert "whether the worker runs" in rows(client)["Mail"].words


def test_test_mail_needs_an_address(client, school, admin):
    Person.objects.filter(pk=admin.pk).update(email="")

    refused = client.post(MAIL, follow=True)

    assert "Your own record has no e-mail address." in refused.text
    assert not OutgoingMail.objects.exists()
    assert not rows(client)["Mail"].posts


def test_keys_on_paper_are_said_once_for_the_ring_as_it_is(client, school, admin):
    assert "manage.py keys paper" in rows(client)["Keys on paper"].words

    client.post(KEYS)

    assert rows(client)["Keys on paper"].is_done
    event = Event.objects.get(act=Event.Act.KEY_CHANGE)
    assert (event.by, event.basis) == (admin.pk, "paper")
    School.objects.update(keys_on_paper_on=NOW.date() - timedelta(days=1))  # a key was added since
    assert not rows(client)["Keys on paper"].is_done


def test_setup_counts_mails_that_could_not_be_sent(client, school, admin):
    def give_up(person, days):
        at = NOW - timedelta(days=days)
        OutgoingMailFactory(person=person, error="SMTPDataError", dropped_at=at)

    RoleFactory(person=admin, school=school, leader=True)  # two roles are one person
    give_up(PersonFactory(administrator=True), 1)
    give_up(admin, 9)
    assert "could not be sent" not in client.get(SETUP).text

    give_up(admin, 1)
    assert "1 mail could not be sent this week:" in client.get(SETUP).text


@pytest.mark.parametrize("count", [1, 30])
def test_setup_query_count(client, school, count, django_assert_max_num_queries):
    PersonFactory.create_batch(count, teacher=True, school=school)

    admin_of = RoleFactory(school=school, leader=True)
    SignUpFactory(host=admin_of.person, term=TermFactory(school=school))
    CommitmentFactory.create_batch(
        count, person=PersonFactory(teacher=True, school=school), term=school.terms.get()
    )

    with django_assert_max_num_queries(13):
        assert client.get(SETUP).status_code == 200
