"""Which schools a bundle fills, whose roster it is, and the schools that are still to be made."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.text import slugify

from audit.actions import record
from audit.models import Event

from .. import oneroster
from ..models import Person, RosterSource, School
from ..oneroster import Places, Read
from ..sheets import CannotRead

NAME = "roster"  # of a source
DEMO = "demo"  # of the one that fills invented schools
MOST = 10_000  # ids of one question


@dataclass
class Target:
    """A school that a bundle fills; without a row, as long as it is to be made."""

    key: str  # its external id in the bundle
    name: str
    school: School | None
    is_new: bool = False


def targets(
    read: Read, only: School | None, *, is_demo: bool
) -> tuple[School | None, list[Target], Places]:
    """
    Which one school is meant, if one is; the schools of a bundle, those that are there first; and
    who belongs to each.

    Raises CannotRead where it cannot be told which school is meant.
    """
    only = only or _only_school(read, is_demo=is_demo)
    if only is not None:
        key = _key_in(read, only)
        places = oneroster.place(read, known=[key], only=key)
        return only, [Target(key, only.name, only)], places
    all_schools = list(School.objects.filter(is_demo=is_demo).order_by("pk"))
    known = {each.external_id: each for each in all_schools if each.external_id}
    places = oneroster.place(read, known=list(known))
    if read.orgs and not places.schools and read.is_bulk("orgs"):
        raise CannotRead("The files name no school: orgs.csv has none of the type school.")
    unknown = [each for each in all_schools if not each.external_id]
    found = []
    for key, org in places.schools.items():
        school = known.get(key) or _namesake(org.name, unknown)
        found.append(Target(key, school.name if school else org.name, school, is_new=not school))
    for key, school in known.items():
        if key not in places.schools and _is_spoken_of(read, places, key, school):
            found.append(Target(key, school.name, school))
    if not found:
        raise CannotRead("The files speak of no school that is known here.")
    return None, sorted(found, key=_order), places


def _only_school(read: Read, *, is_demo: bool) -> School | None:
    """The school of an installation with one, for a file with one: there is no district then."""
    if sum(org.kind == "school" for org in read.orgs.values()) > 1:
        return None
    if RosterSource.objects.filter(school=None, name=_name(is_demo=is_demo)).exists():
        return None
    schools = School.objects.filter(is_demo=is_demo)[:2]
    return schools[0] if len(schools) == 1 else None


def _order(target: Target) -> tuple[bool, int]:
    """Schools that are there first, always in the same order: they are locked in it."""
    return target.is_new, target.school.pk if target.school else 0


def _is_spoken_of(read: Read, places: Places, key: str, school: School) -> bool:
    """A file of changes need not name its schools; it names people or classes of them."""
    if places.users.get(key):
        return True
    if all(mode != "delta" for mode in read.modes.values()):
        return False
    people, classes = list(read.users)[:MOST], list(read.enrollments)[:MOST]
    return (
        school.roles.filter(person__external_id__in=people).exists()
        or school.groups.filter(external_id__in=classes).exists()
    )


def _name(*, is_demo: bool) -> str:
    return DEMO if is_demo else NAME


def source_of(school: School | None, *, is_demo: bool, is_writing: bool) -> RosterSource:
    """Whose roster fills a school, or all: the district's wherever that has brought people."""
    name = _name(is_demo=is_demo)
    district = RosterSource.objects.filter(school=None, name=name).first()
    name = name if school is None else NAME
    if district and (school is None or district.persons.filter(roles__school=school).exists()):
        source = district
    elif is_writing:
        source, _ = RosterSource.objects.get_or_create(school=school, name=name)
    else:
        found = RosterSource.objects.filter(school=school, name=name).first()
        source = found or RosterSource(pk=0, school=school, name=name)
    if is_writing:  # one import of a source after the other
        RosterSource.objects.select_for_update().get(pk=source.pk)
    return source


def make_school(target: Target, *, by: Person | None, at: datetime, is_demo: bool) -> School:
    """Make a school that the district has and we have not; its clock is its neighbors'."""
    like = School.objects.filter(is_demo=is_demo).order_by("pk").first()
    slug = name = slugify(target.name)[:40] or "school"
    number = 1
    while School.objects.filter(slug=slug).exists():
        number += 1
        slug = f"{name}-{number}"
    school = School(name=target.name, slug=slug, is_demo=is_demo)
    if like is not None:
        school.time_zone, school.locale, school.policy = like.time_zone, like.locale, like.policy
    school.save()
    record(
        Event.Act.SCHOOL_CHANGE,
        chain=school.pk,
        by=by.pk if by else None,
        objects=[f"school:{school.pk}"],
        basis="open",
        at=at,
    )
    return school


def learn_its_id(target: Target) -> None:
    """Tell a school by which id the district knows it, if that is news."""
    if target.school is not None and learns_its_id(target):
        target.school.external_id = target.key
        target.school.save(update_fields=["external_id"])


def learns_its_id(target: Target) -> bool:
    """Whether a school is told by which id the district knows it."""
    school = target.school
    return (
        school is not None
        and bool(target.key)
        and not school.external_id
        and not School.objects.filter(external_id=target.key).exists()
    )


def _namesake(name: str, schools: list[School]) -> School | None:
    found = [each for each in schools if each.name.casefold() == name.casefold()]
    return found[0] if len(found) == 1 else None


def _key_in(read: Read, school: School) -> str:
    """By which id a bundle means one school. Raises CannotRead where that cannot be told."""
    found = {key: org.name for key, org in read.orgs.items() if org.kind == "school"}
    if school.external_id and (school.external_id in found or not found):
        return school.external_id
    named = [key for key, name in found.items() if name.casefold() == school.name.casefold()]
    if len(named) == 1:
        return named[0]
    if len(found) == 1 and not school.external_id:
        return next(iter(found))
    if not found:
        return school.external_id or next(iter(read.orgs), "school")
    names = ", ".join(sorted(found.values())[:5])
    raise CannotRead(
        f"The files hold {names}, and none of them is known to be {school.name}. "
        "Write your school's sourcedId into the school's form."
    )
