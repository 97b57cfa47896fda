"""Agreements and the parts of notes: every row here is confidential; and how long they are kept."""

from .agreements import Acknowledgement, AgreementVersion, StandingAcceptance
from .parts import Part, ShutError
from .retention import RetentionRule, Tombstone

__all__ = [
    "Acknowledgement",
    "AgreementVersion",
    "Part",
    "RetentionRule",
    "ShutError",
    "StandingAcceptance",
    "Tombstone",
]
