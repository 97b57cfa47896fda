"""What the district sees and does: totals of each school, and a school that begins."""

from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from conftest import NOW
from people import actions
from people.delivery import deliver_due
from people.models import ImportRun, OutgoingMail, Person, Role, RosterSource, School
from people.permissions import administers_district, can_administer, can_give_login
from people.tests.factories import PairingFactory, PersonFactory, RoleFactory, SchoolFactory
from scheduling.district import HIDDEN, schools_of, totals_of

from .factories import SlotFactory, TermFactory, school_with_calendar

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

NEW = {
    "name": "Cedar Hill",
    "slug": "Cedar-Hill",
    "time_zone": "America/Chicago",
    "locale": "en-gb",
    "weekdays": ["1", "2", "3", "4", "7"],
    "email": "Grace@school.example",
    "given_name": "Grace",
    "family_name": "Hart",
}


@pytest.fixture
def school():
    """A demo school: it asks for no second factor."""
    return school_with_calendar(at=NOW, demo=True, name="Harbor View")


@pytest.fixture
def office(school):
    """An administrator of the district, who is nothing else."""
    return PersonFactory(
        district_administrator=True, school=school, given_name="Olga", family_name="Officer"
    )


@pytest.fixture
def signed_in(client, office):
    client.force_login(office.user)
    return client


def only(school, *, at=NOW):
    [totals] = totals_of([school], at=at)
    return totals


def fill(school, *, hosts=0, staff=0, students=0, pairs=0):
    leaders = [PersonFactory(leader=True, school=school) for _ in range(hosts)]
    for _ in range(staff):
        PersonFactory(teacher=True, school=school)
    for _ in range(students):
        PersonFactory(student=True, school=school)
    for _ in range(pairs):
        PairingFactory(school=school, host=leaders[0])
    return leaders


# --- totals ---


def test_a_school_in_totals(school):
    leaders = fill(school, hosts=5, staff=2, students=12, pairs=6)
    RoleFactory(person=leaders[0], school=school, administrator=True)  # still one of the staff
    RoleFactory(school=school, ended=True)
    SlotFactory(term=school.terms.get(), host=leaders[1])
    SlotFactory(term=school.terms.get(), host=leaders[1], column="3")
    SlotFactory(term=school.terms.get(), host=leaders[2], removed_at=NOW)
    PairingFactory(school=school, host=leaders[0], ended=True)

    found = only(school)

    assert (found.staff, found.students, found.pairings) == ("14", "12", "6")
    assert found.painted == "20%"
    assert found.calendar_ends_on == date(2026, 12, 18)


def test_fewer_than_five_are_hidden(school):
    fill(school, hosts=4, students=4, pairs=4)
    for person in Person.objects.filter(roles__kind=Role.Kind.TEACHER):
        person.roles.update(ends_on=NOW.date() - timedelta(days=3))

    found = only(school)

    assert (found.staff, found.students, found.pairings) == (HIDDEN, HIDDEN, HIDDEN)
    assert found.painted == "Fewer than five hosts"


def test_five_are_shown(school):
    fill(school, hosts=5, students=5, pairs=5)

    found = only(school)

    assert (found.students, found.pairings, found.painted) == ("5", "5", "0%")


def test_schools_are_not_mixed(school):
    other = SchoolFactory()
    fill(other, hosts=5, students=7, pairs=5)

    mine, theirs = totals_of([school, other], at=NOW)

    assert (mine.students, mine.pairings) == (HIDDEN, HIDDEN)
    assert (theirs.students, theirs.pairings) == ("7", "5")


def test_each_school_has_its_own_date():
    at = datetime(2026, 10, 12, 2, 0, tzinfo=UTC)  # still the 11th in New York
    here, there = SchoolFactory(), SchoolFactory(time_zone="Europe/London")
    for each in (here, there):
        for _ in range(6):
            RoleFactory(school=each, ends_on=date(2026, 10, 11))

    assert [each.staff for each in totals_of([here, there], at=at)] == ["6", HIDDEN]


def test_a_calendar_is_set_when_there_are_days_in_it():
    assert only(SchoolFactory()).calendar_ends_on is None
    assert only(TermFactory().school).calendar_ends_on is None
    over = school_with_calendar(at=NOW)
    assert only(over, at=NOW + timedelta(days=100)).calendar_ends_on is None


def test_a_roster_came_in_by_bundle(school):
    assert only(school).imported_at is None

    days = [NOW - timedelta(days=number) for number in range(4)]
    run = {"created_at": NOW, "state": ImportRun.State.DONE}
    ImportRun.objects.create(school=None, moved_at=days[3], **run)
    assert only(school).imported_at == days[3]
    ImportRun.objects.create(school=school, moved_at=days[2], **run)
    assert only(school).imported_at == days[2]
    ImportRun.objects.create(school=SchoolFactory(), moved_at=days[0], **run)
    assert only(school).imported_at == days[2]
    RosterSource.objects.create(school=school, applied_at=days[1])
    assert only(school).imported_at == days[1]


def test_the_sheet_says_when_it_came_in(school):
    row = b"V,teacher,Vera,Quill,v@school.example\n"
    sheet = b"external id,role,given name,family name,email\n" + row

    for at in (NOW - timedelta(days=1), NOW):  # the second changes nothing, and came in as well
        actions.apply_roster(school, sheet, by=None, at=at)

    assert only(school).imported_at == NOW


# --- the page ---


def test_the_page_names_schools_and_no_person(signed_in, school):
    other = school_with_calendar(at=NOW, demo=True, name="Bayside")
    fill(other, hosts=6, students=8, pairs=5)
    names = [
        name
        for person in Person.objects.exclude(given_name="Olga")
        for name in (person.given_name, person.family_name)
    ]

    text = signed_in.get(reverse("scheduling:district")).text

    assert text.index("Bayside") < text.index("Harbor View")
    assert not [name for name in names if f"{name}<" in text or f" {name} " in text]


def test_the_district_lands_on_its_page(signed_in):
    assert signed_in.get("/")["Location"] == reverse("scheduling:district")
    text = signed_in.get(reverse("scheduling:district")).text
    assert '<a href="/district/" aria-current="page">District</a>' in text


@pytest.mark.parametrize("count", [1, 200])
def test_the_page_asks_as_little_for_many_schools(signed_in, school, count):
    SchoolFactory.create_batch(count - 1, demo=True)
    fill(school, hosts=2, students=2, pairs=2)
    signed_in.get(reverse("scheduling:district"))

    with CaptureQueriesContext(
        connection,
    ) as asked:
        response = signed_in.get(reverse("scheduling:district"))

    assert len(response.context["schools"]) == count
    assert len(asked) == 10


def test_the_demo_and_the_real_schools_are_apart(office, school):
    real = SchoolFactory()
    officer = PersonFactory(district_administrator=True, school=real)
    leader = PersonFactory(leader=True, school=real)

    seen = [schools_of(each.roles.all()) for each in (office, officer, leader)]

    assert seen == [[school], [real], []]


def test_the_office_ends_with_its_role(signed_in, office):
    office.roles.update(ends_on=NOW.date() - timedelta(days=3))

    assert signed_in.get(reverse("scheduling:district")).status_code == 403


# --- a school that begins ---


def test_a_school_is_added_with_its_first_administrator(signed_in, office):
    response = signed_in.post(reverse("scheduling:district_school_add"), NEW, follow=True)

    school = School.objects.get(slug="cedar-hill")
    assert (school.name, school.time_zone, school.locale) == (
        "Cedar Hill",
        "America/Chicago",
        "en-gb",
    )
    assert school.weekdays == "71234"
    grace = Person.objects.get(user__email="grace@school.example")
    assert can_administer(grace, school, on=NOW.date())
    assert OutgoingMail.objects.get(person=grace).kind == "signin_invited"
    assert "Cedar Hill is added" in response.text


def test_whoever_is_known_comes_once_and_is_told(signed_in, mailoutbox):
    grace = PersonFactory(teacher=True, school=SchoolFactory(demo=True), email=NEW["email"].lower())

    signed_in.post(reverse("scheduling:district_school_add"), NEW)

    school = School.objects.get(slug="cedar-hill")
    assert can_administer(grace, school, on=NOW.date())
    assert not Person.objects.filter(given_name="Grace").exists()
    deliver_due(at=NOW)
    [mail] = mailoutbox
    assert mail.to == [grace.user.email]
    assert "Cedar Hill" in mail.body


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"slug": "taken"}, "There is a school taken already."),
        ({"slug": "no good"}, "Use letters, numbers and hyphens"),
        ({"name": ""}, "Enter the name of the school."),
        ({"weekdays": []}, "Choose at least one day."),
        ({"email": "grace"}, "Enter an e-mail address, such as"),
        ({"email": "pupil@school.example"}, "A student cannot administer a school."),
        ({"time_zone": "Mars/Olympus"}, "Select a valid choice."),
    ],
)
def test_a_school_is_refused_in_words_and_nothing_is_lost(signed_in, changes, sentence):
    PersonFactory(student=True, school=SchoolFactory(slug="taken"), email="pupil@school.example")
    schools, people = School.objects.count(), Person.objects.count()

    response = signed_in.post(reverse("scheduling:district_school_add"), NEW | changes)

    assert sentence in response.text
    assert "Hart" in response.text
    assert (School.objects.count(), Person.objects.count()) == (schools, people)


def test_the_district_invites_administrators_and_nobody_else(office, school):
    teacher = PersonFactory(teacher=True, school=school)
    admin = PersonFactory(administrator=True, school=SchoolFactory())

    assert can_give_login(office, admin, at=NOW)
    assert not can_give_login(office, teacher, at=NOW)
    assert not can_give_login(office, admin, teacher, at=NOW)


# --- who administers the district ---


def test_the_office_is_given_and_taken_by_command():
    ada = PersonFactory(administrator=True, email="ada@school.example")
    out = StringIO()

    call_command("district_administrator", "Ada@school.example", stdout=out)
    call_command("district_administrator", "ada@school.example", stdout=out)

    assert ada.roles.filter(kind=Role.Kind.DISTRICT_ADMIN).count() == 1
    assert administers_district(ada, at=NOW)
    call_command("district_administrator", "ada@school.example", end=True, stdout=out)
    assert not administers_district(ada, at=NOW)
    assert "no longer administers" in out.getvalue()


@pytest.mark.parametrize(
    "email", ["nobody@school.example", "pupil@school.example", "demo@a.example"]
)
def test_the_office_is_refused_in_words(email):
    PersonFactory(student=True, email="pupil@school.example")
    PersonFactory(teacher=True, school=SchoolFactory(demo=True), email="demo@a.example")

    with pytest.raises(CommandError, match="Nothing was changed"):
        call_command("district_administrator", email)
    with pytest.raises(CommandError, match="Nothing was changed"):
        call_command("district_administrator", email, end=True)

    assert not Role.objects.filter(kind=Role.Kind.DISTRICT_ADMIN).exists()


def test_no_school_gives_or_takes_the_office(school, office):
    admin = PersonFactory(administrator=True, school=school)
    with pytest.raises(PermissionDenied):
        actions.give_role(admin, school, kind=Role.Kind.DISTRICT_ADMIN, by=admin, at=NOW)
    with pytest.raises(PermissionDenied):
        actions.end_role(office.roles.get(), by=admin, at=NOW)
    with pytest.raises(PermissionDenied):
        actions.name_for_district(admin.email, by=office, at=NOW)
    with pytest.raises(PermissionDenied):
        actions.end_for_district(office.email, by=admin, at=NOW)
