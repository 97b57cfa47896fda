"""Who has not answered is asked once more, kindly; a host with too few places is told once."""

from datetime import UTC, date, datetime, timedelta

import pytest

from conftest import NOW
from people import outbox
from people.models import Leave, OutgoingMail, Pairing
from people.tests.factories import LeaveFactory, PairingFactory
from scheduling import actions
from scheduling.models import Invitation, SchoolDay, SignUp
from scheduling.tests.factories import BookingFactory, InvitationFactory, SlotFactory, TermFactory
from scheduling.tests.inviting.invitations import send, teacher

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

DAY = timedelta(days=1)
NINTH = NOW + 9 * DAY + timedelta(hours=5)  # Wednesday 21 October, 8:00 in New York


@pytest.fixture
def leila(school):
    return teacher(school, given_name="Leila")


@pytest.fixture
def pairing(host, school, leila):
    return send(host, school, (leila, "weekly")).pairings[0]


def queued(school, at, kind="no_hurry"):
    actions.queue_nudges(school, by=None, at=at)
    return list(OutgoingMail.objects.filter(kind=kind))


def rendered(mail, at=NINTH):
    return outbox.render(mail, at=at)


def test_who_has_not_answered_in_nine_days_is_asked_once(school, host, term, leila, pairing):
    SlotFactory(host=host, term=term, column="4")
    assert queued(school, NINTH - DAY) == []
    [mail] = queued(school, NINTH)
    assert queued(school, NINTH + DAY) == [mail]

    message = rendered(mail)

    assert (message.subject, message.to) == ("No hurry", [leila.email])
    assert (
        "Hello Leila,\n\nin case my note got buried: two times fit your timetable" in message.body
    )
    assert "and Thursday at 10:40 is one." in message.body  # the first to come
    assert f"/book/{pairing.uid}/" in message.body
    assert message.body.rstrip().endswith("Either is fine.\n\nElena")


def test_a_letter_sent_again_is_no_second_question(school, host, leila, pairing):
    [mail] = queued(school, NINTH)
    OutgoingMail.objects.filter(pk=mail.pk).update(sent_at=NINTH)
    Invitation.objects.update(invited_at=NINTH)

    assert queued(school, NINTH + 12 * DAY) == [mail]
    assert rendered(mail, NINTH + DAY) is None  # in quiet hours since, and asked anew


@pytest.mark.parametrize(
    ("hours", "asks"), [(-1, False), (0, True), (8, True), (9, False)], ids=str
)
def test_it_is_asked_in_working_hours(school, pairing, hours, asks):
    assert bool(queued(school, NINTH + timedelta(hours=hours))) == asks


def test_it_waits_for_a_school_day(school, pairing):
    SchoolDay.objects.filter(school=school, date=date(2026, 10, 21)).update(is_open=False)
    assert queued(school, NINTH) == []
    assert len(queued(school, NINTH + DAY)) == 1


def _books(pairing):
    actions.book(pairing, pairing.host.slots.get().seats.first(), by=pairing.attendee, at=NOW)


def _answers(pairing):
    Invitation.objects.update(answer=Pairing.Answer.NOT_NOW)


def _pauses(pairing):
    Pairing.objects.update(is_paused=True)


def _closes(pairing):
    SignUp.objects.update(closes_at=NOW + DAY)


def _ends(pairing):
    Pairing.objects.update(ends_on=date(2026, 10, 20))


@pytest.mark.parametrize("act", [_books, _answers, _pauses, _closes, _ends])
def test_nobody_is_asked_who_has_answered_or_need_not(school, pairing, act):
    [mail] = queued(school, NINTH)
    act(pairing)
    assert rendered(mail) is None
    OutgoingMail.objects.all().delete()
    assert queued(school, NINTH) == []


def test_who_is_away_is_asked_when_they_are_back(school, leila, pairing):
    LeaveFactory(person=leila, starts_on=date(2026, 10, 19), ends_on=date(2026, 10, 23))
    assert queued(school, NINTH) == []
    Leave.objects.all().delete()
    assert len(queued(school, NINTH + DAY)) == 1


def test_letters_of_long_ago_are_left_alone(school, pairing):
    assert queued(school, NINTH + 22 * DAY) == []


def test_where_no_time_fits_the_mail_says_so(school, host, term, pairing):
    host.slots.all().delete()
    [mail] = queued(school, NINTH)
    assert "none of my free times fits your timetable so far" in rendered(mail).body


def test_a_host_with_more_people_than_places_is_told_once(school, host, pairing, leila):
    ben = teacher(school)
    send(host, school, (ben, "weekly"))
    assert queued(school, NOW + timedelta(hours=6), "too_few") == []  # the page says it today
    [mail] = queued(school, NOW + DAY + timedelta(hours=6), "too_few")
    assert queued(school, NINTH, "too_few") == [mail]

    message = rendered(mail)

    assert message.to == [host.email]
    assert "Weekly: 2 without a time, 1 free" in message.body
    assert "None of your times fit" not in message.body
    assert "/schedule/" in message.body
    SlotFactory(host=host, term=host.slots.get().term, column="4")
    assert rendered(mail) is None


def test_a_host_is_told_whom_none_of_the_times_fit(school, host, pairing, leila):
    Invitation.objects.update(answer=Pairing.Answer.NONE_FIT, answered_at=NOW)

    [mail] = queued(school, NINTH, "too_few")

    assert f"none of your times fit {leila.name}." in rendered(mail).body


def test_who_wants_no_time_now_is_not_counted(school, host, pairing):
    ben = teacher(school)
    [other] = send(host, school, (ben, "weekly")).pairings
    for each, answer in ((pairing, Pairing.Answer.NOT_NOW), (other, Pairing.Answer.TALK)):
        Invitation.objects.filter(pairing=each).update(answer=answer)
    for is_paused in (False, True):  # and a place for the one who is not
        pairing = PairingFactory(school=school, host=host, cadence="weekly", is_paused=is_paused)
        InvitationFactory(sign_up=SignUp.objects.get(), pairing=pairing)

    assert queued(school, NINTH, "too_few") == []


def test_one_hosts_places_are_not_anothers(school, host, term, pairing):
    other = SlotFactory(term=term, column="3", cadence="weekly")
    actions.book(pairing, host.slots.get().seats.first(), by=host, at=NOW)
    send(host, school, (teacher(school), "weekly"))

    [mail] = queued(school, NINTH, "too_few")

    assert mail.person == host
    assert "Weekly: 1 without a time, 0 free" in rendered(mail).body
    assert other.host != host


def test_a_school_is_asked_in_few_questions(school, host, pairing, django_assert_max_num_queries):
    for _ in range(4):
        send(host, school, (teacher(school), "weekly"))
    with django_assert_max_num_queries(10):
        actions.queue_nudges(school, by=None, at=NINTH)


# --- series that end with the term ---

SOON = datetime(2026, 12, 4, 15, tzinfo=UTC)  # two weeks before the last day


def test_a_host_is_told_once_that_their_series_end(school, host, term, pairing):
    actions.book(pairing, host.slots.get().seats.first(), by=host, at=NOW)
    assert queued(school, SOON - DAY, "term_ends") == []
    [mail] = queued(school, SOON, "term_ends")
    assert queued(school, SOON + 3 * DAY, "term_ends") == [mail]

    message = rendered(mail, SOON)

    assert (message.subject, message.to) == (
        "Your series end on Friday 18 December",
        [host.email],
    )
    assert "one of your series ends with Fall 2026 on Friday 18 December." in message.body
    assert "The next term is not in the school's calendar yet." in message.body
    spring = TermFactory(
        school=school, name="Spring 2027", starts_on=date(2027, 1, 4), ends_on=date(2027, 5, 28)
    )
    assert "Spring 2027 begins on Monday 4 January." in rendered(mail, SOON).body
    assert "/schedule/next-term/" in rendered(mail, SOON).body
    BookingFactory(
        seat=SlotFactory(host=host, term=spring).seats.first(), pairing=pairing, term=spring
    )
    assert rendered(mail, SOON) is None


@pytest.mark.parametrize("fields", [{"is_paused": True}, {"ends_on": date(2026, 12, 18)}])
def test_what_ends_anyway_is_not_told(school, host, pairing, fields):
    actions.book(pairing, host.slots.get().seats.first(), by=host, at=NOW)
    Pairing.objects.update(**fields)
    assert queued(school, SOON, "term_ends") == []
