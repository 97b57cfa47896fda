"""A OneRoster bundle as it lies there, a zip or a folder: opened with suspicion, never unpacked."""

import io
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any

from ..sheets import CannotRead

MAX_PACKED = 200 * 1024 * 1024  # bytes of a zip
MAX_BYTES = 2 * 1024 * 1024 * 1024  # of all that is read, unpacked
MAX_RATIO = 100  # to one; good rosters are packed ten to one
FREE_OF_RATIO = 5 * 1024 * 1024  # so much may be packed as tightly as it likes
MAX_MEMBERS = 1000
MAX_CONTENTS = 1024 * 1024  # bytes of a zip's table of contents
END_OF_ZIP = 1 << 17

# What is read, in this order, and what else OneRoster has, by casefolded name
READ = (
    "orgs",
    "academicSessions",
    "courses",
    "classes",
    "users",
    "roles",
    "enrollments",
)
LEFT_OUT = (
    "categories",
    "classResources",
    "courseResources",
    "demographics",
    "lineItemLearningObjectiveIds",
    "lineItems",
    "lineItemScoreScales",
    "resources",
    "resultLearningObjectiveIds",
    "results",
    "resultScoreScales",
    "scoreScales",
    "userProfiles",
    "userResources",
)
MANIFEST = "manifest"
KNOWN = {name.casefold(): name for name in (*READ, *LEFT_OUT, MANIFEST)}


class BadBundle(CannotRead):
    """Why nothing of a bundle is taken, in words: it is damaged, or means no good."""


class Bundle:
    """The files of a bundle that OneRoster knows; what is read is counted, whatever headers say."""

    def __init__(self) -> None:
        self.files: dict[str, Callable[[], IO[bytes]]] = {}
        self.sizes: dict[str, int] = {}  # as they say; for progress only
        self.strangers: list[str] = []
        self._left = MAX_BYTES

    def open(self, name: str) -> io.BufferedReader:
        return io.BufferedReader(_Counted(self, self.files[name](), self.sizes[name]), 1 << 16)

    def _add(self, name: str, opener: Callable[[], IO[bytes]], size: int) -> None:
        known = KNOWN.get(name.casefold().removesuffix(".csv"))
        if known is None or not name.casefold().endswith(".csv"):
            self.strangers.append(name[:60])
        elif known in self.files:
            raise BadBundle(f"{known}.csv is there twice. Keep one of them.")
        else:
            self.files[known] = opener
            self.sizes[known] = size

    def spend(self, count: int) -> None:
        self._left -= count
        if self._left < 0:
            raise BadBundle("Unpacked, these files are larger than 2 GB. Nothing was taken.")


class _Counted(io.RawIOBase):
    """A file that is read within the limits of its bundle."""

    def __init__(self, bundle: Bundle, file: IO[bytes], packed: int) -> None:
        self._bundle = bundle
        self._file = file
        self._most = max(packed * MAX_RATIO, FREE_OF_RATIO)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            content = self._file.read(len(buffer))
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
            raise BadBundle("The zip is damaged. Make it again.") from error
        self._bundle.spend(len(content))
        self._most -= len(content)
        if self._most < 0:
            raise BadBundle(
                "A file in this zip is packed more tightly than any roster is. Nothing was taken."
            )
        buffer[: len(content)] = content
        return len(content)

    def close(self) -> None:
        self._file.close()
        super().close()


@contextmanager
def opened(path: Path) -> Iterator[Bundle]:
    """The bundle in a zip or a folder. Raises CannotRead, also while it is read."""
    if path.is_dir():
        yield _folder(path)
        return
    if not path.is_file():
        raise BadBundle("There is no such file or folder.")
    if path.stat().st_size > MAX_PACKED:
        raise BadBundle(f"The zip is larger than {MAX_PACKED >> 20} MB.")
    if not path.stat().st_size:
        raise BadBundle("The file is empty.")
    _require_few_members(path)
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        raise BadBundle("This is not a zip file, or a damaged one.") from error
    with archive:
        yield _zip(archive)


def _require_few_members(path: Path) -> None:
    """Refuse a zip whose table of contents alone would fill the memory, before it is read."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - END_OF_ZIP))
        end = file.read()
    place = end.rfind(b"PK\x05\x06")
    if place < 0 or len(end) < place + 16:
        raise BadBundle("This is not a zip file, or a damaged one.")
    size = int.from_bytes(end[place + 12 : place + 16], "little")
    large = end.rfind(b"PK\x06\x06", 0, place)
    if large >= 0:
        size = max(size % 0xFFFFFFFF, int.from_bytes(end[large + 40 : large + 48], "little"))
    if size > MAX_CONTENTS:
        raise BadBundle(f"The zip holds more than {MAX_MEMBERS:,} files.")


def _folder(path: Path) -> Bundle:
    bundle = Bundle()
    for found in sorted(path.iterdir()):
        if found.is_symlink() or not found.is_file():
            bundle.strangers.append(found.name[:60])
            continue
        # A file is as it is: only what is packed can swell
        bundle._add(found.name, lambda found=found: found.open("rb"), found.stat().st_size)  # type: ignore[misc]
    return _something(bundle)


def _zip(archive: zipfile.ZipFile) -> Bundle:
    bundle = Bundle()
    members = archive.infolist()
    if len(members) > MAX_MEMBERS:
        raise BadBundle(f"The zip holds more than {MAX_MEMBERS:,} files.")
    folders = set()
    for member in members:
        path = _inside(member)
        if member.is_dir() or path.parts[0] == "__MACOSX" or path.name.startswith("."):
            continue
        if path.name.casefold().removesuffix(".csv") in KNOWN:
            folders.add(path.parent)
        bundle._add(
            path.name,
            lambda member=member: archive.open(member),  # type: ignore[misc]
            member.compress_size,
        )
    if len(folders) > 1:
        raise BadBundle("The files lie in several folders of the zip. Put them into one.")
    return _something(bundle)


def _inside(member: zipfile.ZipInfo) -> PurePosixPath:
    """Where a member lies in the zip; it is refused if that is outside, or not a plain file."""
    name = member.orig_filename.replace("\\", "/")
    path = PurePosixPath(name)
    if not path.parts or path.is_absolute() or ".." in path.parts or ":" in name or "\0" in name:
        raise BadBundle("The zip names a place outside itself, which no roster does.")
    mode = member.external_attr >> 16
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise BadBundle("The zip holds a link instead of a file. Put the file itself into it.")
    if member.flag_bits & 1:
        raise BadBundle("The zip has a password. Make one without.")
    return path


def _something(bundle: Bundle) -> Bundle:
    if bundle.files:
        return bundle
    if any(name.casefold().endswith(".zip") for name in bundle.strangers):
        raise BadBundle("There is a zip inside the zip. Unpack the outer one first.")
    raise BadBundle("There is no file of OneRoster in it, such as users.csv.")
