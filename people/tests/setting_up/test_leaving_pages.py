"""The pages on which administrators say that somebody leaves, and who takes over."""

from datetime import date, timedelta

import pytest

from conftest import NOW
from people import actions
from people.departures import Leaving, what_ends
from people.models import Departure, Handover, Pairing
from people.tests.factories import (
    LineFactory,
    MembershipFactory,
    PairingFactory,
    PersonFactory,
    RoleFactory,
)
from people.tests.setting_up.setup_page import bar, page, said
from scheduling.tests.factories import (
    BookingFactory,
    InvitationFactory,
    MeetingFactory,
    SignUpFactory,
    SlotFactory,
    school_with_calendar,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

FRIDAY = date(2026, 10, 16)


@pytest.fixture
def hall(school):
    return PersonFactory(leader=True, school=school, given_name="Ida", family_name="Hall")


@pytest.fixture
def departure(admin, school, hall):
    actions.set_last_day(hall, school, last_day=FRIDAY, by=admin, at=NOW)
    return Departure.objects.get()


def field(pairing):
    return f"pairing-{pairing.uid}"


def test_last_day_is_entered_undone_and_taken_back(client, hall):
    saved = client.post(page("last_day", hall), {"last_day": FRIDAY.isoformat()}, follow=True)

    assert saved.redirect_chain[0][0] == page("hand_over", hall)
    assert bar(saved) == "Ida Hall leaves: 16 October 2026 is the last day."
    assert "Friday 16 October 2026" in client.get(page("person_edit", hall)).text
    back = client.post(page("last_day_take_back", hall), follow=True)
    assert bar(back) == "Ida Hall stays."
    assert "Enter the last day" in back.text
    assert client.post(page("last_day_take_back", hall)).status_code == 302  # pressed twice


@pytest.mark.parametrize("typed", ["", "soon", "2026-10-11", "2040-01-01"])
def test_a_day_that_cannot_be_meant_stays_as_typed(client, hall, typed):
    response = client.post(page("last_day", hall), {"last_day": typed})

    assert list(response.context["form"].errors) == ["last_day"]
    assert not Departure.objects.exists()


def test_last_day_page_says_what_ends(client, admin, school, hall):
    MembershipFactory(group__school=school, group__name="Advisory 8A", person=hall, is_adult=True)
    LineFactory(
        person=PersonFactory(teacher=True, given_name="Tom", family_name="Ash"), manager=hall
    )
    RoleFactory(person=hall, school=school, kind="teacher")

    endings = client.get(page("last_day", hall)).context["endings"]

    assert [(each.title, each.words) for each in endings if each.title != "Notes"] == [
        ("Roles", "Leader and Teacher."),
        ("Groups", "Advisory 8A."),
        ("Line manager", "Of Tom Ash."),
        ("Signing in", "Ends, and every session with it."),
    ]


def test_times_are_counted_and_counseling_only_for_oneself():
    school = school_with_calendar(at=NOW, safeguarding_phone="555 0100")
    ida = PersonFactory(leader=True, school=school)
    RoleFactory(person=ida, school=school, counselor=True)
    admin = PersonFactory(administrator=True, school=school)
    term = school.terms.get()
    for kind, column in (("staff_check_in", "2"), ("counseling", "3")):
        slot = SlotFactory(term=term, host=ida, column=column)
        pairing = PairingFactory(school=school, host=ida, kind=kind)
        BookingFactory(seat=slot.seats.get(), pairing=pairing)
        MeetingFactory(pairing=pairing, starts_at=NOW + timedelta(days=1 + int(column)))
        MeetingFactory(pairing=pairing, starts_at=NOW + timedelta(days=7 + int(column)))
        asked = PairingFactory(school=school, kind=kind, attendee=ida)
        InvitationFactory(sign_up=SignUpFactory(term=term), pairing=asked)

    def words(viewer):
        endings = what_ends(Leaving(ida, school, FRIDAY, viewer, NOW))
        return {each.title: each.words for each in endings}

    assert words(admin)["Standing times"] == "1 as host."
    assert words(admin)["Talks"] == "1 talk after that day."
    assert words(admin)["Grid"] == "2 painted periods."
    assert words(admin)["Invitations"] == "1 invitation to pick a time."
    assert words(ida)["Standing times"] == "2 as host."
    assert words(ida)["Talks"] == "2 talks after that day."
    assert words(ida)["Invitations"] == "2 invitations to pick a time."


def test_hand_over_chooses_for_all_of_a_kind_and_for_one(client, school, hall, departure):
    ode, ash = PersonFactory.create_batch(2, leader=True, school=school)
    first, second, third = PairingFactory.create_batch(3, school=school, host=hall)
    group = MembershipFactory(group__school=school, person=hall, is_adult=True).group
    LineFactory(person=first.attendee, manager=hall)
    chosen = {
        "all-staff_check_in": ode.pk,
        field(second): ash.pk,
        field(third): "nobody",
        f"group-{group.uid}": ode.pk,
        "successor": ash.pk,
    }

    response = client.post(page("hand_over", hall), chosen, follow=True)

    assert said(response) == ["Saved. It happens by itself once that day is over."]
    assert set(Handover.objects.values_list("pairing", "group", "to")) == {
        (first.pk, None, ode.pk),
        (second.pk, None, ash.pk),
        (third.pk, None, None),
        (None, group.pk, ode.pk),
    }
    departure.refresh_from_db()
    assert departure.successor == ash
    form = client.get(page("hand_over", hall)).context["form"]
    shown = {name: form[name].value() for name in form.fields}
    assert shown == {
        "successor": ash.pk,
        f"group-{group.uid}": ode.pk,
        "all-staff_check_in": "",
        field(first): ode.pk,
        field(second): ash.pk,
        field(third): "nobody",
    }


def test_hand_over_offers_only_who_may_host(client, school, hall, departure):
    ode = PersonFactory(leader=True, school=school)
    teacher = PersonFactory(teacher=True, school=school)
    gone = RoleFactory(school=school, leader=True, ends_on=FRIDAY).person
    check_in = PairingFactory(school=school, host=hall)
    mentoring = PairingFactory(school=school, host=hall, kind=Pairing.Kind.MENTORING)

    form = client.get(page("hand_over", hall)).context["form"]

    def offered(pairing):
        return {int(pk) for pk, _ in form.fields[field(pairing)].choices if str(pk).isdigit()}

    assert offered(check_in) == {ode.pk}
    assert {ode.pk, teacher.pk, check_in.attendee_id} <= offered(mentoring)
    assert not offered(mentoring) & {mentoring.attendee_id, hall.pk, gone.pk}


def test_hand_over_refuses_talks_with_oneself_and_strangers(client, school, hall, departure):
    ode = PersonFactory(leader=True, school=school)
    own = PairingFactory(school=school, host=hall, attendee=ode)
    other = PairingFactory(school=school, host=hall)
    stranger = PersonFactory(leader=True)

    both = client.post(page("hand_over", hall), {"all-staff_check_in": ode.pk})
    assert list(both.context["form"].errors) == [field(own)]
    unknown = client.post(page("hand_over", hall), {field(other): stranger.pk})
    assert list(unknown.context["form"].errors) == [field(other)]

    assert not Handover.objects.exists()


def test_counseling_is_not_on_the_administrators_page(client, school, admin):
    counseling = PairingFactory(school=school, counseling=True)
    actions.set_last_day(counseling.host, school, last_day=FRIDAY, by=admin, at=NOW)

    text = client.get(page("hand_over", counseling.host)).text

    assert "Nothing to hand over" in text
    assert counseling.attendee.family_name not in text


def test_hand_over_without_a_last_day_asks_for_it(client, hall):
    response = client.get(page("hand_over", hall))

    assert (response.status_code, response.url) == (302, page("last_day", hall))


@pytest.mark.parametrize("count", [1, 9])
@pytest.mark.parametrize(
    ("name", "queries"), [("person_edit", 12), ("last_day", 11), ("hand_over", 10)]
)
def test_leaving_pages_ask_few_questions(
    client, departure, name, queries, count, django_assert_num_queries
):
    hall, school = departure.person, departure.school
    ode = PersonFactory(leader=True, school=school)
    for _ in range(count):
        pairing = PairingFactory(school=school, host=hall)
        Handover.objects.create(pairing=pairing, leaver=hall, to=ode)
        membership = MembershipFactory(group__school=school, person=hall, is_adult=True)
        Handover.objects.create(group=membership.group, leaver=hall, to=ode)
        LineFactory(person=pairing.attendee, manager=hall)

    with django_assert_num_queries(queries):
        assert client.get(page(name, hall)).status_code == 200
