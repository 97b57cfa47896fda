"""The school's own calendar as a file: which events close days, and what that would change."""

from .events import Found, Refusal, Stretch, Timed, read
from .plan import Changes, NoTerm, Plan, Row, What, plan
from .words import looks_closed, told

__all__ = [
    "Changes",
    "Found",
    "NoTerm",
    "Plan",
    "Refusal",
    "Row",
    "Stretch",
    "Timed",
    "What",
    "looks_closed",
    "plan",
    "read",
    "told",
]
