"""Everything that can be done with calendars, grids, bookings and meetings."""

from .booking import Booked, CannotBook, PlaceTaken, book, move_following, release
from .meetings import (
    CannotChange,
    Made,
    NotFree,
    cancel,
    hold,
    let_go,
    log_talk,
    miss,
    move,
    plan_single,
    restore,
    skip,
)
from .overdue import sweep_overdue

__all__ = [
    "Booked",
    "CannotBook",
    "CannotChange",
    "Made",
    "NotFree",
    "PlaceTaken",
    "book",
    "cancel",
    "hold",
    "let_go",
    "log_talk",
    "miss",
    "move",
    "move_following",
    "plan_single",
    "release",
    "restore",
    "skip",
    "sweep_overdue",
]
