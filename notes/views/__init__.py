"""The pages of notes and agreements; each row is fetched as its viewer may see it."""

from .agreements import (
    agreement,
    agreement_accept,
    agreement_decline,
    agreement_withdraw,
    standing,
)
from .finding import note_find
from .headings import heading_detail, heading_list
from .holds import hold, hold_add, hold_answer, hold_list, hold_place
from .keepers import keeper_dismiss, keeper_name, log, log_check
from .ledger import meeting_ledger
from .looking import meeting_look
from .notes import meeting_notes, note_finish, note_list, note_save
from .retention import retention, retention_confirm, retention_drop
from .talks import student_note

__all__ = [
    "agreement",
    "agreement_accept",
    "agreement_decline",
    "agreement_withdraw",
    "heading_detail",
    "heading_list",
    "hold",
    "hold_add",
    "hold_answer",
    "hold_list",
    "hold_place",
    "keeper_dismiss",
    "keeper_name",
    "log",
    "log_check",
    "meeting_ledger",
    "meeting_look",
    "meeting_notes",
    "note_find",
    "note_finish",
    "note_list",
    "note_save",
    "retention",
    "retention_confirm",
    "retention_drop",
    "standing",
    "student_note",
]
