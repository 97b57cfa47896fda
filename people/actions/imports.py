"""An import that a worker does: started, shown, said yes to, done once, stopped or refused."""

from datetime import datetime, timedelta

from django.db import transaction

from .. import uploads
from ..models import ImportRun, Person, School
from ..permissions import can_import, require
from .roster import CannotImport

MOST_ATTEMPTS = 3
# A worker says more often than this how far it is; one that does not was killed
SILENCE = timedelta(seconds=90)
GIVEN_UP = (
    f"It was begun {MOST_ATTEMPTS} times and broke off each time. Nothing was changed. "
    "You can start it again; if it breaks off once more, ask who runs this server."
)


@transaction.atomic
def start_import(
    *,
    by: Person | None,
    at: datetime,
    school: School | None,
    upload_key: str,
    fingerprint: str = "",
) -> ImportRun:
    """Begin with files that are kept under a key, for one school or with None for all."""
    require(by is None or can_import(by, school, at=at))
    return ImportRun.objects.create(
        school=school,
        by=by,
        upload_key=upload_key,
        fingerprint=fingerprint,
        created_at=at,
        moved_at=at,
    )


@transaction.atomic
def claim_import(run: ImportRun, *, by: Person | None, at: datetime) -> ImportRun | None:
    """
    The run, for the worker that may go on with it now; None if another does, or it is over.

    A run whose worker has not been heard of for a while is taken up again, three times at most.
    """
    found = (
        ImportRun.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("school", "by")
        .filter(pk=run.pk, state__in=ImportRun.UNDER_WAY)
        .first()
    )
    if found is None:
        return None
    _, silence = uploads.told(found.upload_key)
    if found.attempts and silence < SILENCE.total_seconds():
        return None
    if uploads.is_to_stop(found.upload_key):
        _end(found, ImportRun.State.STOPPED, "", at)
        return None
    if found.attempts >= MOST_ATTEMPTS:
        _end(found, ImportRun.State.REFUSED, GIVEN_UP, at, keeps_files=True)
        return None
    found.attempts += 1
    found.moved_at = at
    found.save(update_fields=["attempts", "moved_at"])
    uploads.tell(found.upload_key, "")
    return found


@transaction.atomic
def show_import(
    run: ImportRun,
    *,
    by: Person | None,
    at: datetime,
    preview_key: str,
    digest: str,
    counts: dict[str, int],
    ends_many: bool,
) -> None:
    """Lay what would happen before a person; what was shown before is forgotten."""
    run = _locked(run, ImportRun.State.READING)
    uploads.forget(run.preview_key)
    run.state, run.moved_at, run.attempts = ImportRun.State.SHOWN, at, 0
    run.preview_key, run.digest, run.counts = preview_key, digest, counts
    run.counts["ends_many"] = int(ends_many)
    run.save()


@transaction.atomic
def confirm_import(
    run: ImportRun, *, by: Person | None, at: datetime, digest: str, ends_many: bool = False
) -> ImportRun:
    """
    Say yes to what was shown. Raises CannotImport where something else is shown by now.

    Where more than a tenth of a school's people would end, it needs `ends_many`.
    """
    run = _locked(run, ImportRun.State.SHOWN)
    require(by is None or can_import(by, run.school, at=at))
    if run.digest != digest:
        raise CannotImport("Something else is shown by now. Look at it before you say yes.")
    if run.count("ends_many") and not ends_many:
        raise CannotImport("Confirm that these people have left, or choose files with everybody.")
    run.state, run.moved_at, run.attempts = ImportRun.State.APPLYING, at, 0
    run.by, run.ends_many = by, ends_many
    run.save(update_fields=["state", "moved_at", "attempts", "by", "ends_many"])
    return run


@transaction.atomic
def read_again(run: ImportRun, *, by: Person, at: datetime) -> ImportRun:
    """Look once more at files that are still here: the school has changed, or it broke off."""
    run = ImportRun.objects.select_for_update().get(pk=run.pk)
    require(can_import(by, run.school, at=at))
    if run.is_under_way or run.state == ImportRun.State.DONE:
        raise CannotImport("This import goes on, or is done already.")
    try:
        uploads.where(run.upload_key)
    except uploads.UploadGone as error:
        raise CannotImport(str(error)) from error
    run.state, run.moved_at, run.attempts, run.error = ImportRun.State.READING, at, 0, ""
    run.by = by
    run.save(update_fields=["state", "moved_at", "attempts", "error", "by"])
    return run


@transaction.atomic
def stop_import(run: ImportRun, *, by: Person, at: datetime) -> None:
    """Leave it: nothing was changed, and the files are forgotten. For what no worker works on."""
    run = _locked(run, ImportRun.State.SHOWN, ImportRun.State.REFUSED)
    require(can_import(by, run.school, at=at))
    _end(run, ImportRun.State.STOPPED, "", at)


@transaction.atomic
def end_import(
    run: ImportRun,
    *,
    by: Person | None,
    at: datetime,
    state: str,
    error: str = "",
    keeps_files: bool = False,
) -> None:
    """Say how a run ended that a worker was working on; nothing was changed by it."""
    run = _locked(run, *ImportRun.UNDER_WAY)
    _end(run, state, error, at, keeps_files=keeps_files)


def _end(
    run: ImportRun, state: str, error: str, at: datetime, *, keeps_files: bool = False
) -> None:
    run.state, run.error, run.moved_at = state, error[:400], at
    if not keeps_files:
        uploads.forget(run.upload_key)
        uploads.forget(run.preview_key)
    run.save(update_fields=["state", "error", "moved_at"])


def _locked(run: ImportRun, *states: str) -> ImportRun:
    found = (
        ImportRun.objects.select_for_update(of=("self",))
        .select_related("school")
        .filter(pk=run.pk, state__in=states)
        .first()
    )
    if found is None:
        raise CannotImport("This import has gone on meanwhile. Look at its page.")
    return found
