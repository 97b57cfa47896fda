"""Making the rows of what is written unasked: on school days, in working hours, and once."""

from datetime import datetime, time, timedelta

from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, QuerySet, UUIDField, Value
from django.db.models.functions import Cast, Concat

from people.models import Leave, OutgoingMail, Pairing, Person, School
from people.models.outgoing import UidText

from ..models import Invitation, SchoolDay, SignUp, Term
from ..nudges import UNANSWERED, series_to_end, short_of_places
from .reminders import DIGEST_AT

EVENING = time(17)
SETTLING = timedelta(days=1)  # a host who has just invited is told by the page
ENDS_SOON = timedelta(days=14)
FORGOTTEN = timedelta(days=30)  # older letters are no longer asked about


@transaction.atomic
def queue_nudges(school: School, *, by: Person | None, at: datetime) -> int:
    """
    Ask those who have not answered an invitation, and tell hosts whose places are too few or whose
    series end with the term; each once a term, and how many mails.
    """
    today, clock = school.today(at), at.astimezone(school.zone).time()
    if not DIGEST_AT <= clock < EVENING:
        return 0
    if not SchoolDay.objects.open().filter(school=school, date=today).exists():
        return 0
    return _ask_again(school, at) + _tell_hosts(school, at) + _tell_of_the_end(school, at)


def _ask_again(school: School, at: datetime) -> int:
    today = school.today(at)
    asked = (
        Invitation.objects.open(at, today)
        .waiting()
        .filter(
            sign_up__school=school,
            answer="",
            invited_at__lte=at - UNANSWERED,
            invited_at__gt=at - FORGOTTEN,
            pairing__is_paused=False,
            pairing__attendee__is_active=True,
        )
        .exclude(pairing__attendee__email="")
        .exclude(pairing__attendee__in=Leave.objects.covering(today).values("person"))
    )
    key = Concat(Value("no_hurry:"), UidText("sign_up__uid"), Value(":"), UidText("pairing__uid"))
    return _once(asked, key, "no_hurry", "pairing__attendee", "pairing__uid", at)


def _tell_hosts(school: School, at: datetime) -> int:
    today = school.today(at)
    unfit = (
        Invitation.objects.open(at, today)
        .waiting()
        .filter(sign_up__school=school, pairing__is_paused=False, answer=Pairing.Answer.NONE_FIT)
    )
    short = {*short_of_places(school, at), *unfit.values_list("sign_up", flat=True)}
    if not short:
        return 0
    told = (
        SignUp.objects.filter(pk__in=short, opens_at__lte=at - SETTLING, host__is_active=True)
        .exclude(host__email="")
        .exclude(host__in=Leave.objects.covering(today).values("person"))
    )
    key = Concat(Value("too_few:"), UidText("uid"))
    return _once(told, key, "too_few", "host", "uid", at)


def _tell_of_the_end(school: School, at: datetime) -> int:
    today = school.today(at)
    made = 0
    ending = Term.objects.of(school).filter(
        starts_on__lte=today, ends_on__gte=today, ends_on__lte=today + ENDS_SOON
    )
    for term in ending:
        hosts = (
            Person.objects.filter(
                pk__in=series_to_end(term).values("pairing__host"), is_active=True
            )
            .exclude(email="")
            .exclude(pk__in=Leave.objects.covering(today).values("person"))
            .annotate(term_uid=Value(term.uid, UUIDField()))
        )
        key = Concat(Value(f"term_ends:{term.uid}:"), Cast("pk", CharField()))
        made += _once(hosts, key, "term_ends", "pk", "term_uid", at)
    return made


def _once(rows: QuerySet, key: Concat, kind: str, person: str, about: str, at: datetime) -> int:
    """One mail of a kind for each row whose key is not known."""
    known = OutgoingMail.objects.filter(key=OuterRef("key"))
    return OutgoingMail.objects.queue_each(
        rows.annotate(key=key).filter(~Exists(known)),
        key=key,
        kind=kind,
        due_at=at,
        person=person,
        about=about,
    )
