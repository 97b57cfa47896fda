"""One's own data as a file: all that is theirs, nothing that is not, and the log says so first."""

import io
import json
import zipfile
from datetime import date, timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from bs4 import BeautifulSoup
from django.core.cache import cache
from django.urls import reverse

from audit.actions import verify
from audit.models import Event
from conftest import NOW
from notes.models import LogKeeper, StandingAcceptance
from notes.tests.factories import agree, draft, finished, hold_on, part_row, school_with_lead
from people import own_data
from people.actions import start_import
from people.models import Assistance, Guardianship, Handover, ImportRun, Person
from people.tests.factories import (
    ChangeFactory,
    DepartureFactory,
    LeaveFactory,
    LineFactory,
    MembershipFactory,
    OutgoingMailFactory,
    PairingFactory,
    PersonFactory,
    SchoolFactory,
    SessionFactory,
)
from people.words import Protocol
from scheduling.actions import make_feed
from scheduling.models import OverdueFlag, TeacherCode
from scheduling.tests.factories import (
    BookingFactory,
    CommitmentFactory,
    InvitationFactory,
    MeetingFactory,
    SignUpFactory,
    SlotFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

PAGE = reverse("people:own_data")
SAID, KEPT = "Tired but steadier, her brother helps", "Ask about the brother =1+1"
SHARED, CONFIDED = "The new class is loud", "I doubt that she can do it"


@pytest.fixture
def meeting():
    pairing = PairingFactory(
        school=school_with_lead(), host__given_name="Elena", attendee__given_name="Priya"
    )
    agree(pairing)
    return MeetingFactory(pairing=pairing)


@pytest.fixture
def priya(meeting):
    return meeting.pairing.attendee


@pytest.fixture
def elena(meeting):
    return meeting.pairing.host


def files(response):
    with zipfile.ZipFile(io.BytesIO(response.content)) as zipped:
        return {name: zipped.read(name).decode() for name in zipped.namelist()}


def taken(client, person):
    client.force_login(person.user)
    return files(client.post(PAGE))


def data(client, person):
    return json.loads(taken(client, person)["your-data.json"])


def fill(meeting, elena, priya):
    """A row of everything there is of a host."""
    school = meeting.school
    colleague = PersonFactory(teacher=True, school=school)
    term = BookingFactory(pairing=meeting.pairing, seat=seat_of(elena)).term
    StandingAcceptance.objects.create(
        host=elena, protocol=Protocol.BETWEEN_US, words_sha256="0" * 64, language="en-us", at=NOW
    )
    MembershipFactory(group__school=school, person=elena, is_adult=True)
    Guardianship.objects.create(guardian=elena, student=colleague, starts_on=date(2026, 9, 7))
    LineFactory(person=priya, manager=elena)
    Assistance.objects.create(host=elena, assistant=colleague, starts_on=date(2026, 9, 7))
    LeaveFactory(person=elena)
    DepartureFactory(person=elena, school=school)
    Handover.objects.create(pairing=meeting.pairing, leaver=elena, to=colleague)
    OutgoingMailFactory(person=elena, kind="reminder")
    ChangeFactory(by=elena)
    start_import(by=None, at=NOW, school=school, upload_key="k")
    ImportRun.objects.update(by=elena)
    SessionFactory(user=elena.user)
    Authenticator.objects.create(user=elena.user, type="totp", data={"any": "hidden"})
    EmailAddress.objects.create(user=elena.user, email=elena.email)
    SocialAccount.objects.create(user=elena.user, provider="google", uid="1", extra_data={})
    InvitationFactory(sign_up__term=term, pairing__school=school, pairing__attendee=elena)
    SignUpFactory(term=term, host=elena)
    OverdueFlag.objects.create(
        pairing=meeting.pairing, since_week=4, due_on=date(2026, 9, 28), raised_at=NOW
    )
    CommitmentFactory(term=term, person=elena)
    TeacherCode.objects.create(school=school, kind="untis", code="EM", person=elena)
    hold_on(school, elena)
    LogKeeper.objects.create(school=school, person=elena, since=NOW)
    make_feed(by=elena, at=NOW, shows_names=True)


def test_it_holds_a_row_of_everything_that_is_theirs(client, meeting, priya, elena):
    fill(meeting, elena, priya)
    finished(meeting, elena, SAID)
    client.force_login(priya.user)
    client.get(reverse("notes:meeting_notes", args=[meeting.uid]))

    found = data(client, elena)

    chapters = {chapter.key for chapter in own_data.chapters()}
    assert {key for key in chapters if not found[key]} == set()
    assert "hidden" not in json.dumps(found)


def seat_of(host):
    return SlotFactory(host=host, column="5").seats.first()


def test_it_holds_the_words_one_wrote_and_those_one_may_read_and_no_others(
    client, meeting, priya, elena
):
    finished(meeting, priya, SAID)
    finished(meeting, priya, KEPT, field="memory", chosen=1)
    draft(meeting, priya, "Not yet done", field="heavy")
    finished(meeting, elena, SHARED)
    finished(meeting, elena, CONFIDED, field="memory", chosen=1)
    draft(meeting, elena, "Half a thought", field="heavy")
    stranger = MeetingFactory(pairing__school=meeting.school, starts_at=NOW + timedelta(days=3))
    part_row(stranger, stranger.pairing.host, "Of two others")

    found = taken(client, priya)

    notes = {(row["words"], row["written by"], row["state"]) for row in
             json.loads(found["your-data.json"])["notes"]}  # fmt: skip
    assert notes == {
        (SAID, "You", "finished"),
        (KEPT, "You", "finished"),
        ("Not yet done", "You", "draft"),
        (SHARED, elena.name, "finished"),
    }
    for text in found.values():
        assert CONFIDED not in text
        assert "Half a thought" not in text
        assert "Of two others" not in text
        assert stranger.pairing.host.name not in text
    assert SAID in BeautifulSoup(found["your-data.html"], "html.parser").get_text()


def test_others_are_names_and_no_more(client, meeting, priya, elena):
    Person.objects.filter(pk=elena.pk).update(pronouns="they/them", job="Leads the lower school")
    Person.objects.filter(pk=priya.pk).update(hides_names=True)  # on the screen

    for text in taken(client, priya).values():
        assert elena.name in text
        assert elena.email not in text
        assert "Leads the lower school" not in text


def test_words_are_shown_as_words(client, meeting, priya):
    finished(meeting, priya, "<b>Bold</b> & <script>x</script>")

    page = taken(client, priya)["your-data.html"]

    assert "<script>" not in page
    assert "&lt;b&gt;Bold&lt;/b&gt;" in page


def test_log_says_so_before_anything_is_opened_and_the_other_sees_that_there_is_a_copy(
    client, meeting, priya, elena
):
    finished(meeting, elena, SHARED)
    finished(meeting, priya, SAID)

    data(client, priya)

    acts = list(Event.objects.order_by("seq").filter(by=priya.pk).values_list("act", "basis"))
    assert acts[-2:] == [("export.make", "own"), ("part.read", "party.copy")]
    assert verify().is_sound
    client.force_login(elena.user)
    ledger = client.get(reverse("notes:meeting_ledger", args=[meeting.uid])).text
    assert "in a copy of all that they may read" in " ".join(ledger.split())
    [opened] = data(client, elena)["opened"]
    assert (opened["who opened"], opened["what"]) == (priya.name, "“How are you?”")


def test_every_copy_is_recorded(client, meeting, priya, elena):
    finished(meeting, elena, SHARED)

    for _ in range(2):
        data(client, priya)

    assert Event.objects.filter(act=Event.Act.PART_READ, basis="party.copy").count() == 2


def test_file_has_a_neutral_name_and_is_kept_nowhere(client, priya, meeting):
    finished(meeting, priya, SAID)
    cache.clear()
    client.force_login(priya.user)

    response = client.post(PAGE)

    assert response["Content-Disposition"] == 'attachment; filename="your-data.zip"'
    assert "no-store" in response["Cache-Control"]
    assert SAID not in str(dict(client.session))


def test_page_says_what_is_in_it_and_changes_nothing(client, priya, meeting):
    client.force_login(priya.user)
    before = Event.objects.count()

    page = client.get(PAGE)

    assert "Notes you wrote, and those you may read" in page.text
    assert Event.objects.count() == before


def test_it_asks_once_more_who_one_is(client):
    person = PersonFactory(teacher=True, school=SchoolFactory())
    client.force_login(person.user)

    opened, sent = client.get(PAGE), client.post(PAGE)

    assert opened.status_code == 302
    assert opened["Location"].startswith(reverse("account_reauthenticate"))
    assert "Is it still you?" in sent.text
    assert not Event.objects.filter(act=Event.Act.EXPORT_MAKE).exists()


def test_without_the_key_ring_it_says_so_and_gives_no_half_of_it(
    client, meeting, priya, settings, tmp_path
):
    finished(meeting, priya, SAID)
    client.force_login(priya.user)
    settings.KEYRING_PATH = tmp_path / "gone.json"

    response = client.post(PAGE, follow=True)

    assert "Your data cannot be put together right now" in response.text


@pytest.mark.parametrize("count", [1, 4])
def test_it_asks_no_more_for_many_talks(
    client, meeting, priya, elena, count, django_assert_num_queries
):
    for number in range(count):
        talk = MeetingFactory(
            pairing=meeting.pairing, starts_at=NOW + timedelta(days=7 * number + 8)
        )
        finished(talk, elena, SHARED)
        finished(talk, priya, SAID)
    client.force_login(priya.user)

    with django_assert_num_queries(59):
        client.post(PAGE)
