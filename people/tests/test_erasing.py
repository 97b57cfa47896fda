"""Erasing what is somebody's own: what goes, what stays, and that nothing brings it back."""

from datetime import date, timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction
from django.urls import reverse

from audit.actions import verify
from audit.models import Event
from conftest import NOW
from people import actions, sheets
from people.models import (
    Assistance,
    Change,
    Guardianship,
    Line,
    Membership,
    OutgoingMail,
    Pairing,
    Person,
    Role,
    RosterSource,
    Session,
    User,
)
from people.tests.factories import (
    ChangeFactory,
    LeaveFactory,
    LineFactory,
    MembershipFactory,
    OutgoingMailFactory,
    PairingFactory,
    PersonFactory,
    RoleFactory,
    SchoolFactory,
    SessionFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

LATER = NOW + timedelta(days=3)


@pytest.fixture
def school():
    return SchoolFactory(demo=True)


@pytest.fixture
def admin(school):
    return PersonFactory(administrator=True, school=school)


@pytest.fixture
def gone(school, admin):
    """Somebody of the roster who left at NOW, with something of everything."""
    person = PersonFactory(
        teacher=True, school=school, role__title="Head of Art", given_name="Marguerite",
        family_name="Okonkwo", preferred_name="Maggie", pronouns="she/her", job="Art",
        external_id="T17", source=RosterSource.objects.create(school=school),
        email="maggie@x.example",
        started_on=date(2019, 8, 20),
    )  # fmt: skip
    actions.give_role(person, school, kind="support_staff", title="Head of Art", by=admin, at=NOW)
    MembershipFactory(group__school=school, person=person, is_adult=True)
    LineFactory(person=person, manager=admin)
    LineFactory(person=PersonFactory(teacher=True, school=school), manager=person)
    Guardianship.objects.create(
        guardian=person,
        student=PersonFactory(student=True, school=school),
        starts_on=date(2026, 9, 7),
    )
    Assistance.objects.create(host=admin, assistant=person, starts_on=date(2026, 9, 7))
    LeaveFactory(person=person)
    PairingFactory(school=school, attendee=person)
    EmailAddress.objects.create(user=person.user, email=person.email)
    Authenticator.objects.create(user=person.user, type="totp", data={})
    actions.end_person(person, school, by=admin, at=NOW)
    SessionFactory(user=person.user)
    change = ChangeFactory(by=person)
    OutgoingMailFactory(person=admin, change=change)
    OutgoingMailFactory(person=person)
    return Person.objects.get(pk=person.pk)


def erase(person, school, admin, at=LATER):
    actions.erase_person(person, school, by=admin, at=at)
    return Person.objects.get(pk=person.pk)


def address(person):
    return reverse("people:person_erase", args=[person.uid])


def test_everything_of_theirs_is_gone_and_the_row_says_former_member(school, admin, gone):
    before, login = gone.pk, gone.user_id

    erased = erase(gone, school, admin)

    facts = {
        field.name: getattr(erased, field.attname)
        for field in Person._meta.fields
        if field.name not in ("id", "uid")
    }
    assert facts == {
        "user": None, "source": None, "external_id": "", "given_name": "Former",
        "family_name": "member", "preferred_name": "", "pronouns": "", "email": "", "job": "",
        "grade": "", "started_on": None, "language": "en-us", "reminder": "day",
        "quiet_from": None, "quiet_until": None, "calendar_by_mail": True,
        "hides_names": False, "uses_shortcuts": True, "is_nudged": True, "is_active": False,
        "erased_at": LATER,
    }  # fmt: skip
    assert (erased.pk, erased.name) == (before, "Former member")
    assert not User.objects.filter(pk=login).exists()
    assert not Session.objects.filter(user=login).exists()
    assert not EmailAddress.objects.exists()
    assert not Authenticator.objects.exists()
    for model in (Membership, OutgoingMail):
        assert not model.objects.filter(person=gone.pk).exists()
    assert not Guardianship.objects.exists()
    assert not Assistance.objects.exists()
    assert not gone.leaves.exists()
    assert not Change.objects.filter(by=gone.pk).exists()
    assert OutgoingMail.objects.get(person=admin).change is None
    assert list(Line.objects.values_list("manager", flat=True)) == [gone.pk]
    assert set(Role.objects.filter(person=gone.pk).values_list("title", flat=True)) == {""}
    assert Pairing.objects.get(attendee=gone.pk).ends_on is not None
    assert "Head of Art" not in str(list(Change.objects.values_list("refs", flat=True)))


def test_log_stays_whole_and_says_who_erased_whom_without_a_name(
    school, admin, gone, caplog, django_capture_on_commit_callbacks
):
    caplog.set_level("INFO")

    with django_capture_on_commit_callbacks(execute=True):
        erase(gone, school, admin)

    event = Event.objects.get(act=Event.Act.PERSON_ERASE)
    assert (event.by, event.about, event.chain) == (admin.pk, [f"person:{gone.pk}"], school.pk)
    assert verify().is_sound
    assert f"Person {gone.pk} was erased" in caplog.text
    assert "Okonkwo" not in caplog.text


def test_nobody_can_be_brought_back(school, admin, gone):
    erased = erase(gone, school, admin)

    for change in ({"is_active": True}, {"email": "a@x.example"}, {"external_id": "T17"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Person.objects.filter(pk=erased.pk).update(**change)
    with pytest.raises(actions.CannotChangePerson, match="erased"):
        actions.give_role(erased, school, kind="teacher", by=admin, at=LATER)
    with pytest.raises(actions.CannotInvite):
        actions.invite_user(erased, by=None, at=LATER)
    with pytest.raises(actions.CannotErase, match="erased already"):
        erase(erased, school, admin)


@pytest.mark.parametrize("status", ["active", "left"])
def test_a_roster_that_still_lists_them_makes_somebody_new_or_nobody(school, admin, gone, status):
    erased = erase(gone, school, admin)
    row = ["T17", "teacher", "Marguerite", "Okonkwo", "maggie@x.example", status]
    columns = ["external id", "role", "given name", "family name", "e-mail", "status"]

    diff = actions.apply_roster(
        school, sheets.write(columns, [row]), by=admin, at=LATER, ends_many=True
    )

    assert [step.name for step in diff.new] == ["Marguerite Okonkwo"] * (status == "active")
    assert diff.changed == []
    assert Person.objects.get(pk=erased.pk).name == "Former member"
    new = Person.objects.filter(external_id="T17").first()
    assert (new is None) == (status == "left")
    assert new is None or not (new.memberships.exists() or new.attended_pairings.exists())


@pytest.mark.parametrize(
    ("case", "at", "sentence"),
    [
        ("role", LATER, "They still have a role, or will have one."),
        ("role elsewhere", LATER, "They still have a role, or will have one."),
        ("another school", LATER, "They were at another school as well."),
        (
            "",
            NOW,
            "They have only just left, and that can still be undone. Come back on 14 October",
        ),
        ("active", LATER, "Not all of theirs has ended yet."),
    ],
)
def test_it_is_refused_in_words_and_changes_nothing(
    client, school, admin, gone, case, at, sentence
):
    other = SchoolFactory(demo=True)
    if case == "role":
        RoleFactory(person=gone, school=school, kind="support_staff", starts_on=date(2026, 12, 1))
    if case == "role elsewhere":
        RoleFactory(person=gone, school=other)
    if case == "another school":
        RoleFactory(person=gone, school=other, ends_on=date(2026, 9, 30))
    if case == "active":
        Person.objects.filter(pk=gone.pk).update(is_active=True)
    before = Person.objects.filter(pk=gone.pk).values().get()

    with time_machine.travel(at, tick=False):
        client.force_login(admin.user)
        shown = client.get(address(gone))
        sent = client.post(address(gone), {"is_sure": "on"})

    for page in (shown, sent):
        assert sentence in page.text
        assert "Erase for good" not in page.text
    assert Person.objects.filter(pk=gone.pk).values().get() == before
    assert not Event.objects.filter(act=Event.Act.PERSON_ERASE).exists()


def test_page_says_what_goes_and_stays_and_asks_for_a_yes(client, school, admin, gone):
    with time_machine.travel(LATER, tick=False):
        client.force_login(admin.user)
        page = client.get(address(gone))
        unsure = client.post(address(gone))
        done = client.post(address(gone), {"is_sure": "on"}, follow=True)
        left = client.get(reverse("people:person_list"), {"show": "left"})
        again = client.get(address(gone))

    assert "What goes" in page.text
    assert "What stays, and why" in page.text
    assert "Tick this first: it cannot be undone." in unsure.text
    assert "What was theirs is erased." in done.text
    assert "Okonkwo" not in left.text
    assert "Former member" not in left.text
    assert again.status_code == 404


def test_it_asks_once_more_who_one_is(client):
    school = SchoolFactory()
    admin = PersonFactory(administrator=True, school=school)
    gone = PersonFactory(teacher=True, school=school)
    Authenticator.objects.create(user=admin.user, type="totp", data={})
    actions.end_person(gone, school, by=admin, at=NOW)

    with time_machine.travel(LATER, tick=False):
        client.force_login(admin.user)
        sent = client.post(address(gone), {"is_sure": "on"})

    assert "Is it still you?" in sent.text
    assert Person.objects.get(pk=gone.pk).erased_at is None


def test_somebody_at_two_schools_is_erased_at_both_by_who_administers_both(school, admin, gone):
    other = SchoolFactory(demo=True)
    RoleFactory(person=gone, school=other, ends_on=date(2026, 9, 30))
    RoleFactory(person=admin, school=other, administrator=True)

    erased = erase(gone, school, admin)

    assert erased.erased_at == LATER
    chains = Event.objects.filter(act=Event.Act.PERSON_ERASE).values_list("chain", flat=True)
    assert sorted(chains) == sorted([school.pk, other.pk])


def test_somebody_of_another_school_is_not_there(client, gone):
    stranger = PersonFactory(administrator=True, school=SchoolFactory(demo=True))
    client.force_login(stranger.user)

    assert client.get(address(gone)).status_code == 404
