"""Imports that a worker does: whose, how far, and how they ended; never whom they speak of."""

import uuid
from datetime import date
from typing import Any

from django.db import models
from django.db.models import Q

from .persons import Person, Role, in_force
from .schools import School


class ImportRunQuerySet(models.QuerySet["ImportRun"]):
    def visible_to(self, viewer: Person, *, on: date) -> "ImportRunQuerySet":
        """Administrators see the imports of their school; those of the district see all of them."""
        if not viewer.is_active:
            return self.none()
        mine = Role.objects.filter(in_force(on), person=viewer)
        district = mine.filter(kind=Role.Kind.DISTRICT_ADMIN)
        if district.filter(school__is_demo=False).exists():
            return self
        theirs = Q(school__in=mine.filter(kind=Role.Kind.SCHOOL_ADMIN).values("school"))
        if district.exists():  # of the demo
            theirs |= Q(by=viewer) | Q(school__is_demo=True)
        return self.filter(theirs)

    def under_way(self) -> "ImportRunQuerySet":
        """Those that a worker has to do something for."""
        return self.filter(state__in=ImportRun.UNDER_WAY)


class ImportRun(models.Model):
    """A roster on its way in, from the file to the end."""

    class Kind(models.TextChoices):
        ONEROSTER = "oneroster", "OneRoster"

    class State(models.TextChoices):
        READING = "reading", "Being read"
        SHOWN = "shown", "Waits for a yes"
        APPLYING = "applying", "Being applied"
        DONE = "done", "Done"
        STOPPED = "stopped", "Stopped"
        REFUSED = "refused", "Refused"

    UNDER_WAY = (State.READING, State.APPLYING)
    OPEN = (*UNDER_WAY, State.SHOWN)

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.ONEROSTER)
    school = models.ForeignKey(  # None is every school of the installation
        School, models.PROTECT, null=True, blank=True, related_name="import_runs"
    )
    by = models.ForeignKey(  # None is the clock: a file in the folder
        Person, models.PROTECT, null=True, blank=True, related_name="+"
    )
    state = models.CharField(max_length=10, choices=State, default=State.READING)
    upload_key = models.CharField(max_length=48, blank=True)  # the files, see people/uploads.py
    preview_key = models.CharField(max_length=48, blank=True)  # what was shown
    digest = models.CharField(max_length=64, blank=True)  # of what was shown: only that is done
    fingerprint = models.CharField(max_length=64, blank=True)  # of a file in the folder
    ends_many = models.BooleanField(default=False)  # somebody said that they have left
    attempts = models.PositiveSmallIntegerField(default=0)
    counts = models.JSONField(default=dict, blank=True)  # numbers by word
    error = models.CharField(max_length=400, blank=True)
    created_at = models.DateTimeField()
    moved_at = models.DateTimeField()  # into this state, or taken up by a worker

    objects = ImportRunQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["moved_at"],
                condition=Q(state__in=("reading", "applying")),
                name="people_importrun_under_way",
            )
        ]

    def __str__(self) -> str:
        return f"ImportRun {self.pk}"

    @property
    def is_under_way(self) -> bool:
        return self.state in self.UNDER_WAY

    def count(self, name: str) -> Any:
        return self.counts.get(name, 0)
