"""Persons and what they are at a school; who answers to whom; groups and families."""

import uuid
from collections.abc import Iterable
from datetime import date, time

from django.db import models
from django.db.models import Exists, OuterRef, Q

from people import names

from .schools import RosterSource, School
from .users import User

LIFETIME = Q(ends_on__isnull=True)


def in_force(on: date, prefix: str = "") -> Q:
    """Rows with a period that contains a date; `prefix` leads to them, such as "role__"."""
    return Q(**{f"{prefix}starts_on__lte": on}) & (
        Q(**{f"{prefix}ends_on__isnull": True}) | Q(**{f"{prefix}ends_on__gte": on})
    )


class PersonQuerySet(models.QuerySet["Person"]):
    def visible_to(self, viewer: "Person", *, on: date) -> "PersonQuerySet":
        """
        Whom a person may know of, by name; the only place where this is decided.

        Everybody sees themselves and those they are paired with. Staff see the staff of their
        schools. Students are seen by the leaders and administrators of their school and by
        adults who share a group with them. Guardians are seen by administrators. Students see
        the adults of their groups. Nobody sees anything of another school.
        """
        if not viewer.is_active:
            return self.none()
        mine = Role.objects.filter(in_force(on), person=viewer, school=OuterRef("school"))
        theirs = Role.objects.filter(in_force(on), person=OuterRef("pk"))
        shared = Membership.objects.filter(
            in_force(on),
            Exists(
                Membership.objects.filter(
                    in_force(on), person=viewer, group=OuterRef("group")
                ).exclude(is_adult=OuterRef("is_adult"))
            ),
            person=OuterRef("pk"),
        )
        return self.filter(
            Q(pk=viewer.pk)
            | Q(pk__in=viewer.hosted_pairings.filter(in_force(on)).values("attendee"))
            | Q(pk__in=viewer.attended_pairings.filter(in_force(on)).values("host"))
            | Exists(shared)
            | Exists(theirs.filter(Exists(mine.filter(kind__in=Role.STAFF)), kind__in=Role.STAFF))
            | Exists(
                theirs.filter(
                    Exists(mine.filter(kind__in=Role.SEE_STUDENTS)), kind=Role.Kind.STUDENT
                )
            )
            | Exists(
                theirs.filter(
                    Exists(mine.filter(kind=Role.Kind.SCHOOL_ADMIN)), kind=Role.Kind.GUARDIAN
                )
            )
        )

    def active(self) -> "PersonQuerySet":
        return self.filter(is_active=True)

    def staff_of(self, school: School, *, on: date) -> "PersonQuerySet":
        return self.holding(Role.STAFF, school, on=on)

    def holding(self, kinds: Iterable[str], school: School, *, on: date) -> "PersonQuerySet":
        """Those who hold one of these roles at a school on a date."""
        roles = Role.objects.filter(in_force(on), school=school, kind__in=list(kinds))
        return self.active().filter(Exists(roles.filter(person=OuterRef("pk"))))

    def on_record_at(self, school: School) -> "PersonQuerySet":
        """
        Everybody who is, was or will be somebody at a school, but for those who were erased.

        For its administrators, who keep the record, and for those who put notes on hold, also
        of who has left; everybody else knows of people by `visible_to`.
        """
        roles = Role.objects.filter(school=school, person=OuterRef("pk"))
        return self.filter(Exists(roles), erased_at__isnull=True)

    def named(self, words: str) -> "PersonQuerySet":
        """Those whose name contains each of the words."""
        found = self
        for word in words.split():
            found = found.filter(
                Q(given_name__icontains=word)
                | Q(family_name__icontains=word)
                | Q(preferred_name__icontains=word)
            )
        return found

    def by_name(self) -> "PersonQuerySet":
        return self.order_by("family_name", "given_name", "pk")


class Person(models.Model):
    """Anybody known to a school, with or without a login."""

    class Reminder(models.TextChoices):
        DAY = "day", "The day before"
        HOUR = "hour", "An hour before"
        MORNING = "morning", "One mail each morning"
        NONE = "none", "None"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.OneToOneField(User, models.PROTECT, null=True, blank=True, related_name="person")
    source = models.ForeignKey(
        RosterSource, models.PROTECT, null=True, blank=True, related_name="persons"
    )
    external_id = models.CharField(max_length=120, blank=True)
    given_name = models.CharField(max_length=80)
    family_name = models.CharField(max_length=80)
    preferred_name = models.CharField(max_length=80, blank=True)
    pronouns = models.CharField(max_length=40, blank=True)
    email = models.EmailField(blank=True)
    job = models.CharField(max_length=120, blank=True)  # "Grade 7 math", "Learning support"
    grade = models.CharField(max_length=20, blank=True)
    started_on = models.DateField(null=True, blank=True)
    language = models.CharField(max_length=10, default="en-us")
    reminder = models.CharField(max_length=10, choices=Reminder, default=Reminder.DAY)
    # Hours of the clock of their school, 0 to 23, between which they want no mail; both or none
    quiet_from = models.PositiveSmallIntegerField(null=True, blank=True)
    quiet_until = models.PositiveSmallIntegerField(null=True, blank=True)
    calendar_by_mail = models.BooleanField(default=True)  # invitations, for a calendar to take over
    hides_names = models.BooleanField(default=False)
    uses_shortcuts = models.BooleanField(default=True)
    is_nudged = models.BooleanField(default=True)  # when a note reads like an evaluation
    is_active = models.BooleanField(default=True)
    erased_at = models.DateTimeField(null=True, blank=True)  # what was theirs is gone, for good

    objects = PersonQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "external_id"],
                condition=~Q(external_id=""),
                name="people_person_external_id_once_per_source",
            ),
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True)
                | Q(is_active=False, user__isnull=True, email="", external_id=""),
                name="people_person_erased_is_nobody",
            ),
            models.CheckConstraint(
                condition=Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | Q(quiet_from__isnull=False, quiet_until__isnull=False)
                & Q(quiet_from__lte=23, quiet_until__lte=23)
                & ~Q(quiet_from=models.F("quiet_until")),
                name="people_person_quiet_from_until",
            ),
        ]
        indexes = [models.Index(fields=["family_name", "given_name"], name="people_person_name")]

    def __str__(self) -> str:
        return f"Person {self.pk}"

    @property
    def full_name(self) -> str:
        """Their name, whatever a screen hides; for a page there is `name`."""
        return f"{self._called} {self.family_name}".strip()

    @property
    def name(self) -> str:
        return self.hidden_name if names.is_hidden(self.pk) else self.full_name

    @property
    def first_name(self) -> str:
        """What people call them."""
        return self.hidden_name if names.is_hidden(self.pk) else self._called

    @property
    def short_name(self) -> str:
        """A student's name on a page: "Jada W."."""
        if names.is_hidden(self.pk):
            return self.hidden_name
        return f"{self._called} {self.family_name[:1]}.".strip()

    @property
    def initials(self) -> str:
        return (self._called[:1] + self.family_name[:1]).upper()

    @property
    def hidden_name(self) -> str:
        """
        The initials that stand for a name when names are hidden: "J W".

        Without dots, so that a sentence can end with them.
        """
        return "\N{NO-BREAK SPACE}".join(self.initials)

    @property
    def quiet(self) -> tuple[time, time] | None:
        """Between which times of their school's clock they want no mail, perhaps over midnight."""
        if self.quiet_from is None or self.quiet_until is None:
            return None
        return time(self.quiet_from), time(self.quiet_until)

    @property
    def _called(self) -> str:
        return self.preferred_name or self.given_name


class RoleQuerySet(models.QuerySet["Role"]):
    def in_force(self, on: date) -> "RoleQuerySet":
        return self.filter(in_force(on))

    def live(self, person: Person, *, on: date) -> "RoleQuerySet":
        """A person's roles that give rights on a date; none when the person was ended."""
        return self.in_force(on).filter(person=person, person__is_active=True)


class Role(models.Model):
    """What a person is at a school, from when to when; rights end with it."""

    class Kind(models.TextChoices):
        LEADER = "leader", "Leader"
        TEACHER = "teacher", "Teacher"
        COUNSELOR = "counselor", "Counselor"
        SUPPORT_STAFF = "support_staff", "Support staff"
        SAFEGUARDING_LEAD = "safeguarding_lead", "Safeguarding lead"
        SCHOOL_ADMIN = "school_admin", "Administrator"
        DISTRICT_ADMIN = "district_admin", "District administrator"
        STUDENT = "student", "Student"
        GUARDIAN = "guardian", "Guardian"

    STAFF = (
        Kind.LEADER,
        Kind.TEACHER,
        Kind.COUNSELOR,
        Kind.SUPPORT_STAFF,
        Kind.SAFEGUARDING_LEAD,
        Kind.SCHOOL_ADMIN,
    )
    HOSTS = (Kind.LEADER, Kind.COUNSELOR)  # who has a grid of free times
    AT_ONE_SCHOOL = (*HOSTS, Kind.SCHOOL_ADMIN)  # whose pages are about one school at a time
    SEE_STUDENTS = (Kind.LEADER, Kind.SCHOOL_ADMIN, Kind.COUNSELOR)
    NEEDS_FACTOR = (
        Kind.LEADER,
        Kind.COUNSELOR,
        Kind.SAFEGUARDING_LEAD,
        Kind.SCHOOL_ADMIN,
        Kind.DISTRICT_ADMIN,
    )

    person = models.ForeignKey(Person, models.PROTECT, related_name="roles")
    school = models.ForeignKey(School, models.PROTECT, related_name="roles")
    kind = models.CharField(max_length=20, choices=Kind)
    title = models.CharField(max_length=80, blank=True)  # "Principal"; shown instead of the kind
    # The roster that gave it, and may end it; by hand otherwise
    source = models.ForeignKey(
        RosterSource, models.PROTECT, null=True, blank=True, related_name="roles"
    )
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    objects = RoleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "school", "kind"],
                condition=LIFETIME,
                name="people_role_one_open_of_a_kind",
            ),
            models.CheckConstraint(
                condition=LIFETIME | Q(ends_on__gte=models.F("starts_on")),
                name="people_role_ends_after_it_starts",
            ),
        ]
        indexes = [models.Index(fields=["school", "kind"], name="people_role_school_kind")]

    def __str__(self) -> str:
        return f"Role {self.pk}"

    @property
    def label(self) -> str:
        return self.title or self.get_kind_display()

    def is_in_force(self, on: date) -> bool:
        return self.starts_on <= on and (self.ends_on is None or on <= self.ends_on)

    def is_over(self, on: date) -> bool:
        return self.ends_on is not None and self.ends_on < on


class Group(models.Model):
    """A class, advisory, house or caseload of a school; nothing of one that ended goes on."""

    class Kind(models.TextChoices):
        CLASS = "class", "Class"
        HOMEROOM = "homeroom", "Homeroom"
        ADVISORY = "advisory", "Advisory"
        CASELOAD = "caseload", "Caseload"
        HOUSE = "house", "House"

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    school = models.ForeignKey(School, models.PROTECT, related_name="groups")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.ADVISORY)
    name = models.CharField(max_length=80)
    # Who a class is, when a roster names it: four sections may have one title
    source = models.ForeignKey(
        RosterSource, models.PROTECT, null=True, blank=True, related_name="groups"
    )
    external_id = models.CharField(max_length=120, blank=True)
    ends_on = models.DateField(null=True, blank=True)

    objects = models.Manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["school", "name"], condition=LIFETIME, name="people_group_name_once"
            ),
            models.UniqueConstraint(
                fields=["source", "external_id"],
                condition=~Q(external_id=""),
                name="people_group_external_id_once_per_source",
            ),
        ]

    def __str__(self) -> str:
        return f"Group {self.pk}"


class MembershipQuerySet(models.QuerySet["Membership"]):
    def lasting(self, on: date) -> "MembershipQuerySet":
        """Those that are not over on a date."""
        return self.filter(LIFETIME | Q(ends_on__gte=on))


class Membership(models.Model):
    """Somebody's place in a group, as a student or as its adult."""

    group = models.ForeignKey(Group, models.PROTECT, related_name="memberships")
    person = models.ForeignKey(Person, models.PROTECT, related_name="memberships")
    is_adult = models.BooleanField(default=False)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["group", "person"], condition=LIFETIME, name="people_membership_once"
            )
        ]

    def __str__(self) -> str:
        return f"Membership {self.pk}"


class Guardianship(models.Model):
    """Who stands for a student; two households are kept apart."""

    guardian = models.ForeignKey(Person, models.PROTECT, related_name="wards")
    student = models.ForeignKey(Person, models.PROTECT, related_name="guardianships")
    household = models.PositiveSmallIntegerField(default=1)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    objects = models.Manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["guardian", "student"],
                condition=LIFETIME,
                name="people_guardianship_once",
            ),
            models.CheckConstraint(
                condition=~Q(guardian=models.F("student")),
                name="people_guardianship_not_of_oneself",
            ),
        ]

    def __str__(self) -> str:
        return f"Guardianship {self.pk}"
