"""The address of a school's own calendar: keeping it, letting it go, and what a look found."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from audit.actions import record
from audit.models import Event
from people.fetching import place
from people.models import Person, School

from ..closure_files import What
from ..keeping import seal_address
from ..models import CalendarSource
from .rebuilding import locked

ERROR = 400  # letters


@sensitive_variables("address")
@transaction.atomic
def keep_address(
    school: School, *, by: Person | None, at: datetime, address: str
) -> CalendarSource:
    """Look at this address every night from now on. Raises CannotFetch for what is no address."""
    school = locked(school, by=by, at=at)
    source, _ = CalendarSource.objects.update_or_create(
        school=school,
        defaults={
            "sealed": seal_address(school, address),
            "host": place(address).host,
            "tried_at": at,
            "looked_at": at,
            "failed_since": None,
            "error": "",
            "news_since": None,
            **_counts({}),
        },
    )
    _record(school, "address.keep", by=by, at=at)
    return source


@transaction.atomic
def forget_address(school: School, *, by: Person | None, at: datetime) -> None:
    """Look no more; days that came from there stay closed."""
    school = locked(school, by=by, at=at)
    gone, _ = CalendarSource.objects.filter(school=school).delete()
    if gone:
        _record(school, "address.forget", by=by, at=at)


@transaction.atomic
def note_look(
    source: CalendarSource,
    *,
    by: Person | None,
    at: datetime,
    news: Mapping[What, int] | None = None,
    error: str = "",
) -> CalendarSource | None:
    """
    Keep what a look at the calendar found, or why it found nothing, and since when that is so.

    Changes no day. None if the address has changed in between.
    """
    locked(source.school, by=by, at=at)
    now = CalendarSource.objects.filter(pk=source.pk, sealed=source.sealed).first()
    if now is None:
        return None
    now.tried_at = at
    if news is None:
        now.failed_since, now.error = now.failed_since or at, error[:ERROR]
    else:
        now.looked_at, now.failed_since, now.error = at, None, ""
        for name, count in _counts(news).items():
            setattr(now, name, count)
        now.news_since = (now.news_since or at) if now.has_news else None
    now.save()
    return now


def _counts(news: Mapping[What, int]) -> dict[str, int]:
    return {
        "new_count": news.get(What.NEW, 0),
        "changed_count": news.get(What.CHANGED, 0),
        "gone_count": news.get(What.GONE, 0),
    }


def _record(school: School, basis: str, *, by: Person | None, at: datetime) -> None:
    record(
        Event.Act.CALENDAR_CHANGE,
        chain=school.pk,
        by=by.pk if by else None,
        objects=[f"school:{school.pk}"],
        basis=basis,
        at=at,
    )
