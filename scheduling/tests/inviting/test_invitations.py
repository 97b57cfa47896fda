"""Inviting: who is asked, how often, what the letter says, and how it is taken back."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import Event
from conftest import NOW
from people import outbox
from people.actions.undo import undo
from people.models import OutgoingMail, Pairing, User
from people.tests.factories import PairingFactory, PersonFactory
from people.undo import CannotUndo, inverse_of
from scheduling import actions
from scheduling.actions import CannotSend
from scheduling.models import Invitation, SignUp
from scheduling.tests.factories import (
    BookingFactory,
    InvitationFactory,
    SignUpFactory,
    TermFactory,
)
from scheduling.tests.inviting.invitations import LETTER, send, teacher

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


# --- the action ---


def test_invite_pairs_gives_a_login_and_writes(host, school, term):
    ada = teacher(school, without_login=True)

    done = send(host, school, (ada, "weekly"))

    [pairing] = done.pairings
    pairing.refresh_from_db()
    ada.refresh_from_db()
    assert (pairing.host, pairing.attendee, pairing.kind) == (host, ada, "staff_check_in")
    assert (pairing.cadence, pairing.school) == ("weekly", school)
    invitation = pairing.invitations.get()
    assert (invitation.sign_up, invitation.invited_at) == (done.sign_up, NOW)
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
    assert not Pairing.objects.get(attendee=nobody).invitations.exists()  # but can be placed
    said = inverse_of(done.change).describe(done.change)
    assert said.startswith("1 person is invited. No letter reaches ")
    assert "Jo Lane (no e-mail address)" in said
    assert f"{double.name} (address of somebody else)" in said


def test_whoever_has_a_time_stays_as_they_are(host, school, term):
    booking = BookingFactory(seat=host.slots.get().seats.get())

    done = send(host, school, (booking.pairing.attendee, "monthly"))

    booking.pairing.refresh_from_db()
    assert done.pairings == []
    assert booking.pairing.cadence == "weekly"
    assert not booking.pairing.invitations.exists()
    assert not OutgoingMail.objects.exists()


def test_inviting_again_keeps_the_pairing_and_asks_anew(host, school):
    pairing = PairingFactory(school=school, host=host)

    done = send(host, school, (pairing.attendee, "biweekly"))
    Invitation.objects.update(answer="not_now", invited_at=NOW - timedelta(days=1))
    again = send(host, school, (pairing.attendee, "weekly"), letter="Another word.")

    pairing.refresh_from_db()
    invitation = Invitation.objects.get()
    assert (pairing.cadence, invitation.answer, invitation.invited_at) == ("weekly", "", NOW)
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


def test_undo_leaves_nothing_behind(host, school, term):
    yesterday = NOW - timedelta(days=1)
    invitation = InvitationFactory(
        sign_up=SignUpFactory(host=host, term=term, closed=True),
        pairing__cadence="biweekly",
        answer="talk",
        invited_at=yesterday,
        answered_at=yesterday,
    )
    old = invitation.pairing
    done = send(host, school, (teacher(school), "weekly"), (old.attendee, "monthly"))

    undo(done.change, by=host, at=NOW)

    assert list(Pairing.objects.all()) == [old]
    assert Pairing.objects.get().cadence == "biweekly"
    assert list(Invitation.objects.values_list("answer", "invited_at", "answered_at")) == [
        ("talk", yesterday, yesterday)
    ]
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
        Invitation.objects.update(answer="not_now")
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


def test_login_exists_once(host, school):
    ada = teacher(school, without_login=True)
    send(host, school, (ada, "weekly"))
    send(host, school, (ada, "weekly"))

    assert User.objects.filter(email=ada.email).count() == 1


def test_ended_logins_open_again_and_of_two_with_one_address_the_first_has_it(host, school):
    ended = teacher(school)
    User.objects.filter(pk=ended.user_id).update(is_active=False)
    first, second = (
        teacher(school, without_login=True, email=email)
        for email in ("Shared@school.example", "shared@School.example ")
    )

    done = send(host, school, *((each, "weekly") for each in (second, first, ended)))

    assert {each.attendee for each in done.pairings} == {ended, first}
    assert done.refused == [second]
    for each in (ended, first, second):
        each.refresh_from_db()
    assert ended.user.is_active
    assert (first.user.email, second.user) == ("shared@school.example", None)
    assert User.objects.filter(email="shared@school.example").count() == 1


# --- what it costs ---


def cost_of_inviting(host, school, count, *, without_login):
    rows = [(teacher(school, without_login=without_login), "weekly") for _ in range(count)]
    with CaptureQueriesContext(connection) as asked:
        assert len(send(host, school, *rows).pairings) == count
    return len(asked)


def test_inviting_asks_as_many_questions_for_forty_as_for_five(host, school):
    first, few, many = (cost_of_inviting(host, school, n, without_login=False) for n in (1, 5, 40))

    assert few == many <= 32
    assert first <= 37  # which opens the sign-up


def test_new_logins_cost_as_many_questions_for_forty_as_for_five(host, school):
    cost_of_inviting(host, school, 1, without_login=False)  # opens the sign-up
    few = cost_of_inviting(host, school, 5, without_login=True)
    many = cost_of_inviting(host, school, 40, without_login=True)

    assert few == many <= 38
    opened = Event.objects.filter(act="person.change", basis="login.open")
    assert [len(each.about) for each in opened.order_by("pk")] == [10, 80]
