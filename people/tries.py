"""Whose login somebody else may be trying, by what the log says of the last hour."""

from collections import Counter
from datetime import datetime, timedelta

from django.db.models import TextChoices

from audit.models import Event

from .models import Person

LOOKS_BACK = timedelta(hours=1)
MANY = 5  # wrong ones; no more than so many are looked at within five minutes
SEVERAL = 3  # before a right one, or at the second step, where the first was right


class Tries(TextChoices):
    """What it looks like; the kinds of the mails that say so."""

    TRIED = "signin_tried"
    GOT_IN = "signin_got_in"


def suspicious(at: datetime) -> list[tuple[Person, Tries]]:
    """Whose login was tried again and again, and whether somebody got in then."""
    lately = Event.objects.filter(at__gt=at - LOOKS_BACK, at__lte=at)
    wrong = lately.filter(act=Event.Act.SIGNIN_FAIL, by=None).order_by("at", "pk")
    by_login: dict[str, list[Event]] = {}
    for event in wrong:
        for name in event.about:
            by_login.setdefault(name, []).append(event)
    logins = {
        int(name.removeprefix("user:")): events
        for name, events in by_login.items()
        if len(events) >= SEVERAL
    }
    people = Person.objects.filter(user__in=logins, is_active=True).order_by("pk")
    right: dict[int, list[datetime]] = {}
    for by, when in lately.filter(
        act=Event.Act.SIGNIN_OK, by__in=[person.pk for person in people]
    ).values_list("by", "at"):
        right.setdefault(by or 0, []).append(when)
    found = []
    for person in people:
        events = logins[person.user_id or 0]
        if _got_in(events, sorted(right.get(person.pk, []))):
            found.append((person, Tries.GOT_IN))
        elif len(events) >= MANY or sum(map(_is_second_step, events)) >= SEVERAL:
            found.append((person, Tries.TRIED))
    return found


def _got_in(wrong: list[Event], right: list[datetime]) -> bool:
    """Whether several wrong ones came right before one that was right."""
    before = Counter(next((each for each in right if each >= event.at), None) for event in wrong)
    return any(times >= SEVERAL for each, times in before.items() if each is not None)


def _is_second_step(event: Event) -> bool:
    return event.basis in ("mfa", "passkey")
