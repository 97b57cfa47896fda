"""Where two people stand with their agreement, and what it says of who could read what."""

from dataclasses import dataclass, replace
from datetime import datetime

from people.models import Pairing, Person
from people.words import MAY_NAME_A_MANAGER, Words, line_manager_of, words_of

from .audience import listed, readers, would_be
from .fields import asked_for
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
    manager: Person | None  # whom the agreement in force names, or else these words
    asks_for: Person | None  # the manager whom these words name
    proposed: str = ""  # the protocol that one of them has asked the other for
    i_said_yes: bool = False  # to these words
    other_said_yes: bool = False

    @property
    def is_in_force(self) -> bool:
        return self.version is not None

    @property
    def names_manager(self) -> bool:
        """Whether a line manager may be shown what is written from now on."""
        return self.version is not None and self.version.line_manager_id is not None

    @property
    def has_new_manager(self) -> bool:
        """Whether who would be named now is not who was named."""
        return bool(self.names_manager and self.asks_for and self.asks_for != self.manager)

    @property
    def is_change(self) -> bool:
        """Whether these words are other ones than those in force."""
        if self.version is None or self.words is None:
            return False
        return self.words.protocol != self.version.protocol or self.has_new_manager

    @property
    def shown(self) -> str:
        """What a form says about the agreement that was on its page."""
        return str(self.version.uid) if self.version else "none"

    @property
    def is_asked(self) -> bool:
        """Whether this person's yes is still to be said, to begin with or to a change."""
        is_open = self.version is None or bool(self.proposed) or self.has_new_manager
        return self.words is not None and is_open and not self.i_said_yes


@dataclass(frozen=True)
class Row:
    """Somebody, and what they could read."""

    who: str
    what: str
    key: str = ""  # of those as whom the page can be looked at


def standing_of(pairing: Pairing, viewer: Person, *, at: datetime, protocol: str = "") -> Standing:
    """
    Where the two stand with their agreement.

    Without a `protocol` to look at, the words are those that one of them has proposed, else those
    in force, else those that their kind of talk begins with.
    """
    on = pairing.school.today(at)
    versions = AgreementVersion.objects.visible_to(viewer).of(pairing)
    open_ones = list(
        versions.filter(withdrawn_at=None, superseded_at=None, declined_at=None)
        .select_related("line_manager")
        .newest_first()
    )
    in_force_now = next((version for version in open_ones if version.is_in_force), None)
    proposal = next((version for version in open_ones if not version.is_in_force), None)
    for version in open_ones:
        version.pairing = pairing
    proposed = proposal.protocol if proposal else ""
    in_force = in_force_now.protocol if in_force_now else ""
    words = words_of(pairing, on=on, protocol=protocol or proposed or in_force)
    manager = None
    if words is not None and words.protocol in MAY_NAME_A_MANAGER:
        manager = line_manager_of(pairing, on=on)
    standing = Standing(
        words=words,
        version=in_force_now,
        manager=in_force_now.line_manager if in_force_now else manager,
        asks_for=manager,
        proposed=proposed,
    )
    if words is None or (standing.is_in_force and not standing.is_change):
        return standing
    said = set(
        Acknowledgement.objects.visible_to(viewer)
        .filter(version__in=open_ones, words_sha256=words.sha256)
        .values_list("person", flat=True)
    )
    if viewer.pk == pairing.host_id and viewer.pk not in said and not in_force:
        accepted = StandingAcceptance.objects.visible_to(viewer)
        if accepted.filter(words_sha256=words.sha256, language=words.language).exists():
            said.add(viewer.pk)
    return replace(
        standing,
        i_said_yes=viewer.pk in said,
        other_said_yes=pairing.other(viewer).pk in said,
    )


def card_of(standing: Standing, pairing: Pairing, *, at: datetime) -> list[Row]:
    """Which kinds of parts go to whom by the agreement two people are asked for, or have."""
    agreement = standing.version
    if agreement is None or standing.is_change:
        agreement = _as_if_agreed(standing, pairing, at=at)
    if agreement is None:
        return []
    manager = agreement.line_manager
    people = [pairing.host, pairing.attendee, *([manager] if manager else [])]
    kinds: dict[str, list[str]] = {}
    for kind, words in KIND_WORDS.items():
        part = would_be(kind, pairing=pairing, author=pairing.host, agreement=agreement)
        names = [person.name for person in readers(part, people, at=at)]
        if len(names) == 1:
            shareable = agreement.cells[kind].maximum != part.aud
            names = ["Only its writer, unless they share it" if shareable else "Only its writer"]
        fields = _fields_of(kind, pairing, is_up=manager is not None)
        kinds.setdefault(listed(names), []).append(words + fields)
    return [Row(who, _sentence(what)) for who, what in kinds.items()]


def _fields_of(kind: str, pairing: Pairing, *, is_up: bool) -> str:
    """In brackets what the page of a meeting calls the fields of a kind; its own name is enough."""
    asked = asked_for(pairing, is_host=True, names_manager=is_up)
    labels = [f"“{each.label}”" for each in asked if each.kind == kind]
    return f" ({', '.join(labels)})" if labels and kind != "private" else ""


def _as_if_agreed(standing: Standing, pairing: Pairing, *, at: datetime) -> AgreementVersion | None:
    if standing.words is None:
        return None
    manager = standing.asks_for
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
