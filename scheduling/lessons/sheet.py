"""The lessons file: a row for each lesson of the week, its columns named in the first row."""

from collections.abc import Iterator

from people.sheets import CannotRead, Problem, Row, Sheet, read

from .entries import Entry, Refused, parts_of, text_of

# What may follow a lesson in any sheet
SPELLINGS_OF_DATES = {
    "weeks": ("week", "week letter", "week letters", "cycle week"),
    "starts": ("starts on", "from", "start date", "first day"),
    "ends": ("ends on", "until", "to", "end date", "last day"),
}
SPELLINGS = {
    "day": ("weekday",),
    "period": ("block", "hour"),
    "length": ("duration", "periods"),
    "teachers": ("teacher", "staff"),
    "subject": ("course", "label"),
    **SPELLINGS_OF_DATES,
}
NEEDED = ("day", "period", "teachers")


def is_one(content: bytes) -> bool:
    """Whether the first row names any of the columns that are needed."""
    try:
        return bool(read(content, columns=SPELLINGS).columns & set(NEEDED))
    except CannotRead:
        return True


def opened(content: bytes) -> Sheet:
    """The sheet of a lessons file. Raises CannotRead, with the formats that are known."""
    sheet = read(content, columns=SPELLINGS)
    missing = [name for name in NEEDED if name not in sheet.columns]
    if missing:
        raise CannotRead(
            "The first row has to name the columns day, period and teachers. "
            f"Missing: {', '.join(missing)}. Class sections (section_id, period, staff_ids), "
            "Untis GPU001 and calendar files (.ics) are known too."
        )
    return sheet


def entries(sheet: Sheet) -> Iterator[Entry | Problem]:
    """The rows of a lessons file. Raises CannotRead while they are being read."""
    for row in sheet.rows():
        try:
            yield _entry(row)
        except Refused as refusal:
            yield Problem(row.line, str(refusal))


def _entry(row: Row) -> Entry:
    day, period = text_of(row, "day"), text_of(row, "period")
    if not day:
        raise Refused("The day is missing.")
    return Entry(
        line=row.line,
        teachers=parts_of(text_of(row, "teachers")),
        days=(day,),
        periods=(period,),
        label=text_of(row, "subject"),
        length=text_of(row, "length"),
        weeks=text_of(row, "weeks"),
        starts_on=text_of(row, "starts"),
        ends_on=text_of(row, "ends"),
    )
