"""What people did that can be undone."""

import uuid
from datetime import datetime, timedelta

from django.db import models

from .persons import Person

UNDO_WITHIN = timedelta(days=1)


class ChangeQuerySet(models.QuerySet["Change"]):
    def visible_to(self, viewer: Person) -> "ChangeQuerySet":
        """Only those who made a change may know of it, and undo it."""
        return self.filter(by=viewer)

    def recent(self, at: datetime) -> "ChangeQuerySet":
        """Those for which Undo still answers; later a change is changed again, not undone."""
        return self.filter(at__gt=at - UNDO_WITHIN)


class Change(models.Model):
    """Something a person did, with what its inverse needs to know: verbs and keys, no words."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    by = models.ForeignKey(Person, models.PROTECT, related_name="changes")
    verb = models.CharField(max_length=40)
    refs = models.JSONField(default=dict)
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True, blank=True)

    objects = ChangeQuerySet.as_manager()

    def __str__(self) -> str:
        return f"Change {self.pk}"
