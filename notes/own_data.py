"""What this app keeps of people, read for one of them: opened by the vault, and recorded."""

from datetime import datetime

from django.db.models import Q
from django.views.decorators.debug import sensitive_variables

from people.models import Person
from people.own_data import Chapter, Row, leave_out, name_for, register

from . import vault
from .fields import LABELS
from .ledger import openings_of
from .models import (
    Acknowledgement,
    AgreementVersion,
    Hold,
    LogKeeper,
    Part,
    StandingAcceptance,
)


@sensitive_variables()
def _notes(person: Person, at: datetime) -> list[Row]:
    parts = list(
        Part.objects.visible_to(person, at=at)
        .select_related(
            "author", "line", "meeting", "agreement__line_manager", "pairing__school",
            "pairing__host", "pairing__attendee",
        )
        .order_by("written_at", "pk")
    )  # fmt: skip
    replaced = {part.replaces_id for part in parts if not part.is_draft}
    texts = vault.read_for_copy(parts, by=person, at=at)
    return [
        {
            "talk": part.meeting.starts_at if part.meeting else None,
            "between": f"{part.pairing.host.name} and {part.pairing.attendee.name}",
            "written by": name_for(person, part.author),
            "written": part.written_at,
            "field": LABELS.get(part.field, "Note"),
            "state": _state(part, replaced),
            "words": vault.unwrap(texts[part.pk]),
            # What was changed behind our back
            **({"cannot be opened": True} if texts[part.pk].is_broken else {}),
        }
        for part in parts
    ]


def _state(part: Part, replaced: set[int | None]) -> str:
    if part.put_aside_at is not None:
        return "changed or thrown away, and kept because it is on hold"
    if part.is_draft:
        return "draft"
    return "replaced by newer words" if part.pk in replaced else "finished"


def _openings(person: Person, at: datetime) -> list[Row]:
    return [
        {
            "talk": meeting.starts_at,
            "who opened": opening.name,
            "as": opening.role,
            "what": opening.what,
            "when": opening.at,
            "because": opening.ground,
        }
        for meeting, opening in openings_of(person, at=at)
    ]


def _agreements(person: Person, at: datetime) -> list[Row]:
    versions = AgreementVersion.objects.visible_to(person).select_related(
        "pairing__host", "pairing__attendee", "line_manager"
    )
    yes = Acknowledgement.objects.visible_to(person).filter(person=person)
    said = {each.version_id: each for each in yes}
    rows: list[Row] = []
    for version in versions.order_by("proposed_at", "pk"):
        mine = said.get(version.pk)
        rows.append(
            {
                "with": version.pairing.other(person).name,
                "words": version.get_protocol_display(),
                "number": version.number,
                "line manager named": name_for(person, version.line_manager),
                "proposed": version.proposed_at,
                "you said yes": mine.at if mine else None,
                "in language": mine.language if mine else "",
                "in force": version.in_force_at,
                "declined": version.declined_at,
                "withdrawn": version.withdrawn_at,
                "replaced": version.superseded_at,
            }
        )
    return rows


def _holds(person: Person, at: datetime) -> list[Row]:
    holds = Hold.objects.filter(Q(person=person) | Q(other=person)).select_related("school")
    return [
        {
            "at": hold.school.name,
            "since": hold.asked_at,
            "until at the latest": hold.until,
            "ended": hold.ended_at,
        }
        for hold in holds.order_by("asked_at", "pk")
    ]


def _standing(person: Person, at: datetime) -> list[Row]:
    rows = StandingAcceptance.objects.visible_to(person).order_by("at", "pk")
    return [
        {"words": each.get_protocol_display(), "accepted": each.at, "in language": each.language}
        for each in rows
    ]


def _kept_logs(person: Person, at: datetime) -> list[Row]:
    kept = LogKeeper.objects.filter(person=person).select_related("school").order_by("pk")
    return [{"school": each.school.name, "since": each.since} for each in kept]


def register_rows() -> None:
    register(
        Chapter(
            60,
            "notes",
            "Notes you wrote, and those you may read",
            ("notes.Part.author", "notes.Part.party", "notes.Part.line"),
            _notes,
        ),
        Chapter(61, "opened", "Who has opened notes of your talks", (), _openings),
        Chapter(62, "agreements", "Agreements", ("notes.Acknowledgement.person",), _agreements),
        Chapter(
            63,
            "words_accepted",
            "Words you accepted for everybody",
            ("notes.StandingAcceptance.host",),
            _standing,
        ),
        Chapter(
            64,
            "holds",
            "When notes of your talks were on hold",
            ("notes.Hold.person", "notes.Hold.other"),
            _holds,
        ),
        Chapter(
            65,
            "kept_logs",
            "Schools whose log’s daily line you keep",
            ("notes.LogKeeper.person",),
            _kept_logs,
        ),
    )
    two = "A hold is the school's, whichever two of its people asked for it, agreed and ended it."
    leave_out(
        {
            "notes.Hold.asked_by": two,
            "notes.Hold.agreed_by": two,
            "notes.Hold.release_by": two,
            "notes.Hold.ended_by": two,
            "notes.AgreementVersion.line_manager": "Agreements of two other people that name you "
            "as a line manager are theirs; what they let you read of their notes is here.",
            "notes.RetentionRule.by": "How long the school keeps notes is the school's to decide, "
            "whoever of its administrators proposed it.",
        }
    )
