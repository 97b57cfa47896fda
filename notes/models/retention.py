"""How long a school keeps notes, and what is left of those whose time is over."""

from datetime import datetime
from typing import NamedTuple

from django.db import models
from django.db.models import Q

from people.models import Person, School

from ..retention import (
    MEMORY_MONTHS,
    RECORD_YEARS,
    TALK_YEARS,
    Periods,
)


class Decided(NamedTuple):
    """What holds at a school, by which rule (0: what we propose), and what waits for a yes."""

    periods: Periods | None  # None: nothing is decided, and so nothing is deleted
    number: int
    waiting: "RetentionRule | None"


class RetentionRuleQuerySet(models.QuerySet["RetentionRule"]):
    def decided(self, school: School) -> Decided:
        """How things stand at a school; one that was never asked keeps to what we propose."""
        rules = list(self.filter(school=school).order_by("-number"))
        if not rules:
            return Decided(Periods(), 0, None)
        waiting = rules[0] if rules[0].is_waiting else None
        rule = next((each for each in rules if each.in_force_at is not None), None)
        if rule is None:
            return Decided(None, 0, waiting)
        return Decided(rule.periods, rule.number, waiting)


class RetentionRule(models.Model):
    """How long a school keeps notes, as proposed and, once seen what would go, as decided."""

    school = models.ForeignKey(School, models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()  # stands in the log and on tombstones
    memory_months = models.PositiveSmallIntegerField()
    talk_years = models.PositiveSmallIntegerField()
    record_years = models.PositiveSmallIntegerField()
    by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField()
    # What the keeper found that it would delete, by group: a number, or None for a few people's
    would_go = models.JSONField(default=dict)
    rehearsed_at = models.DateTimeField(null=True, blank=True)
    in_force_at = models.DateTimeField(null=True, blank=True)
    dropped_at = models.DateTimeField(null=True, blank=True)

    objects = RetentionRuleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["school", "number"], name="notes_retentionrule_number_once"
            ),
            models.CheckConstraint(
                condition=Q(memory_months__in=MEMORY_MONTHS)
                & Q(talk_years__in=TALK_YEARS)
                & Q(record_years__in=RECORD_YEARS),
                name="notes_retentionrule_within_floor_and_ceiling",
            ),
        ]

    def __str__(self) -> str:
        return f"RetentionRule {self.pk}"

    @property
    def is_waiting(self) -> bool:
        return self.in_force_at is None and self.dropped_at is None

    @property
    def periods(self) -> Periods:
        return Periods(self.memory_months, self.talk_years, self.record_years)

    def put_in_force(self, at: datetime) -> None:
        self.in_force_at = at
        self.save(update_fields=["in_force_at"])

    def drop(self, at: datetime) -> None:
        self.dropped_at = at
        self.save(update_fields=["dropped_at"])


class Tombstone(models.Model):
    """
    That a part or an agreement was there, and went because its time was over.

    The database lets nothing finished go without one, and takes one only from the keeper.
    """

    uid = models.UUIDField(unique=True, editable=False)  # of what went
    school = models.ForeignKey(School, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10)
    written_at = models.DateTimeField()
    rule = models.PositiveIntegerField()  # its number at the school
    at = models.DateTimeField()

    objects = models.Manager()

    def __str__(self) -> str:
        return f"Tombstone {self.pk}"
