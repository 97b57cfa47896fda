"""`manage.py keys`: make the key ring, add a key, list the keys, print them for the safe."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection
from django.utils import timezone

from audit import keyring
from audit.models import Event


class Command(BaseCommand):
    help = "Make the key ring, add a key to it, list its keys, or print it on paper."
    requires_system_checks = []  # the command that mends what the checks find

    def add_arguments(self, parser):
        verbs = parser.add_subparsers(dest="verb", required=True)
        init = verbs.add_parser("init", help="make the ring if there is none")
        init.add_argument(
            "--new", action="store_true", help="although this database already has sealed rows"
        )
        add = verbs.add_parser("add", help="make a new current key; the old ones still open")
        add.add_argument("purpose", choices=keyring.PURPOSES)
        verbs.add_parser("list", help="ids, dates and purposes; no secrets")
        paper = verbs.add_parser("paper", help="print the ring itself, for the safe")
        paper.add_argument("--reveal", action="store_true", help="yes, print the secrets")

    def handle(self, *, verb, **options):
        try:
            getattr(self, f"_{verb}")(**options)
        except keyring.KeyRingError as error:
            raise CommandError(f"{error} It is {settings.KEYRING_PATH}.") from error

    def _init(self, *, new, **options):
        path = Path(settings.KEYRING_PATH)
        if path.exists():
            keyring.entries()  # says so if it cannot be used
            self.stdout.write(f"The key ring is {path}.")
            return
        if not new and has_events():
            raise CommandError(
                f"This database holds rows that were sealed with a ring that is not at {path}. "
                "Put that ring back; a new one (--new) opens none of them."
            )
        try:
            keyring.create(path, on=timezone.localdate())
        except FileExistsError:  # another process was quicker
            self.stdout.write(f"The key ring is {path}.")
            return
        except OSError as error:
            raise CommandError(f"Cannot write {path}: {error.strerror}.") from error
        self.stdout.write(
            f"Made the key ring {path}.\n"
            "Without it no note can ever be opened again, and no backup of the database holds it. "
            "Print it twice (`manage.py keys paper --reveal`) and keep it in two safes."
        )

    def _add(self, *, purpose, **options):
        added = keyring.add_key(purpose, on=timezone.localdate())
        self.stdout.write(f"{added.key_id} is the current key for {purpose}. Print the ring again.")

    def _list(self, **options):
        for entry in keyring.entries():
            current = "  current" if entry.is_current else ""
            self.stdout.write(f"{entry.purpose:8}{entry.key_id:18}{entry.created}{current}")

    def _paper(self, *, reveal, **options):
        if not reveal:
            raise CommandError(
                "This prints the keys that open every note. If nobody else sees this screen, "
                "run it again with --reveal."
            )
        self.stderr.write(
            "Print this and keep it in a safe. To restore: type it into a file with mode 600, "
            "in a folder of its own with mode 700, where KEYRING_PATH points."
        )
        self.stdout.write(keyring.paper())


def has_events():
    """Say whether anything was ever recorded here; False before the first migration."""
    if connection.vendor == "sqlite" and not Path(connection.settings_dict["NAME"]).exists():
        return False
    try:
        tables = connection.introspection.table_names()
        return Event._meta.db_table in tables and Event.objects.exists()
    except OperationalError as error:
        raise CommandError("The database cannot be reached; no key ring was made.") from error
