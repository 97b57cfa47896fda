"""Two people outside IT who keep the log's daily line: chosen, told, and able to look."""

from datetime import timedelta

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from audit import anchors
from audit.models import Event
from conftest import NOW
from notes import actions, jobs
from notes.models import LogKeeper
from people import outbox
from people.models import OutgoingMail, Role
from people.steps import Survey, steps
from people.tests.factories import PersonFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

MORNING = NOW + timedelta(hours=4)  # seven by the school's clock

PAGE, CHECK = reverse("notes:log"), reverse("notes:log_check")


@pytest.fixture
def school(meeting):
    return meeting.school


@pytest.fixture
def leader(school):
    return PersonFactory(leader=True, school=school)


@pytest.fixture
def two(school, leader):
    two = [PersonFactory(teacher=True, school=school) for _ in range(2)]
    for person in two:
        actions.name_keeper(school, person, by=leader, at=NOW)
    OutgoingMail.objects.all().delete()
    return two


def mails(kind):
    found = OutgoingMail.objects.filter(kind=kind).order_by("pk").select_related("person")
    return [(each.person, outbox.render(each, at=NOW)) for each in found]


def keepers_step(school, by):
    found = steps(Survey(school, by, NOW))
    return next(each for each in found if each.title == "Who keeps the log honest")


def test_a_leader_chooses_two_and_each_is_told(client, school, leader):
    ada, ben = (PersonFactory(teacher=True, school=school) for _ in range(2))
    admin = PersonFactory(administrator=True, school=school)
    client.force_login(leader.user)
    page = client.get(PAGE).text
    assert "Nobody gets the lines." in page
    assert str(ada.uid) in page
    assert str(admin.uid) not in page
    assert not keepers_step(school, admin).is_done
    for person in (ada, ben):
        said = client.post(reverse("notes:keeper_name"), {"person": person.uid}, follow=True).text
        assert f"{person.name} is told" in said
    assert [person for person, _ in mails("keeper_named")] == [ada, ben, ada]
    assert keepers_step(school, admin).is_done
    assert "Choose two people" not in client.get(PAGE).text
    event = Event.objects.filter(act="keeper.change").latest("pk")
    assert (event.by, event.about, event.basis) == (
        leader.pk, [f"person:{ben.pk}"], "keeper.name",
    )  # fmt: skip
    third = PersonFactory(teacher=True, school=school)
    said = client.post(reverse("notes:keeper_name"), {"person": third.uid}, follow=True).text
    assert "Two people keep them." in said
    assert LogKeeper.objects.count() == 2


def test_nobody_who_administers_anything_keeps_them(school, leader, two):
    LogKeeper.objects.all().delete()
    admin = PersonFactory(administrator=True, school=school)
    both = PersonFactory(teacher=True, school=school)
    start = NOW.date()
    Role.objects.create(person=both, school=school, kind=Role.Kind.DISTRICT_ADMIN, starts_on=start)
    for person in (admin, both, PersonFactory(teacher=True, school=school, email="")):
        with pytest.raises(actions.CannotKeep, match="administers nothing"):
            actions.name_keeper(school, person, by=leader, at=NOW)
    with pytest.raises(PermissionDenied):
        actions.name_keeper(school, two[0], by=two[1], at=NOW)


def test_a_leaver_stops_counting_and_is_replaced(client, school, leader, two):
    gone = two[0]
    Role.objects.filter(person=gone).update(ends_on=NOW.date() - timedelta(days=1))
    admin = PersonFactory(administrator=True, school=school)
    step = keepers_step(school, admin)
    assert (step.is_done, "Only one person" in step.words) == (False, True)
    client.force_login(admin.user)
    assert "Only one person gets the log’s daily line." in client.get(reverse("status")).text
    client.force_login(leader.user)
    assert "Gets none any more" in client.get(PAGE).text
    new = PersonFactory(teacher=True, school=school)
    actions.name_keeper(school, new, by=leader, at=NOW)
    assert set(LogKeeper.objects.values_list("person", flat=True)) == {two[1].pk, new.pk}
    client.force_login(admin.user)
    assert "daily line" not in client.get(reverse("status")).text


def test_letting_one_go_is_never_quiet(client, school, leader, two):
    client.force_login(leader.user)
    client.post(reverse("notes:keeper_dismiss", args=[two[0].uid]))
    told = mails("keeper_gone")
    assert [person for person, _ in told] == two
    assert "You no longer get it." in told[0][1].body
    assert "You still do." in told[1][1].body
    client.force_login(two[1].user)  # who would rather not
    assert client.post(reverse("notes:keeper_dismiss", args=[two[1].uid])).status_code == 302
    assert not LogKeeper.objects.exists()
    assert client.get(PAGE).status_code == 403


def test_each_morning_each_gets_one_line_that_fits(client, school, leader, two):
    early = NOW.astimezone(school.zone).replace(hour=5, minute=50)
    actions.queue_anchors(school, by=None, at=early)
    assert not OutgoingMail.objects.exists()
    with time_machine.travel(MORNING, tick=False):
        for _ in range(2):
            jobs.mail_anchors()
    sent = mails("anchor")
    assert [person for person, _ in sent] == two
    [line] = anchors.read(sent[0][1].body)
    assert (line.chain, line.on) == (school.pk, NOW.date())
    assert line.seq == Event.objects.filter(chain=school.pk).count()
    for name in (leader.family_name, two[1].family_name, "Priya"):
        assert name not in sent[0][1].body
    actions.queue_anchors(school, by=None, at=MORNING + timedelta(days=1))
    assert OutgoingMail.objects.filter(kind="anchor").count() == 4
    Role.objects.filter(person=two[0]).update(ends_on=NOW.date() - timedelta(days=1))
    assert mails("anchor")[0][1] is None  # decided when it is sent

    client.force_login(two[1].user)  # a teacher
    said = client.post(CHECK, {"lines": sent[0][1].body}).text
    assert "Still there, unchanged." in said
    assert PAGE in client.get(reverse("people:account")).text


def test_a_line_that_does_not_fit_is_said_in_words(client, school, two):
    client.force_login(two[0].user)
    taken = anchors.take(school.pk, on=NOW.date())
    later = taken._replace(seq=taken.seq + 5)
    assert "The log was changed or cut since." in client.post(CHECK, {"lines": later.line}).text
    other = taken._replace(digest="0" * 32)
    page = client.post(CHECK, {"lines": f"{taken.line} {other.line}"}).text
    assert "The log was changed or cut since." in page
    assert "another school" in client.post(CHECK, {"lines": taken._replace(chain=10**9).line}).text
    assert "Copy it again" in client.post(CHECK, {"lines": taken.line[:-6] + "000000"}).text
    assert "no whole line" in client.post(CHECK, {"lines": "hello"}).text
    assert "Paste a line" in client.post(CHECK, {"lines": ""}).text


def test_without_the_keys_a_line_is_neither_right_nor_wrong(client, school, two, settings):
    client.force_login(two[0].user)
    line = anchors.take(school.pk, on=NOW.date()).line
    settings.KEYRING_PATH = settings.KEYRING_PATH.with_name("gone.json")
    page = client.post(CHECK, {"lines": line}).text
    assert "cannot be checked right now" in page
    assert "changed or cut" not in page


def test_the_page_asks_as_little_for_two_as_for_none(
    client, school, leader, two, django_assert_max_num_queries
):
    client.force_login(two[0].user)
    client.get(PAGE)
    with django_assert_max_num_queries(22):
        page = client.get(PAGE)
    assert BeautifulSoup(page.text, "html.parser").find(id="alerts")
