"""`manage.py nightly`: what is done once a night, under the keeper's database role."""

from django.core.management import call_command
from django.core.management.base import BaseCommand

from people import uploads
from people.models.sessions import SessionStore


class Command(BaseCommand):
    help = "Forget ended sessions and old uploads, then prove the log; exit status 0: all is well."

    def handle(self, **options):
        SessionStore.clear_expired()
        uploads.forget_old()
        call_command("audit", "verify", stdout=self.stdout, stderr=self.stderr)
