"""A school with somebody of each kind, and a thing for each name in the table of access."""

from contextlib import contextmanager
from datetime import timedelta
from types import SimpleNamespace

import time_machine
from django.conf import settings
from django.db import transaction
from django.test import Client

from conftest import NOW
from notes import actions as notes_actions
from notes.tests.factories import finished
from people import uploads
from people.actions import start_import
from people.models import Leave, Role
from people.tests.factories import (
    DepartureFactory,
    LoginMoveFactory,
    MembershipFactory,
    PairingFactory,
    PersonFactory,
    RoleFactory,
    SessionFactory,
    UserFactory,
)
from scheduling.actions import skip
from scheduling.tests.factories import (
    BookingFactory,
    ClosureFactory,
    CommitmentFactory,
    InvitationFactory,
    MeetingFactory,
    SignUpFactory,
    SlotFactory,
    school_with_calendar,
)

SAID = "Tired but steadier, her brother helps"
CONFIDED = "It is too loud at our table"


@contextmanager
def standing(blocker):
    """
    What is made inside stands for all tests of a module, each of which takes back its own changes:
    for a fixture of that scope that asks for `django_db_setup` and gives its `django_db_blocker`.
    """
    with blocker.unblock(), time_machine.travel(NOW, tick=False), transaction.atomic():
        yield
        transaction.set_rollback(True)


def made_world():
    school = school_with_calendar(at=NOW, is_demo=True, safeguarding_phone="555 0100")
    school.safeguarding_lead = PersonFactory(safeguarding_lead=True, school=school)
    school.save()
    term = school.terms.get()
    host = PersonFactory(leader=True, school=school)
    sign_up = SignUpFactory(host=host, term=term)
    pairing = InvitationFactory(sign_up=sign_up, pairing__cadence="weekly").pairing
    slot = SlotFactory(term=term, host=host, column="5")
    other = school_with_calendar(at=NOW, is_demo=True)
    elsewhere = PersonFactory(leader=True, school=other)
    Role.objects.create(
        person=elsewhere, school=other, kind=Role.Kind.SCHOOL_ADMIN, starts_on=term.starts_on
    )
    itinerant = PersonFactory(teacher=True, school=school)
    RoleFactory(person=itinerant, school=other, administrator=True)
    counseling = PairingFactory(counseling=True, school=school)
    world = SimpleNamespace(
        people={
            "host": host.user,
            "attendee": pairing.attendee.user,
            "leader": PersonFactory(leader=True, school=school).user,
            "admin": PersonFactory(administrator=True, school=school).user,
            "counselor": PersonFactory(counselor=True, school=school).user,
            "elsewhere": elsewhere.user,
            "itinerant": itinerant.user,
            "district": PersonFactory(district_administrator=True, school=school).user,
            "superuser": UserFactory(superuser=True),
        },
        pairing=pairing,
        invited=InvitationFactory(sign_up=sign_up, pairing__cadence="weekly").pairing,
        meeting=MeetingFactory(pairing=pairing),
        counseling=counseling,
        session=MeetingFactory(pairing=counseling),
        school=school,
        colleague=pairing.attendee,
        student=counseling.attendee,
        advisory=MembershipFactory(
            group__school=school, person=pairing.attendee, is_adult=True
        ).group,
        leaver=DepartureFactory(school=school).person,
        leave=Leave.objects.create(
            person=pairing.attendee, starts_on=NOW.date(), ends_on=NOW.date()
        ),
        booking=BookingFactory(seat=slot.seats.get(), pairing=pairing),
        term=term,
        move=LoginMoveFactory(person=pairing.attendee),
        lesson=CommitmentFactory(term=term, person=pairing.attendee, source="untis"),
        closure=ClosureFactory(school=school),
        bells=school.bell_schedules.get(),
        browser=SessionFactory(user=host.user),
        change=skip(
            MeetingFactory(pairing=pairing, starts_at=NOW + timedelta(days=8)), by=host, at=NOW
        ),
        run=start_import(by=None, at=NOW, school=school, upload_key=uploads.keep(b"zip")),
        week=school.weeks.order_by("starts_on").first().starts_on.isoformat(),
        day=school.days.order_by("date").first().date.isoformat(),
    )
    finished(world.meeting, host, SAID, chosen=1)
    world.hold = notes_actions.place_hold(
        school,
        notes_actions.Scope(counseling.attendee),
        ground="court",
        reference="2026-114",
        until=NOW.date() + timedelta(days=90),
        by=school.safeguarding_lead,
        at=NOW,
    )
    finished(world.session, counseling.host, CONFIDED, field="noticed", chosen=1)
    world.sessions = {name: session_of(user) for name, user in world.people.items()}
    return world


def session_of(user):
    """The key of a browser in which somebody is signed in."""
    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def arguments(world, argument):
    if argument is None:
        return []
    if isinstance(argument, str) and hasattr(world, argument):
        thing = getattr(world, argument)
        return [thing if isinstance(thing, str) else thing.uid]
    if isinstance(argument, tuple):
        return [each for part in argument for each in arguments(world, part)]
    return [argument]
