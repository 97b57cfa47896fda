"""The one-sheet roster of a school: reading it, checking it, and what it would change."""

from .check import KnownPerson, check
from .diff import FIELDS, Diff, FieldChange, Step, compare
from .held import Held, Token
from .sheet import COLUMNS, LISTS, ROLE_WORDS, Entry, NoRoles, Roster, read

__all__ = [
    "COLUMNS",
    "FIELDS",
    "LISTS",
    "ROLE_WORDS",
    "Diff",
    "Entry",
    "FieldChange",
    "Held",
    "KnownPerson",
    "NoRoles",
    "Roster",
    "Step",
    "Token",
    "check",
    "compare",
    "read",
]
