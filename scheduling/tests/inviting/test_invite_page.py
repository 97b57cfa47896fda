"""The page on which a host invites: the staff list, the letter, and its preview."""

from datetime import date, timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.urls import reverse

from conftest import NOW
from people.models import Change, Pairing
from people.tests.factories import PairingFactory, PersonFactory, SchoolFactory
from scheduling.tests.factories import (
    BookingFactory,
    InvitationFactory,
    SignUpFactory,
    TermFactory,
)
from scheduling.tests.inviting.invitations import INVITE, post, soup, teacher

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


def test_only_hosts_invite(client, host, school):
    for person in (teacher(school), PersonFactory(administrator=True, school=school)):
        client.force_login(person.user)
        assert client.get(INVITE).status_code == 403
        assert client.post(INVITE).status_code == 403


def test_staff_list_comes_ticked_with_how_often(client, host, school, term):
    new = teacher(school, started_on=date(2026, 8, 24), family_name="A")
    old = teacher(school, started_on=date(2019, 8, 24), family_name="B")
    asked = InvitationFactory(
        sign_up=SignUpFactory(host=host, term=term),
        pairing__cadence="weekly",
        invited_at=NOW - timedelta(days=3),
    ).pairing.attendee
    paired = PairingFactory(school=school, host=host, biweekly=True).attendee
    booked = BookingFactory(seat=host.slots.get().seats.get()).pairing.attendee
    student = PersonFactory(student=True, school=school)
    client.force_login(host.user)

    page = soup(client.get(INVITE))

    rows = {
        box["value"]: (
            box.has_attr("checked"),
            page.select_one(f"[name=often-{box['value']}] [selected]")["value"],
        )
        for box in page.select("[name=person]")
    }
    assert rows == {
        str(new.uid): (True, "weekly"),
        str(old.uid): (True, "monthly"),
        str(asked.uid): (False, "weekly"),
        str(paired.uid): (True, "biweekly"),
    }
    assert not {str(booked.uid), str(student.uid), str(host.uid)} & set(rows)
    assert "Asked 3 days ago" in page.text
    unticked = soup(client.get(INVITE, {"tick": "none"}))
    assert not unticked.select("[name=person][checked]")


def test_after_a_summer_those_who_started_then_are_new(client, host, school):
    TermFactory(
        school=school, starts_on=date(2026, 1, 5), ends_on=date(2026, 6, 12), school_year=2026
    )
    new = teacher(school, started_on=date(2026, 6, 15))
    old = teacher(school, started_on=date(2026, 6, 1))
    client.force_login(host.user)

    page = soup(client.get(INVITE))

    for person, often in ((new, "weekly"), (old, "monthly")):
        assert page.select_one(f"[name=often-{person.uid}] [selected]")["value"] == often


def test_inviting_leads_through_the_words_to_the_schedule(client, host, school):
    ada, ben = teacher(school), teacher(school)

    response = post(client, host, ada, **{f"often-{ada.uid}": "biweekly"})

    assert response.status_code == 302
    assert response.url.startswith(reverse("notes:standing"))
    assert f"next={reverse('scheduling:schedule').replace('/', '%2F')}" in response.url
    assert Pairing.objects.get().attendee == ada
    assert Pairing.objects.get().cadence == "biweekly"
    assert not Pairing.objects.filter(attendee=ben).exists()
    assert "1 person is invited." in client.get(response.url, follow=True).text


def test_a_school_without_term_or_times_says_so(client, school, host):
    host.slots.get().delete()
    client.force_login(host.user)
    assert "No times to pick yet" in client.get(INVITE).text
    assert "No times to pick yet" in client.post(INVITE, {"person": host.uid}).text
    fresh = PersonFactory(leader=True, school=SchoolFactory(demo=True))
    client.force_login(fresh.user)
    assert "has no term yet" in client.get(INVITE).text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"person": []}, "Tick at least one person."),
        ({"person": ["x"]}, "not on the staff of your school any more"),
        ({"person": ["elsewhere"]}, "not on the staff of your school any more"),
        ({"person": ["student"]}, "not on the staff of your school any more"),
        ({"often": "termly"}, "Choose how often for"),
        ({"letter": " "}, "Write a line of your own"),
        ({"letter": "x" * 2001}, "The letter is too long"),
        ({"letter": "a\x00b"}, "a character that cannot be kept"),
    ],
)
def test_bad_invitations_are_refused_in_words(client, host, school, fields, words):
    ada, ben = teacher(school), teacher(school)
    others = {
        "elsewhere": str(PersonFactory(teacher=True).uid),
        "student": str(PersonFactory(student=True, school=school).uid),
    }
    sent = {"person": [ada.uid], "letter": "My own words", f"often-{ada.uid}": "biweekly"}
    sent |= fields
    sent["person"] = [others.get(each, each) for each in sent["person"]]
    if "often" in fields:
        sent[f"often-{ada.uid}"] = sent.pop("often")
    client.force_login(host.user)

    response = client.post(INVITE, sent)

    page = soup(response)
    assert response.status_code == 200
    assert words in page.select_one(".error-summary").text
    assert page.title.text.startswith("Error: ")
    assert not Pairing.objects.exists()
    ticked = [box["value"] for box in page.select("[name=person][checked]")]
    assert str(ben.uid) not in ticked  # what was chosen stays
    if fields.get("person") is None:
        assert ticked == [str(ada.uid)]
    if "letter" not in fields:
        assert page.find("textarea").text.strip() == "My own words"


def test_preview_shows_each_letter_and_sends_none(client, host, school):
    ada, ben = teacher(school, given_name="Ada"), teacher(school, given_name="Ben")
    fields = {f"often-{ada.uid}": "weekly", "preview": "1", "letter": "Bring a <cake>."}

    page = post(client, host, ada, ben, **fields)
    fragment = client.post(
        INVITE, {"person": [ada.uid, ben.uid], **fields}, headers={"HX-Request": "true"}
    )

    [part] = soup(fragment).find_all(recursive=False)
    assert part == soup(page).find(id="preview")
    assert [each.text.split(",")[0].strip() for each in part.select(".letter-b")] == ["Ada", "Ben"]
    assert part.text.count("this is not an evaluation") == 2
    assert "Bring a <cake>." in part.text
    assert not Change.objects.exists()


@pytest.mark.parametrize("count", [1, 9])
def test_invite_page_asks_the_same_number_of_questions(
    client, host, school, term, count, django_assert_num_queries
):
    sign_up = SignUpFactory(host=host, term=term)
    for _ in range(count):
        teacher(school)
        InvitationFactory(sign_up=sign_up)
    school.is_demo = False
    school.save()
    Authenticator.objects.create(user=host.user, type=Authenticator.Type.TOTP, data={})
    client.force_login(host.user)

    with django_assert_num_queries(9):
        assert client.get(INVITE).status_code == 200
