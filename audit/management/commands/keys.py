"""`manage.py keys`: make the ring, add a key, use it everywhere, retire the old one, print all."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection
from django.utils import timezone

from audit import keyring, stores
from audit.actions import record
from audit.models import Event

RENEWALS = {
    "rewrap": "put all that is sealed under the current key",
    "reseal": "the same, and seal each anew: for when a key may be in other hands",
}


class Command(BaseCommand):
    help = "Make the key ring; add, rewrap, reseal, retire and list its keys; print it on paper."
    requires_system_checks = []  # the command that mends what the checks find

    def add_arguments(self, parser):
        verbs = parser.add_subparsers(dest="verb", required=True)
        init = verbs.add_parser("init", help="make the ring if there is none")
        init.add_argument(
            "--new", action="store_true", help="although this database already has sealed rows"
        )
        add = verbs.add_parser("add", help="make a new current key; the old ones still open")
        add.add_argument("purpose", choices=keyring.PURPOSES)
        sealing = [each for each in keyring.PURPOSES if each != "audit"]
        for verb, what in RENEWALS.items():
            renewal = verbs.add_parser(verb, help=f"{what}; may be stopped and resumed")
            renewal.add_argument("purpose", choices=sealing)
            renewal.add_argument("--batch", type=int, default=500, help="rows in one transaction")
        retire = verbs.add_parser(
            "retire", help="take a key's power to open, once nothing needs it"
        )
        retire.add_argument("key_id")
        verbs.add_parser("list", help="ids, dates and purposes; no secrets")
        paper = verbs.add_parser("paper", help="print the ring itself, for the safe")
        paper.add_argument("--reveal", action="store_true", help="yes, print the secrets")

    def handle(self, *, verb, **options):
        try:
            getattr(self, f"_{verb}")(**options)
        except keyring.CannotRetire as error:
            raise CommandError(str(error)) from error
        except keyring.KeyRingError as error:
            raise CommandError(f"{error} It is {settings.KEYRING_PATH}.") from error
        except stores.CannotSee as error:
            raise CommandError(str(error)) from error

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
        self._record(added.key_id, "add")
        self.stdout.write(f"{added.key_id} is the current key for {purpose}. Print the ring again.")

    def _rewrap(self, **options):
        self._renew("rewrap", keyring.rewrap, **options)

    def _reseal(self, **options):
        self._renew("reseal", keyring.reseal, **options)

    def _renew(self, name, how, *, purpose, batch, **options):
        key_id = keyring.current_key_id(purpose)
        done = broken = 0
        for store in stores.stores(purpose):
            for renewed in stores.renew(store, how, batch=max(batch, 1)):
                done, broken = done + renewed.done, broken + renewed.broken
                if options["verbosity"] > 1:
                    self.stdout.write(f"{store.name}: {done:,} so far")
        if done:
            self._record(key_id, f"{name}.{done}")
        self.stdout.write(f"{done:,} are now under {key_id}.")
        if broken:
            raise CommandError(
                f"{broken:,} do not open and stay as they are: what was changed behind the "
                "program's back is not touched."
            )

    def _retire(self, *, key_id, **options):
        entry = next((each for each in keyring.entries() if each.key_id == key_id), None)
        held = {
            store.name: store.count(key_id)
            for store in (stores.stores(entry.purpose) if entry and not entry.is_current else ())
        }
        needed = [f"{count:,} {name}" for name, count in held.items() if count]
        if needed:
            raise CommandError(
                f"{', '.join(needed)} still need it. Run `manage.py keys rewrap {entry.purpose}`."
            )
        keyring.retire_key(key_id)
        self._record(key_id, "retire")
        self.stdout.write(
            f"{key_id} opens nothing any more; what it signed can still be proven. Backups made "
            "before today need the ring as it was: keep its paper until the last of them is gone."
        )

    @staticmethod
    def _record(key_id, what):
        if has_tables():
            record(Event.Act.KEY_CHANGE, chain=0, by=None, objects=[f"key:{key_id}"], basis=what)

    def _list(self, **options):
        for entry in keyring.entries():
            current = "  current" if entry.is_current else "  retired" * entry.is_retired
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
    return has_tables() and Event.objects.exists()


def has_tables():
    """Say whether there is a log yet."""
    if connection.vendor == "sqlite" and not Path(connection.settings_dict["NAME"]).exists():
        return False
    try:
        return Event._meta.db_table in connection.introspection.table_names()
    except OperationalError as error:
        raise CommandError("The database cannot be reached; no key ring was made.") from error
