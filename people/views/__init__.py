"""Pages about people, accounts and the school, by subject."""

from .accounts import account, account_email, confirm_email, confirm_login_code
from .find import find
from .mails import mail_detail, mail_list
from .undo import undo
from .welcome import enter, home, welcome

__all__ = [
    "account",
    "account_email",
    "confirm_email",
    "confirm_login_code",
    "enter",
    "find",
    "home",
    "mail_detail",
    "mail_list",
    "undo",
    "welcome",
]
