"""`manage.py backup`: a sealed copy of the database, made while people work."""

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from oneonones import backup


class Command(BaseCommand):
    help = "Back up the database, compressed and sealed with the key in BACKUP_KEY_FILE."
    requires_system_checks: list[str] = []  # a backup must be possible when little else is

    def add_arguments(self, parser):
        parser.add_argument("--to", metavar="FOLDER", default="", help="BACKUP_FOLDER if left out")
        parser.add_argument("--make-key", action="store_true", help="make the key; no backup yet")

    def handle(self, *, to, make_key, **options):
        try:
            if make_key:
                self.stdout.write(
                    f"Made the key of the backups: {backup.make_key()}\n"
                    "Without it no backup can ever be opened. Print it twice and keep it in two "
                    "safes, apart from the backups and apart from the key ring."
                )
                return
            path = backup.make(at=timezone.now(), to=to)
        except backup.CannotBackUp as error:
            raise CommandError(f"Nothing was made. {error}") from error
        self.stdout.write(f"{path}  {path.stat().st_size / 1_000_000:,.1f} MB")
