"""`manage.py nightly`: what is done once a night, under the keeper's database role."""

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from oneonones import backup
from people import uploads
from people.models.sessions import SessionStore


class Command(BaseCommand):
    help = (
        "Forget ended sessions and old uploads, back up where that is set up, then prove the log; "
        "exit status 0: all is well."
    )

    def handle(self, **options):
        SessionStore.clear_expired()
        uploads.forget_old()
        is_kept = self._back_up()
        call_command("audit", "verify", stdout=self.stdout, stderr=self.stderr)
        if not is_kept:
            raise CommandError("The log is whole, but there is no backup of this night.")

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
