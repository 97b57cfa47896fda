"""Who answers to whom."""

from datetime import date

from django.db import models
from django.db.models import Q

from .persons import LIFETIME, Person


class Line(models.Model):
    """Who somebody's line manager is, from when to when."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="lines")
    manager = models.ForeignKey(Person, models.PROTECT, related_name="managed_lines")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    objects = models.Manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=LIFETIME, name="people_line_one_manager_at_a_time"
            ),
            models.CheckConstraint(
                condition=~Q(person=models.F("manager")), name="people_line_not_ones_own_manager"
            ),
        ]

    def __str__(self) -> str:
        return f"Line {self.pk}"

    def is_over(self, on: date) -> bool:
        return self.ends_on is not None and self.ends_on < on
