"""The one-sheet roster of a school: reading it, checking it, and what it would change."""

from .check import KnownPerson, check
from .diff import FIELDS, Diff, FieldChange, Step, compare
from .held import Held, Token
from .sheet import COLUMNS, ROLE_WORDS, Entry, Roster, read

__all__ = [
    "COLUMNS",
    "FIELDS",
    "ROLE_WORDS",
    "Diff",
    "Entry",
    "FieldChange",
    "Held",
    "KnownPerson",
    "Roster",
    "Step",
    "Token",
    "check",
    "compare",
    "read",
]
