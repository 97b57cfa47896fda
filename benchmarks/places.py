"""A painted grid with people in it, made by actions: for programs that measure something else."""

from datetime import datetime

from django.utils import timezone

from people.actions import open_pairing
from people.cadence import Cadence
from people.models import Pairing, Person, Role, School
from scheduling import actions
from scheduling.availability import openings
from scheduling.models import Invitation, Period, SignUp, Term

from .school import AFTER, BEFORE

PATTERN = (Cadence.WEEKLY, Cadence.BIWEEKLY, Cadence.MONTHLY)


def cells(school: School, periods: int = 6) -> list[tuple[str, Period]]:
    """The first periods of every day, day by day."""
    lessons = school.periods.exclude(name__in=(BEFORE, AFTER)).order_by("ordinal")[:periods]
    return [(column, period) for column in school.weekdays for period in lessons]


def outside(school: School) -> list[tuple[str, Period]]:
    """Before school and after it, on every day."""
    periods = school.periods.filter(name__in=(BEFORE, AFTER)).order_by("ordinal")
    return [(column, period) for period in periods for column in school.weekdays]


def paint_by_hand(host: Person, school: School, term: Term) -> None:
    """Thirty cells and those outside school, a third in each rhythm."""
    wanted = [(column, period.pk) for column, period in (*cells(school), *outside(school))]
    for number, cadence in enumerate(PATTERN):
        actions.paint(host, school, term, wanted[number::3], cadence, by=host, at=timezone.now())


def pair_everybody(host: Person, school: School, term: Term) -> list[Pairing]:
    """Every teacher is to meet the host, and may choose how often; sign-up is open."""
    at = timezone.now()
    sign_up = SignUp.objects.create(school=school, host=host, term=term, opens_at=at)
    teachers = Person.objects.filter(roles__kind=Role.Kind.TEACHER).order_by("pk")
    found = []
    for teacher in teachers:
        pairing = open_pairing(
            school,
            host=host,
            attendee=teacher,
            kind=Pairing.Kind.STAFF_CHECK_IN,
            by=None,
            on=school.today(at),
        )
        found.append(pairing)
    Pairing.objects.filter(pk__in=[each.pk for each in found]).update(
        may_choose="weekly biweekly monthly"
    )
    Invitation.objects.bulk_create(
        Invitation(sign_up=sign_up, pairing=each, invited_at=at) for each in found
    )
    return list(Pairing.objects.filter(host=host).with_people().order_by("pk"))


def fill_by_hand(
    host: Person, term: Term, pairings: list[Pairing]
) -> tuple[list[Pairing], list[Pairing]]:
    """Book the first fitting place for each; who has one now, and who has not."""
    placed, unplaced = [], []
    for number, pairing in enumerate(pairings):
        at: datetime = timezone.now()
        found = openings(host, pairing.attendee, term, cadences=[PATTERN[number % 3]], now=at)
        if found:
            actions.book(pairing, found[0].seat, by=host, at=at)
        (placed if found else unplaced).append(pairing)
    return placed, unplaced
