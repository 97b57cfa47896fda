import logging
import re
from uuid import uuid4

import pytest
from bs4 import BeautifulSoup
from django.contrib.sessions.models import Session
from django.core import mail
from django.urls import reverse

from audit.models import Event
from conftest import NOW
from notes import actions
from notes.models import AgreementVersion, Part, StandingAcceptance
from notes.tests.factories import agree, draft, finished, school_with_lead
from people.models import Guardianship, Pairing, School
from people.tests.factories import (
    LineFactory,
    PairingFactory,
    PersonFactory,
    UserFactory,
)
from people.words import words_of
from scheduling.models import Attendance, Meeting
from scheduling.tests.factories import MeetingFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

CANARY = "zanzibar-nougat-4711"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def meeting():
    """A principal and a teacher, who have agreed."""
    pairing = PairingFactory(
        school=school_with_lead(),
        host__given_name="Elena",
        attendee__given_name="Priya",
    )
    agree(pairing)
    return MeetingFactory(pairing=pairing)


@pytest.fixture
def counseling():
    """A counselor and a student, who have not agreed on anything."""
    pairing = PairingFactory(
        counseling=True,
        school=school_with_lead(),
        attendee__given_name="Elias",
        attendee__family_name="Kaya",
        attendee__user=UserFactory(),
    )
    return MeetingFactory(pairing=pairing)


def address(name, thing):
    return reverse(f"notes:{name}", args=[thing.uid])


def page(client, meeting, person, **kwargs):
    client.force_login(person.user)
    return client.get(address("meeting_notes", meeting), **kwargs)


def soup(response):
    return BeautifulSoup(response.text, "html5lib")


def bare(response):
    """The page without what differs each time."""
    return re.sub(r"(csrf\w*\W+value=\W|X-CSRFToken\W+|nonce=\W)[\w+/=-]+", r"\1", response.text)


def who_sees(response):
    rows = soup(response).select("#who-sees-what dl.sees > div")
    return {row.dt.get_text(strip=True): row.dd.get_text(strip=True) for row in rows}


def chips(response):
    return {
        each["id"].removesuffix("-chip"): each.get_text(strip=True)
        for each in soup(response).select("#note [id$=-chip]")
    }


def post_note(client, meeting, person, verb="note_finish", headers=None, **fields):
    client.force_login(person.user)
    version = AgreementVersion.objects.of(meeting.pairing).in_force().first()
    shown = str(version.uid) if version else "none"
    return client.post(address(verb, meeting), {"shown": shown, **fields}, headers=headers or {})


# Reading


def test_meeting_notes_say_who_can_see_each_field(client, meeting):
    response = page(client, meeting, meeting.pairing.host)

    assert chips(response) == {
        "how": "You and Priya",
        "well": "You and Priya",
        "heavy": "You and Priya",
        "memory": "Only you",
    }
    assert who_sees(response) == {
        "You": "Everything on this page",
        "Priya": "“How are you?”, “Going well”, “Heavy or stuck”. Not “For my memory”.",
        "The office": "Nothing",
        "Sam Whitlock": "Nothing",
    }
    assert "Between Priya and you." in response.text
    assert "You both agreed this on 12 October." in response.text


def test_meeting_notes_before_an_agreement_are_ones_own(client, counseling):
    response = page(client, counseling, counseling.pairing.host)

    assert set(chips(response).values()) == {
        "Only you. When Elias agrees too, you can share.",
        "Only you",
    }
    assert who_sees(response) == {
        "You": "Everything on this page",
        "Elias": "Nothing. When Elias agrees too, you can share.",
        "Principal, office": "Nothing",
        "Elias’s family": "Nothing",
        "Sam Whitlock": "Nothing",
    }
    assert soup(response).h1.get_text() == "Elias K."


def test_meeting_notes_of_counseling_share_only_what_is_chosen(client, counseling):
    agree(counseling.pairing)
    PersonFactory(counselor=True, school=counseling.school)
    guardian = PersonFactory(guardian=True, school=counseling.school)
    Guardianship.objects.create(
        guardian=guardian, student=counseling.pairing.attendee, starts_on="2026-09-07"
    )

    response = page(client, counseling, counseling.pairing.host)

    assert chips(response) == {
        "words": "Only you",
        "noticed": "Only you",
        "wish": "You and Elias",
        "memory": "Only you",
    }
    rows = who_sees(response)
    assert rows.pop("Elias").startswith("“What they would like to happen”. Not “In their words”")
    assert rows.pop("You")
    assert set(rows) == {
        "Principal, office", "Other counselors", "Elias’s family", "Sam Whitlock"
    }  # fmt: skip
    assert set(rows.values()) == {"Nothing"}


def test_meeting_notes_name_a_line_manager_who_could_read(client, meeting):
    pairing = meeting.pairing
    pairing.kind = Pairing.Kind.PERFORMANCE_SUPPORT
    pairing.save()
    line = LineFactory(
        person=pairing.attendee, manager__given_name="Jo", manager__family_name="Hall"
    )
    line.manager.roles.create(school=pairing.school, kind="leader", starts_on="2026-09-07")
    agree(pairing)

    response = page(client, meeting, pairing.host)

    assert "This is not confidential coaching." in response.text
    assert who_sees(response)["Jo Hall"] == "Nothing"


def test_meeting_notes_of_the_other_are_read_and_recorded(client, meeting):
    finished(meeting, meeting.pairing.host, CANARY)
    finished(meeting, meeting.pairing.host, "nothing for Priya", field="memory", chosen=1)

    response = page(client, meeting, meeting.pairing.attendee)

    assert CANARY in response.text
    assert "nothing for Priya" not in response.text
    [event] = Event.objects.filter(act=Event.Act.PART_READ)
    assert event.by == meeting.pairing.attendee_id
    page(client, meeting, meeting.pairing.attendee)
    assert Event.objects.filter(act=Event.Act.PART_READ).count() == 1


def test_meeting_notes_show_earlier_words_and_earlier_meetings(client, meeting):
    before = MeetingFactory(pairing=meeting.pairing, past=True)
    finished(before, meeting.pairing.host, "last week")
    part = finished(meeting, meeting.pairing.host, "first words")
    page(client, meeting, meeting.pairing.attendee)
    post_note(
        client, meeting, meeting.pairing.host,
        **{"how": "second words", "how-see": "3", "how-seen": f"{part.uid}:{part.revision}"},
    )  # fmt: skip

    response = page(client, meeting, meeting.pairing.attendee)

    assert response.text.index("second words") < response.text.index("first words")
    assert address("meeting_notes", before) in response.text
    assert "last week" not in response.text


def test_meeting_notes_are_escaped_and_kept_as_typed(client, meeting):
    words = "\n<script>alert(1)</script> &amp; {{ x }} </textarea>\nnext"
    post_note(client, meeting, meeting.pairing.host, how=words, **{"how-see": "3"})

    assert "<script>alert" not in page(client, meeting, meeting.pairing.attendee).text
    client.force_login(meeting.pairing.host.user)
    again = soup(client.get(address("meeting_notes", meeting) + "?write=1"))
    assert again.select_one("#how").get_text() == words


def test_meeting_notes_fragment_is_part_of_the_page(client, meeting):
    finished(meeting, meeting.pairing.attendee, "well")
    draft(meeting, meeting.pairing.host, "begun")

    whole = soup(page(client, meeting, meeting.pairing.host))
    fragment = soup(page(client, meeting, meeting.pairing.host, headers=HTMX))

    [notes] = fragment.body.find_all(recursive=False)
    for tree in (whole, fragment):
        for token in tree.select("[name=csrfmiddlewaretoken]"):
            token.decompose()
    assert notes == whole.find(id="notes")


def test_meeting_notes_come_back_to_the_page_that_holds_them(client, meeting):
    headers = HTMX | {"HX-Current-URL": f"http://testserver/meetings/{meeting.uid}/"}

    response = page(client, meeting, meeting.pairing.host, headers=headers)

    assert soup(response).select_one("[name=next]")["value"] == f"/meetings/{meeting.uid}/"


@pytest.mark.parametrize("count", [1, 3])
def test_meeting_notes_query_count(client, meeting, count, django_assert_num_queries):
    for field in ["how", "well", "heavy"][:count]:
        finished(meeting, meeting.pairing.host, "a", field=field)
        finished(meeting, meeting.pairing.attendee, "a", field=field)
    for day in range(count):
        past = MeetingFactory(
            pairing=meeting.pairing, past=True, starts_at=NOW.replace(day=1 + day)
        )
        finished(past, meeting.pairing.host, "a")
    page(client, meeting, meeting.pairing.host)

    with django_assert_num_queries(READING):
        client.get(address("meeting_notes", meeting), headers=HTMX)


READING = 11


# Nobody else


def outsiders(meeting):
    school = meeting.school
    superuser = PersonFactory(administrator=True, school=school)
    superuser.user.is_superuser = superuser.user.is_staff = True
    superuser.user.save()
    gone = PersonFactory(counselor=True, school=school)
    guest = PersonFactory(guardian=True, school=school, user=UserFactory())
    Attendance.objects.create(
        meeting=meeting, person=guest, role="guest",
        starts_at=meeting.starts_at, ends_at=meeting.ends_at,
    )  # fmt: skip
    return {
        "principal": PersonFactory(leader=True, school=school),
        "administrator": PersonFactory(administrator=True, school=school),
        "superuser": superuser,
        "other counselor": PersonFactory(counselor=True, school=school),
        "guest": guest,
        "gone": gone,
    }


PAGES = ["meeting_notes", "note_save", "note_finish", "agreement", "agreement_accept",
         "agreement_decline", "agreement_withdraw"]  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(
    "who", ["principal", "administrator", "superuser", "other counselor", "guest", "login alone"]
)
def test_nobody_else_learns_that_there_is_a_note(client, counseling, who, name):
    finished(counseling, counseling.pairing.host, CANARY, field="noticed", chosen=1)
    people = outsiders(counseling)
    user = people[who].user if who in people else UserFactory(superuser=True)
    client.force_login(user)
    thing = counseling.pairing if name.startswith("agreement") else counseling
    send = client.get if name in ("meeting_notes", "agreement") else client.post

    response = send(address(name, thing))
    nowhere = send(reverse(f"notes:{name}", args=[uuid4()]))

    # A login without a person is refused everywhere, before any address is looked at
    expected = 403 if who == "login alone" else 404
    assert response.status_code == nowhere.status_code == expected
    assert bare(response) == bare(nowhere)
    assert CANARY not in response.text


def test_nobody_else_has_it_in_a_list(client, counseling):
    finished(counseling, counseling.pairing.host, CANARY, field="noticed", chosen=1)

    for person in outsiders(counseling).values():
        client.force_login(person.user)
        response = client.get(reverse("notes:note_list"))
        assert response.context["notes"] == []
        assert "Elias" not in response.text


def test_somebody_who_has_left_opens_nothing(client, counseling):
    finished(counseling, counseling.pairing.host, CANARY, field="noticed", chosen=1)
    host = counseling.pairing.host
    host.is_active = False
    host.save()

    assert page(client, counseling, host).status_code != 200


def test_the_student_reads_what_is_shared_and_no_more(client, counseling):
    agree(counseling.pairing)
    finished(counseling, counseling.pairing.host, CANARY, field="noticed", chosen=1)
    finished(counseling, counseling.pairing.host, "a window seat", field="wish")

    response = page(client, counseling, counseling.pairing.attendee)

    assert "a window seat" in response.text
    assert CANARY not in response.text
    assert "What I noticed" not in response.text
    assert not soup(response).select("textarea")


def test_words_are_nowhere_but_on_the_page(client, counseling, caplog, django_db_blocker):
    caplog.set_level(logging.DEBUG)
    agree(counseling.pairing)
    words = {"noticed": CANARY, "wish": CANARY, "memory": CANARY, "words": CANARY}
    post_note(client, counseling, counseling.pairing.host, "note_save", **words)
    post_note(client, counseling, counseling.pairing.host, "note_save", headers=HTMX, **words)
    too_long = post_note(client, counseling, counseling.pairing.host, noticed=CANARY + "x" * 20_001)
    assert CANARY in too_long.text
    post_note(client, counseling, counseling.pairing.host, **words)
    assert CANARY in page(client, counseling, counseling.pairing.host).text

    assert CANARY not in caplog.text
    assert CANARY not in "".join(message.body + message.subject for message in mail.outbox)
    for session in Session.objects.all():
        assert CANARY not in repr(session.get_decoded())
    assert CANARY not in repr(list(Event.objects.values()))
    assert CANARY not in repr(list(Meeting.objects.values())) + repr(list(Pairing.objects.values()))
    sealed = Part._base_manager.values()
    assert sealed
    assert all(CANARY.encode() not in bytes(row["box"]) for row in sealed)
    assert CANARY not in repr([{**row, "box": None, "dek": None} for row in sealed])


# Writing


def test_note_save_answers_htmx_with_what_changed(client, meeting):
    response = post_note(
        client, meeting, meeting.pairing.host, "note_save", headers=HTMX,
        how=CANARY, **{"how-see": "1"},
    )  # fmt: skip

    [part] = Part.objects.visible_to(meeting.pairing.host, at=NOW)
    tree = soup(response)
    assert tree.select_one("#saved").get_text(strip=True) == "Saved 3:00"
    assert tree.select_one("#how-seen")["value"] == f"{part.uid}:1"
    assert tree.select_one("#how-chip").get_text(strip=True) == "Only you"
    assert who_sees(response)["Priya"] == (
        "“Going well”, “Heavy or stuck”. Not “How are you?”, “For my memory”."
    )
    assert CANARY not in response.text


def test_note_save_without_script_comes_back(client, meeting):
    response = post_note(client, meeting, meeting.pairing.host, "note_save", how=CANARY)

    assert response.url == address("meeting_notes", meeting)
    shown = page(client, meeting, meeting.pairing.host)
    assert soup(shown).select_one("#how").get_text() == CANARY
    assert "Not finished: only you can open it" in shown.text


@pytest.mark.parametrize(
    "next_page", ["https://elsewhere.example/", "//elsewhere.example", "nonsense:"]
)
def test_note_finish_leads_to_our_own_pages_only(client, meeting, next_page):
    response = post_note(client, meeting, meeting.pairing.host, how="a", next=next_page)

    assert response.url == address("meeting_notes", meeting)


@pytest.mark.parametrize("verb", ["note_save", "note_finish"])
@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"how": "x" * 20_001}, "“How are you?” is longer than 20,000 characters."),
        ({"how": "a\0b"}, "“How are you?” holds a character that cannot be kept."),
        ({"how": "a", "how-see": "7"}, "Choose who can see “How are you?” from the list."),
        ({"how": "a", "how-see": "both"}, "Choose who can see “How are you?” from the list."),
        ({"memory": "a", "memory-see": "3"}, "Choose who can see “For my memory” from the list."),
        ({"how": "a", "how-seen": "x" * 2001}, "Ensure this value has at most 2000 characters"),
    ],
)
def test_notes_refuse_in_words_and_keep_what_was_typed(client, meeting, verb, fields, words):
    response = post_note(client, meeting, meeting.pairing.host, verb, well=CANARY, **fields)
    fragment = post_note(
        client, meeting, meeting.pairing.host, "note_save", headers=HTMX, well=CANARY, **fields
    )

    assert response.status_code == fragment.status_code == 200
    assert words in response.text.replace("&quot;", '"')
    assert soup(response).select_one("#well").get_text() == CANARY
    assert "Not saved." in fragment.text
    assert not Part._base_manager.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"how": ""},
        {"shown": "nonsense"},
        {"how": "a", "how-seen": "nonsense"},
        {"how": "a", "how-seen": f"{uuid4()}:1"},
        {"how": "a", "confirmed": "\0", "next": "\0"},
        {"how": "\U0001f600 é \u202e"},
    ],
)
def test_notes_take_odd_forms(client, meeting, fields):
    for verb in ("note_save", "note_finish"):
        for headers in ({}, HTMX):
            response = post_note(
                client, meeting, meeting.pairing.host, verb, headers=headers, **fields
            )
            assert response.status_code in (200, 302)


def test_note_finish_asks_again_when_the_agreement_has_changed(client, counseling):
    host = counseling.pairing.host
    before = agree(counseling.pairing)
    choice = {"wish": CANARY, "wish-see": "3", "shown": str(before.uid)}
    post_note(client, counseling, host, "note_save", **choice)
    actions.withdraw(counseling.pairing, by=counseling.pairing.attendee, at=NOW)
    now = agree(counseling.pairing)
    seen = soup(page(client, counseling, host)).select_one("#wish-seen")["value"]

    asked = post_note(client, counseling, host, **choice, **{"wish-seen": seen})

    assert "What you both agreed has changed since you began to write." in asked.text
    row = soup(asked).find("th", string="What they would like to happen").parent
    assert [cell.get_text(strip=True) for cell in row.find_all("td")] == ["You and Elias"] * 2
    assert soup(asked).select_one("#wish").get_text() == CANARY
    assert not Part.objects.visible_to(counseling.pairing.attendee, at=NOW).exists()

    button = soup(asked).find("button", attrs={"name": "confirmed"})
    seen = soup(asked).select_one("#wish-seen")["value"]
    again = post_note(
        client, counseling, host, confirmed=button["value"], **choice, **{"wish-seen": seen}
    )
    assert again.status_code == 302
    [part] = Part.objects.visible_to(counseling.pairing.attendee, at=NOW)
    assert part.agreement == now


def test_note_finish_does_not_share_what_was_typed_before_an_agreement(client, counseling):
    host = counseling.pairing.host
    post_note(client, counseling, host, "note_save", wish=CANARY)
    agree(counseling.pairing)
    seen = soup(page(client, counseling, host)).select_one("#wish-seen")["value"]

    asked = post_note(client, counseling, host, wish=CANARY, **{"wish-seen": seen})

    row = soup(asked).find("th", string="What they would like to happen").parent
    assert [cell.get_text(strip=True) for cell in row.find_all("td")] == ["Only you"] * 2
    button = soup(asked).find("button", attrs={"name": "confirmed"})
    post_note(
        client, counseling, host,
        wish=CANARY, confirmed=button["value"], **{"wish-seen": seen},
    )  # fmt: skip
    assert not Part.objects.visible_to(counseling.pairing.attendee, at=NOW).exists()
    [part] = Part.objects.visible_to(host, at=NOW)
    assert not part.is_draft


def test_two_windows_lose_nothing(client, meeting):
    host = meeting.pairing.host
    post_note(client, meeting, host, "note_save", how="one")
    [part] = Part.objects.visible_to(host, at=NOW)
    seen = {"how-seen": f"{part.uid}:1", "how-see": "3"}
    post_note(client, meeting, host, "note_save", how="one, and more", **seen)

    other = post_note(client, meeting, host, "note_save", headers=HTMX, how="else", **seen)
    assert "Another window has other words: both are kept." in other.text
    asked = post_note(client, meeting, host, how="else, too", **seen)

    assert "Both are kept, one above the other" in asked.text
    field = soup(asked).select_one("#how").get_text()
    assert field == "one, and more\n\nelse\n\nelse, too"
    tree = soup(asked)
    post_note(
        client, meeting, host, how="all of it",
        **{"how-see": "3", "how-seen": tree.select_one("#how-seen")["value"]},
    )  # fmt: skip
    assert "all of it" in page(client, meeting, meeting.pairing.attendee).text


def test_pages_without_a_key_ring_lose_nothing(client, meeting, settings, tmp_path):
    finished(meeting, meeting.pairing.host, "a")
    path, settings.KEYRING_PATH = settings.KEYRING_PATH, tmp_path / "away.json"
    host = meeting.pairing.host

    shown = page(client, meeting, host)
    assert "Notes cannot be opened right now. Nothing is lost." in shown.text
    assert not soup(shown).select("textarea")
    for verb in ("note_save", "note_finish"):
        response = post_note(client, meeting, host, verb, well=CANARY)
        assert response.status_code == 200
        assert soup(response).select_one("#well").get_text() == CANARY
        assert "Not saved. Your words are still here." in response.text
    fragment = post_note(client, meeting, host, "note_save", headers=HTMX, well=CANARY)
    assert "Not saved. Your words are still here." in fragment.text
    for name in ("agreement_accept", "agreement_decline", "agreement_withdraw"):
        words = words_of(meeting.pairing, on=NOW.date()).sha256
        answer = client.post(address(name, meeting.pairing), {"words": words})
        assert answer.status_code == 200
    settings.KEYRING_PATH = path
    assert AgreementVersion.objects.get().is_in_force


# One's own list


@pytest.mark.parametrize("count", [1, 3])
def test_note_list_query_count(client, counseling, count, django_assert_num_queries):
    host = counseling.pairing.host
    for number in range(count):
        pairing = PairingFactory(
            counseling=True, school=counseling.school, host=host,
            attendee__given_name=f"Elias {number}",
        )  # fmt: skip
        meeting = MeetingFactory(pairing=pairing, starts_at=NOW.replace(day=1 + number))
        finished(meeting, host, CANARY, field="noticed", chosen=1)
        draft(meeting, host, CANARY, field="wish", chosen=1)
    client.force_login(host.user)

    with django_assert_num_queries(LISTING):
        response = client.get(reverse("notes:note_list"))

    assert len(response.context["notes"]) == count
    assert CANARY not in response.text
    assert response.text.count("To finish") == count


LISTING = 9


@pytest.mark.parametrize("number", ["0", "99", "x", "-1", ""])
def test_note_list_takes_any_page(client, meeting, number):
    client.force_login(meeting.pairing.host.user)

    assert client.get(reverse("notes:note_list"), {"page": number}).status_code == 200


# A student who dropped in


def test_student_note_makes_a_talk_and_leads_to_its_note(client):
    school = school_with_lead()
    counselor = PersonFactory(counselor=True, school=school)
    student = PersonFactory(student=True, school=school, given_name="Elias")
    PersonFactory(student=True, given_name="Elsewhere")
    client.force_login(counselor.user)
    url = reverse("notes:student_note")

    shown = client.get(url, {"find": "elias"})
    assert [str(student.uid)] == [
        option["value"] for option in soup(shown).select("#id_student option") if option["value"]
    ]
    fields = {"student": student.uid, "on": "2026-10-12", "starts": "02:30", "minutes": "20"}
    for _ in range(2):
        response = client.post(url, fields)
    meeting = Meeting.objects.get()
    assert response.url == address("meeting_notes", meeting)
    assert meeting.pairing.kind == Pairing.Kind.COUNSELING
    assert client.get(response.url).status_code == 200


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "Choose a student"),
        ({"student": "nonsense"}, "Choose a student from the list"),
        ({"student": str(uuid4())}, "Choose a student from the list"),
        ({"student": "\0"}, "Choose a student"),
        ({"on": "2026-02-31"}, "Enter a day, such as"),
        ({"on": "0001-01-01"}, "Enter a day of this school year"),
        ({"starts": "half ten"}, "Enter a time, such as 10:40"),
        ({"minutes": "0"}, "Enter at least 1 minute"),
        ({"minutes": "soon"}, "Enter a number of minutes"),
        ({"minutes": "999"}, "Enter at most 240 minutes"),
    ],
)
def test_student_note_refuses_in_words(client, fields, words):
    school = school_with_lead()
    client.force_login(PersonFactory(counselor=True, school=school).user)

    response = client.post(reverse("notes:student_note"), fields)

    assert response.status_code == 200
    assert words in response.text


def test_student_note_refuses_a_talk_that_is_still_to_come(client):
    school = school_with_lead()
    student = PersonFactory(student=True, school=school)
    client.force_login(PersonFactory(counselor=True, school=school).user)

    response = client.post(
        reverse("notes:student_note"),
        {"student": student.uid, "on": "2026-10-13", "starts": "10:00", "minutes": "20"},
    )

    assert "A talk can be logged once it has begun." in response.text
    assert not Pairing.objects.exists()


def test_student_note_is_for_counselors_and_their_students(client):
    school = school_with_lead()
    elsewhere = PersonFactory(student=True)
    client.force_login(PersonFactory(leader=True, school=school).user)
    assert client.get(reverse("notes:student_note")).status_code == 403

    client.force_login(PersonFactory(counselor=True, school=school).user)
    fields = {"student": elsewhere.uid, "on": "2026-10-12", "starts": "02:30", "minutes": "20"}
    response = client.post(reverse("notes:student_note"), fields)
    assert "Choose a student from the list" in response.text


def test_student_note_waits_for_a_safeguarding_lead(client):
    school = school_with_lead()
    School.objects.update(safeguarding_phone="")
    client.force_login(PersonFactory(counselor=True, school=school).user)

    for send in (client.get, client.post):
        response = send(reverse("notes:student_note"))
        assert "waits until" in response.text
    assert not Pairing.objects.exists()


# Agreements


@pytest.fixture
def asked():
    return PairingFactory(school=school_with_lead(), host__given_name="Elena")


def test_agreement_asks_with_two_buttons_and_takes_a_yes(client, asked):
    client.force_login(asked.attendee.user)
    shown = client.get(address("agreement", asked))
    assert [button.get_text(strip=True) for button in soup(shown).select("main form button")] == [
        "Yes, that is how we keep it", "Not now",
    ]  # fmt: skip
    assert "I must tell Sam Whitlock." in shown.text

    words = soup(shown).select_one("[name=words]")["value"]
    client.post(address("agreement_accept", asked), {"words": words})
    waiting = client.get(address("agreement", asked))
    assert "Elena has not answered yet" in waiting.text

    client.force_login(asked.host.user)
    assert "said yes to these words" in client.get(address("agreement", asked)).text
    client.post(address("agreement_accept", asked), {"words": words})
    assert "You both said yes on Monday 12 October." in client.get(address("agreement", asked)).text


def test_agreement_takes_not_now(client, asked):
    client.force_login(asked.attendee.user)

    response = client.post(address("agreement_decline", asked), {"next": "/today/"})

    assert response.url == "/today/"
    assert "Yes, that is how we keep it" in client.get(address("agreement", asked)).text


def test_agreement_says_by_the_rule_who_reads_what(client, counseling):
    counseling.pairing.kind = Pairing.Kind.COACHING
    counseling.pairing.save()
    line = LineFactory(person=counseling.pairing.attendee, manager__given_name="Jo")
    line.manager.roles.create(school=counseling.school, kind="leader", starts_on="2026-09-07")
    client.force_login(counseling.pairing.host.user)

    rows = soup(client.get(address("agreement", counseling.pairing))).select("dl.sees > div")

    host, student = counseling.pairing.host, counseling.pairing.attendee
    assert {row.dt.get_text(): row.dd.get_text() for row in rows} == {
        f"{host.name}, {student.name} and {line.manager.name}": "Headings",
        f"{host.name} and {student.name}": "What we talked about, action points, goals and "
        "wishes, what to talk about, summaries that both have signed",
        "Only its writer": "“For my memory”",
    }


@pytest.mark.parametrize("words", ["", "nonsense", "\0", "0" * 64, "0" * 5000])
def test_agreement_refuses_a_yes_to_other_words(client, asked, words):
    client.force_login(asked.attendee.user)

    response = client.post(address("agreement_accept", asked), {"words": words})

    assert response.status_code == 200
    assert "There is a problem" in response.text
    assert not AgreementVersion.objects.exists()


def test_agreement_is_ended_by_either(client, asked):
    agree(asked)
    client.force_login(asked.attendee.user)

    client.post(address("agreement_withdraw", asked))
    twice = client.post(address("agreement_withdraw", asked))

    assert not AgreementVersion.objects.in_force().exists()
    assert "Nothing is agreed at the moment." in twice.text


def test_standing_is_accepted_once_and_leads_on(client, asked):
    client.force_login(asked.host.user)
    url = reverse("notes:standing")
    shown = client.get(url, {"next": "/invite/"})
    words = soup(shown).select_one("[name=words]")["value"]

    response = client.post(url, {"words": words, "kind": "staff_check_in", "next": "/invite/"})

    assert response.url == "/invite/"
    assert StandingAcceptance.objects.get().host == asked.host
    assert "You said yes to these words." in client.get(url).text
    client.force_login(asked.attendee.user)
    client.post(address("agreement_accept", asked), {"words": words})
    assert AgreementVersion.objects.get().is_in_force


@pytest.mark.parametrize("next_page", ["https://elsewhere.example/", "//elsewhere.example/"])
def test_standing_leads_to_our_own_pages_only(client, asked, next_page):
    client.force_login(asked.host.user)

    response = client.get(reverse("notes:standing"), {"next": next_page})

    assert "elsewhere" not in response.text


@pytest.mark.parametrize("words", ["", "nonsense", "0" * 64])
def test_standing_refuses_other_words(client, asked, words):
    client.force_login(asked.host.user)

    response = client.post(reverse("notes:standing"), {"words": words, "kind": "staff_check_in"})

    assert "There is a problem" in response.text
    assert not StandingAcceptance.objects.exists()


def test_standing_is_for_hosts_and_for_kinds_that_are(client, asked):
    client.force_login(asked.host.user)
    assert client.get(reverse("notes:standing"), {"kind": "nonsense"}).status_code == 404
    assert "you agree with each person" in client.get(
        reverse("notes:standing"), {"kind": "coaching"}
    ).text  # fmt: skip

    client.force_login(asked.attendee.user)
    assert client.get(reverse("notes:standing")).status_code == 403


def test_standing_of_a_counselor_is_about_counseling(client, counseling):
    client.force_login(counseling.pairing.host.user)

    assert "What you tell me stays with me." in client.get(reverse("notes:standing")).text


def test_a_note_survives_the_end_of_the_agreement(client, meeting):
    finished(meeting, meeting.pairing.host, CANARY)
    actions.withdraw(meeting.pairing, by=meeting.pairing.attendee, at=NOW)

    assert CANARY in page(client, meeting, meeting.pairing.attendee).text
