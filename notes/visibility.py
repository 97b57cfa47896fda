"""Who may read a part: the only decision, for a set of rows and for one row."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Literal

from django.db.models import Q

from people.models import Person, Role
from people.models.persons import in_force

from .protocols import LINE, PARTY, WITH_LINE, WITH_PARTY

if TYPE_CHECKING:
    from .models import Part

Basis = Literal["author", "party", "line"]

NOTHING = Q(pk__in=[])


def q(viewer: Person, at: datetime) -> Q:
    """
    The parts a person may read at a moment.

    The author reads what they wrote. The other of the two reads what was shared with them when
    it was finished. The line manager whom both named in an agreement that is still in force,
    while the two still meet and the manager still works at that school, reads the kinds it
    lists. Nobody else reads anything; somebody who has left reads nothing. No role, and no
    superuser, adds anything. See also `basis`.
    """
    if not viewer.is_active:
        return NOTHING
    return (
        Q(author=viewer)
        | Q(party=viewer, is_draft=False, aud__in=WITH_PARTY)
        | _named_manager(viewer, at)
    )


def basis(viewer: Person, part: "Part", at: datetime) -> Basis | None:
    """On what ground a person may read this part at a moment; None for no ground. See also `q`."""
    return bases(viewer, [part], at)[0]


def bases(viewer: Person, parts: "Sequence[Part]", at: datetime) -> list[Basis | None]:
    """The `basis` for each of many parts, at the cost in queries of one."""
    is_line = any(part.line_id == viewer.pk and not part.is_draft for part in parts)
    schools = _schools(viewer, at) if is_line else {}
    return [_basis(viewer, part, schools) for part in parts]


def _basis(viewer: Person, part: "Part", schools: dict[int, date]) -> Basis | None:
    if not viewer.is_active:
        return None
    if part.author_id == viewer.pk:
        return "author"
    if part.is_draft:
        return None
    if part.party_id == viewer.pk and part.aud & PARTY:
        return "party"
    if part.line_id == viewer.pk and part.aud & LINE and _is_line_manager(viewer, part, schools):
        return "line"
    return None


def _named_manager(viewer: Person, at: datetime) -> Q:
    schools = _schools(viewer, at)
    if not schools:
        return NOTHING
    works_there = Q()
    for school, today in schools.items():
        works_there |= Q(in_force(today, "pairing__"), school=school)
    return works_there & Q(
        line=viewer,
        is_draft=False,
        aud__in=WITH_LINE,
        agreement__line_manager=viewer,
        agreement__in_force_at__isnull=False,
        agreement__withdrawn_at__isnull=True,
    )


def _is_line_manager(viewer: Person, part: "Part", schools: dict[int, date]) -> bool:
    agreement, today = part.agreement, schools.get(part.school_id)
    if agreement is None or today is None:
        return False
    return (
        agreement.line_manager_id == viewer.pk
        and agreement.in_force_at is not None
        and agreement.withdrawn_at is None
        and part.pairing.starts_on <= today
        and (part.pairing.ends_on is None or today <= part.pairing.ends_on)
    )


def _schools(viewer: Person, at: datetime) -> dict[int, date]:
    """The schools a person works at, with the date there."""
    roles = Role.objects.filter(person=viewer, kind__in=Role.STAFF).select_related("school")
    return {
        role.school_id: role.school.today(at)
        for role in roles
        if role.is_in_force(role.school.today(at))
    }
