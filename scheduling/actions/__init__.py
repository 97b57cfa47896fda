"""Everything that can be done with calendars, grids, bookings and meetings."""

from .bell_schedules import Bell, delete_bell_schedule, save_bell_schedule
from .booking import (
    Booked,
    CannotBook,
    PlaceTaken,
    book,
    move_following,
    release,
    release_what_ended,
)
from .calendar import (
    delete_closure,
    delete_term,
    rebuild_calendar,
    save_closure,
    save_term,
    set_weekdays,
    shift_letters,
)
from .grid import CannotPaint, Painted, paint, repaint, unpaint
from .invitations import (
    CannotAnswer,
    CannotSend,
    Invited,
    Invitee,
    answer_invitation,
    invite,
)
from .lessons import apply_lessons
from .meetings import (
    CannotChange,
    Made,
    NotFree,
    cancel,
    count_skipped,
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
from .rebuilding import CannotChangeCalendar, Effect, Letter, NeedsConfirmation
from .reminders import queue_digests, queue_reminders
from .where import say_where

__all__ = [
    "Bell",
    "Booked",
    "CannotAnswer",
    "CannotBook",
    "CannotChange",
    "CannotChangeCalendar",
    "CannotPaint",
    "CannotSend",
    "Effect",
    "Invited",
    "Invitee",
    "Letter",
    "Made",
    "NeedsConfirmation",
    "NotFree",
    "Painted",
    "PlaceTaken",
    "answer_invitation",
    "apply_lessons",
    "book",
    "cancel",
    "count_skipped",
    "delete_bell_schedule",
    "delete_closure",
    "delete_term",
    "hold",
    "invite",
    "let_go",
    "log_talk",
    "miss",
    "move",
    "move_following",
    "paint",
    "plan_single",
    "queue_digests",
    "queue_reminders",
    "rebuild_calendar",
    "release",
    "release_what_ended",
    "repaint",
    "restore",
    "save_bell_schedule",
    "save_closure",
    "save_term",
    "say_where",
    "set_weekdays",
    "shift_letters",
    "skip",
    "sweep_overdue",
    "unpaint",
]
