"""When school is: terms, closures, bell times, the weeks that count, and who teaches when."""

import uuid
from collections.abc import Iterable
from datetime import date, time

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from people.cadence import ALL_WEEKS
from people.models import Person, Role, School

COLUMNS = [
    ("1", "Monday"),
    ("2", "Tuesday"),
    ("3", "Wednesday"),
    ("4", "Thursday"),
    ("5", "Friday"),
    ("6", "Saturday"),
    ("7", "Sunday"),
]


ROTATIONS = range(5, 11)  # how many days a rotating timetable can have
TENTH = "0"  # how a bell schedule writes Day 10: it has one character for each column


def columns_of(school: School) -> list[tuple[str, str]]:
    """The columns of a school's grid, in order, with their names: its weekdays, or Day 1, Day 2."""
    if school.rotates:
        return [(str(day), f"Day {day}") for day in range(1, school.rotation_days + 1)]
    names = dict(COLUMNS)
    return [(weekday, names[weekday]) for weekday in school.weekdays]


def column_name(school: School, column: str) -> str:
    """What a column is called at a school, also one on which it has no school any more."""
    return f"Day {column}" if school.rotates else dict(COLUMNS).get(column, column)


def as_written(columns: Iterable[str]) -> str:
    """Columns as a bell schedule has them: one character each."""
    return "".join(TENTH if column == "10" else column for column in columns)


def cycle_word(school: School) -> str:
    """What the seats of a cell share: weeks, or passes through the rotation."""
    return "pass" if school.rotates else "week"


def _count(rows: models.QuerySet, by: str) -> Coalesce:
    """How many rows there are, as a subquery: two joins would multiply each other."""
    counted = rows.order_by().values(by).annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counted), 0)


class TermQuerySet(models.QuerySet["Term"]):
    def of(self, school: School) -> "TermQuerySet":
        return self.filter(school=school)

    def current_or_next(self, school: School, *, on: date) -> "Term | None":
        """The term that is running, or the next to begin; None after the last."""
        return self.of(school).filter(ends_on__gte=on).order_by("starts_on").first()

    def with_counts(self) -> "TermQuerySet":
        """With `open_week_count` and `commitment_count`."""
        weeks = SchoolWeek.objects.filter(term=OuterRef("pk"), is_open=True)
        commitments = Commitment.objects.filter(term=OuterRef("pk"))
        return self.annotate(
            open_week_count=_count(weeks, "term"), commitment_count=_count(commitments, "term")
        )

    def touching(self, starts_on: date, ends_on: date) -> "TermQuerySet":
        """Those that have one of these days."""
        return self.filter(starts_on__lte=ends_on, ends_on__gte=starts_on)


class Term(models.Model):
    """A stretch of school weeks in which grids stand and series run."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(School, models.PROTECT, related_name="terms")
    name = models.CharField(max_length=60)
    starts_on = models.DateField()
    ends_on = models.DateField()
    school_year = models.PositiveSmallIntegerField()  # the year in which it ends, as OneRoster says

    objects = TermQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["school", "starts_on"], name="scheduling_term_start_once"
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("starts_on")),
                name="scheduling_term_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return f"Term {self.pk}"


class Closure(models.Model):
    """Days without school: a holiday, an exam week, a snow day."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(School, models.PROTECT, related_name="closures")
    name = models.CharField(max_length=80)
    starts_on = models.DateField()
    ends_on = models.DateField()
    stops_meetings = models.BooleanField(default=True)
    stops_clock = models.BooleanField(default=True)
    # In a rotating school: whether these days are counted, though there is no school on them
    skips_rotation = models.BooleanField(default=False)
    # Of the school's own calendar, if it came from there
    event = models.ForeignKey(
        "CalendarEvent", models.SET_NULL, null=True, blank=True, related_name="closures"
    )

    objects = models.Manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="scheduling_closure_ends_after_it_starts",
            )
        ]

    def __str__(self) -> str:
        return f"Closure {self.pk}"


class Period(models.Model):
    """A row of the school's day, the same in each bell schedule: Period 4, Lunch, Before school."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(School, models.PROTECT, related_name="periods")
    name = models.CharField(max_length=40)
    ordinal = models.PositiveSmallIntegerField()

    objects = models.Manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["school", "name"], name="scheduling_period_name_once"),
            models.UniqueConstraint(
                fields=["school", "ordinal"], name="scheduling_period_place_once"
            ),
        ]

    def __str__(self) -> str:
        return f"Period {self.pk}"


class BellScheduleQuerySet(models.QuerySet["BellSchedule"]):
    def with_times(self) -> "BellScheduleQuerySet":
        """With their bell times in order, and the periods of these."""
        times = BellTime.objects.select_related("period").order_by("starts_at", "pk")
        return self.prefetch_related(models.Prefetch("times", times))


class BellSchedule(models.Model):
    """The bell times of a kind of day, and the columns of the grid that use them."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(School, models.PROTECT, related_name="bell_schedules")
    name = models.CharField(max_length=60)
    # One character a column: ISO weekdays, "1245", or days of the rotation, "1234567890"
    weekdays = models.CharField(max_length=10, blank=True)

    objects = BellScheduleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["school", "name"], name="scheduling_bellschedule_name_once"
            )
        ]

    def __str__(self) -> str:
        return f"BellSchedule {self.pk}"

    @property
    def columns(self) -> list[str]:
        """The columns of the grid that use it."""
        return ["10" if each == TENTH else each for each in self.weekdays]

    @property
    def column_names(self) -> list[str]:
        return [column_name(self.school, column) for column in self.columns]


class BellTime(models.Model):
    """When a period begins and ends in a bell schedule, in the school's wall time."""

    bell_schedule = models.ForeignKey(BellSchedule, models.CASCADE, related_name="times")
    period = models.ForeignKey(Period, models.CASCADE, related_name="times")
    starts_at = models.TimeField()
    ends_at = models.TimeField()

    objects = models.Manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["bell_schedule", "period"], name="scheduling_belltime_period_once"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="scheduling_belltime_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return f"BellTime {self.pk}"


class SchoolWeekQuerySet(models.QuerySet["SchoolWeek"]):
    def of_year(self, school: School, school_year: int) -> "SchoolWeekQuerySet":
        """The weeks of a school year, in order."""
        return self.filter(school=school, term__school_year=school_year).order_by("starts_on")

    def with_day_counts(self) -> "SchoolWeekQuerySet":
        return self.select_related("term").annotate(
            day_count=Count("days", filter=Q(days__is_open=True))
        )

    def with_days(self) -> "SchoolWeekQuerySet":
        """With `days` in order, closed ones that the timetable counts among them."""
        return self.prefetch_related(models.Prefetch("days", SchoolDay.objects.order_by("date")))


class SchoolWeek(models.Model):
    """
    A week of a term, and its place in the cycle; frozen from the first booking on.

    `number` counts the open weeks of the school year and `ordinal` the open weeks since the
    school began, less those in which the clock stands still: what is due is counted in it.
    A closed week has the ordinal of the week before, and no number.
    """

    school = models.ForeignKey(School, models.PROTECT, related_name="weeks")
    term = models.ForeignKey(Term, models.PROTECT, related_name="weeks")
    starts_on = models.DateField()
    number = models.PositiveSmallIntegerField(null=True, blank=True)
    cycle_week = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(4)]
    )
    ordinal = models.PositiveIntegerField(default=0)
    is_open = models.BooleanField(default=True)
    is_frozen = models.BooleanField(default=False)

    objects = SchoolWeekQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["school", "starts_on"], name="scheduling_schoolweek_once"
            )
        ]

    def __str__(self) -> str:
        return f"SchoolWeek {self.pk}"

    @property
    def letter(self) -> str:
        """A in weeks 1 and 3 of the cycle, B in 2 and 4; empty when closed."""
        return "BA"[self.cycle_week % 2] if self.cycle_week else ""


class SchoolDayQuerySet(models.QuerySet["SchoolDay"]):
    def open(self) -> "SchoolDayQuerySet":
        """Those on which there is school."""
        return self.filter(is_open=True)


class SchoolDay(models.Model):
    """
    A day of the timetable: the calendar as a table, rebuilt when its sources change.

    A day that a closure takes stands here too, not open, if the timetable counts it: the weekday of
    a week that has a letter; a day that the rotation skips; a day that closed after people booked.
    """

    school = models.ForeignKey(School, models.PROTECT, related_name="days")
    term = models.ForeignKey(Term, models.PROTECT, related_name="days")
    week = models.ForeignKey(SchoolWeek, models.PROTECT, related_name="days")
    date = models.DateField()
    # Empty for a day that opened after people had booked: it has no place in the rotation
    column = models.CharField(max_length=2, blank=True)
    # What seats read: the cycle week on weekdays, else the pass through the rotation, from 1 on
    pass_number = models.PositiveSmallIntegerField()
    is_open = models.BooleanField(default=True)
    bell_schedule = models.ForeignKey(
        BellSchedule, models.PROTECT, null=True, blank=True, related_name="days"
    )

    objects = SchoolDayQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["school", "date"], name="scheduling_schoolday_once")
        ]

    def __str__(self) -> str:
        return f"SchoolDay {self.pk}"


class CommitmentQuerySet(models.QuerySet["Commitment"]):
    def visible_to(self, viewer: Person, *, on: date) -> "CommitmentQuerySet":
        """
        A person's own lessons and duties, and those of the schools that they administer.

        Administrators bring timetables in and mend them. Others learn only "not free", "teaches".
        """
        keeps = Role.objects.live(viewer, on=on).filter(
            school=OuterRef("term__school"), kind=Role.Kind.SCHOOL_ADMIN
        )
        return self.filter(Q(person=viewer) | Exists(keeps))


class Commitment(models.Model):
    """A lesson or duty that comes back every week, or in some weeks of the cycle."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="commitments")
    term = models.ForeignKey(Term, models.PROTECT, related_name="commitments")
    column = models.CharField(max_length=2)
    weeks = models.PositiveSmallIntegerField(default=ALL_WEEKS)
    starts_at = models.TimeField()
    ends_at = models.TimeField()
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    is_lesson = models.BooleanField(default=True)
    label = models.CharField(max_length=120, blank=True)
    source = models.CharField(max_length=60, blank=True)  # an import replaces what it brought

    objects = CommitmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="scheduling_commitment_ends_after_it_starts",
            )
        ]
        indexes = [
            models.Index(fields=["term", "person", "column"], name="scheduling_commitment_when")
        ]

    def __str__(self) -> str:
        return f"Commitment {self.pk}"

    @property
    def is_standing(self) -> bool:
        """Whether it goes on all term, not only from a day or to one."""
        return self.starts_on is None and self.ends_on is None

    def meets(
        self,
        column: str,
        starts_at: time,
        ends_at: time,
        *,
        weeks: int = ALL_WEEKS,
        on: date | None = None,
    ) -> bool:
        """
        Whether it takes some of a time in a column, in any of these weeks of the cycle.

        The one answer to whether somebody teaches then: on a date, or at some time of the term.
        """
        return bool(
            self.column == column
            and self.weeks & weeks
            and self.starts_at < ends_at
            and starts_at < self.ends_at
            and (on is None or (self.starts_on or on) <= on <= (self.ends_on or on))
        )
