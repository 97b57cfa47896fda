"""Schools, and where their rosters come from."""

import uuid
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.core.validators import RegexValidator
from django.db import models

ISO_WEEKDAYS = RegexValidator(
    r"^(?!.*(.).*\1)[1-7]{1,7}$", "Name each school day once, by its ISO number."
)


class School(models.Model):
    """A school: everything else belongs to one, and nothing crosses from one to another."""

    class Policy(models.TextChoices):
        FERPA = "ferpa", "United States (FERPA)"
        UK = "uk", "United Kingdom"
        EU = "eu", "European Union"

    class SecondStepFor(models.TextChoices):
        """Of whom it is asked; of the offices always (`Role.NEEDS_FACTOR`)."""

        OFFICES = "offices", "Leaders, counselors, safeguarding leads and administrators"
        STAFF = "staff", "All staff"
        EVERYBODY = "everybody", "Everybody who signs in"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=120)
    slug = models.SlugField(unique=True)
    # What the district's system calls it: the sourcedId of its org in OneRoster
    external_id = models.CharField(max_length=120, blank=True)
    time_zone = models.CharField(max_length=64, default="America/New_York")
    locale = models.CharField(max_length=10, default="en-us")
    # ISO numbers of the school days, in the order of the week: "71234" is Sunday to Thursday
    weekdays = models.CharField(max_length=7, default="12345", validators=[ISO_WEEKDAYS])
    # Days of a rotating timetable, 5 to 10 ("Day 1".."Day 6"); 0 where weekdays rule
    rotation_days = models.PositiveSmallIntegerField(default=0)
    policy = models.CharField(max_length=10, choices=Policy, default=Policy.FERPA)
    second_step_for = models.CharField(
        max_length=10,
        choices=SecondStepFor,
        default=SecondStepFor.OFFICES,
        db_default=SecondStepFor.OFFICES,
    )
    grace_weeks = models.PositiveSmallIntegerField(default=0)
    safeguarding_lead = models.ForeignKey(
        "people.Person", models.PROTECT, null=True, blank=True, related_name="+"
    )
    safeguarding_phone = models.CharField(max_length=40, blank=True)
    # When an administrator said that the key ring lies on paper in two safes
    keys_on_paper_on = models.DateField(null=True, blank=True)
    is_demo = models.BooleanField(default=False)

    objects = models.Manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["external_id"],
                condition=~models.Q(external_id=""),
                name="people_school_external_id_once",
            )
        ]

    def __str__(self) -> str:
        return f"School {self.pk}"

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def rotates(self) -> bool:
        """Whether its timetable counts days, Day 1 to Day 6 and over again, not weekdays."""
        return self.rotation_days > 0

    @property
    def zone_name(self) -> str:
        """The zone as people say it: "Chicago time"."""
        return f"{self.time_zone.rsplit('/')[-1].replace('_', ' ')} time"

    @property
    def can_counsel(self) -> bool:
        """Counseling waits until a lead with a number stands behind it (DECISIONS 27)."""
        return bool(self.safeguarding_lead_id and self.safeguarding_phone)

    def today(self, at: datetime) -> date:
        """The school's date at a moment."""
        return at.astimezone(self.zone).date()


class RosterSource(models.Model):
    """Where a roster comes from, a school's or the district's; ids are unique within one source."""

    school = models.ForeignKey(  # None is the district: one source fills many schools
        School, models.PROTECT, null=True, blank=True, related_name="roster_sources"
    )
    name = models.CharField(max_length=60, default="roster")
    applied_at = models.DateTimeField(null=True, blank=True)  # when a sheet last came in

    objects = models.Manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["school", "name"], name="people_rostersource_once_per_school"
            ),
            models.UniqueConstraint(
                fields=["name"],
                condition=models.Q(school__isnull=True),
                name="people_rostersource_once_in_the_district",
            ),
        ]

    def __str__(self) -> str:
        return f"RosterSource {self.pk}"
