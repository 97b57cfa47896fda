"""What a worker does for an import: read, lay out what would happen, do it; never twice."""

import hashlib
import json
import os
import tempfile
import time
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.core.exceptions import PermissionDenied

from . import actions, oneroster, uploads
from .models import ImportRun, School
from .sheets import CannotRead

PAUSE = 0.4  # seconds between two words about how far it is
PART = 1 << 20  # bytes that are copied at once
QUIET = 60  # seconds after which a file in the folder is taken to be whole
# What is counted, and in which order it comes
PHASES = ("orgs", "academicSessions", "courses", "classes", "users", "roles", "enrollments")


class _Stopped(Exception):
    """That somebody asked to stop."""


class Progress(NamedTuple):
    """How far a worker is, in words and, as far as that can be known, in per cent."""

    words: str
    percent: int | None


def work_on(run: ImportRun, *, at: datetime) -> None:
    """Go on with an import, if it is this worker's turn; whatever happens, it is all or nothing."""
    claimed = actions.claim_import(run, by=None, at=at)
    if claimed is None:
        return
    try:
        if claimed.state == ImportRun.State.READING:
            _show(claimed, at)
        else:
            _apply(claimed, at)
    except _Stopped:
        actions.end_import(run, by=None, at=at, state=ImportRun.State.STOPPED)
    except (CannotRead, uploads.UploadGone) as error:
        _refuse(claimed, str(error), at)
    except actions.CannotImport as error:
        _refuse(claimed, str(error), at, keeps_files=True)
    except PermissionDenied:
        _refuse(claimed, "You do not administer this any more. Nothing was changed.", at)


def _refuse(run: ImportRun, error: str, at: datetime, *, keeps_files: bool = False) -> None:
    actions.end_import(
        run,
        by=None,
        at=at,
        state=ImportRun.State.REFUSED,
        error=error,
        keeps_files=keeps_files,
    )


def _show(run: ImportRun, at: datetime) -> None:
    read = _read(run)
    outcome = actions.preview_oneroster(
        read, school=run.school, by=run.by, at=at, tell=_teller(run)
    )
    actions.show_import(
        run,
        by=None,
        at=at,
        preview_key=uploads.keep(outcome.as_text().encode()),
        digest=outcome.digest,
        counts=outcome.totals(),
        ends_many=outcome.ends_many,
    )
    # From the folder: what would end many, or is not whole, waits for a person
    if run.by_id is None and not outcome.ends_many and not outcome.troubles:
        run = actions.confirm_import(run, by=None, at=at, digest=outcome.digest)
        work_on(run, at=at)


def _apply(run: ImportRun, at: datetime) -> None:
    read = _read(run)
    actions.apply_oneroster(
        read,
        school=run.school,
        by=run.by,
        at=at,
        digest=run.digest,
        ends_many=run.ends_many,
        run=run,
        tell=_teller(run),
    )
    uploads.forget(run.upload_key)
    uploads.forget(run.preview_key)


def _read(run: ImportRun) -> oneroster.Read:
    tell = _teller(run)
    return oneroster.read(
        uploads.where(run.upload_key),
        month_first=month_first(run.school),
        tell=lambda file, count: tell(file, count, 0),
    )


def month_first(school: School | None) -> bool:
    """Whether 3/4/2026 is in March, as the school's form says, or for all that of the first."""
    school = school or School.objects.filter(is_demo=False).order_by("pk").first()
    return school is None or school.locale.lower() == "en-us"


def _teller(run: ImportRun) -> actions.Tell:
    last = 0.0
    phase = ""

    def tell(what: str, done: int, all_of: int) -> None:
        nonlocal last, phase
        if what == phase and time.monotonic() - last < PAUSE:
            return
        last, phase = time.monotonic(), what
        uploads.tell(run.upload_key, json.dumps([what, done, all_of]))
        if uploads.is_to_stop(run.upload_key):
            raise _Stopped

    return tell


def progress(run: ImportRun) -> Progress:
    """How far a run is, as its worker said last."""
    text, _ = uploads.told(run.upload_key)
    if not text:
        return Progress("Waiting for a worker.", None)
    what, done, all_of = json.loads(text)
    if what in PHASES:
        return Progress(f"Reading {what}.csv, {done:,} rows.", None)
    if what == "schools":
        return Progress(f"Comparing, school {done + 1} of {all_of}.", 100 * done // all_of)
    return Progress(f"Writing, {done:,} of {all_of:,} rows.", 100 * done // (all_of or 1))


# --- the folder that the school configured ---


def take_from_folder(*, at: datetime) -> ImportRun | None:
    """
    Begin with the oldest bundle of the folder that is new here, if no other of them waits.

    A bundle is a zip, a folder with the files, or the folder itself. One that is still being
    written is left for the next time.
    """
    if not settings.ONEROSTER_FOLDER:
        return None
    waiting = ImportRun.objects.filter(by=None, state__in=ImportRun.OPEN)
    for run in waiting:
        uploads.hold(run.upload_key)
        uploads.hold(run.preview_key)
    if waiting:
        return None
    for path, fingerprint in _bundles(Path(settings.ONEROSTER_FOLDER)):
        if not ImportRun.objects.filter(fingerprint=fingerprint).exists():
            key = uploads.keep_parts(_parts(path))
            return actions.start_import(
                by=None, at=at, school=None, upload_key=key, fingerprint=fingerprint
            )
    return None


def _bundles(folder: Path) -> list[tuple[Path, str]]:
    """The bundles that are whole, oldest first, and what each is known by."""
    if not folder.is_dir():
        return []
    found = []
    for path in (folder, *folder.iterdir()):
        files = _files(path)
        if not files:
            continue
        newest = max(file.stat().st_mtime for file in files)
        if time.time() - newest < QUIET:
            continue
        facts = [(each.name, each.stat().st_size, each.stat().st_mtime_ns) for each in files]
        found.append((newest, path, hashlib.sha256(repr(facts).encode()).hexdigest()))
    return [(path, fingerprint) for _, path, fingerprint in sorted(found)]


def _files(path: Path) -> list[Path]:
    if path.is_symlink():
        return []
    if path.is_file():
        return [path] if path.suffix.casefold() == ".zip" else []
    files = sorted(each for each in path.iterdir() if each.suffix.casefold() == ".csv")
    return [each for each in files if each.is_file() and not each.is_symlink()]


def _parts(path: Path) -> Iterator[bytes]:
    """The bytes of a zip, or of a zip of the files in a folder."""
    if path.is_file():
        with path.open("rb") as file:
            while part := file.read(PART):
                yield part
        return
    with tempfile.TemporaryFile(dir=os.fspath(uploads.folder())) as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for each in _files(path):
                archive.write(each, each.name)
        file.seek(0)
        while part := file.read(PART):
            yield part
