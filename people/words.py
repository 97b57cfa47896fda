"""The words of the protocols as both people see them: who is told what, and the one exception."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import TextChoices

from .models import Line, Pairing, Person, School
from .models.persons import in_force

LANGUAGE = "en-us"


class Protocol(TextChoices):
    PRIVATE = "private", "Only each of us"
    BETWEEN_US = "between_us", "Between us"
    TOPICS_UP = "topics_up", "Headings go to a line manager"
    ACTIONS_UP = "actions_up", "Headings and action points go to a line manager"
    COUNSELING = "counseling", "Counseling"
    PERF_SUPPORT = "perf_support", "Performance support"


NAME_A_MANAGER = (Protocol.TOPICS_UP, Protocol.ACTIONS_UP)
MAY_NAME_A_MANAGER = (*NAME_A_MANAGER, Protocol.PERF_SUPPORT)

# What a pairing begins with. A family conference is a circle of more than two and has none.
PROTOCOL_OF_KIND = {
    Pairing.Kind.STAFF_CHECK_IN: Protocol.BETWEEN_US,
    Pairing.Kind.COACHING: Protocol.TOPICS_UP,
    Pairing.Kind.MENTORING: Protocol.BETWEEN_US,
    Pairing.Kind.PEER_SUPPORT: Protocol.BETWEEN_US,
    Pairing.Kind.RELATIONAL: Protocol.BETWEEN_US,
    Pairing.Kind.PERFORMANCE_SUPPORT: Protocol.PERF_SUPPORT,
    Pairing.Kind.COUNSELING: Protocol.COUNSELING,
    Pairing.Kind.ADVISORY: Protocol.BETWEEN_US,
    Pairing.Kind.CONFERENCE: Protocol.BETWEEN_US,
    Pairing.Kind.FAMILY_CONFERENCE: None,
}

# Between these, two people who meet may choose together; the others come with the kind of talk
MAY_CHOOSE = (Protocol.BETWEEN_US, *NAME_A_MANAGER)

# Drafts, to be read by a lawyer of the school's country before a school relies on them.
# {safeguarding} is put in by the code and is refused when it is left out (`words_for`).
TEXTS: dict[str, dict[str, Sequence[str]]] = {
    "en-us": {
        "between_us": (
            (
                "We keep notes of our talks. Each of us chooses what to share. What we share, "
                "the two of us can open, and nobody else at school can."
            ),
            "This is not an evaluation. Nothing we write here goes into a file about either of us.",
            "{safeguarding}",
            (
                "A court or a formal data request can reach these notes. Either of us can end "
                "this at any time."
            ),
        ),
        "topics_up": (
            (
                "We keep notes of our talks. {manager}, line manager of {attendee}, can see "
                "the headings, for example “time management”, but not what we said. Nobody "
                "else at school can open them."
            ),
            "This is not an evaluation.",
            "{safeguarding}",
            (
                "A court or a formal data request can reach these notes. Either of us can end "
                "this at any time."
            ),
        ),
        "actions_up": (
            (
                "We keep notes of our talks. {manager}, line manager of {attendee}, can see "
                "the headings and the action points, but not what we said. Nobody else at "
                "school can open them."
            ),
            "This is not an evaluation.",
            "{safeguarding}",
            (
                "A court or a formal data request can reach these notes. Either of us can end "
                "this at any time."
            ),
        ),
        "counseling": (
            "What you tell me stays with me.",
            "{safeguarding}",
            (
                "I write notes to remember. You can read the parts that I share with you, and "
                "nobody else at school can open any of them. Once I share a part, your family "
                "may ask the school for it."
            ),
            (
                "A court or a formal data request can reach these notes. Either of us can end "
                "this at any time."
            ),
        ),
        "perf_support": (
            "This is not confidential coaching. It belongs to managing performance.",
            "We keep notes of our talks. {further_up}",
            "{safeguarding}",
            (
                "A court or a formal data request can reach these notes. Either of us can end "
                "this at any time."
            ),
        ),
    }
}
SAFEGUARDING = {
    "en-us": {
        "": "If I worry that you or someone else is in danger, I must tell {lead}. I will tell "
        "you first unless that would make things more dangerous.",
        "counseling": "There are three exceptions: someone is hurting you, you might hurt "
        "yourself or someone else, or the law says I must speak. Then I tell {lead}, and I tell "
        "you that I do it.",
    }
}
NOBODY_NAMED = {"en-us": "someone such as the head of the school"}
FURTHER_UP = {
    "en-us": {
        True: "{manager}, line manager of {attendee}, can see everything in them but what we said "
        "and what each of us keeps alone.",
        False: "Your manager is in the room; nothing goes further.",
    }
}


@dataclass(frozen=True)
class Words:
    """What both people read before they say yes, exactly."""

    protocol: str
    language: str
    paragraphs: tuple[str, ...]
    exception: str  # the safeguarding sentence, which is one of the paragraphs

    @property
    def sha256(self) -> str:
        """What an acknowledgement keeps: of the protocol, the language and every letter shown."""
        shown = [self.protocol, self.language, *self.paragraphs]
        return hashlib.sha256(json.dumps(shown).encode()).hexdigest()


def words_for(
    protocol: str,
    *,
    host: Person,
    attendee: Person | None = None,
    manager: Person | None = None,
    lead: Person | None = None,
    language: str = LANGUAGE,
) -> Words:
    """
    The words of a protocol for these people.

    Only a protocol that names a line manager names the attendee; the others read the same for
    everybody a host meets. Raises ValueError when a manager is to be named and there is none.
    """
    language = language if language in TEXTS else LANGUAGE
    if protocol in NAME_A_MANAGER and not (manager and attendee):
        raise ValueError("This protocol names a line manager.")
    named = {
        "manager": manager.full_name if manager else "",
        "attendee": attendee.full_name if attendee else "",
    }
    further_up = FURTHER_UP[language][bool(manager and attendee)].format(**named)
    exception = _exception(protocol, language, lead=_lead_of(lead, host, attendee))
    paragraphs = tuple(
        text.format(**named, further_up=further_up, safeguarding=exception)
        for text in TEXTS[language][protocol]
    )
    if exception not in paragraphs:
        raise ValueError("The safeguarding sentence cannot be left out.")
    return Words(str(protocol), language, paragraphs, exception)


def words_of(pairing: Pairing, *, on: date, protocol: str = "") -> Words | None:
    """
    The words of a protocol for a pairing on a date, by default of the one it would begin with.

    None for a circle. Reads the attendee's line manager and the school's safeguarding lead.
    """
    usual = PROTOCOL_OF_KIND[Pairing.Kind(pairing.kind)]
    if usual is None:
        return None
    protocol = protocol or usual
    manager = line_manager_of(pairing, on=on) if protocol in MAY_NAME_A_MANAGER else None
    if protocol in NAME_A_MANAGER and manager is None:
        protocol = Protocol.BETWEEN_US
    return words_for(
        protocol,
        host=pairing.host,
        attendee=pairing.attendee,
        manager=manager,
        lead=pairing.school.safeguarding_lead,
        language=pairing.attendee.language,
    )


def protocols_for(pairing: Pairing, *, on: date) -> list[Protocol]:
    """
    The protocols that these two could agree on, narrowest first; none in a circle.

    Where colleagues meet and the one who comes has a line manager who is not in the talk, they may
    choose whether that manager sees anything.
    """
    usual = PROTOCOL_OF_KIND[Pairing.Kind(pairing.kind)]
    if usual not in MAY_CHOOSE or pairing.is_with_student:
        return [usual] if usual else []
    manager = line_manager_of(pairing, on=on)
    return list(MAY_CHOOSE if manager else MAY_CHOOSE[:1])


def standing_words(kind: str, *, host: Person, school: School) -> Words | None:
    """
    The words a host can accept once for everybody they meet in this kind of talk.

    None where a line manager would be named: that is agreed person by person.
    """
    protocol = PROTOCOL_OF_KIND[Pairing.Kind(kind)]
    if protocol is None or protocol in MAY_NAME_A_MANAGER:
        return None
    return words_for(protocol, host=host, lead=school.safeguarding_lead, language=host.language)


def line_manager_of(pairing: Pairing, *, on: date) -> Person | None:
    """The attendee's line manager, unless the host is that manager or the manager has left."""
    line = (
        Line.objects.filter(in_force(on), person=pairing.attendee_id, manager__is_active=True)
        .exclude(manager=pairing.host_id)
        .select_related("manager")
        .first()
    )
    return line.manager if line else None


def _lead_of(lead: Person | None, host: Person, attendee: Person | None) -> Person | None:
    # Nobody passes a worry on to themselves, or to the one it is about.
    if lead is None or lead.pk == host.pk or (attendee is not None and lead.pk == attendee.pk):
        return None
    return lead


def _exception(protocol: str, language: str, *, lead: Person | None) -> str:
    sentences = SAFEGUARDING[language]
    sentence = sentences.get(protocol, sentences[""])
    return sentence.format(lead=lead.full_name if lead else NOBODY_NAMED[language])
