"""Who keeps the anchors of a school's log: two people who do not keep the server."""

from datetime import date

from django.db import models
from django.db.models import Exists, OuterRef

from people.models import Person, Role, School

WANTED = 2  # one may be ill, and one alone could be talked to
OFFICES = (Role.Kind.SCHOOL_ADMIN, Role.Kind.DISTRICT_ADMIN)


class LogKeeperQuerySet(models.QuerySet["LogKeeper"]):
    def standing(self, school: School, *, on: date) -> "LogKeeperQuerySet":
        """Those who still can: staff there who read mail and sign in, and administer nothing."""
        return self.filter(school=school, person__in=suited(school, on=on).values("pk"))


def suited(school: School, *, on: date) -> models.QuerySet[Person]:
    """
    Who can keep the anchors of a school's log on a date.

    Whoever administers anything, also at another school, is of those whom an anchor is to tell of.
    """
    offices = Role.objects.in_force(on).filter(person=OuterRef("pk"), kind__in=OFFICES)
    return (
        Person.objects.staff_of(school, on=on)
        .filter(~Exists(offices), user__is_active=True, user__is_superuser=False)
        .exclude(email="")
    )


class LogKeeper(models.Model):
    """That somebody keeps the anchors of a school's log; who named them stands in the log."""

    school = models.ForeignKey(School, models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    since = models.DateTimeField()

    objects = LogKeeperQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["school", "person"], name="notes_logkeeper_once"),
        ]

    def __str__(self) -> str:
        return f"LogKeeper {self.pk}"
