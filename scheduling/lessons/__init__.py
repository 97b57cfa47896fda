"""Timetables as schools have them: read whatever their format, and what they would change."""

from .entries import Entry, Kind, Refused, When, read_weeks
from .files import look, periods_in
from .plans import Choice, Lesson, Plan, Question, Unknown, plan
from .sources import Source, sources_of
from .staff import Staff
from .timetable import bells_by_column

__all__ = [
    "Choice",
    "Entry",
    "Kind",
    "Lesson",
    "Plan",
    "Question",
    "Refused",
    "Source",
    "Staff",
    "Unknown",
    "When",
    "bells_by_column",
    "look",
    "periods_in",
    "plan",
    "read_weeks",
    "sources_of",
]
