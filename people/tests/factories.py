"""Sensible, unsurprising people of a school; a trait for each adjective."""

from datetime import date, timedelta

import factory

from conftest import NOW
from people.cadence import Cadence
from people.models import (
    Change,
    Departure,
    Group,
    Leave,
    Line,
    LoginMove,
    Membership,
    OutgoingMail,
    Pairing,
    Person,
    Role,
    School,
    Session,
    User,
)

TERM_STARTS_ON = date(2026, 9, 7)  # five weeks before conftest.NOW
PASSWORD = "correct horse battery staple"


class SchoolFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = School

    class Params:
        demo = factory.Trait(is_demo=True)

    name = factory.Sequence(lambda n: f"Harbor View School {n}")
    slug = factory.Sequence(lambda n: f"harbor-view-{n}")


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User

    class Params:
        inactive = factory.Trait(is_active=False)
        superuser = factory.Trait(is_staff=True, is_superuser=True)

    email = factory.Sequence(lambda n: f"user{n}@school.example")
    password = factory.django.Password(PASSWORD)


def _with_role(kind, **fields):
    """A trait: holds this role since term began, at `school` or at a school of their own."""
    return factory.Trait(
        role=factory.RelatedFactory(
            "people.tests.factories.RoleFactory",
            "person",
            kind=kind,
            school=factory.LazyAttribute(
                lambda role: role.factory_parent.school or SchoolFactory()
            ),
        ),
        **fields,
    )


class PersonFactory(factory.django.DjangoModelFactory):
    """
    Somebody with a login, and with a role if a trait says so.

    `PersonFactory(leader=True, school=school, role__title="Principal")`; without `school` the
    role is at a new one, without a trait there is no role and `school` says nothing.
    """

    class Meta:
        model = Person
        exclude = ("school",)
        skip_postgeneration_save = True

    class Params:
        leader = _with_role(Role.Kind.LEADER)
        teacher = _with_role(Role.Kind.TEACHER)
        counselor = _with_role(Role.Kind.COUNSELOR)
        support_staff = _with_role(Role.Kind.SUPPORT_STAFF)
        safeguarding_lead = _with_role(Role.Kind.SAFEGUARDING_LEAD)
        administrator = _with_role(Role.Kind.SCHOOL_ADMIN)
        district_administrator = _with_role(Role.Kind.DISTRICT_ADMIN)
        student = _with_role(Role.Kind.STUDENT, user=None, email="", grade="7")
        guardian = _with_role(Role.Kind.GUARDIAN, user=None)
        without_login = factory.Trait(user=None)

    school = None
    given_name = factory.Sequence(lambda n: f"Given{n}")
    family_name = factory.Sequence(lambda n: f"Family{n}")
    email = factory.Sequence(lambda n: f"person{n}@school.example")
    user = factory.SubFactory(UserFactory, email=factory.SelfAttribute("..email"))


class RoleFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Role

    class Params:
        leader = factory.Trait(kind=Role.Kind.LEADER)
        counselor = factory.Trait(kind=Role.Kind.COUNSELOR)
        teacher = factory.Trait(kind=Role.Kind.TEACHER)
        administrator = factory.Trait(kind=Role.Kind.SCHOOL_ADMIN)
        district_administrator = factory.Trait(kind=Role.Kind.DISTRICT_ADMIN)
        ended = factory.Trait(ends_on=date(2026, 10, 9))  # the school day before conftest.NOW

    person = factory.SubFactory(PersonFactory)
    school = factory.SubFactory(SchoolFactory)
    kind = Role.Kind.TEACHER
    starts_on = TERM_STARTS_ON


class LineFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Line

    person = factory.SubFactory(PersonFactory)
    manager = factory.SubFactory(PersonFactory)
    starts_on = TERM_STARTS_ON


class LeaveFactory(factory.django.DjangoModelFactory):
    """Away for the two weeks from conftest.NOW on."""

    class Meta:
        model = Leave

    person = factory.SubFactory(PersonFactory, teacher=True)
    starts_on = date(2026, 10, 12)
    ends_on = date(2026, 10, 23)


class DepartureFactory(factory.django.DjangoModelFactory):
    """A leader whose last day is the Friday after conftest.NOW."""

    class Meta:
        model = Departure

    school = factory.SubFactory(SchoolFactory)
    person = factory.SubFactory(
        PersonFactory, leader=True, school=factory.SelfAttribute("..school")
    )
    last_day = date(2026, 10, 16)


class LoginMoveFactory(factory.django.DjangoModelFactory):
    """What was asked at conftest.NOW, to the address of the person's record; a second's yes."""

    class Meta:
        model = LoginMove

    person = factory.SubFactory(PersonFactory, teacher=True)
    address = factory.LazyAttribute(lambda move: move.person.email.lower())
    asked_by = factory.SubFactory(PersonFactory, administrator=True)
    asked_at = NOW


class GroupFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Group

    school = factory.SubFactory(SchoolFactory)
    name = factory.Sequence(lambda n: f"Advisory {n}")


class MembershipFactory(factory.django.DjangoModelFactory):
    """A student's place in a group; `adult=True` for its teacher or advisor."""

    class Meta:
        model = Membership

    class Params:
        adult = factory.Trait(
            is_adult=True,
            person=factory.SubFactory(
                PersonFactory, teacher=True, school=factory.SelfAttribute("..group.school")
            ),
        )

    group = factory.SubFactory(GroupFactory)
    person = factory.SubFactory(
        PersonFactory, student=True, school=factory.SelfAttribute("..group.school")
    )
    starts_on = TERM_STARTS_ON


class PairingFactory(factory.django.DjangoModelFactory):
    """A leader and a teacher of one school who are to meet once a month."""

    class Meta:
        model = Pairing

    class Params:
        weekly = factory.Trait(cadence=Cadence.WEEKLY)
        biweekly = factory.Trait(cadence=Cadence.BIWEEKLY)
        paused = factory.Trait(is_paused=True)
        ended = factory.Trait(ends_on=date(2026, 10, 9))
        counseling = factory.Trait(
            kind=Pairing.Kind.COUNSELING,
            host=factory.SubFactory(
                PersonFactory, counselor=True, school=factory.SelfAttribute("..school")
            ),
            attendee=factory.SubFactory(
                PersonFactory, student=True, school=factory.SelfAttribute("..school")
            ),
        )

    school = factory.SubFactory(SchoolFactory)
    host = factory.SubFactory(PersonFactory, leader=True, school=factory.SelfAttribute("..school"))
    attendee = factory.SubFactory(
        PersonFactory, teacher=True, school=factory.SelfAttribute("..school")
    )
    starts_on = TERM_STARTS_ON

    @factory.lazy_attribute
    def is_with_student(self):
        counsels = self.kind == Pairing.Kind.COUNSELING
        return counsels or not self.attendee.roles.filter(kind__in=Role.STAFF).exists()


class OutgoingMailFactory(factory.django.DjangoModelFactory):
    """A mail that is due at conftest.NOW, of a kind that a test registers."""

    class Meta:
        model = OutgoingMail

    key = factory.Sequence(lambda n: f"trial:{n}")
    kind = "trial"
    person = factory.SubFactory(PersonFactory)
    due_at = NOW


class ChangeFactory(factory.django.DjangoModelFactory):
    """Something done at conftest.NOW, by a verb that a test registers."""

    class Meta:
        model = Change

    by = factory.SubFactory(PersonFactory, teacher=True)
    verb = "trial"
    at = NOW


class SessionFactory(factory.django.DjangoModelFactory):
    """A browser in which somebody is signed in at conftest.NOW."""

    class Meta:
        model = Session

    session_key = factory.Sequence(lambda n: f"{n:032}")
    user = factory.SubFactory(UserFactory)
    expire_date = NOW + timedelta(hours=4)
    last_seen_at = NOW
