"""Keeping what is being typed, and finishing it: no word is ever lost, nobody reads a draft."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from audit.actions import record
from audit.models import Event
from people.models import Pairing, Person
from people.permissions import require
from scheduling.actions import CannotChange, hold
from scheduling.models import Meeting

from ..acting import acting_as
from ..audience import would_be
from ..fields import fields_for
from ..holding import LastHeld
from ..models import Acknowledgement, AgreementVersion, Part
from ..models.parts import PartQuerySet
from ..permissions import can_write
from ..protocols import LINE, NARROWED_TO
from ..putting_aside import discard, is_held, keeps_words, to_change
from ..vault import is_genuine, read_own, seal, unwrap


class AgreementChanged(Exception):
    """What was agreed is not what was shown when typing began; the words are kept as drafts."""

    def __init__(self, before: AgreementVersion | None, now: AgreementVersion | None) -> None:
        super().__init__("What you both agreed has changed since you began to write.")
        self.before, self.now = before, now


class Seen(NamedTuple):
    """A part as it stood on somebody's page: what they edit is this revision of it."""

    uid: str
    revision: int


class Entry(NamedTuple):
    """What stands in one field of somebody's page when it is sent."""

    field: str
    text: str
    chosen: int
    seen: Sequence[Seen]


@dataclass
class Saved:
    """Which parts each field now edits, and the fields of which another window has other words."""

    seen: dict[str, list[Seen]] = field(default_factory=dict)
    elsewhere: list[str] = field(default_factory=list)


@transaction.atomic
@sensitive_variables()
def save_drafts(
    meeting: Meeting,
    *,
    entries: Iterable[Entry],
    shown: AgreementVersion | None,
    by: Person,
    at: datetime,
) -> Saved:
    """
    Keep what is typed, as drafts that only their writer can open.

    `shown` is the agreement on the page. Where another window has saved newer words, both are
    kept side by side. Raises vault.Away, and then nothing was saved.
    """
    pairing = _locked(meeting)
    require(can_write(by, pairing))
    kinds = _kinds(pairing, by)
    saved = Saved()
    with acting_as(by.pk, at=at):
        desk = _Desk(meeting, pairing, shown, by, at)
        for entry in entries:
            if entry.field in kinds:
                saved.seen[entry.field] = desk.keep(entry, kinds[entry.field], saved)
    if desk.written:
        _record(Event.Act.PART_WRITE, meeting, desk.written, by=by, at=at)
    return saved


@transaction.atomic
@sensitive_variables()
def finish(
    meeting: Meeting, *, confirmed: str | None = None, by: Person, at: datetime
) -> list[Part]:
    """
    Seal every draft again under the agreement in force now, for the people it names.

    One press ends a talk: from its day on, a meeting that is still planned was held.

    Raises AgreementChanged where a draft was begun under another agreement, unless its writer has
    `confirmed` the one in force (its uid, "none" for no agreement). Raises vault.Away.
    """
    pairing = _locked(meeting)
    require(can_write(by, pairing))
    mine = {part.pk: part for part in _parts_of(meeting, by, at=at)}
    drafts = [part for part in mine.values() if part.is_draft and _opens(part)]
    agreement = _believed(pairing)
    now = str(agreement.uid) if agreement else "none"
    for draft in drafts:
        if draft.kind != "private" and draft.agreement != agreement and confirmed != now:
            raise AgreementChanged(draft.agreement, agreement)

    with acting_as(by.pk, at=at):
        finished = [_finish(draft, mine, pairing, agreement, at=at) for draft in drafts]
    narrowed: dict[int, list[Part]] = {}
    for part in (part for each in finished for part in each.narrowed):
        narrowed.setdefault(part.aud, []).append(part)
    if finished:
        _record(Event.Act.PART_FINISH, meeting, [each.part for each in finished], by=by, at=at)
    for bits, parts in narrowed.items():
        _record(Event.Act.AUD_NARROW, meeting, parts, basis=f"{NARROWED_TO}.{bits}", by=by, at=at)
    if meeting.is_planned and meeting.school.today(meeting.starts_at) <= meeting.school.today(at):
        with suppress(CannotChange):  # the other has just ended it in another way
            hold(meeting, by=by, at=at)
    return [each.part for each in finished]


class _Finished(NamedTuple):
    part: Part
    narrowed: Sequence[Part] = ()


class _Desk:
    """One writer's parts of one meeting while their page is being saved."""

    def __init__(
        self,
        meeting: Meeting,
        pairing: Pairing,
        shown: AgreementVersion | None,
        by: Person,
        at: datetime,
    ) -> None:
        self.meeting, self.pairing, self.shown, self.by, self.at = meeting, pairing, shown, by, at
        self.parts = {str(part.uid): part for part in _parts_of(meeting, by, at=at)}
        self.written: list[Part] = []

    @sensitive_variables()
    def keep(self, entry: Entry, kind: str, saved: Saved) -> list[Seen]:
        """Save one field; return what it edits from now on."""
        mine = [self.parts.get(seen.uid) for seen in entry.seen]
        is_fresh = all(
            part is not None and part.field == entry.field and part.revision == seen.revision
            for part, seen in zip(mine, entry.seen, strict=True)
        )
        if is_fresh:
            part = self._edit(entry, kind, [part for part in mine if part is not None])
        else:
            part = self._already_kept(entry, kind)
            if part is None and entry.text.strip():
                part = self._add(entry, kind)
                saved.elsewhere.append(entry.field)
        return [Seen(str(part.uid), part.revision)] if part is not None else []

    @sensitive_variables()
    def _edit(self, entry: Entry, kind: str, mine: list[Part]) -> Part | None:
        drafts = [part for part in mine if part.is_draft]
        finished = next((part for part in mine if not part.is_draft), None)
        if drafts:
            return self._rewrite(drafts, entry)
        if finished is not None:
            if self._reads(finished) == entry.text and finished.aud == entry.chosen:
                return finished
            return self._same(entry) or self._add(entry, kind, replaces=finished)
        if not entry.text.strip():
            return None
        return self._same(entry) or self._add(entry, kind)

    @sensitive_variables()
    def _already_kept(self, entry: Entry, kind: str) -> Part | None:
        """
        What holds these very words, when this page is a step behind: its own last save, say.

        Of two choices who may read them the narrower one counts.
        """
        for part in sorted(self._here(entry), key=lambda part: part.is_draft, reverse=True):
            if self._reads(part) != entry.text:
                continue
            if not part.is_draft:
                narrowed = part.aud & entry.chosen
                same = narrowed == part.aud
                return part if same else self._add(entry, kind, replaces=part)
            if part.chosen_aud & entry.chosen != part.chosen_aud:
                part.chosen_aud &= entry.chosen
                part.revision += 1
                part.save(update_fields=["chosen_aud", "revision"])
            return part
        return None

    @sensitive_variables()
    def _rewrite(self, drafts: list[Part], entry: Entry) -> Part | None:
        first, *merged = drafts
        if not entry.text.strip() and first.replaces_id is None:
            for part in drafts:
                discard(part, at=self.at)
            return None
        if self._reads(first) != entry.text or merged:
            first = self._to_change(first)
            seal(first, entry.text)
        elif first.chosen_aud == entry.chosen:
            return first
        first.chosen_aud = entry.chosen
        if not keeps_words(first):
            first.written_at = self.at
        first.revision += 1
        first.save()
        for part in merged:
            discard(part, at=self.at)
        return first

    def _to_change(self, draft: Part) -> Part:
        changed = to_change(draft, at=self.at)
        if changed is not draft:
            self.written.append(changed)
            self.parts[str(changed.uid)] = changed
        return changed

    @sensitive_variables()
    def _add(self, entry: Entry, kind: str, *, replaces: Part | None = None) -> Part:
        part = Part(
            school_id=self.pairing.school_id,
            pairing=self.pairing,
            meeting=self.meeting,
            author=self.by,
            party=self.pairing.other(self.by),
            kind=kind,
            field=entry.field,
            agreement=self.shown,
            chosen_aud=entry.chosen,
            written_at=self.at,
            replaces=replaces,
        )
        seal(part, entry.text)
        part.save(force_insert=True)
        self.written.append(part)
        self.parts[str(part.uid)] = part
        return part

    @sensitive_variables()
    def _same(self, entry: Entry) -> Part | None:
        """A draft of this field that already holds just this: the form was sent twice."""
        for part in self._here(entry):
            is_candidate = part.is_draft and part.chosen_aud == entry.chosen
            if is_candidate and self._reads(part) == entry.text:
                return part
        return None

    def _here(self, entry: Entry) -> list[Part]:
        # A deleted one has no key any more
        return [
            part
            for part in self.parts.values()
            if part.field == entry.field and part.pk is not None and part.put_aside_at is None
        ]

    def _reads(self, part: Part) -> str:
        return unwrap(read_own(part, by=self.by))


@sensitive_variables()
def _finish(
    draft: Part,
    mine: dict[int, Part],
    pairing: Pairing,
    agreement: AgreementVersion | None,
    *,
    at: datetime,
) -> _Finished:
    text = unwrap(read_own(draft, by=draft.author))
    target = would_be(
        draft.kind,
        pairing=pairing,
        author=draft.author,
        agreement=agreement,
        chosen=draft.chosen_aud,
    )
    before = mine.get(draft.replaces_id or 0)
    narrowed = _narrow(before, mine, target.aud) if before is not None else []
    if before is not None:
        same_agreement = before.agreement_id == (agreement and agreement.pk)
        may_overwrite = before.opened_at is None and not is_held(before)
        if may_overwrite and same_agreement and not target.aud & ~before.aud:
            return _Finished(_overwrite(before, draft, text, at=at), narrowed)
        if text == unwrap(read_own(before, by=draft.author)) and target.aud == before.aud:
            discard(draft, at=at)
            return _Finished(before, narrowed)

    draft = to_change(draft, at=at)
    draft.is_draft = False
    draft.agreement = agreement
    draft.written_aud, draft.aud, draft.line = target.written_aud, target.aud, target.line
    draft.written_at = at
    draft.revision += 1
    seal(draft, text)
    draft.save()
    return _Finished(draft, narrowed)


def _opens(part: Part) -> bool:
    """What was changed behind our back is left as it is, for whoever looks into it."""
    return not read_own(part, by=part.author).is_broken


def _narrow(part: Part, mine: dict[int, Part], bits: int) -> list[Part]:
    """
    Let a finished part, and what it once replaced, be read by no more people than these.

    Returns those that somebody loses.
    """
    narrowed = []
    earlier: Part | None = part
    while earlier is not None:
        if earlier.aud & ~bits:
            earlier.aud &= bits
            earlier.line = earlier.line if earlier.aud & LINE else None
            earlier.save(update_fields=["aud", "line"])
            narrowed.append(earlier)
        earlier = mine.get(earlier.replaces_id or 0)
    return narrowed


@sensitive_variables()
def _overwrite(part: Part, draft: Part, text: str, *, at: datetime) -> Part:
    """Nobody else has opened it: the new words take the place of the old."""
    part.written_at = at
    part.revision += 1
    seal(part, text)
    part.save(update_fields=["key_id", "dek", "box", "written_at", "revision"])
    discard(draft, at=at)
    return part


def _believed(pairing: Pairing) -> AgreementVersion | None:
    """The agreement in force, if both signatures under it are genuine."""
    version = AgreementVersion.objects.of(pairing).in_force().select_related("line_manager").first()
    if version is None:
        return None
    version.pairing = pairing
    said_yes = list(Acknowledgement.objects.filter(version=version).select_related("version"))
    return version if is_genuine(version, said_yes) else None


def _locked(meeting: Meeting) -> Pairing:
    """The pairing, alone: nobody agrees or ends anything while a note is being saved."""
    Pairing.objects.select_for_update().get(pk=meeting.pairing_id)
    return Pairing.objects.with_people().get(pk=meeting.pairing_id)


def _parts_of(meeting: Meeting, author: Person, *, at: datetime) -> PartQuerySet:
    """What somebody wrote about a meeting, oldest first; locked against being opened meanwhile."""
    return (
        Part.objects.visible_to(author, at=at)
        .filter(meeting=meeting, author=author)
        .on_pages()
        .annotate(last_held=LastHeld())
        .select_related("author", "line", "agreement__line_manager")
        .select_for_update(of=("self",))
        .order_by("written_at", "pk")
    )


def _kinds(pairing: Pairing, author: Person) -> dict[str, str]:
    fields = fields_for(pairing, is_host=author.pk == pairing.host_id)
    return {each.key: each.kind for each in fields}


def _record(
    act: Event.Act,
    meeting: Meeting,
    parts: Iterable[Part],
    *,
    basis: str = "",
    by: Person,
    at: datetime,
) -> None:
    record(
        act,
        chain=meeting.school_id,
        by=by.pk,
        objects=[f"meeting:{meeting.uid}", *(f"part:{part.uid}" for part in parts)],
        basis=basis,
        at=at,
    )
