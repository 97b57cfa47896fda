"""`manage.py nightly`: what is done once a night, under the keeper's database role."""

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from audit.stores import CannotSee
from notes import purging
from oneonones import backup
from people import uploads
from people.models.sessions import SessionStore


class Command(BaseCommand):
    help = (
        "Forget ended sessions, old uploads and notes whose time is over, back up where that is "
        "set up, then prove the log; exit status 0: all is well."
    )

    def handle(self, **options):
        SessionStore.clear_expired()
        uploads.forget_old()
        is_purged = self._purge()  # before the backup, which is not to hold it any more
        is_kept = self._back_up()
        call_command("audit", "verify", stdout=self.stdout, stderr=self.stderr)
        if not is_kept:
            raise CommandError("The log is whole, but there is no backup of this night.")
        if not is_purged:
            raise CommandError("The log is whole, but notes whose time is over are still there.")

    def _purge(self):
        try:
            purged = purging.purge(at=timezone.now())
        except CannotSee as error:
            self.stderr.write(f"No notes were deleted. {error}")
            return False
        self.stdout.write(
            f"Deleted at the end of their time: {purged.parts} parts of notes, "
            f"{purged.agreements} agreements. Rules tried: {purged.rehearsed}."
        )
        return True

    def _back_up(self):
        """Say what is in the way, and go on: the log is proven in any case."""
        if not backup.is_on():
            return True
        try:
            self.stdout.write(f"Backed up: {backup.make(at=timezone.now())}")
        except backup.CannotBackUp as error:
            self.stderr.write(f"No backup was made. {error}")
            return False
        return True
