"""What changes of the calendar did to planned meetings, and days with bells of their own."""

import uuid

from django.db import models
from django.db.models import Q

from people.models import Person, School

from .calendar import BellSchedule
from .meetings import Attendance, Meeting, MeetingQuerySet


class SpecialDay(models.Model):
    """A date with another bell schedule than its column has: a late start, an assembly, finals."""

    school = models.ForeignKey(School, models.PROTECT, related_name="special_days")
    date = models.DateField()
    bell_schedule = models.ForeignKey(BellSchedule, models.CASCADE, related_name="special_days")

    objects = models.Manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["school", "date"], name="scheduling_specialday_once")
        ]

    def __str__(self) -> str:
        return f"SpecialDay {self.pk}"


class Ripple(models.Model):
    """What a change of the calendar did to meetings, so that their people are told, and once."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(School, models.PROTECT, related_name="ripples")
    at = models.DateTimeField()
    # Keys of meetings by what became of them: closed, reopened, moved, lost
    meetings = models.JSONField(default=dict)

    objects = models.Manager()

    def __str__(self) -> str:
        return f"Ripple {self.pk}"

    def of(self, person: Person) -> MeetingQuerySet:
        """The meetings that it touched and that a person attends."""
        keys = [key for touched in self.meetings.values() for key in touched]
        mine = Attendance.objects.filter(Q(person=person), meeting__in=keys)
        return Meeting.objects.filter(pk__in=mine.values("meeting"))
