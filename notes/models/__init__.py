"""Agreements and the parts of notes: every row here is confidential."""

from .agreements import Acknowledgement, AgreementVersion, StandingAcceptance
from .parts import Part, ShutError

__all__ = ["Acknowledgement", "AgreementVersion", "Part", "ShutError", "StandingAcceptance"]
