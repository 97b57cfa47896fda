"""What two people agreed about their notes, in which words, and when each of them said yes."""

import uuid

from django.db import models
from django.db.models import Q

from people.models import Pairing, Person, School
from people.words import Protocol

from ..protocols import UNAGREED, Cell, cells_in


class AgreementVersionQuerySet(models.QuerySet["AgreementVersion"]):
    def visible_to(self, viewer: Person) -> "AgreementVersionQuerySet":
        """Both people of the pairing know what they agreed or were asked; nobody else does."""
        if not viewer.is_active:
            return self.none()
        return self.filter(Q(pairing__host=viewer) | Q(pairing__attendee=viewer))

    def of(self, pairing: Pairing) -> "AgreementVersionQuerySet":
        return self.filter(pairing=pairing)

    def in_force(self) -> "AgreementVersionQuerySet":
        return self.filter(
            in_force_at__isnull=False, withdrawn_at__isnull=True, superseded_at__isnull=True
        )

    def proposed(self) -> "AgreementVersionQuerySet":
        return self.filter(
            in_force_at__isnull=True,
            declined_at__isnull=True,
            withdrawn_at__isnull=True,
            superseded_at__isnull=True,
        )

    def newest_first(self) -> "AgreementVersionQuerySet":
        return self.order_by("-number", "-pk")


class AgreementVersion(models.Model):
    """A protocol with the people it names, as put before both people of a pairing."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(School, models.PROTECT, related_name="+")
    pairing = models.ForeignKey(Pairing, models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    protocol = models.CharField(max_length=20, choices=Protocol)
    line_manager = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+"
    )
    terms = models.TextField()  # frozen, canonical JSON (protocols.terms); holds keys, no words
    terms_sha256 = models.CharField(max_length=64)
    # A signature over all of the above: a version made by hand in the database is not believed.
    key_id = models.CharField(max_length=40)
    mac = models.CharField(max_length=64)
    proposed_at = models.DateTimeField()
    in_force_at = models.DateTimeField(null=True, blank=True)
    declined_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    superseded_at = models.DateTimeField(null=True, blank=True)

    objects = AgreementVersionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["pairing", "number"], name="notes_agreementversion_number_once"
            ),
            models.UniqueConstraint(
                fields=["pairing"],
                condition=Q(
                    in_force_at__isnull=False,
                    withdrawn_at__isnull=True,
                    superseded_at__isnull=True,
                ),
                name="notes_agreementversion_one_in_force",
            ),
        ]

    def __str__(self) -> str:
        return f"AgreementVersion {self.pk}"

    @property
    def is_in_force(self) -> bool:
        return self.in_force_at is not None and not (self.withdrawn_at or self.superseded_at)

    @property
    def cells(self) -> dict[str, Cell]:
        return cells_in(self.terms)


def cells_of(agreement: AgreementVersion | None) -> dict[str, Cell]:
    """Who reads what under an agreement, or while nothing is agreed."""
    return UNAGREED if agreement is None else agreement.cells


class AcknowledgementQuerySet(models.QuerySet["Acknowledgement"]):
    def visible_to(self, viewer: Person) -> "AcknowledgementQuerySet":
        """Both people of the pairing see that the other said yes, and when."""
        if not viewer.is_active:
            return self.none()
        return self.filter(Q(version__pairing__host=viewer) | Q(version__pairing__attendee=viewer))


class Acknowledgement(models.Model):
    """That a person said yes to a version, having read exactly these words."""

    version = models.ForeignKey(AgreementVersion, models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    terms_sha256 = models.CharField(max_length=64)
    words_sha256 = models.CharField(max_length=64)
    language = models.CharField(max_length=10)
    # Said beforehand, once for everybody this host meets, in the same words.
    standing = models.ForeignKey(
        "StandingAcceptance", models.PROTECT, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField()
    key_id = models.CharField(max_length=40)
    mac = models.CharField(max_length=64)

    objects = AcknowledgementQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "person"], name="notes_acknowledgement_once")
        ]

    def __str__(self) -> str:
        return f"Acknowledgement {self.pk}"


class StandingAcceptanceQuerySet(models.QuerySet["StandingAcceptance"]):
    def visible_to(self, viewer: Person) -> "StandingAcceptanceQuerySet":
        """A host's own."""
        return self.filter(host=viewer) if viewer.is_active else self.none()


class StandingAcceptance(models.Model):
    """That a host keeps to these words with everybody they meet in this kind of talk."""

    host = models.ForeignKey(Person, models.PROTECT, related_name="+")
    protocol = models.CharField(max_length=20, choices=Protocol)
    words_sha256 = models.CharField(max_length=64)
    language = models.CharField(max_length=10)
    at = models.DateTimeField()

    objects = StandingAcceptanceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["host", "protocol", "words_sha256"],
                name="notes_standingacceptance_once",
            )
        ]

    def __str__(self) -> str:
        return f"StandingAcceptance {self.pk}"
