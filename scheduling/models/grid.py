"""A host's painted cells, their seats, who holds them, and the sign-up that asks people in."""

import uuid
from collections.abc import Collection
from datetime import date, datetime

from django.db import models
from django.db.models import Exists, ExpressionWrapper, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from people.cadence import LETTERS, Cadence, seat_label
from people.models import Pairing, Person, School

from .calendar import BellTime, Commitment, Period, Term


class SlotQuerySet(models.QuerySet["Slot"]):
    def visible_to(self, viewer: Person) -> "SlotQuerySet":
        """A host's own cells. Colleagues meet them only as times to pick, without names."""
        return self.filter(host=viewer)

    def standing(self) -> "SlotQuerySet":
        return self.filter(removed_at__isnull=True)


class Slot(models.Model):
    """A painted cell of a host's grid: a column and a period, or clock times, and how often."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(School, models.PROTECT, related_name="slots")
    host = models.ForeignKey(Person, models.PROTECT, related_name="slots")
    term = models.ForeignKey(Term, models.PROTECT, related_name="slots")
    column = models.CharField(max_length=2)
    # With a period the bell schedule of the day says when; without, the wall times here do.
    period = models.ForeignKey(Period, models.PROTECT, null=True, blank=True, related_name="slots")
    half = models.PositiveSmallIntegerField(default=1)  # 1: from the bell; 2: after the first talk
    starts_at = models.TimeField(null=True, blank=True)
    ends_at = models.TimeField(null=True, blank=True)
    minutes = models.PositiveSmallIntegerField(default=30)
    cadence = models.CharField(max_length=10, choices=Cadence)
    place = models.CharField(max_length=80, blank=True)
    online_link = models.URLField(blank=True)
    # A cell that once held a booking is set aside rather than deleted: its history points at it.
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = SlotQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["host", "term", "column", "period", "half"],
                condition=Q(removed_at__isnull=True),
                name="scheduling_slot_cell_once",
            ),
            models.CheckConstraint(
                condition=Q(period__isnull=False)
                | Q(starts_at__isnull=False, ends_at__gt=F("starts_at")),
                name="scheduling_slot_has_a_time",
            ),
            models.CheckConstraint(condition=Q(half__in=(1, 2)), name="scheduling_slot_half"),
            models.CheckConstraint(
                condition=Q(cadence__in=("weekly", "biweekly", "monthly")),
                name="scheduling_slot_cadence_on_grid",
            ),
        ]

    def __str__(self) -> str:
        return f"Slot {self.pk}"

    @property
    def letter(self) -> str:
        return LETTERS[Cadence(self.cadence)]


class Seat(models.Model):
    """One share of a cell: every week, week A or B, or one week in four."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    slot = models.ForeignKey(Slot, models.CASCADE, related_name="seats")
    number = models.PositiveSmallIntegerField()  # from 1, in the order of the boxes
    weeks = models.PositiveSmallIntegerField()  # the weeks of the cycle, bit 0 is week 1

    objects = models.Manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["slot", "number"], name="scheduling_seat_number_once")
        ]

    def __str__(self) -> str:
        return f"Seat {self.pk}"

    @property
    def label(self) -> str:
        """The letter or number in its box; empty when it meets every week."""
        return seat_label(self.slot.cadence, self.number)


class BookingQuerySet(models.QuerySet["Booking"]):
    def visible_to(self, viewer: Person) -> "BookingQuerySet":
        """The bookings of a person's own pairings."""
        return self.filter(Q(pairing__host=viewer) | Q(pairing__attendee=viewer))

    def live(self) -> "BookingQuerySet":
        return self.filter(released_at__isnull=True)

    def with_place(self) -> "BookingQuerySet":
        """With where and when they are, and the two."""
        return self.select_related(
            "seat__slot__period", "term__school", "pairing__host", "pairing__attendee"
        )

    def of_people(self, people: Collection[int]) -> "BookingQuerySet":
        """Those of which one of these persons is a party."""
        return self.filter(Q(pairing__host__in=people) | Q(pairing__attendee__in=people))

    def near_a_lesson(self) -> "BookingQuerySet":
        """
        Those at whose time, more or less, one of the two has a lesson or a duty: one question.

        More than those that clash, never fewer: `clashes` looks at these few exactly.
        """
        rung = BellTime.objects.filter(
            period=OuterRef(OuterRef("seat__slot__period")),
            starts_at__lt=OuterRef("ends_at"),
            ends_at__gt=OuterRef("starts_at"),
        )
        shared = ExpressionWrapper(
            F("weeks").bitand(OuterRef("seat__weeks")),  # type: ignore[arg-type]
            output_field=models.IntegerField(),
        )
        taught = (
            Commitment.objects.filter(
                Q(Exists(rung))
                | Q(
                    starts_at__lt=OuterRef("seat__slot__ends_at"),
                    ends_at__gt=OuterRef("seat__slot__starts_at"),
                ),
                term=OuterRef("term"),
                column=OuterRef("seat__slot__column"),
            )
            .annotate(shared=shared)
            .filter(shared__gt=0)
        )
        # One for each of the two: with an OR, PostgreSQL looks through everybody's lessons
        host, attendee = OuterRef("pairing__host"), OuterRef("pairing__attendee")
        return self.filter(
            Exists(taught.filter(person=host)) | Exists(taught.filter(person=attendee))
        )


class Booking(models.Model):
    """A pairing's standing claim of a seat in a term: a series of meetings."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)  # the calendar's UID
    seat = models.ForeignKey(Seat, models.PROTECT, related_name="bookings")
    pairing = models.ForeignKey(Pairing, models.PROTECT, related_name="bookings")
    term = models.ForeignKey(Term, models.PROTECT, related_name="bookings")
    starts_on = models.DateField()
    ends_on = models.DateField()
    released_at = models.DateTimeField(null=True, blank=True)
    sequence = models.PositiveIntegerField(default=0)  # rises when the series changes
    booked_by = models.ForeignKey(Person, models.PROTECT, related_name="made_bookings")
    booked_at = models.DateTimeField()
    # The lessons that its place meets and that somebody decided to let be (`clashes.fingerprint`)
    kept_despite = models.CharField(max_length=64, blank=True)

    objects = BookingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["seat"],
                condition=Q(released_at__isnull=True),
                name="scheduling_booking_one_per_seat",
            ),
            models.UniqueConstraint(
                fields=["pairing", "term"],
                condition=Q(released_at__isnull=True),
                name="scheduling_booking_one_per_pairing_and_term",
            ),
        ]

    def __str__(self) -> str:
        return f"Booking {self.pk}"


class SignUpQuerySet(models.QuerySet["SignUp"]):
    def open(self, at: datetime) -> "SignUpQuerySet":
        return self.filter(Q(closes_at=None) | Q(closes_at__gt=at), opens_at__lte=at)


class SignUp(models.Model):
    """A host's invitation to pick times in a term: when it is open, and the letter."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(School, models.PROTECT, related_name="sign_ups")
    host = models.ForeignKey(Person, models.PROTECT, related_name="sign_ups")
    term = models.ForeignKey(Term, models.PROTECT, related_name="sign_ups")
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField(null=True, blank=True)
    letter = models.TextField(blank=True)

    objects = SignUpQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["host", "term"], name="scheduling_signup_one_per_term")
        ]

    def __str__(self) -> str:
        return f"SignUp {self.pk}"

    def is_open(self, at: datetime) -> bool:
        return self.opens_at <= at and (self.closes_at is None or at < self.closes_at)


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def of(self, person: Person) -> "InvitationQuerySet":
        return self.filter(pairing__attendee=person)

    def open(self, at: datetime, on: date) -> "InvitationQuerySet":
        """Those that can be taken up: sign-up is open in a term not over, and the two go on."""
        return self.filter(
            sign_up__in=SignUp.objects.open(at).filter(term__ends_on__gte=on),
            pairing__in=Pairing.objects.in_force(on),
        )

    def waiting(self) -> "InvitationQuerySet":
        """Those for a term in which the two have no time yet."""
        return self.filter(~Exists(_held()))

    def with_booking(self) -> "InvitationQuerySet":
        """With `booking_uid`, of the time that they have in its term, or None."""
        return self.annotate(booking_uid=Subquery(_held().values("uid")[:1]))

    def with_people(self) -> "InvitationQuerySet":
        return self.select_related("pairing__host", "pairing__attendee", "pairing__school")

    def answer_of(self, pairing: Pairing, term: Term) -> str:
        """What the attendee said instead of picking a time in a term; mostly nothing."""
        found = self.filter(pairing=pairing, sign_up__term=term).values_list("answer", flat=True)
        return found.first() or ""

    def facts(self, term: Term | None) -> dict[str, Subquery | Coalesce]:
        """What pairings can be annotated with of a term: `invited_at` and `answer`."""
        mine = self.filter(pairing=OuterRef("pk"), sign_up__term=term)
        return {
            "invited_at": Subquery(mine.values("invited_at")[:1]),
            "answer": Coalesce(Subquery(mine.values("answer")[:1]), Value("")),
        }


def _held() -> BookingQuerySet:
    """The booking of an invitation's two in its term."""
    return Booking.objects.live().filter(
        pairing=OuterRef("pairing"), term=OuterRef("sign_up__term")
    )


class Invitation(models.Model):
    """Somebody who was asked to pick a time in a sign-up, and what they said instead of picking."""

    sign_up = models.ForeignKey(SignUp, models.PROTECT, related_name="invitations")
    pairing = models.ForeignKey(Pairing, models.PROTECT, related_name="invitations")
    invited_at = models.DateTimeField()
    answer = models.CharField(max_length=10, choices=Pairing.Answer, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["sign_up", "pairing"], name="scheduling_invitation_once"
            )
        ]

    def __str__(self) -> str:
        return f"Invitation {self.pk}"
