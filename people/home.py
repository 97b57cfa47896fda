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


def chain_of(person: Person | None) -> int:
    """The chain of the log for a person's own doings: their school's, or the installation's."""
    school = home_school(person)
    return school.pk if school else 0
