"""On which days somebody is away: nobody learns why."""

import uuid
from collections.abc import Iterable
from datetime import date

from django.db import models
from django.db.models import Q

from .persons import Person


class LeaveQuerySet(models.QuerySet["Leave"]):
    def covering(self, on: date) -> "LeaveQuerySet":
        return self.filter(starts_on__lte=on, ends_on__gte=on)

    def lasting(self, on: date) -> "LeaveQuerySet":
        """Those that are not over on a date."""
        return self.filter(ends_on__gte=on)

    def last_days(self, people: Iterable[int], *, on: date) -> dict[int, date]:
        """The last day away of each of these who is away on a date, by key."""
        found = self.covering(on).filter(person__in=people)
        return dict(found.order_by("ends_on").values_list("person", "ends_on"))


class Leave(models.Model):
    """
    Days on which somebody is away; the clock of their one-on-ones stands still.

    The leaves of a person neither overlap nor touch: `actions.give_leave` puts such days together,
    so that the last day of one is the last day away.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="leaves")
    starts_on = models.DateField()
    ends_on = models.DateField()

    objects = LeaveQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=models.F("starts_on")),
                name="people_leave_ends_after_it_starts",
            )
        ]
        indexes = [models.Index(fields=["person", "ends_on"], name="people_leave_of_person")]

    def __str__(self) -> str:
        return f"Leave {self.pk}"
