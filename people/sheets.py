"""Sheets as offices save them, whatever program wrote them: bytes to rows, and rows to bytes."""

import codecs
import csv
import io
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

MAX_BYTES = 5 * 1024 * 1024
MAX_ROWS = 50_000

# Line breaks, tabs and the marks that turn the direction of writing have no place inside a cell.
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff]")
ZIP, PDF = b"PK\x03\x04", b"%PDF"

# What a spreadsheet takes for a formula, or hides one behind. An apostrophe before it makes it
# text; who reads such a cell takes one apostrophe away again.
FORMULA = re.compile("'*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
TEXT = "'"


class CannotRead(Exception):
    """Why a file as a whole cannot be read, in words for the person who chose it."""


class Problem(NamedTuple):
    """A row that is refused: its line in the file, and one sentence."""

    line: int
    sentence: str


class FileProblem(NamedTuple):
    """The same where there are several files."""

    line: int
    sentence: str
    file: str


class Row(NamedTuple):
    line: int
    cells: dict[str, str]  # by column; missing columns have no key


@dataclass
class Sheet:
    """A file whose header has been read; its rows are read one by one, by `rows()`."""

    columns: frozenset[str]
    left_out: list[str]  # columns that nobody here knows, as they are written in the file
    _names: list[str | None]
    _lines: Iterator[tuple[int, list[str]]]
    problems: list[Problem] = field(default_factory=list)  # known once the rows have been read

    def rows(self) -> Iterator[Row]:
        """The rows that have the shape of the header; the others become `problems`."""
        for line, cells in self._lines:
            if len(cells) < len(self._names):
                self.problems.append(
                    Problem(
                        line,
                        f"This row has {len(cells)} of {len(self._names)} columns; "
                        "the file may have been cut off here.",
                    )
                )
            elif any(cell.strip() for cell in cells[len(self._names) :]):
                self.problems.append(Problem(line, "This row has more columns than the header."))
            else:
                named = zip(self._names, cells, strict=False)
                yield Row(line, {name: cell.strip() for name, cell in named if name})


def decode(content: bytes) -> str:
    """Text in UTF-8, UTF-16 with its mark, or Windows-1252. Raises CannotRead."""
    if len(content) > MAX_BYTES:
        raise CannotRead("The file is larger than 5 MB. Choose a smaller one.")
    if not content.strip():
        raise CannotRead("The file is empty.")
    if content.startswith(ZIP):
        raise CannotRead("This is a workbook or a zip file. Save the sheet as CSV first.")
    if content.startswith(PDF):
        raise CannotRead("This is a PDF. Save the sheet as CSV first.")
    try:
        text = _decode_bytes(content)
    except UnicodeDecodeError as error:
        raise CannotRead(
            "This file cannot be read as text; it may be damaged or cut off. Save it again as CSV."
        ) from error
    if "\0" in text:
        raise CannotRead("This is not a text file. Save the sheet as CSV first.")
    return text


def _decode_bytes(content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # Good UTF-8 up to a letter that breaks off at the end is not Windows-1252
        is_at_the_end = error.reason == "unexpected end of data"
        if is_at_the_end and not content[: error.start].isascii():
            raise
        return content.decode("cp1252")


def read(content: bytes, *, columns: Mapping[str, Collection[str]]) -> Sheet:
    """
    The sheet in a file, its header matched against `columns` (a column's name and its spellings).

    Capitals, spaces, hyphens and underscores in the header do not count. Raises CannotRead, also
    while the rows are being read.
    """
    text = decode(content)
    spellings = {
        plain(spelling): column
        for column, others in columns.items()
        for spelling in (column, *others)
    }
    delimiter, text = _delimiter(text, spellings)
    lines = lines_of(text, delimiter)
    header = next(lines, None)
    if header is None:
        raise CannotRead("The file is empty.")
    names, left_out = _header(header[1], spellings)
    return Sheet(frozenset(name for name in names if name), left_out, names, lines)


def write(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """
    A CSV file that spreadsheets open as it is, UTF-8 with its mark, in which no cell is a formula.

    The only writer of sheets. `read` gives back the very words; numbers and dates are not touched.
    """
    out = io.StringIO(newline="")
    csv.writer(out).writerows([_harmless(cell) for cell in row] for row in (header, *rows))
    return out.getvalue().encode("utf-8-sig")


def _harmless(cell: object) -> object:
    if not isinstance(cell, str):
        return cell
    cell = cell.replace("\0", "")  # no text has one, and no sheet with one is read
    return f"{TEXT}{cell}" if FORMULA.match(cell) else cell


def _as_meant(cell: str) -> str:
    """A cell as it was before somebody made it harmless."""
    return cell[1:] if cell.startswith(TEXT) and FORMULA.match(cell) else cell


def plain(word: str) -> str:
    """A word as headers and codes are compared: without capitals, spaces, hyphens, underscores."""
    return re.sub(r"[\W_]+", "", word).casefold()


def clean(cell: str) -> str:
    """A cell with single spaces and composed letters. Raises ValueError for control characters."""
    if CONTROL.search(cell):
        raise ValueError("control character")
    return " ".join(unicodedata.normalize("NFC", cell).split())


def read_day(written: str, *, month_first: bool) -> date:
    """
    The date that somebody wrote: 2026-09-01, with or without a time; 1/9/2026 or 9/1/2026;
    1.9.2026. Raises ValueError.
    """
    if found := re.fullmatch(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})", written, re.ASCII):
        first, second = int(found[1]), int(found[3])
        swap = month_first and found[2] != "."
        day, month = (second, first) if swap else (first, second)
        return date(int(found[4]), month, day)
    return datetime.fromisoformat(written).date()


def _delimiter(text: str, spellings: Collection[str]) -> tuple[str, str]:
    """What separates the columns, and the text without the line in which Excel says so."""
    first = text.lstrip("\r\n").partition("\n")[0]
    if found := re.fullmatch(r"sep=([,;\t])\r?", first, re.IGNORECASE):
        return found[1], text.replace(first, "", 1)  # the lines keep their numbers
    known = {mark: sum(plain(cell) in spellings for cell in first.split(mark)) for mark in ",;\t"}
    return max(known, key=lambda mark: known[mark]), text


def lines_of(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Rows that are not blank, with the number of the line on which each begins; or CannotRead."""
    # A quotation mark that is never closed swallows all that follows, so also this last line
    end = "\0"
    reader = csv.reader(io.StringIO(f"{text}\n{end}", newline=""), delimiter=delimiter)
    begins, count, last = 1, 0, 1
    try:
        for cells in reader:
            if cells == [end]:
                return
            last = begins
            begins = reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            count += 1
            if count > MAX_ROWS + 1:
                raise CannotRead(f"The file has more than {MAX_ROWS:,} rows. Split it.")
            yield last, [_as_meant(cell) for cell in cells]
    except csv.Error as error:
        raise CannotRead(f"Line {begins} cannot be read; a quotation mark may be open.") from error
    raise CannotRead(
        f"A quotation mark in line {last} is never closed, so the rest cannot be read."
    )


def _header(cells: list[str], spellings: Mapping[str, str]) -> tuple[list[str | None], list[str]]:
    names: list[str | None] = []
    left_out = []
    for cell in cells:
        name = spellings.get(plain(cell))
        if name in names and name is not None:
            raise CannotRead(f'Two columns are called "{name}". Keep one of them.')
        if name is None and cell.strip():
            left_out.append(CONTROL.sub("", cell.strip())[:40])
        names.append(name)
    while names and names[-1] is None and not cells[len(names) - 1].strip():
        names.pop()  # spreadsheets add empty columns at the end
    return names, left_out
