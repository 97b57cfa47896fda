"""Sealing what people write and opening it again: decide, record, unseal; the only plaintext."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn

from django.db import transaction
from django.db.models import Prefetch, prefetch_related_objects
from django.views.decorators.debug import sensitive_variables

from audit import keyring
from audit.actions import record
from audit.models import Event
from people.models import Person
from scheduling.models import Meeting

from .models import Acknowledgement, AgreementVersion, Part
from .models.parts import Why
from .protocols import AUTHOR, canonical, sha256
from .visibility import bases
from .watching import watch

# What the views catch: the ring is missing, unsafe, damaged, or has lost a key.
Away = keyring.KeyRingError
AWAY = "Notes cannot be opened right now. Nothing is lost."

PART = "one-on-one/part/v1"
VERSION = "one-on-one/agreement/v1"
ACKNOWLEDGEMENT = "one-on-one/acknowledgement/v1"

REMEMBERED = timedelta(minutes=30)  # one opening is recorded once in this time
SEARCH = "page:search"  # a page that shows parts of many talks
COPIED_AT_ONCE = 200  # parts that one event names


class CannotRead(Exception):
    """The part is not for this person; answered like a part that does not exist."""


class Sealed:
    """Text that shows itself to nobody but the `reveal` tag and the vault's own callers."""

    __slots__ = ("_text",)

    def __init__(self, text: str | None) -> None:
        self._text = text  # None: it was changed behind our back and does not open

    def __repr__(self) -> str:
        return "<sealed>"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return "<sealed>"

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise TypeError("Sealed text is not copied, cached or sent anywhere.")

    @property
    def is_broken(self) -> bool:
        return self._text is None

    @property
    def is_blank(self) -> bool:
        return self._text is not None and not self._text.strip()


def unwrap(sealed: Sealed) -> str:
    """The text itself: for `{% reveal %}`, and for putting words back into their author's field."""
    return sealed._text or ""


@sensitive_variables("text")
def seal(part: Part, text: str) -> None:
    """
    Put a text into a part that has all its other fields; the caller saves it.

    Raises Away.
    """
    box = keyring.seal("parts", text.encode(), bound=bound_to(part))
    part.key_id, part.dek, part.box = box.key_id, box.dek, box.box


def read(parts: Iterable[Part], *, by: Person, at: datetime, page: str) -> dict[int, Sealed]:
    """
    Open parts for a person who looks at a page; by the part's key. The page is "meeting:uid", or
    another one that shows parts of many talks, which then come with their talks.

    Decides again on each loaded row, then records the opening in a transaction of its own, then
    opens. One event for each person, page and half hour, and one more when unseen parts appear;
    none for one's own. Raises CannotRead, Away, or RuntimeError inside a transaction.
    """
    parts = list(parts)
    _record_openings(_grounds(parts, by=by, at=at), by=by, at=at, page=page)
    return {part.pk: _open(part) for part in parts}


@sensitive_variables()
def find(
    parts: Iterable[Part], matches: Callable[[str], bool], *, by: Person, at: datetime, most: int
) -> tuple[list[Part], bool]:
    """
    Those parts whose text matches, of the first `most` talks that have any; whether there are more.

    The parts of a talk stand side by side. Decides again on each row, opens it in memory and
    forgets it. That words stand in a text is something read of it: what matched counts as opened
    and is recorded before it is told, one event for each school. They come with their talk and its
    two people. Raises as `read` does.
    """
    parts = list(parts)
    grounds = _grounds(parts, by=by, at=at)
    found: dict[int | None, list[Part]] = {}
    is_cut = False
    for part in parts:
        if matches(unwrap(_open(part))):
            is_cut = part.meeting_id not in found and len(found) == most
            if is_cut:
                break
            found.setdefault(part.meeting_id, []).append(part)
    hits = [part for each in found.values() for part in each]
    # Only now: thousands of parts are loaded without what stands around them
    talks = Meeting.objects.select_related("school", "pairing__host", "pairing__attendee")
    prefetch_related_objects(hits, Prefetch("meeting", talks))
    told = set(hits)
    grounds = {ground: [part for part in some if part in told] for ground, some in grounds.items()}
    _record_openings(grounds, by=by, at=at, page=SEARCH)
    return hits, is_cut


def read_for_copy(parts: Iterable[Part], *, by: Person, at: datetime) -> dict[int, Sealed]:
    """
    Open all of these parts for a person who takes a copy of what they may read; by the part's key.

    As `read`, but each time is recorded, so that the ledger of each talk says that there is a copy;
    many talks in one event. Raises CannotRead, Away, or RuntimeError inside a transaction.
    """
    parts = list(parts)
    for ground, theirs in _grounds(parts, by=by, at=at).items():
        for school in sorted({part.school_id for part in theirs}):
            here = [part for part in theirs if part.school_id == school]
            for start in range(0, len(here), COPIED_AT_ONCE):
                some = here[start : start + COPIED_AT_ONCE]
                pages = [f"meeting:{part.meeting.uid}" for part in some if part.meeting]
                _record_parts(some, pages, by=by, at=at, ground=f"{ground}.copy")
    return {part.pk: _open(part) for part in parts}


def read_own(part: Part, *, by: Person) -> Sealed:
    """Open what somebody wrote for themselves; leaves no trace, also inside a transaction."""
    if part.author_id != by.pk or not by.is_active:
        raise CannotRead
    return _open(part)


def still_opens(part: Part) -> bool:
    """
    Whether a part would open for whoever may read it; what it says goes nowhere.

    For proving a restored copy, where an opening is nobody's. Raises Away.
    """
    return not _open(part).is_broken


def bound_to(part: Part) -> bytes:
    """
    What a part's text opens only together with; changing any of it in the database locks it.

    The terms count as they stand on the version, so that rewriting them locks it too.
    """
    version = part.agreement
    return canonical(
        [
            PART,
            str(part.uid),
            part.school_id,
            part.pairing_id,
            part.circle_sha256,
            part.meeting_id,
            part.kind,
            part.field,
            part.author_id,
            part.party_id,
            version and version.line_manager_id,
            part.written_aud,
            version and str(version.uid),
            version and sha256(version.terms),
        ]
    ).encode()


def sign_version(version: AgreementVersion) -> None:
    """Sign a version before it is saved. Raises Away."""
    version.key_id, version.mac = keyring.mac("parts", _version_signed(version))


def sign_acknowledgement(acknowledgement: Acknowledgement) -> None:
    """Sign an acknowledgement before it is saved. Raises Away."""
    acknowledgement.key_id, acknowledgement.mac = keyring.mac(
        "parts", _acknowledgement_signed(acknowledgement)
    )


def is_genuine(version: AgreementVersion, said_yes: Sequence[Acknowledgement]) -> bool:
    """
    Whether both people of the pairing said yes to the very terms of this version.

    Raises Away.
    """
    both = {version.pairing.host_id, version.pairing.attendee_id}
    return (
        sha256(version.terms) == version.terms_sha256
        and _mac(version, _version_signed(version))
        and {each.person_id for each in said_yes} == both
        and all(
            each.version_id == version.pk
            and each.terms_sha256 == version.terms_sha256
            and _mac(each, _acknowledgement_signed(each))
            for each in said_yes
        )
    )


def _open(part: Part) -> Sealed:
    if part.aud & ~part.written_aud or not part.aud & AUTHOR:
        return Sealed(None)
    box = keyring.Box(part.key_id, bytes(part.dek), bytes(part.box))
    try:
        return Sealed(keyring.open_("parts", box, bound=bound_to(part)).decode())
    except keyring.KeyMissing:
        raise
    except keyring.CannotOpen:
        return Sealed(None)


def _grounds(parts: Sequence[Part], *, by: Person, at: datetime) -> dict[str, list[Part]]:
    """The parts that somebody else wrote, by the ground on which this person may read them."""
    found: dict[str, list[Part]] = {"party": [], "line": []}
    for part, ground in zip(parts, bases(by, parts, at), strict=True):
        if ground is None:
            raise CannotRead
        if ground != "author":
            found[ground].append(part)
    return found


def _record_openings(
    grounds: dict[str, list[Part]], *, by: Person, at: datetime, page: str
) -> None:
    for ground, parts in grounds.items():
        _record_opening(parts, by=by, at=at, page=page, ground=ground)


def _record_opening(parts: list[Part], *, by: Person, at: datetime, page: str, ground: str) -> None:
    """Say that these were opened, unless this person's last openings of the page cover them."""
    for school in {part.school_id for part in parts}:
        here = [part for part in parts if part.school_id == school]
        objects = [f"part:{part.uid}" for part in here]
        recent = Event.objects.filter(
            chain=school,
            by=by.pk,
            act=Event.Act.PART_READ,
            basis=ground,
            at__gt=at - REMEMBERED,
            at__lte=at,
        ).values_list("about", flat=True)
        told = {name for about in recent if page in about for name in about}
        if told.issuperset(objects):
            continue
        of_many = not page.startswith("meeting:")
        talks = [f"meeting:{part.meeting.uid}" for part in here if of_many and part.meeting]
        _record_parts(here, [page, *talks], by=by, at=at, ground=ground)


def _record_parts(
    parts: list[Part], pages: list[str], *, by: Person, at: datetime, ground: str
) -> None:
    """One event, committed before anything is opened; the parts are of one school."""
    with transaction.atomic(durable=True):
        Part.objects.system(Why.MARK_OPENED, by=by, at=at).filter(
            pk__in=[part.pk for part in parts], opened_at__isnull=True
        ).update(opened_at=at)
        record(
            Event.Act.PART_READ,
            chain=parts[0].school_id,
            by=by.pk,
            objects=list(dict.fromkeys([*pages, *(f"part:{part.uid}" for part in parts)])),
            basis=ground,
            at=at,
        )
        watch(parts[0].school_id, by=by, at=at)


def _mac(row: AgreementVersion | Acknowledgement, message: bytes) -> bool:
    return keyring.mac("parts", message, key_id=row.key_id).hex == row.mac


def _version_signed(version: AgreementVersion) -> bytes:
    return canonical(
        [
            VERSION,
            str(version.uid),
            version.school_id,
            version.pairing_id,
            version.number,
            version.protocol,
            version.line_manager_id,
            version.terms,
        ]
    ).encode()


def _acknowledgement_signed(acknowledgement: Acknowledgement) -> bytes:
    return canonical(
        [
            ACKNOWLEDGEMENT,
            str(acknowledgement.version.uid),
            acknowledgement.person_id,
            acknowledgement.terms_sha256,
            acknowledgement.words_sha256,
            acknowledgement.language,
            acknowledgement.standing_id,
            acknowledgement.at.astimezone(UTC).isoformat(timespec="microseconds"),
        ]
    ).encode()
