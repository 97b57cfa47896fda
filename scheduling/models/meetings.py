"""Agreed times, who is at them, how they ended, and when it has been a while."""

import uuid
from datetime import datetime, tzinfo

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import TruncDate
from django.urls import reverse

from people.models import Leave, Pairing, Person, School

from .grid import Booking


def _is_undecided(at: datetime) -> Q:
    has_clashed = Q(status="cancelled", status_reason="clash")
    is_on_a_closed_day = Q(status="closed") & ~Q(booking__seat__slot__cadence="weekly")
    return (has_clashed | is_on_a_closed_day) & Q(ended_at=None, original_starts_at__gt=at)


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def visible_to(self, viewer: Person) -> "MeetingQuerySet":
        """
        The meetings a person may know of: those they attend, in whatever role.

        Not leaders, not administrators, not assistants: that two people meet is theirs to know,
        and a counseling meeting exists for nobody else at all (DECISIONS 15).
        """
        mine = Attendance.objects.filter(meeting=OuterRef("pk"), person=viewer)
        return self.filter(Exists(mine)) if viewer.is_active else self.none()

    def upcoming(self, at: datetime) -> "MeetingQuerySet":
        return self.filter(status=Meeting.Status.PLANNED, ends_at__gt=at)

    def with_people(self) -> "MeetingQuerySet":
        return self.select_related(
            "school", "pairing__host", "pairing__attendee", "booking__seat__slot"
        )

    def shown(self) -> "MeetingQuerySet":
        """All but what was undone, and the dates of a series that went elsewhere or back."""
        gone = (Meeting.Status.CANCELLED, Meeting.Status.CLOSED)
        return self.exclude(status_reason="undone").exclude(
            booking__released_at__isnull=False, status__in=gone
        )

    def undecided(self, at: datetime) -> "MeetingQuerySet":
        """Dates of a series that clashed when it was booked, and nobody has said what then."""
        return self.shown().filter(_is_undecided(at))

    def with_undecided(self, at: datetime) -> "MeetingQuerySet":
        """Each with `is_undecided`, as `undecided` filters what is shown."""
        return self.annotate(is_undecided=_is_undecided(at))

    def while_away(self, at: datetime, *, zone: tzinfo | None = None) -> "MeetingQuerySet":
        """
        Talks to come on days on which one of the two is away: nothing moves them by itself.

        They carry `away_id`, the key of who is away, and `away_until`. The days are those of the
        zone, or of the active one.
        """
        leaves = Leave.objects.filter(
            Q(person=OuterRef("pairing__host")) | Q(person=OuterRef("pairing__attendee")),
            starts_on__lte=OuterRef("on"),
            ends_on__gte=OuterRef("on"),
        ).order_by("-ends_on", "pk")
        return (
            self.upcoming(at)
            .annotate(on=TruncDate("starts_at", tzinfo=zone))
            .annotate(
                away_id=Subquery(leaves.values("person")[:1]),
                away_until=Subquery(leaves.values("ends_on")[:1]),
            )
            .filter(Exists(leaves))
        )

    def in_order(self) -> "MeetingQuerySet":
        return self.order_by("starts_at", "pk")


class Meeting(models.Model):
    """One agreed time of a pairing: an occurrence of a booking, or a single one."""

    class Status(models.TextChoices):
        PLANNED = "planned", "Planned"
        HELD = "held", "Met"
        SKIPPED = "skipped", "Skipped by agreement"
        CANCELLED = "cancelled", "Cancelled"
        MISSED = "missed", "Did not happen"
        CLOSED = "closed", "School closed"

    STANDING = (Status.PLANNED, Status.HELD, Status.MISSED)  # in calendars; what it was, stays

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(School, models.PROTECT, related_name="meetings")
    pairing = models.ForeignKey(Pairing, models.PROTECT, related_name="meetings")
    booking = models.ForeignKey(
        Booking, models.PROTECT, null=True, blank=True, related_name="meetings"
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    original_starts_at = models.DateTimeField()  # RFC 5545 RECURRENCE-ID of an occurrence
    agreed_at = models.DateTimeField()  # when this time was agreed: nobody is reminded of news
    place = models.CharField(max_length=80, blank=True)
    online_link = models.URLField(blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.PLANNED)
    status_reason = models.CharField(max_length=200, blank=True)
    ended_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="ended_meetings"
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    was_logged = models.BooleanField(default=False)  # an unplanned talk, written down afterwards
    moved_count = models.PositiveSmallIntegerField(default=0)
    moved_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="moved_meetings"
    )
    sequence = models.PositiveIntegerField(default=0)

    proposal: object = None  # another time, where a page offers one

    objects = MeetingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="scheduling_meeting_ends_after_it_starts",
            ),
            models.UniqueConstraint(
                fields=["booking", "original_starts_at"],
                condition=Q(booking__isnull=False),
                name="scheduling_meeting_occurrence_once",
            ),
        ]
        indexes = [
            models.Index(fields=["pairing", "starts_at"], name="scheduling_meeting_of_pairing"),
            models.Index(fields=["status", "starts_at"], name="scheduling_meeting_by_status"),
            models.Index(
                fields=["school", "starts_at"],
                condition=Q(status="planned"),
                name="scheduling_meeting_to_come",
            ),
        ]

    def __str__(self) -> str:
        return f"Meeting {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("scheduling:meeting", args=[self.uid])

    @property
    def series_uid(self) -> uuid.UUID:
        """What calendars know it by: the series that it is of, or itself."""
        return self.booking.uid if self.booking else self.uid

    @property
    def minutes(self) -> int:
        return int((self.ends_at - self.starts_at).total_seconds() // 60)

    @property
    def open_place(self) -> str:
        """The place as mails and calendars may say it: where counseling is, says what it is."""
        return "" if self.pairing.kind == Pairing.Kind.COUNSELING else self.place

    @property
    def is_planned(self) -> bool:
        return self.status == self.Status.PLANNED

    @property
    def stands(self) -> bool:
        return self.status in self.STANDING

    def is_upcoming(self, at: datetime) -> bool:
        return self.is_planned and self.ends_at > at


class Attendance(models.Model):
    """
    Somebody's presence at a meeting; the database lets nobody be in two places.

    `blocks` is true while the meeting is planned, and for held or missed ones that grew from a
    plan. An exclusion constraint (PostgreSQL) and a trigger (SQLite) refuse overlaps among those.
    """

    class Role(models.TextChoices):
        HOST = "host", "Host"
        ATTENDEE = "attendee", "Attendee"
        GUEST = "guest", "Guest"

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="attendances")
    person = models.ForeignKey(Person, models.PROTECT, related_name="attendances")
    role = models.CharField(max_length=10, choices=Role)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    blocks = models.BooleanField(default=True)

    objects = models.Manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "person"], name="scheduling_attendance_once"
            ),
        ]
        indexes = [
            models.Index(fields=["person", "starts_at"], name="scheduling_attendance_when"),
        ]

    def __str__(self) -> str:
        return f"Attendance {self.pk}"


class OverdueFlag(models.Model):
    """That a pairing has gone too long without meeting: raised once, cleared when they meet."""

    pairing = models.ForeignKey(Pairing, models.PROTECT, related_name="overdue_flags")
    since_week = models.PositiveIntegerField()  # ordinal of the school week in which it was due
    due_on = models.DateField()  # the first day of that week
    raised_at = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True, blank=True)

    objects = models.Manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["pairing"],
                condition=Q(cleared_at__isnull=True),
                name="scheduling_overdueflag_one_open",
            )
        ]

    def __str__(self) -> str:
        return f"OverdueFlag {self.pk}"
