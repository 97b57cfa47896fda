"""`manage.py nightly`: what is done once a night, under the keeper's database role."""

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from audit.stores import CannotSee
from notes import checking, purging, vault
from oneonones import backup
from people import uploads
from people.models.sessions import SessionStore


class Command(BaseCommand):
    help = (
        "Forget ended sessions, old uploads and notes whose time is over, back up where that is "
        "set up, hold notes against the log, then prove the log; exit status 0: all is well."
    )

    def handle(self, **options):
        SessionStore.clear_expired()
        uploads.forget_old()
        is_purged = self._purge()  # before the backup, which is not to hold it any more
        is_kept = self._back_up()
        is_as_left = self._check()
        call_command("audit", "verify", stdout=self.stdout, stderr=self.stderr)
        if not is_kept:
            raise CommandError("The log is whole, but there is no backup of this night.")
        if not is_purged:
            raise CommandError("The log is whole, but notes whose time is over are still there.")
        if not is_as_left:
            raise CommandError("The log is whole, but notes are not as people left them.")

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

    def _check(self):
        try:
            parts, problems = checking.check(at=timezone.now())
        except (CannotSee, vault.Away) as error:
            self.stderr.write(f"No notes were checked. {error}")
            return False
        for each in problems:
            self.stderr.write(f"School {each.school}, {each.thing}: {each.kind}.")
        self.stdout.write(f"Held against the log: {parts} parts of notes.")
        return not problems

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
