"""Which kind of timetable a file is, told by looking at it, and the periods that it names."""

from people.sheets import Problem, decode

from ..vevents import is_calendar
from . import sections, sheet, untis
from .entries import Kind
from .timetable import plain


def look(content: bytes) -> Kind:
    """The kind of a file, by its first lines, never by its name. Raises CannotRead."""
    text = decode(content)
    if is_calendar(text):
        return Kind.CALENDAR
    if sections.is_one(content):
        return Kind.SECTIONS
    is_untis = not sheet.is_one(content) and untis.delimiter_of(text)
    return Kind.UNTIS if is_untis else Kind.LESSONS


def periods_in(content: bytes) -> list[str]:
    """The names of the periods in a file, Period 2 before Period 10. Raises CannotRead."""
    kind = look(content)
    if kind == Kind.CALENDAR:
        return []
    if kind == Kind.UNTIS:
        rows = untis.entries(content)
    elif kind == Kind.SECTIONS:
        rows = sections.entries(sections.opened(content), sections.Part())
    else:
        rows = sheet.entries(sheet.opened(content))
    names: dict[str, str] = {}
    for row in rows:
        for written in () if isinstance(row, Problem) else row.periods:
            name = f"Period {written}" if written.isdecimal() else written
            if name:
                names.setdefault(plain(name), name)
    return sorted(names.values(), key=_natural)


def _natural(name: str) -> list[tuple[int, str]]:
    digits = "".join(each if each.isdecimal() else " " for each in name).split()
    return [*((int(number), "") for number in digits[:1]), (0, name.casefold())]
