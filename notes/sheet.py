"""One person's page of a meeting: their fields, what was shared with them, who sees what."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from people.models import Pairing, Person
from scheduling.models import Meeting

from . import vault
from .audience import (
    Chip,
    Choice,
    audience,
    chip_for,
    choices,
    waiting_chip,
    would_be,
)
from .fields import LABELS, Field, asked_for, fields_for
from .holding import HeldSince
from .models import Part
from .onlookers import rows_of
from .protocols import UP
from .standing import Row, Standing, standing_of

EARLIER = 60  # a meeting a week and some

# Feedback is what these are for
NOT_NUDGED = (Pairing.Kind.MENTORING, Pairing.Kind.PERFORMANCE_SUPPORT)


@dataclass(frozen=True)
class Line:
    """A field on the page: what it is called, what stands in it, who can see it."""

    field: Field
    sealed: vault.Sealed
    seen: str
    chosen: int
    chip: Chip
    choices: Sequence[Choice]
    errors: Sequence[str] = ()


@dataclass(frozen=True)
class Shown:
    """A finished part on the page, with the words that it took the place of."""

    label: str
    sealed: vault.Sealed
    chip: Chip
    part: Part
    earlier: Sequence["Shown"] = ()


@dataclass
class Sheet:
    """Everything on the page; built by `sheet_of`."""

    meeting: Meeting
    pairing: Pairing
    viewer: Person
    other: Person
    standing: Standing
    is_away: bool = False
    may_write: bool = False
    lines: list[Line] = field(default_factory=list)
    has_drafts: bool = False
    has_broken: bool = False  # words of one's own that were changed behind our back
    mine: list[Shown] = field(default_factory=list)
    theirs: list[Shown] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    # Since when it is on hold what this person may read here, by field and whether it is a draft
    held: dict[tuple[str, bool], datetime] = field(default_factory=dict)
    # Other meetings of the two about which this person may read something
    earlier: Sequence[object] = ()  # the uid and start of each

    @property
    def is_confidential(self) -> bool:
        return self.pairing.kind == Pairing.Kind.COUNSELING

    @property
    def is_performance(self) -> bool:
        return self.pairing.kind == Pairing.Kind.PERFORMANCE_SUPPORT

    @property
    def is_nudged(self) -> bool:
        """Whether the writer is told when words start to read like an evaluation (DECISIONS 28)."""
        return self.viewer.is_nudged and self.pairing.kind not in NOT_NUDGED

    @property
    def name(self) -> str:
        """The other, as a screen that others may see names them."""
        return self.pairing.shown_name(self.other)


def sheet_of(meeting: Meeting, viewer: Person, *, at: datetime, is_writing: bool = False) -> Sheet:
    """
    A party's page of a meeting. Opens what it shows, and records it.

    Unfinished words are shown to be gone on with; finished ones to be read, unless `is_writing`.
    A talk that did not take place asks for no words either, though there may be some.
    """
    pairing = meeting.pairing
    sheet = Sheet(
        meeting, pairing, viewer, pairing.other(viewer), standing_of(pairing, viewer, at=at)
    )
    visible = Part.objects.visible_to(viewer, at=at)
    sheet.earlier = list(
        visible.filter(pairing=pairing, meeting__isnull=False)
        .on_pages()
        .exclude(meeting=meeting)
        .order_by("-meeting__starts_at", "-meeting__pk")
        .values("meeting__uid", "meeting__starts_at")
        .distinct()[:EARLIER]
    )
    annotated = list(
        visible.filter(meeting=meeting)
        .on_pages()
        .annotate(held_since=HeldSince())
        .select_related("author", "party", "line", "agreement__line_manager")
        .order_by("written_at", "pk")
    )
    parts: list[Part] = list(annotated)
    for part in annotated:
        part.pairing = pairing
        if part.held_since is not None:
            sheet.held.setdefault((part.field, part.is_draft), part.held_since)
    try:
        texts = vault.read(parts, by=viewer, at=at, page=f"meeting:{meeting.uid}")
    except vault.Away:
        sheet.is_away = True
        sheet.rows = _who_sees_what(sheet, _asked(sheet), {}, at=at)
        return sheet

    own = [part for part in parts if part.author_id == viewer.pk]
    finished = [part for part in own if not part.is_draft]
    sheet.has_drafts = len(finished) < len(own)
    sheet.has_broken = any(part.is_draft and texts[part.pk].is_broken for part in own)
    asked = _asked(sheet, begun={part.field for part in own})
    edited: set[int] = set()
    sheet.may_write = bool(asked)
    is_asking = not finished and meeting.status in (Meeting.Status.PLANNED, Meeting.Status.HELD)
    if asked and (is_writing or sheet.has_drafts or is_asking):
        sheet.lines = [_line(sheet, each, own, texts, edited, at=at) for each in asked]
    sheet.mine = [
        shown for shown in shown_of(finished, texts, viewer, at=at) if shown.part.pk not in edited
    ]
    others = [part for part in parts if part.author_id != viewer.pk]
    sheet.theirs = shown_of(others, texts, viewer, at=at)
    chosen = {line.field.key: line.chosen for line in sheet.lines}
    sheet.rows = _who_sees_what(sheet, asked, chosen, at=at)
    return sheet


def sheet_as_typed(
    meeting: Meeting,
    viewer: Person,
    *,
    typed: dict[str, tuple[str, str, Sequence[str]]],
    chosen: dict[str, int],
    at: datetime,
) -> Sheet:
    """
    The page as its writer has it before them: opens and keeps nothing, loses nothing.

    `typed` holds for each field its words, what they were loaded from, and what is wrong.
    """
    pairing = meeting.pairing
    sheet = Sheet(
        meeting, pairing, viewer, pairing.other(viewer), standing_of(pairing, viewer, at=at)
    )
    asked = _asked(sheet, begun=chosen)
    for each in asked:
        words, seen, errors = typed[each.key]
        bits = audience(each.kind, sheet.standing.version, chosen.get(each.key))
        chip, offers = chips(sheet, each, bits, at=at)
        sheet.lines.append(Line(each, vault.Sealed(words), seen, bits, chip, offers, errors))
    sheet.rows = _who_sees_what(sheet, asked, chosen, at=at)
    return sheet


def offered(pairing: Pairing, author: Person, standing: Standing) -> dict[str, list[int]]:
    """The audiences that an author may choose for each field, narrowest first."""
    asked = fields_for(pairing, is_host=author.pk == pairing.host_id)
    return {
        each.key: sorted({audience(each.kind, standing.version, bits) for bits in (1, 3, UP)})
        for each in asked
    }


def chips(
    sheet: Sheet, each: Field, chosen: int | None, *, at: datetime
) -> tuple[Chip, list[Choice]]:
    """What stands beside a field, and what may be chosen instead."""
    agreement = sheet.standing.version
    if agreement is None:
        return waiting_chip(each.kind, sheet.other), []
    part = would_be(
        each.kind, pairing=sheet.pairing, author=sheet.viewer, agreement=agreement, chosen=chosen
    )
    offers = choices(
        each.kind,
        pairing=sheet.pairing,
        author=sheet.viewer,
        agreement=agreement,
        at=at,
        confidential=sheet.is_confidential,
    )
    return chip_for(part, viewer=sheet.viewer, at=at), offers if len(offers) > 1 else []


def _asked(sheet: Sheet, *, begun: Collection[str] = ()) -> tuple[Field, ...]:
    """The fields on this one's page."""
    return asked_for(
        sheet.pairing,
        is_host=sheet.viewer.pk == sheet.pairing.host_id,
        names_manager=sheet.standing.names_manager,
        begun=begun,
    )


def _line(
    sheet: Sheet,
    each: Field,
    own: list[Part],
    texts: dict[int, vault.Sealed],
    edited: set[int],
    *,
    at: datetime,
) -> Line:
    """A field with its drafts, else with what was finished, else empty."""
    here = [part for part in own if part.field == each.key]
    here = [part for part in here if not texts[part.pk].is_broken]
    drafts = [part for part in here if part.is_draft]
    edits = drafts or _current(here)[-1:]
    edited.update(part.pk for part in edits)
    edited.update(part.replaces_id for part in edits if part.is_draft and part.replaces_id)
    if drafts:
        chosen = audience(each.kind, sheet.standing.version, drafts[0].chosen_aud)
    elif edits:
        chosen = edits[0].aud
    else:
        chosen = audience(each.kind, sheet.standing.version)
    chip, offers = chips(sheet, each, chosen, at=at)
    words = "\n\n".join(vault.unwrap(texts[part.pk]) for part in edits)
    return Line(
        field=each,
        sealed=vault.Sealed(words),
        seen=" ".join(f"{part.uid}:{part.revision}" for part in edits),
        chosen=chosen,
        chip=chip,
        choices=offers,
    )


def shown_of(
    parts: list[Part],
    texts: dict[int, vault.Sealed],
    viewer: Person,
    *,
    at: datetime,
    known: dict[object, Chip] | None = None,
) -> list[Shown]:
    """
    Parts of one pairing in the order of their fields, each with the words it took the place of.

    Who reads alike is asked about once, for several lists where they share what is `known`.
    """
    by_key = {part.pk: part for part in parts}
    chips = {} if known is None else known

    def show(part: Part, earlier: Sequence[Shown] = ()) -> Shown:
        alike = (part.author_id, part.aud, part.line_id, part.agreement_id, part.is_draft)
        chip = chips.get(alike) or chip_for(part, viewer=viewer, at=at)
        chips[alike] = chip
        return Shown(LABELS.get(part.field, "Note"), texts[part.pk], chip, part, earlier)

    order = list(LABELS)
    current = sorted(_current(parts), key=lambda part: (order.index(part.field), part.written_at))
    shown = []
    for part in current:
        earlier, before = [], by_key.get(part.replaces_id or 0)
        while before is not None:
            earlier.append(show(before))
            before = by_key.get(before.replaces_id or 0)
        shown.append(show(part, earlier))
    return shown


def _current(parts: Iterable[Part]) -> list[Part]:
    """Finished parts that no other finished one has replaced."""
    finished = [part for part in parts if not part.is_draft]
    replaced = {part.replaces_id for part in finished}
    return [part for part in finished if part.pk not in replaced]


def _who_sees_what(
    sheet: Sheet, asked: Sequence[Field], chosen: dict[str, int], *, at: datetime
) -> list[Row]:
    """
    A row for everybody who might wonder; what each could read is asked of the rule.

    For somebody who writes nothing here, the host's fields are asked about instead.
    """
    pairing = sheet.pairing
    author = sheet.viewer if asked else pairing.host
    if sheet.mine and not sheet.lines:
        parts = {shown.label: shown.part for shown in sheet.mine}
    else:
        names_manager = sheet.standing.names_manager
        parts = {
            each.label: would_be(
                each.kind,
                pairing=pairing,
                author=author,
                agreement=sheet.standing.version,
                chosen=chosen.get(each.key),
            )
            for each in asked or asked_for(pairing, is_host=True, names_manager=names_manager)
        }
    return rows_of(pairing, sheet.standing, parts, viewer=sheet.viewer, author=author, at=at)
