"""What `manage.py check` says about the key ring."""

from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core import checks
from django.utils import timezone

from . import keyring

OLDEST_KEY = timedelta(days=400)


def check_key_ring(**_: object) -> list[checks.CheckMessage]:
    """Look at the ring's place, mode and age; a missing one only warns: `migrate` needs none."""
    try:
        entries = keyring.entries()
        shared = keyring.holds(settings.SECRET_KEY)
    except keyring.RingMissing:
        hint = f"Run `manage.py keys init`, or put the ring back at {settings.KEYRING_PATH}."
        return [checks.Warning("There is no key ring.", hint=hint, id="audit.W001")]
    except keyring.KeyRingError as error:
        return [checks.Error(str(error), hint=f"It is {settings.KEYRING_PATH}.", id="audit.E001")]

    found: list[checks.CheckMessage] = []
    if Path(settings.KEYRING_PATH).resolve().parent in _database_folders():
        message = "The key ring lies beside the database: whoever copies one has both."
        found.append(
            checks.Error(message, hint="Move the ring to a folder of its own.", id="audit.E002")
        )
    if shared:
        message = "SECRET_KEY is also a key of the key ring."
        found.append(checks.Error(message, hint="Change SECRET_KEY.", id="audit.E003"))
    old = timezone.localdate() - OLDEST_KEY
    found += [
        checks.Warning(
            f"The current key for {entry.purpose} is older than {OLDEST_KEY.days} days.",
            hint=f"Run `manage.py keys add {entry.purpose}`.",
            id="audit.W002",
        )
        for entry in entries
        if entry.is_current and entry.created < old
    ]
    return found


def _database_folders() -> set[Path]:
    return {
        Path(database["NAME"]).resolve().parent
        for database in settings.DATABASES.values()
        if database["ENGINE"].endswith("sqlite3") and "memory" not in str(database["NAME"])
    }
