"""Who has opened the notes of a meeting, as the two of it may know: read from the log, live."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple

from audit.models import Event
from people.models import Person, Role
from scheduling.models import Meeting

from .audience import listed
from .fields import LABELS
from .models import Part

ASKED_AT_ONCE = 50  # talks that one question to the log is about

# Why somebody could, in words that follow their name
GROUNDS = {
    "party": "shared with {them}",
    "line": "as the line manager whom you both named",
    "party.copy": "shared with {them}, in a copy of all that {they} may read",
    "line.copy": "as the line manager whom you both named, in a copy of all that they may read",
}


class Opening(NamedTuple):
    """That somebody opened notes: what they were then, when, which fields, on what ground."""

    name: str
    role: str  # then; empty for somebody without a role at that school
    at: datetime
    what: str
    ground: str
    is_own: bool  # the viewer's


class Ledger(NamedTuple):
    """The openings of a meeting's notes, newest first, without those by a field's own writer."""

    by_others: list[Opening]
    own: list[Opening]
    is_shared: bool  # whether anybody but its writer may read any of what the viewer knows of
    has_notes: bool


def ledger_of(meeting: Meeting, viewer: Person, *, at: datetime) -> Ledger:
    """
    Every opening that the log holds of the finished parts that the viewer may read.

    Of what the other keeps to themselves it says nothing, not that it exists. Who opened a page
    again within half an hour stands there once. A handful of queries, however many there are.
    """
    parts = list(
        Part.objects.visible_to(viewer, at=at)
        .filter(meeting=meeting, is_draft=False)
        .order_by("written_at", "pk")
    )
    labels = {f"part:{part.uid}": LABELS.get(part.field, "Note") for part in parts}
    events = list(
        Event.objects.filter(chain=meeting.school_id, act=Event.Act.PART_READ)
        .naming(f"meeting:{meeting.uid}")
        .order_by("-at", "-seq")
    )
    persons = Person.objects.in_bulk({event.by for event in events if event.by is not None})
    roles = list(Role.objects.filter(school=meeting.school, person__in=persons).order_by("pk"))
    openings = []
    for event in events:
        seen = list(dict.fromkeys(labels[each] for each in event.about if each in labels))
        person = persons.get(event.by or 0)
        if seen and person is not None:
            openings.append(_opening(event, person, seen, roles, meeting, viewer))
    return Ledger(
        by_others=[each for each in openings if not each.is_own],
        own=[each for each in openings if each.is_own],
        is_shared=any(part.author_id != viewer.pk or part.aud > 1 for part in parts),
        has_notes=bool(parts),
    )


def openings_of(viewer: Person, *, at: datetime) -> list[tuple[Meeting, Opening]]:
    """
    Every opening by others of the finished parts that somebody may read, of all their talks.

    The same as `ledger_of` says of each talk, with a question for every fifty of them.
    """
    parts = (
        Part.objects.visible_to(viewer, at=at)
        .filter(is_draft=False, meeting__isnull=False, opened_at__isnull=False)
        .select_related("meeting__school")
        .order_by("written_at", "pk")
    )
    of_part = {
        f"part:{part.uid}": (part.meeting, LABELS.get(part.field, "Note"))
        for part in parts
        if part.meeting is not None
    }
    events = _events_of({meeting for meeting, _ in of_part.values()})
    persons = Person.objects.in_bulk({event.by for event in events if event.by})
    roles: dict[int, list[Role]] = {}
    for role in Role.objects.filter(person__in=persons).order_by("pk"):
        roles.setdefault(role.school_id, []).append(role)
    found = []
    for event in events:
        person = persons.get(event.by or 0)
        if person is None or person.pk == viewer.pk:
            continue
        labels: dict[Meeting, list[str]] = {}
        for each in event.about:
            if each in of_part:
                meeting, label = of_part[each]
                labels.setdefault(meeting, []).append(label)
        for meeting, seen in labels.items():
            here = roles.get(meeting.school_id, [])
            said = _opening(event, person, list(dict.fromkeys(seen)), here, meeting, viewer)
            found.append((meeting, said))
    return found


def _events_of(meetings: Iterable[Meeting]) -> list[Event]:
    """The openings that name one of these talks, oldest first."""
    by_school: dict[int, list[str]] = {}
    for meeting in meetings:
        by_school.setdefault(meeting.school_id, []).append(f"meeting:{meeting.uid}")
    found: dict[int, Event] = {}
    for school, pages in by_school.items():
        opened = Event.objects.filter(chain=school, act=Event.Act.PART_READ)
        for start in range(0, len(pages), ASKED_AT_ONCE):
            found |= {
                each.pk: each for each in opened.naming(*pages[start : start + ASKED_AT_ONCE])
            }
    return sorted(found.values(), key=lambda event: (event.at, event.pk))


def _opening(
    event: Event,
    person: Person,
    seen: Collection[str],
    roles: Collection[Role],
    meeting: Meeting,
    viewer: Person,
) -> Opening:
    then = meeting.school.today(event.at)
    held = (role for role in roles if role.person_id == person.pk and role.is_in_force(then))
    role = next(held, None)
    is_own = person.pk == viewer.pk
    ground = GROUNDS.get(event.basis, "")
    return Opening(
        name="You" if is_own else person.name,
        role=role.label if role else "",
        at=event.at,
        what=listed([f"“{label}”" for label in seen]),
        ground=ground.format(them="you" if is_own else "them", they="you" if is_own else "they"),
        is_own=is_own,
    )
