"""Everything that can be done with people, logins, pairings, changes and the outbox."""

from .accounts import (
    CannotInvite,
    change_settings,
    end_access,
    invite_user,
    record_demo_entry,
    record_failed_sign_in,
    record_sign_in,
)
from .outgoing import queue_sign_in_mail
from .pairings import (
    CannotPair,
    change_cadence,
    end_pairing,
    open_pairing,
    pause_pairing,
    resume_pairing,
)
from .undo import CannotUndo, undo

__all__ = [
    "CannotInvite",
    "CannotPair",
    "CannotUndo",
    "change_cadence",
    "change_settings",
    "end_access",
    "end_pairing",
    "invite_user",
    "open_pairing",
    "pause_pairing",
    "queue_sign_in_mail",
    "record_demo_entry",
    "record_failed_sign_in",
    "record_sign_in",
    "resume_pairing",
    "undo",
]
