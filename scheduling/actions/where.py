"""Where a host meets people: said once for the whole grid, true for every talk to come."""

from datetime import datetime

from django.db import transaction
from django.db.models import F, Q

from audit.actions import record
from audit.models import Event
from people.models import Person, School
from people.permissions import can_host, require

from ..models import Meeting, Slot, Term


@transaction.atomic
def say_where(
    host: Person,
    school: School,
    term: Term,
    *,
    by: Person,
    at: datetime,
    place: str,
    online_link: str,
) -> int:
    """
    Say where the host's talks of a term are, in person or online; either may be empty.

    The cells and the planned talks of their series that have not begun change with it, and cells
    painted later take it over. Answers how many talks changed. Nobody is written to for it: pages,
    calendars and reminders say where as it is when they are made.
    """
    require(by.pk == host.pk and can_host(host, school, on=school.today(at)))
    said = {"place": place, "online_link": online_link}
    differs = ~Q(**said)
    Slot.objects.standing().filter(differs, host=host, term=term).update(**said)
    talks = (
        Meeting.objects.upcoming(at)
        .filter(differs, starts_at__gt=at, booking__seat__slot__host=host, booking__term=term)
        .values("pk")
    )
    count = Meeting.objects.filter(pk__in=talks).update(**said, sequence=F("sequence") + 1)
    record(
        Event.Act.SLOT_PLACE,
        chain=school.pk,
        by=by.pk,
        objects=[f"term:{term.uid}"],
        at=at,
    )
    return count
