"""When people who work at several schools teach at another one: taken, and never said why."""

from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime, timedelta

from people.cadence import pattern_of

from .models import Commitment, SchoolDay, Term
from .wall_time import instant


def commitments_around(people: Collection[int], term: Term | None) -> list[Commitment]:
    """
    The lessons and duties of these persons in a term, and at other schools while it runs.

    One query for both; `here` and `taken_elsewhere` tell them apart.
    """
    if term is None:
        return []
    return list(
        Commitment.objects.filter(
            person_id__in=people,
            term__starts_on__lte=term.ends_on,
            term__ends_on__gte=term.starts_on,
        ).select_related("term__school")
    )


def here(commitments: Iterable[Commitment], person: int, term: Term | None) -> list[Commitment]:
    """Those of a person in the term itself."""
    key = term.pk if term else None
    return [each for each in commitments if each.person_id == person and each.term_id == key]


def taken_elsewhere(
    commitments: Iterable[Commitment], term: Term, *, since: datetime, until: date
) -> Iterator[tuple[int, datetime, datetime]]:
    """
    Those at other schools than the term's, as instants: person's key, beginning, end.

    Each by its school's calendar, bells and clock. One query where there are any, else none.
    """
    others = [each for each in commitments if each.term.school_id != term.school_id]
    if not others:
        return
    zones = {each.term_id: each.term.school.zone for each in others}
    days = SchoolDay.objects.open().filter(
        term__in=zones, date__gte=since.date() - timedelta(days=1), date__lte=until
    )
    for day in days:
        weeks = pattern_of(day.pass_number)
        for each in others:
            times = each.starts_at, each.ends_at
            if each.term_id == day.term_id and each.meets(
                day.column, *times, weeks=weeks, on=day.date
            ):
                begins, ends = (instant(day.date, clock, zones[day.term_id]) for clock in times)
                yield each.person_id, begins, ends
