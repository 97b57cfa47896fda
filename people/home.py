"""To which school something about a person belongs: in whose log, by whose clock."""

from .models import Person, School


def home_school(person: Person | None) -> School | None:
    """The school of a person's first role still running, else of the last one; None without any."""
    if person is None:
        return None
    schools = School.objects.filter(roles__person=person)
    return (
        schools.filter(roles__ends_on__isnull=True).order_by("roles__pk").first()
        or schools.order_by("-roles__ends_on", "roles__pk").first()
    )


def zone_in_words(person: Person, school: School) -> str:
    """Whose clock a time is by, for a mail: " (Chicago time)"; empty if all of theirs is one."""
    theirs = School.objects.filter(roles__person=person).exclude(time_zone=school.time_zone)
    return f" ({school.zone_name})" if theirs.exists() else ""


def chain_of(person: Person | None) -> int:
    """The chain of the log for a person's own doings: their school's, or the installation's."""
    school = home_school(person)
    return school.pk if school else 0
