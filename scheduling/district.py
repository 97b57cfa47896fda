"""What a district sees of its schools: totals, small groups hidden, and never a person."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Exists, Max, OuterRef, Q

from people.models import ImportRun, Pairing, Role, RosterSource, School
from people.models.persons import in_force

from .models import SchoolDay, Slot, Term

Counts = dict[int, int]  # by the key of a school

FEW = 5  # groups below this are hidden (design, PROTOCOLS section 3)
HIDDEN = "Fewer than five"


@dataclass(frozen=True)
class Totals:
    """One school in numbers that name nobody. Nothing here is to be added up or taken apart."""

    school: School
    staff: str
    students: str
    pairings: str
    painted: str
    has_administrator: bool
    imported_at: datetime | None
    calendar_ends_on: date | None


def schools_of(roles: Iterable[Role]) -> list[School]:
    """
    The schools of which somebody with these roles in force sees totals, by name.

    Those who administer the district see all; the demo is apart from the real ones. Nobody else
    sees any.
    """
    offices = [role for role in roles if role.kind == Role.Kind.DISTRICT_ADMIN]
    worlds = {role.school.is_demo for role in offices}
    is_demo = worlds == {True}
    schools = School.objects.filter(is_demo=is_demo) if worlds else School.objects.none()
    return list(schools.order_by("name", "pk"))


def totals_of(schools: Iterable[School], *, at: datetime) -> list[Totals]:
    """The schools in numbers, in seven queries, however many there are."""
    schools = list(schools)
    days = {school.pk: school.today(at) for school in schools}
    staff, students, hosts, offices = _people(days)
    pairings = _pairings(days)
    terms = _terms(days)
    painted = _painted(days, terms)
    imported = _imported(schools)
    return [
        Totals(
            school,
            staff=_words(staff[school.pk]),
            students=_words(students[school.pk]),
            pairings=_words(pairings[school.pk]),
            painted=_share(painted[school.pk], hosts[school.pk]),
            has_administrator=offices[school.pk] > 0,
            imported_at=imported.get(school.pk),
            calendar_ends_on=terms[school.pk].ends_on if school.pk in terms else None,
        )
        for school in schools
    ]


def _words(count: int) -> str:
    return f"{count:,}" if count >= FEW else HIDDEN


def _share(part: int, whole: int) -> str:
    return f"{round(100 * part / whole)}%" if whole >= FEW else f"{HIDDEN} hosts"


def _on_their_day(days: Mapping[int, date]) -> Q:
    """Rows of schools with a period that contains the date that it is there."""
    schools: dict[date, list[int]] = defaultdict(list)
    for school, on in days.items():
        schools[on].append(school)
    wanted = Q(pk__in=[])
    for on, keys in schools.items():
        wanted |= in_force(on) & Q(school__in=keys)
    return wanted


def _people(days: Mapping[int, date]) -> tuple[Counts, Counts, Counts, Counts]:
    """Staff, students, hosts and administrators of each school."""
    rows = (
        Role.objects.filter(_on_their_day(days), person__is_active=True)
        .values("school")
        .annotate(
            staff=Count("person", filter=Q(kind__in=Role.STAFF), distinct=True),
            students=Count("person", filter=Q(kind=Role.Kind.STUDENT)),
            hosts=Count("person", filter=Q(kind__in=Role.HOSTS), distinct=True),
            offices=Count("person", filter=Q(kind=Role.Kind.SCHOOL_ADMIN)),
        )
    )
    staff, students, hosts, offices = _counts(), _counts(), _counts(), _counts()
    for row in rows:
        staff[row["school"]] = row["staff"]
        students[row["school"]] = row["students"]
        hosts[row["school"]] = row["hosts"]
        offices[row["school"]] = row["offices"]
    return staff, students, hosts, offices


def _pairings(days: Mapping[int, date]) -> Counts:
    rows = Pairing.objects.filter(
        _on_their_day(days), host__is_active=True, attendee__is_active=True
    )
    return _counts(rows.values_list("school").annotate(Count("pk")))


def _terms(days: Mapping[int, date]) -> dict[int, Term]:
    """The term of each school that is running or comes next, if there are school days in it."""
    if not days:
        return {}
    terms = Term.objects.filter(
        Exists(SchoolDay.objects.open().filter(term=OuterRef("pk"))),
        school__in=days,
        ends_on__gte=min(days.values()),
    )
    found: dict[int, Term] = {}
    for term in terms.order_by("starts_on", "pk"):
        if term.ends_on >= days[term.school_id]:
            found.setdefault(term.school_id, term)
    return found


def _painted(days: Mapping[int, date], terms: Mapping[int, Term]) -> Counts:
    """How many hosts of each school offer a time in its term."""
    offices = Role.objects.filter(
        _on_their_day(days),
        person=OuterRef("host"),
        school=OuterRef("school"),
        kind__in=Role.HOSTS,
    )
    rows = Slot.objects.standing().filter(
        Exists(offices), term__in=[term.pk for term in terms.values()], host__is_active=True
    )
    return _counts(rows.values_list("school").annotate(Count("host", distinct=True)))


def _imported(schools: Iterable[School]) -> dict[int, datetime]:
    """When a roster last came in, by a sheet or a bundle of the school, or a bundle of all."""
    done = ImportRun.objects.filter(state=ImportRun.State.DONE)
    moments: dict[int | None, datetime] = dict(
        done.values_list("school").annotate(Max("moved_at")).order_by()
    )
    sheets = RosterSource.objects.filter(applied_at__isnull=False)
    for school, applied_at in sheets.values_list("school").annotate(Max("applied_at")).order_by():
        moments[school] = max(moments.get(school, applied_at), applied_at)
    district = moments.get(None)
    found = {}
    for school in schools:
        known = [each for each in (moments.get(school.pk), district) if each is not None]
        if known:
            found[school.pk] = max(known)
    return found


def _counts(rows: Iterable[tuple[int, int]] = ()) -> Counts:
    """Numbers of schools; none is nought."""
    return defaultdict(int, rows)
