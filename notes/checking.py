"""
Whether the rows that say who reads are those that people made; the keeper's, in the night.

Ciphertext, terms and signatures bind what was once agreed. What was narrowed since is only written
on the rows, where somebody with the database in hand could widen it again as far as it once was.
The log cannot be written anew without the key: the rows are held against it. Nothing is shown.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from audit import keyring
from audit.models import Event

from .keeping import require_every_row
from .models import Acknowledgement, AgreementVersion, Part
from .models.parts import Why
from .protocols import AUTHOR, LINE, NARROWED_TO, WITHDRAWN
from .vault import is_genuine, still_opens

AT_ONCE = 500  # parts


class Problem(NamedTuple):
    """What is not as people left it; `thing` is "part:uid" or "agreement:uid"."""

    school: int
    thing: str
    kind: str


class Checked(NamedTuple):
    parts: int
    problems: list[Problem]


def check(*, at: datetime) -> Checked:
    """
    Hold every part and every agreement against its signatures and against the log.

    Raises CannotSee under a role that does not see every row, and vault.Away without the ring.
    """
    require_every_row()
    narrowed, ended = _from_the_log()
    versions = _Versions(ended)
    problems = list(versions.problems())
    parts = Part.objects.system(Why.CHECK, by=None, at=at)
    count = after = 0
    while some := list(
        parts.filter(pk__gt=after).select_related("agreement", "pairing").order_by("pk")[:AT_ONCE]
    ):
        count, after = count + len(some), some[-1].pk
        for part in some:
            limit = narrowed.get(f"part:{part.uid}", part.written_aud)
            kind = _wrong_with(part, limit, versions)
            if kind:
                problems.append(Problem(part.school_id, f"part:{part.uid}", kind))
    return Checked(count, problems)


def _wrong_with(part: Part, limit: int, versions: "_Versions") -> str:
    if not part.aud & AUTHOR or part.aud & ~limit or (part.is_draft and part.aud != AUTHOR):
        return "widened"
    if part.line_id and not part.aud & LINE:
        return "widened"
    if part.aud & LINE and not versions.shows(part):
        return "shown to a line manager again"
    try:
        return "" if still_opens(part) else "does not open"
    except keyring.KeyMissing:
        return "has no key"


class _Versions:
    """The agreements of all, and which of them a line manager's part may lean on."""

    def __init__(self, ended: set[str]) -> None:
        self.ended = ended
        self.by_pairing: dict[int, list[AgreementVersion]] = {}
        rows = AgreementVersion.objects.select_related("pairing").order_by("pairing", "number")
        for pairing, versions in groupby(rows, attrgetter("pairing_id")):
            self.by_pairing[pairing] = list(versions)
        self.said_yes: dict[int, list[Acknowledgement]] = {}
        for each in Acknowledgement.objects.select_related("version").order_by("pk"):
            self.said_yes.setdefault(each.version_id, []).append(each)

    def problems(self) -> Iterator[Problem]:
        for version in (each for versions in self.by_pairing.values() for each in versions):
            name = f"agreement:{version.uid}"
            if version.in_force_at and not self._is_genuine(version):
                yield Problem(version.school_id, name, "forged")
            elif name in self.ended and version.withdrawn_at is None:
                yield Problem(version.school_id, name, "revived")

    def shows(self, part: Part) -> bool:
        """Whether what the two agreed last shows this part to its line manager."""
        versions = self.by_pairing.get(part.pairing_id, [])
        own = next((each for each in versions if each.pk == part.agreement_id), None)
        if own is None or own.withdrawn_at or f"agreement:{own.uid}" in self.ended:
            return False
        later = [each for each in versions if each.number > own.number and each.in_force_at]
        return all(self._names(each, part) for each in (own, *later))

    def _names(self, version: AgreementVersion, part: Part) -> bool:
        return (
            version.line_manager_id == part.line_id
            and bool(version.cells[part.kind].maximum & LINE)
            and self._is_genuine(version)
        )

    def _is_genuine(self, version: AgreementVersion) -> bool:
        try:
            return is_genuine(version, self.said_yes.get(version.pk, []))
        except keyring.KeyMissing:
            return False


def _from_the_log() -> tuple[dict[str, int], set[str]]:
    """How far each part was narrowed, and which agreements were ended."""
    narrowed: dict[str, int] = {}
    ended: set[str] = set()
    events = Event.objects.filter(act=Event.Act.AUD_NARROW).order_by("pk")
    for basis, about in events.values_list("basis", "about").iterator():
        if basis == WITHDRAWN:
            ended.update(name for name in about if name.startswith("agreement:"))
        elif basis.startswith(f"{NARROWED_TO}."):
            bits = int(basis.removeprefix(f"{NARROWED_TO}."))
            for name in about:
                narrowed[name] = narrowed.get(name, bits) & bits
    return narrowed, ended
