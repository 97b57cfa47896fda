"""Everybody who might wonder what they may read of a talk, and what the rule answers for each."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q

from people.models import Guardianship, Pairing, Person, Role
from people.models.persons import in_force

from .audience import readers
from .models import Part
from .standing import Row, Standing

OFFICE = (Role.Kind.LEADER, Role.Kind.SCHOOL_ADMIN, Role.Kind.DISTRICT_ADMIN)
OTHER = "other"  # the key of the other of the two


@dataclass(frozen=True)
class Onlooker:
    """One or several people about whom the two wonder alike."""

    key: str  # stands in addresses
    name: str
    people: list[Person]


def rows_of(
    pairing: Pairing,
    standing: Standing,
    parts: dict[str, Part],
    *,
    viewer: Person,
    author: Person,
    at: datetime,
) -> list[Row]:
    """
    The card "Who sees what": a row for everybody, and which of the labelled parts they could read.

    The parts are of one author; for somebody who writes nothing, the host.
    """
    other = pairing.other(viewer)

    def read_by(people: Iterable[Person]) -> str:
        known = list(people)
        readable = [label for label, part in parts.items() if readers(part, known, at=at)]
        return _in_words(readable, list(parts))

    rows = [Row("You", "Everything on this page")]
    if author == viewer:
        rows.append(Row(other.first_name, _other_reads(standing, other, read_by([other])), OTHER))
    else:
        what = f"Everything {other.first_name} writes, and what you share"
        rows.append(Row(other.first_name, what, OTHER))
    rows += [
        Row(each.name, read_by(each.people), each.key)
        for each in onlookers(pairing, standing, at=at)
    ]
    return rows


def onlookers(pairing: Pairing, standing: Standing, *, at: datetime) -> list[Onlooker]:
    """Those outside the talk about whom people wonder; each stands in one place."""
    school = pairing.school
    today = school.today(at)
    two = {pairing.host_id, pairing.attendee_id}
    manager, lead = standing.manager, school.safeguarding_lead
    if manager is not None and manager.pk in two:
        manager = None
    told = two | ({manager.pk} if manager else set())
    roles = list(
        Role.objects.in_force(today)
        .filter(Q(kind__in=OFFICE) | Q(kind=Role.Kind.COUNSELOR), school=school)
        .select_related("person")
    )
    office = [role.person for role in roles if role.kind in OFFICE and role.person_id not in told]
    counselors = [
        role.person
        for role in roles
        if role.kind == Role.Kind.COUNSELOR and role.person_id not in told
    ]
    known = told - {pairing.attendee_id}
    leads = any(role.kind == Role.Kind.LEADER and role.person_id in known for role in roles)
    found = [Onlooker("manager", manager.name, [manager])] if manager else []
    found.append(Onlooker("office", "The office" if leads else "Principal, office", office))
    if pairing.kind == Pairing.Kind.COUNSELING:
        if counselors:
            found.append(Onlooker("counselors", "Other counselors", counselors))
        family = f"{pairing.attendee.first_name}’s family"
        found.append(Onlooker("family", family, _family(pairing.attendee, today)))
    if lead is not None and lead.pk not in told:
        found.append(Onlooker("lead", lead.full_name, [lead]))
    return found


def _other_reads(standing: Standing, other: Person, what: str) -> str:
    if what == "Nothing" and standing.version is None and standing.words is not None:
        return f"Nothing. When {other.first_name} agrees too, you can share."
    return what


def _family(student: Person, on: date) -> list[Person]:
    ties = Guardianship.objects.filter(in_force(on), student=student).select_related("guardian")
    return [tie.guardian for tie in ties]


def _in_words(readable: list[str], labels: list[str]) -> str:
    if not readable:
        return "Nothing"
    rest = [label for label in labels if label not in readable]
    words = ", ".join(f"“{label}”" for label in readable) + "."
    return words + (f" Not {', '.join(f'“{label}”' for label in rest)}." if rest else "")
