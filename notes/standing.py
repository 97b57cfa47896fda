"""Where two people stand with their agreement, and what it says of who could read what."""

from dataclasses import dataclass
from datetime import datetime

from people.models import Pairing, Person
from people.words import MAY_NAME_A_MANAGER, Words, line_manager_of, words_of

from .audience import listed, readers, would_be
from .fields import fields_for
from .models import Acknowledgement, AgreementVersion, StandingAcceptance
from .protocols import terms

KIND_WORDS = {
    "topic": "headings",
    "body": "what we talked about",
    "action": "action points",
    "goal": "goals and wishes",
    "agenda": "what to talk about",
    "summary": "summaries that both have signed",
    "private": "“For my memory”",
}


@dataclass(frozen=True)
class Standing:
    """Where the two stand with their agreement, as one of them sees it."""

    words: Words | None  # what they would say yes to now; None for a circle
    version: AgreementVersion | None  # in force
    i_said_yes: bool
    other_said_yes: bool
    manager: Person | None  # whom the words name

    @property
    def is_in_force(self) -> bool:
        return self.version is not None

    @property
    def shown(self) -> str:
        """What a form says about the agreement that was on its page."""
        return str(self.version.uid) if self.version else "none"

    @property
    def is_asked(self) -> bool:
        """Whether this person's yes is still to be said."""
        return self.words is not None and self.version is None and not self.i_said_yes


@dataclass(frozen=True)
class Row:
    """Somebody, and what they could read."""

    who: str
    what: str


def standing_of(pairing: Pairing, viewer: Person, *, at: datetime) -> Standing:
    """Where the two stand with their agreement."""
    on = pairing.school.today(at)
    versions = AgreementVersion.objects.visible_to(viewer).of(pairing)
    open_ones = list(
        versions.filter(withdrawn_at=None, superseded_at=None, declined_at=None)
        .select_related("line_manager")
        .newest_first()
    )
    in_force_now = next((version for version in open_ones if version.is_in_force), None)
    for version in open_ones:
        version.pairing = pairing
    words = words_of(pairing, on=on)
    manager = None
    said: set[int] = set()
    if words is not None and in_force_now is None:
        manager = line_manager_of(pairing, on=on) if words.protocol in MAY_NAME_A_MANAGER else None
        said = set(
            Acknowledgement.objects.visible_to(viewer)
            .filter(version__in=open_ones, words_sha256=words.sha256)
            .values_list("person", flat=True)
        )
        if viewer.pk == pairing.host_id and viewer.pk not in said:
            standing = StandingAcceptance.objects.visible_to(viewer)
            if standing.filter(words_sha256=words.sha256, language=words.language).exists():
                said.add(viewer.pk)
    return Standing(
        words=words,
        version=in_force_now,
        i_said_yes=viewer.pk in said,
        other_said_yes=pairing.other(viewer).pk in said,
        manager=in_force_now.line_manager if in_force_now else manager,
    )


def card_of(standing: Standing, pairing: Pairing, *, at: datetime) -> list[Row]:
    """Which kinds of parts go to whom by the agreement two people are asked for, or have."""
    agreement = standing.version or _as_if_agreed(standing, pairing, at=at)
    if agreement is None:
        return []
    people = [pairing.host, pairing.attendee, *([standing.manager] if standing.manager else [])]
    kinds: dict[str, list[str]] = {}
    for kind, words in KIND_WORDS.items():
        part = would_be(kind, pairing=pairing, author=pairing.host, agreement=agreement)
        names = [person.name for person in readers(part, people, at=at)]
        if len(names) == 1:
            shareable = agreement.cells[kind].maximum != part.aud
            names = ["Only its writer, unless they share it" if shareable else "Only its writer"]
        kinds.setdefault(listed(names), []).append(words + _fields_of(kind, pairing))
    return [Row(who, _sentence(what)) for who, what in kinds.items()]


def _fields_of(kind: str, pairing: Pairing) -> str:
    """In brackets what the page of a meeting calls the fields of a kind; its own name is enough."""
    labels = [f"“{each.label}”" for each in fields_for(pairing, is_host=True) if each.kind == kind]
    return f" ({', '.join(labels)})" if labels and kind != "private" else ""


def _as_if_agreed(standing: Standing, pairing: Pairing, *, at: datetime) -> AgreementVersion | None:
    if standing.words is None:
        return None
    manager = standing.manager
    return AgreementVersion(
        pairing=pairing,
        protocol=standing.words.protocol,
        line_manager=manager,
        terms=terms(
            standing.words.protocol,
            school=pairing.school_id,
            host=pairing.host_id,
            attendee=pairing.attendee_id,
            line_manager=manager.pk if manager else None,
        ),
        in_force_at=at,
    )


def _sentence(words: list[str]) -> str:
    text = ", ".join(words)
    return text[:1].upper() + text[1:]
