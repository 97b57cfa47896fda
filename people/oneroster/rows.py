"""The rows of one file, one after the other: any encoding, headers as they are written."""

import codecs
import csv
import difflib
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ..sheets import CONTROL, CannotRead, Row, plain

MAX_LINE = 1 << 20  # bytes of a line
MAX_ROWS = 5_000_000
LOOK = 4096  # bytes from which the encoding and the ends of lines are told
UNREADABLE = "\ufffd"
CLOSE = 0.88  # of a header to its right spelling, 1 is the same


@dataclass
class Rows:
    """A file whose header has been read; `cut_at` is known once the rows have been."""

    columns: frozenset[str]
    left_out: list[str]
    cut_at: int = 0  # the line after which nothing could be read, 0 if all was
    long: set[int] = field(default_factory=set)  # rows that run over several lines, by the first
    short: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    _names: list[str | None] = field(default_factory=list)
    _lines: Iterator[tuple[int, int, list[str]]] = field(default_factory=lambda: iter(()))

    def __iter__(self) -> Iterator[Row]:
        """Rows of the shape of the header; a shorter one goes to `short`."""
        width = len(self._names)
        try:
            for line, last, cells in self._lines:
                if last > line:
                    self.long.add(line)
                # What has no column here is forgotten with the row: passwords above all
                pairs = zip(self._names, cells, strict=False)
                found = {name: cell for name, cell in pairs if name}
                if len(cells) < width or any(cell.strip() for cell in cells[width:]):
                    self.short.append((line, found))
                    continue
                yield Row(line, found)
        except _Cut as cut:
            self.cut_at = cut.line


class _Cut(Exception):
    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line


def rows_of(
    file: io.BufferedReader, *, columns: Mapping[str, bool], needed: tuple[str, ...]
) -> Rows:
    """
    The rows of a file under the `columns` that are true; the others are known and not read.

    Raises CannotRead if its header lacks what is `needed`, and while it is read.
    """
    lines = _lines(file)
    try:
        header = next(lines, None)
    except _Cut:
        header = None
    if header is None:
        raise CannotRead("The file is empty.")
    names, left_out = _header(header[2], columns)
    missing = [name for name in needed if name not in names]
    if missing:
        raise CannotRead(f"The first row has to name the columns. Not found: {', '.join(missing)}.")
    wanted = [name if name and columns[name] else None for name in names]
    while wanted and wanted[-1] is None and not header[2][len(wanted) - 1].strip():
        wanted.pop()  # spreadsheets add empty columns at the end
    return Rows(frozenset(name for name in wanted if name), left_out, _names=wanted, _lines=lines)


def _header(cells: list[str], columns: Mapping[str, bool]) -> tuple[list[str | None], list[str]]:
    """Each column's name, also where it is mis-spelt; and those that OneRoster does not know."""
    spellings = {plain(name): name for name in columns}
    names: list[str | None] = [spellings.get(plain(cell)) for cell in cells]
    for place, cell in enumerate(cells):
        if names[place] is None and (
            close := difflib.get_close_matches(plain(cell), spellings, n=1, cutoff=CLOSE)
        ):
            meant = spellings[close[0]]
            names[place] = None if meant in names else meant
    left_out = [
        CONTROL.sub("", cell.strip())[:40]
        for cell, name in zip(cells, names, strict=True)
        if name is None and cell.strip() and not cell.strip().casefold().startswith("metadata")
    ]
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise CannotRead(f'Two columns are called "{name}". Keep one of them.')
        seen.update({name} if name else ())
    return names, left_out


def _lines(file: io.BufferedReader) -> Iterator[tuple[int, int, list[str]]]:
    """Rows that are not blank, with the numbers of their first and last lines."""
    texts = _texts(file)
    first = next(texts, "")
    delimiter = max(",;\t", key=first.count)
    end = "\0"  # a quotation mark that is never closed swallows this too

    def all_of_it() -> Iterator[str]:
        yield first
        yield from texts
        yield end

    reader = csv.reader(all_of_it(), delimiter=delimiter)
    begins, count = 1, 0
    try:
        for cells in reader:
            line, begins = begins, reader.line_num + 1
            if cells == [end]:
                return
            if not any(cell.strip() for cell in cells):
                continue
            if cells[-1].endswith(end):
                raise _Cut(line)
            count += 1
            if count > MAX_ROWS:
                raise CannotRead(f"The file has more than {MAX_ROWS:,} rows.")
            yield line, reader.line_num, cells
    except csv.Error as error:
        raise _Cut(begins) from error


def _texts(file: io.BufferedReader) -> Iterator[str]:
    """The lines of a file, in whatever encoding, also where that changes in the middle."""
    look = file.peek(LOOK)[:LOOK]
    wide = _wide(look)
    if wide:
        yield from io.TextIOWrapper(file, wide, errors="replace", newline="")
        return
    if b"\r" in look and b"\n" not in look:
        yield from io.TextIOWrapper(file, "cp1252", errors="replace", newline=None)
        return
    is_first = True
    while line := file.readline(MAX_LINE + 1):
        if len(line) > MAX_LINE:
            raise CannotRead("A line is longer than 1 MB; this is not a sheet.")
        yield _decoded(line.removeprefix(codecs.BOM_UTF8) if is_first else line)
        is_first = False


def _wide(look: bytes) -> str:
    if look.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if look[1:2] == b"\0" and look[:1] != b"\0":
        return "utf-16-le"
    if look[:1] == b"\0" and look[1:2] != b"\0":
        return "utf-16-be"
    return ""


def _decoded(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("cp1252", errors="replace")
