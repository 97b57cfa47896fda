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
from .leaving import end_those_who_left
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
    "apply_roster",
    "change_person",
    "change_school",
    "change_settings",
    "close_demo",
    "end_for_district",
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
    "preview_roster",
    "queue_sign_in_mail",
    "record_demo_entry",
    "record_failed_sign_in",
    "record_sign_in",
    "resume_pairing",
    "undo",
]
