"""Pages about people, accounts and the school, by subject."""

from .accounts import (
    account,
    account_email,
    confirm_login_code,
    reauthenticate_by_passkey,
    reminders,
)
from .before_you_go import before_you_go
from .belonging import group_join, group_leave, leave_give, leave_take_back
from .erasing import person_erase
from .find import find
from .leaving import hand_over, last_day, last_day_take_back, person_end
from .logins import move_agree, move_end, move_refuse, person_untie, second_step_off
from .mails import mail_detail, mail_list
from .names import names_switch
from .oneroster import import_again, import_run, import_stop, oneroster_import
from .own_data import own_data
from .persons import person_add, person_edit, person_invite, person_list, person_sign_out
from .roles import role_edit, role_end, role_give
from .roster import roster_import, roster_preview
from .sessions import session_end, session_end_others, session_list
from .setup import keys_confirm, school_edit, setup, test_mail
from .sso import not_here, single_sign_on, single_sign_on_back, single_sign_on_cancelled
from .undo import undo
from .welcome import enter, home, welcome
from .workplace import workplace_choose, workplace_list

__all__ = [
    "account",
    "account_email",
    "before_you_go",
    "confirm_login_code",
    "enter",
    "find",
    "group_join",
    "group_leave",
    "hand_over",
    "home",
    "import_again",
    "import_run",
    "import_stop",
    "keys_confirm",
    "last_day",
    "last_day_take_back",
    "leave_give",
    "leave_take_back",
    "mail_detail",
    "mail_list",
    "move_agree",
    "move_end",
    "move_refuse",
    "names_switch",
    "not_here",
    "oneroster_import",
    "own_data",
    "person_add",
    "person_edit",
    "person_end",
    "person_erase",
    "person_invite",
    "person_list",
    "person_sign_out",
    "person_untie",
    "reauthenticate_by_passkey",
    "reminders",
    "role_edit",
    "role_end",
    "role_give",
    "roster_import",
    "roster_preview",
    "school_edit",
    "second_step_off",
    "session_end",
    "session_end_others",
    "session_list",
    "setup",
    "single_sign_on",
    "single_sign_on_back",
    "single_sign_on_cancelled",
    "test_mail",
    "undo",
    "welcome",
    "workplace_choose",
    "workplace_list",
]
