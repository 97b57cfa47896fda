"""What can be done with agreements and notes."""

from .agreements import (
    CannotAgree,
    WordsChanged,
    accept_standing,
    agree,
    decline,
    withdraw,
)
from .talks import log_student_talk
from .writing import AgreementChanged, Entry, Saved, finish, save_drafts

__all__ = [
    "AgreementChanged",
    "CannotAgree",
    "Entry",
    "Saved",
    "WordsChanged",
    "accept_standing",
    "agree",
    "decline",
    "finish",
    "log_student_talk",
    "save_drafts",
    "withdraw",
]
