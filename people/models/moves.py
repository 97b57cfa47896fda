"""Logins that are to be moved to another address, and how that ended."""

import uuid
from datetime import datetime, timedelta

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Trim

from .persons import Person

WAIT = timedelta(days=3)  # where nobody else could say yes
LASTS = timedelta(days=14)  # what nobody answers ends


ON_RECORD = Lower(Trim("person__email"))


def _can_happen(at: datetime) -> Q:
    return Q(
        ended_at__isnull=True,
        asked_at__gt=at - LASTS,
        person__is_active=True,
        address=F("on_record"),
    )


class LoginMoveQuerySet(models.QuerySet["LoginMove"]):
    """Moves, in the words of who says yes or no to them."""

    def open(self) -> "LoginMoveQuerySet":
        return self.filter(ended_at__isnull=True)

    def waiting(self, at: datetime) -> "LoginMoveQuerySet":
        """
        Those that can still happen: asked for within two weeks, of somebody who is here, to the
        address that their record still has.
        """
        return self.alias(on_record=ON_RECORD).filter(_can_happen(at))

    def due(self, at: datetime) -> "LoginMoveQuerySet":
        """Those whose wait is over."""
        return self.waiting(at).filter(moves_at__lte=at)

    def to_show(self, at: datetime) -> "LoginMoveQuerySet":
        """Those that wait, and those to which their owner said no within two weeks; newest last."""
        refused = Q(ending=LoginMove.Ending.REFUSED, ended_at__gt=at - LASTS)
        shown = self.alias(on_record=ON_RECORD).filter(_can_happen(at) | refused)
        return shown.order_by("asked_at", "pk")

    def came_to_nothing(self, at: datetime) -> "LoginMoveQuerySet":
        """Those that are not ended, and cannot happen any more."""
        return self.open().exclude(pk__in=self.waiting(at).values("pk"))


class LoginMove(models.Model):
    """
    That somebody is to sign in with another address: asked for by one administrator, and done once
    a second says yes; where there is no second, after three days.

    The address stands here only as long as the question is open.
    """

    class Ending(models.TextChoices):
        MOVED = "moved", "Done"
        REFUSED = "refused", "Its owner said no"
        DECLINED = "declined", "A second administrator said no"
        TAKEN_BACK = "taken_back", "Taken back by who had asked"
        LAPSED = "lapsed", "Came to nothing"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="login_moves")
    address = models.EmailField(blank=True)
    asked_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    moves_at = models.DateTimeField(null=True, blank=True)  # by itself; None: needs a second's yes
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    ending = models.CharField(max_length=10, choices=Ending, blank=True)

    objects = LoginMoveQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(ended_at__isnull=True),
                name="people_loginmove_one_open",
            ),
            models.CheckConstraint(
                condition=(Q(ended_at__isnull=True, ending="") & ~Q(address=""))
                | (Q(ended_at__isnull=False, address="") & ~Q(ending="")),
                name="people_loginmove_open_or_ended",
            ),
        ]

    def __str__(self) -> str:
        return f"LoginMove {self.pk}"

    @property
    def lasts_until(self) -> datetime:
        """When it ends by itself, if nobody answers."""
        return self.asked_at + LASTS
