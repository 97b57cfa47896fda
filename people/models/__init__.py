"""Schools, persons, roles and pairings; what goes out, and what can be undone."""

from .changes import Change
from .departures import Departure, Handover
from .imports import ImportRun
from .leaves import Leave
from .lines import Line
from .moves import LoginMove
from .outgoing import OutgoingMail
from .pairings import Assistance, Pairing
from .persons import Group, Guardianship, Membership, Person, Role
from .schools import RosterSource, School
from .sessions import Session
from .users import User

__all__ = [
    "Assistance",
    "Change",
    "Departure",
    "Group",
    "Guardianship",
    "Handover",
    "ImportRun",
    "Leave",
    "Line",
    "LoginMove",
    "Membership",
    "OutgoingMail",
    "Pairing",
    "Person",
    "Role",
    "RosterSource",
    "School",
    "Session",
    "User",
]
