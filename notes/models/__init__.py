"""Agreements and parts of notes, all confidential; how long they are kept, and what is on hold."""

from .agreements import Acknowledgement, AgreementVersion, StandingAcceptance
from .holds import Hold
from .parts import Part, ShutError
from .retention import RetentionRule, Tombstone

__all__ = [
    "Acknowledgement",
    "AgreementVersion",
    "Hold",
    "Part",
    "RetentionRule",
    "ShutError",
    "StandingAcceptance",
    "Tombstone",
]
