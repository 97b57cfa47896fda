"""The pages of holds: asked for, answered, shown; and what other pages say of what is on hold."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from audit.models import Event
from conftest import NOW
from notes import actions
from notes.models import Hold, RetentionRule
from notes.tests.factories import draft, finished, hold_on
from notes.tests.test_retention import said
from people import outbox
from people.models import OutgoingMail, Person
from people.tests.factories import PersonFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

SENT = {"ground": "court", "reference": "2026-114", "until": "2027-10-01", "first": "", "last": ""}


@pytest.fixture
def school(meeting):
    return meeting.school


@pytest.fixture
def leader(school):
    return PersonFactory(leader=True, school=school)


@pytest.fixture
def lead(school):
    return school.safeguarding_lead


def place(client, leader, person, **typed):
    client.force_login(leader.user)
    page = reverse("notes:hold_place", args=[person.uid])
    return client.post(page, {**SENT, **typed}, follow=True)


def answer(client, person, hold, word):
    client.force_login(person.user)
    return client.post(
        reverse("notes:hold_answer", args=[hold.uid]), {"answer": word}, follow=True
    ).text


def test_one_finds_whom_it_is_about_asks_and_a_second_agrees(client, leader, lead, meeting):
    elena = meeting.pairing.host
    client.force_login(leader.user)
    assert "Nothing is on hold" in client.get(reverse("notes:hold_list")).text
    assert reverse("notes:hold_list") in client.get(reverse("notes:note_list")).text  # in the menu
    found = client.get(reverse("notes:hold_add"), {"find": "elen"}).text
    assert reverse("notes:hold_place", args=[elena.uid]) in found
    assert "Nobody by that name" in client.get(reverse("notes:hold_add"), {"find": "zzz"}).text

    page = place(client, leader, elena, other=str(meeting.pairing.attendee.uid)).text

    assert "From now on nothing of it is deleted." in page
    assert "A court or an authority asks for it." in page
    hold = Hold.objects.get()
    assert (hold.person, hold.other, hold.asked_by) == (elena, meeting.pairing.attendee, leader)
    assert "Yes, keep it" not in page
    assert lead.name in page  # who may
    assert "Waits for a yes until 26 October" in client.get(reverse("notes:hold_list")).text
    assert "It is in force." in answer(client, lead, hold, "agree")
    assert "second person" in answer(client, lead, hold, "ask_release")
    assert "It goes on." in answer(client, leader, hold, "keep")
    answer(client, leader, hold, "ask_release")
    assert "A second person agrees." in answer(client, leader, hold, "release")
    assert "It has ended." in answer(client, lead, hold, "release")
    assert "Nobody asks to end it any more." in answer(client, lead, hold, "release")
    assert "out of date" in answer(client, lead, hold, "burn")


def test_people_who_have_left_can_be_named_and_oneself_not(client, leader, meeting):
    gone = meeting.pairing.attendee
    gone.roles.update(ends_on=NOW.date() - timedelta(days=9))
    Person.objects.filter(pk=gone.pk).update(is_active=False)
    client.force_login(leader.user)
    find = reverse("notes:hold_add")
    assert gone.name in client.get(find, {"find": gone.given_name}).text
    assert "Nobody by that name" in client.get(find, {"find": leader.full_name}).text
    assert client.get(reverse("notes:hold_place", args=[leader.uid])).status_code == 404
    stranger = PersonFactory(leader=True)
    assert client.get(reverse("notes:hold_place", args=[stranger.uid])).status_code == 404


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"reference": "Elena drinks"}, "Enter a number, such as 2026-114"),
        ({"reference": "Elena"}, "Enter a number, such as 2026-114"),
        ({"reference": ""}, "Enter the number of the case."),
        ({"reference": "1" * 31}, "Enter at most 30 characters."),
        ({"ground": "gossip"}, "Choose why, from the list."),
        ({"until": "2026-10-12"}, "Choose a day from tomorrow on"),
        ({"until": ""}, "Choose the last day."),
        ({"until": "x"}, "Enter a date"),
        ({"last": "2026-10-12"}, "Choose a day that is over"),
        ({"first": "2026-10-11", "last": "2026-10-10"}, "Choose a day before the last"),
        ({"other": "x"}, "Choose somebody from the list."),
        ({"other": "00000000-0000-0000-0000-000000000000"}, "Choose somebody from the list."),
    ],
)
def test_page_says_what_is_wrong_and_holds_nothing(client, leader, meeting, typed, words):
    page = place(client, leader, meeting.pairing.host, **typed)

    assert page.status_code == 200
    assert words in page.text
    assert not Hold.objects.exists()


def test_everybody_is_held_for_some_days_only(client, leader, school):
    client.force_login(leader.user)
    page = reverse("notes:hold_place_all")
    assert "Enter the first and the last." in client.post(page, SENT).text
    days = {"first": "2026-09-07", "last": "2026-09-11"}
    answered = client.post(page, {**SENT, **days}, follow=True).text
    assert "Written from 7 September 2026 to 11 September 2026." in answered
    assert "There is such a hold for this case already." in client.post(
        page, {**SENT, **days}
    ).text  # fmt: skip


def test_whoever_is_named_knows_nothing_of_it_but_that_it_is_on_hold(client, meeting, leader):
    elena, priya = meeting.pairing.host, meeting.pairing.attendee
    finished(meeting, elena, "Tired but steadier")
    draft(meeting, elena, "Begun", field="heavy")
    place(client, leader, elena)
    hold = Hold.objects.get()

    client.force_login(elena.user)  # a leader too
    assert client.get(reverse("notes:hold", args=[hold.uid])).status_code == 404
    assert "2026-114" not in client.get(reverse("notes:hold_list")).text
    page = client.get(reverse("notes:meeting_notes", args=[meeting.uid])).text
    kept = said(page)
    since = "On hold since 12 October 2026, and kept until that ends. Otherwise: "
    assert {f"{since}until 31 July 2028."} == {
        words for labels, words in kept.items() if "“How are you?”" in labels
    }
    assert all(words.startswith("On hold since 12 October 2026") for words in kept.values())
    assert "2026-114" not in page
    client.force_login(priya.user)
    page = client.get(reverse("notes:meeting_notes", args=[meeting.uid])).text
    assert all(words.startswith(since) for words in said(page).values())
    assert client.get(reverse("notes:hold_list")).status_code == 403
    copy = client.post(reverse("people:own_data"), {"format": "json"})
    assert b"2026-114" not in copy.getvalue()


def test_what_is_not_on_hold_says_nothing_of_it(client, meeting, leader):
    elena, priya = meeting.pairing.host, meeting.pairing.attendee
    finished(meeting, elena, "Tired but steadier")
    hold_on(meeting.school, PersonFactory(teacher=True, school=meeting.school))
    hold_on(meeting.school, first=NOW.date() - timedelta(9), last=NOW.date() - timedelta(2))
    client.force_login(priya.user)

    page = client.get(reverse("notes:meeting_notes", args=[meeting.uid])).text

    assert "On hold" not in page


def test_who_met_with_them_is_told_that_two_others_decide(client, meeting, leader):
    elena, priya = meeting.pairing.host, meeting.pairing.attendee
    hold = hold_on(meeting.school, priya)
    client.force_login(elena.user)

    page = client.get(reverse("notes:hold", args=[hold.uid])).text

    assert "two others decide" in page
    assert "Ask to end it" not in page


def test_administrators_read_that_there_is_a_hold_and_not_whose(client, school, meeting):
    admin = PersonFactory(administrator=True, school=school)
    client.force_login(admin.user)
    page = reverse("notes:retention")
    assert "Two of the leaders and safeguarding leads" in client.get(page).text
    hold_on(school, meeting.pairing.host)

    rule = RetentionRule.objects.create(
        school=school, number=1, memory_months=3, talk_years=0, record_years=1, at=NOW,
        would_go={"memory": 12, "held": 7}, rehearsed_at=NOW,
    )  # fmt: skip
    RetentionRule.objects.create(
        school=school, number=0, memory_months=12, talk_years=1, record_years=3, at=NOW,
        in_force_at=NOW,
    )  # fmt: skip

    text = client.get(page).text
    assert "Since 12 October 2026 some notes are kept" in text
    kept = BeautifulSoup(text, "html.parser").find("dt", string="Kept all the same")
    assert kept.find_next("dd").text == "7 notes: on hold."
    assert "2026-114" not in text
    rule.would_go = {"held": None}
    rule.save()
    assert "Some, of fewer than five people: on hold." in client.get(page).text
    assert client.get(reverse("notes:hold_list")).status_code == 403


def test_those_who_could_agree_are_written_to_and_not_about_what(client, leader, lead, meeting):
    elena = meeting.pairing.host
    place(client, leader, elena)
    hold = Hold.objects.get()

    mails = OutgoingMail.objects.filter(kind="hold_waits")
    assert [mail.person for mail in mails] == [lead]
    message = outbox.render(mails.get(), at=NOW)
    assert message.subject == "Something waits for your answer"
    assert reverse("notes:hold", args=[hold.uid]) in message.body
    for word in ("2026-114", "court", "hold on", elena.given_name, "note"):
        assert word not in message.body
    actions.agree_to_hold(hold, by=lead, at=NOW)
    assert outbox.render(mails.get(), at=NOW) is None
    actions.ask_release(hold, by=lead, at=NOW)
    assert {mail.person for mail in mails.all()} == {lead, leader}


def test_log_names_the_hold_and_whom_it_names_and_no_case(client, leader, meeting, caplog):
    place(client, leader, meeting.pairing.host)

    event = Event.objects.get(act="hold.change")
    hold = Hold.objects.get()
    assert event.about == [f"hold:{hold.uid}", f"person:{hold.person_id}"]
    assert "2026-114" not in caplog.text


@pytest.mark.parametrize("count", [1, 12])
def test_list_asks_the_same_number_of_questions(
    client, leader, school, count, django_assert_num_queries
):
    people = [PersonFactory(teacher=True, school=school) for _ in range(count)]
    for person in people:
        actions.place_hold(
            school, actions.Scope(person), ground="court", reference="2026-114",
            until=NOW.date() + timedelta(days=30), by=leader, at=NOW,
        )  # fmt: skip
    client.force_login(leader.user)
    client.get(reverse("notes:hold_list"))

    with django_assert_num_queries(7):
        page = client.get(reverse("notes:hold_list"))

    assert page.text.count("2026-114") == count
