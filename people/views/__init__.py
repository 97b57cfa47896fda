"""Pages about people, accounts and the school, by subject."""

from .accounts import account, account_email, confirm_email, confirm_login_code
from .find import find
from .mails import mail_detail, mail_list
from .oneroster import import_again, import_run, import_stop, oneroster_import
from .persons import (
    person_edit,
    person_end,
    person_invite,
    person_list,
    role_end,
    role_give,
)
from .roster import roster_import, roster_preview
from .setup import school_edit, setup
from .undo import undo
from .welcome import enter, home, welcome
from .workplace import workplace_choose, workplace_list

__all__ = [
    "account",
    "account_email",
    "confirm_email",
    "confirm_login_code",
    "enter",
    "find",
    "home",
    "import_again",
    "import_run",
    "import_stop",
    "mail_detail",
    "mail_list",
    "oneroster_import",
    "person_edit",
    "person_end",
    "person_invite",
    "person_list",
    "role_end",
    "role_give",
    "roster_import",
    "roster_preview",
    "school_edit",
    "setup",
    "undo",
    "welcome",
    "workplace_choose",
    "workplace_list",
]
