"""The hours in which somebody wants no mail that can wait."""

from datetime import UTC, datetime, timedelta

from .home import home_school
from .models import Person


def ends(person: Person, at: datetime) -> datetime | None:
    """
    When the quiet hours end in which somebody is at a moment, by the clock of their school.

    None outside of them, and for who has chosen none.
    """
    if person.quiet is None:
        return None
    begins, until = person.quiet
    school = home_school(person)
    local = at.astimezone(school.zone if school else UTC)
    is_late = begins <= local.time()
    is_early = local.time() < until
    if not (is_late and is_early if begins < until else is_late or is_early):
        return None
    on = local.date() if is_early else local.date() + timedelta(days=1)
    return datetime.combine(on, until, tzinfo=local.tzinfo)
