"""Somebody's last day at a school, and who takes over what was theirs."""

import uuid
from datetime import date, timedelta

from django.db import models
from django.db.models import Q

from .pairings import Pairing
from .persons import Group, Person, Role
from .schools import School

DAY = timedelta(days=1)


class DepartureQuerySet(models.QuerySet["Departure"]):
    def ahead(self) -> "DepartureQuerySet":
        """Those that stand and are still to be carried out."""
        return self.filter(taken_back_at__isnull=True, ended_at__isnull=True)

    def of(self, person: Person, school: School | None) -> "Departure | None":
        """The last day of somebody at a school, while it lies ahead."""
        found = self.ahead().filter(person=person, school=school)
        return found.select_related("school", "to_school", "successor").first()


class Departure(models.Model):
    """
    Somebody's last day at a school: everything of theirs there ends once it is over.

    One that is taken back stays, with what was chosen for it, in case there is a last day again.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(School, models.PROTECT, related_name="departures")
    person = models.ForeignKey(Person, models.PROTECT, related_name="departures")
    last_day = models.DateField()
    # Where they go on, for those who change school within the district
    to_school = models.ForeignKey(
        School, models.PROTECT, null=True, blank=True, related_name="arrivals"
    )
    to_kind = models.CharField(max_length=20, choices=Role.Kind, blank=True)  # as what
    # The line manager of those who answered to them
    successor = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    # By the key of a role: its last day before this one, or None; and the roles given elsewhere
    roles_before = models.JSONField(default=dict)
    roles_given = models.JSONField(default=list)
    taken_back_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = DepartureQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["school", "person"],
                condition=Q(ended_at__isnull=True),
                name="people_departure_one_ahead",
            )
        ]

    def __str__(self) -> str:
        return f"Departure {self.pk}"

    @property
    def first_day_without(self) -> date:
        """The day after the last one, from which on others take over."""
        return self.last_day + DAY


class Handover(models.Model):
    """
    Who takes over a pairing or a group from its host or adult; nobody, if that was decided.

    A pairing that is taken over is another one: what the first holds stays with its two people.
    """

    pairing = models.OneToOneField(
        Pairing, models.CASCADE, null=True, blank=True, related_name="handover"
    )
    group = models.ForeignKey(
        Group, models.PROTECT, null=True, blank=True, related_name="handovers"
    )
    leaver = models.ForeignKey(Person, models.PROTECT, related_name="handed_over")
    to = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="taken_over")
    # The pairing that came of it
    opened = models.ForeignKey(
        Pairing, models.SET_NULL, null=True, blank=True, related_name="came_from"
    )

    objects = models.Manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(pairing__isnull=True) ^ Q(group__isnull=True),
                name="people_handover_of_one_thing",
            ),
            models.UniqueConstraint(
                fields=["group", "leaver"],
                condition=Q(group__isnull=False),
                name="people_handover_of_a_group_once",
            ),
            models.CheckConstraint(
                condition=Q(to__isnull=True) | ~Q(to=models.F("leaver")),
                name="people_handover_to_somebody_else",
            ),
        ]

    def __str__(self) -> str:
        return f"Handover {self.pk}"
