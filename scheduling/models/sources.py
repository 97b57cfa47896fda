"""The school's own calendar, as other programs keep it: where it is, and what was decided of it."""

from datetime import datetime

from django.db import models

from people.models import School

NIGHT = 3  # o'clock at the school: when its calendar is looked at


class CalendarEvent(models.Model):
    """An event of the school's own calendar about which somebody has decided."""

    school = models.ForeignKey(School, models.PROTECT, related_name="calendar_events")
    calendar = models.CharField(max_length=64)  # a hash of what the calendar calls itself
    key = models.CharField(max_length=64)  # a hash of its UID
    says = models.CharField(max_length=64)  # a hash of its name and days, as they were then
    name = models.CharField(max_length=80, blank=True)  # of one that closes days; else we need none

    objects = models.Manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["school", "key"], name="scheduling_calendarevent_key_once"
            )
        ]

    def __str__(self) -> str:
        return f"CalendarEvent {self.pk}"


class CalendarSource(models.Model):
    """An address at which the school's own calendar can be read, and how the last look went."""

    school = models.OneToOneField(School, models.PROTECT, related_name="calendar_source")
    sealed = models.TextField()  # the address: it opens the calendar to whoever has it
    host = models.CharField(max_length=253)  # what pages show of it
    tried_at = models.DateTimeField()
    looked_at = models.DateTimeField(null=True, blank=True)  # when it answered last
    failed_since = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=400, blank=True)
    # What differs from the days without school, and since when that is known
    new_count = models.PositiveSmallIntegerField(default=0)
    changed_count = models.PositiveSmallIntegerField(default=0)
    gone_count = models.PositiveSmallIntegerField(default=0)
    news_since = models.DateTimeField(null=True, blank=True)

    objects = models.Manager()

    def __str__(self) -> str:
        return f"CalendarSource {self.pk}"

    @property
    def has_news(self) -> bool:
        return bool(self.new_count or self.changed_count or self.gone_count)

    @property
    def news(self) -> str:
        """What differs, in numbers: "2 new, 1 gone"."""
        counts = (
            (self.new_count, "new"),
            (self.changed_count, "changed"),
            (self.gone_count, "gone"),
        )
        return ", ".join(f"{count} {word}" for count, word in counts if count)

    def is_due(self, at: datetime) -> bool:
        """Whether nobody has looked since the school's last night."""
        local = at.astimezone(self.school.zone)
        return local.hour >= NIGHT and self.tried_at.astimezone(local.tzinfo).date() < local.date()
