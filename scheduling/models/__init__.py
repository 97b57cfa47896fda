"""The school's calendar, hosts' grids, what is booked in them, and the meetings that come of it."""

from .calendar import (
    BellSchedule,
    BellTime,
    Closure,
    Commitment,
    Period,
    SchoolDay,
    SchoolWeek,
    Term,
)
from .feeds import CalendarFeed
from .grid import Booking, Invitation, Seat, SignUp, Slot
from .lessons import TeacherCode
from .meetings import Attendance, Meeting, OverdueFlag
from .ripples import Ripple, SpecialDay
from .sources import CalendarEvent, CalendarSource

__all__ = [
    "Attendance",
    "BellSchedule",
    "BellTime",
    "Booking",
    "CalendarEvent",
    "CalendarFeed",
    "CalendarSource",
    "Closure",
    "Commitment",
    "Invitation",
    "Meeting",
    "OverdueFlag",
    "Period",
    "Ripple",
    "SchoolDay",
    "SchoolWeek",
    "Seat",
    "SignUp",
    "Slot",
    "SpecialDay",
    "TeacherCode",
    "Term",
]
