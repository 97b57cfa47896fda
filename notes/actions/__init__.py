"""What can be done with agreements and notes, and deciding how long they are kept."""

from .agreements import (
    CannotAgree,
    WordsChanged,
    accept_standing,
    agree,
    decline,
    withdraw,
)
from .retention import (
    CannotDecide,
    confirm_retention,
    drop_retention,
    propose_retention,
)
from .talks import log_student_talk
from .writing import AgreementChanged, Entry, Saved, finish, save_drafts

__all__ = [
    "AgreementChanged",
    "CannotAgree",
    "CannotDecide",
    "Entry",
    "Saved",
    "WordsChanged",
    "accept_standing",
    "agree",
    "confirm_retention",
    "decline",
    "drop_retention",
    "finish",
    "log_student_talk",
    "propose_retention",
    "save_drafts",
    "withdraw",
]
