"""Where a school's lessons came from: how many, of how many people, in which term."""

from typing import NamedTuple
from uuid import UUID

from django.db.models import Count

from people.models import Person, School

from ..models import Commitment, Term
from .entries import Kind


class Source(NamedTuple):
    """What one source brought into a term; "" is typed by hand."""

    term_uid: UUID
    term_name: str
    source: str
    words: str
    lessons: int
    people: int


def sources_of(school: School, term: Term | None = None) -> list[Source]:
    """The sources of a school's lessons, the newest term first; two queries."""
    rows = (
        Commitment.objects.filter(term__school=school, **({"term": term} if term else {}))
        .values("term__uid", "term__name", "source")
        .annotate(lessons=Count("pk"), people=Count("person", distinct=True))
        .order_by("-term__starts_on", "source")
    )
    counted = list(rows)
    owners = {
        f"{Kind.CALENDAR}:{person.uid}": person.name
        for person in Person.objects.filter(
            uid__in=[
                row["source"].partition(":")[2]
                for row in counted
                if row["source"].startswith(f"{Kind.CALENDAR}:")
            ]
        )
    }
    return [
        Source(
            row["term__uid"],
            row["term__name"],
            row["source"],
            _words(row["source"], owners),
            row["lessons"],
            row["people"],
        )
        for row in counted
    ]


def _words(source: str, owners: dict[str, str]) -> str:
    if not source:
        return "Typed by hand"
    if source in owners:
        return f"Calendar file of {owners[source]}"
    return dict(Kind.choices).get(source, source)
