"""Today, the people and a meeting, as pages."""

from datetime import date, datetime, timedelta

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from conftest import NOW
from people.models import Change, Role
from people.tests.factories import PairingFactory, PersonFactory, RoleFactory
from scheduling import actions
from scheduling.models import Meeting, OverdueFlag
from scheduling.tests.factories import (
    CommitmentFactory,
    MeetingFactory,
    SlotFactory,
    school_with_calendar,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


@pytest.fixture
def school():
    return school_with_calendar(at=NOW, is_demo=True)  # no second factor is asked for


@pytest.fixture
def host(school):
    return PersonFactory(leader=True, school=school)


def page(client, person, name, *uids, **query):
    client.force_login(person.user)
    return client.get(reverse(f"scheduling:{name}", args=uids), query)


def talk(host, **fields):
    school = host.roles.get().school
    return MeetingFactory(**{"pairing__school": school, "pairing__host": host} | fields)


def on_monday(hour, minute=0):
    return NOW + timedelta(hours=hour - 3, minutes=minute)  # 07:00 UTC is 3:00 in New York


def test_pages_of_one_person_belong_to_people_in_the_navigation(client, school, host):
    RoleFactory(person=host, school=school, kind=Role.Kind.SCHOOL_ADMIN)  # two "People"
    pairing = PairingFactory(school=school, host=host)
    client.force_login(host.user)

    for path in (
        reverse("scheduling:person_page", args=[pairing.attendee.uid]),
        reverse("scheduling:talk_plan", args=[pairing.uid]),
        reverse("notes:agreement", args=[pairing.uid]),
    ):
        shown = BeautifulSoup(client.get(path).content, "html.parser")
        marked = shown.select(".mainnav [aria-current]")
        assert [each["href"] for each in marked] == [reverse("scheduling:people")], path


def test_today_shows_the_day_in_order(client, host):
    later = talk(host, starts_at=on_monday(13, 5))
    first = talk(host, starts_at=on_monday(8, 10))
    talk(host, starts_at=on_monday(24 + 8))
    talk(host, starts_at=on_monday(9), cancelled=True)

    response = page(client, host, "today")

    assert [each.pk for each in response.context["talks"]] == [first.pk, later.pk]
    assert response.context["following"] == first
    assert "Two conversations today" in response.text
    assert f"Next is {first.pairing.attendee.first_name} at 8:10, in 5 hours 10 minutes." in (
        response.text
    )


def test_today_says_whose_time_it_is(client, host):
    underway = talk(host, starts_at=NOW - timedelta(minutes=10))
    talk(host, starts_at=on_monday(13, 5))

    said = page(client, host, "today").text

    assert f"It is the time of {underway.pairing.attendee.first_name}, until 3:20." in said
    assert "Next is" not in said
    assert said.index(underway.get_absolute_url()) < said.index('class="now"')


def test_empty_today_shows_the_next_day(client, host):
    meeting = talk(host)
    talk(host, starts_at=on_monday(72))

    response = page(client, host, "today")

    assert "No conversations today" in response.text
    assert "Tomorrow, Tuesday 13 October" in response.text
    assert response.context["coming"] == [meeting]


def test_today_without_anything_says_so(client, host):
    SlotFactory(term=host.roles.get().school.terms.get(), host=host)

    assert "Nothing is planned yet." in page(client, host, "today").text


def test_new_host_sees_three_steps(client, host):
    assert "Paint a first period" in page(client, host, "today").text


def test_today_hides_names_in_the_markup(client, host):
    attendee = talk(host, starts_at=on_monday(8)).pairing.attendee

    shown = page(client, host, "today").text
    client.post(reverse("people:names_switch"), {"names": "hide"})
    hidden = page(client, host, "today").text

    assert attendee.family_name in shown
    assert attendee.family_name not in hidden
    assert attendee.hidden_name in hidden


def test_past_due_is_for_the_host_only(client, host):
    pairing = talk(host).pairing
    OverdueFlag.objects.create(
        pairing=pairing, since_week=4, due_on=date(2026, 9, 28), raised_at=NOW
    )

    assert "6 days past" in page(client, host, "today").text
    for name in ("today", "people"):
        assert "days past" not in page(client, pairing.attendee, name).text
    assert "days past" not in page(client, pairing.attendee, "person_page", host.uid).text


@pytest.mark.parametrize("name", ["today", "people", "schedule", "person_page"])
def test_days_past_are_school_days_and_stand_still_in_holidays(client, name):
    school = school_with_calendar(
        at=NOW, closures=[(date(2026, 10, 7), date(2026, 10, 9))], is_demo=True
    )
    host = PersonFactory(leader=True, school=school)
    pairing = PairingFactory(school=school, host=host)
    OverdueFlag.objects.create(
        pairing=pairing, since_week=4, due_on=date(2026, 9, 28), raised_at=NOW
    )

    uids = [pairing.attendee.uid] if name == "person_page" else []
    assert "3 days past" in page(client, host, name, *uids).text  # Monday, Tuesday and today


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    ("name", "queries"), [("today", 10), ("people", 6), ("person_page", 12), ("meeting", 6)]
)
def test_page_asks_the_same_number_of_questions(
    client, host, django_assert_num_queries, name, queries, count
):
    school = host.roles.get().school
    first = talk(host, starts_at=on_monday(8))
    for number in range(1, count):
        pairing = talk(host, starts_at=on_monday(8 + number)).pairing
        MeetingFactory(pairing=first.pairing, starts_at=on_monday(24 * number))
        OverdueFlag.objects.create(
            pairing=pairing, since_week=4, due_on=date(2026, 9, 28), raised_at=NOW
        )
        talk(host, starts_at=on_monday(-24 * number))
        SlotFactory(term=school.terms.get(), host=host, column=str(number))
    uids = {"person_page": [first.pairing.attendee.uid], "meeting": [first.uid]}.get(name, [])
    client.force_login(host.user)

    with django_assert_num_queries(queries):
        response = client.get(reverse(f"scheduling:{name}", args=uids))

    assert response.status_code == 200


def post(client, person, meeting, verb, **fields):
    client.force_login(person.user)
    return client.post(reverse(f"scheduling:meeting_{verb}", args=[meeting.uid]), fields)


@pytest.mark.parametrize(
    ("verb", "fields", "status"),
    [
        ("skip", {}, "skipped"),
        ("cancel", {}, "cancelled"),
        ("hold", {}, "held"),
        ("miss", {}, "missed"),
    ],
)
def test_verbs_change_the_meeting_and_offer_undo(client, host, verb, fields, status):
    meeting = talk(host, starts_at=on_monday(8))

    response = post(client, meeting.pairing.attendee, meeting, verb, **fields)

    meeting.refresh_from_db()
    assert (response.status_code, response.url) == (302, meeting.get_absolute_url())
    assert meeting.status == status
    change = Change.objects.get()
    assert reverse("people:undo", args=[change.uid]) in client.get(response.url).text


def test_refused_verb_says_why_and_changes_nothing(client, host):
    meeting = talk(host)  # tomorrow

    response = post(client, host, meeting, "hold", back="today")

    assert response.url == reverse("scheduling:today")
    assert "You can say so on the day." in client.get(response.url).text
    assert Meeting.objects.get().is_planned


@pytest.mark.parametrize("verb", ["skip", "cancel", "hold", "miss", "restore", "let_go"])
def test_stranger_finds_no_meeting(client, host, verb):
    meeting = talk(host)
    stranger = PersonFactory(leader=True, school=meeting.school)
    RoleFactory(person=stranger, school=meeting.school, kind=Role.Kind.SCHOOL_ADMIN)

    assert page(client, stranger, "meeting", meeting.uid).status_code == 404
    assert post(client, stranger, meeting, verb).status_code == 404
    assert Meeting.objects.get().is_planned


def test_move_offers_the_nearest_free_times(client, host):
    meeting = talk(host)
    term = meeting.school.terms.get()
    SlotFactory(term=term, host=host, column="2")  # Tuesday 10:40: taken by the meeting itself
    SlotFactory(term=term, host=host, column="3")
    SlotFactory(term=term, host=host, column="4")
    CommitmentFactory(
        term=term,
        person=meeting.pairing.attendee,
        column="3",
        starts_at=datetime(2026, 1, 1, 10, 0).time(),  # noqa: DTZ001 -- a wall time
        ends_at=datetime(2026, 1, 1, 11, 0).time(),  # noqa: DTZ001
    )

    response = page(client, host, "meeting_move", meeting.uid)

    nearest = response.context["nearest"]
    assert [each.starts_at.date().isoformat() for each in nearest] == [
        "2026-10-15",
        "2026-10-20",
        "2026-10-22",
    ]
    post(client, host, meeting, "move", choice=nearest[0].starts_at.isoformat())
    meeting.refresh_from_db()
    assert meeting.starts_at == nearest[0].starts_at


def test_times_near_the_talk_are_offered_and_not_those_near_today(client, host):
    meeting = talk(host, starts_at=on_monday(24 * 42 + 10))
    SlotFactory(term=meeting.school.terms.get(), host=host, column="3")

    context = page(client, host, "meeting_move", meeting.uid).context

    assert [f"{each.starts_at:%d %B}" for each in context["nearest"]] == [
        "18 November",
        "25 November",
        "02 December",
    ]
    assert [f"{each.starts_at:%d %B}" for each in context["more"]] == [
        "04 November",
        "11 November",
        "09 December",
    ]


def test_talk_that_ended_early_stands_among_the_earlier_ones(client, host):
    meeting = talk(host, starts_at=NOW + timedelta(hours=2))
    actions.hold(meeting, by=host, at=NOW)

    context = page(client, host, "person_page", meeting.pairing.attendee.uid).context

    assert (context["coming"], context["past"]) == ([], [meeting])


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "Choose a date"),
        (
            {"on": "2026-10-14", "starts_at": "later", "minutes": "30"},
            "Enter a time, such as 10:40",
        ),
        ({"on": "2026-13-45", "starts_at": "10:40", "minutes": "30"}, "Enter a date"),
        ({"on": "2026-10-14", "starts_at": "10:40", "minutes": "x" * 400}, "at most 30"),
        ({"on": "9999-12-31", "starts_at": "10:40", "minutes": "30"}, "within a year"),
        ({"on": "2026-10-01", "starts_at": "10:40", "minutes": "30"}, "still to come"),
        ({"choice": "2026-10-14T10:40:00"}, "Choose a date"),
        ({"choice": "0001-01-01T00:00:00+14:00"}, "Choose a date"),
        ({"choice": "9999-12-31T23:59:59-12:00"}, "Choose a date"),
    ],
)
def test_move_answers_bad_input_in_words(client, host, fields, words):
    meeting = talk(host)

    response = post(client, host, meeting, "move", **fields)

    assert response.status_code == 200
    assert words in response.text
    assert Meeting.objects.get().moved_count == 0
    assert fields.get("minutes", "")[:30] in response.text


def test_talk_is_logged(client, host):
    pairing = PairingFactory(school=host.roles.get().school, host=host)
    client.force_login(host.user)

    response = client.post(
        reverse("scheduling:talk_log", args=[pairing.uid]),
        {"on": "2026-10-09", "starts_at": "1.05", "minutes": "half an hour"},
    )

    meeting = Meeting.objects.get()
    assert response.url == meeting.get_absolute_url()
    assert (meeting.status, meeting.was_logged, meeting.minutes) == ("held", True, 30)
    pairing.refresh_from_db()
    assert pairing.last_met_on == date(2026, 10, 9)


def test_person_page_of_somebody_one_may_not_know_is_not_there(client, host):
    elsewhere = PersonFactory(teacher=True)

    assert page(client, host, "person_page", elsewhere.uid).status_code == 404


def test_one_talk_is_planned_by_choosing_a_free_time(client, host):
    pairing = PairingFactory(school=host.roles.get().school, host=host)
    SlotFactory(term=pairing.school.terms.get(), host=host, column="3")
    client.force_login(host.user)
    url = reverse("scheduling:talk_plan", args=[pairing.uid])

    first = client.get(url).context["nearest"][0]
    response = client.post(url, {"choice": first.starts_at.isoformat()})

    meeting = Meeting.objects.get()
    assert response.url == meeting.get_absolute_url()
    assert (meeting.starts_at, meeting.minutes) == (first.starts_at, 30)


def test_what_is_wrong_with_a_plan_stands_first_and_loses_nothing(client, host):
    pairing = PairingFactory(school=host.roles.get().school, host=host)
    MeetingFactory(pairing=pairing, starts_at=NOW + timedelta(days=1))
    client.force_login(host.user)
    url = reverse("scheduling:talk_plan", args=[pairing.uid])
    taken = NOW + timedelta(days=1)

    for sent, words in (
        ({"choice": taken.isoformat()}, "One of you is not free then."),
        ({"on": "2026-10-13", "starts_at": "late", "minutes": "30"}, "Enter a time, such as 10:40"),
    ):
        main = BeautifulSoup(client.post(url, sent).content, "html.parser").find("main")
        first = main.find(True)
        assert "error-summary" in first["class"]
        assert words in first.text
        assert len(main.select(".error-summary")) == 1
        assert main.find(id="id_on")["value"] == "2026-10-13"


def test_a_plan_says_first_when_they_meet_already(client, host):
    pairing = PairingFactory(school=host.roles.get().school, host=host)
    client.force_login(host.user)
    url = reverse("scheduling:talk_plan", args=[pairing.uid])
    assert "You already meet" not in client.get(url).text

    MeetingFactory(pairing=pairing, starts_at=NOW - timedelta(days=7))
    coming = MeetingFactory(pairing=pairing, starts_at=NOW + timedelta(days=1))
    talk(host, starts_at=NOW + timedelta(hours=2))  # with somebody else

    said = BeautifulSoup(client.get(url).content, "html.parser").select_one("main .banner")
    assert "You already meet on Tuesday 13 October at 3:00." in " ".join(said.text.split())
    hrefs = [each["href"] for each in said.select("a")]
    assert hrefs == [
        coming.get_absolute_url(),
        reverse("scheduling:meeting_move", args=[coming.uid]),
    ]
