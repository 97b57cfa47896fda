"""What can be done with agreements and notes; how long they are kept, and what is on hold."""

from .agreements import (
    CannotAgree,
    WordsChanged,
    accept_standing,
    agree,
    decline,
    withdraw,
)
from .holds import (
    CannotHold,
    Scope,
    agree_to_hold,
    ask_release,
    keep_hold,
    place_hold,
    refuse_hold,
    release_hold,
)
from .keepers import CannotKeep, dismiss_keeper, name_keeper, queue_anchors
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
    "CannotHold",
    "CannotKeep",
    "Entry",
    "Saved",
    "Scope",
    "WordsChanged",
    "accept_standing",
    "agree",
    "agree_to_hold",
    "ask_release",
    "confirm_retention",
    "decline",
    "dismiss_keeper",
    "drop_retention",
    "finish",
    "keep_hold",
    "log_student_talk",
    "name_keeper",
    "place_hold",
    "propose_retention",
    "queue_anchors",
    "refuse_hold",
    "release_hold",
    "save_drafts",
    "withdraw",
]
