"""Addresses of schools' calendars: sealed, since whoever has one can read the calendar."""

from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from audit import keyring
from audit.stores import Renew, Renewed, Store, register
from people.fetching import CannotFetch
from people.models import School
from people.sealed import key_of, open_text, renew_text, seal_text

from .models import CalendarSource


@sensitive_variables("address")
def seal_address(school: School, address: str) -> str:
    """An address as it is kept. Raises keyring.KeyRingError."""
    return seal_text("tokens", address, bound=_bound_to(school.pk))


def open_address(source: CalendarSource) -> str:
    """The address itself. Raises CannotFetch if the key ring cannot open it any more."""
    try:
        return open_text("tokens", source.sealed, bound=_bound_to(source.school_id))
    except keyring.KeyRingError as error:
        raise CannotFetch("The address cannot be opened any more. Enter it again.") from error


def addresses_under(key_id: str) -> int:
    """How many addresses lie under a key."""
    return sum(key_of(each.sealed) == key_id for each in CalendarSource.objects.all())


@transaction.atomic
def renew_addresses(after: int, size: int, how: Renew) -> Renewed | None:
    """Put the next addresses under the current key."""
    sources = list(
        CalendarSource.objects.select_for_update().filter(pk__gt=after).order_by("pk")[:size]
    )
    done = broken = 0
    for source in sources:
        if key_of(source.sealed) == keyring.current_key_id("tokens"):
            continue
        try:
            bound = _bound_to(source.school_id)
            source.sealed = renew_text(how, "tokens", source.sealed, bound=bound)
            done += 1
        except keyring.CannotOpen:
            broken += 1
    CalendarSource.objects.bulk_update(sources, ["sealed"])
    return Renewed(sources[-1].pk, done, broken) if sources else None


def _bound_to(school: int) -> bytes:
    return f"scheduling/calendar_source:{school}".encode()


def register_stores() -> None:
    register(Store("calendar addresses", "tokens", addresses_under, renew_addresses))
