"""`manage.py restore`: a backup back into a database."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from audit import keyring
from oneonones import backup


class Command(BaseCommand):
    help = "Prove a backup and put it into a SQLite file or a PostgreSQL database."
    requires_system_checks: list[str] = []  # what they ask for may be what is lost

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--into",
            required=True,
            metavar="PATH|DATABASE_URL",
            help="the file of SQLite, or postgres://owner:password@host/name",
        )
        parser.add_argument(
            "--yes", action="store_true", help="take the place of the data that is there"
        )

    def handle(self, *, file, into, yes, **options):
        try:
            restored = backup.restore(file, into, replace=yes, at=timezone.now())
        except backup.CannotRestore as error:
            raise CommandError(str(error)) from error
        manifest = restored.manifest
        self.stdout.write(
            f"Restored {manifest.installation} as of {manifest.made_at}: "
            f"{sum(manifest.rows.values()):,} rows."
        )
        if restored.kept:
            self.stdout.write(f"What was there before is now {restored.kept}.")
        for key_id in missing_keys(manifest):
            self.stderr.write(
                f"The key ring here does not hold {key_id}: what lies under it cannot be opened. "
                "Put back the ring of that day."
            )
        self.stdout.write("Next: `manage.py prepare`, then `manage.py audit verify`.")


def missing_keys(manifest):
    """The keys that were in the ring when the backup was made and are not in this one."""
    try:
        here = {entry.key_id for entry in keyring.entries()}
    except keyring.KeyRingError:
        here = set()
    return [key_id for key_id in manifest.ring if key_id not in here]
