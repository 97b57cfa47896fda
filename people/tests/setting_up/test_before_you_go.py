"""The page of somebody who leaves: what ends, who takes over, what only they hand over."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from conftest import NOW
from notes.models import Part, RetentionRule
from notes.tests.factories import agree, draft, finished
from people import actions
from people.models import Departure, Handover, Pairing, Person, Role
from people.tests.factories import (
    DepartureFactory,
    LineFactory,
    MembershipFactory,
    PairingFactory,
    PersonFactory,
    RoleFactory,
    SchoolFactory,
)
from people.tests.setting_up.setup_page import enter
from scheduling.tests.factories import MeetingFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

FRIDAY = date(2026, 10, 16)
PAGE = reverse("people:before_you_go")


@pytest.fixture
def school():
    school = SchoolFactory(safeguarding_phone="555 0100")
    school.safeguarding_lead = PersonFactory(safeguarding_lead=True, school=school)
    school.save()
    return school


@pytest.fixture
def admin(school):
    return PersonFactory(administrator=True, school=school)


def leaving(client, school, admin, **traits):
    """Somebody who has signed in and whose last day is Friday."""
    person = enter(client, PersonFactory(school=school, **traits))
    actions.set_last_day(person, school, last_day=FRIDAY, by=admin, at=NOW)
    return person, Departure.objects.get(person=person)


def taken(response):
    return response.context["days"][0]["taken"]


def test_page_says_what_ends_and_who_takes_over(client, school, admin):
    hall, departure = leaving(client, school, admin, leader=True)
    ode = PersonFactory(leader=True, school=school)
    first, second, third = (
        PairingFactory(school=school, host=hall, attendee__family_name=name)
        for name in ("Ash", "Birch", "Cole")
    )
    LineFactory(person=first.attendee, manager=hall)
    group = MembershipFactory(group__school=school, person=hall, is_adult=True).group
    actions.hand_over(
        departure,
        by=admin,
        at=NOW,
        successor=ode,
        pairings={first.pk: ode, second.pk: None},
        groups={group.pk: ode},
    )

    response = client.get(PAGE)

    assert taken(response) == [
        (first.attendee.name, "Staff check-in", ode.name),
        (second.attendee.name, "Staff check-in", "Nobody"),
        (third.attendee.name, "Staff check-in", "Not decided yet"),
        (group.name, "", ode.name),
        ("Those who answer to you", "", ode.name),
    ]
    assert "Your last day is Friday 16 October 2026" in response.text
    assert response.context["days"][0]["form"] is None


def test_counselor_hands_over_counseling_and_the_administrator_sees_nothing(client, school, admin):
    counselor, departure = leaving(client, school, admin, counselor=True)
    other = PersonFactory(counselor=True, school=school)
    leader = PersonFactory(leader=True, school=school)
    counseling = PairingFactory(school=school, counseling=True, host=counselor)
    field = f"pairing-{counseling.uid}"

    form = client.get(PAGE).context["days"][0]["form"]
    assert [pk for pk, _ in form.fields[field].choices] == ["", "nobody", str(other.pk)]
    asked = {"departure": departure.uid, field: other.pk}
    assert client.post(PAGE, asked).status_code == 302
    refused = client.post(PAGE, asked | {field: leader.pk})

    assert list(refused.context["form"].errors) == [field]
    assert Handover.objects.get().to == other
    theirs = enter(type(client)(), admin)
    pages = type(client)()
    pages.force_login(theirs.user)
    for name in ("last_day", "hand_over"):
        text = pages.get(reverse(f"people:{name}", args=[counselor.uid])).text
        assert counseling.attendee.family_name not in text
        assert other.name not in text


def test_nobody_posts_for_the_departure_of_another(client, school, admin):
    leaving(client, school, admin, counselor=True)
    other = DepartureFactory(school=school)

    assert client.post(PAGE, {"departure": other.uid}).status_code == 404
    assert client.post(PAGE).status_code == 404


def test_drafts_are_counted_for_their_writer_alone(client, school, admin):
    hall, _ = leaving(client, school, admin, leader=True)
    draft(MeetingFactory(pairing=PairingFactory(school=school, host=hall)), hall, "Not yet")

    mine = {each.title: each.words for each in client.get(PAGE).context["days"][0]["endings"]}
    pages = type(client)()
    pages.force_login(enter(pages, admin).user)
    theirs = pages.get(reverse("people:last_day", args=[hall.uid])).context["endings"]

    assert mine["Drafts"].startswith("1 note is not finished.")
    assert "Drafts" not in {each.title for each in theirs}


def endings(response):
    return {each.title: each.words for each in response.context["days"][0]["endings"]}


def test_leaver_reads_what_becomes_of_notes_and_the_office_nothing_of_theirs(client, school, admin):
    hall, _ = leaving(client, school, admin, leader=True)
    pages = type(client)()
    pages.force_login(enter(pages, admin).user)

    def to_office():
        page = pages.get(reverse("people:last_day", args=[hall.uid]))
        return {each.title: each.words for each in page.context["endings"]}

    without = to_office()
    pairing = PairingFactory(school=school, host=hall)
    talk, other, third = (
        MeetingFactory(pairing=pairing, starts_at=NOW + timedelta(days=day)) for day in (1, 2, 3)
    )
    agree(pairing)
    for meeting in (talk, other):
        finished(meeting, hall, "Ask about the brother", field="memory", chosen=1)
    for meeting in (talk, third):
        finished(meeting, hall, "Tired but steadier")
    finished(other, pairing.attendee, "What I think")

    page = client.get(PAGE)
    mine = endings(page)

    assert mine["Only you can open"] == (
        "Words in 2 notes. After that day nobody opens them any more, you neither; memory aids "
        "and drafts are kept until 14 January 2027 at the longest, the rest until its time is "
        "over, and what is on hold until that has ended. Share what the other is to have."
    )
    assert mine["Shared"].startswith("Words in 2 notes.")
    listed = client.get(f"{reverse('notes:note_list')}?show=alone").text
    assert f"{reverse('notes:note_list')}?show=alone" in page.text
    assert listed.count('class="person" href="/meetings/') == 2
    assert without == to_office()
    assert "14 January 2027" in without["Notes"]
    actions.end_person(hall, school, by=admin, at=NOW)
    assert not Part.objects.visible_to(Person.objects.get(pk=hall.pk), at=NOW).exists()


def test_who_goes_on_at_another_school_still_opens_their_notes(client, school, admin):
    hall, _ = leaving(client, school, admin, leader=True)
    RoleFactory(person=hall, leader=True)
    draft_of = PairingFactory(school=school, host=hall)
    agree(draft_of)
    finished(MeetingFactory(pairing=draft_of), hall, "Mine", field="memory", chosen=1)

    assert (
        "You can still open them, because of another school"
        in (endings(client.get(PAGE))["Only you can open"])
    )


def test_what_they_attend_ends(client, school, admin):
    hall, _ = leaving(client, school, admin, teacher=True)
    pairing = PairingFactory(school=school, attendee=hall)

    assert taken(client.get(PAGE)) == [(pairing.host.name, "Staff check-in", "Ends")]


def test_where_nothing_is_decided_nothing_is_deleted(client, school, admin):
    hall, _ = leaving(client, school, admin, leader=True)
    RetentionRule.objects.create(
        school=school, number=1, memory_months=12, talk_years=1, record_years=3, at=NOW
    )
    finished(MeetingFactory(pairing=PairingFactory(school=school, host=hall)), hall, "a", chosen=1)

    assert (
        "nothing is deleted before your school has decided"
        in (endings(client.get(PAGE))["Only you can open"])
    )
    assert "Nothing for you alone" not in client.get(
        f"{reverse('notes:note_list')}?show=alone"
    ).text  # fmt: skip


@pytest.mark.parametrize("role", [{}, {"starts_on": date(2026, 11, 2)}])
def test_who_stays_has_no_last_day(client, school, role):
    hall = enter(client, PersonFactory(leader=True, school=school))
    if role:
        hall.roles.update(ends_on=FRIDAY)
        RoleFactory(person=hall, school=school, **role)

    assert "You have no last day here" in client.get(PAGE).text


def test_roles_with_a_last_day_are_a_last_day_as_well(client, school):
    hall = enter(client, PersonFactory(leader=True, school=school))
    hall.roles.update(ends_on=FRIDAY)

    assert client.get(PAGE).context["days"][0]["on"] == FRIDAY


def test_today_and_the_menu_lead_there_once_there_is_a_last_day(client, school, admin):
    hall = enter(client, PersonFactory(leader=True, school=school))
    today = reverse("scheduling:today")
    assert PAGE not in client.get(today).text

    actions.set_last_day(hall, school, last_day=FRIDAY, by=admin, at=NOW)
    assert "Your last day is Friday 16 October." in client.get(today).text
    assert PAGE in client.get(reverse("people:account")).text

    Role.objects.filter(person=hall).update(ends_on=date(2027, 6, 18))
    text = client.get(today).text
    assert "Your last day is" not in text
    assert PAGE in text


@pytest.mark.parametrize("count", [1, 5])
def test_page_asks_few_questions(client, school, admin, count, django_assert_num_queries):
    hall, _ = leaving(client, school, admin, leader=True)
    RoleFactory(person=hall, school=school, counselor=True, ends_on=FRIDAY)
    for kind in (Pairing.Kind.STAFF_CHECK_IN, Pairing.Kind.COUNSELING):
        for pairing in PairingFactory.create_batch(count, school=school, host=hall, kind=kind):
            Handover.objects.create(pairing=pairing, leaver=hall, to=admin)
    for membership in MembershipFactory.create_batch(
        count, group__school=school, person=hall, is_adult=True
    ):
        Handover.objects.create(group=membership.group, leaver=hall, to=admin)

    with django_assert_num_queries(13):
        assert client.get(PAGE).status_code == 200
