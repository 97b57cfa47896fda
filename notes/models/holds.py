"""What may not be deleted for now, because the law or an inquiry wants it kept."""

import uuid
from datetime import date, timedelta

from django.db import models
from django.db.models import F, Q

from people.models import Person, Role, School
from people.models.persons import in_force

ANSWERED_WITHIN = timedelta(days=14)  # by a second person; then what was asked for falls away
MAY_HOLD = (Role.Kind.LEADER, Role.Kind.SAFEGUARDING_LEAD)


class HoldQuerySet(models.QuerySet["Hold"]):
    def visible_to(self, viewer: Person, school: School, *, on: date) -> "HoldQuerySet":
        """Leaders and safeguarding leads of a school know its holds, but those that name them."""
        roles = Role.objects.filter(
            in_force(on), person=viewer, person__is_active=True, school=school, kind__in=MAY_HOLD
        )
        holds = self.filter(models.Exists(roles), school=school)
        return holds.exclude(Q(person=viewer) | Q(other=viewer))

    def open(self) -> "HoldQuerySet":
        return self.filter(ended_at__isnull=True)

    def since(self, school: School) -> date | None:
        """The day since which something at a school is on hold; None if nothing is."""
        first = self.open().filter(school=school).aggregate(at=models.Min("asked_at"))["at"]
        return school.today(first) if first else None


class Hold(models.Model):
    """
    That notes of one person, of two, or of everybody are kept, asked for and agreed to by two.

    What it covers is decided in `notes/holding.py` alone.
    """

    class Ground(models.TextChoices):
        COURT = "court", "A court or an authority asks for it"
        REQUEST = "request", "Somebody asks for what is kept of them"
        COMPLAINT = "complaint", "A complaint or a grievance"
        SAFEGUARDING = "safeguarding", "A safeguarding inquiry"
        CLAIM = "claim", "A claim that is expected"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(School, models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    other = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    written_from = models.DateTimeField(null=True, blank=True)
    written_until = models.DateTimeField(null=True, blank=True)  # before this moment
    ground = models.CharField(max_length=12, choices=Ground)
    reference = models.CharField(max_length=30)  # of the case, somewhere else; never a sentence
    until = models.DateField()  # the last day; the night after ends it
    asked_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()  # from then on nothing of it is deleted
    agreed_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    agreed_at = models.DateTimeField(null=True, blank=True)
    release_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    release_at = models.DateTimeField(null=True, blank=True)
    # Nobody: its time was over
    ended_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = HoldQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(other__isnull=True) | (Q(person__isnull=False) & ~Q(person=F("other"))),
                name="notes_hold_names_one_or_two",
            ),
            models.CheckConstraint(
                condition=Q(person__isnull=False)
                | Q(written_from__isnull=False, written_until__isnull=False),
                name="notes_hold_of_everybody_has_a_span",
            ),
            models.CheckConstraint(
                condition=Q(written_from__isnull=True)
                | Q(written_until__isnull=True)
                | Q(written_from__lt=F("written_until")),
                name="notes_hold_begins_before_it_ends",
            ),
            models.CheckConstraint(
                # A draft from then would leave the span by being written on
                condition=Q(written_until__isnull=True) | Q(written_until__lte=F("asked_at")),
                name="notes_hold_span_is_over",
            ),
            models.CheckConstraint(
                condition=(Q(agreed_by__isnull=True, agreed_at__isnull=True))
                | (Q(agreed_by__isnull=False, agreed_at__isnull=False))
                & ~Q(agreed_by=F("asked_by")),
                name="notes_hold_agreed_by_a_second_person",
            ),
            models.CheckConstraint(
                condition=Q(agreed_at__isnull=True)
                | Q(ended_by__isnull=True)
                | (Q(release_by__isnull=False) & ~Q(release_by=F("ended_by"))),
                name="notes_hold_released_by_two",
            ),
            models.CheckConstraint(
                condition=Q(release_by__isnull=True, release_at__isnull=True)
                | Q(release_by__isnull=False, release_at__isnull=False, agreed_at__isnull=False),
                name="notes_hold_release_is_asked_for",
            ),
            models.CheckConstraint(
                condition=Q(ended_by__isnull=True) | Q(ended_at__isnull=False),
                name="notes_hold_ends_with_its_moment",
            ),
            *(
                models.CheckConstraint(
                    condition=~Q(**{by: F("person")}) & ~Q(**{by: F("other")}),
                    name=f"notes_hold_{by}_is_not_named",
                )
                for by in ("asked_by", "agreed_by", "release_by", "ended_by")
            ),
        ]
        indexes = [
            models.Index(
                fields=["school"], condition=Q(ended_at__isnull=True), name="notes_hold_open"
            ),
        ]

    def __str__(self) -> str:
        return f"Hold {self.pk}"

    @property
    def is_open(self) -> bool:
        return self.ended_at is None

    @property
    def is_asked(self) -> bool:
        """Whether it still waits for a second person."""
        return self.is_open and self.agreed_at is None

    @property
    def is_to_be_released(self) -> bool:
        return self.is_open and self.release_at is not None

    @property
    def waits(self) -> bool:
        """Whether a second person is asked."""
        return self.is_asked or self.is_to_be_released

    @property
    def falls_away_on(self) -> date:
        """The day with which it ends if nobody agrees."""
        return self.school.today(self.asked_at) + ANSWERED_WITHIN

    @property
    def last_written_on(self) -> date | None:
        """The last day of the span, at the school."""
        if self.written_until is None:
            return None
        return self.school.today(self.written_until - timedelta(seconds=1))

    @property
    def objects_in_log(self) -> list[str]:
        """Itself and whom it names, as the log names them."""
        named = [key for key in (self.person_id, self.other_id) if key]
        return [f"hold:{self.uid}", *(f"person:{key}" for key in named)]

    def names(self, person: Person) -> bool:
        return person.pk in (self.person_id, self.other_id)

    def is_over(self, on: date) -> bool:
        """Whether its last day at the school was before a date, or nobody has agreed in time."""
        return self.until < on or (self.agreed_at is None and self.falls_away_on < on)
