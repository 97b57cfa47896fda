"""Which parts and agreements of a school have come to the end of their time, as queries."""

from datetime import date, datetime, time

from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from people.models import Pairing, Role, School
from scheduling.models import Term
from scheduling.wall_time import instant

from .holding import AreHeld, IsHeld
from .models import AgreementVersion
from .models.parts import PartQuerySet
from .retention import GROUPS, MEMORY, RECORD, TALK, Periods, first_kept, memory_after


def year_ends(school: School) -> dict[int, date]:
    """The last day of school of each school year that the calendar knows."""
    terms = Term.objects.of(school).order_by().values_list("school_year")
    return dict(terms.annotate(Max("ends_on")))


def ended_on(pairing: Pairing) -> date | None:
    """
    The last day on which the two of a pairing could meet; None while they can.

    With whoever is gone it rests, and is over from their last day on. See also `ended_before`.
    """
    if pairing.ends_on is not None or (pairing.host.is_active and pairing.attendee.is_active):
        return pairing.ends_on
    gone = [each for each in (pairing.host, pairing.attendee) if not each.is_active]
    roles = Role.objects.filter(school=pairing.school_id, person__in=gone)
    ends = list(roles.values_list("ends_on", flat=True))
    return max((end for end in ends if end), default=None) if None not in ends else None


def ended_before(school: School, day: date) -> QuerySet[Pairing]:
    """The pairings whose last day lies before a date. See also `ended_on`."""
    of_the_two = Q(person=OuterRef("host")) | Q(person=OuterRef("attendee"))
    gone = Role.objects.filter(of_the_two, school=school, person__is_active=False)
    later = gone.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day))
    rests = Q(Exists(gone), ends_on__isnull=True) & ~Exists(later)
    return Pairing.objects.filter(Q(ends_on__lt=day) | rests, school=school)


def due_parts(parts: PartQuerySet, school: School, periods: Periods, *, on: date) -> PartQuerySet:
    """
    Those of the parts, which are opened, that are to go: their last day was before a date at the
    school, and they are not on hold. See also `lasting.py`.
    """
    return ended_parts(parts, school, periods, on=on).filter(~Q(_held_with_its_field(parts)))


def held_parts(parts: PartQuerySet, school: School, periods: Periods, *, on: date) -> PartQuerySet:
    """Those of the parts that would go as well, if they were not on hold."""
    return ended_parts(parts, school, periods, on=on).filter(_held_with_its_field(parts))


def _held_with_its_field(parts: PartQuerySet) -> Exists:
    """What has replaced other words is kept with them, even if only one of both is on hold."""
    return Exists(_of_field(parts).filter(IsHeld()))


def _of_field(parts: PartQuerySet) -> PartQuerySet:
    return parts.filter(
        pairing=OuterRef("pairing"),
        meeting=OuterRef("meeting"),
        author=OuterRef("author"),
        field=OuterRef("field"),
    )


def ended_parts(parts: PartQuerySet, school: School, periods: Periods, *, on: date) -> PartQuerySet:
    """
    Those of the parts, which are opened, whose last day was before a date at the school.

    What has replaced other words of one field goes together with them. What was put aside, and
    drafts of who was erased, have no last day but the one of their hold.
    """
    ends = year_ends(school)
    written_from = _midnight(school, first_kept(periods.memory_until, on=on))
    met_from = _midnight(school, first_kept(lambda day: periods.talk_until(day, ends), on=on))
    of_field = _of_field(parts).on_pages()
    stopped = ended_before(school, first_kept(memory_after, on=on))
    left = ended_before(school, first_kept(periods.record_until, on=on))
    memory = Q(kind__in=GROUPS[MEMORY]) | Q(is_draft=True)
    is_old = ~Q(Exists(of_field.filter(written_at__gte=written_from)))
    return parts.filter(
        Q(put_aside_at__isnull=False)
        | Q(is_draft=True, author__erased_at__isnull=False)
        | Q(memory & (is_old | Q(pairing__in=stopped)))
        | Q(kind__in=GROUPS[TALK], meeting__starts_at__lt=met_from)
        | Q(kind__in=GROUPS[RECORD], pairing__in=left),
        school=school,
    )


def due_agreements(
    parts: PartQuerySet, school: School, periods: Periods, *, on: date
) -> QuerySet[AgreementVersion]:
    """The agreements under which nothing is left, years after the two stopped meeting."""
    left = ended_before(school, first_kept(periods.agreement_until, on=on))
    held = AreHeld(school="school", one="pairing__host", two="pairing__attendee")
    return AgreementVersion.objects.filter(
        ~Exists(parts.filter(pairing=OuterRef("pairing"))),
        ~Q(held),
        school=school,
        pairing__in=left,
    )


def _midnight(school: School, day: date) -> datetime:
    return instant(day, time.min, school.zone)
