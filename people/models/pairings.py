"""Who is to meet whom: why, how often, and who may book for a host."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Greatest, Least

from ..cadence import LETTERS, WEEKS, Cadence, sparser
from .persons import Person, in_force
from .schools import School


class PairingQuerySet(models.QuerySet["Pairing"]):
    def visible_to(self, viewer: Person) -> "PairingQuerySet":
        """The pairings a person may know of: their own, as host or attendee. No role adds any."""
        return self.of(viewer)

    def of(self, person: Person) -> "PairingQuerySet":
        """Those of which somebody is one of the two."""
        return self.filter(Q(host=person) | Q(attendee=person))

    def in_force(self, on: date) -> "PairingQuerySet":
        return self.filter(in_force(on), host__is_active=True, attendee__is_active=True)

    def in_force_at(self, at: datetime, schools: Sequence[School]) -> "PairingQuerySet":
        """Those in force at a moment, by the date at their school; one elsewhere by the first's."""
        days: dict[date, list[int]] = {}
        for school in schools:
            days.setdefault(school.today(at), []).append(school.pk)
        first, *others = days
        if not others:
            return self.in_force(first)
        wanted = in_force(first) & ~Q(school__in=[pk for day in others for pk in days[day]])
        for day in others:
            wanted |= in_force(day) & Q(school__in=days[day])
        return self.filter(wanted, host__is_active=True, attendee__is_active=True)

    def hosted_by(self, host: Person) -> "PairingQuerySet":
        return self.filter(host=host)

    def without_counseling(self) -> "PairingQuerySet":
        """Those of which an administrator may know when their host leaves (DECISIONS 15)."""
        return self.exclude(kind=Pairing.Kind.COUNSELING)

    def with_people(self) -> "PairingQuerySet":
        return self.select_related("host", "attendee", "school")


class Pairing(models.Model):
    """A host and an attendee who are to meet: why, how often, and from when to when."""

    class Kind(models.TextChoices):
        STAFF_CHECK_IN = "staff_check_in", "Staff check-in"
        COACHING = "coaching", "Coaching"
        MENTORING = "mentoring", "Mentoring"
        PEER_SUPPORT = "peer_support", "Peer support"
        RELATIONAL = "relational", "Relational one-on-one"
        PERFORMANCE_SUPPORT = "performance_support", "Performance support"
        COUNSELING = "counseling", "Counseling"
        ADVISORY = "advisory", "Advisory"
        CONFERENCE = "conference", "Conference"
        FAMILY_CONFERENCE = "family_conference", "Family conference"

    class Ownership(models.TextChoices):
        HOST = "host", "The host leads"
        SHARED = "shared", "Shared"
        ATTENDEE = "attendee", "The attendee leads"

    class Answer(models.TextChoices):
        NONE_FIT = "none_fit", "None of these times fit"
        NOT_NOW = "not_now", "Not now"
        TALK = "talk", "Would rather talk about it first"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(School, models.PROTECT, related_name="pairings")
    host = models.ForeignKey(Person, models.PROTECT, related_name="hosted_pairings")
    attendee = models.ForeignKey(Person, models.PROTECT, related_name="attended_pairings")
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.STAFF_CHECK_IN)
    cadence = models.CharField(max_length=10, choices=Cadence, default=Cadence.MONTHLY)
    minutes = models.PositiveSmallIntegerField(default=30)
    ownership = models.CharField(max_length=10, choices=Ownership, default=Ownership.SHARED)
    # Whether the attendee is not of the staff, or comes for counseling: no mail names them then
    is_with_student = models.BooleanField(default=True)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    is_paused = models.BooleanField(default=False)
    # What the invited may choose ("": the suggested and sparser)
    may_choose = models.CharField(max_length=60, blank=True)
    # The clock: the last school date on which they met or skipped by agreement
    last_met_on = models.DateField(null=True, blank=True)
    last_passed_on = models.DateField(null=True, blank=True)

    objects = PairingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["host", "attendee", "kind"],
                condition=Q(ends_on__isnull=True),
                name="people_pairing_one_open_of_a_kind",
            ),
            models.UniqueConstraint(
                Least("host", "attendee"),
                Greatest("host", "attendee"),
                condition=Q(ends_on__isnull=True, kind="peer_support"),
                name="people_pairing_peers_once",
            ),
            models.CheckConstraint(
                condition=~Q(host=F("attendee")), name="people_pairing_two_people"
            ),
        ]
        indexes = [
            models.Index(fields=["school", "ends_on"], name="people_pairing_school_open"),
        ]

    def __str__(self) -> str:
        return f"Pairing {self.pk}"

    @property
    def letter(self) -> str:
        """w, b or m; empty for cadences that the grid does not know."""
        return LETTERS.get(Cadence(self.cadence), "")

    @property
    def weeks(self) -> int | None:
        """School weeks from one meeting to the next; None without a clock."""
        return WEEKS.get(Cadence(self.cadence))

    @property
    def offered(self) -> list[str]:
        """The cadences the attendee may choose, densest first."""
        return self.may_choose.split() or sparser(self.cadence)

    def is_party(self, person: Person) -> bool:
        return person.pk in (self.host_id, self.attendee_id)

    def other(self, person: Person) -> Person:
        """The other of the two."""
        return self.attendee if person.pk == self.host_id else self.host

    def shown_name(self, person: Person) -> str:
        """
        How one of the two is named where talks are shown: students are shortened, "Jada W.".

        Whole names of students stand where one is to be told from the others: finding, choosing,
        and what an administrator keeps.
        """
        is_student = self.is_with_student and person.pk == self.attendee_id
        return person.short_name if is_student else person.name


class Assistance(models.Model):
    """Somebody who books times for a host and sees nothing of the content."""

    host = models.ForeignKey(Person, models.PROTECT, related_name="assistances")
    assistant = models.ForeignKey(Person, models.PROTECT, related_name="assisted")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    objects = models.Manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(host=F("assistant")), name="people_assistance_two_people"
            )
        ]

    def __str__(self) -> str:
        return f"Assistance {self.pk}"
