"""
What is written unasked and once: to who was asked for a time, and to hosts whose grid has too few
or whose series end.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.core.mail import EmailMessage
from django.db.models import Count, Q, QuerySet
from django.utils.formats import date_format

from people.cadence import ON_GRID, Cadence
from people.home import zone_in_words
from people.models import OutgoingMail, Pairing, School

from .availability import calendar_of, openings
from .emails import NOTHING, link, message_of
from .letters import in_a_row
from .models import Booking, Invitation, Seat, SignUp, Term
from .models.grid import InvitationQuerySet
from .signup import Choice, choices_of
from .waiting import Supply

UNANSWERED = timedelta(days=9)  # until one asks whether a letter got buried
WANTS_NONE = (Pairing.Answer.NOT_NOW, Pairing.Answer.TALK)  # for now


def no_hurry(mail: OutgoingMail, at: datetime) -> EmailMessage | None:
    """To who was invited and has neither picked nor answered: how many times fit, and one."""
    pairing = Pairing.objects.with_people().filter(uid=mail.subject_uid or NOTHING).first()
    if pairing is None or pairing.is_paused:
        return None
    asked = Invitation.objects.open(at, pairing.school.today(at)).waiting()
    asked = asked.filter(pairing=pairing, answer="").select_related("sign_up__term")
    newest = asked.order_by("-invited_at", "-pk").first()
    if newest is None or newest.invited_at > at - UNANSWERED:
        return None
    choices = _fitting(pairing, newest.sign_up.term, at)
    return message_of(
        mail,
        "No hurry",
        "scheduling/emails/no_hurry.txt",
        pairing=pairing,
        count=len(choices),
        example=min(choices, key=lambda each: each.begins_on, default=None),
        zone=zone_in_words(mail.person, pairing.school),
        url=link("scheduling:sign_up", pairing.uid),
    )


def _fitting(pairing: Pairing, term: Term, at: datetime) -> list[Choice]:
    """What the page would offer first: as often as suggested, or else as they may choose."""
    school = term.school = pairing.school
    calendar = calendar_of(term)
    found = openings(
        pairing.host,
        pairing.attendee,
        term,
        cadences=pairing.offered,
        now=at,
        calendar=calendar,
    )
    choices = choices_of(found, calendar, host_name="", rotates=school.rotates)
    return [each for each in choices if each.slot.cadence == pairing.cadence] or choices


def too_few(mail: OutgoingMail, at: datetime) -> EmailMessage | None:
    """To a host: for whom their grid has no place left, and whom none of its times fit."""
    sign_up = (
        SignUp.objects.select_related("school", "term", "host")
        .filter(uid=mail.subject_uid or NOTHING)
        .first()
    )
    if sign_up is None:
        return None
    short = short_of_places(sign_up.school, at).get(sign_up.pk, [])
    waiting = _waiting(sign_up.school, at).filter(sign_up=sign_up)
    unfit = waiting.filter(answer=Pairing.Answer.NONE_FIT).with_people()
    names = [each.pairing.attendee.name for each in unfit.order_by("answered_at", "pk")]
    if not short and not names:
        return None
    return message_of(
        mail,
        "Too few times to pick from",
        "scheduling/emails/too_few.txt",
        term=sign_up.term,
        short=short,
        names=in_a_row(names) if names else "",
        url=link("scheduling:schedule"),
    )


def short_of_places(school: School, at: datetime) -> Mapping[int, list[Supply]]:
    """By open sign-up, how often people without a time would meet and have no place: 2 queries."""
    waiting = Counter(
        {
            (each["sign_up"], each["pairing__cadence"]): each["people"]
            for each in _waiting(school, at)
            .values("sign_up", "pairing__cadence")
            .annotate(people=Count("pk"))
            .order_by()
        }
    )
    free: Counter[tuple[int, str]] = Counter()
    sign_ups = SignUp.objects.filter(pk__in={pk for pk, _ in waiting})
    by_grid = {(each.host_id, each.term_id): each.pk for each in sign_ups}
    seats = Seat.objects.filter(
        slot__removed_at__isnull=True, slot__school=school, slot__term__in={t for _, t in by_grid}
    ).exclude(pk__in=Booking.objects.live().values("seat"))
    for host_id, term_id, cadence in seats.values_list("slot__host", "slot__term", "slot__cadence"):
        free[by_grid.get((host_id, term_id), 0), cadence] += 1
    found: dict[int, list[Supply]] = {}
    for sign_up in by_grid.values():
        supplies = [
            Supply(each, 0, free[sign_up, each], waiting[sign_up, each])
            for each in map(Cadence, ON_GRID)
        ]
        if short := [each for each in supplies if each.short]:
            found[sign_up] = short
    return found


def _waiting(school: School, at: datetime) -> InvitationQuerySet:
    """Who was asked, has no time, and has not said that they want none for now."""
    asked = Invitation.objects.open(at, school.today(at)).waiting()
    return asked.filter(sign_up__school=school, pairing__is_paused=False).exclude(
        answer__in=WANTS_NONE
    )


def term_ends(mail: OutgoingMail, at: datetime) -> EmailMessage | None:
    """To a host: how many of their series end with the term, and where they can go on."""
    term = Term.objects.select_related("school").filter(uid=mail.subject_uid or NOTHING).first()
    if term is None or term.ends_on < term.school.today(at):
        return None
    following = Term.objects.filter(school=term.school, starts_on__gt=term.ends_on)
    new = following.order_by("starts_on").first()
    series = series_to_end(term).filter(pairing__host=mail.person)
    if new is not None:
        goes_on = Booking.objects.live().filter(term=new, pairing__host=mail.person)
        series = series.exclude(pairing__in=goes_on.values("pairing"))
    count = series.count()
    if not count:
        return None
    day = f"{date_format(term.ends_on, 'l j F')}"
    return message_of(
        mail,
        f"Your series end on {day}",
        "scheduling/emails/term_ends.txt",
        count=count,
        term=term,
        new=new,
        day=day,
        url=link("scheduling:carry_over"),
    )


def series_to_end(term: Term) -> QuerySet[Booking]:
    """The series that run until a term ends, and whose two go on meeting after it."""
    goes_on = Q(pairing__ends_on=None) | Q(pairing__ends_on__gt=term.ends_on)
    return Booking.objects.live().filter(goes_on, term=term, pairing__is_paused=False)
