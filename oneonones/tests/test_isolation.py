"""
Two schools of one installation, each written all over with a word of its own: no page, answer, file
or mail for somebody of one has the other's word in it. Who is of both reads both, and no third.
"""

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from conftest import NOW
from people import outbox
from people.models import OutgoingMail, Person, Role
from people.tests.factories import MembershipFactory, PairingFactory, PersonFactory, RoleFactory
from scheduling.actions import queue_reminders
from scheduling.models import Commitment, Meeting, Slot
from scheduling.tests.factories import CommitmentFactory, MeetingFactory

from .test_access import ACCESS, POST_ONLY
from .world import arguments, made_world, standing

pytestmark = [pytest.mark.django_db, pytest.mark.any_database, pytest.mark.usefixtures("now")]

WORDS = ("Quartz", "Basalt")
INSIDE = ("host", "attendee", "leader", "admin", "counselor")
# What asks for a list of people, by a letter that is in both words
ASKED = {"people:find": {"q": "a"}, "people:person_list": {"q": "a"}, "notes:student_note": {}}


def written_all_over(world, word):
    """Put a word on whatever of a school people can read."""
    school, term = world.school, world.term
    adult = MembershipFactory(adult=True, group__school=school, person=world.colleague)
    MembershipFactory(group=adult.group)
    CommitmentFactory(term=term, person=world.colleague)
    Person.objects.filter(roles__school=school).update(
        given_name=f"{word}given", family_name=f"{word}family", job=f"{word} job"
    )
    Role.objects.filter(school=school).update(title=f"{word} title")
    for rows in (school.periods, school.groups):
        for number, row in enumerate(rows.all()):
            row.name = f"{word} {number}"
            row.save()
    for rows in (school.terms, school.closures, school.bell_schedules):
        rows.update(name=f"{word} days")
    Commitment.objects.filter(term=term).update(label=f"{word} lesson")
    Slot.objects.filter(school=school).update(place=f"{word} room")
    Meeting.objects.filter(school=school).update(place=f"{word} room")
    school.name, school.safeguarding_phone = f"{word} School", f"{word} 555"
    school.save()
    world.colleague.refresh_from_db()
    return world


@pytest.fixture(scope="module")
def worlds(django_db_setup, django_db_blocker):
    with standing(django_db_blocker):
        yield {word: written_all_over(made_world(), word) for word in WORDS}


def texts(client, world):
    """Every answer to somebody, asked with the things of a school; nothing is kept."""
    for name, argument in ACCESS:
        before = transaction.savepoint()
        send = client.post if name in POST_ONLY else client.get
        address = reverse(name, args=arguments(world, argument))
        response = send(address, ASKED.get(name, {}), follow=True)
        transaction.savepoint_rollback(before)
        yield name, argument, response.status_code, response.content.decode()


def is_a_thing(world, argument):
    """Whether an address is about a row of the school."""
    parts = argument if isinstance(argument, tuple) else (argument,)
    return any(hasattr(getattr(world, str(part), None), "uid") for part in parts)


# Both ways for two of them: whichever school was there first
EACH = [(each, *WORDS) for each in INSIDE] + [(each, *WORDS[::-1]) for each in ("host", "admin")]


@pytest.mark.parametrize(("visitor", "mine", "theirs"), EACH)
def test_nobody_reads_a_word_of_another_school(worlds, visitor, mine, theirs):
    client = Client()
    client.force_login(worlds[mine].people[visitor])

    own = [text for *_, text in texts(client, worlds[mine])]
    others = list(texts(client, worlds[theirs]))

    assert sum(mine in text for text in own) > 20  # there was something to read
    assert [text for text in own if theirs.casefold() in text.casefold()] == []
    for name, argument, status, text in others:
        assert theirs.casefold() not in text.casefold(), (name, argument)
        assert status in (403, 404) or not is_a_thing(worlds[theirs], argument), (name, argument)


def test_mails_of_one_school_have_no_word_of_another(worlds):
    for world in worlds.values():
        queue_reminders(world.school, by=None, at=NOW.replace(hour=20))
    mails = OutgoingMail.objects.select_related("person__user").filter(
        person__roles__school__in=[world.school for world in worlds.values()]
    )
    read = 0
    for mail in mails.distinct():
        message = outbox.render(mail, at=NOW.replace(hour=20))
        if message is None:
            continue
        text = f"{message.subject} {message.body}"
        [mine] = [word for word in WORDS if mail.person.family_name.startswith(word)]
        [theirs] = set(WORDS) - {mine}
        read += mine in text
        assert theirs not in text

    assert read >= len(WORDS)


@pytest.fixture
def both(worlds):
    """Teaches at both schools, meets somebody at each, and has nothing to do with a third."""
    person = PersonFactory(given_name="Ida", family_name="Itinerant")
    for number, world in enumerate(worlds.values()):
        RoleFactory(person=person, school=world.school, teacher=True)
        pairing = PairingFactory(
            school=world.school, host=world.pairing.host, attendee=person, cadence="monthly"
        )
        MeetingFactory(pairing=pairing, starts_at=NOW.replace(hour=15 + number))
    written_all_over(made_world(), "Chert")
    client = Client()
    client.force_login(person.user)
    return client


@pytest.mark.parametrize(
    ("name", "query"),
    [("scheduling:today", {}), ("scheduling:people", {}), ("people:find", {"q": "given"})],
)
def test_who_is_of_both_reads_both_and_no_third(both, name, query):
    text = both.get(reverse(name), query).text

    assert "Quartz" in text
    assert "Basalt" in text
    assert "Chert" not in text


def test_who_administers_one_of_two_reaches_nothing_of_the_other_by_it(worlds):
    mine, theirs = worlds.values()
    person = PersonFactory(administrator=True, school=mine.school)
    RoleFactory(person=person, school=theirs.school, teacher=True)
    client = Client()
    client.force_login(person.user)

    for name in ("people:setup", "people:person_list", "scheduling:calendar", "people:school_edit"):
        text = client.get(reverse(name)).text.split("<main")[1]
        assert "Quartz" in text
        assert "Basalt" not in text


def test_the_district_reads_the_names_of_schools_and_of_nobody(worlds):
    user = worlds["Quartz"].people["district"]
    Person.objects.filter(user=user).update(given_name="Olga", family_name="Office")
    client = Client()
    client.force_login(user)

    for name, _, _, text in texts(client, worlds["Quartz"]):
        assert not [word for word in WORDS if f"{word}family" in text], name
    text = client.get(reverse("scheduling:district")).text
    assert "Quartz School" in text
    assert "Basalt School" in text
