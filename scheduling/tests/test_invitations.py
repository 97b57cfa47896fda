"""Inviting: who is asked, how often, what the letter says, and how it is taken back."""

from datetime import date, timedelta

import pytest
from allauth.mfa.models import Authenticator
from bs4 import BeautifulSoup
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from audit.models import Event
from conftest import NOW
from people import outbox
from people.actions.undo import undo
from people.models import Change, OutgoingMail, Pairing, User
from people.tests.factories import PairingFactory, PersonFactory, SchoolFactory
from people.undo import CannotUndo, inverse_of
from scheduling import actions
from scheduling.actions import CannotSend, Invitee
from scheduling.models import SignUp
from scheduling.tests.factories import (
    BookingFactory,
    SignUpFactory,
    SlotFactory,
    TermFactory,
    school_with_calendar,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

INVITE = reverse("scheduling:invite")
LETTER = "You do not have to prepare."


@pytest.fixture
def school():
    return school_with_calendar(is_demo=True)


@pytest.fixture
def term(school):
    return school.terms.get()


@pytest.fixture
def host(school, term):
    host = PersonFactory(leader=True, school=school, given_name="Elena", family_name="Marsh")
    SlotFactory(host=host, term=term)
    return host


def teacher(school, **fields):
    return PersonFactory(**{"teacher": True, "school": school} | fields)


def send(host, school, *rows, letter=LETTER, by=None, term=None):
    return actions.invite(
        host,
        school,
        term or school.terms.get(),
        [Invitee(*row) for row in rows],
        letter,
        by=by or host,
        at=NOW,
    )


def soup(response):
    return BeautifulSoup(response.text, "html5lib")


def post(client, host, *people, **fields):
    client.force_login(host.user)
    return client.post(INVITE, {"person": [p.uid for p in people], "letter": LETTER, **fields})


# --- the action ---


def test_invite_pairs_gives_a_login_and_writes(host, school, term):
    ada = teacher(school, without_login=True)

    done = send(host, school, (ada, "weekly"))

    [pairing] = done.pairings
    pairing.refresh_from_db()
    ada.refresh_from_db()
    assert (pairing.host, pairing.attendee, pairing.kind) == (host, ada, "staff_check_in")
    assert (pairing.cadence, pairing.invited_at, pairing.school) == ("weekly", NOW, school)
    assert pairing.offered == ["weekly", "biweekly", "monthly"]
    assert ada.user.email == ada.email
    assert not ada.user.has_usable_password()
    assert done.sign_up.is_open(NOW)
    assert (done.sign_up.letter, done.sign_up.term) == (LETTER, term)
    mail = OutgoingMail.objects.get()
    assert (mail.kind, mail.person, mail.subject_uid) == ("invitation", ada, pairing.uid)
    assert mail.hold_until == NOW + timedelta(seconds=60)
    assert Event.objects.filter(act="signup.open").count() == 1
    assert f"pairing:{pairing.uid}" in Event.objects.get(act="pairing.invite").about


def test_nobody_is_left_out_because_of_one_without_an_address(host, school):
    nobody = teacher(school, without_login=True, email="", given_name="Jo", family_name="Lane")
    double = teacher(school, without_login=True, email=host.user.email)
    ada = teacher(school)

    done = send(host, school, (nobody, "monthly"), (double, "monthly"), (ada, "monthly"))

    assert [each.attendee for each in done.pairings] == [ada]
    assert done.refused == [nobody, double]
    assert OutgoingMail.objects.get().person == ada
    assert Pairing.objects.get(attendee=nobody).invited_at is None  # they can still be placed
    said = inverse_of(done.change).describe(done.change)
    assert said.startswith("1 person is invited. No letter reaches ")
    assert "Jo Lane (no e-mail address)" in said
    assert f"{double.name} (address of somebody else)" in said


def test_whoever_has_a_time_stays_as_they_are(host, school, term):
    booking = BookingFactory(seat=host.slots.get().seats.get())

    done = send(host, school, (booking.pairing.attendee, "monthly"))

    booking.pairing.refresh_from_db()
    assert done.pairings == []
    assert (booking.pairing.cadence, booking.pairing.invited_at) == ("weekly", None)
    assert not OutgoingMail.objects.exists()


def test_inviting_again_keeps_the_pairing_and_asks_anew(host, school):
    pairing = PairingFactory(school=school, host=host, answer="not_now")

    done = send(host, school, (pairing.attendee, "biweekly"))
    again = send(host, school, (pairing.attendee, "weekly"), letter="Another word.")

    pairing.refresh_from_db()
    assert (pairing.cadence, pairing.answer, pairing.invited_at) == ("weekly", "", NOW)
    assert done.pairings == again.pairings == [pairing]
    assert SignUp.objects.get().letter == "Another word."
    assert Event.objects.filter(act="signup.open").count() == 1


def test_a_closed_sign_up_opens_again(host, school, term):
    SignUpFactory(host=host, term=term, closed=True)

    assert send(host, school, (teacher(school), "monthly")).sign_up.is_open(NOW)


def test_only_the_host_invites(host, school):
    with pytest.raises(PermissionDenied):
        send(host, school, (teacher(school), "weekly"), by=PersonFactory(leader=True))
    ada = teacher(school)
    with pytest.raises(PermissionDenied):
        send(ada, school, (host, "weekly"))


@pytest.mark.parametrize(
    ("who", "words"),
    [
        ("nobody", "Tick at least one"),
        ("elsewhere", "not on the staff"),
        ("student", "not on the staff"),
        ("host", "not on the staff"),
        ("termly", "Choose weekly"),
        ("over", "term is over"),
        ("unpainted", "Paint a period first"),
    ],
)
def test_invite_refuses_in_words(host, school, term, who, words):
    person = {
        "elsewhere": lambda: PersonFactory(teacher=True),
        "student": lambda: PersonFactory(student=True, school=school),
        "host": lambda: host,
    }.get(who, lambda: teacher(school))()
    rows = [] if who == "nobody" else [(person, "termly" if who == "termly" else "weekly")]
    if who == "over":
        term = TermFactory(
            school=school, starts_on=date(2026, 1, 5), ends_on=date(2026, 5, 29), school_year=2026
        )
    if who == "unpainted":
        host.slots.get().delete()

    with pytest.raises(CannotSend, match=words):
        send(host, school, *rows, term=term)
    assert not Pairing.objects.exists()
    assert not SignUp.objects.exists()


# --- undo ---


def test_undo_leaves_nothing_behind(host, school):
    old = PairingFactory(
        school=school, host=host, cadence="biweekly", answer="talk", invited_at=NOW
    )
    done = send(host, school, (teacher(school), "weekly"), (old.attendee, "monthly"))

    undo(done.change, by=host, at=NOW)

    assert list(Pairing.objects.all()) == [old]
    restored = Pairing.objects.get()
    assert (restored.cadence, restored.answer, restored.invited_at) == ("biweekly", "talk", NOW)
    assert not SignUp.objects.get().is_open(NOW)
    assert not OutgoingMail.objects.open().exists()


def test_undo_keeps_what_somebody_has_picked_already(host, school):
    ada = teacher(school)
    done = send(host, school, (ada, "weekly"), (teacher(school), "weekly"))
    pairing = Pairing.objects.get(attendee=ada)
    actions.book(pairing, host.slots.get().seats.get(), by=ada, at=NOW)

    undo(done.change, by=host, at=NOW)

    assert list(Pairing.objects.all()) == [pairing]
    assert SignUp.objects.get().is_open(NOW)


def test_letters_that_have_left_cannot_be_taken_back(host, school):
    done = send(host, school, (teacher(school), "weekly"))
    OutgoingMail.objects.update(sent_at=NOW)

    with pytest.raises(CannotUndo, match="have left"):
        undo(done.change, by=host, at=NOW)


# --- the letter ---


@pytest.mark.parametrize(
    ("cadence", "subject", "sentence"),
    [
        ("weekly", "A regular half hour, if you would like one", "each week to begin with"),
        ("biweekly", "Half an hour every other week", "every other week to begin with"),
        ("monthly", "Half an hour a month", "once a month, without an agenda of mine"),
    ],
)
def test_letter_says_how_often_and_the_promise(host, school, cadence, subject, sentence):
    ada = teacher(school, given_name="Leila")
    send(host, school, (ada, cadence), letter="Come & <talk>.")

    message = outbox.render(OutgoingMail.objects.get(), at=NOW)

    assert (message.subject, message.to) == (subject, [ada.email])
    assert message.body.startswith("Hello Leila,\n")
    assert sentence in message.body
    assert "You are not in trouble, and this is not an evaluation." in message.body
    assert "Come & <talk>." in message.body
    pairing = Pairing.objects.get()
    assert reverse("scheduling:sign_up", args=[pairing.uid]) in message.body
    assert message.body.rstrip().endswith("Elena")


@pytest.mark.parametrize("what", ["answered", "ended", "booked", "closed", "left"])
def test_letter_that_has_no_point_any_more_is_not_sent(host, school, what):
    ada = teacher(school)
    [pairing] = send(host, school, (ada, "weekly")).pairings
    if what == "answered":
        Pairing.objects.update(answer="not_now")
    elif what == "ended":
        Pairing.objects.update(ends_on=NOW.date() - timedelta(days=1))
    elif what == "booked":
        actions.book(pairing, host.slots.get().seats.get(), by=ada, at=NOW)
    elif what == "closed":
        SignUp.objects.update(closes_at=NOW)
    else:
        ada.is_active = False
        ada.save()

    assert outbox.render(OutgoingMail.objects.get(kind="invitation"), at=NOW) is None


# --- the page ---


def test_only_hosts_invite(client, host, school):
    for person in (teacher(school), PersonFactory(administrator=True, school=school)):
        client.force_login(person.user)
        assert client.get(INVITE).status_code == 403
        assert client.post(INVITE).status_code == 403


def test_staff_list_comes_ticked_with_how_often(client, host, school, term):
    new = teacher(school, started_on=date(2026, 8, 24), family_name="A")
    old = teacher(school, started_on=date(2019, 8, 24), family_name="B")
    asked = PairingFactory(
        school=school, host=host, weekly=True, invited_at=NOW - timedelta(days=3)
    ).attendee
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
        ({"person": []}, "Tick at least one person"),
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

    [part] = soup(fragment).body.find_all(recursive=False)
    assert part == soup(page).find(id="preview")
    assert [each.text.split(",")[0].strip() for each in part.select(".letter-b")] == ["Ada", "Ben"]
    assert part.text.count("this is not an evaluation") == 2
    assert "Bring a <cake>." in part.text
    assert not Change.objects.exists()


@pytest.mark.parametrize("count", [1, 9])
def test_invite_page_asks_the_same_number_of_questions(
    client, host, school, term, count, django_assert_num_queries
):
    for _ in range(count):
        teacher(school)
        PairingFactory(school=school, host=host, invited_at=NOW)
    school.is_demo = False
    school.save()
    Authenticator.objects.create(user=host.user, type=Authenticator.Type.TOTP, data={})
    client.force_login(host.user)

    with django_assert_num_queries(11):
        assert client.get(INVITE).status_code == 200


def test_login_exists_once(host, school):
    ada = teacher(school, without_login=True)
    send(host, school, (ada, "weekly"))
    send(host, school, (ada, "weekly"))

    assert User.objects.filter(email=ada.email).count() == 1
