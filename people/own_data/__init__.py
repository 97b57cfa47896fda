"""What there is of one person, for that person: apps say what of theirs it is, and what is not."""

from .chapters import Chapter, Row, chapters, leave_out, left_out, name_for, register
from .file import archive
from .rows import register_rows

__all__ = [
    "Chapter",
    "Row",
    "archive",
    "chapters",
    "leave_out",
    "left_out",
    "name_for",
    "register",
    "register_rows",
]
