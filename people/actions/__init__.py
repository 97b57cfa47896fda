"""Everything that can be done with people, logins, pairings, changes and the outbox."""

from .accounts import (
    CannotInvite,
    change_settings,
    invite_user,
    invite_users,
    record_demo_entry,
    record_failed_sign_in,
    record_sign_in,
)
from .district import CannotName, Newcomer, end_for_district, name_for_district, open_school
from .imports import (
    claim_import,
    confirm_import,
    end_import,
    read_again,
    show_import,
    start_import,
    stop_import,
)
from .leaving import end_those_who_left
from .oneroster import Tell, apply_oneroster, preview_oneroster
from .outcome import Outcome
from .outgoing import feign_sign_in_mail, queue_sign_in_mail
from .pairings import (
    CannotPair,
    end_pairing,
    open_pairing,
    open_pairings,
    pause_pairing,
    resume_pairing,
)
from .persons import CannotChangePerson, change_person, end_person, end_role, give_role
from .roster import CannotImport, apply_roster, preview_roster
from .school import CannotChangeSchool, change_school, close_demo
from .undo import CannotUndo, undo

__all__ = [
    "CannotChangePerson",
    "CannotChangeSchool",
    "CannotImport",
    "CannotInvite",
    "CannotName",
    "CannotPair",
    "CannotUndo",
    "Newcomer",
    "Outcome",
    "Tell",
    "apply_oneroster",
    "apply_roster",
    "change_person",
    "change_school",
    "change_settings",
    "claim_import",
    "close_demo",
    "confirm_import",
    "end_for_district",
    "end_import",
    "end_pairing",
    "end_person",
    "end_role",
    "end_those_who_left",
    "feign_sign_in_mail",
    "give_role",
    "invite_user",
    "invite_users",
    "name_for_district",
    "open_pairing",
    "open_pairings",
    "open_school",
    "pause_pairing",
    "preview_oneroster",
    "preview_roster",
    "queue_sign_in_mail",
    "read_again",
    "record_demo_entry",
    "record_failed_sign_in",
    "record_sign_in",
    "resume_pairing",
    "show_import",
    "start_import",
    "stop_import",
    "undo",
]
