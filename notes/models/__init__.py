"""Agreements and parts of notes, all confidential; how long they are kept, and what is on hold."""

from .agreements import Acknowledgement, AgreementVersion, StandingAcceptance
from .holds import Hold
from .keepers import LogKeeper
from .parts import Part, ShutError
from .retention import RetentionRule, Tombstone

__all__ = [
    "Acknowledgement",
    "AgreementVersion",
    "Hold",
    "LogKeeper",
    "Part",
    "RetentionRule",
    "ShutError",
    "StandingAcceptance",
    "Tombstone",
]
