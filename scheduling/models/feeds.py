"""Secret addresses at which people's own calendar programs read their one-on-ones."""

import hashlib
from datetime import datetime, timedelta

from django.db import models

from people.models import Person

from .meetings import Meeting, MeetingQuerySet

KEPT = timedelta(days=60)  # how far back a calendar shows what was
READ_WITHIN = timedelta(days=30)  # programs look several times a day, but holidays are long


class CalendarFeedQuerySet(models.QuerySet["CalendarFeed"]):
    """Addresses, in the words of who asks for one."""

    def visible_to(self, viewer: Person) -> "CalendarFeedQuerySet":
        """One's own and nobody else's."""
        return self.filter(person=viewer)

    def opened_by(self, token: str) -> "CalendarFeedQuerySet":
        """The one that a token opens, while its person is here."""
        return self.filter(token_sha256=sha256_of(token), person__is_active=True)

    def in_use(self, at: datetime) -> "CalendarFeedQuerySet":
        """Those that some calendar program still reads, as far as one can know."""
        return self.filter(read_on__gte=(at - READ_WITHIN).date())


class CalendarFeed(models.Model):
    """A secret address of somebody who is here; only a hash of it is kept."""

    person = models.OneToOneField(Person, models.PROTECT, related_name="+")
    token_sha256 = models.CharField(max_length=64, unique=True)
    shows_names = models.BooleanField(default=False)
    made_at = models.DateTimeField()
    read_on = models.DateField(null=True, blank=True)  # last, in UTC; no finer than a day

    objects = CalendarFeedQuerySet.as_manager()

    def __str__(self) -> str:
        return f"CalendarFeed {self.pk}"

    def meetings(self, at: datetime) -> MeetingQuerySet:
        """
        The talks of one's own that a calendar shows: a series whole, in the order of series.

        A talk that one is only a guest of is not there.
        """
        mine = models.Q(pairing__host=self.person) | models.Q(pairing__attendee=self.person)
        recent = Meeting.objects.filter(mine, ends_at__gt=at - KEPT)
        series = recent.filter(booking__isnull=False).order_by().values("booking")
        return (
            Meeting.objects.visible_to(self.person)
            .filter(mine)
            .filter(
                models.Q(booking__in=series) | models.Q(booking__isnull=True, ends_at__gt=at - KEPT)
            )
            .select_related("pairing__host", "pairing__attendee", "pairing__school", "booking")
            .order_by("booking", "starts_at", "pk")
        )


def sha256_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
