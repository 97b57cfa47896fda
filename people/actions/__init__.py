"""Everything that can be done with people, logins, pairings, changes and the outbox."""

from .accounts import (
    CannotInvite,
    change_reminders,
    change_settings,
    invite_user,
    invite_users,
    record_demo_entry,
    record_failed_sign_in,
    record_sign_in,
)
from .district import (
    CannotName,
    Newcomer,
    end_for_district,
    name_administrator,
    name_for_district,
    open_school,
)
from .erasing import CannotErase, erase_person
from .groups import join_group, leave_group
from .handing_over import CannotHandOver, choose_hosts, hand_over, hand_over_own
from .imports import (
    claim_import,
    confirm_import,
    end_import,
    read_again,
    show_import,
    start_import,
    stop_import,
)
from .last_day import Onward, set_last_day, take_back_last_day
from .leaves import CannotGiveLeave, give_leave, take_back_leave
from .leaving import end_person, end_those_who_left
from .moving import (
    CannotMove,
    agree_to_move,
    ask_to_move,
    end_stale_moves,
    move_after_wait,
    refuse_move,
    take_back_move,
)
from .oneroster import Tell, apply_oneroster, preview_oneroster
from .outcome import Outcome
from .outgoing import CannotSend, feign_sign_in_mail, queue_sign_in_mail, send_test_mail
from .own_data import export_own_data
from .pairings import (
    CannotPair,
    choose_ownership,
    end_pairing,
    open_pairing,
    open_pairings,
    pause_pairing,
    resume_pairing,
)
from .persons import CannotChangePerson, MaybeKnown, add_person, change_person
from .roles import change_role, end_role, give_role
from .roster import CannotImport, apply_roster, preview_roster
from .school import CannotChangeSchool, change_school, close_demo, confirm_keys_on_paper
from .school_list import add_schools, plan_schools
from .second_step import CannotTakeOff, Proof, take_off_second_step
from .sessions import end_other_sessions, end_session, end_sessions_of
from .single_sign_on import tie_account, untie_accounts
from .tries import warn_of_tries
from .undo import CannotUndo, undo

__all__ = [
    "CannotChangePerson",
    "CannotChangeSchool",
    "CannotErase",
    "CannotGiveLeave",
    "CannotHandOver",
    "CannotImport",
    "CannotInvite",
    "CannotMove",
    "CannotName",
    "CannotPair",
    "CannotSend",
    "CannotTakeOff",
    "CannotUndo",
    "MaybeKnown",
    "Newcomer",
    "Onward",
    "Outcome",
    "Proof",
    "Tell",
    "add_person",
    "add_schools",
    "agree_to_move",
    "apply_oneroster",
    "apply_roster",
    "ask_to_move",
    "change_person",
    "change_reminders",
    "change_role",
    "change_school",
    "change_settings",
    "choose_hosts",
    "choose_ownership",
    "claim_import",
    "close_demo",
    "confirm_import",
    "confirm_keys_on_paper",
    "end_for_district",
    "end_import",
    "end_other_sessions",
    "end_pairing",
    "end_person",
    "end_role",
    "end_session",
    "end_sessions_of",
    "end_stale_moves",
    "end_those_who_left",
    "erase_person",
    "export_own_data",
    "feign_sign_in_mail",
    "give_leave",
    "give_role",
    "hand_over",
    "hand_over_own",
    "invite_user",
    "invite_users",
    "join_group",
    "leave_group",
    "move_after_wait",
    "name_administrator",
    "name_for_district",
    "open_pairing",
    "open_pairings",
    "open_school",
    "pause_pairing",
    "plan_schools",
    "preview_oneroster",
    "preview_roster",
    "queue_sign_in_mail",
    "read_again",
    "record_demo_entry",
    "record_failed_sign_in",
    "record_sign_in",
    "refuse_move",
    "resume_pairing",
    "send_test_mail",
    "set_last_day",
    "show_import",
    "start_import",
    "stop_import",
    "take_back_last_day",
    "take_back_leave",
    "take_back_move",
    "take_off_second_step",
    "tie_account",
    "undo",
    "untie_accounts",
    "warn_of_tries",
]
