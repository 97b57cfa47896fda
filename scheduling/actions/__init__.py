"""Everything that can be done with calendars, grids, bookings and meetings."""

from .bell_files import Imported, apply_bells
from .bell_schedules import (
    Bell,
    Rung,
    delete_bell_schedule,
    save_bell_schedule,
    set_special_days,
)
from .booking import (
    Booked,
    CannotBook,
    PlaceTaken,
    book,
    move_following,
    release,
)
from .calendar import (
    delete_term,
    rebuild_calendar,
    save_term,
    set_weekdays,
    shift_days,
    shift_letters,
)
from .closure_files import Choice, Taken, apply_closures, take_back
from .closures import Closed, close_again, delete_closure, reopen, save_closure
from .departing import give_hosts, release_what_ended
from .duties import CannotAddDuty, Duty, add_duty, remove_duty
from .feeds import end_feed, make_feed, mark_read
from .grid import CannotPaint, Painted, paint, repaint, unpaint
from .invitations import (
    CannotAnswer,
    CannotSend,
    Invited,
    Invitee,
    answer_invitation,
    invite,
)
from .keeping import keep_despite_lesson
from .lessons import apply_lessons, name_teachers, remove_lessons
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
from .nudging import queue_nudges
from .overdue import sweep_overdue
from .rebuilding import CannotChangeCalendar, DayChange, Effect, Letter, NeedsConfirmation
from .reminders import queue_digests, queue_reminders
from .rolling_over import CannotCarry, Carried, carry_over
from .sources import forget_address, keep_address, note_look
from .where import say_where

__all__ = [
    "Bell",
    "Booked",
    "CannotAddDuty",
    "CannotAnswer",
    "CannotBook",
    "CannotCarry",
    "CannotChange",
    "CannotChangeCalendar",
    "CannotPaint",
    "CannotSend",
    "Carried",
    "Choice",
    "Closed",
    "DayChange",
    "Duty",
    "Effect",
    "Imported",
    "Invited",
    "Invitee",
    "Letter",
    "Made",
    "NeedsConfirmation",
    "NotFree",
    "Painted",
    "PlaceTaken",
    "Rung",
    "Taken",
    "add_duty",
    "answer_invitation",
    "apply_bells",
    "apply_closures",
    "apply_lessons",
    "book",
    "cancel",
    "carry_over",
    "close_again",
    "count_skipped",
    "delete_bell_schedule",
    "delete_closure",
    "delete_term",
    "end_feed",
    "forget_address",
    "give_hosts",
    "hold",
    "invite",
    "keep_address",
    "keep_despite_lesson",
    "let_go",
    "log_talk",
    "make_feed",
    "mark_read",
    "miss",
    "move",
    "move_following",
    "name_teachers",
    "note_look",
    "paint",
    "plan_single",
    "queue_digests",
    "queue_nudges",
    "queue_reminders",
    "rebuild_calendar",
    "release",
    "release_what_ended",
    "remove_duty",
    "remove_lessons",
    "reopen",
    "repaint",
    "restore",
    "save_bell_schedule",
    "save_closure",
    "save_term",
    "say_where",
    "set_special_days",
    "set_weekdays",
    "shift_days",
    "shift_letters",
    "skip",
    "sweep_overdue",
    "take_back",
    "unpaint",
]
