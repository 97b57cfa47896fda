"""What `manage.py check` says about backups: how they are set up, and how old the last one is."""

from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core import checks
from django.utils import timezone

from . import folder, key

OLDEST = timedelta(hours=26)  # a night's, and two hours for a night that took longer


def check_backups(**_: object) -> list[checks.CheckMessage]:
    """
    Nothing where neither folder nor key is set: somebody else backs up there. And nothing to a
    process that never backs up: in production these lie where the keeper runs, and nowhere else.
    """
    if not (settings.BACKUP_FOLDER or settings.BACKUP_KEY_FILE):
        return []
    if (
        "postgresql" in settings.DATABASES["default"]["ENGINE"]
        and settings.DATABASE_ROLE != "keeper"
    ):
        return []
    if not folder.is_on():
        message = "Backups need both BACKUP_FOLDER and BACKUP_KEY_FILE: none are made."
        return [checks.Error(message, id="oneonones.E001")]
    return [*_about_key(), *_about_age(timezone.now())]


def _about_key() -> list[checks.CheckMessage]:
    try:
        said = key.words()
    except key.CannotBackUp as error:
        return [checks.Error(str(error), id="oneonones.E002")]
    found: list[checks.CheckMessage] = []
    place = Path(settings.BACKUP_FOLDER).resolve()
    for name in ("BACKUP_KEY_FILE", "KEYRING_PATH"):
        if place in Path(getattr(settings, name)).resolve().parents:
            message = f"{name} lies in the folder of the backups: whoever copies it has both."
            found.append(checks.Error(message, id="oneonones.E003"))
    if key.is_of_the_ring(said):
        message = "The key of the backups is also a key of the key ring."
        hint = "Delete it and run `manage.py backup --make-key`."
        found.append(checks.Error(message, hint=hint, id="oneonones.E004"))
    return found


def _about_age(at: datetime) -> list[checks.CheckMessage]:
    last = folder.newest(Path(settings.BACKUP_FOLDER))
    if last and at - last.at <= OLDEST:
        return []
    when = f"is of {last.at:%Y-%m-%d %H:%M} UTC" if last else "does not exist"
    hint = "Run `manage.py backup`; it says what is in the way. Does the worker or `nightly` run?"
    return [checks.Warning(f"The last backup {when}.", hint=hint, id="oneonones.W001")]
